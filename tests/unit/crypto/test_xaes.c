/* Is XAES-256-GCM that of C2SP, also over ten thousand random messages, and does it refuse all else? */
#include "crypto/xaes.h"

#include "crypto/buf.h"
#include "crypto/codec.h"
#include "crypto/ct.h"

#include "support/alloc_fail.h"
#include "support/check_main.h"
#include "support/shake128.h"

#include "common/banned.h"

static void ck_hex(struct sg_bytes bytes, const char *expected)
{
    char text[128];
    sgc_hex_encode(bytes, text);
    ck_assert(sg_bytes_eq_str(sg_bytes(text, SGC_HEX_LEN(bytes.len)), expected));
}

/* https://c2sp.org/XAES-256-GCM, "Test vectors": L has its top bit clear in the first, set in the second. */
static const struct {
    uint8_t key_byte;
    const char *aad, *sealed;
} vectors[] = {
    {0x01, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
    {0x03, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
};

static const uint8_t nonce[] = "ABCDEFGHIJKLMNOPQRSTUVWX";

START_TEST(vectors_of_the_specification)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    uint8_t key_bytes[32], sealed[28], opened[12];
    memset(key_bytes, vectors[_i].key_byte, sizeof(key_bytes));
    ck_ok(sgc_secret_copy(&key, SG_BYTES_ARRAY(key_bytes)));
    ck_ok(sgc_xaes_seal(&key, nonce, sg_bytes_str(vectors[_i].aad), SG_BYTES_LIT("XAES-256-GCM"), sealed));
    ck_hex(SG_BYTES_ARRAY(sealed), vectors[_i].sealed);
    ck_ok(sgc_xaes_open(&key, nonce, sg_bytes_str(vectors[_i].aad), SG_BYTES_ARRAY(sealed), opened));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(opened), SG_BYTES_LIT("XAES-256-GCM")));
}
END_TEST

/* The stream that the accumulated vectors begin with is also the answer of FIPS 202 to the empty message. */
START_TEST(the_random_stream_of_the_vectors_is_right)
{
    struct sg_shake128 shake = {.at = 0};
    uint8_t out[16];
    sg_shake128_squeeze(&shake, out, sizeof(out));
    ck_hex(SG_BYTES_ARRAY(out), "7f9c2ba4e88f827d616045507605853e");
}
END_TEST

static struct sg_bytes draw(struct sg_shake128 *stream, uint8_t *out)
{
    uint8_t len;
    sg_shake128_squeeze(stream, &len, 1);
    sg_shake128_squeeze(stream, out, len);
    return sg_bytes(out, len);
}

/* https://c2sp.org/XAES-256-GCM, "Accumulated randomized tests". */
START_TEST(ten_thousand_random_messages)
{
    struct sg_shake128 stream = {.at = 0}, sum = {.at = 0};
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    uint8_t key_bytes[32], random_nonce[SGC_XAES_NONCE_LEN], plain[255], aad[255], sealed[271], opened[255];
    for (int i = 0; i < 10000; i++) {
        sg_shake128_squeeze(&stream, key_bytes, sizeof(key_bytes));
        sg_shake128_squeeze(&stream, random_nonce, sizeof(random_nonce));
        struct sg_bytes message = draw(&stream, plain), extra = draw(&stream, aad);
        ck_ok(sgc_secret_copy(&key, SG_BYTES_ARRAY(key_bytes)));
        ck_ok(sgc_xaes_seal(&key, random_nonce, extra, message, sealed));
        struct sg_bytes all = sg_bytes(sealed, message.len + SGC_AEAD_TAG_LEN);
        ck_ok(sgc_xaes_open(&key, random_nonce, extra, all, opened));
        ck_assert(sg_bytes_eq(sg_bytes(opened, message.len), message));
        sg_shake128_absorb(&sum, all);
    }
    uint8_t out[32];
    sg_shake128_squeeze(&sum, out, sizeof(out));
    ck_hex(SG_BYTES_ARRAY(out), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}
END_TEST

/* Each bit of key, nonce, additional data, ciphertext and tag. */
START_TEST(every_flipped_bit_is_refused)
{
    struct {
        uint8_t key[32], nonce[SGC_XAES_NONCE_LEN], aad[7], sealed[48];
    } m, original;
    uint8_t out[32];
    memset(&original, 0x42, sizeof(original));
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    ck_ok(sgc_secret_copy(&key, SG_BYTES_ARRAY(original.key)));
    ck_ok(sgc_xaes_seal(&key, original.nonce, SG_BYTES_ARRAY(original.aad),
                        SG_BYTES_LIT("0123456789abcdef0123456789abcdef"), original.sealed));
    for (size_t bit = 0; bit < sizeof(m) * 8; bit++) {
        m = original;
        ((uint8_t *)&m)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_ok(sgc_secret_copy(&key, SG_BYTES_ARRAY(m.key)));
        memset(out, 0xee, sizeof(out));
        ck_fails(sgc_xaes_open(&key, m.nonce, SG_BYTES_ARRAY(m.aad), SG_BYTES_ARRAY(m.sealed), out), TAG_MISMATCH);
        ck_assert(sgc_ct_is_zero(SG_BYTES_ARRAY(out)));
    }
}
END_TEST

START_TEST(truncations_are_refused)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    uint8_t sealed[48], out[32];
    ck_ok(sgc_secret_random(&key, 32));
    ck_ok(sgc_xaes_seal(&key, nonce, SG_BYTES_NONE, SG_BYTES_LIT("0123456789abcdef0123456789abcdef"), sealed));
    for (size_t len = 0; len < sizeof(sealed); len++)
        ck_fails(sgc_xaes_open(&key, nonce, SG_BYTES_NONE, sg_bytes(sealed, len), out), TAG_MISMATCH);
}
END_TEST

START_TEST(keys_of_another_length_are_refused_and_outputs_wiped)
{
    static const size_t lens[] = {1, 16, 24, 31, 33, 64, SGC_SECRET_MAX};
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    uint8_t out[20];
    ck_fails(sgc_xaes_seal(&key, nonce, SG_BYTES_NONE, SG_BYTES_LIT("abcd"), out), INTERNAL);
    for (size_t i = 0; i < SG_COUNT_OF(lens); i++) {
        ck_ok(sgc_secret_random(&key, lens[i]));
        memset(out, 0xee, sizeof(out));
        ck_fails(sgc_xaes_seal(&key, nonce, SG_BYTES_NONE, SG_BYTES_LIT("abcd"), out), CRYPTO);
        ck_assert(sgc_ct_is_zero(SG_BYTES_ARRAY(out)));
        memset(out, 0xee, sizeof(out));
        ck_fails(sgc_xaes_open(&key, nonce, SG_BYTES_NONE, SG_BYTES_ARRAY(out), out), CRYPTO);
        ck_assert(sgc_ct_is_zero(sg_bytes(out, 4)));
    }
}
END_TEST

static sg_err seal_one(void *ctx)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_TRY(sgc_secret_random(&key, 32));
    return sgc_xaes_seal(&key, nonce, SG_BYTES_NONE, SG_BYTES_LIT("abcd"), ctx);
}

START_TEST(sealing_fails_cleanly_when_slots_run_out)
{
    uint8_t out[20];
    ck_assert_uint_eq(sg_torture_slots(seal_one, out), 2);
}
END_TEST

SG_TEST_MAIN("crypto/xaes", TEST_LOOP(vectors_of_the_specification, SG_COUNT_OF(vectors)),
             TEST(the_random_stream_of_the_vectors_is_right), TEST(ten_thousand_random_messages),
             TEST(every_flipped_bit_is_refused), TEST(truncations_are_refused),
             TEST(keys_of_another_length_are_refused_and_outputs_wiped), TEST(sealing_fails_cleanly_when_slots_run_out))
