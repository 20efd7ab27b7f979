/* Which lists of headers are accepted, and do they give back exactly what was added? */
#include "s3client/headers.h"

#include "support/check_main.h"

#include "common/banned.h"

#define HEADERS SG_CLEANUP(sgs_headers_clear) struct sgs_headers

START_TEST(headers_come_back_in_order_and_as_added)
{
    HEADERS h = SGS_HEADERS_NONE;
    ck_ok(sgs_headers_add_str(&h, "Host", "a.example"));
    ck_ok(sgs_headers_add_str(&h, "x-amz-meta-A", "  two  blanks\t"));
    ck_ok(sgs_headers_add_str(&h, "host", ""));
    ck_assert_uint_eq(h.count, 3);
    ck_assert(sg_bytes_eq_str(sgs_headers_at(&h, 0).name, "Host"));
    ck_assert(sg_bytes_eq_str(sgs_headers_at(&h, 0).value, "a.example"));
    ck_assert(sg_bytes_eq_str(sgs_headers_at(&h, 1).name, "x-amz-meta-A"));
    ck_assert(sg_bytes_eq_str(sgs_headers_at(&h, 1).value, "  two  blanks\t"));
    ck_assert_uint_eq(sgs_headers_at(&h, 2).value.len, 0);
}
END_TEST

START_TEST(the_first_of_a_name_is_found_without_regard_to_case)
{
    HEADERS h = SGS_HEADERS_NONE;
    struct sg_bytes value;
    ck_ok(sgs_headers_add_str(&h, "ETag", "1"));
    ck_ok(sgs_headers_add_str(&h, "etag", "2"));
    ck_assert(sgs_headers_find(&h, "ETAG", &value));
    ck_assert(sg_bytes_eq_str(value, "1"));
    ck_assert_uint_eq(sgs_headers_count_of(&h, "eTag"), 2);
    ck_assert_uint_eq(sgs_headers_count_of(&h, "eTa"), 0);
    ck_assert(!sgs_headers_find(&h, "ETagg", &value));
    ck_assert(!sgs_headers_find(&h, "", &value));
}
END_TEST

START_TEST(values_may_be_formatted)
{
    HEADERS h = SGS_HEADERS_NONE;
    struct sg_bytes value;
    ck_ok(sgs_headers_addf(&h, "Range", "bytes=%d-%d", 0, 9));
    ck_assert(sgs_headers_find(&h, "range", &value));
    ck_assert(sg_bytes_eq_str(value, "bytes=0-9"));
    ck_fails(sgs_headers_addf(&h, "A", "%s", "b\r\nC: d"), INVALID_ARGUMENT);
    ck_fails(sgs_headers_addf(&h, "A", "x%cx", 0), INVALID_ARGUMENT);
    ck_fails(sgs_headers_addf(&h, "A:", "%d", 1), INVALID_ARGUMENT);
    ck_assert_uint_eq(h.count, 1);
}
END_TEST

static const struct {
    struct sg_bytes name, value;
} refused[] = {
    {SG_BYTES_INIT("a"), SG_BYTES_INIT("b\r\nc: d")}, {SG_BYTES_INIT("a"), SG_BYTES_INIT("b\n")},
    {SG_BYTES_INIT("a"), SG_BYTES_INIT("\r")},        {SG_BYTES_INIT("a"), SG_BYTES_INIT("b\0c")},
    {SG_BYTES_INIT("a"), SG_BYTES_INIT("\0")},        {SG_BYTES_INIT(""), SG_BYTES_INIT("b")},
    {SG_BYTES_INIT("a\r\nb"), SG_BYTES_INIT("c")},    {SG_BYTES_INIT("a\n"), SG_BYTES_INIT("c")},
    {SG_BYTES_INIT("a\0"), SG_BYTES_INIT("c")},       {SG_BYTES_INIT("a:"), SG_BYTES_INIT("c")},
    {SG_BYTES_INIT("a b"), SG_BYTES_INIT("c")},       {SG_BYTES_INIT(" a"), SG_BYTES_INIT("c")},
    {SG_BYTES_INIT("a\t"), SG_BYTES_INIT("c")},       {SG_BYTES_INIT("\xC3\xA9"), SG_BYTES_INIT("c")},
    {SG_BYTES_INIT("a\x7F"), SG_BYTES_INIT("c")},     {SG_BYTES_INIT("a(b)"), SG_BYTES_INIT("c")},
};

START_TEST(what_could_end_a_line_is_refused)
{
    HEADERS h = SGS_HEADERS_NONE;
    ck_ok(sgs_headers_add_str(&h, "first", "1"));
    ck_fails(sgs_headers_add(&h, refused[_i].name, refused[_i].value), INVALID_ARGUMENT);
    ck_assert_uint_eq(h.count, 1);
    ck_assert_uint_eq(h.bytes.len, strlen("first1"));
}
END_TEST

START_TEST(other_bytes_may_stand_in_values)
{
    HEADERS h = SGS_HEADERS_NONE;
    struct sg_bytes value;
    for (int c = 1; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        if (c != '\r' && c != '\n')
            ck_ok(sgs_headers_add(&h, SG_BYTES_LIT("x"), sg_bytes(&byte, 1)));
        ck_assert(c == '\r' || c == '\n' || sgs_headers_find(&h, "x", &value));
        sgs_headers_clear(&h);
    }
}
END_TEST

START_TEST(the_number_of_headers_is_bounded)
{
    HEADERS h = SGS_HEADERS_NONE;
    for (int i = 0; i < SG_LIMIT_HEADER_COUNT; i++)
        ck_ok(sgs_headers_addf(&h, "n", "%d", i));
    ck_fails(sgs_headers_add_str(&h, "n", "one more"), LIMIT);
    ck_assert_uint_eq(h.count, SG_LIMIT_HEADER_COUNT);
    ck_assert(sg_bytes_eq_str(sgs_headers_at(&h, 99).value, "99"));
}
END_TEST

START_TEST(the_bytes_are_bounded_and_a_refusal_changes_nothing)
{
    HEADERS h = {.bytes = SGC_BUF_INIT(10)};
    struct sg_bytes value;
    ck_ok(sgs_headers_add_str(&h, "name1", "1234"));
    ck_fails(sgs_headers_add_str(&h, "n", "v"), LIMIT);
    ck_fails(sgs_headers_addf(&h, "n", "%s", "a text that is longer than the buffer"), LIMIT);
    ck_ok(sgs_headers_add_str(&h, "n", ""));
    ck_assert_uint_eq(h.count, 2);
    ck_assert(sgs_headers_find(&h, "name1", &value));
    ck_assert(sg_bytes_eq_str(value, "1234"));
}
END_TEST

START_TEST(a_cleared_list_can_be_used_again)
{
    HEADERS h = SGS_HEADERS_NONE;
    struct sg_bytes value;
    ck_ok(sgs_headers_add_str(&h, "a", "b"));
    sgs_headers_clear(&h);
    sgs_headers_clear(&h);
    ck_assert(!sgs_headers_find(&h, "a", &value));
    ck_ok(sgs_headers_add_str(&h, "a", "c"));
    ck_assert(sgs_headers_find(&h, "a", &value) && sg_bytes_eq_str(value, "c"));
}
END_TEST

SG_TEST_MAIN("s3client/headers", TEST(headers_come_back_in_order_and_as_added),
             TEST(the_first_of_a_name_is_found_without_regard_to_case), TEST(values_may_be_formatted),
             TEST_LOOP(what_could_end_a_line_is_refused, SG_COUNT_OF(refused)), TEST(other_bytes_may_stand_in_values),
             TEST(the_number_of_headers_is_bounded), TEST(the_bytes_are_bounded_and_a_refusal_changes_nothing),
             TEST(a_cleared_list_can_be_used_again))
