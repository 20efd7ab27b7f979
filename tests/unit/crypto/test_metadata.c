/* Question: does metadata come back as it went in, sorted and joined, and is M read in one way only? */
#include "crypto/metadata.h"

#include "crypto/aead.h"
#include "crypto/codec.h"
#include "crypto/envelope.h"
#include "crypto/metadata_message.h"
#include "crypto/rand.h"

#include "support/crypto_samples.h"
#include "support/det_rand.h"
#include "support/vectors.h"

#include "common/banned.h"

#define BUCKET SG_BYTES_LIT("photos")
#define KEY    SG_BYTES_LIT("a/b")

/* Text of any length. */
static uint8_t filler[1 << 17];

static struct sgc_metadata none(void)
{
    return SGC_METADATA_NONE;
}

static sg_err add(struct sgc_metadata *m, enum sgc_metadata_kind kind, const char *name, const char *value)
{
    return sgc_metadata_add(m, kind, sg_bytes_str(name), sg_bytes_str(value));
}

static void expect_entry(const struct sgc_metadata *m, size_t index, enum sgc_metadata_kind kind, const char *name,
                         const char *value)
{
    struct sgc_metadata_entry entry = sgc_metadata_at(m, index);
    ck_assert_int_eq(entry.kind, kind);
    ck_assert_msg(sg_bytes_eq_str(entry.name, name), "%.*s, not %s", SG_BYTES_FMT(entry.name), name);
    ck_assert_msg(sg_bytes_eq_str(entry.value, value), "%.*s, not %s", SG_BYTES_FMT(entry.value), value);
}

/* --- vectors --- */

static void check_vector(struct sg_vectors *v)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys_of(sg_vectors_hex(v, "dek"));
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata back = none();
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(4096);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(4096);
    struct sg_bytes bucket = sg_vectors_text(v, "bucket"), key = sg_vectors_hex(v, "object_key");
    struct sg_cursor c = sg_cursor(sg_vectors_hex(v, "entries"));
    while (c.rest.len > 0) {
        struct sg_bytes name, data;
        uint8_t kind;
        ck_assert(sg_cursor_u8(&c, &kind) && sg_cursor_lp(&c, &name) && sg_cursor_lp(&c, &data));
        ck_ok(sgc_metadata_add(&m, (enum sgc_metadata_kind)kind, name, data));
    }
    ck_ok(sgc_metadata_message_print(&m, &message));
    ck_assert(sg_bytes_eq(sgc_buf_view(&message), sg_vectors_hex(v, "message")));
    sg_det_rand_script(sg_vectors_hex(v, "iv"));
    ck_ok(sgc_metadata_seal(&m, &keys, bucket, key, &value));
    ck_assert(sg_bytes_eq(sgc_buf_view(&value), sg_vectors_text(v, "value")));
    ck_ok(sgc_metadata_open(sg_vectors_text(v, "value"), &keys, bucket, key, &back));
    ck_assert_uint_eq(back.count, m.count);
    sgc_buf_clear(&message);
    ck_ok(sgc_metadata_message_print(&back, &message));
    ck_assert(sg_bytes_eq(sgc_buf_view(&message), sg_vectors_hex(v, "message")));
}

START_TEST(metadata_is_sealed_as_another_program_seals_it) /* FMT-23, FMT-24, FMT-25 */
{
    struct sg_vectors *v = sg_vectors_open("format/metadata.txt");
    int count = 0;
    for (; sg_vectors_next(v); count++)
        check_vector(v);
    sg_vectors_close(v);
    ck_assert_int_ge(count, 6);
}
END_TEST

START_TEST(metadata_that_authenticates_and_is_wrong_is_refused) /* FMT-24, FMT-25, FMT-26, FMT-27 */
{
    struct sg_vectors *v = sg_vectors_open("format/metadata_bad.txt");
    int count = 0;
    for (; sg_vectors_next(v); count++) {
        SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys_of(sg_vectors_hex(v, "dek"));
        struct sgc_metadata out = none();
        sg_err err = sgc_metadata_open(sg_vectors_text(v, "value"), &keys, sg_vectors_text(v, "bucket"),
                                       sg_vectors_hex(v, "object_key"), &out);
        struct sg_bytes why = sg_vectors_text(v, "why");
        ck_assert_msg(sg_is(err, ENVELOPE_INVALID), "%.*s", SG_BYTES_FMT(why));
        ck_assert(out.count == 0 && out.bytes.ptr == NULL); /* nothing to clear */
    }
    sg_vectors_close(v);
    ck_assert_int_ge(count, 50);
}
END_TEST

/* --- the table --- */

START_TEST(entries_are_sorted_by_kind_and_name) /* FMT-25 */
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    ck_ok(add(&m, SGC_METADATA_CHECKSUM, "CRC32C", "yZRlqg=="));
    ck_ok(add(&m, SGC_METADATA_CONTENT, "Expires", "never"));
    ck_ok(add(&m, SGC_METADATA_USER, "b", "2"));
    ck_ok(add(&m, SGC_METADATA_CONTENT, "Cache-Control", "no-store"));
    ck_ok(add(&m, SGC_METADATA_USER, "ab", "3"));
    ck_ok(add(&m, SGC_METADATA_USER, "A", "1"));
    ck_assert_uint_eq(m.count, 6);
    expect_entry(&m, 0, SGC_METADATA_USER, "a", "1");
    expect_entry(&m, 1, SGC_METADATA_USER, "ab", "3");
    expect_entry(&m, 2, SGC_METADATA_USER, "b", "2");
    expect_entry(&m, 3, SGC_METADATA_CONTENT, "cache-control", "no-store");
    expect_entry(&m, 4, SGC_METADATA_CONTENT, "expires", "never");
    expect_entry(&m, 5, SGC_METADATA_CHECKSUM, "crc32c", "yZRlqg==");
}
END_TEST

START_TEST(repeated_headers_are_joined_in_their_order) /* FMT-25 */
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    ck_ok(add(&m, SGC_METADATA_USER, "list", "one"));
    ck_ok(add(&m, SGC_METADATA_USER, "a", "before"));
    ck_ok(add(&m, SGC_METADATA_USER, "List", "two"));
    ck_ok(add(&m, SGC_METADATA_CONTENT, "cache-control", "no-cache"));
    ck_ok(add(&m, SGC_METADATA_USER, "z", ""));
    ck_ok(add(&m, SGC_METADATA_USER, "LIST", ""));
    ck_ok(add(&m, SGC_METADATA_CONTENT, "Cache-Control", "private"));
    ck_ok(add(&m, SGC_METADATA_USER, "a", "behind"));
    ck_ok(add(&m, SGC_METADATA_USER, "z", ""));
    ck_assert_uint_eq(m.count, 4);
    expect_entry(&m, 0, SGC_METADATA_USER, "a", "before,behind");
    expect_entry(&m, 1, SGC_METADATA_USER, "list", "one,two,");
    expect_entry(&m, 2, SGC_METADATA_USER, "z", ",");
    expect_entry(&m, 3, SGC_METADATA_CONTENT, "cache-control", "no-cache,private");
}
END_TEST

START_TEST(the_same_name_of_two_kinds_stands_twice)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    struct sg_bytes value;
    ck_ok(add(&m, SGC_METADATA_CONTENT, "expires", "a"));
    ck_ok(add(&m, SGC_METADATA_USER, "expires", "b"));
    ck_assert_uint_eq(m.count, 2);
    ck_assert(sgc_metadata_find(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("expires"), &value));
    ck_assert(sg_bytes_eq_str(value, "a"));
    ck_assert(sgc_metadata_find(&m, SGC_METADATA_USER, SG_BYTES_LIT("expires"), &value));
    ck_assert(sg_bytes_eq_str(value, "b"));
    ck_assert(!sgc_metadata_find(&m, SGC_METADATA_CHECKSUM, SG_BYTES_LIT("expires"), &value));
    ck_assert(!sgc_metadata_find(&m, SGC_METADATA_USER, SG_BYTES_LIT("expire"), &value));
}
END_TEST

static const struct {
    enum sgc_metadata_kind kind;
    const char *name, *value;
    enum sg_code code;
} bad_entries[] = {
    {SGC_METADATA_USER, "", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a b", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a:", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a\tb", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a\r\nb", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "\xc3\xa9", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a\x7f", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a/b", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a", "1\r", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a", "\n", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "a", "1\r\nx-amz-meta-b: 2", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_USER, "sealgate", "1", SG_CODE_METADATA_RESERVED},
    {SGC_METADATA_USER, "Sealgate", "1", SG_CODE_METADATA_RESERVED},
    {SGC_METADATA_USER, "SEALGATE-META", "1", SG_CODE_METADATA_RESERVED},
    {SGC_METADATA_USER, "sealgatex", "1", SG_CODE_METADATA_RESERVED},
    {SGC_METADATA_CONTENT, "etag", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_CONTENT, "content-length", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_CONTENT, "content-typ", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_CONTENT, "x-amz-meta-a", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_CONTENT, "content-type", "a\nb", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_CHECKSUM, "", "1", SG_CODE_METADATA_INVALID},
    {SGC_METADATA_CHECKSUM, "crc 32", "1", SG_CODE_METADATA_INVALID},
    {(enum sgc_metadata_kind)0, "a", "1", SG_CODE_METADATA_INVALID},
    {(enum sgc_metadata_kind)4, "a", "1", SG_CODE_METADATA_INVALID},
};

START_TEST(entries_that_cannot_be_kept_are_refused) /* FMT-26, FMT-27, FMT-21 */
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    sg_err err = add(&m, bad_entries[_i].kind, bad_entries[_i].name, bad_entries[_i].value);
    ck_assert_int_eq(err.code, bad_entries[_i].code);
    ck_assert_uint_eq(m.count, 0);
}
END_TEST

START_TEST(a_value_with_nul_is_refused_and_any_other_byte_is_kept) /* FMT-27 */
{
    for (unsigned c = 0; c < 256; c++) {
        SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
        uint8_t value[3] = {'x', (uint8_t)c, 'y'};
        sg_err err = sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("a"), SG_BYTES_ARRAY(value));
        bool bad = c == 0 || c == '\r' || c == '\n';
        ck_assert(bad ? sg_is(err, METADATA_INVALID) : sg_is_ok(err));
        if (!bad)
            ck_assert(sg_bytes_eq(sgc_metadata_at(&m, 0).value, SG_BYTES_ARRAY(value)));
    }
}
END_TEST

/* --- limits --- */

START_TEST(user_metadata_is_counted_as_s3_counts_it) /* FMT-28 */
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    memset(filler, 'v', sizeof(filler));
    ck_fails(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("ab"), sg_bytes(filler, 2047)), METADATA_TOO_LARGE);
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("ab"), sg_bytes(filler, 2046)));
    ck_fails(add(&m, SGC_METADATA_USER, "c", ""), METADATA_TOO_LARGE);
    ck_fails(add(&m, SGC_METADATA_USER, "ab", ""), METADATA_TOO_LARGE); /* the comma */
    /* The others do not count. */
    ck_ok(add(&m, SGC_METADATA_CONTENT, "content-type", "text/plain"));
    ck_ok(add(&m, SGC_METADATA_CHECKSUM, "sha1", "x"));
    ck_assert_uint_eq(m.count, 3);
    ck_assert_uint_eq(sgc_metadata_at(&m, 0).value.len, 2046);
}
END_TEST

START_TEST(joined_values_count_and_may_fill_what_there_is) /* FMT-28 */
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    memset(filler, 'v', sizeof(filler));
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("a"), sg_bytes(filler, 1947)));
    ck_fails(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("a"), sg_bytes(filler, 100)), METADATA_TOO_LARGE);
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("a"), sg_bytes(filler, 99)));
    ck_assert_uint_eq(sgc_metadata_at(&m, 0).value.len, 2047);
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("expires"), sg_bytes(filler, 2048 - 7 - 10)));
    ck_fails(sgc_metadata_add(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("expires"), sg_bytes(filler, 10)),
             METADATA_TOO_LARGE);
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("expires"), sg_bytes(filler, 9)));
    ck_assert_uint_eq(m.bytes.len, m.bytes.max);
}
END_TEST

START_TEST(joining_many_small_values_needs_no_more_room_than_they_have)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    ck_ok(add(&m, SGC_METADATA_USER, "b", "end"));
    for (int i = 0; i < 1000; i++)
        ck_ok(add(&m, SGC_METADATA_USER, "a", "1"));
    ck_assert_uint_eq(sgc_metadata_at(&m, 0).value.len, 1999);
    expect_entry(&m, 1, SGC_METADATA_USER, "b", "end");
}
END_TEST

START_TEST(there_are_at_most_128_entries) /* FMT-24 */
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    char name[16];
    for (int i = 0; i < 128; i++) {
        (void)snprintf(name, sizeof(name), "k%d", i);
        ck_ok(add(&m, SGC_METADATA_USER, name, ""));
    }
    ck_fails(add(&m, SGC_METADATA_USER, "k128", ""), METADATA_TOO_LARGE);
    ck_ok(add(&m, SGC_METADATA_USER, "k127", "more"));
    ck_assert_uint_eq(m.count, 128);
}
END_TEST

START_TEST(content_headers_have_a_bound_too)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    memset(filler, 'v', sizeof(filler));
    ck_fails(sgc_metadata_add(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("expires"), SG_BYTES_ARRAY(filler)),
             METADATA_TOO_LARGE);
    ck_fails(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_ARRAY(filler), SG_BYTES_NONE), METADATA_TOO_LARGE);
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("expires"), sg_bytes(filler, 4096 - 7)));
    ck_fails(add(&m, SGC_METADATA_CONTENT, "expires", ""), METADATA_TOO_LARGE);
    ck_fails(add(&m, SGC_METADATA_USER, "a", ""), METADATA_TOO_LARGE);
    ck_assert_uint_eq(m.count, 1);
}
END_TEST

/* M of exactly `len` bytes in one entry. */
static sg_err seal_sized(size_t len, struct sgc_buf *out)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    memset(filler, 'v', sizeof(filler));
    SG_TRY(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("a"), sg_bytes(filler, len - 6)));
    return sgc_metadata_seal(&m, &keys, BUCKET, KEY, out);
}

START_TEST(sealed_metadata_leaves_room_for_the_envelope) /* FMT-28 */
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(4096);
    ck_ok(seal_sized(1305, &value));
    ck_assert_uint_eq(value.len, 1778);
    ck_assert_uint_le(value.len, sgc_envelope_metadata_room(0));
    sgc_buf_clear(&value);
    ck_fails(seal_sized(1306, &value), METADATA_TOO_LARGE);
    ck_fails(seal_sized(2048, &value), METADATA_TOO_LARGE);
    ck_assert_uint_eq(value.len, 0);
}
END_TEST

/* --- sealed --- */

static void seal_sample(const struct sgc_object_keys *keys, struct sgc_buf *out)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    ck_ok(add(&m, SGC_METADATA_USER, "colour", "blue"));
    ck_ok(add(&m, SGC_METADATA_CONTENT, "content-type", "image/png"));
    ck_ok(sgc_metadata_seal(&m, keys, BUCKET, KEY, out));
}

START_TEST(metadata_opens_for_its_object_and_no_other) /* FMT-23 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys others = sample_keys(2);
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata out = none();
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(4096);
    seal_sample(&keys, &value);
    struct sg_bytes text = sgc_buf_view(&value);
    ck_ok(sgc_metadata_open(text, &keys, BUCKET, KEY, &out));
    expect_entry(&out, 0, SGC_METADATA_USER, "colour", "blue");
    ck_fails(sgc_metadata_open(text, &others, BUCKET, KEY, &out), ENVELOPE_INVALID);
    ck_assert_uint_eq(out.count, 0);
    ck_fails(sgc_metadata_open(text, &keys, SG_BYTES_LIT("photosa"), SG_BYTES_LIT("/b"), &out), ENVELOPE_INVALID);
    ck_fails(sgc_metadata_open(text, &keys, BUCKET, SG_BYTES_LIT("a/c"), &out), ENVELOPE_INVALID);
    ck_fails(sgc_metadata_open(text, &keys, SG_BYTES_NONE, KEY, &out), ENVELOPE_INVALID);
    ck_ok(sgc_metadata_open(text, &keys, BUCKET, KEY, &out));
}
END_TEST

START_TEST(each_character_of_sealed_metadata_matters)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata out = none();
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(4096);
    seal_sample(&keys, &value);
    for (size_t at = 0; at < value.len; at++) {
        uint8_t was = value.ptr[at];
        for (size_t c = 0; c < 256; c += 1 + at % 5) {
            value.ptr[at] = (uint8_t)c;
            if (c != was)
                ck_fails(sgc_metadata_open(sgc_buf_view(&value), &keys, BUCKET, KEY, &out), ENVELOPE_INVALID);
        }
        value.ptr[at] = was;
    }
    for (size_t len = 0; len < value.len; len++)
        ck_fails(sgc_metadata_open(sg_bytes(value.ptr, len), &keys, BUCKET, KEY, &out), ENVELOPE_INVALID);
    ck_ok(sgc_buf_append_str(&value, "A"));
    ck_fails(sgc_metadata_open(sgc_buf_view(&value), &keys, BUCKET, KEY, &out), ENVELOPE_INVALID);
}
END_TEST

START_TEST(values_of_more_than_2048_bytes_are_refused) /* FMT-28 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata out = none();
    memset(filler, 'A', sizeof(filler));
    for (size_t len = 0; len <= 3000; len++)
        ck_fails(sgc_metadata_open(sg_bytes(filler, len), &keys, BUCKET, KEY, &out), ENVELOPE_INVALID);
}
END_TEST

START_TEST(no_metadata_is_sealed_too) /* FMT-23 */
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(4096);
    ck_ok(sgc_metadata_seal(&m, &keys, BUCKET, KEY, &value));
    ck_assert_uint_eq(value.len, 38);
    ck_ok(add(&m, SGC_METADATA_USER, "stale", "1"));
    ck_ok(sgc_metadata_open(sgc_buf_view(&value), &keys, BUCKET, KEY, &m));
    ck_assert_uint_eq(m.count, 0);
}
END_TEST

START_TEST(each_sealing_draws_another_iv)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf first = SGC_BUF_INIT(4096);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf second = SGC_BUF_INIT(4096);
    seal_sample(&keys, &first);
    seal_sample(&keys, &second);
    ck_assert(!sg_bytes_eq(sg_bytes(first.ptr, 16), sg_bytes(second.ptr, 16)));
}
END_TEST

static sg_err seal_with(void *ctx)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(4096);
    sg_err err = sgc_metadata_seal(&m, ctx, BUCKET, KEY, &value);
    ck_assert(sg_is_ok(err) || value.len == 0);
    return err;
}

START_TEST(without_random_bytes_nothing_is_sealed)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    ck_assert_uint_eq(sg_det_rand_torture(seal_with, &keys), 1);
}
END_TEST

START_TEST(whatever_parses_prints_as_the_same_bytes)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = none();
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf base = SGC_BUF_INIT(4096);
    int accepted = 0;
    ck_ok(add(&m, SGC_METADATA_USER, "a", "1"));
    ck_ok(add(&m, SGC_METADATA_USER, "bb", "22"));
    ck_ok(add(&m, SGC_METADATA_CONTENT, "expires", "333"));
    ck_ok(add(&m, SGC_METADATA_CHECKSUM, "sha256", "4444"));
    ck_ok(sgc_metadata_message_print(&m, &base));
    sg_det_rand_seed(3);
    for (int round = 0; round < 100000; round++) {
        uint8_t message[64], draw[2];
        SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata out = none();
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(4096);
        ck_assert_uint_le(base.len, sizeof(message));
        memcpy(message, base.ptr, base.len);
        for (int change = 0; change < 1 + round % 3; change++) {
            ck_ok(sgc_rand(draw, sizeof(draw)));
            message[draw[0] % base.len] = draw[1] % 2 == 0 ? draw[1] : draw[1] % 16;
        }
        if (!sg_is_ok(sgc_metadata_message_parse(sg_bytes(message, base.len), &out)))
            continue;
        ck_ok(sgc_metadata_message_print(&out, &again));
        if (!sg_bytes_eq(sgc_buf_view(&again), sg_bytes(message, base.len)))
            ck_abort_msg("round %d", round);
        accepted++;
    }
    ck_assert_int_gt(accepted, 1000);
}
END_TEST

SG_TEST_MAIN("crypto/metadata", TEST(metadata_is_sealed_as_another_program_seals_it),
             TEST(metadata_that_authenticates_and_is_wrong_is_refused), TEST(entries_are_sorted_by_kind_and_name),
             TEST(repeated_headers_are_joined_in_their_order), TEST(the_same_name_of_two_kinds_stands_twice),
             TEST_LOOP(entries_that_cannot_be_kept_are_refused, SG_COUNT_OF(bad_entries)),
             TEST(a_value_with_nul_is_refused_and_any_other_byte_is_kept),
             TEST(user_metadata_is_counted_as_s3_counts_it), TEST(joined_values_count_and_may_fill_what_there_is),
             TEST(joining_many_small_values_needs_no_more_room_than_they_have), TEST(there_are_at_most_128_entries),
             TEST(content_headers_have_a_bound_too), TEST(sealed_metadata_leaves_room_for_the_envelope),
             TEST(metadata_opens_for_its_object_and_no_other), TEST(each_character_of_sealed_metadata_matters),
             TEST(values_of_more_than_2048_bytes_are_refused), TEST(no_metadata_is_sealed_too),
             TEST(each_sealing_draws_another_iv), TEST(without_random_bytes_nothing_is_sealed),
             TEST(whatever_parses_prints_as_the_same_bytes))
