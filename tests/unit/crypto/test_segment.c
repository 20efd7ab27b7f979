/* Question: does a reader get the plaintext of a sealed part, all of it, in order, from one attempt - or an error? */
#include "crypto/segment.h"

#include "crypto/buf.h"
#include "crypto/hash.h"

#include "support/crypto_samples.h"
#include "support/det_rand.h"
#include "support/vectors.h"

#include "common/banned.h"

#define S         SGC_SEGMENT_PLAIN
#define SEALED    SGC_SEGMENT_SEALED
#define PLAIN_MAX (5 * S)

/* Room for the largest part of these tests, as plaintext, sealed, and opened again. */
static uint8_t plain[PLAIN_MAX], sealed[6 * SEALED], mixed[8 * SEALED], opened[8 * SEALED];

static struct sgc_sealer new_sealer(const struct sgc_object_keys *keys, uint32_t part)
{
    struct sgc_sealer s = SGC_SEALER_NONE;
    ck_ok(sgc_sealer_init(&s, keys, part));
    return s;
}

static struct sgc_opener new_opener(const struct sgc_object_keys *keys, uint32_t part, uint64_t first, uint32_t pin)
{
    struct sgc_opener o = SGC_OPENER_NONE;
    ck_ok(sgc_opener_init(&o, keys, part, first, pin));
    return o;
}

/* Seals `len` bytes of the pattern as part `part` into `sealed`; returns the view of it. */
static struct sg_bytes seal_pattern(const struct sgc_object_keys *keys, uint32_t part, size_t len)
{
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = new_sealer(keys, part);
    sample_pattern(plain, len);
    ck_ok(sample_seal_part(&s, sg_bytes(plain, len), sealed));
    return sg_bytes(sealed, sgc_layout_body_sealed(len));
}

static sg_err open_whole(const struct sgc_object_keys *keys, uint32_t part, uint32_t pin, struct sg_bytes bytes)
{
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = SGC_OPENER_NONE;
    SG_TRY(sgc_opener_init(&o, keys, part, 0, pin));
    return sample_open_part(&o, bytes, opened);
}

/* --- positive --- */

START_TEST(parts_are_sealed_as_another_program_seals_them) /* FMT-31, FMT-32, FMT-34 */
{
    struct sg_vectors *v = sg_vectors_open("format/segments.txt");
    int count = 0;
    while (sg_vectors_next(v)) {
        SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys_of(sg_vectors_hex(v, "dek"));
        uint32_t part = (uint32_t)sg_vectors_u64(v, "part");
        size_t len = (size_t)sg_vectors_u64(v, "plain");
        struct sg_bytes iv0 = sg_vectors_hex(v, "iv0");
        uint32_t pin = (uint32_t)iv0.ptr[0] << 24 | (uint32_t)iv0.ptr[1] << 16 | (uint32_t)iv0.ptr[2] << 8 | iv0.ptr[3];
        uint8_t digest[SGC_SHA256_LEN];
        sg_det_rand_script(iv0);
        struct sg_bytes got = seal_pattern(&keys, part, len);
        ck_assert_uint_eq(got.len, sg_vectors_u64(v, "sealed_len"));
        ck_ok(sgc_sha256(got, digest));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(digest), sg_vectors_hex(v, "sealed_sha256")));
        if (sg_vectors_has(v, "sealed"))
            ck_assert(sg_bytes_eq(got, sg_vectors_hex(v, "sealed")));
        ck_ok(open_whole(&keys, part, pin, got));
        ck_assert(sg_bytes_eq(sg_bytes(opened, len), sg_bytes(plain, len)));
        count++;
    }
    sg_vectors_close(v);
    ck_assert_int_ge(count, 9);
}
END_TEST

static const size_t piece_lens[] = {1, 7, 16, 4095, 65535, 65536};

START_TEST(pieces_of_any_size_give_the_same_segment)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = SGC_SEALER_NONE;
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 1, 0, 0);
    size_t len = S, step = piece_lens[_i];
    uint8_t *out = opened;

    sg_det_rand_seed(7);
    struct sg_bytes whole = seal_pattern(&keys, 1, len);
    sg_det_rand_seed(7);
    s = new_sealer(&keys, 1);
    ck_ok(sgc_sealer_begin(&s, true, out));
    for (size_t at = 0; at < len; at += step)
        ck_ok(sgc_sealer_update(&s, sg_bytes_slice(sg_bytes(plain, len), at, step), out + SGC_AEAD_IV_LEN + at));
    ck_ok(sgc_sealer_update(&s, SG_BYTES_NONE, out));
    ck_ok(sgc_sealer_end(&s, out + SGC_AEAD_IV_LEN + len));
    ck_assert(sg_bytes_eq(sg_bytes(out, whole.len), whole));

    /* Opened in place, which the segment buffers of the gateway do. */
    ck_ok(sgc_opener_begin(&o, true, out));
    for (size_t at = 0; at < len; at += step) {
        struct sg_bytes piece = sg_bytes_slice(sg_bytes(out + SGC_AEAD_IV_LEN, len), at, step);
        ck_ok(sgc_opener_update(&o, piece, out + SGC_AEAD_IV_LEN + at));
    }
    ck_ok(sgc_opener_end(&o, out + SGC_AEAD_IV_LEN + len));
    ck_assert(sg_bytes_eq(sg_bytes(out + SGC_AEAD_IV_LEN, len), sg_bytes(plain, len)));
}
END_TEST

START_TEST(a_reader_may_begin_at_any_segment) /* FMT-7 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    struct sg_bytes part = seal_pattern(&keys, 4, 3 * S + 9);
    uint32_t pin = (uint32_t)sealed[0] << 24 | (uint32_t)sealed[1] << 16 | (uint32_t)sealed[2] << 8 | sealed[3];
    for (uint64_t first = 0; first < 4; first++) {
        SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 4, first, pin);
        ck_ok(sample_open_part(&o, sg_bytes_skip(part, first * SEALED), opened));
        ck_assert(
            sg_bytes_eq(sg_bytes(opened, 3 * S + 9 - first * S), sg_bytes_skip(sg_bytes(plain, 3 * S + 9), first * S)));
    }
}
END_TEST

/* IV_0 such that the number runs over at 32, 64 and 96 bits within the part. */
static const struct {
    uint8_t iv0[12];
    uint32_t pin;
} wraps[] = {
    {{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 254}, 0xffffffff},
    {{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, 0xffffffff},
    {{1, 2, 3, 4, 255, 255, 255, 255, 255, 255, 255, 254}, 0x01020304},
    {{0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}, 0}, /* its pin pins nothing */
    {{1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 253}, 0x01020304},
    {{255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0}, 0xffffffff},
};

START_TEST(ivs_run_on_over_every_carry) /* FMT-32, FMT-33 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(2);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = SGC_SEALER_NONE;
    sg_det_rand_script(SG_BYTES_ARRAY(wraps[_i].iv0));
    s = new_sealer(&keys, 1);
    ck_assert_uint_eq(sgc_sealer_pin(&s), wraps[_i].pin);
    sample_pattern(plain, PLAIN_MAX);
    ck_ok(sample_seal_part(&s, sg_bytes(plain, 4 * S), sealed));
    uint64_t low = 0;
    for (size_t b = 4; b < 12; b++)
        low = low << 8 | wraps[_i].iv0[b];
    for (uint64_t i = 0; i < 4; i++) {
        struct sg_cursor c = sg_cursor(sg_bytes(sealed + i * SEALED, 12));
        uint32_t head;
        uint64_t tail;
        ck_assert(sg_cursor_u32be(&c, &head) && sg_cursor_u64be(&c, &tail));
        ck_assert_uint_eq(tail, low + i);
        ck_assert_uint_eq(head, (uint32_t)(wraps[_i].pin + (low + i < low ? 1 : 0)));
        SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 1, i, wraps[_i].pin);
        ck_ok(sample_open_part(&o, sg_bytes(sealed + i * SEALED, (4 - i) * SEALED), opened));
    }
}
END_TEST

/* Far into a part, where IV_0 + i has carried out of its low 64 bits or not. */
static const struct {
    uint64_t index, low;
    uint32_t head, pin;
} far[] = {
    {1ULL << 40, (1ULL << 40) - 1, 0x01020304, 0x01020303},
    {1ULL << 40, 1ULL << 40, 0x01020304, 0x01020304},
    {(1ULL << 40) + 1, 1ULL << 40, 0, UINT32_MAX},
    {1ULL << 32, (1ULL << 32) + 1, 7, 7},
    {1ULL << 32, (1ULL << 32) - 1, 7, 6},
    {UINT64_MAX, UINT64_MAX, 9, 9},
    {UINT64_MAX, 0, 9, 8},
    {3, 1ULL << 63, 9, 9},
};

START_TEST(a_pin_is_reckoned_back_from_any_segment) /* FMT-33 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(2);
    for (uint32_t off = 0; off < 3; off++) {
        SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = new_sealer(&keys, 1);
        SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 1, far[_i].index, far[_i].pin + off - 1);
        s.index = far[_i].index;
        for (size_t b = 0; b < 12; b++)
            s.iv[b] = (uint8_t)(b < 4 ? far[_i].head >> (24 - 8 * b) : far[_i].low >> (88 - 8 * b));
        ck_ok(sample_seal_segment(&s, sg_bytes(plain, 5), true, sealed));
        sg_err err = sample_open_segment(&o, sg_bytes(sealed, 5 + SGC_SEGMENT_EXTRA), true, opened);
        bool pinned = off != 1 && far[_i].pin + off - 1 != 0;
        ck_assert(pinned ? sg_is(err, TAG_MISMATCH) : sg_is_ok(err));
    }
}
END_TEST

START_TEST(each_sealer_draws_its_own_ivs)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(2);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer a = new_sealer(&keys, 1);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer b = new_sealer(&keys, 1);
    ck_assert(!sg_bytes_eq(SG_BYTES_ARRAY(a.iv), SG_BYTES_ARRAY(b.iv)));
}
END_TEST

/* --- what a reader must refuse --- */

START_TEST(every_single_bit_matters)
{
    enum { LEN = 40 };
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(3);
    struct sg_bytes part = seal_pattern(&keys, 0, LEN);
    for (size_t bit = 0; bit < part.len * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        ck_fails(open_whole(&keys, 0, 0, part), TAG_MISMATCH);
        sealed[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    ck_ok(open_whole(&keys, 0, 0, part));
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(3);
    struct sg_bytes part = seal_pattern(&keys, 0, 40);
    for (size_t len = 1; len < part.len; len++)
        ck_fails(open_whole(&keys, 0, 0, sg_bytes_slice(part, 0, len)), TAG_MISMATCH);
    part = seal_pattern(&keys, 0, 2 * S + 5);
    static const size_t lens[] = {SEALED,      2 * SEALED,  2 * SEALED - 1, SEALED + 1,
                                  SEALED + 28, SEALED + 29, 2 * SEALED + 28};
    for (size_t i = 0; i < SG_COUNT_OF(lens); i++)
        ck_fails(open_whole(&keys, 0, 0, sg_bytes_slice(part, 0, lens[i])), TAG_MISMATCH);
    ck_fails(open_whole(&keys, 0, 0, sg_bytes(sealed, part.len + 1)), TAG_MISMATCH);
}
END_TEST

/* Three full segments and a short one, rearranged; the digits are the segments in their new order. */
static const char *const orders[] = {"1",    "01",      "12", "012", "023",   "013",   "123",  "0213", "1023",
                                     "0012", "0123301", "3",  "03",  "01233", "00123", "3210", "0132"};

START_TEST(segments_dropped_swapped_or_repeated_are_refused)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(4);
    struct sg_bytes part = seal_pattern(&keys, 0, 3 * S + 100);
    size_t len = 0;
    for (const char *digit = orders[_i]; *digit != '\0'; digit++) {
        struct sg_bytes segment = sg_bytes_slice(part, (size_t)(*digit - '0') * SEALED, SEALED);
        memcpy(mixed + len, segment.ptr, segment.len);
        len += segment.len;
    }
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 0, 0, 0);
    ck_fails(sample_open_part(&o, sg_bytes(mixed, len), opened), TAG_MISMATCH);
}
END_TEST

/* What the reader believes: part, first index, whether the segment is the last, and a pin that is off by `pin_off`. */
static const struct {
    const char *what;
    uint32_t part;
    uint64_t index;
    bool last;
    uint32_t pin_off;
    bool good;
} beliefs[] = {
    {"right", 6, 0, true, 0, true},
    {"another part", 7, 0, true, 0, false},
    {"part 0", 0, 0, true, 0, false},
    {"part with another high byte", 6 + (1u << 24), 0, true, 0, false},
    {"not the last", 6, 0, false, 0, false},
    {"index 1", 6, 1, true, 0, false},
    {"index 2^32", 6, 1ULL << 32, true, 0, false},
    {"index 2^63", 6, 1ULL << 63, true, 0, false},
    {"index 2^64 - 1", 6, UINT64_MAX, true, 0, false},
    {"pin one more", 6, 0, true, 1, false},
    {"pin one less", 6, 0, true, UINT32_MAX, false},
    {"pin with another high bit", 6, 0, true, 1u << 31, false},
};

START_TEST(a_segment_opens_only_where_it_was_sealed) /* FMT-31, FMT-33 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(5);
    sg_det_rand_seed(3);
    struct sg_bytes part = seal_pattern(&keys, 6, 77);
    uint32_t pin = (uint32_t)sealed[0] << 24 | (uint32_t)sealed[1] << 16 | (uint32_t)sealed[2] << 8 | sealed[3];
    SG_CLEANUP(sgc_opener_clear)
    struct sgc_opener o = new_opener(&keys, beliefs[_i].part, beliefs[_i].index, pin + beliefs[_i].pin_off);
    sg_err err = sample_open_segment(&o, part, beliefs[_i].last, opened);
    ck_assert_msg(beliefs[_i].good ? sg_is_ok(err) : sg_is(err, TAG_MISMATCH), "%s", beliefs[_i].what);
}
END_TEST

START_TEST(keys_of_another_object_open_nothing)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(5);
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys others = sample_keys(6);
    struct sg_bytes part = seal_pattern(&keys, 6, 77);
    ck_fails(open_whole(&others, 6, 0, part), TAG_MISMATCH);
}
END_TEST

/* A part of 3 segments uploaded twice; segment `from` of the second attempt takes the place of the first one's. */
START_TEST(segments_of_two_attempts_do_not_mix) /* FMT-33 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(7);
    struct sg_bytes part = seal_pattern(&keys, 2, 3 * S);
    memcpy(mixed, part.ptr, part.len);
    uint32_t pin = (uint32_t)mixed[0] << 24 | (uint32_t)mixed[1] << 16 | (uint32_t)mixed[2] << 8 | mixed[3];
    (void)seal_pattern(&keys, 2, 3 * S);
    memcpy(mixed + (size_t)_i * SEALED, sealed + (size_t)_i * SEALED, SEALED);
    ck_fails(open_whole(&keys, 2, 0, sg_bytes(mixed, 3 * SEALED)), TAG_MISMATCH);
    /* Alone it opens, as every segment of the part; with the pin it does not. */
    for (uint32_t use_pin = 0; use_pin < 2; use_pin++) {
        SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 2, (uint64_t)_i, use_pin ? pin : 0);
        struct sg_bytes segment = sg_bytes(mixed + (size_t)_i * SEALED, SEALED);
        sg_err err = sample_open_segment(&o, segment, _i == 2, opened);
        ck_assert(use_pin ? sg_is(err, TAG_MISMATCH) : sg_is_ok(err));
    }
}
END_TEST

START_TEST(ivs_must_run_on_even_where_segments_authenticate) /* FMT-33 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(8);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = new_sealer(&keys, 1);
    sample_pattern(plain, 2 * S);
    ck_ok(sample_seal_segment(&s, sg_bytes(plain, S), false, sealed));
    s.iv[11] ^= 1; /* a writer that jumps */
    ck_ok(sample_seal_segment(&s, sg_bytes(plain + S, S), true, sealed + SEALED));
    ck_fails(open_whole(&keys, 1, 0, sg_bytes(sealed, 2 * SEALED)), TAG_MISMATCH);
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 1, 1, 0);
    ck_ok(sample_open_segment(&o, sg_bytes(sealed + SEALED, SEALED), true, opened));
}
END_TEST

/* --- lengths and order of calls --- */

static const struct {
    size_t len;
    bool last, good;
} seal_lens[] = {
    {0, true, false},  {1, true, true},   {S - 1, true, true},   {S, true, true},  {S + 1, true, false},
    {0, false, false}, {1, false, false}, {S - 1, false, false}, {S, false, true}, {S + 1, false, false},
};

START_TEST(only_full_segments_and_a_last_one_are_sealed) /* FMT-34 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(9);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = new_sealer(&keys, 0);
    sg_err err = sample_seal_segment(&s, sg_bytes(plain, seal_lens[_i].len), seal_lens[_i].last, sealed);
    ck_assert(seal_lens[_i].good ? sg_is_ok(err) : sg_is(err, INTERNAL));
    bool goes_on = seal_lens[_i].good && !seal_lens[_i].last;
    err = sgc_sealer_begin(&s, true, sealed);
    ck_assert(goes_on ? sg_is_ok(err) : sg_is(err, INTERNAL));
}
END_TEST

/* A segment that no writer of ours makes, but that authenticates. */
static struct sg_bytes seal_odd(const struct sgc_object_keys *keys, size_t len, bool last)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t aad[20] = {0, 0, 0, 3, 's', 'e', 'g', [19] = last};
    memset(sealed, 0, SGC_AEAD_IV_LEN);
    ck_ok(sgc_object_keys_derive(keys, SGC_KEY_CONTENT, &key));
    ck_ok(sgc_aead_init(&aead, &key));
    ck_ok(sgc_aead_seal(&aead, sealed, SG_BYTES_ARRAY(aad), sg_bytes(plain, len), sealed + SGC_AEAD_IV_LEN));
    return sg_bytes(sealed, len + SGC_SEGMENT_EXTRA);
}

START_TEST(only_full_segments_and_a_last_one_are_opened) /* FMT-34 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(9);
    struct sg_bytes segment = seal_odd(&keys, seal_lens[_i].len, seal_lens[_i].last);
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 0, 0, 0);
    sg_err err = sample_open_segment(&o, segment, seal_lens[_i].last, opened);
    ck_assert(seal_lens[_i].good ? sg_is_ok(err) : sg_is(err, TAG_MISMATCH));
    bool goes_on = seal_lens[_i].good && !seal_lens[_i].last;
    uint8_t next_iv[12] = {[11] = 1};
    err = sgc_opener_begin(&o, true, next_iv);
    ck_assert(goes_on ? sg_is_ok(err) : sg_is(err, INTERNAL));
}
END_TEST

START_TEST(no_byte_is_taken_beyond_a_full_segment) /* FMT-34 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(9);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = new_sealer(&keys, 0);
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 0, 0, 0);
    uint8_t iv[12], byte = 0x77;
    ck_ok(sgc_sealer_begin(&s, true, iv));
    ck_ok(sgc_sealer_update(&s, sg_bytes(plain, S), sealed));
    ck_fails(sgc_sealer_update(&s, sg_bytes(plain, 1), &byte), INTERNAL);
    ck_ok(sgc_opener_begin(&o, true, iv));
    ck_ok(sgc_opener_update(&o, sg_bytes(sealed, S), opened));
    ck_fails(sgc_opener_update(&o, sg_bytes(sealed, 1), &byte), TAG_MISMATCH);
    ck_assert_uint_eq(byte, 0x77);
}
END_TEST

START_TEST(calls_out_of_order_are_refused)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(9);
    struct sgc_sealer s = SGC_SEALER_NONE;
    struct sgc_opener o = SGC_OPENER_NONE;
    uint8_t out[64] = {0};
    ck_fails(sgc_sealer_begin(&s, true, out), INTERNAL);
    ck_fails(sgc_opener_begin(&o, true, out), INTERNAL);
    s = new_sealer(&keys, 0);
    ck_fails(sgc_sealer_update(&s, sg_bytes(plain, 1), out), INTERNAL);
    ck_fails(sgc_sealer_end(&s, out), INTERNAL);
    ck_ok(sgc_sealer_begin(&s, true, out));
    ck_fails(sgc_sealer_begin(&s, true, out), INTERNAL);
    o = new_opener(&keys, 0, 0, 0);
    ck_fails(sgc_opener_update(&o, sg_bytes(plain, 1), out), INTERNAL);
    ck_fails(sgc_opener_end(&o, out), INTERNAL);
    ck_ok(sgc_opener_begin(&o, true, out));
    ck_fails(sgc_opener_begin(&o, true, out), INTERNAL);
    sgc_sealer_clear(&s);
    sgc_sealer_clear(&s);
    sgc_opener_clear(&o);
    sgc_opener_clear(&o);
    ck_fails(sgc_sealer_update(&s, sg_bytes(plain, 1), out), INTERNAL);
    ck_fails(sgc_opener_end(&o, out), INTERNAL);
}
END_TEST

START_TEST(an_opener_that_failed_stays_dead)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(10);
    struct sg_bytes part = seal_pattern(&keys, 0, 2 * S);
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = new_opener(&keys, 0, 0, 0);
    sealed[SEALED - 1] ^= 1;
    ck_fails(sample_open_segment(&o, sg_bytes_slice(part, 0, SEALED), false, opened), TAG_MISMATCH);
    sealed[SEALED - 1] ^= 1;
    ck_fails(sample_open_segment(&o, sg_bytes_slice(part, 0, SEALED), false, opened), INTERNAL);
    ck_fails(sample_open_segment(&o, sg_bytes_skip(part, SEALED), true, opened), INTERNAL);
}
END_TEST

START_TEST(without_random_bytes_nothing_is_sealed)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(10);
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = SGC_SEALER_NONE;
    uint8_t out[12];
    sg_det_rand_fail_after(0);
    ck_fails(sgc_sealer_init(&s, &keys, 0), CRYPTO);
    ck_fails(sgc_sealer_begin(&s, true, out), INTERNAL);
}
END_TEST

SG_TEST_MAIN("crypto/segment", TEST(parts_are_sealed_as_another_program_seals_them),
             TEST_LOOP(pieces_of_any_size_give_the_same_segment, SG_COUNT_OF(piece_lens)),
             TEST(a_reader_may_begin_at_any_segment), TEST_LOOP(ivs_run_on_over_every_carry, SG_COUNT_OF(wraps)),
             TEST_LOOP(a_pin_is_reckoned_back_from_any_segment, SG_COUNT_OF(far)), TEST(each_sealer_draws_its_own_ivs),
             TEST(every_single_bit_matters), TEST(every_truncation_is_refused),
             TEST_LOOP(segments_dropped_swapped_or_repeated_are_refused, SG_COUNT_OF(orders)),
             TEST_LOOP(a_segment_opens_only_where_it_was_sealed, SG_COUNT_OF(beliefs)),
             TEST(keys_of_another_object_open_nothing), TEST_LOOP(segments_of_two_attempts_do_not_mix, 3),
             TEST(ivs_must_run_on_even_where_segments_authenticate),
             TEST_LOOP(only_full_segments_and_a_last_one_are_sealed, SG_COUNT_OF(seal_lens)),
             TEST_LOOP(only_full_segments_and_a_last_one_are_opened, SG_COUNT_OF(seal_lens)),
             TEST(no_byte_is_taken_beyond_a_full_segment), TEST(calls_out_of_order_are_refused),
             TEST(an_opener_that_failed_stays_dead), TEST(without_random_bytes_nothing_is_sealed))
