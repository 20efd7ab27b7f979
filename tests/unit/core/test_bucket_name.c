/* Which names may a bucket have, and which not? */
#include "support/check_main.h"

#include "core/bucket_name.h"

#include "common/banned.h"

#define TEN "abcdefghij"

static const char *const good[] = {
    "abc",        "my-bucket", "my.bucket.example",
    "0123",       "a1b",       "1.2.3",
    "1.2.3.4567", "1.2.3.4.5", "a.b.c.d",
    "xn-a",       "a-xn--b",   "s3alias",
    "sthree",     "123-4",     TEN TEN TEN TEN TEN TEN "abc",
};

static const char *const bad[] = {
    "",
    "a",
    "ab",
    TEN TEN TEN TEN TEN TEN "abcd",
    "Abc",
    "aBc",
    "ABC",
    "a_b",
    "a b",
    "a/b",
    "a%b",
    "a+b",
    "a:b",
    "a\nb",
    "\xc3\xa9tre",
    "-abc",
    "abc-",
    ".abc",
    "abc.",
    "a..b",
    "a.-b",
    "a-.b",
    "192.168.0.1",
    "1.2.3.4",
    "999.999.999.999",
    "...",
    "---",
    "*",
    "***",
    "xn--punycode",
    "sthree-a",
    "amzn-s3-demo-bucket",
    "a-s3alias",
    "a--ol-s3",
    "abc.mrap",
    "a--x-s3",
    "a--table-s3",
    "abc\x7f",
};

START_TEST(good_names_are_accepted)
{
    ck_assert_msg(sg_bucket_name_is_valid(sg_bytes_str(good[_i])), "%s", good[_i]);
}
END_TEST

START_TEST(bad_names_are_refused)
{
    ck_assert_msg(!sg_bucket_name_is_valid(sg_bytes_str(bad[_i])), "%s", bad[_i]);
}
END_TEST

START_TEST(a_name_with_a_zero_byte_is_refused)
{
    ck_assert(!sg_bucket_name_is_valid(SG_BYTES_LIT("abc\0def")));
}
END_TEST

SG_TEST_MAIN("core/bucket_name", TEST_LOOP(good_names_are_accepted, SG_COUNT_OF(good)),
             TEST_LOOP(bad_names_are_refused, SG_COUNT_OF(bad)), TEST(a_name_with_a_zero_byte_is_refused))
