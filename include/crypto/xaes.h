/*
 * xaes.h - XAES-256-GCM: AES-256-GCM with 24-byte nonces that may be random; wraps data keys.
 *
 * Errors     TAG_MISMATCH from opening; CRYPTO when the library refuses. Outputs are wiped on error.
 * Source     https://c2sp.org/XAES-256-GCM
 * Tests      tests/unit/crypto/test_xaes.c with the vectors of C2SP, also the accumulated ones.
 */
#ifndef SG_CRYPTO_XAES_H
#define SG_CRYPTO_XAES_H

#include "crypto/aead.h"

#define SGC_XAES_NONCE_LEN 24u

/* Writes in.len + SGC_AEAD_TAG_LEN bytes. `key` has 32 bytes. */
SG_MUST sg_err sgc_xaes_seal(const struct sgc_secret *key, const uint8_t nonce[SGC_XAES_NONCE_LEN], struct sg_bytes aad,
                             struct sg_bytes in, uint8_t *out);
/* `in` ends with the tag; writes in.len - SGC_AEAD_TAG_LEN bytes. */
SG_MUST sg_err sgc_xaes_open(const struct sgc_secret *key, const uint8_t nonce[SGC_XAES_NONCE_LEN], struct sg_bytes aad,
                             struct sg_bytes in, uint8_t *out);

#endif
