/*
 * object_keys.h - the keys of one object, each derived from its data key (DEK) for one purpose.
 *
 * Format     docs/format.md, section on keys. PRK = HKDF-Extract(empty salt, DEK); keys by HKDF-Expand with fixed
 *            infos.
 * Ownership  Holds the PRK until clear(); derived secrets belong to who asked.
 * Secrets    Yes.
 * Tests      tests/unit/crypto/test_object_keys.c, tests/vectors/format/
 */
#ifndef SG_CRYPTO_OBJECT_KEYS_H
#define SG_CRYPTO_OBJECT_KEYS_H

#include "crypto/secret.h"

#define SGC_DEK_LEN        32u
#define SGC_COMMITMENT_LEN 32u

struct sgc_object_keys {
    struct sgc_secret prk;
};

#define SGC_OBJECT_KEYS_NONE ((struct sgc_object_keys){SGC_SECRET_NONE})

enum sgc_key_purpose { SGC_KEY_CONTENT, SGC_KEY_FOOTER, SGC_KEY_METADATA, SGC_KEY_UPLOAD };

SG_MUST sg_err sgc_object_keys_init(struct sgc_object_keys *keys, const struct sgc_secret *dek);
void sgc_object_keys_clear(struct sgc_object_keys *keys);
SG_MUST sg_err sgc_object_keys_derive(const struct sgc_object_keys *keys, enum sgc_key_purpose purpose,
                                      struct sgc_secret *out);
SG_MUST sg_err sgc_object_keys_commitment(const struct sgc_object_keys *keys, uint8_t out[SGC_COMMITMENT_LEN]);
/* The footer's synthetic IV: HKDF-Expand(PRK, "sealgate v1 footer iv" || digest, 12). */
SG_MUST sg_err sgc_object_keys_footer_iv(const struct sgc_object_keys *keys, struct sg_bytes digest, uint8_t out[12]);

#endif
