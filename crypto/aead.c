/*
 * AES-256-GCM over the library's EVP interface. The cipher is fetched once per process; the key schedule (and GHASH's
 * table) is computed once per sgc_aead, and each message only sets a new IV. The library counts in int, so long inputs
 * go in in pieces. Calls out of order are refused here, because what the library does with them is not written down.
 */
#include "crypto/aead.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "common/banned.h"

enum { PIECE_MAX = 1 << 30 }; /* below INT_MAX, a multiple of the block */

/* Written once, then only read. */
static EVP_CIPHER *fetched;
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    fetched = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    ERR_clear_error();
}

/* The library queues its errors per thread; what it said must not be taken for the error of a later TLS call. */
static sg_err agreed(int library_result)
{
    if (library_result == 1)
        return SG_OK;
    ERR_clear_error();
    SG_FAIL(CRYPTO);
}

static sg_err init_from_key(void *ctx, struct sg_bytes key)
{
    struct sgc_aead *aead = ctx;
    SG_CHECK(key.len == SGC_AEAD_KEY_LEN, CRYPTO);
    return agreed(EVP_CipherInit_ex2(aead->library, fetched, key.ptr, NULL, 1, NULL));
}

sg_err sgc_aead_init(struct sgc_aead *aead, const struct sgc_secret *key)
{
    (void)pthread_once(&fetch_once, fetch);
    SG_CHECK(fetched != NULL, CRYPTO);
    if (aead->library == NULL)
        aead->library = EVP_CIPHER_CTX_new();
    SG_CHECK(aead->library != NULL, CRYPTO);
    aead->state = SGC_AEAD_IDLE;
    sg_err err = sgc_secret_use(key, init_from_key, aead);
    /* A context without a key must not look like one that has it. */
    if (!sg_is_ok(err))
        sgc_aead_clear(aead);
    return err;
}

void sgc_aead_clear(struct sgc_aead *aead)
{
    /* Wipes the key schedule. */
    EVP_CIPHER_CTX_free(aead->library);
    *aead = SGC_AEAD_NONE;
}

/* --- in pieces --- */

/* `out` is NULL for additional data. */
static sg_err feed(struct sgc_aead *aead, struct sg_bytes in, uint8_t *out)
{
    while (in.len > 0) {
        int piece = in.len < PIECE_MAX ? (int)in.len : PIECE_MAX;
        int written = 0;
        SG_TRY(agreed(EVP_CipherUpdate(aead->library, out, &written, in.ptr, piece)));
        SG_CHECK(written == piece, CRYPTO);
        in = sg_bytes_skip(in, (size_t)piece);
        out = out == NULL ? NULL : out + piece;
    }
    return SG_OK;
}

static sg_err begin(struct sgc_aead *aead, enum sgc_aead_state state, const uint8_t *iv, struct sg_bytes aad)
{
    int encrypt = state == SGC_AEAD_SEALING;
    SG_CHECK(aead->library != NULL, INTERNAL);
    aead->state = SGC_AEAD_IDLE;
    SG_TRY(agreed(EVP_CipherInit_ex2(aead->library, NULL, NULL, iv, encrypt, NULL)));
    SG_TRY(feed(aead, aad, NULL));
    aead->state = state;
    return SG_OK;
}

static sg_err update(struct sgc_aead *aead, enum sgc_aead_state state, struct sg_bytes in, uint8_t *out)
{
    SG_CHECK(aead->state == state, INTERNAL);
    sg_err err = feed(aead, in, out);
    if (!sg_is_ok(err))
        aead->state = SGC_AEAD_IDLE;
    return err;
}

sg_err sgc_aead_seal_begin(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad)
{
    return begin(aead, SGC_AEAD_SEALING, iv, aad);
}

sg_err sgc_aead_seal_update(struct sgc_aead *aead, struct sg_bytes in, uint8_t *out)
{
    return update(aead, SGC_AEAD_SEALING, in, out);
}

sg_err sgc_aead_seal_end(struct sgc_aead *aead, uint8_t tag[SGC_AEAD_TAG_LEN])
{
    uint8_t nothing[SGC_AEAD_TAG_LEN];
    int written = 0;
    SG_CHECK(aead->state == SGC_AEAD_SEALING, INTERNAL);
    aead->state = SGC_AEAD_IDLE;
    SG_TRY(agreed(EVP_EncryptFinal_ex(aead->library, nothing, &written)));
    return agreed(EVP_CIPHER_CTX_ctrl(aead->library, EVP_CTRL_AEAD_GET_TAG, (int)SGC_AEAD_TAG_LEN, tag));
}

sg_err sgc_aead_open_begin(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad)
{
    return begin(aead, SGC_AEAD_OPENING, iv, aad);
}

sg_err sgc_aead_open_update(struct sgc_aead *aead, struct sg_bytes in, uint8_t *out)
{
    return update(aead, SGC_AEAD_OPENING, in, out);
}

sg_err sgc_aead_open_end(struct sgc_aead *aead, const uint8_t tag[SGC_AEAD_TAG_LEN])
{
    uint8_t expected[SGC_AEAD_TAG_LEN], nothing[SGC_AEAD_TAG_LEN];
    int written = 0;
    SG_CHECK(aead->state == SGC_AEAD_OPENING, INTERNAL);
    aead->state = SGC_AEAD_IDLE;
    memcpy(expected, tag, sizeof(expected));
    SG_TRY(agreed(EVP_CIPHER_CTX_ctrl(aead->library, EVP_CTRL_AEAD_SET_TAG, (int)sizeof(expected), expected)));
    if (EVP_DecryptFinal_ex(aead->library, nothing, &written) != 1) {
        ERR_clear_error();
        SG_FAIL(TAG_MISMATCH);
    }
    return SG_OK;
}

/* --- whole --- */

sg_err sgc_aead_seal(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad, struct sg_bytes in,
                     uint8_t *out)
{
    SG_TRY(sgc_aead_seal_begin(aead, iv, aad));
    SG_TRY(sgc_aead_seal_update(aead, in, out));
    return sgc_aead_seal_end(aead, out + in.len);
}

static sg_err open_all(struct sgc_aead *aead, const uint8_t *iv, struct sg_bytes aad, struct sg_bytes in,
                       const uint8_t tag[SGC_AEAD_TAG_LEN], uint8_t *out)
{
    SG_TRY(sgc_aead_open_begin(aead, iv, aad));
    SG_TRY(sgc_aead_open_update(aead, in, out));
    return sgc_aead_open_end(aead, tag);
}

sg_err sgc_aead_open(struct sgc_aead *aead, const uint8_t iv[SGC_AEAD_IV_LEN], struct sg_bytes aad, struct sg_bytes in,
                     uint8_t *out)
{
    SG_CHECK(in.len >= SGC_AEAD_TAG_LEN, TAG_MISMATCH);
    struct sg_bytes sealed = sg_bytes_slice(in, 0, in.len - SGC_AEAD_TAG_LEN);
    sg_err err = open_all(aead, iv, aad, sealed, in.ptr + sealed.len, out);
    if (!sg_is_ok(err))
        sgc_wipe(out, sealed.len);
    return err;
}
