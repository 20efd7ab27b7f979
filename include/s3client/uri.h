/*
 * uri.h - percent coding as S3 does it, and query strings.
 *
 * Errors     INVALID_URI for a text with a bad escape, a NUL, or more than fits; nothing is appended then. LIMIT when
 *            adding or printing more than fits.
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (UriEncode); RFC 3986.
 * Not here   Normalisation: S3 keeps `//`, `/./` and `/../`, and so do we.
 * Tests      tests/unit/s3client/test_uri.c, tests/fuzz/fuzz_uri.c
 */
#ifndef SG_S3CLIENT_URI_H
#define SG_S3CLIENT_URI_H

#include "common/limits.h"
#include "crypto/buf.h"

/* Decodes %XX; '+' stays a plus. Decodes NUL never: INVALID_URI. */
SG_MUST sg_err sgs_uri_decode(struct sg_bytes text, struct sgc_buf *out);
/* As in a query: '+' is a blank. */
SG_MUST sg_err sgs_uri_decode_query(struct sg_bytes text, struct sgc_buf *out);
/* Encodes all but A-Z a-z 0-9 - _ . ~ and, with `keep_slash`, the slash. Upper-case hex. */
SG_MUST sg_err sgs_uri_encode(struct sg_bytes bytes, bool keep_slash, struct sgc_buf *out);

struct sgs_param {
    struct sg_bytes name;  /* decoded */
    struct sg_bytes value; /* decoded; empty also when there was no '=' */
};

/* A parsed query: order as received. Owns its memory until clear(). */
struct sgs_query {
    struct sgc_buf bytes;
    struct {
        uint32_t name_at, name_len, value_at, value_len;
    } spans[SG_LIMIT_QUERY_COUNT];
    size_t count;
};

#define SGS_QUERY_NONE ((struct sgs_query){.bytes = SGC_BUF_INIT(SG_LIMIT_TARGET)})

/* `text` is what stands behind the '?'. */
SG_MUST sg_err sgs_query_parse(struct sg_bytes text, struct sgs_query *out);
SG_MUST sg_err sgs_query_add(struct sgs_query *q, struct sg_bytes name, struct sg_bytes value);
struct sgs_param sgs_query_at(const struct sgs_query *q, size_t index);
/* The first of that name (case matters); false when there is none. */
SG_MUST bool sgs_query_find(const struct sgs_query *q, const char *name, struct sg_bytes *value_out);
SG_MUST size_t sgs_query_count_of(const struct sgs_query *q, const char *name);
/* Canonical form: encoded, sorted by encoded name, then value; every name with its '='. `skip` (may be NULL) names one
 * parameter to leave out. This is also what is sent upstream. */
SG_MUST sg_err sgs_query_print(const struct sgs_query *q, const char *skip, struct sgc_buf *out);
void sgs_query_clear(struct sgs_query *q);

#endif
