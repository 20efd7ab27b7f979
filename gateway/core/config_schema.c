/*
 * Idea: libcyaml loads a text by a schema; the schema is made here, at run time, from the tables of config_options.h.
 * All values are loaded as text: what "yes" or "30s" means, and what to tell who wrote something else, is better said
 * by us.
 *
 * libcyaml reports errors as log lines: first what, then a trace of where. The first of each is kept, and the place is
 * made exact with the index.
 */
#include "core/config_schema.h"

#include <cyaml/cyaml.h>
#include <stdlib.h>

#include "common/banned.h"

#define GROUP_MAX 8u

struct group {
    struct sg_bytes name;                                    /* "server" */
    cyaml_schema_field_t fields[SG_CONFIG_OPTION_COUNT + 1]; /* ends with a zero row */
    char key[32];                                            /* the name, terminated */
    unsigned field_count;
};

struct schema {
    cyaml_schema_field_t top[SG_CONFIG_OPTION_COUNT + GROUP_MAX + 2];
    unsigned top_count;
    struct group groups[GROUP_MAX];
    unsigned group_count;
    cyaml_schema_field_t bucket[SG_BUCKET_OPTION_COUNT + 1];
    cyaml_schema_value_t list_entry, bucket_entry, root;
};

/* --- the schema --- */

static cyaml_schema_field_t option_field(const struct schema *schema, const char *key, enum sg_option_type type,
                                         size_t slot)
{
    if (type != SG_OPTION_LIST)
        return (cyaml_schema_field_t){
            .key = key,
            .data_offset = (uint32_t)(slot + offsetof(struct sg_option_text, value)),
            .value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER_NULL_STR | CYAML_FLAG_OPTIONAL, char, 0, CYAML_UNLIMITED)},
        };
    return (cyaml_schema_field_t){
        .key = key,
        .data_offset = (uint32_t)(slot + offsetof(struct sg_option_text, list)),
        .count_offset = (uint32_t)(slot + offsetof(struct sg_option_text, list_count)),
        .count_size = sizeof(unsigned),
        .value = {CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char *, &schema->list_entry, 0,
                                       CYAML_UNLIMITED)},
    };
}

static struct group *group_named(struct schema *schema, struct sg_bytes name)
{
    for (unsigned i = 0; i < schema->group_count; i++) {
        if (sg_bytes_eq(schema->groups[i].name, name))
            return &schema->groups[i];
    }
    sg_assert(schema->group_count < GROUP_MAX && name.len < sizeof(schema->groups[0].key));
    struct group *group = &schema->groups[schema->group_count++];
    group->name = name;
    memcpy(group->key, name.ptr, name.len);
    return group;
}

static void add_option(struct schema *schema, size_t i)
{
    const struct sg_option *option = &sg_config_options[i];
    struct sg_bytes path = sg_bytes_str(option->path);
    size_t dot = sg_bytes_find(path, '.');
    size_t slot = offsetof(struct sg_config_text, options) + i * sizeof(struct sg_option_text);
    if (dot == path.len) {
        schema->top[schema->top_count++] = option_field(schema, option->path, option->type, slot);
        return;
    }
    struct group *group = group_named(schema, sg_bytes_slice(path, 0, dot));
    group->fields[group->field_count++] = option_field(schema, option->path + dot + 1, option->type, slot);
}

/* A group is no struct of its own: its options lie in the same array as all others. */
static void add_groups(struct schema *schema)
{
    for (unsigned i = 0; i < schema->group_count; i++) {
        schema->top[schema->top_count++] = (cyaml_schema_field_t){
            .key = schema->groups[i].key,
            .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT | CYAML_FLAG_OPTIONAL, struct sg_config_text,
                                          schema->groups[i].fields)},
        };
    }
}

static void add_buckets(struct schema *schema)
{
    for (size_t i = 0; i < SG_BUCKET_OPTION_COUNT; i++) {
        const struct sg_option *option = &sg_bucket_options[i];
        schema->bucket[i] = option_field(schema, option->path, option->type, i * sizeof(struct sg_option_text));
    }
    schema->bucket_entry =
        (cyaml_schema_value_t){CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sg_bucket_text, schema->bucket)};
    schema->top[schema->top_count++] = (cyaml_schema_field_t){
        .key = "buckets",
        .data_offset = offsetof(struct sg_config_text, buckets),
        .count_offset = offsetof(struct sg_config_text, bucket_count),
        .count_size = sizeof(unsigned),
        .value = {CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct sg_bucket_text,
                                       &schema->bucket_entry, 0, CYAML_UNLIMITED)},
    };
}

static struct schema *schema_new(void)
{
    struct schema *schema = sgc_xalloc(sizeof(*schema));
    schema->list_entry = (cyaml_schema_value_t){CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
    for (size_t i = 0; i < SG_CONFIG_OPTION_COUNT; i++)
        add_option(schema, i);
    add_groups(schema);
    add_buckets(schema);
    schema->root = (cyaml_schema_value_t){CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct sg_config_text, schema->top)};
    return schema;
}

static void schema_free(struct schema **schema)
{
    sgc_xfree(*schema);
    *schema = NULL;
}

/* --- what libcyaml says --- */

struct complaint {
    char what[160];        /* "Load: Unexpected key: zz" */
    unsigned line, column; /* of what was read last; 0 = not known */
};

/* "... (line: 3, column: 5)" */
static void find_place(const char *text, struct complaint *c)
{
    static const char line[] = "(line: ", column[] = ", column: ";
    const char *at = strstr(text, line);
    char *end;
    if (at == NULL)
        return;
    unsigned long number = strtoul(at + sizeof(line) - 1, &end, 10);
    if (strncmp(end, column, sizeof(column) - 1) != 0)
        return;
    c->line = (unsigned)number;
    c->column = (unsigned)strtoul(end + sizeof(column) - 1, NULL, 10);
}

static void SG_PRINTF(3, 0) on_log(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
    struct complaint *c = ctx;
    char text[sizeof(c->what)];
    if (level < CYAML_LOG_ERROR || vsnprintf(text, sizeof(text), format, args) < 0)
        return;
    text[strcspn(text, "\n")] = '\0';
    if (c->what[0] == '\0')
        (void)snprintf(c->what, sizeof(c->what), "%s", text);
    if (c->line == 0)
        find_place(text, c);
}

struct names {
    char text[300];
    size_t len;
    struct sg_bytes last;
};

/* Each name once; options of a group stand together. */
static void add_name(struct names *names, struct sg_bytes name)
{
    if (sg_bytes_eq(name, names->last) || names->len >= sizeof(names->text))
        return;
    int len = snprintf(names->text + names->len, sizeof(names->text) - names->len, "%s%.*s", names->len > 0 ? ", " : "",
                       SG_BYTES_FMT(name));
    names->len += len > 0 ? (size_t)len : 0;
    names->last = name;
}

static struct sg_bytes up_to_dot(struct sg_bytes path)
{
    path.len = sg_bytes_find(path, '.');
    return path;
}

static void add_bucket_names(struct names *names)
{
    for (size_t i = 0; i < SG_BUCKET_OPTION_COUNT; i++)
        add_name(names, sg_bytes_str(sg_bucket_options[i].path));
}

/* The names that would have been known in the place of `path`. */
static void list_names(struct sg_bytes path, struct names *out)
{
    struct sg_bytes group = up_to_dot(path);
    if (sg_bytes_has_prefix(path, SG_BYTES_LIT("buckets["))) {
        add_bucket_names(out);
        return;
    }
    for (size_t i = 0; i < SG_CONFIG_OPTION_COUNT; i++) {
        struct sg_bytes option = sg_bytes_str(sg_config_options[i].path);
        if (group.len == path.len)
            add_name(out, up_to_dot(option));
        else if (sg_bytes_eq(up_to_dot(option), group))
            add_name(out, sg_bytes_skip(option, group.len + 1));
    }
    if (group.len == path.len)
        add_name(out, SG_BYTES_LIT("buckets"));
}

static void explain_unknown(const struct complaint *c, const char *name, const struct sg_config_index *index,
                            struct sg_config_problem *out)
{
    struct names names = {.len = 0};
    char path[256];
    struct sg_bytes found = sg_config_index_find(index, sg_bytes_str(name), c->line, c->column);
    (void)snprintf(path, sizeof(path), "%.*s", SG_BYTES_FMT(found));
    out->line = sg_config_index_line(index, path);
    list_names(found, &names);
    (void)snprintf(out->text, sizeof(out->text), "%.60s: there is no such option; known here are: %s", path,
                   names.text);
}

static void explain_shape(const struct complaint *c, const struct sg_config_index *index, struct sg_config_problem *out)
{
    static const struct {
        const char *said, *meant;
    } rows[] = {
        {"Expecting STRING", "must be a single value"},
        {"Expecting SEQUENCE", "must be a list; write [ENTRY, ENTRY], or a line - ENTRY for each"},
        {"Expecting MAPPING", "must have options of its own, indented below it: NAME: VALUE"},
    };
    struct sg_bytes path = sg_config_index_at(index, c->line, c->column);
    const char *meant = c->what;
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        if (strstr(c->what, rows[i].said) != NULL)
            meant = rows[i].meant;
    }
    out->line = c->line;
    (void)snprintf(out->text, sizeof(out->text), "%.*s: %.100s", path.len > 60 ? 60 : (int)path.len,
                   path.len == 0 ? "" : (const char *)path.ptr, meant);
}

static void explain(const struct complaint *c, const struct sg_config_index *index, struct sg_config_problem *out)
{
    static const char unknown[] = "Load: Unexpected key: ";
    if (strncmp(c->what, unknown, sizeof(unknown) - 1) == 0)
        explain_unknown(c, c->what + sizeof(unknown) - 1, index, out);
    else
        explain_shape(c, index, out);
}

/* --- loading --- */

static cyaml_config_t library_config(struct complaint *complaint)
{
    return (cyaml_config_t){
        .log_fn = on_log,
        .log_ctx = complaint,
        .log_level = CYAML_LOG_ERROR,
        .mem_fn = cyaml_mem,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

sg_err sg_config_schema_load(struct sg_bytes text, const struct sg_config_index *index, struct sg_config_text **out,
                             struct sg_config_problem *problem)
{
    SG_CLEANUP(schema_free) struct schema *schema = schema_new();
    struct complaint complaint = {.what = ""};
    cyaml_config_t config = library_config(&complaint);
    struct sg_config_text *loaded = NULL;
    cyaml_err_t err = text.len == 0
                          ? CYAML_OK
                          : cyaml_load_data(text.ptr, text.len, &config, &schema->root, (cyaml_data_t **)&loaded, NULL);
    *out = loaded;
    if (err == CYAML_OK)
        return SG_OK;
    *out = NULL;
    *problem = (struct sg_config_problem){.line = 0};
    explain(&complaint, index, problem);
    SG_FAIL(CONFIG);
}

void sg_config_schema_free(struct sg_config_text *text)
{
    SG_CLEANUP(schema_free) struct schema *schema = schema_new();
    struct complaint complaint = {.what = ""};
    cyaml_config_t config = library_config(&complaint);
    (void)cyaml_free(&config, &schema->root, text, 0);
}
