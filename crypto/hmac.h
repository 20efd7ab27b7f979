/*
 * hmac.h - HMAC-SHA-256 in pieces, for kdf.c. Private to crypto/; hash.c implements it.
 *
 * Ownership  Owns a library context until clear().
 * Lifetime   SGC_HMAC_NONE -> init -> update* -> final -> clear. clear() may be called at any time, twice too.
 * Errors     CRYPTO when the library refuses.
 * Secrets    Holds what was made of the key until clear().
 * Source     RFC 2104.
 * Tests      tests/unit/crypto/test_hash.c
 */
#ifndef SG_CRYPTO_HMAC_H
#define SG_CRYPTO_HMAC_H

#include "crypto/hash.h"

#define SGC_HMAC_BLOCK_LEN 64u

struct sgc_hmac {
    struct sgc_hash hash;
    uint8_t outer_pad[SGC_HMAC_BLOCK_LEN];
};

#define SGC_HMAC_NONE ((struct sgc_hmac){SGC_HASH_NONE, {0}})

SG_MUST sg_err sgc_hmac_init(struct sgc_hmac *hmac, struct sg_bytes key);
SG_MUST sg_err sgc_hmac_update(struct sgc_hmac *hmac, struct sg_bytes bytes);
SG_MUST sg_err sgc_hmac_final(struct sgc_hmac *hmac, uint8_t out[SGC_SHA256_LEN]);
void sgc_hmac_clear(struct sgc_hmac *hmac);

#endif
