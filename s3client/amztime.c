/*
 * Parsing is strict by printing: the digits are read from their places, turned to seconds, and printed again; only a
 * text that comes back equal was one of the forms. That refuses 30 February, the 61st second, a wrong day of the week,
 * signs and blanks without a rule for each. No locale and no time zone is asked.
 */
#include "s3client/amztime.h"

#include <time.h>

#include "common/banned.h"

#define LAST_SECOND 253402300799LL /* 9999-12-31T23:59:59Z */

static const char weekdays[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* Times outside 1970 to 9999 are clamped: every output has its full length, whatever a clock says. */
static struct tm fields_of(int64_t wall_s)
{
    time_t seconds = (time_t)(wall_s < 0 ? 0 : wall_s > LAST_SECOND ? LAST_SECOND : wall_s);
    struct tm fields = {0};
    (void)gmtime_r(&seconds, &fields);
    return fields;
}

/* Writes `value` with `width` digits and returns what is behind them. */
static char *put_number(char *at, int value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + width;
}

static char *put_text(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
    return at;
}

void sgs_amz_date_print(int64_t wall_s, char out[SGS_AMZ_DATE_SIZE])
{
    struct tm t = fields_of(wall_s);
    char *at = put_number(out, t.tm_year + 1900, 4);
    at = put_number(at, t.tm_mon + 1, 2);
    at = put_number(at, t.tm_mday, 2);
    at = put_text(at, "T");
    at = put_number(at, t.tm_hour, 2);
    at = put_number(at, t.tm_min, 2);
    at = put_number(at, t.tm_sec, 2);
    at = put_text(at, "Z");
    *at = '\0';
}

/* hh:mm:ss */
static char *put_clock(char *at, const struct tm *t)
{
    at = put_text(put_number(at, t->tm_hour, 2), ":");
    at = put_text(put_number(at, t->tm_min, 2), ":");
    return put_number(at, t->tm_sec, 2);
}

void sgs_http_date_print(int64_t wall_s, char out[SGS_HTTP_DATE_SIZE])
{
    struct tm t = fields_of(wall_s);
    char *at = put_text(put_text(out, weekdays[t.tm_wday]), ", ");
    at = put_text(put_number(at, t.tm_mday, 2), " ");
    at = put_text(put_text(at, months[t.tm_mon]), " ");
    at = put_text(put_number(at, t.tm_year + 1900, 4), " ");
    at = put_text(put_clock(at, &t), " GMT");
    *at = '\0';
}

void sgs_iso_date_print(int64_t wall_s, char out[SGS_ISO_DATE_SIZE])
{
    struct tm t = fields_of(wall_s);
    char *at = put_text(put_number(out, t.tm_year + 1900, 4), "-");
    at = put_text(put_number(at, t.tm_mon + 1, 2), "-");
    at = put_text(put_number(at, t.tm_mday, 2), "T");
    at = put_text(put_clock(at, &t), ".000Z");
    *at = '\0';
}

/* The number in `width` characters from `at` on, which the text must have. What is no digit makes a number that does
 * not print back to the same text. */
static int take_number(struct sg_bytes text, size_t at, size_t width)
{
    int value = 0;
    for (size_t i = at; i < at + width; i++)
        value = value * 10 + (text.ptr[i] >= '0' && text.ptr[i] <= '9' ? text.ptr[i] - '0' : 0);
    return value;
}

sg_err sgs_amz_date_parse(struct sg_bytes text, int64_t *wall_s_out)
{
    SG_CHECK(text.len == SGS_AMZ_DATE_SIZE - 1, INVALID_ARGUMENT);
    struct tm t = {
        .tm_year = take_number(text, 0, 4) - 1900,
        .tm_mon = take_number(text, 4, 2) - 1,
        .tm_mday = take_number(text, 6, 2),
        .tm_hour = take_number(text, 9, 2),
        .tm_min = take_number(text, 11, 2),
        .tm_sec = take_number(text, 13, 2),
    };
    int64_t wall_s = timegm(&t);
    char again[SGS_AMZ_DATE_SIZE];
    sgs_amz_date_print(wall_s, again);
    SG_CHECK(sg_bytes_eq_str(text, again), INVALID_ARGUMENT);
    *wall_s_out = wall_s;
    return SG_OK;
}

static int month_of(struct sg_bytes name)
{
    int month = 0;
    while (month < 11 && !sg_bytes_eq_str(name, months[month]))
        month++;
    return month;
}

sg_err sgs_http_date_parse(struct sg_bytes text, int64_t *wall_s_out)
{
    SG_CHECK(text.len == SGS_HTTP_DATE_SIZE - 1, INVALID_ARGUMENT);
    struct tm t = {
        .tm_mday = take_number(text, 5, 2),
        .tm_mon = month_of(sg_bytes_slice(text, 8, 3)),
        .tm_year = take_number(text, 12, 4) - 1900,
        .tm_hour = take_number(text, 17, 2),
        .tm_min = take_number(text, 20, 2),
        .tm_sec = take_number(text, 23, 2),
    };
    int64_t wall_s = timegm(&t);
    char again[SGS_HTTP_DATE_SIZE];
    sgs_http_date_print(wall_s, again);
    SG_CHECK(sg_bytes_eq_str(text, again), INVALID_ARGUMENT);
    *wall_s_out = wall_s;
    return SG_OK;
}
