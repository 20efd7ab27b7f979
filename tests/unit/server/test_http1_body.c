/*
 * Bodies by length and by chunks, cut at every place and taken in every size.
 */
#include "support/check_main.h"

#include "server/http1_body.h"

/* Feeds `text` in pieces of `step` bytes, takes at most `bite` body bytes at a time, and collects them. */
static sg_err decode(struct sg_http1_body *body, struct sg_bytes text, size_t step, size_t bite, char *out,
                     size_t *rest_out)
{
    struct sg_bytes input = SG_BYTES_NONE;
    size_t fed = 0, len = 0;
    while (!sg_http1_body_is_done(body)) {
        size_t framing = 0;
        struct sg_bytes data;
        if (input.len == 0) {
            input = sg_bytes_slice(text, fed, step);
            fed += input.len;
            SG_CHECK(input.len > 0, INCOMPLETE_BODY);
        }
        SG_TRY(sg_http1_body_next(body, input, &framing, &data));
        ck_assert_uint_le(framing + data.len, input.len);
        data = sg_bytes_slice(data, 0, bite);
        memcpy(out + len, data.ptr == NULL ? (const uint8_t *)"" : data.ptr, data.len);
        len += data.len;
        sg_http1_body_taken(body, data.len);
        input = sg_bytes_skip(input, framing + data.len);
    }
    out[len] = '\0';
    *rest_out = text.len - fed + input.len;
    return SG_OK;
}

static sg_err decode_chunked(const char *text, size_t step, size_t bite, char *out, size_t *rest_out)
{
    struct sg_http1_body body;
    sg_http1_body_init(&body, SG_LENGTH_UNKNOWN);
    return decode(&body, sg_bytes_str(text), step, bite, out, rest_out);
}

START_TEST(no_body_is_done_at_once)
{
    struct sg_http1_body body;
    sg_http1_body_init(&body, 0);
    ck_assert(sg_http1_body_is_done(&body));
    ck_assert_uint_eq(sg_http1_body_left(&body), 0);
}
END_TEST

START_TEST(a_length_is_counted_down)
{
    char out[64];
    size_t rest;
    for (size_t step = 1; step < 12; step++) {
        for (size_t bite = 1; bite < 12; bite++) {
            struct sg_http1_body body;
            sg_http1_body_init(&body, 9);
            ck_assert_uint_eq(sg_http1_body_left(&body), 9);
            ck_ok(decode(&body, SG_BYTES_LIT("123456789GET"), step, bite, out, &rest));
            ck_assert_str_eq(out, "123456789");
            ck_assert_uint_le(rest, 3);
        }
    }
}
END_TEST

START_TEST(a_huge_length_is_no_overflow)
{
    struct sg_http1_body body;
    size_t framing;
    struct sg_bytes data;
    sg_http1_body_init(&body, INT64_MAX);
    ck_ok(sg_http1_body_next(&body, SG_BYTES_LIT("abc"), &framing, &data));
    ck_assert_uint_eq(data.len, 3);
    sg_http1_body_taken(&body, 3);
    ck_assert_uint_eq(sg_http1_body_left(&body), (uint64_t)INT64_MAX - 3);
}
END_TEST

static const struct {
    const char *text, *body;
    size_t rest;
} good[] = {
    {"0\r\n\r\n", "", 0},
    {"00000\r\n\r\n", "", 0},
    {"3\r\nabc\r\n0\r\n\r\n", "abc", 0},
    {"1\r\na\r\n2\r\nbc\r\n0\r\n\r\nGET", "abc", 3},
    {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0},
    {"a\r\n0123456789\r\n000\r\n\r\n\r\n", "0123456789", 2},
    {"000000000000003\r\nabc\r\n0\r\n\r\n", "abc", 0},
    {"3\r\n\r\n0\r\n0\r\n\r\n", "\r\n0", 0},
    {"3;a\r\nabc\r\n0;b=c;d=\"e f\"\r\n\r\n", "abc", 0},
    {"3;\r\nabc\r\n0\r\n\r\n", "abc", 0},
    {"3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\nx", "abc", 1},
    {"0\r\nanything at all\r\n\r\n", "", 0},
};

START_TEST(chunks_give_their_bytes_in_any_cut)
{
    char out[64];
    size_t rest;
    for (size_t step = 1; step < 60; step++) {
        for (size_t bite = 1; bite < 12; bite++) {
            ck_ok(decode_chunked(good[_i].text, step, bite, out, &rest));
            ck_assert_str_eq(out, good[_i].body);
            ck_assert_uint_eq(rest, good[_i].rest);
        }
    }
}
END_TEST

static const char *const bad[] = {
    "\r\n",
    "\n",
    "x\r\n",
    "g\r\n",
    " 3\r\nabc\r\n0\r\n\r\n",
    "3 \r\nabc\r\n0\r\n\r\n",
    "3\t\r\nabc\r\n0\r\n\r\n",
    "3 ;a\r\nabc\r\n0\r\n\r\n",
    "+3\r\nabc\r\n0\r\n\r\n",
    "-3\r\nabc\r\n0\r\n\r\n",
    "0x3\r\nabc\r\n0\r\n\r\n",
    "3\nabc\r\n0\r\n\r\n",
    "3\r\rabc\r\n0\r\n\r\n",
    "3\r\r\nabc\r\n0\r\n\r\n",
    "3;a\nabc\r\n0\r\n\r\n",
    "3;a\rb\r\nabc\r\n0\r\n\r\n",
    "3;a\x01\r\nabc\r\n0\r\n\r\n",
    "3;a\x7f\r\nabc\r\n0\r\n\r\n",
    "3\r\nabc\n0\r\n\r\n",
    "3\r\nabcd\r\n0\r\n\r\n",
    "3\r\nabc0\r\n\r\n",
    "3\r\nabc\r\r\n0\r\n\r\n",
    "3\r\nabc\r\n\r\n0\r\n\r\n",
    "3\r\nabc\r\n0\n\r\n",
    "0\r\n\n",
    "0\r\n\r\r\n",
    "0\r\nA: b\n\r\n",
    "0\r\nA: b\r\n\n",
    "0\r\n A: b\r\n\r\n",
    "0\r\nA: b\r\n\tc\r\n\r\n",
    "0\r\nA: \x01\r\n\r\n",
    "1111111111111111\r\n",
    "0000000000000003\r\nabc\r\n0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "10000000000000000\r\n",
};

START_TEST(anything_else_is_refused)
{
    char out[64];
    size_t rest;
    ck_fails(decode_chunked(bad[_i], 1, 64, out, &rest), BAD_HTTP);
    ck_fails(decode_chunked(bad[_i], 64, 64, out, &rest), BAD_HTTP);
}
END_TEST

START_TEST(a_body_that_stops_anywhere_is_not_done)
{
    const char whole[] = "3;a\r\nabc\r\n1\r\nd\r\n0\r\nA: b\r\n\r\n";
    for (size_t cut = 0; cut < sizeof(whole) - 1; cut++) {
        char text[64], out[64];
        size_t rest;
        memcpy(text, whole, cut);
        text[cut] = '\0';
        ck_fails(decode_chunked(text, 64, 64, out, &rest), INCOMPLETE_BODY);
    }
}
END_TEST

static sg_err decode_filled(const char *begin, size_t fill, const char *end)
{
    char *text = calloc(1, fill + 100);
    char out[64];
    size_t rest;
    memcpy(text, begin, strlen(begin));
    memset(text + strlen(begin), 'x', fill);
    memcpy(text + strlen(begin) + fill, end, strlen(end));
    sg_err err = decode_chunked(text, 100, 64, out, &rest);
    free(text);
    return err;
}

START_TEST(lines_and_trailers_have_limits)
{
    const char *tail = "\r\nabc\r\n0\r\n\r\n";
    ck_ok(decode_filled("3;", SG_LIMIT_CHUNK_LINE - 4, tail));
    ck_fails(decode_filled("3;", SG_LIMIT_CHUNK_LINE - 3, tail), HEAD_TOO_LARGE);
    ck_fails(decode_filled("3\r\nabc\r\n0;", SG_LIMIT_CHUNK_LINE, "\r\n\r\n"), HEAD_TOO_LARGE);
    ck_ok(decode_filled("0\r\nA: ", SG_LIMIT_TRAILER - 7, "\r\n\r\n"));
    ck_fails(decode_filled("0\r\nA: ", SG_LIMIT_TRAILER - 6, "\r\n\r\n"), HEAD_TOO_LARGE);
    ck_fails(decode_filled("0\r\nA: b\r\nB: ", SG_LIMIT_TRAILER - 6, "\r\n\r\n"), HEAD_TOO_LARGE);
}
END_TEST

SG_TEST_MAIN("server/http1_body", TEST(no_body_is_done_at_once), TEST(a_length_is_counted_down),
             TEST(a_huge_length_is_no_overflow), TEST_LOOP(chunks_give_their_bytes_in_any_cut, SG_COUNT_OF(good)),
             TEST_LOOP(anything_else_is_refused, SG_COUNT_OF(bad)), TEST(a_body_that_stops_anywhere_is_not_done),
             TEST(lines_and_trailers_have_limits))
