/* Question: is a footer sealed as the page says, and is one that any reader must refuse refused? */
#include "crypto/footer.h"

#include "crypto/aead.h"
#include "crypto/footer_text.h"
#include "crypto/hash.h"

#include "support/crypto_samples.h"
#include "support/vectors.h"

#include "common/banned.h"

#define UNIT SG_LIMIT_PART_MIN

/* --- vectors --- */

static void read_parts(struct sg_bytes raw, struct sgc_footer *out)
{
    struct sg_cursor c = sg_cursor(raw);
    out->parts = out->part_count == 0 ? NULL : sgc_xalloc(out->part_count * sizeof(*out->parts));
    for (uint32_t i = 0; i < out->part_count; i++) {
        struct sgc_part *part = &out->parts[i];
        ck_assert(sg_cursor_u32be(&c, &part->number) && sg_cursor_u64be(&c, &part->plain) &&
                  sg_cursor_u32be(&c, &part->pin));
    }
    ck_assert_uint_eq(c.rest.len, 0);
}

/* In reverse, so that adding has to sort. */
static void read_checksums(struct sg_bytes raw, uint64_t count, struct sgc_footer *out)
{
    struct sg_bytes values[SGC_FOOTER_CHECKSUM_COUNT];
    uint8_t ids[SGC_FOOTER_CHECKSUM_COUNT], len;
    struct sg_cursor c = sg_cursor(raw);
    for (size_t i = 0; i < count; i++)
        ck_assert(sg_cursor_u8(&c, &ids[i]) && sg_cursor_u8(&c, &len) && sg_cursor_take(&c, len, &values[i]));
    ck_assert_uint_eq(c.rest.len, 0);
    while (count-- > 0)
        ck_ok(sgc_footer_add_checksum(out, ids[count], values[count]));
}

static struct sgc_footer footer_of(struct sg_vectors *v)
{
    struct sgc_footer f = SGC_FOOTER_NONE;
    f.plain = sg_vectors_u64(v, "plain");
    f.part_count = (uint32_t)sg_vectors_u64(v, "part_count");
    memcpy(f.upload_digest, sg_vectors_hex(v, "upload_digest").ptr, sizeof(f.upload_digest));
    read_parts(sg_vectors_hex(v, "parts"), &f);
    read_checksums(sg_vectors_hex(v, "checksums"), sg_vectors_u64(v, "checksum_count"), &f);
    return f;
}

static void expect_same(const struct sgc_footer *a, const struct sgc_footer *b)
{
    ck_assert_uint_eq(a->plain, b->plain);
    ck_assert_uint_eq(a->part_count, b->part_count);
    ck_assert_uint_eq(a->checksum_count, b->checksum_count);
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(a->upload_digest), SG_BYTES_ARRAY(b->upload_digest)));
    for (uint32_t i = 0; i < a->part_count; i++) {
        ck_assert_uint_eq(a->parts[i].number, b->parts[i].number);
        ck_assert_uint_eq(a->parts[i].plain, b->parts[i].plain);
        ck_assert_uint_eq(a->parts[i].pin, b->parts[i].pin);
    }
    for (size_t i = 0; i < a->checksum_count; i++) {
        ck_assert_uint_eq(a->checksums[i].id, b->checksums[i].id);
        ck_assert(sg_bytes_eq(sg_bytes(a->checksums[i].value, a->checksums[i].len),
                              sg_bytes(b->checksums[i].value, b->checksums[i].len)));
    }
}

static void check_vector(struct sg_vectors *v)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys_of(sg_vectors_hex(v, "dek"));
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer f = footer_of(v);
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer back = SGC_FOOTER_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(SGC_FOOTER_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SGC_FOOTER_MAX);
    bool many = sg_vectors_u64(v, "many") == 1;
    uint8_t digest[SGC_SHA256_LEN];
    ck_ok(sgc_footer_seal(&f, &keys, &sealed));
    ck_assert_uint_eq(sealed.len, sgc_footer_len(&f));
    ck_assert_uint_eq(sealed.len, sg_vectors_u64(v, "sealed_len"));
    ck_ok(sgc_sha256(sgc_buf_view(&sealed), digest));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(digest), sg_vectors_hex(v, "sealed_sha256")));
    if (sg_vectors_has(v, "sealed")) {
        ck_assert(sg_bytes_eq(sgc_buf_view(&sealed), sg_vectors_hex(v, "sealed")));
        ck_ok(sgc_footer_text_print(&f, &text));
        ck_assert(sg_bytes_eq(sgc_buf_view(&text), sg_vectors_hex(v, "text")));
    }
    ck_ok(sgc_footer_open(sgc_buf_view(&sealed), &keys, f.plain, many, &back));
    expect_same(&f, &back);
}

START_TEST(footers_are_sealed_as_another_program_seals_them) /* FMT-36, FMT-37, FMT-38, FMT-39 */
{
    struct sg_vectors *v = sg_vectors_open("format/footer.txt");
    int count = 0;
    for (; sg_vectors_next(v); count++)
        check_vector(v);
    sg_vectors_close(v);
    ck_assert_int_ge(count, 12);
}
END_TEST

START_TEST(footers_that_authenticate_and_are_wrong_are_refused) /* FMT-45 */
{
    struct sg_vectors *v = sg_vectors_open("format/footer_bad.txt");
    int count = 0;
    for (; sg_vectors_next(v); count++) {
        SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys_of(sg_vectors_hex(v, "dek"));
        struct sgc_footer out = SGC_FOOTER_NONE;
        sg_err err = sgc_footer_open(sg_vectors_hex(v, "sealed"), &keys, sg_vectors_u64(v, "plain"),
                                     sg_vectors_u64(v, "many") == 1, &out);
        struct sg_bytes why = sg_vectors_text(v, "why");
        ck_assert_msg(sg_is(err, FOOTER_INVALID), "%.*s", SG_BYTES_FMT(why));
        ck_assert(out.parts == NULL && out.part_count == 0 && out.plain == 0); /* nothing to clear */
    }
    sg_vectors_close(v);
    ck_assert_int_ge(count, 40);
}
END_TEST

/* --- by hand --- */

static void put(uint8_t *out, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        out[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

/* Seals any T, states `stated` as F and authenticates `bound` as F. */
static sg_err seal_by_hand(const struct sgc_object_keys *keys, struct sg_bytes text, uint32_t stated, uint32_t bound,
                           struct sgc_buf *out)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint8_t aad[12] = {0, 0, 0, 4, 'f', 'o', 'o', 't'}, *room;
    put(aad + 8, 4, bound);
    SG_TRY(sgc_object_keys_derive(keys, SGC_KEY_FOOTER, &key));
    SG_TRY(sgc_aead_init(&aead, &key));
    SG_TRY(sgc_buf_reserve(out, text.len + 32, &room));
    memset(room, 9, 12);
    SG_TRY(sgc_aead_seal(&aead, room, SG_BYTES_ARRAY(aad), text, room + 12));
    put(room + 12 + text.len + 16, 4, stated);
    sgc_buf_commit(out, text.len + 32);
    return SG_OK;
}

/* T of a single object of 77 bytes, `len` bytes long, sealed and opened. */
static sg_err open_one(size_t len, int stated_off, int bound_off, uint64_t plain)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(SGC_FOOTER_MAX);
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer out = SGC_FOOTER_NONE;
    uint8_t text[256] = {[7] = 77};
    uint32_t f = (uint32_t)len + 32;
    ck_ok(seal_by_hand(&keys, sg_bytes(text, len), (uint32_t)((int)f + stated_off), (uint32_t)((int)f + bound_off),
                       &sealed));
    return sgc_footer_open(sgc_buf_view(&sealed), &keys, plain, false, &out);
}

START_TEST(any_iv_will_do_for_a_reader)
{
    ck_ok(open_one(172, 0, 0, 77)); /* F = 204 */
}
END_TEST

START_TEST(the_length_of_a_footer_has_one_value) /* FMT-39, FMT-45 */
{
    for (size_t len = 0; len < 256; len++) {
        if (len == 172)
            continue;
        sg_err err = open_one(len, 0, 0, 77);
        ck_assert_msg(sg_is(err, FOOTER_INVALID), "T of %zu bytes", len);
    }
    ck_fails(open_one(172, 1, 0, 77), FOOTER_INVALID);
    ck_fails(open_one(172, -1, 0, 77), FOOTER_INVALID);
    ck_fails(open_one(172, -204, 0, 77), FOOTER_INVALID);
    ck_fails(open_one(172, 1 << 24, 0, 77), FOOTER_INVALID);
    ck_fails(open_one(172, 0, 1, 77), TAG_MISMATCH);
    ck_fails(open_one(172, 0, -1, 77), TAG_MISMATCH);
}
END_TEST

START_TEST(a_few_bytes_that_state_their_own_length_are_no_footer) /* FMT-45 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    struct sgc_footer out = SGC_FOOTER_NONE;
    for (size_t len = 0; len < SGC_FOOTER_MIN; len++) {
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf few = SGC_BUF_INIT(SGC_FOOTER_MIN);
        uint8_t *room;
        ck_ok(sgc_buf_reserve(&few, len, &room));
        if (len >= 4)
            put(room + len - 4, 4, len);
        sgc_buf_commit(&few, len);
        ck_fails(sgc_footer_open(sgc_buf_view(&few), &keys, 77, false, &out), FOOTER_INVALID);
    }
}
END_TEST

START_TEST(the_footer_of_another_length_is_refused) /* FMT-45 */
{
    ck_fails(open_one(172, 0, 0, 76), FOOTER_INVALID);
    ck_fails(open_one(172, 0, 0, 78), FOOTER_INVALID);
    ck_fails(open_one(172, 0, 0, 0), FOOTER_INVALID);
    ck_fails(open_one(172, 0, 0, SGC_PLAIN_MAX), FOOTER_INVALID);
    ck_fails(open_one(172, 0, 0, SGC_PLAIN_MAX + 1), FOOTER_INVALID);
    ck_fails(open_one(172, 0, 0, UINT64_MAX), FOOTER_INVALID);
}
END_TEST

/* --- sealed by us --- */

static void seal_sample(const struct sgc_object_keys *keys, uint32_t pin, struct sgc_buf *out)
{
    struct sgc_part parts[] = {{1, pin, UNIT + 1}, {2, 0, UNIT}, {9, 0, 3}};
    struct sgc_footer f = {.plain = 2 * UNIT + 4, .parts = parts, .part_count = 3};
    ck_ok(sgc_footer_seal(&f, keys, out));
}

START_TEST(every_bit_and_every_byte_of_a_footer_matter)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(SGC_FOOTER_MAX);
    struct sgc_footer out = SGC_FOOTER_NONE;
    seal_sample(&keys, 5, &sealed);
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.ptr[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        sg_err err = sgc_footer_open(sgc_buf_view(&sealed), &keys, 2 * UNIT + 4, true, &out);
        bool in_len = bit / 8 >= sealed.len - 4;
        ck_assert(in_len ? sg_is(err, FOOTER_INVALID) : sg_is(err, TAG_MISMATCH));
        sealed.ptr[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    for (size_t len = 0; len < sealed.len; len++) {
        ck_fails(sgc_footer_open(sg_bytes(sealed.ptr, len), &keys, 2 * UNIT + 4, true, &out), FOOTER_INVALID);
        ck_fails(sgc_footer_open(sg_bytes(sealed.ptr + sealed.len - len, len), &keys, 2 * UNIT + 4, true, &out),
                 FOOTER_INVALID);
    }
    ck_ok(sgc_footer_open(sgc_buf_view(&sealed), &keys, 2 * UNIT + 4, true, &out));
    ck_assert_uint_eq(out.parts[0].pin, 5);
    sgc_footer_clear(&out);
    sgc_footer_clear(&out);
}
END_TEST

START_TEST(the_footer_of_another_object_is_refused)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys others = sample_keys(2);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(SGC_FOOTER_MAX);
    struct sgc_footer out = SGC_FOOTER_NONE;
    seal_sample(&keys, 5, &sealed);
    ck_fails(sgc_footer_open(sgc_buf_view(&sealed), &others, 2 * UNIT + 4, true, &out), TAG_MISMATCH);
    ck_fails(sgc_footer_open(sgc_buf_view(&sealed), &keys, 2 * UNIT + 4, false, &out), FOOTER_INVALID);
}
END_TEST

START_TEST(the_same_footer_is_the_same_bytes_and_another_has_another_iv) /* FMT-37 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf first = SGC_BUF_INIT(SGC_FOOTER_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SGC_FOOTER_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf other = SGC_BUF_INIT(SGC_FOOTER_MAX);
    seal_sample(&keys, 5, &first);
    seal_sample(&keys, 5, &again);
    seal_sample(&keys, 6, &other);
    ck_assert(sg_bytes_eq(sgc_buf_view(&first), sgc_buf_view(&again)));
    ck_assert(!sg_bytes_eq(sg_bytes(first.ptr, 12), sg_bytes(other.ptr, 12)));
}
END_TEST

START_TEST(a_footer_of_ten_thousand_parts_is_sealed_and_opened) /* FMT-39, FMT-41 */
{
    enum { N = 10000 };
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(3);
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer f = SGC_FOOTER_NONE;
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer back = SGC_FOOTER_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(SGC_FOOTER_MAX);
    uint8_t sum[SGC_CHECKSUM_MAX_LEN] = {1};
    f.parts = sgc_xalloc(N * sizeof(*f.parts));
    f.part_count = N;
    for (uint32_t i = 0; i < N; i++) {
        f.parts[i] = (struct sgc_part){i + 1, i, i + 1 == N ? 1 : UNIT + 1};
        f.plain += f.parts[i].plain;
    }
    ck_ok(sgc_footer_add_checksum(&f, SGC_CHECKSUM_SHA512, sg_bytes(sum, 64)));
    ck_ok(sgc_footer_add_checksum(&f, SGC_CHECKSUM_SHA256, sg_bytes(sum, 32)));
    ck_ok(sgc_footer_add_checksum(&f, SGC_CHECKSUM_CRC32, sg_bytes(sum, 4)));
    ck_ok(sgc_footer_seal(&f, &keys, &sealed));
    ck_assert_uint_le(sealed.len, SGC_FOOTER_MAX);
    ck_ok(sgc_footer_open(sgc_buf_view(&sealed), &keys, f.plain, true, &back));
    expect_same(&f, &back);
}
END_TEST

START_TEST(a_buffer_too_small_for_the_footer_gets_nothing)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(3);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(203);
    struct sgc_footer f = {.plain = 0};
    ck_fails(sgc_footer_seal(&f, &keys, &sealed), LIMIT);
    ck_assert_uint_eq(sealed.len, 0);
}
END_TEST

START_TEST(checksums_that_do_not_fit_are_refused_before_they_are_lost) /* FMT-44 */
{
    struct sgc_footer f = SGC_FOOTER_NONE;
    uint8_t sum[SGC_CHECKSUM_MAX_LEN + 1] = {1};
    ck_fails(sgc_footer_add_checksum(&f, 1, SG_BYTES_NONE), INTERNAL);
    ck_fails(sgc_footer_add_checksum(&f, 1, sg_bytes(sum, 65)), INTERNAL);
    ck_ok(sgc_footer_add_checksum(&f, 7, sg_bytes(sum, 64)));
    ck_fails(sgc_footer_add_checksum(&f, 7, sg_bytes(sum, 4)), INTERNAL);
    ck_ok(sgc_footer_add_checksum(&f, 5, sg_bytes(sum, 32)));
    ck_fails(sgc_footer_add_checksum(&f, 3, sg_bytes(sum, 10)), LIMIT); /* 100 + 12 */
    ck_ok(sgc_footer_add_checksum(&f, 3, sg_bytes(sum, 9)));            /* 111 */
    ck_assert_uint_eq(f.checksum_count, 3);
    ck_assert(f.checksums[0].id == 3 && f.checksums[1].id == 5 && f.checksums[2].id == 7);

    f = SGC_FOOTER_NONE;
    for (uint8_t id = 1; id <= SGC_FOOTER_CHECKSUM_COUNT; id++)
        ck_ok(sgc_footer_add_checksum(&f, id, sg_bytes(sum, 1)));
    ck_fails(sgc_footer_add_checksum(&f, 100, sg_bytes(sum, 1)), LIMIT);
}
END_TEST

SG_TEST_MAIN("crypto/footer", TEST(footers_are_sealed_as_another_program_seals_them),
             TEST(footers_that_authenticate_and_are_wrong_are_refused), TEST(any_iv_will_do_for_a_reader),
             TEST(the_length_of_a_footer_has_one_value), TEST(a_few_bytes_that_state_their_own_length_are_no_footer),
             TEST(the_footer_of_another_length_is_refused), TEST(every_bit_and_every_byte_of_a_footer_matter),
             TEST(the_footer_of_another_object_is_refused),
             TEST(the_same_footer_is_the_same_bytes_and_another_has_another_iv),
             TEST(a_footer_of_ten_thousand_parts_is_sealed_and_opened),
             TEST(a_buffer_too_small_for_the_footer_gets_nothing),
             TEST(checksums_that_do_not_fit_are_refused_before_they_are_lost))
