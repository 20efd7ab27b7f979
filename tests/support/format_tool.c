/*
 * Seals a file into a stored object and opens one, for comparison with tests/vectors/sealgate_format.py:
 *
 *     format_tool seal KEYRING KEK BUCKET KEY PARTS PLAIN BODY HEADERS [NAME=VALUE...]
 *     format_tool open KEYRING BUCKET KEY BODY HEADERS PLAIN
 *
 * PARTS is `one` or sizes with commas, `5242880,7`. Headers are written as lines `name: value`, and read so; user
 * metadata comes and goes as NAME=VALUE, on the command line and on the output. `-` in place of NAME=VALUE means
 * meta=plain.
 */
#include "support/format_object.h"

#include <stdio.h>

#include "common/banned.h"

/* No sanitizer and no signal ends a program with this code. */
#define REFUSED 3

#define ENVELOPE "x-amz-meta-sealgate: "
#define METADATA "x-amz-meta-sealgate-meta: "

static sg_err read_file(const char *path, struct sgc_buf *out)
{
    FILE *file = fopen(path, "rb");
    uint8_t piece[16384];
    size_t got;
    sg_err err = SG_OK;
    SG_CHECK(file != NULL, IO);
    while (sg_is_ok(err) && (got = fread(piece, 1, sizeof(piece), file)) > 0)
        err = sgc_buf_append(out, sg_bytes(piece, got));
    (void)fclose(file);
    return err;
}

static sg_err write_file(const char *path, struct sg_bytes bytes)
{
    FILE *file = fopen(path, "wb");
    SG_CHECK(file != NULL, IO);
    size_t written = bytes.len == 0 ? 0 : fwrite(bytes.ptr, 1, bytes.len, file);
    SG_CHECK(fclose(file) == 0 && written == bytes.len, IO);
    return SG_OK;
}

static sg_err read_keyring(const char *path, struct sgc_keyring **out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(1 << 20);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(160);
    SG_TRY(read_file(path, &text));
    sg_err err = sgc_keyring_parse(sgc_buf_view(&text), out, &message);
    (void)fprintf(stderr, "%.*s", SG_BYTES_FMT(sgc_buf_view(&message)));
    return err;
}

static void free_keyring(struct sgc_keyring **keyring)
{
    sgc_keyring_free(*keyring);
}

/* --- seal --- */

static sg_err parse_parts(const char *text, size_t plain, struct format_part parts[8], struct format_input *in)
{
    struct sg_bytes rest = sg_bytes_str(text);
    in->parts = parts;
    if (sg_bytes_eq_str(rest, "one")) {
        parts[0] = (struct format_part){0, plain};
        in->part_count = 1;
        return SG_OK;
    }
    in->many = true;
    while (rest.len > 0) {
        struct sg_bytes size = sg_bytes_slice(rest, 0, sg_bytes_find(rest, ','));
        uint64_t value;
        rest = sg_bytes_skip(rest, size.len + 1);
        SG_CHECK(in->part_count < 8 && sg_bytes_to_u64(size, &value), INVALID_ARGUMENT);
        parts[in->part_count] = (struct format_part){in->part_count + 1, (size_t)value};
        in->part_count++;
    }
    return SG_OK;
}

static sg_err add_pair(struct sgc_metadata *m, const char *text)
{
    struct sg_bytes pair = sg_bytes_str(text);
    struct sg_bytes name = sg_bytes_slice(pair, 0, sg_bytes_find(pair, '='));
    return sgc_metadata_add(m, SGC_METADATA_USER, name, sg_bytes_skip(pair, name.len + 1));
}

static sg_err write_headers(const char *path, const struct format_object *object)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(8192);
    SG_TRY(sgc_buf_append_str(&text, ENVELOPE));
    SG_TRY(sgc_buf_append(&text, sgc_buf_view(&object->envelope)));
    SG_TRY(sgc_buf_append_str(&text, "\n"));
    if (object->metadata.len > 0) {
        SG_TRY(sgc_buf_append_str(&text, METADATA));
        SG_TRY(sgc_buf_append(&text, sgc_buf_view(&object->metadata)));
        SG_TRY(sgc_buf_append_str(&text, "\n"));
    }
    return write_file(path, sgc_buf_view(&text));
}

static sg_err seal(int argc, char **argv)
{
    SG_CLEANUP(free_keyring) struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata metadata = SGC_METADATA_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf plain = SGC_BUF_INIT(FORMAT_OBJECT_MAX);
    SG_CLEANUP(format_object_clear) struct format_object object = FORMAT_OBJECT_NONE;
    struct format_part parts[8];
    SG_TRY(read_keyring(argv[0], &keyring));
    SG_TRY(read_file(argv[5], &plain));
    struct format_input in = {
        .names = {sg_bytes_str(argv[2]), sg_bytes_str(argv[3])},
        .kek = sgc_keyring_find(keyring, sg_bytes_str(argv[1])),
        .metadata = &metadata,
        .plain = sgc_buf_view(&plain),
    };
    SG_CHECK(in.kek != NULL, KEK_UNAVAILABLE);
    SG_TRY(parse_parts(argv[4], plain.len, parts, &in));
    for (int i = 8; i < argc; i++) {
        if (sg_bytes_eq_str(sg_bytes_str(argv[i]), "-"))
            in.metadata = NULL;
        else
            SG_TRY(add_pair(&metadata, argv[i]));
    }
    SG_TRY(format_object_seal(&in, &object));
    SG_TRY(write_file(argv[6], sgc_buf_view(&object.body)));
    return write_headers(argv[7], &object);
}

/* --- open --- */

static sg_err read_headers(const char *path, struct format_object *object)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(8192);
    struct sg_bytes line;
    SG_TRY(read_file(path, &text));
    struct sg_cursor c = sg_cursor(sgc_buf_view(&text));
    while (sg_cursor_until(&c, '\n', &line)) {
        struct sg_cursor value = sg_cursor(line);
        if (sg_cursor_skip(&value, SG_BYTES_LIT(ENVELOPE)))
            SG_TRY(sgc_buf_append(&object->envelope, value.rest));
        else if (sg_cursor_skip(&value, SG_BYTES_LIT(METADATA)))
            SG_TRY(sgc_buf_append(&object->metadata, value.rest));
    }
    return SG_OK;
}

static sg_err open_stored(char **argv)
{
    SG_CLEANUP(free_keyring) struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata metadata = SGC_METADATA_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf plain = SGC_BUF_INIT(FORMAT_OBJECT_MAX);
    SG_CLEANUP(format_object_clear) struct format_object object = FORMAT_OBJECT_NONE;
    struct format_names names = {sg_bytes_str(argv[1]), sg_bytes_str(argv[2])};
    SG_TRY(read_keyring(argv[0], &keyring));
    SG_TRY(read_file(argv[3], &object.body));
    SG_TRY(read_headers(argv[4], &object));
    SG_TRY(format_object_open(&object, &names, keyring, &plain, &metadata));
    for (size_t i = 0; i < metadata.count; i++) {
        struct sgc_metadata_entry entry = sgc_metadata_at(&metadata, i);
        (void)printf("%.*s=%.*s\n", SG_BYTES_FMT(entry.name), SG_BYTES_FMT(entry.value));
    }
    return write_file(argv[5], sgc_buf_view(&plain));
}

int main(int argc, char **argv)
{
    struct sg_bytes command = sg_bytes_str(argc > 1 ? argv[1] : "");
    sg_err err = SG_ERR_OF(INVALID_ARGUMENT);
    if (sg_bytes_eq_str(command, "seal") && argc >= 10)
        err = seal(argc - 2, argv + 2);
    else if (sg_bytes_eq_str(command, "open") && argc == 8)
        err = open_stored(argv + 2);
    if (!sg_is_ok(err))
        (void)fprintf(stderr, "%s at %s:%d\n", sg_err_row(err)->name, sg_err_site.file, sg_err_site.line);
    if (sg_is_ok(err))
        return 0;
    return sg_err_row(err)->class_ == SG_CLASS_INTEGRITY ? REFUSED : 1;
}
