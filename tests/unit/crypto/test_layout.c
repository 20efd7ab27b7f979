/* Question: is the size arithmetic exactly that of docs/format.md, at and near every boundary and in between? */
#include "crypto/layout.h"

#include "support/check_main.h"

#define UNIT         SGC_FOOTER_UNIT
#define S            ((uint64_t)SGC_SEGMENT_PLAIN)
#define NEAR         70
#define UPSTREAM_MAX SG_LIMIT_UPSTREAM_PUT

/* Once more, in the words of the page and without looking at layout.c. FMT-4 */
static uint64_t g_of(uint64_t plain)
{
    uint64_t slots = plain / 5242880 + 1;
    return plain + 28 * ((plain + 65535) / 65536) + 44 * (slots > 10000 ? 10000 : slots) + 160;
}

/* xorshift64*: repeatable, and no caller needs more. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717ULL;
}

/* ck_assert for each of millions of values would take minutes. */
static void expect(bool condition, const char *what, uint64_t value)
{
    if (!condition)
        ck_abort_msg("%s: %llu", what, (unsigned long long)value);
}

/* G, its neighbour, and the inverse of every stored size between the two. FMT-4, FMT-5 */
static void check_plain(uint64_t plain)
{
    uint64_t sealed = sgc_layout_sealed(plain);
    uint64_t back = UINT64_MAX;
    expect(sealed == g_of(plain), "G", plain);
    expect(sgc_layout_plain(sealed, &back) && back == plain, "inverse of G", plain);
    expect(sealed == sgc_layout_body_sealed(plain) + sgc_layout_footer_one(plain), "body and footer", plain);
    expect(sgc_layout_body_plain(sgc_layout_body_sealed(plain), &back) && back == plain, "inverse of a body", plain);
    if (plain == SGC_PLAIN_MAX)
        return;
    uint64_t next = sgc_layout_sealed(plain + 1);
    expect(next > sealed, "strictly increasing", plain);
    expect(next - sealed <= 1 + 28 + 44, "no gap is larger than a segment and a slot", plain);
    for (uint64_t between = sealed + 1; between < next; between++)
        expect(!sgc_layout_plain(between, &back), "a size that no plaintext gives", between);
}

static void check_around(uint64_t centre)
{
    uint64_t from = centre < NEAR ? 0 : centre - NEAR;
    uint64_t to = centre + NEAR > SGC_PLAIN_MAX ? SGC_PLAIN_MAX : centre + NEAR;
    for (uint64_t plain = from; plain <= to; plain++)
        check_plain(plain);
}

START_TEST(sizes_are_those_that_the_page_names)
{
    ck_assert_uint_eq(sgc_layout_sealed(0), 204); /* FMT-5 */
    ck_assert_uint_eq(sgc_layout_sealed(1), 233);
    ck_assert_uint_eq(sgc_layout_sealed(65536), 65536 + 28 + 204);
    ck_assert_uint_eq(sgc_layout_sealed(65537), 65537 + 56 + 204);
    ck_assert_uint_eq(sgc_layout_sealed(UNIT - 1), UNIT - 1 + 80 * 28 + 204);
    ck_assert_uint_eq(sgc_layout_sealed(UNIT), UNIT + 80 * 28 + 248);
    ck_assert_uint_eq(sgc_layout_footer_one(0), 204);
    ck_assert_uint_eq(sgc_layout_footer_one(9999 * UNIT), SGC_FOOTER_MAX);
    ck_assert_uint_eq(sgc_layout_footer_one(SGC_PLAIN_MAX), SGC_FOOTER_MAX);
    ck_assert_uint_eq(sgc_layout_body_sealed(UNIT), 5245120);
}
END_TEST

START_TEST(limits_are_the_largest_lengths_that_fit_five_gibibytes) /* FMT-6 */
{
    ck_assert_uint_le(sgc_layout_sealed(SGC_PLAIN_MAX_PUT), UPSTREAM_MAX);
    ck_assert_uint_gt(sgc_layout_sealed(SGC_PLAIN_MAX_PUT + 1), UPSTREAM_MAX);
    ck_assert_uint_le(sgc_layout_body_sealed(SGC_PLAIN_MAX_PART), UPSTREAM_MAX);
    ck_assert_uint_gt(sgc_layout_body_sealed(SGC_PLAIN_MAX_PART + 1), UPSTREAM_MAX);
    uint64_t part_10000 = SGC_PLAIN_MAX_PART - SGC_FOOTER_MAX;
    ck_assert_uint_le(sgc_layout_body_sealed(part_10000) + SGC_FOOTER_MAX, UPSTREAM_MAX);
}
END_TEST

START_TEST(small_sizes_are_exact_one_by_one)
{
    for (uint64_t plain = 0; plain <= 4 * S + NEAR; plain++)
        check_plain(plain);
}
END_TEST

START_TEST(sizes_around_segment_borders_are_exact)
{
    for (uint64_t segment = 0; segment <= 2000; segment++)
        check_around(segment * S);
    /* The first segments behind the last slot, and the last of all. */
    for (uint64_t segment = 0; segment <= 200; segment++) {
        check_around(10000 * UNIT + segment * S);
        check_around(SGC_PLAIN_MAX - segment * S);
    }
}
END_TEST

START_TEST(sizes_around_unit_borders_are_exact)
{
    for (uint64_t unit = 0; unit <= 10010; unit++)
        check_around(unit * UNIT);
}
END_TEST

START_TEST(sizes_around_the_limits_are_exact)
{
    check_around(SGC_PLAIN_MAX_PUT);
    check_around(SGC_PLAIN_MAX_PART);
    check_around(SGC_PLAIN_MAX_PART - SGC_FOOTER_MAX);
    check_around(5 * SG_GIB);
    check_around(9999 * UNIT);
    check_around(10000 * UNIT);
    check_around(10001 * UNIT);
    check_around(10000 * 5 * SG_GIB);
    check_around(SGC_PLAIN_MAX);
    for (unsigned bit = 0; bit <= 50; bit++)
        check_around(1ULL << bit);
}
END_TEST

START_TEST(millions_of_random_sizes_are_exact)
{
    uint64_t state = 0x5ea19a7e;
    for (int i = 0; i < 8000000; i++) {
        uint64_t bits = next_random(&state) % 51;
        check_plain(next_random(&state) & ((1ULL << bits) - 1));
    }
}
END_TEST

/* Every stored size of a range either gives a plaintext size whose G it is, or lies between two values of G. FMT-5 */
static void check_sealed_range(uint64_t from, uint64_t count)
{
    uint64_t plain, ours = 0, last = 0;
    for (uint64_t sealed = from; sealed < from + count; sealed++) {
        if (!sgc_layout_plain(sealed, &plain))
            continue;
        expect(g_of(plain) == sealed, "only what G gives is accepted", sealed);
        expect(ours == 0 || plain == last + 1, "no plaintext size is left out", sealed);
        last = plain;
        ours++;
    }
    expect(ours > count - 28 * (count / S + 2) - 44 * (count / UNIT + 2) - 204, "nearly every size is ours", from);
}

START_TEST(every_stored_size_in_large_ranges_has_the_right_inverse)
{
    check_sealed_range(0, 6 * 1024 * 1024);
    check_sealed_range(g_of(9998 * UNIT), 3 * UNIT);
    check_sealed_range(g_of(10000 * UNIT) - 300000, 600000);
    check_sealed_range(UPSTREAM_MAX - 300000, 600000);
}
END_TEST

START_TEST(stored_sizes_below_the_smallest_object_are_not_ours)
{
    uint64_t plain;
    for (uint64_t sealed = 0; sealed < 204; sealed++)
        ck_assert(!sgc_layout_plain(sealed, &plain));
    for (uint64_t sealed = 205; sealed < 233; sealed++)
        ck_assert(!sgc_layout_plain(sealed, &plain));
}
END_TEST

START_TEST(absurd_stored_sizes_are_refused_without_overflow)
{
    uint64_t plain = 7, most = sgc_layout_sealed(SGC_PLAIN_MAX);
    ck_assert(sgc_layout_plain(most, &plain));
    ck_assert_uint_eq(plain, SGC_PLAIN_MAX);
    plain = 7;
    for (uint64_t i = 1; i < 200000; i++)
        expect(!sgc_layout_plain(most + i, &plain), "above the largest", i);
    for (uint64_t i = 0; i < 200000; i++) {
        expect(!sgc_layout_plain(UINT64_MAX - i, &plain), "near 2^64", i);
        expect(!sgc_layout_plain((1ULL << 63) + i, &plain), "above 2^63", i);
        expect(!sgc_layout_plain((1ULL << 63) - i, &plain), "below 2^63", i);
        expect(!sgc_layout_body_plain(UINT64_MAX - i, &plain), "a body near 2^64", i);
        expect(!sgc_layout_body_plain((1ULL << 63) + i, &plain), "a body above 2^63", i);
    }
    uint64_t state = 99;
    for (int i = 0; i < 1000000; i++) {
        uint64_t sealed = next_random(&state);
        if (sealed > most)
            expect(!sgc_layout_plain(sealed, &plain), "random and too large", sealed);
    }
    ck_assert_uint_eq(plain, 7); /* a refusal leaves the output alone */
}
END_TEST

START_TEST(lengths_above_the_maximum_saturate)
{
    static const uint64_t lengths[] = {SGC_PLAIN_MAX + 1, 1ULL << 51, 1ULL << 63, UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < SG_COUNT_OF(lengths); i++) {
        struct sgc_span span;
        ck_assert_uint_eq(sgc_layout_sealed(lengths[i]), UINT64_MAX);
        ck_assert_uint_eq(sgc_layout_body_sealed(lengths[i]), UINT64_MAX);
        ck_assert(!sgc_layout_span(lengths[i], 0, 1, &span));
    }
    ck_assert_uint_eq(sgc_layout_segments(UINT64_MAX), 1ULL << 48);
}
END_TEST

START_TEST(bodies_without_footer_have_an_inverse) /* FMT-3 */
{
    uint64_t plain = 7;
    ck_assert(sgc_layout_body_plain(0, &plain) && plain == 0);
    for (uint64_t sealed = 1; sealed <= 28; sealed++)
        ck_assert(!sgc_layout_body_plain(sealed, &plain));
    ck_assert(sgc_layout_body_plain(29, &plain) && plain == 1);
    ck_assert(sgc_layout_body_plain(65564, &plain) && plain == 65536);
    for (uint64_t sealed = 65565; sealed <= 65564 + 28; sealed++)
        ck_assert(!sgc_layout_body_plain(sealed, &plain));
    ck_assert(sgc_layout_body_plain(65564 + 29, &plain) && plain == 65537);
}
END_TEST

/* --- ranges --- */

/* FMT-7: a span, checked from its definition and not from how it is computed. */
static void check_span(uint64_t part, uint64_t from, uint64_t len)
{
    struct sgc_span span;
    expect(sgc_layout_span(part, from, len, &span), "a range inside the part", from);
    uint64_t first_plain = span.first_segment * S;
    uint64_t end_plain = (span.first_segment + span.segment_count) * S;
    expect(span.sealed_from == span.first_segment * (S + 28), "offset of a segment", from);
    expect(span.segment_count > 0 && first_plain <= from && from < first_plain + S, "first segment", from);
    expect(from + len <= end_plain && from + len > end_plain - S, "last segment", from);
    expect(span.skip_plain == from - first_plain && span.take_plain == len, "what is cut out", from);
    uint64_t whole = end_plain < part ? end_plain : part;
    expect(span.sealed_len == whole - first_plain + 28 * span.segment_count, "sealed length", from);
    expect(span.sealed_from + span.sealed_len <= sgc_layout_body_sealed(part), "inside the part", from);
}

START_TEST(spans_cover_every_range_at_segment_borders)
{
    static const uint64_t points[] = {0, 1, S - 1, S, S + 1, 2 * S - 1, 2 * S, 2 * S + 1, 3 * S - 1, 3 * S, 3 * S + 7};
    for (size_t p = 0; p < SG_COUNT_OF(points); p++) {
        uint64_t part = points[p];
        for (size_t a = 0; a < SG_COUNT_OF(points) && points[a] < part; a++) {
            for (size_t b = a; b < SG_COUNT_OF(points) && points[b] < part; b++)
                check_span(part, points[a], points[b] - points[a] + 1);
            check_span(part, points[a], part - points[a]);
        }
    }
}
END_TEST

START_TEST(spans_cover_random_ranges)
{
    uint64_t state = 4711;
    for (int i = 0; i < 500000; i++) {
        uint64_t part = 1 + next_random(&state) % (1ULL << (1 + next_random(&state) % 50));
        uint64_t from = next_random(&state) % part;
        check_span(part, from, 1 + next_random(&state) % (part - from));
    }
    check_span(SGC_PLAIN_MAX, SGC_PLAIN_MAX - 1, 1);
    check_span(SGC_PLAIN_MAX, 0, SGC_PLAIN_MAX);
}
END_TEST

static const struct {
    uint64_t part, from, len;
} no_spans[] = {
    {0, 0, 0},
    {0, 0, 1},
    {1, 0, 0},
    {1, 1, 1},
    {1, 0, 2},
    {100, 100, 0},
    {100, 100, 1},
    {100, 99, 2},
    {100, 50, UINT64_MAX},
    {100, UINT64_MAX, 1},
    {100, UINT64_MAX, UINT64_MAX},
    {100, 1, UINT64_MAX - 1},
    {SGC_PLAIN_MAX, SGC_PLAIN_MAX, 1},
    {SGC_PLAIN_MAX + 1, 0, 1},
    {UINT64_MAX, 0, 1},
    {UINT64_MAX, UINT64_MAX - 1, 1},
};

START_TEST(ranges_that_are_empty_or_not_inside_the_part_have_no_span)
{
    struct sgc_span span = {.take_plain = 7};
    ck_assert(!sgc_layout_span(no_spans[_i].part, no_spans[_i].from, no_spans[_i].len, &span));
    ck_assert_uint_eq(span.take_plain, 7);
}
END_TEST

/* Parts of any sizes: the range of every byte pair lies where walking over the parts finds it. */
static const uint64_t part_lengths[][4] = {
    {1, 0, 0, 0},     {65536, 1, 0, 0},           {65537, 65535, 3, 0},
    {0, 5, 0, 70000}, {131072, 131073, 65536, 2}, {100, 200, 300, 400},
};

/* Where plaintext byte `at` lies: its part, its segment there, the offset of that segment in the sealed bytes. */
static void walk(const struct sgc_part *parts, uint64_t at, size_t *part, uint64_t *segment, uint64_t *sealed)
{
    *part = 0;
    *sealed = 0;
    while (at >= parts[*part].plain) {
        at -= parts[*part].plain;
        *sealed += sgc_layout_body_sealed(parts[*part].plain);
        (*part)++;
    }
    *segment = at / S;
    *sealed += *segment * (S + 28);
}

START_TEST(a_range_over_parts_is_where_walking_finds_it)
{
    struct sgc_part parts[4];
    uint64_t total = 0;
    for (size_t i = 0; i < 4; i++) {
        parts[i] = (struct sgc_part){.number = (uint32_t)i + 1, .plain = part_lengths[_i][i]};
        total += parts[i].plain;
    }
    for (uint64_t from = 0; from < total; from += 1 + from / 7) {
        for (uint64_t len = 1; len <= total - from; len += 1 + len / 3) {
            struct sgc_span span;
            size_t first_part, last_part;
            uint64_t first_segment, first_sealed, last_segment, last_sealed;
            expect(sgc_layout_parts_span(parts, 4, from, len, &span), "a range inside the object", from);
            walk(parts, from, &first_part, &first_segment, &first_sealed);
            walk(parts, from + len - 1, &last_part, &last_segment, &last_sealed);
            expect(span.first_part == first_part && span.first_segment == first_segment, "first segment", from);
            expect(span.sealed_from == first_sealed && span.take_plain == len, "where it begins", from);
            uint64_t last_plain = parts[last_part].plain - last_segment * S;
            last_plain = last_plain < S ? last_plain : S;
            expect(span.sealed_from + span.sealed_len == last_sealed + last_plain + 28, "where it ends", len);
        }
    }
    struct sgc_span none;
    ck_assert(!sgc_layout_parts_span(parts, 4, 0, 0, &none));
    ck_assert(!sgc_layout_parts_span(parts, 4, total, 1, &none));
    ck_assert(!sgc_layout_parts_span(parts, 4, 0, total + 1, &none));
    ck_assert(!sgc_layout_parts_span(parts, 0, 0, 1, &none));
}
END_TEST

START_TEST(part_lengths_that_would_overflow_have_no_range)
{
    const struct sgc_part parts[] = {{1, 0, SGC_PLAIN_MAX}, {2, 0, SGC_PLAIN_MAX}, {3, 0, UINT64_MAX}};
    struct sgc_span span;
    ck_assert(sgc_layout_parts_span(parts, 3, SGC_PLAIN_MAX - 1, 1, &span));
    ck_assert(!sgc_layout_parts_span(parts, 3, SGC_PLAIN_MAX - 1, 2, &span));
}
END_TEST

SG_TEST_MAIN("crypto/layout", TEST_LOOP(a_range_over_parts_is_where_walking_finds_it, SG_COUNT_OF(part_lengths)),
             TEST(part_lengths_that_would_overflow_have_no_range), TEST(sizes_are_those_that_the_page_names),
             TEST(limits_are_the_largest_lengths_that_fit_five_gibibytes), TEST(small_sizes_are_exact_one_by_one),
             TEST(sizes_around_segment_borders_are_exact), TEST(sizes_around_unit_borders_are_exact),
             TEST(sizes_around_the_limits_are_exact), TEST(millions_of_random_sizes_are_exact),
             TEST(every_stored_size_in_large_ranges_has_the_right_inverse),
             TEST(stored_sizes_below_the_smallest_object_are_not_ours),
             TEST(absurd_stored_sizes_are_refused_without_overflow), TEST(lengths_above_the_maximum_saturate),
             TEST(bodies_without_footer_have_an_inverse), TEST(spans_cover_every_range_at_segment_borders),
             TEST(spans_cover_random_ranges),
             TEST_LOOP(ranges_that_are_empty_or_not_inside_the_part_have_no_span, SG_COUNT_OF(no_spans)))
