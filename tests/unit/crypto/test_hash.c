/* Are hashes and HMAC those of their standards, whole and in pieces? */
#include "crypto/hash.h"

#include "crypto/buf.h"
#include "crypto/codec.h"
#include "crypto/hmac.h"

#include "support/check_main.h"
#include "support/vectors.h"

#include "common/banned.h"

static void ck_hex(struct sg_bytes bytes, const char *expected)
{
    char text[SGC_HEX_LEN(SGC_HASH_MAX)];
    sgc_hex_encode(bytes, text);
    ck_assert_msg(sg_bytes_eq_str(sg_bytes(text, SGC_HEX_LEN(bytes.len)), expected), "%.*s, not %s",
                  (int)SGC_HEX_LEN(bytes.len), text, expected);
}

/* FIPS 180-4 examples, RFC 1321 appendix A.5. */
static const struct {
    enum sgc_hash_alg alg;
    const char *message, *digest;
} known[] = {
    {SGC_HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {SGC_HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {SGC_HASH_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {SGC_HASH_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {SGC_HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {SGC_HASH_SHA1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {SGC_HASH_SHA512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {SGC_HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
    {SGC_HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
    {SGC_HASH_MD5, "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
     "57edf4a22be3c955ac49da2e2107b67a"},
};

START_TEST(known_messages_have_their_digests)
{
    SG_CLEANUP(sgc_hash_clear) struct sgc_hash hash = SGC_HASH_NONE;
    uint8_t out[SGC_HASH_MAX];
    ck_ok(sgc_hash_init(&hash, known[_i].alg));
    ck_ok(sgc_hash_update(&hash, sg_bytes_str(known[_i].message)));
    ck_ok(sgc_hash_final(&hash, out));
    ck_hex(sg_bytes(out, sgc_hash_len(known[_i].alg)), known[_i].digest);
}
END_TEST

START_TEST(a_million_bytes_in_pieces)
{
    SG_CLEANUP(sgc_hash_clear) struct sgc_hash hash = SGC_HASH_NONE;
    uint8_t piece[997], out[SGC_SHA256_LEN];
    memset(piece, 'a', sizeof(piece));
    ck_ok(sgc_hash_init(&hash, SGC_HASH_SHA256));
    for (size_t done = 0, len; done < 1000000; done += len) {
        len = done % sizeof(piece) + 1 < 1000000 - done ? done % sizeof(piece) + 1 : 1000000 - done;
        ck_ok(sgc_hash_update(&hash, sg_bytes(piece, len)));
        ck_ok(sgc_hash_update(&hash, SG_BYTES_NONE));
    }
    ck_ok(sgc_hash_final(&hash, out));
    ck_hex(SG_BYTES_ARRAY(out), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

START_TEST(a_struct_serves_one_message_after_another)
{
    SG_CLEANUP(sgc_hash_clear) struct sgc_hash hash = SGC_HASH_NONE;
    uint8_t out[SGC_HASH_MAX];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < SG_COUNT_OF(known); i++) {
            ck_ok(sgc_hash_init(&hash, known[i].alg));
            ck_ok(sgc_hash_update(&hash, sg_bytes_str(known[i].message)));
            ck_ok(sgc_hash_final(&hash, out));
            ck_hex(sg_bytes(out, sgc_hash_len(known[i].alg)), known[i].digest);
        }
    }
}
END_TEST

START_TEST(init_in_the_middle_starts_anew)
{
    SG_CLEANUP(sgc_hash_clear) struct sgc_hash hash = SGC_HASH_NONE;
    uint8_t out[SGC_SHA256_LEN];
    ck_ok(sgc_hash_init(&hash, SGC_HASH_SHA256));
    ck_ok(sgc_hash_update(&hash, SG_BYTES_LIT("forgotten")));
    ck_ok(sgc_hash_init(&hash, SGC_HASH_SHA256));
    ck_ok(sgc_hash_update(&hash, SG_BYTES_LIT("abc")));
    ck_ok(sgc_hash_final(&hash, out));
    ck_hex(SG_BYTES_ARRAY(out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(out_of_order_use_is_refused)
{
    struct sgc_hash hash = SGC_HASH_NONE;
    uint8_t out[SGC_SHA256_LEN];
    ck_fails(sgc_hash_update(&hash, SG_BYTES_LIT("abc")), INTERNAL);
    ck_fails(sgc_hash_final(&hash, out), INTERNAL);
    ck_ok(sgc_hash_init(&hash, SGC_HASH_SHA256));
    ck_ok(sgc_hash_final(&hash, out));
    ck_fails(sgc_hash_final(&hash, out), INTERNAL);
    ck_fails(sgc_hash_update(&hash, SG_BYTES_LIT("abc")), INTERNAL);
    sgc_hash_clear(&hash);
    sgc_hash_clear(&hash);
    ck_fails(sgc_hash_final(&hash, out), INTERNAL);
}
END_TEST

START_TEST(wycheproof_hmacs_are_right)
{
    struct sg_vectors *vectors = sg_vectors_open("hmac_sha256_wycheproof/vectors.txt");
    size_t valid = 0, invalid = 0;
    while (sg_vectors_next(vectors)) {
        uint8_t out[SGC_SHA256_LEN];
        struct sg_bytes tag = sg_vectors_hex(vectors, "tag");
        bool is_valid = sg_bytes_eq_str(sg_vectors_text(vectors, "result"), "valid");
        ck_ok(sgc_hmac_sha256(sg_vectors_hex(vectors, "key"), sg_vectors_hex(vectors, "msg"), out));
        ck_assert_msg(sg_bytes_eq(SG_BYTES_ARRAY(out), tag) == is_valid, "vector %d",
                      (int)sg_vectors_u64(vectors, "id"));
        *(is_valid ? &valid : &invalid) += 1;
    }
    sg_vectors_close(vectors);
    ck_assert_uint_eq(valid, 33);
    ck_assert_uint_eq(invalid, 54);
}
END_TEST

/* RFC 4231, test cases 1, 2, 6: a short key, a key shorter than the hash, a key longer than a block. */
START_TEST(hmac_of_the_rfc)
{
    uint8_t key[131], out[SGC_SHA256_LEN];
    memset(key, 0x0b, 20);
    ck_ok(sgc_hmac_sha256(sg_bytes(key, 20), SG_BYTES_LIT("Hi There"), out));
    ck_hex(SG_BYTES_ARRAY(out), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    ck_ok(sgc_hmac_sha256(SG_BYTES_LIT("Jefe"), SG_BYTES_LIT("what do ya want for nothing?"), out));
    ck_hex(SG_BYTES_ARRAY(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    ck_ok(sgc_hmac_sha256(SG_BYTES_ARRAY(key), SG_BYTES_LIT("Test Using Larger Than Block-Size Key - Hash Key First"),
                          out));
    ck_hex(SG_BYTES_ARRAY(out), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(keys_around_the_block_size_agree_with_the_definition)
{
    uint8_t key[80], hashed[SGC_SHA256_LEN], a[SGC_SHA256_LEN], b[SGC_SHA256_LEN];
    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)(i + 1);
    for (size_t len = 65; len <= sizeof(key); len++) {
        ck_ok(sgc_sha256(sg_bytes(key, len), hashed));
        ck_ok(sgc_hmac_sha256(sg_bytes(key, len), SG_BYTES_LIT("x"), a));
        ck_ok(sgc_hmac_sha256(SG_BYTES_ARRAY(hashed), SG_BYTES_LIT("x"), b));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(a), SG_BYTES_ARRAY(b)));
    }
    /* A key that ends in zeros is the shorter key, up to the block: that is how HMAC is. */
    ck_ok(sgc_hmac_sha256(SG_BYTES_LIT("key"), SG_BYTES_LIT("x"), a));
    ck_ok(sgc_hmac_sha256(SG_BYTES_LIT("key\0\0"), SG_BYTES_LIT("x"), b));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(a), SG_BYTES_ARRAY(b)));
}
END_TEST

START_TEST(hmac_in_pieces_is_hmac)
{
    uint8_t message[200], whole[SGC_SHA256_LEN], pieces[SGC_SHA256_LEN];
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)(i * 3);
    ck_ok(sgc_hmac_sha256(SG_BYTES_LIT("key"), SG_BYTES_ARRAY(message), whole));
    for (size_t split = 0; split <= sizeof(message); split++) {
        SG_CLEANUP(sgc_hmac_clear) struct sgc_hmac hmac = SGC_HMAC_NONE;
        ck_ok(sgc_hmac_init(&hmac, SG_BYTES_LIT("key")));
        ck_ok(sgc_hmac_update(&hmac, sg_bytes(message, split)));
        ck_ok(sgc_hmac_update(&hmac, sg_bytes(message + split, sizeof(message) - split)));
        ck_ok(sgc_hmac_final(&hmac, pieces));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(whole), SG_BYTES_ARRAY(pieces)));
    }
}
END_TEST

SG_TEST_MAIN("crypto/hash", TEST_LOOP(known_messages_have_their_digests, SG_COUNT_OF(known)),
             TEST(a_million_bytes_in_pieces), TEST(a_struct_serves_one_message_after_another),
             TEST(init_in_the_middle_starts_anew), TEST(out_of_order_use_is_refused), TEST(wycheproof_hmacs_are_right),
             TEST(hmac_of_the_rfc), TEST(keys_around_the_block_size_agree_with_the_definition),
             TEST(hmac_in_pieces_is_hmac))
