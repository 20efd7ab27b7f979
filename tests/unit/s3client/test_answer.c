/* Heads line by line: what is taken, what is refused, and when the length of a body is certain. */
#include "support/check_main.h"

#include <stdio.h>

#include "s3client/answer.h"

/* Feeds a text in lines, as libcurl does: each up to and with its LF. */
static sg_err feed(struct sgs_answer *a, const char *text)
{
    struct sg_bytes rest = sg_bytes_str(text);
    while (rest.len > 0) {
        size_t len = sg_bytes_find(rest, '\n') + 1;
        SG_TRY(sgs_answer_line(a, sg_bytes_slice(rest, 0, len)));
        rest = sg_bytes_skip(rest, len);
    }
    return SG_OK;
}

static const struct {
    const char *text;
    bool is_head_request;
    int status;
    size_t header_count;
} fine[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 200, 1},
    {"HTTP/1.1 200 OK\r\ncontent-length:5\r\nETag:\r\nx:  a b \t\r\n\r\n", false, 200, 3},
    {"HTTP/1.1 200 \r\nTransfer-Encoding: Chunked\r\n\r\n", false, 200, 1},
    {"HTTP/1.1 200\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n", false, 200, 2},
    {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", false, 200, 1},
    {"HTTP/1.1 200 OK\r\n\r\n", true, 200, 0},
    {"HTTP/1.1 204 No Content\r\n\r\n", false, 204, 0},
    {"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", false, 304, 1},
    {"HTTP/1.1 404 Not Found\r\n\r\n", false, 404, 0},
    {"HTTP/1.1 599 ?\r\n\r\n", false, 599, 0},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nETag: x\r\n\r\nHTTP/1.1 500 No\r\na: b\r\n\r\n", false, 500,
     1},
    {"HTTP/1.1 417 No\r\na: b\r\nc: d\r\n\r\nHTTP/1.1 404 No\r\ne: f\r\n\r\n", false, 404, 1},
    {"HTTP/1.1 404 No\r\na: b\r\n\r\ntrailer: x\r\nanything\r\n\r\n", false, 404, 1},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", false, 200, 1},
    {"HTTP/1.1 404 \xc3\xa4\r\nx-amz-meta-\x7e: \xff\xfe\r\n\r\n", false, 404, 1},
};

START_TEST(good_heads_are_taken)
{
    struct sgs_answer a = SGS_ANSWER_NONE;
    ck_ok(feed(&a, fine[_i].text));
    ck_assert(a.is_complete);
    ck_ok(sgs_answer_check(&a, fine[_i].is_head_request));
    ck_assert_int_eq(a.status, fine[_i].status);
    ck_assert_uint_eq(a.headers.count, fine[_i].header_count);
    sgs_answer_clear(&a);
    sgs_answer_clear(&a);
}
END_TEST

START_TEST(values_are_trimmed_and_names_kept)
{
    struct sgs_answer a = SGS_ANSWER_NONE;
    struct sg_bytes value;
    ck_ok(feed(&a, "HTTP/1.1 200 OK\r\nX-Amz-Meta-A: \t a  b \t\r\n\r\n"));
    ck_assert(sgs_headers_find(&a.headers, "x-amz-meta-a", &value));
    ck_assert(sg_bytes_eq_str(value, "a  b"));
    ck_assert(sg_bytes_eq_str(sgs_headers_at(&a.headers, 0).name, "X-Amz-Meta-A"));
    sgs_answer_clear(&a);
}
END_TEST

static const char *const bad_lines[] = {
    "\r\n",
    "HTTP/1.1\r\n",
    "HTTP/1.1 \r\n",
    "HTTP/1.1 20\r\n",
    "HTTP/1.1 2000 OK\r\n",
    "HTTP/1.1 200OK\r\n",
    "HTTP/1.1 099 OK\r\n",
    "HTTP/1.1 000 OK\r\n",
    "HTTP/1.1 600 OK\r\n",
    "HTTP/1.1 -20 OK\r\n",
    "HTTP/1.1 2 0 OK\r\n",
    "HTTP/1.1  200 OK\r\n",
    "HTTP/1.1\t200 OK\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.2 200 OK\r\n",
    "HTTP/2.0 200 OK\r\n",
    "HTTP/2 200 OK\r\n",
    "HTTP/0.9 200 OK\r\n",
    "http/1.1 200 OK\r\n",
    " HTTP/1.1 200 OK\r\n",
    "ICY 200 OK\r\n",
    "HTTP/1.1 200 OK\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n",
    "HTTP/1.1 200 OK\r\n: no name\r\n",
    "HTTP/1.1 200 OK\r\nblank before : colon\r\n",
    "HTTP/1.1 200 OK\r\na b: c\r\n",
    "HTTP/1.1 200 OK\r\n\x01: c\r\n",
    "HTTP/1.1 200 OK\r\na\xff: c\r\n",
    "HTTP/1.1 200 OK\r\n folded: c\r\n",
    "HTTP/1.1 200 OK\r\n\tfolded\r\n",
    "HTTP/1.1 200 OK\r\na: b\rc\r\n",
    "HTTP/1.1 200 OK\r\na: b\r\r\n",
    "HTTP/1.1 200 OK\r\na: b\n",
    "HTTP/1.1 200 OK\r\na: b\r\n\n",
    "HTTP/1.1 103 Hints\r\n\r\nETag: x\r\n",
    "HTTP/1.1 103 Hints\r\n\r\n\r\n",
};

START_TEST(bad_lines_are_refused)
{
    struct sgs_answer a = SGS_ANSWER_NONE;
    ck_fails(feed(&a, bad_lines[_i]), UPSTREAM_PROTOCOL);
    ck_assert_ptr_nonnull(a.why);
    ck_assert(!a.is_complete);
    sgs_answer_clear(&a);
}
END_TEST

START_TEST(a_nul_in_a_value_is_refused)
{
    struct sgs_answer a = SGS_ANSWER_NONE;
    ck_ok(feed(&a, "HTTP/1.1 200 OK\r\n"));
    ck_fails(sgs_answer_line(&a, SG_BYTES_LIT("a: b\0c\r\n")), UPSTREAM_PROTOCOL);
    ck_fails(sgs_answer_line(&a, SG_BYTES_LIT("")), UPSTREAM_PROTOCOL);
    sgs_answer_clear(&a);
}
END_TEST

static const char *const bad_frames[] = {
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-1/2\r\n\r\n",
    "HTTP/1.1 299 ?\r\nConnection: close\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1,1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 01\r\n\r\n",
    "HTTP/1.1 404 No\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 404 No\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 404 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
    "HTTP/1.1 404 No\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "HTTP/1.1 404 No\r\nTransfer-Encoding: \r\n\r\n",
    "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
    "HTTP/1.0 404 No\r\nTransfer-Encoding: chunked\r\n\r\n",
};

START_TEST(doubtful_lengths_are_refused)
{
    struct sgs_answer a = SGS_ANSWER_NONE;
    ck_ok(feed(&a, bad_frames[_i]));
    ck_assert(a.is_complete);
    ck_fails(sgs_answer_check(&a, false), UPSTREAM_PROTOCOL);
    ck_assert_ptr_nonnull(a.why);
    sgs_answer_clear(&a);
}
END_TEST

START_TEST(the_head_is_bounded)
{
    struct sgs_answer few = SGS_ANSWER_NONE, large = SGS_ANSWER_NONE, many = SGS_ANSWER_NONE,
                      trailers = SGS_ANSWER_NONE;
    char line[1024];
    ck_ok(feed(&few, "HTTP/1.1 200 OK\r\n"));
    for (unsigned i = 0; i < SG_LIMIT_HEADER_COUNT; i++)
        ck_ok(feed(&few, "a: b\r\n"));
    ck_fails(feed(&few, "a: b\r\n"), UPSTREAM_PROTOCOL);

    (void)snprintf(line, sizeof(line), "a: %01018d\r\n", 0);
    ck_ok(feed(&large, "HTTP/1.1 200 OK\r\n"));
    for (unsigned i = 0; i < 64; i++)
        ck_ok(feed(&large, line));
    ck_fails(feed(&large, line), UPSTREAM_PROTOCOL);

    sg_err err = SG_OK;
    for (unsigned i = 0; i < 100000 && sg_is_ok(err); i++)
        err = feed(&many, "HTTP/1.1 100 Continue\r\n\r\n");
    ck_assert(sg_is(err, UPSTREAM_PROTOCOL));

    ck_ok(feed(&trailers, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    ck_ok(sgs_answer_skip(&trailers, 1000));
    ck_fails(sgs_answer_skip(&trailers, SG_LIMIT_HEAD), UPSTREAM_PROTOCOL);
    sgs_answer_clear(&few);
    sgs_answer_clear(&large);
    sgs_answer_clear(&many);
    sgs_answer_clear(&trailers);
}
END_TEST

SG_TEST_MAIN("s3client/answer", TEST_LOOP(good_heads_are_taken, SG_COUNT_OF(fine)),
             TEST(values_are_trimmed_and_names_kept), TEST_LOOP(bad_lines_are_refused, SG_COUNT_OF(bad_lines)),
             TEST(a_nul_in_a_value_is_refused), TEST_LOOP(doubtful_lengths_are_refused, SG_COUNT_OF(bad_frames)),
             TEST(the_head_is_bounded))
