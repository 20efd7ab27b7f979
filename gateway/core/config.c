/*
 * Idea: text -> slots (config_schema.c) -> values, by the rows of config.def: the type of a row says how its text is
 * read, the bounds are texts of the same kind. What depends on more than one option is left to config_check.c.
 */
#include "core/config.h"

#include <stdarg.h>
#include <stdlib.h>

#include "core/config_options.h"
#include "core/config_reader.h"
#include "core/config_schema.h"
#include "core/files.h"
#include "core/message.h"
#include "core/units.h"

#include "common/banned.h"

#define OPTION_NAME_SIZE 128u
#define VALUE_MAX        1024u
#define BUCKETS_MAX      4096u

sg_err sg_config_refuse(const struct sg_config_reader *r, const char *option, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    unsigned line = sg_config_index_line(&r->index, option);
    if (line > 0)
        sg_message_setf(r->message, "%s:%u: %s: %s", r->path, line, option, text);
    else
        sg_message_setf(r->message, "%s: %s: %s", r->path, option, text);
    SG_FAIL(CONFIG);
}

/* --- one value --- */

/* Where a value goes: a row's member of a struct. */
struct place {
    const struct sg_config_reader *reader;
    const struct sg_option *option;
    char name[OPTION_NAME_SIZE]; /* "buckets[0].keys", for messages */
    void *member;
};

static void store(const struct place *p, const void *value, size_t size)
{
    memcpy(p->member, value, size);
}

static char *copy_text(struct sg_bytes text)
{
    char *copy = sgc_xalloc(text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

static bool is_visible(struct sg_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return false;
    }
    return text.len > 0 && text.len <= VALUE_MAX;
}

static sg_err check_text(const struct place *p, const char *value)
{
    if (is_visible(sg_bytes_str(value)))
        return SG_OK;
    return sg_config_refuse(p->reader, p->name, "must be a text of 1 to %u characters without control characters",
                            VALUE_MAX);
}

static sg_err set_text(const struct place *p, const char *value)
{
    SG_TRY(check_text(p, value));
    char *copy = copy_text(sg_bytes_str(value));
    store(p, &copy, sizeof(copy));
    return SG_OK;
}

/* A relative name starts at the folder of the configuration file, so that it means the same wherever the program is
 * started. */
static sg_err set_file(const struct place *p, const char *value)
{
    SG_TRY(check_text(p, value));
    const char *slash = strrchr(p->reader->path, '/');
    size_t folder_len = value[0] == '/' || slash == NULL ? 0 : (size_t)(slash - p->reader->path) + 1;
    size_t size = folder_len + strlen(value) + 1;
    char *copy = sgc_xalloc(size);
    (void)snprintf(copy, size, "%.*s%s", (int)folder_len, p->reader->path, value);
    store(p, &copy, sizeof(copy));
    return SG_OK;
}

static sg_err set_yes_no(const struct place *p, const char *value)
{
    bool yes;
    if (!sg_units_parse_yes_no(sg_bytes_str(value), &yes))
        return sg_config_refuse(p->reader, p->name, "'%s' is neither yes nor no", value);
    store(p, &yes, sizeof(yes));
    return SG_OK;
}

/* The row's two words are 0 and 1 of the enumeration. */
static sg_err set_choice(const struct place *p, const char *value)
{
    const struct sg_option *option = p->option;
    bool second = strcmp(value, option->most) == 0;
    if (!second && strcmp(value, option->least) != 0)
        return sg_config_refuse(p->reader, p->name, "'%s' is neither %s nor %s", value, option->least, option->most);
    unsigned choice = second;
    store(p, &choice, sizeof(choice));
    return SG_OK;
}

typedef bool parse_fn(struct sg_bytes text, uint64_t *out);

static sg_err parse_number(const struct place *p, const char *value, parse_fn *parse, const char *how, uint64_t *out)
{
    uint64_t least, most;
    sg_assert(parse(sg_bytes_str(p->option->least), &least) && parse(sg_bytes_str(p->option->most), &most));
    if (!parse(sg_bytes_str(value), out))
        return sg_config_refuse(p->reader, p->name, "'%s' is not %s", value, how);
    if (*out < least || *out > most)
        return sg_config_refuse(p->reader, p->name, "%s is out of range; choose a value from %s to %s", value,
                                p->option->least, p->option->most);
    return SG_OK;
}

static sg_err set_count(const struct place *p, const char *value)
{
    uint64_t number;
    SG_TRY(parse_number(p, value, sg_units_parse_count, "a number; write digits only", &number));
    unsigned count = (unsigned)number;
    store(p, &count, sizeof(count));
    return SG_OK;
}

static sg_err set_size(const struct place *p, const char *value)
{
    uint64_t number;
    SG_TRY(parse_number(p, value, sg_units_parse_size,
                        "a size; write a number with KiB, MiB, GiB or TiB, such as 512MiB", &number));
    store(p, &number, sizeof(number));
    return SG_OK;
}

static sg_err set_duration(const struct place *p, const char *value)
{
    uint64_t number;
    SG_TRY(parse_number(p, value, sg_units_parse_duration, "a duration; write a number with ms, s, m or h, such as 30s",
                        &number));
    store(p, &number, sizeof(number));
    return SG_OK;
}

static sg_err set_value(const struct place *p, const char *value)
{
    bool is_off = strcmp(value, "off") == 0;
    switch (p->option->type) {
    case SG_OPTION_ADDRESS:
        return is_off ? SG_OK : set_text(p, value);
    case SG_OPTION_OUTPUT:
        if (is_off)
            return SG_OK;
        return strcmp(value, "-") == 0 ? set_text(p, value) : set_file(p, value);
    case SG_OPTION_FILE:
        return set_file(p, value);
    case SG_OPTION_YES_NO:
        return set_yes_no(p, value);
    case SG_OPTION_COUNT:
        return set_count(p, value);
    case SG_OPTION_SIZE:
        return set_size(p, value);
    case SG_OPTION_DURATION:
        return set_duration(p, value);
    case SG_OPTION_CHOICE:
        return set_choice(p, value);
    case SG_OPTION_TEXT:
    case SG_OPTION_LIST:
    default:
        return set_text(p, value);
    }
}

/* --- lists --- */

static void set_list_members(const struct place *p, char **list, unsigned count)
{
    store(p, &list, sizeof(list));
    memcpy((uint8_t *)p->member + sizeof(list), &count, sizeof(count));
}

static sg_err set_list(const struct place *p, const struct sg_option_text *text)
{
    uint64_t least, most;
    sg_assert(sg_units_parse_count(sg_bytes_str(p->option->least), &least));
    sg_assert(sg_units_parse_count(sg_bytes_str(p->option->most), &most));
    if (text->list_count < least || text->list_count > most)
        return sg_config_refuse(p->reader, p->name, "has %u entries; it must have %s to %s", text->list_count,
                                p->option->least, p->option->most);
    if (text->list_count == 0)
        return SG_OK;
    char **list = sgc_xalloc(text->list_count * sizeof(*list));
    for (unsigned i = 0; i < text->list_count; i++)
        list[i] = copy_text(sg_bytes_str(text->list[i]));
    set_list_members(p, list, text->list_count);
    for (unsigned i = 0; i < text->list_count; i++)
        SG_TRY(check_text(p, list[i]));
    return SG_OK;
}

/* --- one option --- */

static bool is_given(const struct sg_option_text *text)
{
    return text->value != NULL || text->list_count > 0;
}

static bool is_missing(const struct sg_option *option, const struct sg_option_text *text)
{
    return option->default_value == sg_option_required && !is_given(text);
}

static sg_err set_option(const struct place *p, const struct sg_option_text *text)
{
    if (is_missing(p->option, text))
        return sg_config_refuse(p->reader, p->name, "is missing; add it, see docs/configuration.md");
    if (p->option->type == SG_OPTION_LIST)
        return is_given(text) ? set_list(p, text) : SG_OK;
    const char *value = text->value != NULL ? text->value : p->option->default_value;
    return value == NULL ? SG_OK : set_value(p, value);
}

static sg_err set_options(const struct sg_config_reader *r, struct sg_config *config, const struct sg_config_text *text)
{
    for (size_t i = 0; i < SG_CONFIG_OPTION_COUNT; i++) {
        const struct sg_option *option = &sg_config_options[i];
        struct place p = {.reader = r, .option = option, .member = (uint8_t *)config + option->offset};
        (void)snprintf(p.name, sizeof(p.name), "%s", option->path);
        SG_TRY(set_option(&p, &text->options[i]));
    }
    return SG_OK;
}

/* The message about a missing option shows the line of the entry that lacks it. */
static sg_err set_bucket(const struct sg_config_reader *r, unsigned index, struct sg_bucket_rule *rule,
                         const struct sg_bucket_text *text)
{
    for (size_t i = 0; i < SG_BUCKET_OPTION_COUNT; i++) {
        const struct sg_option *option = &sg_bucket_options[i];
        struct place p = {.reader = r, .option = option, .member = (uint8_t *)rule + option->offset};
        (void)snprintf(p.name, sizeof(p.name), "buckets[%u].%s", index, option->path);
        if (is_missing(option, &text->options[i]) && sg_config_index_line(&r->index, p.name) == 0) {
            (void)snprintf(p.name, sizeof(p.name), "buckets[%u]", index);
            return sg_config_refuse(r, p.name, "%s is missing; add it, see docs/configuration.md", option->path);
        }
        SG_TRY(set_option(&p, &text->options[i]));
    }
    return SG_OK;
}

static sg_err set_buckets(const struct sg_config_reader *r, struct sg_config *config, const struct sg_config_text *text)
{
    if (text->bucket_count == 0)
        return sg_config_refuse(r, "buckets", "is missing or empty; add an entry with name \"*\", keys and active_key");
    if (text->bucket_count > BUCKETS_MAX)
        return sg_config_refuse(r, "buckets", "has %u entries; at most %u are possible", text->bucket_count,
                                BUCKETS_MAX);
    config->buckets = sgc_xalloc(text->bucket_count * sizeof(*config->buckets));
    config->bucket_count = text->bucket_count;
    for (unsigned i = 0; i < text->bucket_count; i++)
        SG_TRY(set_bucket(r, i, &config->buckets[i], &text->buckets[i]));
    return SG_OK;
}

/* --- environment --- */

static void set_from_environment(const char *variable, char **file)
{
    const char *value = getenv(variable);
    if (value == NULL || value[0] == '\0')
        return;
    sgc_xfree(*file);
    *file = copy_text(sg_bytes_str(value));
}

/* Names of files only; what is in an environment can be seen by too many. */
static void set_files_from_environment(struct sg_config *config)
{
    set_from_environment("SEALGATE_KEYRING", &config->keyring);
    set_from_environment("SEALGATE_CREDENTIALS", &config->credentials);
    set_from_environment("SEALGATE_UPSTREAM_CREDENTIALS", &config->upstream.credentials);
    set_from_environment("SEALGATE_UPSTREAM_CA", &config->upstream.ca_file);
}

/* --- load and free --- */

static sg_err fill(const struct sg_config_reader *r, struct sg_config *config, const struct sg_config_text *text)
{
    config->path = copy_text(sg_bytes_str(r->path));
    SG_TRY(set_options(r, config, text));
    SG_TRY(set_buckets(r, config, text));
    set_files_from_environment(config);
    return sg_config_check(r, config);
}

static sg_err refuse_problem(const struct sg_config_reader *r, const struct sg_config_problem *problem)
{
    sg_message_setf(r->message, "%s:%u: %s", r->path, problem->line, problem->text);
    SG_FAIL(CONFIG);
}

static sg_err load_text(struct sg_config_reader *r, struct sg_bytes text, struct sg_config_text **out)
{
    struct sg_config_problem problem;
    if (!sg_is_ok(sg_config_index_build(text, &r->index, &problem)))
        return refuse_problem(r, &problem);
    if (!sg_is_ok(sg_config_schema_load(text, &r->index, out, &problem)))
        return refuse_problem(r, &problem);
    if (*out != NULL)
        return SG_OK;
    sg_message_setf(r->message, "%s: there are no options in this file; see docs/configuration.md", r->path);
    SG_FAIL(CONFIG);
}

static void text_free(struct sg_config_text **text)
{
    if (*text != NULL)
        sg_config_schema_free(*text);
}

static void reader_clear(struct sg_config_reader *r)
{
    sg_config_index_clear(&r->index);
}

sg_err sg_config_parse(const char *path, struct sg_bytes text, struct sg_config **out, struct sgc_buf *message)
{
    SG_CLEANUP(reader_clear)
    struct sg_config_reader reader = {.path = path, .index = SG_CONFIG_INDEX_NONE, .message = message};
    SG_CLEANUP(text_free) struct sg_config_text *slots = NULL;
    SG_TRY(load_text(&reader, text, &slots));
    struct sg_config *config = sgc_xalloc(sizeof(*config));
    sg_err err = fill(&reader, config, slots);
    if (!sg_is_ok(err)) {
        sg_config_free(config);
        return err;
    }
    *out = config;
    return SG_OK;
}

sg_err sg_config_load(const char *path, struct sg_config **out, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_CONFIG_SIZE_MAX);
    SG_TRY(sg_file_read(path, SG_FILE_PUBLIC, &text, message));
    return sg_config_parse(path, sgc_buf_view(&text), out, message);
}

static void free_option(const struct sg_option *option, const void *owner)
{
    const uint8_t *member = (const uint8_t *)owner + option->offset;
    char *text, **list;
    unsigned count;
    switch (option->type) {
    case SG_OPTION_TEXT:
    case SG_OPTION_FILE:
    case SG_OPTION_ADDRESS:
    case SG_OPTION_OUTPUT:
        memcpy(&text, member, sizeof(text));
        sgc_xfree(text);
        return;
    case SG_OPTION_LIST:
        memcpy(&list, member, sizeof(list));
        memcpy(&count, member + sizeof(list), sizeof(count));
        for (unsigned i = 0; i < count; i++)
            sgc_xfree(list[i]);
        sgc_xfree(list);
        return;
    case SG_OPTION_YES_NO:
    case SG_OPTION_COUNT:
    case SG_OPTION_SIZE:
    case SG_OPTION_DURATION:
    case SG_OPTION_CHOICE:
    default:
        return;
    }
}

void sg_config_free(struct sg_config *config)
{
    if (config == NULL)
        return;
    for (unsigned i = 0; i < config->bucket_count; i++) {
        for (size_t k = 0; k < SG_BUCKET_OPTION_COUNT; k++)
            free_option(&sg_bucket_options[k], &config->buckets[i]);
    }
    for (size_t i = 0; i < SG_CONFIG_OPTION_COUNT; i++)
        free_option(&sg_config_options[i], config);
    sgc_xfree(config->buckets);
    sgc_xfree(config->path);
    sgc_xfree(config);
}

/* --- questions --- */

static bool is_identity_of_another(const struct sg_config *config, struct sg_bytes bucket)
{
    for (unsigned i = 0; i < config->bucket_count; i++) {
        const char *identity = config->buckets[i].identity;
        if (identity != NULL && sg_bytes_eq_str(bucket, identity))
            return true;
    }
    return false;
}

const struct sg_bucket_rule *sg_config_bucket(const struct sg_config *config, struct sg_bytes bucket)
{
    const struct sg_bucket_rule *any = NULL;
    if (sg_bytes_eq_str(bucket, config->state_bucket))
        return NULL;
    for (unsigned i = 0; i < config->bucket_count; i++) {
        const struct sg_bucket_rule *rule = &config->buckets[i];
        if (sg_bytes_eq_str(bucket, rule->name))
            return rule;
        if (strcmp(rule->name, "*") == 0)
            any = rule;
    }
    return is_identity_of_another(config, bucket) ? NULL : any;
}

/* FMT-20 */
struct sg_bytes sg_config_identity(const struct sg_bucket_rule *rule, struct sg_bytes bucket)
{
    return rule->identity == NULL ? bucket : sg_bytes_str(rule->identity);
}

/* FMT-13 */
bool sg_config_key_allowed(const struct sg_bucket_rule *rule, const char *kek_id)
{
    for (unsigned i = 0; i < rule->key_count; i++) {
        if (strcmp(rule->keys[i], kek_id) == 0)
            return true;
    }
    return false;
}
