/* Are the date forms printed exactly, and is everything else refused? */
#include "s3client/amztime.h"

#include "support/check_main.h"

#include "common/banned.h"

static const struct {
    int64_t wall_s;
    const char *amz, *http, *iso;
} dates[] = {
    {0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.000Z"},
    {1369353600, "20130524T000000Z", "Fri, 24 May 2013 00:00:00 GMT", "2013-05-24T00:00:00.000Z"},
    {784111777, "19941106T084937Z", "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"},
    {951782400, "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00.000Z"},
    {951868799, "20000229T235959Z", "Tue, 29 Feb 2000 23:59:59 GMT", "2000-02-29T23:59:59.000Z"},
    {2147483648, "20380119T031408Z", "Tue, 19 Jan 2038 03:14:08 GMT", "2038-01-19T03:14:08.000Z"},
    {4107542399, "21000228T235959Z", "Sun, 28 Feb 2100 23:59:59 GMT", "2100-02-28T23:59:59.000Z"},
    {4107542400, "21000301T000000Z", "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00.000Z"},
    {253402300799, "99991231T235959Z", "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.000Z"},
};

START_TEST(dates_are_printed_and_parsed)
{
    char amz[SGS_AMZ_DATE_SIZE], http[SGS_HTTP_DATE_SIZE], iso[SGS_ISO_DATE_SIZE];
    int64_t wall_s = -1;
    sgs_amz_date_print(dates[_i].wall_s, amz);
    sgs_http_date_print(dates[_i].wall_s, http);
    sgs_iso_date_print(dates[_i].wall_s, iso);
    ck_assert_str_eq(amz, dates[_i].amz);
    ck_assert_str_eq(http, dates[_i].http);
    ck_assert_str_eq(iso, dates[_i].iso);
    ck_ok(sgs_amz_date_parse(sg_bytes_str(amz), &wall_s));
    ck_assert_int_eq(wall_s, dates[_i].wall_s);
    wall_s = -1;
    ck_ok(sgs_http_date_parse(sg_bytes_str(http), &wall_s));
    ck_assert_int_eq(wall_s, dates[_i].wall_s);
}
END_TEST

START_TEST(each_day_of_four_centuries_comes_back)
{
    char amz[SGS_AMZ_DATE_SIZE], http[SGS_HTTP_DATE_SIZE];
    for (int64_t day = 0; day < 146097; day++) {
        int64_t second = (day * 7919) % 86400, from_amz, from_http;
        sgs_amz_date_print(day * 86400 + second, amz);
        sgs_http_date_print(day * 86400 + second, http);
        ck_ok(sgs_amz_date_parse(sg_bytes_str(amz), &from_amz));
        ck_ok(sgs_http_date_parse(sg_bytes_str(http), &from_http));
        ck_assert(from_amz == day * 86400 + second && from_http == from_amz);
    }
}
END_TEST

START_TEST(times_that_no_form_can_hold_are_clamped)
{
    char amz[SGS_AMZ_DATE_SIZE], http[SGS_HTTP_DATE_SIZE], iso[SGS_ISO_DATE_SIZE];
    sgs_amz_date_print(-1, amz);
    ck_assert_str_eq(amz, "19700101T000000Z");
    sgs_http_date_print(INT64_MIN, http);
    ck_assert_str_eq(http, "Thu, 01 Jan 1970 00:00:00 GMT");
    sgs_iso_date_print(INT64_MAX, iso);
    ck_assert_str_eq(iso, "9999-12-31T23:59:59.000Z");
}
END_TEST

static const char *const bad_amz[] = {
    "",
    "20130524",
    "20130524T000000",
    "20130524T000000z",
    "20130524t000000Z",
    "20130524 000000Z",
    "20130524T000000Z ",
    " 20130524T000000Z",
    "20130524T0000000",
    "2013-05-24T00:00",
    "20130024T000000Z",
    "20131324T000000Z",
    "20130500T000000Z",
    "20130532T000000Z",
    "20130431T000000Z",
    "20130229T000000Z",
    "21000229T000000Z",
    "20130524T240000Z",
    "20130524T006000Z",
    "20130524T000060Z",
    "20161231T235960Z",
    "19691231T235959Z",
    "00000101T000000Z",
    "-2013524T000000Z",
    "+2013524T000000Z",
    "2013 524T000000Z",
    "2013O524T000000Z",
    "20130524T00000\xB2Z",
    "20130524T-10000Z",
};

START_TEST(other_amz_dates_are_refused)
{
    int64_t wall_s = 42;
    ck_fails(sgs_amz_date_parse(sg_bytes_str(bad_amz[_i]), &wall_s), INVALID_ARGUMENT);
    ck_assert_int_eq(wall_s, 42);
}
END_TEST

static const char *const bad_http[] = {
    "",
    "Fri, 24 May 2013 00:00:00",
    "Fri, 24 May 2013 00:00:00 UTC",
    "Fri, 24 May 2013 00:00:00 gmt",
    "Fri, 24 May 2013 00:00:00 GMT ",
    "Thu, 24 May 2013 00:00:00 GMT", /* it was a Friday */
    "fri, 24 May 2013 00:00:00 GMT",
    "Fri, 24 may 2013 00:00:00 GMT",
    "Fri, 24 Mai 2013 00:00:00 GMT",
    "Fri, 24 Foo 2013 00:00:00 GMT",
    "Fri,  4 May 2013 00:00:00 GMT",
    "Fri, 32 May 2013 00:00:00 GMT",
    "Fri, 00 May 2013 00:00:00 GMT",
    "Fri, 29 Feb 2013 00:00:00 GMT",
    "Fri, 24 May 2013 24:00:00 GMT",
    "Fri, 24 May 2013 00:60:00 GMT",
    "Fri, 24 May 2013 00:00:60 GMT",
    "Fri, 24 May 1013 00:00:00 GMT",
    "Friday, 24-May-13 00:00:00 GM", /* obsolete forms */
    "Friday, 24-May-13 00:00:00 GMT",
    "Fri May 24 00:00:00 2013",
    "Fri, 24-May-2013 00:00:00 GMT",
    "Fri; 24 May 2013 00:00:00 GMT",
    "Fri, 24 May 2013 00.00.00 GMT",
    "Fri, +4 May 2013 00:00:00 GMT",
    "Fri, 24 May 2013 00:00:0x GMT",
};

START_TEST(other_http_dates_are_refused)
{
    int64_t wall_s = 42;
    ck_fails(sgs_http_date_parse(sg_bytes_str(bad_http[_i]), &wall_s), INVALID_ARGUMENT);
    ck_assert_int_eq(wall_s, 42);
}
END_TEST

START_TEST(a_nul_does_not_end_a_date)
{
    int64_t wall_s;
    ck_fails(sgs_amz_date_parse(SG_BYTES_LIT("20130524T000000\0"), &wall_s), INVALID_ARGUMENT);
    ck_fails(sgs_amz_date_parse(SG_BYTES_LIT("20130524T000000Z\0"), &wall_s), INVALID_ARGUMENT);
    ck_fails(sgs_http_date_parse(SG_BYTES_LIT("Fri, 24 May 2013 00:00:00 GM\0"), &wall_s), INVALID_ARGUMENT);
}
END_TEST

SG_TEST_MAIN("s3client/amztime", TEST_LOOP(dates_are_printed_and_parsed, SG_COUNT_OF(dates)),
             TEST(each_day_of_four_centuries_comes_back), TEST(times_that_no_form_can_hold_are_clamped),
             TEST_LOOP(other_amz_dates_are_refused, SG_COUNT_OF(bad_amz)),
             TEST_LOOP(other_http_dates_are_refused, SG_COUNT_OF(bad_http)), TEST(a_nul_does_not_end_a_date))
