/*
 * config_index.h - where in a YAML text each option stands, so that a message can name the line.
 *
 * Idea       One walk over the events of the YAML parser. It also refuses what the configuration does not use and
 *            people get wrong: aliases, a second document, a name that stands twice.
 * Format     Paths are "server.addresses[0]" and "buckets[1].name".
 * Ownership  The buffer owns the index until clear().
 * Errors     CONFIG, and then `problem` says what and where.
 * Tests      tests/unit/core/test_config_index.c
 */
#ifndef SG_CORE_CONFIG_INDEX_H
#define SG_CORE_CONFIG_INDEX_H

#include "crypto/buf.h"

struct sg_config_index {
    struct sgc_buf records; /* u32 line, u32 column, LP(path), in the order of the text */
};

#define SG_CONFIG_INDEX_NONE ((struct sg_config_index){SGC_BUF_INIT(4u * 1024u * 1024u)})

struct sg_config_problem {
    unsigned line; /* from 1 */
    char text[440];
};

SG_MUST sg_err sg_config_index_build(struct sg_bytes text, struct sg_config_index *out,
                                     struct sg_config_problem *problem);
void sg_config_index_clear(struct sg_config_index *index);

/* The line of an option; 0 when it is not in the text. */
unsigned sg_config_index_line(const struct sg_config_index *index, const char *path);
/* The path of the last option that begins at or before a place; empty when there is none. */
struct sg_bytes sg_config_index_at(const struct sg_config_index *index, unsigned line, unsigned column);
/* The path of the first option at or behind a place whose own name is `name`; empty when there is none. */
struct sg_bytes sg_config_index_find(const struct sg_config_index *index, struct sg_bytes name, unsigned line,
                                     unsigned column);

#endif
