/*
 * kdf.h - HKDF-SHA-256.
 *
 * Errors     CRYPTO when the library refuses.
 * Source     RFC 5869.
 * Tests      tests/unit/crypto/test_kdf.c (the vectors of the RFC's appendix A)
 */
#ifndef SG_CRYPTO_KDF_H
#define SG_CRYPTO_KDF_H

#include "crypto/secret.h"

/* PRK = HKDF-Extract(salt, input key). 32 bytes. */
SG_MUST sg_err sgc_hkdf_extract(struct sg_bytes salt, const struct sgc_secret *input, struct sgc_secret *prk_out);
/* A key of `len` bytes (at most SGC_SECRET_MAX). */
SG_MUST sg_err sgc_hkdf_expand(const struct sgc_secret *prk, struct sg_bytes info, size_t len, struct sgc_secret *out);
/* Bytes that are not secret, such as an IV or a commitment. */
SG_MUST sg_err sgc_hkdf_expand_public(const struct sgc_secret *prk, struct sg_bytes info, uint8_t *out, size_t len);

#endif
