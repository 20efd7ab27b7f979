/* Is AES-256-GCM that of the standard, in whole and in pieces, and does it release nothing that was tampered with? */
#include "crypto/aead.h"

#include "crypto/ct.h"

#include <sys/mman.h>
#include <unistd.h>

#include "support/check_main.h"
#include "support/vectors.h"

#include "common/banned.h"

static const uint8_t iv_one[SGC_AEAD_IV_LEN] = {1};

static void init_from(struct sgc_aead *aead, struct sg_bytes key)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    ck_ok(sgc_secret_copy(&secret, key));
    ck_ok(sgc_aead_init(aead, &secret));
}

static void init_fixed(struct sgc_aead *aead)
{
    init_from(aead, SG_BYTES_LIT("0123456789abcdef0123456789abcdef"));
}

static void fill(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 167 + i / 256);
}

START_TEST(wycheproof_messages_seal_and_open)
{
    struct sg_vectors *vectors = sg_vectors_open("aes_gcm_wycheproof/vectors.txt");
    size_t valid = 0, invalid = 0;
    while (sg_vectors_next(vectors)) {
        SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
        uint8_t sealed[1024], out[1024];
        struct sg_bytes iv = sg_vectors_hex(vectors, "iv"), aad = sg_vectors_hex(vectors, "aad");
        struct sg_bytes plain = sg_vectors_hex(vectors, "msg");
        struct sg_bytes ct = sg_vectors_hex(vectors, "ct"), tag = sg_vectors_hex(vectors, "tag");
        ck_assert_uint_eq(iv.len, SGC_AEAD_IV_LEN);
        memset(sealed, 0, sizeof(sealed));
        if (ct.len > 0)
            memcpy(sealed, ct.ptr, ct.len);
        memcpy(sealed + ct.len, tag.ptr, tag.len);
        struct sg_bytes all = sg_bytes(sealed, ct.len + tag.len);
        init_from(&aead, sg_vectors_hex(vectors, "key"));
        if (sg_bytes_eq_str(sg_vectors_text(vectors, "result"), "valid")) {
            ck_ok(sgc_aead_seal(&aead, iv.ptr, aad, plain, out));
            ck_assert(sg_bytes_eq(sg_bytes(out, all.len), all));
            ck_ok(sgc_aead_open(&aead, iv.ptr, aad, all, out));
            ck_assert(sg_bytes_eq(sg_bytes(out, plain.len), plain));
            valid++;
        } else {
            memset(out, 0xee, sizeof(out));
            ck_fails(sgc_aead_open(&aead, iv.ptr, aad, all, out), TAG_MISMATCH);
            ck_assert(sgc_ct_is_zero(sg_bytes(out, plain.len)));
            invalid++;
        }
    }
    sg_vectors_close(vectors);
    ck_assert_uint_eq(valid, 39);
    ck_assert_uint_eq(invalid, 27);
}
END_TEST

START_TEST(pieces_of_any_size_give_the_same)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t plain[300], whole[316], pieces[316], opened[300];
    fill(plain, sizeof(plain));
    init_fixed(&aead);
    ck_ok(sgc_aead_seal(&aead, iv_one, SG_BYTES_LIT("aad"), SG_BYTES_ARRAY(plain), whole));
    for (size_t size = 1; size <= sizeof(plain); size++) {
        ck_ok(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_LIT("aad")));
        for (size_t at = 0; at < sizeof(plain); at += size)
            ck_ok(sgc_aead_seal_update(&aead, sg_bytes_slice(SG_BYTES_ARRAY(plain), at, size), pieces + at));
        ck_ok(sgc_aead_seal_end(&aead, pieces + sizeof(plain)));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(pieces), SG_BYTES_ARRAY(whole)));

        ck_ok(sgc_aead_open_begin(&aead, iv_one, SG_BYTES_LIT("aad")));
        ck_ok(sgc_aead_open_update(&aead, SG_BYTES_NONE, opened));
        for (size_t at = 0; at < sizeof(plain); at += size)
            ck_ok(sgc_aead_open_update(&aead, sg_bytes_slice(sg_bytes(whole, sizeof(plain)), at, size), opened + at));
        ck_ok(sgc_aead_open_end(&aead, whole + sizeof(plain)));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(opened), SG_BYTES_ARRAY(plain)));
    }
}
END_TEST

START_TEST(input_and_output_may_be_the_same_place)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t plain[1000], apart[1016], place[1016];
    fill(plain, sizeof(plain));
    memcpy(place, plain, sizeof(plain));
    init_fixed(&aead);
    ck_ok(sgc_aead_seal(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_ARRAY(plain), apart));
    ck_ok(sgc_aead_seal(&aead, iv_one, SG_BYTES_NONE, sg_bytes(place, sizeof(plain)), place));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(place), SG_BYTES_ARRAY(apart)));
    ck_ok(sgc_aead_open(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_ARRAY(place), place));
    ck_assert(sg_bytes_eq(sg_bytes(place, sizeof(plain)), SG_BYTES_ARRAY(plain)));
}
END_TEST

START_TEST(an_empty_message_has_a_tag)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t tag[SGC_AEAD_TAG_LEN], out[1];
    init_fixed(&aead);
    ck_ok(sgc_aead_seal(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_NONE, tag));
    ck_assert(!sgc_ct_is_zero(SG_BYTES_ARRAY(tag)));
    ck_ok(sgc_aead_open(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_ARRAY(tag), out));
    ck_fails(sgc_aead_open(&aead, iv_one, SG_BYTES_LIT("x"), SG_BYTES_ARRAY(tag), out), TAG_MISMATCH);
}
END_TEST

/* Each bit of ciphertext, tag, additional data, IV and key; the next message opens again. */
START_TEST(every_flipped_bit_is_refused)
{
    static const uint8_t original_key[] = "0123456789abcdef0123456789abcdef";
    struct {
        uint8_t key[32], iv[12], aad[5], sealed[37];
    } m, original;
    uint8_t plain[21], out[21];
    fill((uint8_t *)&original, sizeof(original));
    fill(plain, sizeof(plain));
    memcpy(original.key, original_key, 32);
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    init_fixed(&aead);
    ck_ok(sgc_aead_seal(&aead, original.iv, SG_BYTES_ARRAY(original.aad), SG_BYTES_ARRAY(plain), original.sealed));
    for (size_t bit = 0; bit < sizeof(m) * 8; bit++) {
        SG_CLEANUP(sgc_aead_clear) struct sgc_aead other = SGC_AEAD_NONE;
        m = original;
        ((uint8_t *)&m)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        init_from(&other, SG_BYTES_ARRAY(m.key));
        memset(out, 0xee, sizeof(out));
        ck_fails(sgc_aead_open(&other, m.iv, SG_BYTES_ARRAY(m.aad), SG_BYTES_ARRAY(m.sealed), out), TAG_MISMATCH);
        ck_assert(sgc_ct_is_zero(SG_BYTES_ARRAY(out)));
        ck_ok(sgc_aead_open(&aead, original.iv, SG_BYTES_ARRAY(original.aad), SG_BYTES_ARRAY(original.sealed), out));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(out), SG_BYTES_ARRAY(plain)));
    }
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t plain[40], sealed[56], out[40];
    fill(plain, sizeof(plain));
    init_fixed(&aead);
    ck_ok(sgc_aead_seal(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_ARRAY(plain), sealed));
    for (size_t len = 0; len < sizeof(sealed); len++) {
        ck_fails(sgc_aead_open(&aead, iv_one, SG_BYTES_NONE, sg_bytes(sealed, len), out), TAG_MISMATCH);
        ck_fails(sgc_aead_open(&aead, iv_one, SG_BYTES_NONE, sg_bytes(sealed + len, sizeof(sealed) - len - 1), out),
                 TAG_MISMATCH);
    }
}
END_TEST

START_TEST(a_failed_opening_does_not_touch_the_next)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t plain[50], sealed[66], again[66], out[50];
    fill(plain, sizeof(plain));
    init_fixed(&aead);
    ck_ok(sgc_aead_seal(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_ARRAY(plain), sealed));
    ck_fails(sgc_aead_open(&aead, iv_one, SG_BYTES_LIT("x"), SG_BYTES_ARRAY(sealed), out), TAG_MISMATCH);
    ck_ok(sgc_aead_seal(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_ARRAY(plain), again));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(sealed), SG_BYTES_ARRAY(again)));
    /* A message that was broken off leaves nothing behind either. */
    ck_ok(sgc_aead_open_begin(&aead, iv_one, SG_BYTES_LIT("y")));
    ck_ok(sgc_aead_open_update(&aead, sg_bytes(sealed, 20), out));
    ck_ok(sgc_aead_open(&aead, iv_one, SG_BYTES_NONE, SG_BYTES_ARRAY(sealed), out));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(out), SG_BYTES_ARRAY(plain)));
}
END_TEST

START_TEST(out_of_order_use_is_refused)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t out[32], tag[SGC_AEAD_TAG_LEN] = {0};
    ck_fails(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE), INTERNAL);
    ck_fails(sgc_aead_seal_update(&aead, SG_BYTES_LIT("x"), out), INTERNAL);
    ck_fails(sgc_aead_seal_end(&aead, tag), INTERNAL);
    ck_fails(sgc_aead_open_begin(&aead, iv_one, SG_BYTES_NONE), INTERNAL);
    ck_fails(sgc_aead_open_update(&aead, SG_BYTES_LIT("x"), out), INTERNAL);
    ck_fails(sgc_aead_open_end(&aead, tag), INTERNAL);
    init_fixed(&aead);
    ck_fails(sgc_aead_seal_update(&aead, SG_BYTES_LIT("x"), out), INTERNAL);
    ck_fails(sgc_aead_seal_end(&aead, tag), INTERNAL);
    ck_fails(sgc_aead_open_update(&aead, SG_BYTES_LIT("x"), out), INTERNAL);
    ck_fails(sgc_aead_open_end(&aead, tag), INTERNAL);
    ck_ok(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE));
    ck_fails(sgc_aead_open_update(&aead, SG_BYTES_LIT("x"), out), INTERNAL);
    ck_fails(sgc_aead_open_end(&aead, tag), INTERNAL);
    ck_ok(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE));
    ck_ok(sgc_aead_seal_end(&aead, tag));
    /* The same IV must not encrypt a second time without begin(). */
    ck_fails(sgc_aead_seal_update(&aead, SG_BYTES_LIT("x"), out), INTERNAL);
    ck_fails(sgc_aead_seal_end(&aead, tag), INTERNAL);
    ck_ok(sgc_aead_open_begin(&aead, iv_one, SG_BYTES_NONE));
    ck_fails(sgc_aead_seal_update(&aead, SG_BYTES_LIT("x"), out), INTERNAL);
    ck_fails(sgc_aead_seal_end(&aead, tag), INTERNAL);
    sgc_aead_clear(&aead);
    sgc_aead_clear(&aead);
    ck_fails(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE), INTERNAL);
}
END_TEST

START_TEST(keys_of_another_length_are_refused)
{
    static const size_t lens[] = {1, 16, 24, 31, 33, 64, SGC_SECRET_MAX};
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    ck_fails(sgc_aead_init(&aead, &key), INTERNAL);
    for (size_t i = 0; i < SG_COUNT_OF(lens); i++) {
        ck_ok(sgc_secret_random(&key, lens[i]));
        ck_fails(sgc_aead_init(&aead, &key), CRYPTO);
        ck_fails(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE), INTERNAL);
    }
    /* A good key after a bad one, and a second good one over the first. */
    init_fixed(&aead);
    init_fixed(&aead);
    ck_ok(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE));
}
END_TEST

/* Memory of `len` bytes that is the same `real` bytes again and again. */
static uint8_t *map_repeated(size_t len, size_t real)
{
    int fd = memfd_create("repeated", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, (off_t)real), 0);
    uint8_t *base = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(base, MAP_FAILED);
    for (size_t at = 0; at < len; at += real) {
        void *here = mmap(base + at, real, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
        ck_assert_ptr_ne(here, MAP_FAILED);
    }
    (void)close(fd);
    return base;
}

/* The library counts in int. */
START_TEST(more_bytes_than_an_int_counts_go_in_at_once)
{
    const size_t real = 64 << 20, room = 33 * real, len = (1ULL << 31) + 5;
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t *plain = mmap(NULL, room, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint8_t *out = map_repeated(room, real);
    uint8_t at_once[SGC_AEAD_TAG_LEN], in_pieces[SGC_AEAD_TAG_LEN], end_at_once[5];
    ck_assert_ptr_ne(plain, MAP_FAILED);
    init_fixed(&aead);
    ck_ok(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE));
    ck_ok(sgc_aead_seal_update(&aead, sg_bytes(plain, len), out));
    ck_ok(sgc_aead_seal_end(&aead, at_once));
    memcpy(end_at_once, out + len - 5, 5);

    ck_ok(sgc_aead_seal_begin(&aead, iv_one, SG_BYTES_NONE));
    for (size_t at = 0; at < len; at += real)
        ck_ok(sgc_aead_seal_update(&aead, sg_bytes_slice(sg_bytes(plain, len), at, real), out));
    ck_ok(sgc_aead_seal_end(&aead, in_pieces));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(at_once), SG_BYTES_ARRAY(in_pieces)));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(end_at_once), sg_bytes(out, 5)));
    (void)munmap(plain, room);
    (void)munmap(out, room);
}
END_TEST

SG_TEST_MAIN("crypto/aead", TEST(wycheproof_messages_seal_and_open), TEST(pieces_of_any_size_give_the_same),
             TEST(input_and_output_may_be_the_same_place), TEST(an_empty_message_has_a_tag),
             TEST(every_flipped_bit_is_refused), TEST(every_truncation_is_refused),
             TEST(a_failed_opening_does_not_touch_the_next), TEST(out_of_order_use_is_refused),
             TEST(keys_of_another_length_are_refused), TEST(more_bytes_than_an_int_counts_go_in_at_once))
