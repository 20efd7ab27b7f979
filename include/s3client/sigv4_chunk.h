/*
 * sigv4_chunk.h - the signature chain of aws-chunked bodies: seed, chunks, trailer.
 *
 * Ownership  Holds copies; the signing key is borrowed for the lifetime of the chain.
 * Errors     CRYPTO when the library refuses. The caller compares signatures with sgc_ct_equal().
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, sigv4-streaming-trailers.html
 * Tests      tests/unit/s3client/test_sigv4_chunk.c, tests/vectors/aws_chunked/
 */
#ifndef SG_S3CLIENT_SIGV4_CHUNK_H
#define SG_S3CLIENT_SIGV4_CHUNK_H

#include "s3client/sigv4.h"

struct sgs_chunk_chain {
    const struct sgc_secret *signing_key;
    char amz_date[17];                /* with terminator */
    char scope[128];                  /* "yyyymmdd/region/s3/aws4_request" with terminator */
    char previous[SGS_SIGNATURE_LEN]; /* the signature before the one to come */
};

/* `seed` is the request's own signature, 64 hex digits. LIMIT when the scope does not fit, INVALID_ARGUMENT when the
 * date or the seed has another length. */
SG_MUST sg_err sgs_chunk_chain_init(struct sgs_chunk_chain *chain, const struct sgc_secret *signing_key,
                                    struct sg_bytes amz_date, const struct sgs_scope *scope, struct sg_bytes seed);
/* The signature of the next chunk, whose data hashes to `sha256` (raw); it becomes `previous`. */
SG_MUST sg_err sgs_chunk_chain_next(struct sgs_chunk_chain *chain, const uint8_t sha256[SGC_SHA256_LEN],
                                    char out[SGS_SIGNATURE_LEN]);
/* The signature of the trailer, `canonical_trailers` being "name:value\n" for each trailer but x-amz-trailer-signature.
 */
SG_MUST sg_err sgs_chunk_chain_trailer(struct sgs_chunk_chain *chain, struct sg_bytes canonical_trailers,
                                       char out[SGS_SIGNATURE_LEN]);

#endif
