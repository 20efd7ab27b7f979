/*
 * Vector files are small and trusted: the file is read whole, a block is a list of views into it, and hex is decoded
 * into a second piece of memory of the same size, which therefore always suffices.
 */
#include "support/vectors.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/banned.h"

enum { FIELDS_MAX = 64 };

struct sg_vectors {
    char path[512];
    char *text;
    uint8_t *decoded;
    size_t decoded_len;
    struct sg_cursor rest;
    size_t line;
    struct {
        struct sg_bytes name, value;
    } fields[FIELDS_MAX];
    size_t field_count;
};

static SG_NORETURN void stop(const struct sg_vectors *v, const char *what, const char *name)
{
    (void)fprintf(stderr, "%s:%zu: %s %s\n", v->path, v->line, what, name);
    abort();
}

static size_t read_all(struct sg_vectors *v, FILE *file)
{
    if (fseek(file, 0, SEEK_END) != 0)
        stop(v, "cannot seek", "");
    long size = ftell(file);
    rewind(file);
    v->text = malloc((size_t)size + 1);
    v->decoded = malloc((size_t)size + 1);
    if (v->text == NULL || v->decoded == NULL || fread(v->text, 1, (size_t)size, file) != (size_t)size)
        stop(v, "cannot read", "");
    return (size_t)size;
}

struct sg_vectors *sg_vectors_open(const char *path)
{
    struct sg_vectors *v = calloc(1, sizeof(*v));
    if (v == NULL)
        abort();
    (void)snprintf(v->path, sizeof(v->path), "%s/tests/vectors/%s", SG_SOURCE_DIR, path);
    FILE *file = fopen(v->path, "rb");
    if (file == NULL)
        stop(v, "cannot open", "");
    size_t len = read_all(v, file);
    v->rest = sg_cursor(sg_bytes(v->text, len));
    (void)fclose(file);
    return v;
}

void sg_vectors_close(struct sg_vectors *vectors)
{
    free(vectors->text);
    free(vectors->decoded);
    free(vectors);
}

static bool next_line(struct sg_vectors *v, struct sg_bytes *line)
{
    if (v->rest.rest.len == 0)
        return false;
    if (!sg_cursor_until(&v->rest, '\n', line) && !sg_cursor_take(&v->rest, v->rest.rest.len, line))
        return false;
    *line = sg_bytes_trim(*line);
    v->line++;
    return true;
}

static void add_field(struct sg_vectors *v, struct sg_bytes line)
{
    size_t equals = sg_bytes_find(line, '=');
    if (equals == line.len || v->field_count == FIELDS_MAX)
        stop(v, "not a field, or one too many", "");
    v->fields[v->field_count].name = sg_bytes_trim(sg_bytes_slice(line, 0, equals));
    v->fields[v->field_count].value = sg_bytes_trim(sg_bytes_skip(line, equals + 1));
    v->field_count++;
}

bool sg_vectors_next(struct sg_vectors *vectors)
{
    struct sg_bytes line;
    vectors->field_count = 0;
    vectors->decoded_len = 0;
    while (next_line(vectors, &line)) {
        if (line.len > 0 && line.ptr[0] == '#')
            continue;
        if (line.len > 0)
            add_field(vectors, line);
        else if (vectors->field_count > 0)
            return true;
    }
    return vectors->field_count > 0;
}

static bool find(const struct sg_vectors *v, const char *name, struct sg_bytes *out)
{
    for (size_t i = 0; i < v->field_count; i++) {
        if (sg_bytes_eq_str(v->fields[i].name, name)) {
            *out = v->fields[i].value;
            return true;
        }
    }
    return false;
}

bool sg_vectors_has(const struct sg_vectors *vectors, const char *name)
{
    struct sg_bytes value;
    return find(vectors, name, &value);
}

struct sg_bytes sg_vectors_text(struct sg_vectors *vectors, const char *name)
{
    struct sg_bytes value = SG_BYTES_NONE;
    if (!find(vectors, name, &value))
        stop(vectors, "the block before this line has no", name);
    return value;
}

uint64_t sg_vectors_u64(struct sg_vectors *vectors, const char *name)
{
    uint64_t value = 0;
    if (!sg_bytes_to_u64(sg_vectors_text(vectors, name), &value))
        stop(vectors, "not a number:", name);
    return value;
}

static unsigned hex_value(const struct sg_vectors *v, uint8_t c, const char *name)
{
    static const char digits[] = "0123456789abcdef";
    const char *hit = c == 0 ? NULL : strchr(digits, sg_ascii_lower(c));
    if (hit == NULL)
        stop(v, "not hex:", name);
    return (unsigned)(hit - digits);
}

struct sg_bytes sg_vectors_hex(struct sg_vectors *vectors, const char *name)
{
    struct sg_bytes text = sg_vectors_text(vectors, name);
    uint8_t *out = vectors->decoded + vectors->decoded_len;
    if (text.len % 2 != 0)
        stop(vectors, "not hex:", name);
    for (size_t i = 0; i < text.len / 2; i++)
        out[i] =
            (uint8_t)(hex_value(vectors, text.ptr[2 * i], name) << 4 | hex_value(vectors, text.ptr[2 * i + 1], name));
    vectors->decoded_len += text.len / 2;
    return sg_bytes(out, text.len / 2);
}
