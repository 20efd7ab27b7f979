/*
 * Idea: a stack of the containers that are open, and a path that grows and shrinks with it. In a mapping scalars are by
 * turns names and values; a name extends the path of its mapping, an entry of a list adds its number.
 */
#include "core/config_index.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "common/banned.h"

#define DEPTH_MAX 8u
#define PATH_SIZE 256u

struct node {
    bool is_mapping;
    bool wants_value; /* the name was seen */
    unsigned count;   /* entries of a list so far */
    size_t path_len;  /* of the container itself */
    size_t records;   /* offset of the first record inside it */
};

struct walk {
    struct sg_config_index *index;
    struct sg_config_problem *problem;
    struct node stack[DEPTH_MAX];
    unsigned depth;
    char path[PATH_SIZE];
    unsigned document_count;
};

/* --- the index --- */

struct record {
    uint32_t line, column;
    struct sg_bytes path;
};

static bool next_record(struct sg_cursor *c, struct record *out)
{
    return sg_cursor_u32be(c, &out->line) && sg_cursor_u32be(c, &out->column) && sg_cursor_lp(c, &out->path);
}

/* Looks at the records from an offset on. */
static unsigned line_from(const struct sg_config_index *index, size_t offset, const char *path)
{
    struct sg_cursor c = sg_cursor(sg_bytes_skip(sgc_buf_view(&index->records), offset));
    struct record record;
    while (next_record(&c, &record)) {
        if (sg_bytes_eq_str(record.path, path))
            return record.line;
    }
    return 0;
}

unsigned sg_config_index_line(const struct sg_config_index *index, const char *path)
{
    return line_from(index, 0, path);
}

static bool is_behind(const struct record *record, unsigned line, unsigned column)
{
    return record->line > line || (record->line == line && record->column > column);
}

struct sg_bytes sg_config_index_at(const struct sg_config_index *index, unsigned line, unsigned column)
{
    struct sg_cursor c = sg_cursor(sgc_buf_view(&index->records));
    struct record record, last = {0, 0, SG_BYTES_NONE};
    while (next_record(&c, &record) && !is_behind(&record, line, column)) {
        /* An entry and its first option begin at the same place: the entry is meant. */
        if (record.line != last.line || record.column != last.column)
            last = record;
    }
    return last.path;
}

static bool is_named(struct sg_bytes path, struct sg_bytes name)
{
    return sg_bytes_has_suffix(path, name) && (path.len == name.len || path.ptr[path.len - name.len - 1] == '.');
}

struct sg_bytes sg_config_index_find(const struct sg_config_index *index, struct sg_bytes name, unsigned line,
                                     unsigned column)
{
    struct sg_cursor c = sg_cursor(sgc_buf_view(&index->records));
    struct record record;
    while (next_record(&c, &record)) {
        bool before = !is_behind(&record, line, column) && !(record.line == line && record.column == column);
        if (!before && is_named(record.path, name))
            return record.path;
    }
    return SG_BYTES_NONE;
}

void sg_config_index_clear(struct sg_config_index *index)
{
    sgc_buf_clear(&index->records);
}

/* --- building it --- */

static sg_err SG_PRINTF(3, 4) refuse(struct walk *w, const yaml_mark_t *mark, const char *format, ...)
{
    va_list args;
    w->problem->line = (unsigned)mark->line + 1;
    va_start(args, format);
    (void)vsnprintf(w->problem->text, sizeof(w->problem->text), format, args);
    va_end(args);
    SG_FAIL(CONFIG);
}

static sg_err record_path(struct walk *w, const yaml_mark_t *mark)
{
    struct sgc_buf *records = &w->index->records;
    SG_TRY(sgc_buf_append_u32be(records, (uint32_t)mark->line + 1));
    SG_TRY(sgc_buf_append_u32be(records, (uint32_t)mark->column + 1));
    return sgc_buf_append_lp(records, sg_bytes_str(w->path));
}

static sg_err on_name(struct walk *w, struct node *parent, const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT)
        return refuse(w, &event->start_mark, "an option must have a simple name; write NAME: VALUE");
    size_t room = PATH_SIZE - parent->path_len;
    int len = snprintf(w->path + parent->path_len, room, "%s%s", parent->path_len > 0 ? "." : "",
                       (const char *)event->data.scalar.value);
    if (len < 0 || (size_t)len >= room)
        return refuse(w, &event->start_mark, "the name of an option is too long");
    unsigned first = line_from(w->index, parent->records, w->path);
    if (first != 0)
        return refuse(w, &event->start_mark, "%s stands twice, first in line %u; remove one of them", w->path, first);
    parent->wants_value = true;
    return record_path(w, &event->start_mark);
}

static sg_err on_entry(struct walk *w, struct node *parent, const yaml_event_t *event)
{
    size_t room = PATH_SIZE - parent->path_len;
    int len = snprintf(w->path + parent->path_len, room, "[%u]", parent->count++);
    if (len < 0 || (size_t)len >= room)
        return refuse(w, &event->start_mark, "too deep");
    return record_path(w, &event->start_mark);
}

static sg_err push(struct walk *w, const yaml_event_t *event)
{
    if (w->depth == DEPTH_MAX)
        return refuse(w, &event->start_mark, "options are nested too deeply");
    w->stack[w->depth++] = (struct node){
        .is_mapping = event->type == YAML_MAPPING_START_EVENT,
        .path_len = strlen(w->path),
        .records = w->index->records.len,
    };
    return SG_OK;
}

/* A scalar, or the beginning of a container. */
static sg_err on_node(struct walk *w, const yaml_event_t *event)
{
    bool is_scalar = event->type == YAML_SCALAR_EVENT;
    if (is_scalar && strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
        return refuse(w, &event->start_mark, "a zero byte cannot be part of an option");
    if (w->depth == 0) {
        if (event->type != YAML_MAPPING_START_EVENT)
            return refuse(w, &event->start_mark, "the configuration must consist of options; write NAME: VALUE");
        return push(w, event);
    }
    struct node *parent = &w->stack[w->depth - 1];
    if (parent->is_mapping && !parent->wants_value)
        return on_name(w, parent, event);
    if (!parent->is_mapping)
        SG_TRY(on_entry(w, parent, event));
    parent->wants_value = false;
    return is_scalar ? SG_OK : push(w, event);
}

static sg_err on_document(struct walk *w, const yaml_event_t *event)
{
    if (w->document_count++ > 0)
        return refuse(w, &event->start_mark, "a second document begins here; remove the line ---");
    return SG_OK;
}

static sg_err on_event(struct walk *w, const yaml_event_t *event)
{
    switch ((int)event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(w, event);
    case YAML_ALIAS_EVENT:
        return refuse(w, &event->start_mark, "aliases (*name) are not supported; write the value again");
    case YAML_SCALAR_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_node(w, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        w->depth--;
        w->path[w->stack[w->depth].path_len] = '\0';
        return SG_OK;
    default:
        return SG_OK;
    }
}

static sg_err on_syntax_error(struct walk *w, const yaml_parser_t *parser)
{
    const char *text = parser->problem == NULL ? "not valid YAML" : parser->problem;
    if (parser->error == YAML_READER_ERROR)
        return refuse(w, &parser->mark, "not valid UTF-8: %s", text);
    return refuse(w, &parser->problem_mark, "not valid YAML: %s", text);
}

static sg_err walk_events(struct walk *w, yaml_parser_t *parser)
{
    for (bool more = true; more;) {
        yaml_event_t event;
        if (yaml_parser_parse(parser, &event) == 0)
            return on_syntax_error(w, parser);
        sg_err err = on_event(w, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        SG_TRY(err);
    }
    return SG_OK;
}

sg_err sg_config_index_build(struct sg_bytes text, struct sg_config_index *out, struct sg_config_problem *problem)
{
    SG_CLEANUP(yaml_parser_delete) yaml_parser_t parser;
    struct walk w = {.index = out, .problem = problem};
    *problem = (struct sg_config_problem){.line = 0};
    sg_assert(yaml_parser_initialize(&parser) == 1);
    yaml_parser_set_input_string(&parser, text.ptr == NULL ? (const uint8_t *)"" : text.ptr, text.len);
    return walk_events(&w, &parser);
}
