/*
 * XAES-256-GCM: the first half of a 24-byte nonce and the key give a key for this message alone, by the construction of
 * CMAC on one block; the second half is the nonce of AES-256-GCM under it. The derived key is written straight into the
 * slot of a secret. The names L, K1, M1, M2 are those of the specification.
 */
#include "crypto/xaes.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "common/banned.h"

enum { BLOCK_LEN = 16, KEY_LEN = 32, CONTEXT_LEN = 12 };

/* Written once, then only read. */
static EVP_CIPHER *fetched;
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    fetched = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    ERR_clear_error();
}

struct derivation {
    const struct sgc_secret *key;
    const uint8_t *nonce;
    uint8_t *out;
};

static void library_free(EVP_CIPHER_CTX **library)
{
    /* Wipes the key schedule. */
    EVP_CIPHER_CTX_free(*library);
}

static sg_err encrypt_blocks(EVP_CIPHER_CTX *library, const uint8_t *in, int len, uint8_t *out)
{
    int written = 0;
    if (EVP_EncryptUpdate(library, out, &written, in, len) == 1 && written == len)
        return SG_OK;
    ERR_clear_error();
    SG_FAIL(CRYPTO);
}

/* L becomes K1: L times x in GF(2^128), without a branch on its top bit. */
static void double_block(uint8_t block[BLOCK_LEN])
{
    uint8_t carry = (uint8_t)(0u - (block[0] >> 7));
    for (size_t i = 0; i < BLOCK_LEN - 1; i++)
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    block[BLOCK_LEN - 1] = (uint8_t)(block[BLOCK_LEN - 1] << 1 ^ (carry & 0x87));
}

/* M1 xor K1, M2 xor K1. */
static void mask_messages(const uint8_t k1[BLOCK_LEN], const uint8_t *nonce, uint8_t out[2 * BLOCK_LEN])
{
    for (size_t m = 0; m < 2; m++) {
        uint8_t *message = out + m * BLOCK_LEN;
        const uint8_t prefix[BLOCK_LEN - CONTEXT_LEN] = {0x00, (uint8_t)(m + 1), 'X', 0x00};
        memcpy(message, prefix, sizeof(prefix));
        memcpy(message + sizeof(prefix), nonce, CONTEXT_LEN);
        for (size_t i = 0; i < BLOCK_LEN; i++)
            message[i] ^= k1[i];
    }
}

static sg_err derive_in_blocks(EVP_CIPHER_CTX *library, const struct derivation *d, uint8_t k1[BLOCK_LEN])
{
    SG_TRY(encrypt_blocks(library, k1, BLOCK_LEN, k1));
    double_block(k1);
    mask_messages(k1, d->nonce, d->out);
    return encrypt_blocks(library, d->out, 2 * BLOCK_LEN, d->out);
}

static sg_err derive_from_key(void *ctx, struct sg_bytes key)
{
    uint8_t k1[BLOCK_LEN] = {0};
    SG_CHECK(key.len == KEY_LEN, CRYPTO);
    SG_CLEANUP(library_free) EVP_CIPHER_CTX *library = EVP_CIPHER_CTX_new();
    if (library == NULL || EVP_EncryptInit_ex2(library, fetched, key.ptr, NULL, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(library, 0) != 1) {
        ERR_clear_error();
        SG_FAIL(CRYPTO);
    }
    sg_err err = derive_in_blocks(library, ctx, k1);
    sgc_wipe(k1, sizeof(k1));
    return err;
}

static sg_err fill_by_derive(void *ctx, uint8_t *slot, size_t len)
{
    struct derivation *d = ctx;
    sg_assert(len == KEY_LEN);
    d->out = slot;
    return sgc_secret_use(d->key, derive_from_key, d);
}

/* AES-256-GCM under the key of this nonce. */
static sg_err begin(const struct sgc_secret *key, const uint8_t nonce[SGC_XAES_NONCE_LEN], struct sgc_aead *aead)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret derived = SGC_SECRET_NONE;
    struct derivation d = {key, nonce, NULL};
    (void)pthread_once(&fetch_once, fetch);
    SG_CHECK(fetched != NULL, CRYPTO);
    SG_TRY(sgc_secret_init(&derived, KEY_LEN, fill_by_derive, &d));
    return sgc_aead_init(aead, &derived);
}

static sg_err seal(const struct sgc_secret *key, const uint8_t *nonce, struct sg_bytes aad, struct sg_bytes in,
                   uint8_t *out)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    SG_TRY(begin(key, nonce, &aead));
    return sgc_aead_seal(&aead, nonce + CONTEXT_LEN, aad, in, out);
}

static sg_err open_sealed(const struct sgc_secret *key, const uint8_t *nonce, struct sg_bytes aad, struct sg_bytes in,
                          uint8_t *out)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    SG_TRY(begin(key, nonce, &aead));
    return sgc_aead_open(&aead, nonce + CONTEXT_LEN, aad, in, out);
}

sg_err sgc_xaes_seal(const struct sgc_secret *key, const uint8_t nonce[SGC_XAES_NONCE_LEN], struct sg_bytes aad,
                     struct sg_bytes in, uint8_t *out)
{
    sg_err err = seal(key, nonce, aad, in, out);
    if (!sg_is_ok(err))
        sgc_wipe(out, in.len + SGC_AEAD_TAG_LEN);
    return err;
}

sg_err sgc_xaes_open(const struct sgc_secret *key, const uint8_t nonce[SGC_XAES_NONCE_LEN], struct sg_bytes aad,
                     struct sg_bytes in, uint8_t *out)
{
    SG_CHECK(in.len >= SGC_AEAD_TAG_LEN, TAG_MISMATCH);
    sg_err err = open_sealed(key, nonce, aad, in, out);
    if (!sg_is_ok(err))
        sgc_wipe(out, in.len - SGC_AEAD_TAG_LEN);
    return err;
}
