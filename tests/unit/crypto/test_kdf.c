/* Is HKDF that of RFC 5869, for keys and for public bytes, up to its last byte? */
#include "crypto/kdf.h"

#include "crypto/buf.h"
#include "crypto/codec.h"

#include "support/alloc_fail.h"
#include "support/check_main.h"
#include "support/vectors.h"

#include "common/banned.h"

enum { OUTPUT_MAX = 255 * 32 };

static sg_err copy_out(void *ctx, struct sg_bytes secret)
{
    struct sgc_buf *buf = ctx;
    return sgc_buf_append(buf, secret);
}

static void ck_secret(const struct sgc_secret *secret, struct sg_bytes expected)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(SGC_SECRET_MAX);
    ck_ok(sgc_secret_use(secret, copy_out, &buf));
    ck_assert(sg_bytes_eq(sgc_buf_view(&buf), expected));
}

/* RFC 5869, A.1 to A.3: input, salt, info, PRK, output. */
static const struct {
    const char *input, *salt, *info, *prk, *okm;
} rfc[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
     "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f"
     "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
     "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
     "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

static struct sg_bytes unhex(const char *text, uint8_t *out)
{
    ck_ok(sgc_hex_decode(sg_bytes_str(text), out, strlen(text) / 2));
    return sg_bytes(out, strlen(text) / 2);
}

START_TEST(vectors_of_the_rfc)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret input = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret prk = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    uint8_t a[128], b[128], okm[128];
    ck_ok(sgc_secret_copy(&input, unhex(rfc[_i].input, a)));
    ck_ok(sgc_hkdf_extract(unhex(rfc[_i].salt, a), &input, &prk));
    ck_secret(&prk, unhex(rfc[_i].prk, b));
    struct sg_bytes info = unhex(rfc[_i].info, a), expected = unhex(rfc[_i].okm, b);
    ck_ok(sgc_hkdf_expand(&prk, info, expected.len, &key));
    ck_secret(&key, expected);
    ck_ok(sgc_hkdf_expand_public(&prk, info, okm, expected.len));
    ck_assert(sg_bytes_eq(sg_bytes(okm, expected.len), expected));
}
END_TEST

START_TEST(wycheproof_derivations_are_right)
{
    struct sg_vectors *vectors = sg_vectors_open("hkdf_sha256_wycheproof/vectors.txt");
    uint8_t out[OUTPUT_MAX];
    size_t valid = 0, invalid = 0;
    while (sg_vectors_next(vectors)) {
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret input = SGC_SECRET_NONE;
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret prk = SGC_SECRET_NONE;
        struct sg_bytes info = sg_vectors_hex(vectors, "info"), okm = sg_vectors_hex(vectors, "okm");
        size_t size = sg_vectors_u64(vectors, "size");
        ck_ok(sgc_secret_copy(&input, sg_vectors_hex(vectors, "ikm")));
        ck_ok(sgc_hkdf_extract(sg_vectors_hex(vectors, "salt"), &input, &prk));
        if (sg_bytes_eq_str(sg_vectors_text(vectors, "result"), "valid")) {
            ck_ok(sgc_hkdf_expand_public(&prk, info, out, size));
            ck_assert_msg(sg_bytes_eq(sg_bytes(out, size), okm), "vector %d", (int)sg_vectors_u64(vectors, "id"));
            valid++;
        } else {
            ck_fails(sgc_hkdf_expand_public(&prk, info, out, size), LIMIT);
            invalid++;
        }
    }
    sg_vectors_close(vectors);
    ck_assert_uint_eq(valid, 83);
    ck_assert_uint_eq(invalid, 3);
}
END_TEST

/* Every length is the beginning of the longest. */
START_TEST(shorter_outputs_are_prefixes)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret prk = SGC_SECRET_NONE;
    uint8_t longest[OUTPUT_MAX], out[OUTPUT_MAX + 1];
    ck_ok(sgc_secret_copy(&prk, SG_BYTES_LIT("0123456789abcdef0123456789abcdef")));
    ck_ok(sgc_hkdf_expand_public(&prk, SG_BYTES_LIT("info"), longest, sizeof(longest)));
    for (size_t len = 0; len <= 200; len++) {
        memset(out, 0xee, sizeof(out));
        ck_ok(sgc_hkdf_expand_public(&prk, SG_BYTES_LIT("info"), out, len));
        ck_assert(sg_bytes_eq(sg_bytes(out, len), sg_bytes(longest, len)));
        ck_assert_uint_eq(out[len], 0xee);
    }
    ck_fails(sgc_hkdf_expand_public(&prk, SG_BYTES_LIT("info"), out, OUTPUT_MAX + 1), LIMIT);
    ck_fails(sgc_hkdf_expand_public(&prk, SG_BYTES_LIT("info"), out, SIZE_MAX), LIMIT);
}
END_TEST

START_TEST(wrong_sizes_and_missing_keys_are_refused)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret prk = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret out = SGC_SECRET_NONE;
    uint8_t bytes[32];
    ck_fails(sgc_hkdf_extract(SG_BYTES_NONE, &prk, &out), INTERNAL);
    ck_fails(sgc_hkdf_expand(&prk, SG_BYTES_NONE, 32, &out), INTERNAL);
    ck_fails(sgc_hkdf_expand_public(&prk, SG_BYTES_NONE, bytes, 32), INTERNAL);
    ck_ok(sgc_secret_random(&prk, 32));
    ck_fails(sgc_hkdf_expand(&prk, SG_BYTES_NONE, 0, &out), LIMIT);
    ck_fails(sgc_hkdf_expand(&prk, SG_BYTES_NONE, SGC_SECRET_MAX + 1, &out), LIMIT);
    ck_assert(!sgc_secret_is_set(&out));
}
END_TEST

START_TEST(a_secret_may_be_replaced_by_what_is_derived_from_it)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret prk = SGC_SECRET_NONE;
    uint8_t expected[32];
    ck_ok(sgc_secret_copy(&prk, SG_BYTES_LIT("0123456789abcdef0123456789abcdef")));
    ck_ok(sgc_hkdf_expand_public(&prk, SG_BYTES_LIT("info"), expected, sizeof(expected)));
    ck_ok(sgc_hkdf_expand(&prk, SG_BYTES_LIT("info"), sizeof(expected), &prk));
    ck_secret(&prk, SG_BYTES_ARRAY(expected));
}
END_TEST

static sg_err derive_two(void *ctx)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret input = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret prk = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_UNUSED(ctx);
    SG_TRY(sgc_secret_random(&input, 32));
    SG_TRY(sgc_hkdf_extract(SG_BYTES_NONE, &input, &prk));
    return sgc_hkdf_expand(&prk, SG_BYTES_LIT("info"), 32, &key);
}

START_TEST(derivation_fails_cleanly_when_slots_run_out)
{
    ck_assert_uint_eq(sg_torture_slots(derive_two, NULL), 3);
}
END_TEST

SG_TEST_MAIN("crypto/kdf", TEST_LOOP(vectors_of_the_rfc, SG_COUNT_OF(rfc)), TEST(wycheproof_derivations_are_right),
             TEST(shorter_outputs_are_prefixes), TEST(wrong_sizes_and_missing_keys_are_refused),
             TEST(a_secret_may_be_replaced_by_what_is_derived_from_it),
             TEST(derivation_fails_cleanly_when_slots_run_out))
