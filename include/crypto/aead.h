/*
 * aead.h - AES-256-GCM, whole or in pieces.
 *
 * Idea       In pieces, so that a segment is encrypted from the socket's buffer straight to where it is sent from. What
 *            open_update() writes is NOT authenticated: callers keep it to themselves until open_end() has agreed, and
 *            wipe it when it does not. The one-shot open does that itself.
 * Ownership  A struct sgc_aead owns a library context, which holds the key schedule, until clear().
 * Lifetime   SGC_AEAD_NONE -> init(key) -> (begin -> update* -> end)* -> clear. clear() may be called at any time.
 * Errors     TAG_MISMATCH from opening; CRYPTO when the library refuses; INTERNAL for calls out of order, above all for
 *            a second message under the IV of the first. After an error begin anew or clear.
 * Secrets    Holds a key until clear().
 * Source     NIST SP 800-38D.
 * Tests      tests/unit/crypto/test_aead.c, tests/vectors/aes_gcm_wycheproof/
 */
#ifndef SG_CRYPTO_AEAD_H
#define SG_CRYPTO_AEAD_H

#include "crypto/secret.h"

#define SGC_AEAD_KEY_LEN 32u
#define SGC_AEAD_IV_LEN  12u
#define SGC_AEAD_TAG_LEN 16u

enum sgc_aead_state { SGC_AEAD_IDLE, SGC_AEAD_SEALING, SGC_AEAD_OPENING };

struct sgc_aead {
    void *library; /* EVP_CIPHER_CTX */
    enum sgc_aead_state state;
};

#define SGC_AEAD_NONE ((struct sgc_aead){NULL, SGC_AEAD_IDLE})

/* `key` has SGC_AEAD_KEY_LEN bytes. The secret may be cleared afterwards. */
SG_MUST sg_err sgc_aead_init(struct sgc_aead *aead, const struct sgc_secret *key);
void sgc_aead_clear(struct sgc_aead *aead);

SG_MUST sg_err sgc_aead_seal_begin(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad);
/* Writes in.len bytes to `out`; `out` may equal in.ptr, but not overlap it otherwise. */
SG_MUST sg_err sgc_aead_seal_update(struct sgc_aead *aead, struct sg_bytes in, uint8_t *out);
SG_MUST sg_err sgc_aead_seal_end(struct sgc_aead *aead, uint8_t tag[SGC_AEAD_TAG_LEN]);

SG_MUST sg_err sgc_aead_open_begin(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad);
SG_MUST sg_err sgc_aead_open_update(struct sgc_aead *aead, struct sg_bytes in, uint8_t *out);
SG_MUST sg_err sgc_aead_open_end(struct sgc_aead *aead, const uint8_t tag[SGC_AEAD_TAG_LEN]);

/* Writes in.len + SGC_AEAD_TAG_LEN bytes. */
SG_MUST sg_err sgc_aead_seal(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad,
                             struct sg_bytes in, uint8_t *out);
/* `in` ends with the tag; writes in.len - SGC_AEAD_TAG_LEN bytes, or wipes them when the tag is wrong. */
SG_MUST sg_err sgc_aead_open(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad,
                             struct sg_bytes in, uint8_t *out);

#endif
