/*
 * bucket_name.h - which names a bucket may have.
 *
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 * Tests      tests/unit/core/test_bucket_name.c
 */
#ifndef SG_CORE_BUCKET_NAME_H
#define SG_CORE_BUCKET_NAME_H

#include "common/bytes.h"

/* 3 to 63 lower-case letters, digits, dots and hyphens; labels begin and end with a letter or digit; no IPv4 address;
 * none of the prefixes and suffixes that AWS keeps for itself. */
SG_MUST bool sg_bucket_name_is_valid(struct sg_bytes name);

#endif
