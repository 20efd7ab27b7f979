/*
 * hash.h - SHA-256, SHA-1, SHA-512 and MD5, and HMAC-SHA-256.
 *
 * Ownership  A struct sgc_hash owns a library context until clear(); final() ends the message but not the struct.
 * Lifetime   SGC_HASH_NONE -> init -> update* -> final -> (init again | clear). clear() may be called at any time.
 * Errors     CRYPTO when the library refuses; INTERNAL for update or final without init.
 * Source     FIPS 180-4, RFC 1321, RFC 2104.
 * Not here   SHA-1 and MD5 serve only S3's checksums; nothing of ours relies on them.
 * Tests      tests/unit/crypto/test_hash.c
 */
#ifndef SG_CRYPTO_HASH_H
#define SG_CRYPTO_HASH_H

#include "common/bytes.h"
#include "common/err.h"

enum sgc_hash_alg { SGC_HASH_SHA256, SGC_HASH_SHA1, SGC_HASH_SHA512, SGC_HASH_MD5 };

#define SGC_SHA256_LEN 32u
#define SGC_SHA1_LEN   20u
#define SGC_SHA512_LEN 64u
#define SGC_MD5_LEN    16u
#define SGC_HASH_MAX   64u

struct sgc_hash {
    void *library; /* EVP_MD_CTX */
    bool running;  /* between init and final */
};

#define SGC_HASH_NONE ((struct sgc_hash){NULL, false})

SG_MUST size_t sgc_hash_len(enum sgc_hash_alg alg);
SG_MUST sg_err sgc_hash_init(struct sgc_hash *hash, enum sgc_hash_alg alg);
SG_MUST sg_err sgc_hash_update(struct sgc_hash *hash, struct sg_bytes bytes);
/* Writes sgc_hash_len() bytes. */
SG_MUST sg_err sgc_hash_final(struct sgc_hash *hash, uint8_t *out);
void sgc_hash_clear(struct sgc_hash *hash);

SG_MUST sg_err sgc_sha256(struct sg_bytes bytes, uint8_t out[SGC_SHA256_LEN]);
/* `key` may be a view of a secret inside sgc_secret_use(). `out` may be wiped by the caller like a key. */
SG_MUST sg_err sgc_hmac_sha256(struct sg_bytes key, struct sg_bytes bytes, uint8_t out[SGC_SHA256_LEN]);

#endif
