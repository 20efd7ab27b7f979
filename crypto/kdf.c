/*
 * HKDF-SHA-256 (RFC 5869) by hand over HMAC: some lines of our own instead of the library's parameter lists. What is
 * derived as a key is written straight into the slot of its secret.
 */
#include "crypto/kdf.h"

#include "crypto/hmac.h"

#include "common/banned.h"

enum { BLOCKS_MAX = 255 }; /* RFC 5869, section 2.3 */

/* --- extract --- */

struct extraction {
    struct sg_bytes salt;
    const struct sgc_secret *input;
    uint8_t *out;
};

static sg_err extract_from_input(void *ctx, struct sg_bytes input)
{
    struct extraction *e = ctx;
    return sgc_hmac_sha256(e->salt, input, e->out);
}

static sg_err fill_by_extract(void *ctx, uint8_t *slot, size_t len)
{
    struct extraction *e = ctx;
    sg_assert(len == SGC_SHA256_LEN);
    e->out = slot;
    return sgc_secret_use(e->input, extract_from_input, e);
}

sg_err sgc_hkdf_extract(struct sg_bytes salt, const struct sgc_secret *input, struct sgc_secret *prk_out)
{
    struct extraction e = {salt, input, NULL};
    return sgc_secret_init(prk_out, SGC_SHA256_LEN, fill_by_extract, &e);
}

/* --- expand --- */

struct expansion {
    const struct sgc_secret *prk;
    struct sg_bytes info;
    uint8_t *out;
    size_t len;
};

/* T(i) = HMAC(PRK, T(i-1) || info || i) */
static sg_err expand_block(struct sg_bytes prk, struct sg_bytes previous, struct sg_bytes info, uint8_t counter,
                           uint8_t block[SGC_SHA256_LEN])
{
    SG_CLEANUP(sgc_hmac_clear) struct sgc_hmac hmac = SGC_HMAC_NONE;
    SG_TRY(sgc_hmac_init(&hmac, prk));
    SG_TRY(sgc_hmac_update(&hmac, previous));
    SG_TRY(sgc_hmac_update(&hmac, info));
    SG_TRY(sgc_hmac_update(&hmac, sg_bytes(&counter, 1)));
    return sgc_hmac_final(&hmac, block);
}

static sg_err expand_all(const struct expansion *e, struct sg_bytes prk, uint8_t block[SGC_SHA256_LEN])
{
    struct sg_bytes previous = SG_BYTES_NONE;
    uint8_t counter = 1;
    for (size_t done = 0; done < e->len; done += SGC_SHA256_LEN) {
        SG_TRY(expand_block(prk, previous, e->info, counter++, block));
        previous = sg_bytes(block, SGC_SHA256_LEN);
        size_t left = e->len - done;
        memcpy(e->out + done, block, left < SGC_SHA256_LEN ? left : SGC_SHA256_LEN);
    }
    return SG_OK;
}

static sg_err expand_from_prk(void *ctx, struct sg_bytes prk)
{
    const struct expansion *e = ctx;
    uint8_t block[SGC_SHA256_LEN];
    sg_err err = expand_all(e, prk, block);
    sgc_wipe(block, sizeof(block));
    return err;
}

static sg_err fill_by_expand(void *ctx, uint8_t *slot, size_t len)
{
    struct expansion *e = ctx;
    e->out = slot;
    e->len = len;
    return sgc_secret_use(e->prk, expand_from_prk, e);
}

sg_err sgc_hkdf_expand(const struct sgc_secret *prk, struct sg_bytes info, size_t len, struct sgc_secret *out)
{
    struct expansion e = {prk, info, NULL, 0};
    return sgc_secret_init(out, len, fill_by_expand, &e);
}

sg_err sgc_hkdf_expand_public(const struct sgc_secret *prk, struct sg_bytes info, uint8_t *out, size_t len)
{
    struct expansion e = {prk, info, out, len};
    SG_CHECK(len <= BLOCKS_MAX * SGC_SHA256_LEN, LIMIT);
    return sgc_secret_use(prk, expand_from_prk, &e);
}
