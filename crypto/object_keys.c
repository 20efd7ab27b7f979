/*
 * object_keys.c - HKDF with one fixed label for each purpose.
 *
 * The data key itself seals nothing: whoever holds a derived key can do that one job and learns nothing of the others.
 * The commitment is derived the same way and is public: AES-GCM alone lets one ciphertext open under two keys, a digest
 * of the key does not.
 */
#include "crypto/object_keys.h"

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"

#include "common/banned.h"

_Static_assert(SGC_DEK_LEN == SGC_AEAD_KEY_LEN, "keys of objects are AES-256 keys");

/* FMT-10 */
static const char *const purpose_infos[] = {
    [SGC_KEY_CONTENT] = "sealgate v1 content",
    [SGC_KEY_FOOTER] = "sealgate v1 footer",
    [SGC_KEY_METADATA] = "sealgate v1 metadata",
    [SGC_KEY_UPLOAD] = "sealgate v1 upload",
};
#define COMMITMENT_INFO "sealgate v1 commitment"
#define FOOTER_IV_INFO  "sealgate v1 footer iv"

sg_err sgc_object_keys_init(struct sgc_object_keys *keys, const struct sgc_secret *dek)
{
    SG_CHECK(dek->len == SGC_DEK_LEN, INTERNAL);
    sgc_object_keys_clear(keys);
    return sgc_hkdf_extract(SG_BYTES_NONE, dek, &keys->prk);
}

void sgc_object_keys_clear(struct sgc_object_keys *keys)
{
    sgc_secret_clear(&keys->prk);
}

sg_err sgc_object_keys_derive(const struct sgc_object_keys *keys, enum sgc_key_purpose purpose, struct sgc_secret *out)
{
    sg_assert((size_t)purpose < SG_COUNT_OF(purpose_infos));
    return sgc_hkdf_expand(&keys->prk, sg_bytes_str(purpose_infos[purpose]), SGC_AEAD_KEY_LEN, out);
}

/* FMT-11 */
sg_err sgc_object_keys_commitment(const struct sgc_object_keys *keys, uint8_t out[SGC_COMMITMENT_LEN])
{
    return sgc_hkdf_expand_public(&keys->prk, SG_BYTES_LIT(COMMITMENT_INFO), out, SGC_COMMITMENT_LEN);
}

/* FMT-37 */
sg_err sgc_object_keys_footer_iv(const struct sgc_object_keys *keys, struct sg_bytes digest, uint8_t out[12])
{
    uint8_t info[sizeof(FOOTER_IV_INFO) - 1 + SGC_SHA256_LEN] = FOOTER_IV_INFO;
    SG_CHECK(digest.len == SGC_SHA256_LEN, INTERNAL);
    memcpy(info + sizeof(FOOTER_IV_INFO) - 1, digest.ptr, digest.len);
    return sgc_hkdf_expand_public(&keys->prk, SG_BYTES_ARRAY(info), out, SGC_AEAD_IV_LEN);
}
