/*
 * Hashes over the library's EVP interface. The algorithms are fetched once per process, because a fetch by name takes
 * longer than hashing a short message. HMAC is two passes of SHA-256 in one context, after RFC 2104: the library's own
 * MAC object costs several allocations and parameter lists, and SigV4 needs a handful of MACs for each request.
 */
#include "crypto/hash.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "crypto/hmac.h"
#include "crypto/secret.h"

#include "common/banned.h"

static const struct {
    const char *name;
    size_t len;
} rows[] = {
    [SGC_HASH_SHA256] = {"SHA2-256", SGC_SHA256_LEN},
    [SGC_HASH_SHA1] = {"SHA1", SGC_SHA1_LEN},
    [SGC_HASH_SHA512] = {"SHA2-512", SGC_SHA512_LEN},
    [SGC_HASH_MD5] = {"MD5", SGC_MD5_LEN},
};

/* Written once, then only read. NULL where the library does not have the algorithm. */
static EVP_MD *fetched[SG_COUNT_OF(rows)];
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++)
        fetched[i] = EVP_MD_fetch(NULL, rows[i].name, NULL);
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

size_t sgc_hash_len(enum sgc_hash_alg alg)
{
    return rows[alg].len;
}

sg_err sgc_hash_init(struct sgc_hash *hash, enum sgc_hash_alg alg)
{
    (void)pthread_once(&fetch_once, fetch_all);
    hash->running = false;
    SG_CHECK(fetched[alg] != NULL, CRYPTO);
    if (hash->library == NULL)
        hash->library = EVP_MD_CTX_new();
    SG_CHECK(hash->library != NULL, CRYPTO);
    SG_TRY(agreed(EVP_DigestInit_ex2(hash->library, fetched[alg], NULL)));
    hash->running = true;
    return SG_OK;
}

sg_err sgc_hash_update(struct sgc_hash *hash, struct sg_bytes bytes)
{
    SG_CHECK(hash->running, INTERNAL);
    return bytes.len == 0 ? SG_OK : agreed(EVP_DigestUpdate(hash->library, bytes.ptr, bytes.len));
}

sg_err sgc_hash_final(struct sgc_hash *hash, uint8_t *out)
{
    /* The library would go on after the end and give nonsense. */
    SG_CHECK(hash->running, INTERNAL);
    hash->running = false;
    return agreed(EVP_DigestFinal_ex(hash->library, out, NULL));
}

void sgc_hash_clear(struct sgc_hash *hash)
{
    /* Wipes the state, which after HMAC's first block is as good as the key. */
    EVP_MD_CTX_free(hash->library);
    *hash = SGC_HASH_NONE;
}

sg_err sgc_sha256(struct sg_bytes bytes, uint8_t out[SGC_SHA256_LEN])
{
    SG_CLEANUP(sgc_hash_clear) struct sgc_hash hash = SGC_HASH_NONE;
    SG_TRY(sgc_hash_init(&hash, SGC_HASH_SHA256));
    SG_TRY(sgc_hash_update(&hash, bytes));
    return sgc_hash_final(&hash, out);
}

/* --- HMAC --- */

static sg_err start_with_pads(struct sgc_hmac *hmac, struct sg_bytes key, uint8_t inner_pad[SGC_HMAC_BLOCK_LEN])
{
    /* RFC 2104, section 2: a key longer than a block is hashed first. */
    if (key.len > SGC_HMAC_BLOCK_LEN)
        SG_TRY(sgc_sha256(key, inner_pad));
    else if (key.len > 0)
        memcpy(inner_pad, key.ptr, key.len);
    for (size_t i = 0; i < SGC_HMAC_BLOCK_LEN; i++) {
        hmac->outer_pad[i] = inner_pad[i] ^ 0x5c;
        inner_pad[i] ^= 0x36;
    }
    SG_TRY(sgc_hash_init(&hmac->hash, SGC_HASH_SHA256));
    return sgc_hash_update(&hmac->hash, sg_bytes(inner_pad, SGC_HMAC_BLOCK_LEN));
}

sg_err sgc_hmac_init(struct sgc_hmac *hmac, struct sg_bytes key)
{
    uint8_t inner_pad[SGC_HMAC_BLOCK_LEN] = {0};
    sg_err err = start_with_pads(hmac, key, inner_pad);
    sgc_wipe(inner_pad, sizeof(inner_pad));
    return err;
}

sg_err sgc_hmac_update(struct sgc_hmac *hmac, struct sg_bytes bytes)
{
    return sgc_hash_update(&hmac->hash, bytes);
}

static sg_err finish_outer(struct sgc_hmac *hmac, uint8_t inner[SGC_SHA256_LEN], uint8_t out[SGC_SHA256_LEN])
{
    SG_TRY(sgc_hash_final(&hmac->hash, inner));
    SG_TRY(sgc_hash_init(&hmac->hash, SGC_HASH_SHA256));
    SG_TRY(sgc_hash_update(&hmac->hash, sg_bytes(hmac->outer_pad, SGC_HMAC_BLOCK_LEN)));
    SG_TRY(sgc_hash_update(&hmac->hash, sg_bytes(inner, SGC_SHA256_LEN)));
    return sgc_hash_final(&hmac->hash, out);
}

sg_err sgc_hmac_final(struct sgc_hmac *hmac, uint8_t out[SGC_SHA256_LEN])
{
    uint8_t inner[SGC_SHA256_LEN] = {0};
    sg_err err = finish_outer(hmac, inner, out);
    sgc_wipe(inner, sizeof(inner));
    return err;
}

void sgc_hmac_clear(struct sgc_hmac *hmac)
{
    sgc_hash_clear(&hmac->hash);
    sgc_wipe(hmac->outer_pad, sizeof(hmac->outer_pad));
}

sg_err sgc_hmac_sha256(struct sg_bytes key, struct sg_bytes bytes, uint8_t out[SGC_SHA256_LEN])
{
    SG_CLEANUP(sgc_hmac_clear) struct sgc_hmac hmac = SGC_HMAC_NONE;
    SG_TRY(sgc_hmac_init(&hmac, key));
    SG_TRY(sgc_hmac_update(&hmac, bytes));
    return sgc_hmac_final(&hmac, out);
}
