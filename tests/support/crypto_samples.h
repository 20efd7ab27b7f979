/*
 * crypto_samples.h - what tests of the object format start from: secrets, keys and plaintext that anybody can repeat.
 *
 * Ownership  As usual: what is given is cleared by the test.
 * Source     The pattern is that of docs/format.md, section on test vectors.
 */
#ifndef SG_TESTS_CRYPTO_SAMPLES_H
#define SG_TESTS_CRYPTO_SAMPLES_H

#include "crypto/object_keys.h"
#include "crypto/segment.h"

#include "support/check_main.h"

static inline void sample_pattern(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(131 * i + 7 * (i / 256) + 17);
}

static inline struct sgc_secret sample_secret(struct sg_bytes bytes)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    ck_ok(sgc_secret_copy(&secret, bytes));
    return secret;
}

static inline struct sgc_object_keys sample_keys_of(struct sg_bytes dek)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = sample_secret(dek);
    struct sgc_object_keys keys = SGC_OBJECT_KEYS_NONE;
    ck_ok(sgc_object_keys_init(&keys, &secret));
    return keys;
}

/* The keys of a data key of 32 bytes of this value. */
static inline struct sgc_object_keys sample_keys(uint8_t seed)
{
    uint8_t dek[SGC_DEK_LEN];
    memset(dek, seed, sizeof(dek));
    return sample_keys_of(SG_BYTES_ARRAY(dek));
}

static inline sg_err sample_compare(void *ctx, struct sg_bytes secret)
{
    const struct sg_bytes *expected = ctx;
    ck_assert(sg_bytes_eq(secret, *expected));
    return SG_OK;
}

static inline void sample_expect_secret(const struct sgc_secret *secret, struct sg_bytes expected)
{
    ck_ok(sgc_secret_use(secret, sample_compare, &expected));
}

/* Seals one segment of a part into `out`: IV, ciphertext, tag. */
static inline sg_err sample_seal_segment(struct sgc_sealer *s, struct sg_bytes plain, bool last, uint8_t *out)
{
    SG_TRY(sgc_sealer_begin(s, last, out));
    SG_TRY(sgc_sealer_update(s, plain, out + SGC_AEAD_IV_LEN));
    return sgc_sealer_end(s, out + SGC_AEAD_IV_LEN + plain.len);
}

/* Opens one segment, IV to tag; what does not authenticate is not compared with anything. */
static inline sg_err sample_open_segment(struct sgc_opener *o, struct sg_bytes sealed, bool last, uint8_t *out)
{
    if (sealed.len < SGC_SEGMENT_EXTRA)
        return SG_ERR_OF(TAG_MISMATCH);
    struct sg_bytes inner = sg_bytes_slice(sealed, SGC_AEAD_IV_LEN, sealed.len - SGC_SEGMENT_EXTRA);
    SG_TRY(sgc_opener_begin(o, last, sealed.ptr));
    SG_TRY(sgc_opener_update(o, inner, out));
    return sgc_opener_end(o, sealed.ptr + sealed.len - SGC_AEAD_TAG_LEN);
}

/* Seals a whole part into `out`, sgc_layout_body_sealed() bytes. */
static inline sg_err sample_seal_part(struct sgc_sealer *s, struct sg_bytes plain, uint8_t *out)
{
    while (plain.len > 0) {
        struct sg_bytes piece = sg_bytes_slice(plain, 0, SGC_SEGMENT_PLAIN);
        plain = sg_bytes_skip(plain, piece.len);
        SG_TRY(sample_seal_segment(s, piece, plain.len == 0, out));
        out += piece.len + SGC_SEGMENT_EXTRA;
    }
    return SG_OK;
}

/* Opens a whole part, cut into segments by its stored length alone. */
static inline sg_err sample_open_part(struct sgc_opener *o, struct sg_bytes sealed, uint8_t *out)
{
    while (sealed.len > 0) {
        struct sg_bytes segment = sg_bytes_slice(sealed, 0, SGC_SEGMENT_SEALED);
        sealed = sg_bytes_skip(sealed, segment.len);
        SG_TRY(sample_open_segment(o, segment, sealed.len == 0, out));
        out += segment.len - SGC_SEGMENT_EXTRA;
    }
    return SG_OK;
}

#endif
