/*
 * headers.h - a bounded list of HTTP headers: ordered, repeated names kept, names compared without case.
 *
 * Ownership  The list owns copies of names and values until clear(); views are valid until the next add() or clear().
 * Lifetime   SGS_HEADERS_NONE -> add* -> clear. clear() may be called at any time, twice too.
 * Errors     LIMIT past the buffer's maximum or SG_LIMIT_HEADER_COUNT; INVALID_ARGUMENT for a name that is no HTTP
 *            token, or a CR, LF or NUL in a value. A list that refused a header is unchanged.
 * Tests      tests/unit/s3client/test_headers.c
 */
#ifndef SG_S3CLIENT_HEADERS_H
#define SG_S3CLIENT_HEADERS_H

#include "common/limits.h"
#include "crypto/buf.h"

struct sgs_header {
    struct sg_bytes name; /* as added */
    struct sg_bytes value;
};

struct sgs_headers {
    struct sgc_buf bytes;
    struct {
        uint32_t name_at, value_at;
        uint32_t name_len, value_len;
    } spans[SG_LIMIT_HEADER_COUNT];
    size_t count;
};

#define SGS_HEADERS_NONE ((struct sgs_headers){.bytes = SGC_BUF_INIT(SG_LIMIT_HEAD)})

SG_MUST sg_err sgs_headers_add(struct sgs_headers *h, struct sg_bytes name, struct sg_bytes value);
SG_MUST sg_err sgs_headers_add_str(struct sgs_headers *h, const char *name, const char *value);
SG_MUST sg_err sgs_headers_addf(struct sgs_headers *h, const char *name, const char *format, ...) SG_PRINTF(3, 4);
struct sgs_header sgs_headers_at(const struct sgs_headers *h, size_t index);
/* The first of that name; false when there is none. */
SG_MUST bool sgs_headers_find(const struct sgs_headers *h, const char *name, struct sg_bytes *value_out);
/* How often the name stands in the list. */
SG_MUST size_t sgs_headers_count_of(const struct sgs_headers *h, const char *name);
void sgs_headers_clear(struct sgs_headers *h);

#endif
