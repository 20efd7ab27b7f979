/*
 * config_reader.h - what the functions that read a configuration share: whose words they look at, and where to
 * complain.
 *
 * Errors     sg_config_refuse() gives CONFIG.
 * Tests      tests/unit/core/test_config.c
 */
#ifndef SG_CORE_CONFIG_READER_H
#define SG_CORE_CONFIG_READER_H

#include "core/config.h"
#include "core/config_index.h"

struct sg_config_reader {
    const char *path; /* of the configuration file */
    struct sg_config_index index;
    struct sgc_buf *message;
};

/* Says "FILE:LINE: OPTION: TEXT"; without the line when the option is not in the file. */
SG_MUST sg_err sg_config_refuse(const struct sg_config_reader *r, const char *option, const char *format, ...)
    SG_PRINTF(3, 4);

/* What cannot be seen from one value alone: names, addresses, and how options go together. */
SG_MUST sg_err sg_config_check(const struct sg_config_reader *r, const struct sg_config *config);

#endif
