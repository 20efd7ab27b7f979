/*
 * Heads that are accepted, and the longer list of those that are not.
 */
#include "support/check_main.h"

#include "server/http1_head.h"

#define LINE "GET / HTTP/1.1\r\n"
#define HOST "Host: h\r\n"
#define END  "\r\n"

/* As the connection does it: find, then parse. */
static sg_err read_head(struct sg_bytes bytes, struct sg_http1_head *out)
{
    struct sg_http1_scan scan = {0};
    size_t len = 0;
    SG_TRY(sg_http1_head_find(&scan, bytes, &len));
    SG_CHECK(len > 0, INVALID_REQUEST); /* incomplete */
    return sg_http1_head_parse(sg_bytes_slice(bytes, 0, len), out);
}

START_TEST(the_parser_is_what_we_declared)
{
    ck_ok(sg_http1_head_selftest());
}
END_TEST

/* --- accepted --- */

static const struct {
    const char *text;
    const char *method, *target;
    uint64_t content_length;
    bool keep_alive, expects_continue;
} good[] = {
    {LINE HOST END, "GET", "/", 0, true, false},
    {"\r\n" LINE HOST END, "GET", "/", 0, true, false},
    {"PUT /b/k%20%2F?a=b&c HTTP/1.1\r\nhost: a.b-c_d:9000\r\n" END, "PUT", "/b/k%20%2F?a=b&c", 0, true, false},
    {"get /\xc3\xa4 HTTP/1.1\r\nHOST:[::1]:1\r\n" END, "get", "/\xc3\xa4", 0, true, false},
    {"GET //../. HTTP/1.1\r\n" HOST END, "GET", "//../.", 0, true, false},
    {LINE HOST "Connection: close\r\n" END, "GET", "/", 0, false, false},
    {LINE HOST "Connection: x , CLOSE,y\r\n" END, "GET", "/", 0, false, false},
    {LINE HOST "Connection: closed\r\n" END, "GET", "/", 0, true, false},
    {LINE HOST "Connection: keep-alive\r\n" END, "GET", "/", 0, true, false},
    {LINE HOST "Connection: a\r\nConnection: close\r\n" END, "GET", "/", 0, false, false},
    {LINE HOST "Content-Length: 0\r\n" END, "GET", "/", 0, true, false},
    {LINE HOST "Content-Length: 12\r\n" END, "GET", "/", 12, true, false},
    {LINE HOST "Content-Length: \t 12 \t\r\n" END, "GET", "/", 12, true, false},
    {LINE HOST "Content-Length: 0012\r\n" END, "GET", "/", 12, true, false},
    {LINE HOST "content-length: 9223372036854775807\r\n" END, "GET", "/", INT64_MAX, true, false},
    {LINE HOST "Transfer-Encoding: chunked\r\n" END, "GET", "/", SG_LENGTH_UNKNOWN, true, false},
    {LINE HOST "transfer-encoding:CHUNKED\r\n" END, "GET", "/", SG_LENGTH_UNKNOWN, true, false},
    {LINE HOST "Expect: 100-Continue\r\n" END, "GET", "/", 0, true, true},
    {LINE HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n" END, "GET", "/", 0, true, false},
    {LINE HOST "Empty:\r\nX-!#$%&'*+.^_`|~: v\r\n" END, "GET", "/", 0, true, false},
};

START_TEST(good_heads_say_what_they_say)
{
    struct sg_http1_head head;
    ck_ok(read_head(sg_bytes_str(good[_i].text), &head));
    ck_assert(sg_bytes_eq_str(head.method, good[_i].method));
    ck_assert(sg_bytes_eq_str(head.target, good[_i].target));
    ck_assert_uint_eq(head.content_length, good[_i].content_length);
    ck_assert_int_eq(sg_http1_head_has_body(&head), good[_i].content_length > 0);
    ck_assert_int_eq(head.keep_alive, good[_i].keep_alive);
    ck_assert_int_eq(head.expects_continue, good[_i].expects_continue);
}
END_TEST

START_TEST(headers_keep_order_case_and_repetition)
{
    struct sg_http1_head head;
    ck_ok(read_head(SG_BYTES_LIT(LINE HOST "b: 1\r\nA:  two  words\t\r\nb: \xff\r\nB:\r\n" END), &head));
    ck_assert_uint_eq(head.header_count, 5);
    ck_assert(sg_bytes_eq_str(head.headers[1].name, "b") && sg_bytes_eq_str(head.headers[1].value, "1"));
    ck_assert(sg_bytes_eq_str(head.headers[2].name, "A") && sg_bytes_eq_str(head.headers[2].value, "two  words"));
    ck_assert(sg_bytes_eq_str(head.headers[3].name, "b") && sg_bytes_eq_str(head.headers[3].value, "\xff"));
    ck_assert(sg_bytes_eq_str(head.headers[4].name, "B") && head.headers[4].value.len == 0);
}
END_TEST

START_TEST(what_follows_a_head_is_left)
{
    struct sg_http1_scan scan = {0};
    size_t len = 0;
    ck_ok(sg_http1_head_find(&scan, SG_BYTES_LIT(LINE HOST END "body\nbytes"), &len));
    ck_assert_uint_eq(len, sizeof(LINE HOST END) - 1);
}
END_TEST

START_TEST(a_head_may_come_in_two_pieces_cut_anywhere)
{
    struct sg_bytes whole = SG_BYTES_LIT("\r\nPUT /x HTTP/1.1\r\n" HOST "A: b\r\nContent-Length: 5\r\n" END);
    for (size_t cut = 0; cut < whole.len; cut++) {
        struct sg_http1_scan scan = {0};
        size_t len = 1;
        ck_ok(sg_http1_head_find(&scan, sg_bytes_slice(whole, 0, cut), &len));
        ck_assert_uint_eq(len, 0);
        ck_ok(sg_http1_head_find(&scan, whole, &len));
        ck_assert_uint_eq(len, whole.len);
    }
}
END_TEST

/* --- refused --- */

static const struct {
    const char *text;
    enum sg_code code;
} bad[] = {
    /* line ends */
    {"GET / HTTP/1.1\nHost: h\n\n", SG_CODE_BAD_HTTP},
    {LINE "Host: h\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "\n", SG_CODE_BAD_HTTP},
    {"\n" LINE HOST END, SG_CODE_BAD_HTTP},
    {"\r\n\r\n" LINE HOST END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\rc\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\r\r\n" END, SG_CODE_BAD_HTTP},
    {"GET / HTTP/1.1\r\r\n" HOST END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\r\n c\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\r\n\tc\r\n" END, SG_CODE_BAD_HTTP},
    {LINE " " HOST END, SG_CODE_BAD_HTTP},
    {" " LINE HOST END, SG_CODE_BAD_HTTP},
    /* request line */
    {"GET\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET /\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"/ HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET / HTTP/1.1 \r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET  / HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET /  HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET\t/ HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET /a b HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET /a\x7f HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET /a\x01 HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET /a#b HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET a HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET http://h/ HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET https://h/ HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"OPTIONS * HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"CONNECT h:443 HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"G@T / HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"G\"T / HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GETGETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET / HTTP/2.0\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET / http/1.1\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET / HTTP/1.11\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET / HTTP/1.x\r\n" HOST END, SG_CODE_BAD_HTTP},
    {"GET / HTTP/1.0\r\n" HOST END, SG_CODE_HTTP_VERSION},
    {"GET / HTTP/1.2\r\n" HOST END, SG_CODE_HTTP_VERSION},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", SG_CODE_BAD_HTTP},
    /* header lines */
    {LINE HOST "A : b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A\t: b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST ": b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A b: c\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A(: c\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "\xc3\xa4: c\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\x01\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\x7f\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "A: b\x0b\r\n" END, SG_CODE_BAD_HTTP},
    /* Host */
    {LINE END, SG_CODE_BAD_HTTP},
    {LINE "A: b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST HOST END, SG_CODE_BAD_HTTP},
    {LINE HOST "hOST: other\r\n" END, SG_CODE_BAD_HTTP},
    {LINE "Host:\r\n" END, SG_CODE_BAD_HTTP},
    {LINE "Host: a b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE "Host: a,b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE "Host: a/b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE "Host: a@b\r\n" END, SG_CODE_BAD_HTTP},
    {LINE "Host: a%00\r\n" END, SG_CODE_BAD_HTTP},
    {LINE "Host: \xc3\xa4\r\n" END, SG_CODE_BAD_HTTP},
    /* where the body ends */
    {LINE HOST "Content-Length: 1\r\nContent-Length: 1\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 1\r\nCONTENT-LENGTH: 2\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 1, 1\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length:\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: +1\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: -1\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 1 1\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 0x1\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 1.0\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 9223372036854775808\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 18446744073709551616\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 000000000000000000001\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" END, SG_CODE_BAD_HTTP},
    {LINE HOST "Transfer-Encoding: chunked, chunked\r\n" END, SG_CODE_NOT_IMPLEMENTED},
    {LINE HOST "Transfer-Encoding: gzip, chunked\r\n" END, SG_CODE_NOT_IMPLEMENTED},
    {LINE HOST "Transfer-Encoding: chunked;x\r\n" END, SG_CODE_NOT_IMPLEMENTED},
    {LINE HOST "Transfer-Encoding: \x0b"
               "chunked\r\n" END,
     SG_CODE_BAD_HTTP},
    {LINE HOST "Transfer-Encoding: identity\r\n" END, SG_CODE_NOT_IMPLEMENTED},
    {LINE HOST "Transfer-Encoding:\r\n" END, SG_CODE_NOT_IMPLEMENTED},
    {LINE HOST "Expect: 100\r\n" END, SG_CODE_EXPECTATION_FAILED},
    {LINE HOST "Expect:\r\n" END, SG_CODE_EXPECTATION_FAILED},
    {LINE HOST "Expect: 100-continue, x\r\n" END, SG_CODE_EXPECTATION_FAILED},
    {LINE HOST "Expect: 100-continue\r\nExpect: y\r\n" END, SG_CODE_EXPECTATION_FAILED},
    /* not complete */
    {"", SG_CODE_INVALID_REQUEST},
    {"\r\n", SG_CODE_INVALID_REQUEST},
    {LINE, SG_CODE_INVALID_REQUEST},
    {LINE HOST, SG_CODE_INVALID_REQUEST},
    {LINE HOST "\r", SG_CODE_INVALID_REQUEST},
};

START_TEST(bad_heads_are_refused)
{
    struct sg_http1_head head;
    sg_err err = read_head(sg_bytes_str(bad[_i].text), &head);
    ck_assert_msg(err.code == bad[_i].code, "%s gave %s", bad[_i].text, sg_err_row(err)->name);
}
END_TEST

START_TEST(a_zero_byte_is_refused_anywhere)
{
    const char whole[] = "PUT /x HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
    for (size_t at = 0; at < sizeof(whole) - 1; at++) {
        char text[sizeof(whole)];
        struct sg_http1_head head;
        memcpy(text, whole, sizeof(whole));
        text[at] = '\0';
        ck_assert_msg(!sg_is_ok(read_head(sg_bytes(text, sizeof(whole) - 1), &head)), "at %zu", at);
    }
}
END_TEST

/* --- limits --- */

/* `fill` bytes of padding behind `begin`, then `end`. */
static struct sg_bytes padded(char *room, const char *begin, size_t fill, const char *end)
{
    size_t len = strlen(begin);
    memcpy(room, begin, len);
    memset(room + len, 'x', fill);
    memcpy(room + len + fill, end, strlen(end));
    return sg_bytes(room, len + fill + strlen(end));
}

START_TEST(a_head_may_be_as_long_as_the_limit_and_no_longer)
{
    char *room = calloc(1, 2 * SG_LIMIT_HEAD);
    struct sg_http1_head head;
    const char *begin = LINE HOST "A: ", *end = "\r\n\r\n";
    size_t fill = SG_LIMIT_HEAD - strlen(begin) - strlen(end);
    ck_ok(read_head(padded(room, begin, fill, end), &head));
    ck_fails(read_head(padded(room, begin, fill + 1, end), &head), HEAD_TOO_LARGE);
    ck_fails(read_head(padded(room, begin, SG_LIMIT_HEAD, ""), &head), HEAD_TOO_LARGE);
    ck_fails(read_head(padded(room, "", SG_LIMIT_HEAD, ""), &head), HEAD_TOO_LARGE);
    ck_fails(read_head(padded(room, "", SG_LIMIT_HEAD - 1, ""), &head), INVALID_REQUEST);
    free(room);
}
END_TEST

START_TEST(a_target_may_be_as_long_as_the_limit_and_no_longer)
{
    char *room = calloc(1, 2 * SG_LIMIT_HEAD);
    struct sg_http1_head head;
    ck_ok(read_head(padded(room, "GET /", SG_LIMIT_TARGET - 1, " HTTP/1.1\r\n" HOST END), &head));
    ck_fails(read_head(padded(room, "GET /", SG_LIMIT_TARGET, " HTTP/1.1\r\n" HOST END), &head), HEAD_TOO_LARGE);
    free(room);
}
END_TEST

START_TEST(there_may_be_as_many_headers_as_the_limit_and_no_more)
{
    char *room = calloc(1, SG_LIMIT_HEAD);
    struct sg_http1_head head;
    size_t len = (size_t)snprintf(room, 100, "%s%s", LINE, HOST);
    for (unsigned i = 1; i < SG_LIMIT_HEADER_COUNT + (unsigned)_i; i++)
        len += (size_t)snprintf(room + len, 100, "A%u: b\r\n", i);
    len += (size_t)snprintf(room + len, 100, "\r\n");
    if (_i == 0)
        ck_ok(read_head(sg_bytes(room, len), &head));
    else
        ck_fails(read_head(sg_bytes(room, len), &head), HEAD_TOO_LARGE);
    ck_assert_uint_eq(_i == 0 ? head.header_count : SG_LIMIT_HEADER_COUNT, SG_LIMIT_HEADER_COUNT);
    free(room);
}
END_TEST

SG_TEST_MAIN("server/http1_head", TEST(the_parser_is_what_we_declared),
             TEST_LOOP(good_heads_say_what_they_say, SG_COUNT_OF(good)), TEST(headers_keep_order_case_and_repetition),
             TEST(what_follows_a_head_is_left), TEST(a_head_may_come_in_two_pieces_cut_anywhere),
             TEST_LOOP(bad_heads_are_refused, SG_COUNT_OF(bad)), TEST(a_zero_byte_is_refused_anywhere),
             TEST(a_head_may_be_as_long_as_the_limit_and_no_longer),
             TEST(a_target_may_be_as_long_as_the_limit_and_no_longer),
             TEST_LOOP(there_may_be_as_many_headers_as_the_limit_and_no_more, 2))
