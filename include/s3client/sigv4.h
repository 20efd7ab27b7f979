/*
 * sigv4.h - AWS Signature Version 4 for S3: canonical request, string to sign, signature. Signing and verifying use the
 *           same functions, so that the two can never disagree.
 *
 * Idea       Three pure functions over plain inputs. Nothing here knows a request object, a clock or a key store.
 * Errors     LIMIT when a buffer is too small for what it must hold, or more than SG_LIMIT_HEADER_COUNT names are
 *            signed; INVALID_ARGUMENT when an input holds a line feed, which could give two requests one text; CRYPTO
 *            when the library refuses.
 * Secrets    The signing key is a secret of the day; canonical requests and strings to sign are never logged.
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html,
 *            sigv4-query-string-auth.html
 * Tests      tests/unit/s3client/test_sigv4.c, tests/vectors/sigv4/
 */
#ifndef SG_S3CLIENT_SIGV4_H
#define SG_S3CLIENT_SIGV4_H

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "s3client/headers.h"
#include "s3client/uri.h"

#define SGS_SIGNATURE_LEN 64u /* lower-case hex */
#define SGS_EMPTY_SHA256  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct sgs_scope {
    struct sg_bytes date;   /* yyyymmdd */
    struct sg_bytes region; /* may be empty */
};

struct sgs_canonical {
    struct sg_bytes method;
    struct sg_bytes path;          /* percent-encoded, as it goes into the canonical request */
    const struct sgs_query *query; /* may be NULL */
    const char *skip_param;        /* "X-Amz-Signature" for presigned requests, else NULL */
    const struct sgs_headers *headers;
    struct sg_bytes signed_headers; /* "host;x-amz-date", lower case, sorted, as signed */
    struct sg_bytes payload_hash;   /* hex, or UNSIGNED-PAYLOAD, or a STREAMING- value */
};

/* Appends the canonical request. Signed headers that the request lacks count as empty. */
SG_MUST sg_err sgs_sigv4_canonical_request(const struct sgs_canonical *in, struct sgc_buf *out);
/* Appends "AWS4-HMAC-SHA256\n<amz_date>\n<scope>\n<hex sha256 of canonical_request>". */
SG_MUST sg_err sgs_sigv4_string_to_sign(struct sg_bytes amz_date, const struct sgs_scope *scope,
                                        struct sg_bytes canonical_request, struct sgc_buf *out);
/* HMAC chain over date, region, "s3", "aws4_request". */
SG_MUST sg_err sgs_sigv4_signing_key(const struct sgc_secret *secret_access_key, const struct sgs_scope *scope,
                                     struct sgc_secret *out);
SG_MUST sg_err sgs_sigv4_signature(const struct sgc_secret *signing_key, struct sg_bytes string_to_sign,
                                   char out[SGS_SIGNATURE_LEN]);
/* Appends "yyyymmdd/region/s3/aws4_request". */
SG_MUST sg_err sgs_sigv4_scope_print(const struct sgs_scope *scope, struct sgc_buf *out);

#endif
