/*
 * sigv4_parse.h - the parts of a SigV4 signature, out of the Authorization header or out of the query.
 *
 * Idea       Syntax only, and strict: each field once, nothing unknown, nothing left over. Whether the parts are true
 *            is for sigv4_verify.h to say.
 * Ownership  Views into the head, the query or the request's arena.
 * Errors     AUTH_MALFORMED, AUTH_UNSUPPORTED, DATE_MISSING for the header; AUTH_QUERY_MALFORMED for the query;
 *            SHA256_MISSING, SHA256_INVALID, SHA256_NOT_STREAMABLE, NOT_IMPLEMENTED for the payload's hash.
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html, sigv4-query-
 *            string-auth.html
 * Tests      tests/unit/auth/test_sigv4_parse.c, tests/fuzz/fuzz_authorization.c
 */
#ifndef SG_AUTH_SIGV4_PARSE_H
#define SG_AUTH_SIGV4_PARSE_H

#include "core/req.h"

struct sg_sigv4 {
    bool presigned;
    struct sg_bytes access_key_id;
    struct sgs_scope scope;
    struct sg_bytes signed_headers; /* lower case, ascending, none twice */
    struct sg_bytes signature;
    struct sg_bytes amz_date;
    int64_t time_s;     /* amz_date */
    uint64_t expires_s; /* presigned only */
    struct sg_bytes payload_hash;
    enum sg_payload payload;
};

/* From the Authorization, x-amz-date or Date, and x-amz-content-sha256 headers. */
SG_MUST sg_err sg_sigv4_parse_header(struct sg_req *req, struct sg_sigv4 *out);
/* From the X-Amz- parameters of the query. */
SG_MUST sg_err sg_sigv4_parse_query(struct sg_req *req, struct sg_sigv4 *out);

/* True when `name`, in any case, is one of the signed headers. */
SG_MUST bool sg_sigv4_is_signed(const struct sg_sigv4 *sig, struct sg_bytes name);

#endif
