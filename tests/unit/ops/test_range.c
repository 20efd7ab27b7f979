/* Ranges as S3 serves them: one, clamped; what is not understood is no range. */
#include "ops/range.h"

#include "support/check_main.h"

#include "common/banned.h"

struct row {
    const char *header;
    uint64_t size;
    int expected; /* 206, 200 (ignored), 416 */
    uint64_t from, len;
};

static const struct row table[] = {
    {"bytes=0-0", 10, 206, 0, 1},
    {"bytes=0-9", 10, 206, 0, 10},
    {"bytes=0-10", 10, 206, 0, 10},
    {"bytes=9-9", 10, 206, 9, 1},
    {"bytes=10-10", 10, 416, 0, 0},
    {"bytes=3-", 10, 206, 3, 7},
    {"bytes=10-", 10, 416, 0, 0},
    {"bytes=-3", 10, 206, 7, 3},
    {"bytes=-10", 10, 206, 0, 10},
    {"bytes=-11", 10, 206, 0, 10},
    {"bytes=-0", 10, 416, 0, 0},
    {"bytes=0-", 0, 416, 0, 0},
    {"bytes=0-0", 0, 416, 0, 0},
    {"bytes=-1", 0, 416, 0, 0},
    {"bytes=5-2", 10, 416, 0, 0},
    {"BYTES=1-2", 10, 206, 1, 2},
    {" bytes=1-2 ", 10, 206, 1, 2},
    {"bytes=0-18446744073709551615", 10, 206, 0, 10},
    {"bytes=0-99999999999999999999999", 10, 206, 0, 10},
    {"bytes=99999999999999999999999-", 10, 416, 0, 0},
    {"bytes=-99999999999999999999999", 10, 206, 0, 10},
    {"bytes=0-1,3-4", 10, 200, 0, 10},
    {"bytes=a-b", 10, 200, 0, 10},
    {"bytes=-", 10, 200, 0, 10},
    {"bytes=", 10, 200, 0, 10},
    {"bytes", 10, 200, 0, 10},
    {"", 10, 200, 0, 10},
    {"items=0-1", 10, 200, 0, 10},
    {"bytes=1 - 2", 10, 200, 0, 10},
    {"bytes=+1-2", 10, 200, 0, 10},
    {"bytes=1--2", 10, 200, 0, 10},
    {"bytes=0x1-2", 10, 200, 0, 10},
};

START_TEST(a_range_header_selects)
{
    const struct row *row = &table[_i];
    struct sg_range range = sg_range_parse(sg_bytes_str(row->header));
    uint64_t from, len;
    bool satisfiable = sg_range_resolve(&range, row->size, &from, &len);
    int answer = range.form == SG_RANGE_NONE ? 200 : satisfiable ? 206 : 416;
    ck_assert_msg(answer == row->expected, "%s: %d", row->header, answer);
    if (answer != 416) {
        ck_assert_uint_eq(from, row->from);
        ck_assert_uint_eq(len, row->len);
    }
}
END_TEST

START_TEST(every_small_range_is_what_the_definition_says)
{
    for (uint64_t size = 0; size < 8; size++) {
        for (uint64_t first = 0; first < 10; first++) {
            for (uint64_t last = 0; last < 10; last++) {
                struct sg_range range = {.form = SG_RANGE_CLOSED, .first = first, .last = last};
                uint64_t from, len, count = 0;
                for (uint64_t at = 0; at < size; at++)
                    count += at >= first && at <= last;
                ck_assert(sg_range_resolve(&range, size, &from, &len) == (count > 0));
                if (count > 0) {
                    ck_assert_uint_eq(from, first);
                    ck_assert_uint_eq(len, count);
                }
            }
        }
    }
}
END_TEST

static const char *const bad_content_ranges[] = {
    "",
    "bytes",
    "bytes 0-1",
    "bytes 0-1/",
    "bytes 0-1/*",
    "bytes */10",
    "bytes 1-0/10",
    "bytes 0-10/10",
    "bytes 0-1/1x",
    "octets 0-1/10",
    "bytes -1/10",
    "bytes 0-1/10 x",
    "bytes=0-1/10",
};

START_TEST(a_malformed_content_range_is_refused)
{
    struct sg_content_range range;
    ck_assert_msg(!sg_content_range_parse(sg_bytes_str(bad_content_ranges[_i]), &range), "%s", bad_content_ranges[_i]);
}
END_TEST

START_TEST(a_content_range_is_read)
{
    struct sg_content_range range;
    ck_assert(sg_content_range_parse(SG_BYTES_LIT("bytes 5-9/10"), &range));
    ck_assert(range.first == 5 && range.last == 9 && range.size == 10);
}
END_TEST

SG_TEST_MAIN("ops/range", TEST_LOOP(a_range_header_selects, SG_COUNT_OF(table)),
             TEST(every_small_range_is_what_the_definition_says),
             TEST_LOOP(a_malformed_content_range_is_refused, SG_COUNT_OF(bad_content_ranges)),
             TEST(a_content_range_is_read))
