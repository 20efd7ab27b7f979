/* Question: does the parser of T accept exactly what the page allows, at every bound of every number in it? */
#include "crypto/footer_text.h"

#include "crypto/rand.h"

#include "support/check_main.h"
#include "support/det_rand.h"

#include "common/banned.h"

#define UNIT      SG_LIMIT_PART_MIN
#define PART_0    44u /* where the part table begins: behind L, N and H */
#define NUMBER(i) (PART_0 + 16u * (i))
#define LENGTH(i) (PART_0 + 16u * (i) + 4u)
#define PIN(i)    (PART_0 + 16u * (i) + 12u)

static uint8_t text[SGC_FOOTER_MAX];
static uint64_t ten_thousand[10000];

static void put(size_t at, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        text[at + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

static sg_err parse(size_t len, uint64_t plain, bool many)
{
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer out = SGC_FOOTER_NONE;
    return sgc_footer_text_parse(sg_bytes(text, len), plain, many, &out);
}

/* T of an object of `count` parts of these lengths, numbered 1, 3, 5, ...; returns its length. */
static size_t fill(const uint64_t *lengths, uint32_t count)
{
    uint64_t plain = 0, segments = 0;
    memset(text, 0, sizeof(text));
    for (uint32_t i = 0; i < count; i++) {
        put(NUMBER(i), 4, 1 + 2 * i);
        put(LENGTH(i), 8, lengths[i]);
        plain += lengths[i];
        segments += sgc_layout_segments(lengths[i]);
    }
    put(0, 8, plain);
    put(8, 4, count);
    return (size_t)(sgc_layout_sealed(plain) - plain - 28 * segments) - SGC_FOOTER_AROUND;
}

/* T of a single object. */
static size_t fill_one(uint64_t plain)
{
    memset(text, 0, sizeof(text));
    put(0, 8, plain);
    return (size_t)sgc_layout_footer_one(plain) - SGC_FOOTER_AROUND;
}

/* --- single objects --- */

static const uint64_t one_lens[] = {
    0, 1, UNIT - 1, UNIT, 77, SGC_PLAIN_MAX_PUT, 9999 * UNIT, 10001 * UNIT, SGC_PLAIN_MAX};

START_TEST(the_footer_of_a_single_object_is_read) /* FMT-38, FMT-40 */
{
    uint64_t plain = one_lens[_i];
    size_t len = fill_one(plain);
    ck_ok(parse(len, plain, false));
    ck_fails(parse(len, plain, true), FOOTER_INVALID);
    ck_fails(parse(len, plain + 1, false), FOOTER_INVALID);
    ck_fails(parse(len, plain - 1, false), FOOTER_INVALID);
    ck_fails(parse(len - 1, plain, false), FOOTER_INVALID);
    ck_fails(parse(len + 1, plain, false), FOOTER_INVALID);
}
END_TEST

/* One change each to the T of a single object of 77 bytes. */
static const struct {
    const char *what;
    size_t at, width;
    uint64_t value;
} bad_ones[] = {
    {"L less one", 0, 8, 76},
    {"L more one", 0, 8, 78},
    {"L of 0", 0, 8, 0},
    {"L with a high bit", 0, 8, 77 + (1ULL << 63)},
    {"L of 2^64 - 1", 0, 8, UINT64_MAX},
    {"one part", 8, 4, 1},
    {"two parts", 8, 4, 2},
    {"2^28 parts, which are 2^32 bytes", 8, 4, 1u << 28},
    {"2^32 - 1 parts", 8, 4, UINT32_MAX},
    {"a digest", 12, 1, 1},
    {"the end of a digest", 43, 1, 128},
    {"checksums without content", 44, 1, 1},
    {"255 checksums", 44, 1, 255},
    {"twelve checksums", 44, 1, 12},
    {"checksum 0", 44, 7, 0x01000411111111},
    {"checksum 11", 44, 7, 0x010b0411111111},
    {"checksum 127", 44, 7, 0x017f0411111111},
    {"checksum 128", 44, 7, 0x01800411111111},
    {"checksum 139", 44, 7, 0x018b0411111111},
    {"checksum 255", 44, 7, 0x01ff0411111111},
    {"CRC32 of 0 bytes", 44, 7, 0x01010000000000},
    {"CRC32 of 3 bytes", 44, 7, 0x01010311111100},
    {"CRC32 of 5 bytes", 44, 8, 0x0101051111111111},
    {"CRC32 of 255 bytes", 44, 7, 0x0101ff11111111},
    {"composite CRC32 of 8 bytes", 44, 7, 0x01810811111111},
    {"checksum behind the one counted", 44, 8, 0x0101041111111102},
    {"not zero behind the checksums", 45, 1, 1},
    {"not zero in the middle", 100, 1, 0x80},
    {"not zero at the end", 171, 1, 1},
};

START_TEST(a_changed_footer_of_a_single_object_is_refused) /* FMT-40, FMT-44, FMT-45 */
{
    size_t len = fill_one(77);
    ck_assert_uint_eq(len, 172);
    put(bad_ones[_i].at, bad_ones[_i].width, bad_ones[_i].value);
    sg_err err = parse(len, 77, false);
    ck_assert_msg(sg_is(err, FOOTER_INVALID), "%s", bad_ones[_i].what);
}
END_TEST

/* --- objects from parts --- */

static const uint64_t one_empty[] = {0}, one_byte[] = {1}, one_full[] = {UNIT}, last_empty[] = {UNIT, 0};
static const uint64_t three[] = {UNIT, UNIT + 1, 5}, big_and_small[] = {2 * UNIT, 5};
static const uint64_t huge[] = {SGC_PLAIN_MAX_PART, SGC_PLAIN_MAX_PART, SGC_PLAIN_MAX_PART};

static const struct {
    const uint64_t *lengths;
    uint32_t count;
} good_tables[] = {
    {one_empty, 1}, {one_byte, 1}, {one_full, 1}, {last_empty, 2}, {three, 3}, {big_and_small, 2}, {huge, 3},
};

START_TEST(part_tables_are_read) /* FMT-41, FMT-42 */
{
    size_t len = fill(good_tables[_i].lengths, good_tables[_i].count);
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer out = SGC_FOOTER_NONE;
    uint64_t plain = 0;
    for (uint32_t i = 0; i < good_tables[_i].count; i++)
        plain += good_tables[_i].lengths[i];
    ck_ok(sgc_footer_text_parse(sg_bytes(text, len), plain, true, &out));
    ck_assert_uint_eq(out.part_count, good_tables[_i].count);
    for (uint32_t i = 0; i < out.part_count; i++) {
        ck_assert_uint_eq(out.parts[i].number, 1 + 2 * i);
        ck_assert_uint_eq(out.parts[i].plain, good_tables[_i].lengths[i]);
    }
    ck_fails(parse(len, plain, false), FOOTER_INVALID);
}
END_TEST

/* One or two changes to the T of parts 1, 3, 5 of UNIT, UNIT + 1 and 5 bytes. */
static const struct {
    const char *what;
    struct {
        size_t at, width;
        uint64_t value;
    } changes[2];
} bad_tables[] = {
    {"L less one", {{0, 8, 2 * UNIT + 5}}},
    {"no parts", {{8, 4, 0}}},
    {"a part less", {{8, 4, 2}}},
    {"a part more than L admits", {{8, 4, 4}}},
    {"10,001 parts", {{8, 4, 10001}}},
    {"2^32 - 1 parts", {{8, 4, UINT32_MAX}}},
    {"first part is 0", {{NUMBER(0), 4, 0}}},
    {"first and second are the same", {{NUMBER(0), 4, 3}}},
    {"first above second", {{NUMBER(0), 4, 4}}},
    {"last below second", {{NUMBER(2), 4, 2}}},
    {"last is 0", {{NUMBER(2), 4, 0}}},
    {"last is 10,001", {{NUMBER(2), 4, 10001}}},
    {"last is 2^32 - 1", {{NUMBER(2), 4, UINT32_MAX}}},
    {"first is 2^31", {{NUMBER(0), 4, 1u << 31}}},
    {"sum less", {{LENGTH(2), 8, 4}}},
    {"sum more", {{LENGTH(2), 8, 6}}},
    {"first below UNIT", {{LENGTH(0), 8, UNIT - 1}, {LENGTH(2), 8, 6}}},
    {"second below UNIT", {{LENGTH(1), 8, UNIT - 1}, {LENGTH(2), 8, 7}}},
    {"second empty", {{LENGTH(1), 8, 0}, {LENGTH(2), 8, UNIT + 6}}},
    {"first longer than all", {{LENGTH(0), 8, 2 * UNIT + 7}}},
    {"first and last wrap round", {{LENGTH(0), 8, UINT64_MAX - 4}, {LENGTH(2), 8, UNIT + 10}}},
    {"first 2^63, second 2^63 more", {{LENGTH(0), 8, UNIT + (1ULL << 63)}, {LENGTH(1), 8, UNIT + 1 + (1ULL << 63)}}},
    {"last 2^64 - 1", {{LENGTH(2), 8, UINT64_MAX}}},
    {"the same sum with one segment less", {{LENGTH(1), 8, UNIT}, {LENGTH(2), 8, 6}}},
    {"not zero behind the table", {{NUMBER(3) + 1, 1, 1}}},
    {"a checksum count in place of a table entry", {{NUMBER(3), 1, 200}}},
};

START_TEST(a_changed_part_table_is_refused) /* FMT-41, FMT-42, FMT-45 */
{
    size_t len = fill(three, 3);
    for (size_t i = 0; i < 2; i++)
        put(bad_tables[_i].changes[i].at, bad_tables[_i].changes[i].width, bad_tables[_i].changes[i].value);
    sg_err err = parse(len, 2 * UNIT + 6, true);
    ck_assert_msg(sg_is(err, FOOTER_INVALID), "%s", bad_tables[_i].what);
}
END_TEST

START_TEST(a_table_with_as_many_segments_has_the_same_length)
{
    size_t len = fill(three, 3);
    put(LENGTH(0), 8, UNIT + 1);
    put(LENGTH(1), 8, UNIT);
    ck_ok(parse(len, 2 * UNIT + 6, true));
}
END_TEST

START_TEST(pins_may_be_any_number) /* FMT-43 */
{
    static const uint32_t pins[] = {0, 1, 0x80000000, UINT32_MAX};
    for (size_t i = 0; i < SG_COUNT_OF(pins); i++) {
        SG_CLEANUP(sgc_footer_clear) struct sgc_footer out = SGC_FOOTER_NONE;
        size_t len = fill(three, 3);
        put(PIN(1), 4, pins[i]);
        ck_ok(sgc_footer_text_parse(sg_bytes(text, len), 2 * UNIT + 6, true, &out));
        ck_assert_uint_eq(out.parts[1].pin, pins[i]);
    }
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    size_t len = fill(three, 3);
    for (size_t cut = 0; cut < len; cut++)
        ck_fails(parse(cut, 2 * UNIT + 6, true), FOOTER_INVALID);
    len = fill_one(77);
    for (size_t cut = 0; cut < len; cut++)
        ck_fails(parse(cut, 77, false), FOOTER_INVALID);
}
END_TEST

START_TEST(lengths_without_a_layout_are_refused)
{
    (void)fill_one(0);
    put(0, 8, SGC_PLAIN_MAX + 1);
    ck_fails(parse(SGC_FOOTER_MAX - SGC_FOOTER_AROUND, SGC_PLAIN_MAX + 1, false), FOOTER_INVALID);
    put(0, 8, UINT64_MAX);
    ck_fails(parse(SGC_FOOTER_MAX - SGC_FOOTER_AROUND, UINT64_MAX, false), FOOTER_INVALID);
}
END_TEST

/* --- ten thousand parts --- */

START_TEST(ten_thousand_parts_fit_and_one_more_does_not) /* FMT-39, FMT-41 */
{
    /* The worst cut: every part but one adds a segment. */
    for (size_t i = 0; i < 10000; i++)
        ten_thousand[i] = UNIT + 1;
    ten_thousand[9999] = 1;
    size_t len = fill(ten_thousand, 10000);
    uint64_t plain = 9999 * (UNIT + 1) + 1;
    ck_assert_uint_gt(len, 45 + 16 * 10000 + SG_LIMIT_FOOTER_CHECKSUMS - 1);
    /* Numbered 1 to 10,000 there is no other choice. */
    for (uint32_t i = 0; i < 10000; i++)
        put(NUMBER(i), 4, i + 1);
    ck_ok(parse(len, plain, true));
    put(8, 4, 10001);
    ck_fails(parse(len, plain, true), FOOTER_INVALID);
    put(8, 4, 10000);
    put(NUMBER(9999), 4, 10001);
    ck_fails(parse(len, plain, true), FOOTER_INVALID);
}
END_TEST

START_TEST(room_for_checksums_is_left_however_parts_are_cut) /* FMT-39 */
{
    /* N parts of UNIT + 1 bytes, the last of 1: the most segments that so many bytes can have. */
    for (uint32_t count = 1; count <= 10000; count += count < 100 ? 1 : 97) {
        uint64_t plain = (uint64_t)(count - 1) * (UNIT + 1) + 1;
        uint64_t segments = (uint64_t)(count - 1) * 81 + 1;
        uint64_t f = sgc_layout_sealed(plain) - plain - 28 * segments;
        ck_assert_uint_ge(f, 16 * (uint64_t)count + 188);
        ck_assert_uint_ge(f - SGC_FOOTER_AROUND, 45 + 16 * (uint64_t)count + SG_LIMIT_FOOTER_CHECKSUMS);
    }
}
END_TEST

/* --- checksums --- */

static const struct {
    uint8_t id, len;
} known[] = {{1, 4}, {2, 4}, {3, 8}, {4, 20}, {5, 32}, {6, 16}, {7, 64}, {8, 8}, {9, 8}, {10, 16}};

/* Puts these checksums behind the part table at `at`; returns what they take with their count. */
static size_t put_checksums(size_t at, const uint8_t *ids, size_t count)
{
    size_t begin = at;
    text[at++] = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        uint8_t len = known[(ids[i] & 127) - 1].len;
        text[at++] = ids[i];
        text[at++] = len;
        memset(text + at, ids[i], len);
        at += len;
    }
    return at - begin;
}

START_TEST(every_checksum_is_read_and_printed_again) /* FMT-44 */
{
    uint8_t id = (uint8_t)(known[_i / 2].id + (_i % 2 == 1 ? SGC_CHECKSUM_COMPOSITE : 0));
    size_t len = fill_one(77);
    (void)put_checksums(44, &id, 1);
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer out = SGC_FOOTER_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SGC_FOOTER_MAX);
    ck_ok(sgc_footer_text_parse(sg_bytes(text, len), 77, false, &out));
    ck_assert_uint_eq(out.checksum_count, 1);
    ck_assert_uint_eq(out.checksums[0].id, id);
    ck_assert_uint_eq(out.checksums[0].len, known[_i / 2].len);
    ck_assert_uint_eq(out.checksums[0].value[known[_i / 2].len - 1], id);
    ck_ok(sgc_footer_text_print(&out, &again));
    ck_assert(sg_bytes_eq(sgc_buf_view(&again), sg_bytes(text, len)));
    /* One byte more or less is another checksum's. */
    text[46]++;
    ck_fails(parse(len, 77, false), FOOTER_INVALID);
    text[46] = (uint8_t)(text[46] - 2);
    ck_fails(parse(len, 77, false), FOOTER_INVALID);
}
END_TEST

static const struct {
    uint8_t ids[13];
    size_t count;
    bool good;
} checksum_lists[] = {
    {{1, 2}, 2, true},
    {{1, 129}, 2, true},
    {{1, 2, 3, 4, 5}, 5, true},                              /* 78 bytes */
    {{1, 2, 3, 6, 8, 9, 129, 130, 131, 136, 137}, 11, true}, /* 102 bytes, the most there can be */
    {{2, 5, 7}, 3, true},                                    /* 106 bytes */
    {{2, 5, 7, 129}, 4, false},                              /* 112 bytes */
    {{5, 7, 8}, 3, true},                                    /* 110 bytes */
    {{1, 2, 3, 5, 6, 8, 9, 129}, 8, true},                   /* 100 bytes */
    {{1, 2, 3, 6, 8, 9, 129, 130, 131, 134, 136, 137}, 12, false},
    {{2, 1}, 2, false},
    {{1, 1}, 2, false},
    {{129, 1}, 2, false},
    {{1, 2, 2}, 3, false},
    {{5, 4, 3}, 3, false},
    {{7, 135}, 2, false}, /* 132 bytes */
};

START_TEST(lists_of_checksums_ascend_and_have_a_bound) /* FMT-44 */
{
    size_t len = fill_one(100 * UNIT); /* room in abundance */
    (void)put_checksums(44, checksum_lists[_i].ids, checksum_lists[_i].count);
    sg_err err = parse(len, 100 * UNIT, false);
    ck_assert(checksum_lists[_i].good ? sg_is_ok(err) : sg_is(err, FOOTER_INVALID));
}
END_TEST

/* --- random changes --- */

START_TEST(whatever_parses_prints_as_the_same_bytes)
{
    int accepted = 0;
    sg_det_rand_seed(1);
    for (int round = 0; round < 200000; round++) {
        uint8_t draw[4];
        bool many = round % 2 == 0;
        uint64_t plain = many ? 2 * UNIT + 6 : 77;
        size_t len = many ? fill(three, 3) : fill_one(77);
        for (int change = 0; change < 1 + round % 3; change++) {
            ck_ok(sgc_rand(draw, sizeof(draw)));
            text[((size_t)draw[0] << 8 | draw[1]) % len] = (uint8_t)(draw[2] % 4 == 0 ? draw[3] : draw[3] % 8);
        }
        SG_CLEANUP(sgc_footer_clear) struct sgc_footer out = SGC_FOOTER_NONE;
        if (!sg_is_ok(sgc_footer_text_parse(sg_bytes(text, len), plain, many, &out)))
            continue;
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SGC_FOOTER_MAX);
        ck_ok(sgc_footer_text_print(&out, &again));
        if (!sg_bytes_eq(sgc_buf_view(&again), sg_bytes(text, len)))
            ck_abort_msg("round %d", round);
        accepted++;
    }
    ck_assert_int_gt(accepted, 1000);
}
END_TEST

/* --- what a writer may not write --- */

static struct sgc_footer footer_of(struct sgc_part *parts, uint32_t count, uint64_t plain)
{
    return (struct sgc_footer){.plain = plain, .parts = parts, .part_count = count};
}

START_TEST(a_writer_refuses_what_a_reader_would_refuse)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(SGC_FOOTER_MAX);
    struct sgc_part parts[] = {{1, 0, UNIT}, {2, 0, 7}};
    struct sgc_footer f = footer_of(parts, 2, UNIT + 7);
    ck_ok(sgc_footer_text_print(&f, &out));

    f.plain = UNIT + 8;
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);
    f = footer_of(parts, 2, UNIT + 7);
    parts[1].number = 1;
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);
    parts[1].number = 10001;
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);
    parts[1].number = 2;
    parts[0].plain = UNIT - 1;
    parts[1].plain = 8;
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);

    parts[0].plain = UINT64_MAX - 7; /* together 2^64 + UNIT + 7 */
    parts[1].plain = UNIT + 15;
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);

    f = (struct sgc_footer){.plain = 77, .upload_digest = {1}};
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);
    f = (struct sgc_footer){.plain = SGC_PLAIN_MAX + 1};
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);
    f = (struct sgc_footer){.plain = 77, .checksum_count = SGC_FOOTER_CHECKSUM_COUNT + 1};
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);
    f = (struct sgc_footer){.plain = 77, .checksum_count = 1, .checksums = {{.id = 1, .len = 5}}};
    ck_fails(sgc_footer_text_print(&f, &out), FOOTER_INVALID);
}
END_TEST

START_TEST(text_is_appended_to_what_is_there)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(SGC_FOOTER_MAX);
    struct sgc_footer f = {.plain = 77};
    ck_ok(sgc_buf_append_str(&out, "before"));
    ck_ok(sgc_footer_text_print(&f, &out));
    ck_assert_uint_eq(out.len, 6 + fill_one(77));
    ck_assert(sg_bytes_eq(sg_bytes_skip(sgc_buf_view(&out), 6), sg_bytes(text, 172)));
}
END_TEST

SG_TEST_MAIN("crypto/footer_text", TEST_LOOP(the_footer_of_a_single_object_is_read, SG_COUNT_OF(one_lens)),
             TEST_LOOP(a_changed_footer_of_a_single_object_is_refused, SG_COUNT_OF(bad_ones)),
             TEST_LOOP(part_tables_are_read, SG_COUNT_OF(good_tables)),
             TEST_LOOP(a_changed_part_table_is_refused, SG_COUNT_OF(bad_tables)),
             TEST(a_table_with_as_many_segments_has_the_same_length), TEST(pins_may_be_any_number),
             TEST(every_truncation_is_refused), TEST(lengths_without_a_layout_are_refused),
             TEST(ten_thousand_parts_fit_and_one_more_does_not), TEST(room_for_checksums_is_left_however_parts_are_cut),
             TEST_LOOP(every_checksum_is_read_and_printed_again, 2 * SG_COUNT_OF(known)),
             TEST_LOOP(lists_of_checksums_ascend_and_have_a_bound, SG_COUNT_OF(checksum_lists)),
             TEST(whatever_parses_prints_as_the_same_bytes), TEST(a_writer_refuses_what_a_reader_would_refuse),
             TEST(text_is_appended_to_what_is_there))
