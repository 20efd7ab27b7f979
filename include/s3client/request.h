/*
 * request.h - one request to the upstream: built from a plan, signed, ready to be sent.
 *
 * Idea       Signed with UNSIGNED-PAYLOAD over TLS, Content-Length always, headers exactly as given; all of them but
 *            User-Agent are signed.
 * Ownership  The request owns its strings until clear(); the identity is borrowed during build().
 * Errors     LIMIT when it does not fit; INVALID_BUCKET_NAME; CRYPTO; INTERNAL when the plan sets a header that is not
 *            its own: identity (Host, Authorization, x-amz-date, ...) or framing (Content-Length, Transfer-Encoding,
 *            ...). A request that could not be built is empty.
 * Source     Signing: s3client/sigv4.h.
 * Tests      tests/unit/s3client/test_request.c
 */
#ifndef SG_S3CLIENT_REQUEST_H
#define SG_S3CLIENT_REQUEST_H

#include "s3client/endpoint.h"
#include "s3client/headers.h"
#include "s3client/sigv4.h"
#include "s3client/uri.h"

/* What to ask the upstream. Views are borrowed during build(). */
struct sgs_plan {
    const char *method;
    struct sg_bytes bucket; /* may be empty */
    struct sg_bytes key;    /* decoded; may be empty */
    struct sgs_query query;
    struct sgs_headers headers; /* without Host, Content-Length, Authorization, x-amz-date, x-amz-content-sha256 */
    uint64_t body_len;          /* Content-Length */
    bool has_body;              /* PUT and POST without body still send Content-Length: 0 */
};

#define SGS_PLAN_NONE ((struct sgs_plan){.query = SGS_QUERY_NONE, .headers = SGS_HEADERS_NONE})

void sgs_plan_clear(struct sgs_plan *plan);

/* As whom. */
struct sgs_identity {
    char access_key_id[SG_LIMIT_ACCESS_KEY + 1];
    char region[64];
    struct sgc_secret secret_access_key;
};

struct sgs_request {
    struct sgc_buf url;         /* https://host/path?query; a terminator stands behind its bytes */
    struct sgs_headers headers; /* all of them but Content-Length and Expect */
    char method[16];
    uint64_t body_len;
    bool has_body;
};

#define SGS_REQUEST_NONE ((struct sgs_request){.url = SGC_BUF_INIT(SG_LIMIT_TARGET * 4), .headers = SGS_HEADERS_NONE})

SG_MUST sg_err sgs_request_build(const struct sgs_plan *plan, const struct sgs_endpoint *endpoint,
                                 const struct sgs_identity *identity, int64_t wall_s, struct sgs_request *out);
void sgs_request_clear(struct sgs_request *request);

#endif
