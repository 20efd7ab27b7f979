/*
 * config_schema.h - a YAML text into one slot of text for each option, by a schema made from the option tables.
 *
 * Idea       The shape is checked here (known names, single values, lists); what a value means is for config.c.
 * Ownership  The result owns its texts until free().
 * Errors     CONFIG, and then `problem` says what is wrong and where.
 * Tests      tests/unit/core/test_config_schema.c
 */
#ifndef SG_CORE_CONFIG_SCHEMA_H
#define SG_CORE_CONFIG_SCHEMA_H

#include "core/config_index.h"
#include "core/config_options.h"

/* What the text says about an option: nothing, one value, or a list. */
struct sg_option_text {
    char *value; /* NULL = not given, or given as null */
    char **list;
    unsigned list_count;
};

struct sg_bucket_text {
    struct sg_option_text options[SG_BUCKET_OPTION_COUNT]; /* as sg_bucket_options */
};

struct sg_config_text {
    struct sg_option_text options[SG_CONFIG_OPTION_COUNT]; /* as sg_config_options */
    struct sg_bucket_text *buckets;
    unsigned bucket_count;
};

/* `index` is that of the same text. */
SG_MUST sg_err sg_config_schema_load(struct sg_bytes text, const struct sg_config_index *index,
                                     struct sg_config_text **out, struct sg_config_problem *problem);
void sg_config_schema_free(struct sg_config_text *text);

#endif
