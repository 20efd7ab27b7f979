/*
 * utf8.h - is this UTF-8?
 *
 * Source     RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF.
 * Tests      tests/unit/core/test_utf8.c
 */
#ifndef SG_CORE_UTF8_H
#define SG_CORE_UTF8_H

#include "common/bytes.h"

/* Length (1 to 4) of the well-formed character that the bytes begin with; 0 when there is none. */
SG_MUST size_t sg_utf8_char_len(struct sg_bytes bytes);
SG_MUST bool sg_utf8_is_valid(struct sg_bytes bytes);

#endif
