/*
 * config_options.h - config.def as a table: where each option stands in the text and in the struct.
 *
 * Tests      tests/unit/core/test_config.c
 */
#ifndef SG_CORE_CONFIG_OPTIONS_H
#define SG_CORE_CONFIG_OPTIONS_H

#include <stddef.h>

#include "core/config.h"

enum sg_option_type {
    SG_OPTION_TEXT,
    SG_OPTION_FILE,
    SG_OPTION_ADDRESS,
    SG_OPTION_OUTPUT,
    SG_OPTION_YES_NO,
    SG_OPTION_COUNT,
    SG_OPTION_SIZE,
    SG_OPTION_DURATION,
    SG_OPTION_LIST,
    SG_OPTION_CHOICE,
};

struct sg_option {
    const char *path; /* "server.addresses", or "name" of a bucket */
    enum sg_option_type type;
    size_t offset;             /* in struct sg_config, or struct sg_bucket_rule; a list's count stands behind it */
    const char *default_value; /* NULL = none; sg_option_required = must be given */
    const char *least, *most;  /* NULL = no bounds */
};

/* Which member a row fills in. */
#define SG_MEMBER_TEXT(path)     path
#define SG_MEMBER_FILE(path)     path
#define SG_MEMBER_ADDRESS(path)  path
#define SG_MEMBER_OUTPUT(path)   path
#define SG_MEMBER_YES_NO(path)   path
#define SG_MEMBER_COUNT(path)    path
#define SG_MEMBER_SIZE(path)     path
#define SG_MEMBER_DURATION(path) path##_ms
#define SG_MEMBER_LIST(path)     path
#define SG_MEMBER_CHOICE(path)   path

enum {
#define SG_OPTION(...)           +1
#define SG_OPTION_OF_BUCKET(...) +0
    SG_CONFIG_OPTION_COUNT = 0
#include "core/config.def"
#undef SG_OPTION
#undef SG_OPTION_OF_BUCKET
    ,
#define SG_OPTION(...)           +0
#define SG_OPTION_OF_BUCKET(...) +1
    SG_BUCKET_OPTION_COUNT = 0
#include "core/config.def"
#undef SG_OPTION
#undef SG_OPTION_OF_BUCKET
};

extern const char sg_option_required[];
extern const struct sg_option sg_config_options[SG_CONFIG_OPTION_COUNT];
extern const struct sg_option sg_bucket_options[SG_BUCKET_OPTION_COUNT];

#endif
