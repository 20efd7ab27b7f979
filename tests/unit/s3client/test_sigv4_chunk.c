/* Is the chain of signatures the published one, and does it break at every change? */
#include "s3client/sigv4_chunk.h"

#include "support/check_main.h"
#include "support/vectors.h"

#include "common/banned.h"

#define SECRET(name) SG_CLEANUP(sgc_secret_clear) struct sgc_secret name = SGC_SECRET_NONE

static const struct sgs_scope scope = {SG_BYTES_INIT("20130524"), SG_BYTES_INIT("us-east-1")};
static const struct sg_bytes date = SG_BYTES_INIT("20130524T000000Z");

static void set_key(struct sgc_secret *key)
{
    SECRET(secret);
    ck_ok(sgc_secret_copy(&secret, SG_BYTES_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")));
    ck_ok(sgs_sigv4_signing_key(&secret, &scope, key));
}

#define SEED       "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
#define OTHER_SEED "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"

static void hash_letters(size_t count, uint8_t out[SGC_SHA256_LEN])
{
    uint8_t letters[65536];
    memset(letters, 'a', sizeof(letters));
    ck_ok(sgc_sha256(sg_bytes(letters, count), out));
}

static void check_chain(struct sg_vectors *v)
{
    static const struct {
        const char *name;
        size_t letters;
    } chunks[] = {{"chunk_65536", 65536}, {"chunk_1024", 1024}, {"chunk_0", 0}};
    SECRET(key);
    struct sgs_chunk_chain chain;
    char signature[SGS_SIGNATURE_LEN], trailer[128];
    set_key(&key);
    ck_ok(sgs_chunk_chain_init(&chain, &key, date, &scope, sg_vectors_text(v, "seed")));
    for (size_t i = 0; i < SG_COUNT_OF(chunks); i++) {
        uint8_t hash[SGC_SHA256_LEN];
        hash_letters(chunks[i].letters, hash);
        ck_ok(sgs_chunk_chain_next(&chain, hash, signature));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(signature), sg_vectors_text(v, chunks[i].name)));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(signature), SG_BYTES_ARRAY(chain.previous)));
    }
    if (!sg_vectors_has(v, "trailer"))
        return;
    (void)snprintf(trailer, sizeof(trailer), "%.*s\n", SG_BYTES_FMT(sg_vectors_text(v, "trailer")));
    ck_ok(sgs_chunk_chain_trailer(&chain, sg_bytes_str(trailer), signature));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(signature), sg_vectors_text(v, "trailer_signature")));
}

START_TEST(the_published_chains_come_out)
{
    int count = 0;
    struct sg_vectors *v = sg_vectors_open("aws_chunked/signatures.txt");
    for (; sg_vectors_next(v); count++)
        check_chain(v);
    sg_vectors_close(v);
    ck_assert_int_eq(count, 2);
}
END_TEST

/* The signature of one chunk of one letter, with one thing changed at a time. */
static void sign_one(struct sg_bytes amz_date, const struct sgs_scope *at, const char *seed, size_t letters, char *out)
{
    SECRET(key);
    struct sgs_chunk_chain chain;
    uint8_t hash[SGC_SHA256_LEN];
    set_key(&key);
    hash_letters(letters, hash);
    ck_ok(sgs_chunk_chain_init(&chain, &key, amz_date, at, sg_bytes_str(seed)));
    ck_ok(sgs_chunk_chain_next(&chain, hash, out));
}

START_TEST(everything_that_a_chunk_belongs_to_is_signed)
{
    const char *seed = SEED;
    struct sgs_scope other = {SG_BYTES_LIT("20130524"), SG_BYTES_LIT("us-east-2")};
    char signatures[5][SGS_SIGNATURE_LEN];
    sign_one(date, &scope, seed, 1, signatures[0]);
    sign_one(date, &scope, seed, 2, signatures[1]);
    sign_one(date, &scope, OTHER_SEED, 1, signatures[2]);
    sign_one(SG_BYTES_LIT("20130524T000001Z"), &scope, seed, 1, signatures[3]);
    sign_one(date, &other, seed, 1, signatures[4]);
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < i; j++)
            ck_assert(!sg_bytes_eq(SG_BYTES_ARRAY(signatures[i]), SG_BYTES_ARRAY(signatures[j])));
    }
}
END_TEST

START_TEST(a_trailer_is_no_chunk)
{
    SECRET(key);
    struct sgs_chunk_chain a, b;
    char chunk[SGS_SIGNATURE_LEN], trailer[SGS_SIGNATURE_LEN];
    uint8_t hash[SGC_SHA256_LEN];
    set_key(&key);
    hash_letters(0, hash);
    ck_ok(sgs_chunk_chain_init(&a, &key, date, &scope, sg_bytes_str(SEED)));
    b = a;
    ck_ok(sgs_chunk_chain_next(&a, hash, chunk));
    ck_ok(sgs_chunk_chain_trailer(&b, SG_BYTES_NONE, trailer));
    ck_assert(!sg_bytes_eq(SG_BYTES_ARRAY(chunk), SG_BYTES_ARRAY(trailer)));
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    SECRET(key);
    struct sgs_chunk_chain chain;
    char region[200];
    memset(region, 'r', sizeof(region));
    struct sgs_scope longest = {SG_BYTES_LIT("20130524"), sg_bytes(region, 127 - strlen("20130524//s3/aws4_request"))};
    struct sgs_scope too_long = {SG_BYTES_LIT("20130524"), sg_bytes(region, longest.region.len + 1)};
    struct sg_bytes seed = sg_bytes_str(SEED);
    set_key(&key);
    ck_ok(sgs_chunk_chain_init(&chain, &key, date, &longest, seed));
    ck_assert_uint_eq(strlen(chain.scope), 127);
    ck_fails(sgs_chunk_chain_init(&chain, &key, date, &too_long, seed), LIMIT);
    ck_fails(sgs_chunk_chain_init(&chain, &key, SG_BYTES_LIT("20130524T000000"), &scope, seed), INVALID_ARGUMENT);
    ck_fails(sgs_chunk_chain_init(&chain, &key, SG_BYTES_LIT("20130524T000000ZZ"), &scope, seed), INVALID_ARGUMENT);
    ck_fails(sgs_chunk_chain_init(&chain, &key, date, &scope, sg_bytes_slice(seed, 0, 63)), INVALID_ARGUMENT);
    ck_fails(sgs_chunk_chain_init(&chain, &key, date, &scope, SG_BYTES_NONE), INVALID_ARGUMENT);
}
END_TEST

SG_TEST_MAIN("s3client/sigv4_chunk", TEST(the_published_chains_come_out),
             TEST(everything_that_a_chunk_belongs_to_is_signed), TEST(a_trailer_is_no_chunk),
             TEST(what_does_not_fit_is_refused))
