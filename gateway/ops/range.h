/*
 * range.h - the Range header of a client, and the plaintext range it means once the size is known.
 *
 * Source     RFC 9110 section 14; S3 serves one range and ignores what it does not understand.
 * Tests      tests/unit/ops/test_range.c, tests/fuzz/fuzz_range.c
 */
#ifndef SG_OPS_RANGE_H
#define SG_OPS_RANGE_H

#include "common/bytes.h"

enum sg_range_form {
    SG_RANGE_NONE,   /* no header, several ranges, another unit, or not well-formed: the whole object */
    SG_RANGE_CLOSED, /* bytes=first-last */
    SG_RANGE_OPEN,   /* bytes=first- */
    SG_RANGE_SUFFIX, /* bytes=-count */
};

struct sg_range {
    enum sg_range_form form;
    uint64_t first; /* CLOSED, OPEN */
    uint64_t last;  /* CLOSED */
    uint64_t count; /* SUFFIX */
};

struct sg_range sg_range_parse(struct sg_bytes value);
/* The bytes that a range selects of `size`; false when it selects none (416). */
SG_MUST bool sg_range_resolve(const struct sg_range *range, uint64_t size, uint64_t *from_out, uint64_t *len_out);

struct sg_content_range {
    uint64_t first, last, size;
};

/* "bytes 0-99/1234", as a server answers. */
SG_MUST bool sg_content_range_parse(struct sg_bytes value, struct sg_content_range *out);

#endif
