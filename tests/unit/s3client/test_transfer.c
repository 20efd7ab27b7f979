/* What should work: every method, bodies in both directions with pauses, pooled connections, and what exactly is sent.
 */
#include "support/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exchange.h"

static const struct fake_upstream_options good = {.identity = FAKE_GOOD};
static const struct sgs_pool_options patient = {NULL, RIG_CONNECT_MS, 5000, 60000, 8};

static const struct fake_step take_all[] = {HEAD, BODY, SEND(OK_EMPTY), {.kind = FAKE_AGAIN}};

static bool has_line(struct rig *rig, const char *line)
{
    char wanted[300];
    (void)snprintf(wanted, sizeof(wanted), "\r\n%s\r\n", line);
    return strstr(fake_upstream_head(rig->up), wanted) != NULL;
}

static bool has_name(struct rig *rig, const char *name)
{
    char wanted[100];
    (void)snprintf(wanted, sizeof(wanted), "\r\n%s:", name);
    return strcasestr(fake_upstream_head(rig->up), wanted) != NULL;
}

START_TEST(an_object_is_read)
{
    static const struct fake_step script[] = {
        HEAD,
        SEND("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nETag:  \"abc\" \r\n\r\n"),
        {FAKE_SEND_DATA, .count = 100000},
        {.kind = FAKE_AGAIN}};
    struct rig rig;
    struct exchange x = {.method = "GET"};
    rig_init(&rig, &good, script);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert_uint_eq(x.got, 100000);
    ck_assert_str_eq(x.etag, "\"abc\"");
    ck_assert(strncmp(fake_upstream_head(rig.up), "GET /bucket/key HTTP/1.1\r\n", 26) == 0);
    ck_assert(!has_name(&rig, "Content-Length") && !has_name(&rig, "Transfer-Encoding"));
    rig_clear(&rig);
}
END_TEST

START_TEST(only_the_given_headers_are_sent)
{
    static const char *const headers[] = {"x-amz-date",
                                          "20260101T000000Z",
                                          "x-amz-meta-empty",
                                          "",
                                          "x-amz-meta-blank",
                                          "  \t ",
                                          "x-amz-meta-b",
                                          "two  blanks",
                                          "Authorization",
                                          "AWS4-HMAC-SHA256 x",
                                          "x-amz-meta-semicolon",
                                          "a;",
                                          "x-amz-meta-utf8",
                                          "\xc3\xa4",
                                          NULL};
    struct rig rig;
    struct exchange x = {.method = "PUT", .body_len = 5, .headers = headers};
    char expected[600];
    rig_init(&rig, &good, take_all);
    exchange_run(&rig, &x);
    ck_success(&x);
    (void)snprintf(
        expected, sizeof(expected),
        "PUT /bucket/key HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nx-amz-date: 20260101T000000Z\r\nx-amz-meta-empty:\r\n"
        "x-amz-meta-blank:\r\nx-amz-meta-b: two  blanks\r\nAuthorization: AWS4-HMAC-SHA256 x\r\n"
        "x-amz-meta-semicolon: a;\r\nx-amz-meta-utf8: \xc3\xa4\r\nContent-Length: 5\r\n\r\n",
        fake_upstream_port(rig.up));
    ck_assert_str_eq(fake_upstream_head(rig.up), expected);
    rig_clear(&rig);
}
END_TEST

START_TEST(given_defaults_of_the_library_are_sent_once)
{
    static const char *const headers[] = {"Accept", "text/x", "User-Agent", "sealgate", "Content-Type", "a/b", NULL};
    struct rig rig;
    struct exchange x = {.method = "POST", .body_len = 10, .headers = headers};
    rig_init(&rig, &good, take_all);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert(has_line(&rig, "Accept: text/x") && has_line(&rig, "User-Agent: sealgate"));
    ck_assert(has_line(&rig, "Content-Type: a/b") && !has_name(&rig, "Expect"));
    rig_clear(&rig);
}
END_TEST

START_TEST(the_path_is_sent_as_it_is_signed)
{
    struct rig rig;
    struct exchange x = {.method = "PUT", .path = "/b/..//./a%2F%20+~/../?list-type=2&prefix=a%2Fb"};
    rig_init(&rig, &good, take_all);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert(strncmp(fake_upstream_head(rig.up), "PUT /b/..//./a%2F%20+~/../?list-type=2&prefix=a%2Fb HTTP/1.1\r\n",
                      62) == 0);
    rig_clear(&rig);
}
END_TEST

static const struct {
    const char *method;
    bool has_body;
    uint64_t body_len;
    bool has_length;
} methods[] = {
    {"GET", false, 0, false},   {"HEAD", false, 0, false},    {"DELETE", false, 0, false},  {"PUT", false, 0, true},
    {"POST", false, 0, true},   {"PUT", true, 0, true},       {"POST", true, 0, true},      {"PUT", true, 1, true},
    {"POST", true, 70, true},   {"PUT", true, 16384, true},   {"PUT", true, 16385, true},   {"PUT", true, 65536, true},
    {"PUT", true, 65537, true}, {"PUT", true, 1000000, true}, {"POST", true, 200000, true}, {"DELETE", true, 3, true},
};

START_TEST(every_method_and_size_is_framed_by_its_length)
{
    static const struct fake_step script[] = {
        HEAD, SEND("HTTP/1.1 100 Continue\r\n\r\n"), BODY, SEND(OK_EMPTY), {.kind = FAKE_AGAIN}};
    struct rig rig;
    struct exchange x = {
        .method = methods[_i].method, .has_body = methods[_i].has_body, .body_len = methods[_i].body_len};
    char first[64], length[64];
    rig_init(&rig, &good, script);
    exchange_run(&rig, &x);
    ck_success(&x);
    (void)snprintf(first, sizeof(first), "%s /bucket/key HTTP/1.1\r\n", x.method);
    (void)snprintf(length, sizeof(length), "Content-Length: %u", (unsigned)x.body_len);
    ck_assert(strncmp(fake_upstream_head(rig.up), first, strlen(first)) == 0);
    ck_assert(has_name(&rig, "Content-Length") == methods[_i].has_length);
    ck_assert(!methods[_i].has_length || has_line(&rig, length));
    ck_assert(has_line(&rig, "Expect: 100-continue") == (x.body_len > SG_LIMIT_REPLAY));
    ck_assert(!has_name(&rig, "Transfer-Encoding") && !has_name(&rig, "Accept") && !has_name(&rig, "User-Agent"));
    ck_assert(!has_name(&rig, "Content-Type"));
    ck_assert_uint_eq(fake_upstream_body_len(rig.up), x.body_len);
    ck_assert(fake_upstream_body_is_pattern(rig.up));
    ck_assert_uint_eq(x.rewind_calls, 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(one_connection_serves_requests_of_all_kinds)
{
    struct rig rig;
    rig_init(&rig, &good, take_all);
    for (unsigned i = 0; i < 60; i++) {
        static const char *const kinds[] = {"PUT", "GET", "HEAD", "DELETE", "POST", "PUT"};
        struct exchange x = {.method = kinds[i % 6], .body_len = i % 6 == 0 ? 1000 + i : i % 6 == 4 ? 20000 : 0};
        exchange_run(&rig, &x);
        ck_success(&x);
        ck_assert(strncmp(fake_upstream_head(rig.up), x.method, strlen(x.method)) == 0);
        ck_assert_uint_eq(fake_upstream_body_len(rig.up), x.body_len);
    }
    ck_assert_uint_eq(fake_upstream_connections(rig.up), 1);
    ck_assert_uint_eq(fake_upstream_requests(rig.up), 60);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_large_upload_survives_pauses_and_a_slow_reader)
{
    static const struct fake_step script[] = {
        HEAD, SEND("HTTP/1.1 100 Continue\r\n\r\n"), {FAKE_BODY_SLOW, .count = 1}, SEND(OK_EMPTY), END};
    struct rig rig;
    struct exchange x = {.method = "PUT",
                         .body_len = _i < 2 ? 12000007 : 1500007,
                         .pause_percent = 30,
                         .resume_ms = _i % 2 == 0 ? 0 : 3,
                         .give_max = _i < 2 ? 70000 : 3000,
                         .seed = (unsigned)_i + 1};
    rig_init_pool(&rig, &good, script, &patient);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert_uint_eq(fake_upstream_body_len(rig.up), x.body_len);
    ck_assert(fake_upstream_body_is_pattern(rig.up));
    rig_clear(&rig);
}
END_TEST

START_TEST(a_large_download_survives_pauses)
{
    static const struct fake_step script[] = {HEAD,
                                              SEND("HTTP/1.1 206 OK\r\nContent-Length: 12000007\r\n\r\n"),
                                              {FAKE_SEND_DATA, .count = 12000007},
                                              {.kind = FAKE_AGAIN}};
    struct rig rig;
    struct exchange x = {
        .method = "GET", .pause_percent = 30, .resume_ms = _i % 2 == 0 ? 0 : 3, .seed = (unsigned)_i + 1};
    rig_init(&rig, &good, script);
    exchange_run(&rig, &x);
    ck_assert(sg_is_ok(x.err) && x.status == 206 && x.got_pattern);
    ck_assert_uint_eq(x.got, 12000007);
    rig_clear(&rig);
}
END_TEST

START_TEST(chunks_interim_answers_and_trailers_are_understood)
{
    static const struct fake_step script[] = {
        HEAD,
        SEND("HTTP/1.1 103 Early Hints\r\nETag: no\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n"),
        SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: yes\r\n\r\n1;ext=1\r\n"),
        {FAKE_SEND_DATA, .count = 1},
        {FAKE_SEND_DATA, .count = 0},
        SEND("\r\n0\r\nx-amz-trailer: 1\r\nETag: late\r\n\r\n"),
        {.kind = FAKE_AGAIN}};
    struct rig rig;
    rig_init(&rig, &good, script);
    for (unsigned i = 0; i < 3; i++) {
        struct exchange x = {.method = "GET", .pause_percent = i * 30, .seed = i};
        exchange_run(&rig, &x);
        ck_success(&x);
        ck_assert_uint_eq(x.got, 1);
        ck_assert_str_eq(x.etag, "yes");
    }
    ck_assert_uint_eq(fake_upstream_connections(rig.up), 1);
    rig_clear(&rig);
}
END_TEST

static const struct {
    const char *method, *answer;
    int status;
    uint64_t got;
} answers[] = {
    {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", 200, 0},
    {"HEAD", "HTTP/1.1 404 Not Found\r\n\r\n", 404, 0},
    {"DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204, 0},
    {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", 304, 0},
    {"GET", "HTTP/1.1 404\r\nContent-Length: 1\r\n\r\n\x01", 404, 1},
    {"GET", "HTTP/1.0 503 Slow Down\r\n\r\n", 503, 0},
    {"GET", "HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n", 301, 0},
    {"GET", "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n", 307, 0},
    {"PUT", "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", 307, 0},
    {"GET", "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", 401, 0},
    {"GET", "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", 407, 0},
    {"GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 200, 1},
    {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\nStrict-Transport-Security: max-age=9\r\n\r\n",
     200, 0},
};

START_TEST(answers_are_reported_and_not_acted_upon)
{
    const struct fake_step script[] = {HEAD, SEND(answers[_i].answer), END};
    struct rig rig;
    struct exchange x = {.method = answers[_i].method};
    rig_init(&rig, &good, script);
    exchange_run(&rig, &x);
    ck_assert_msg(sg_is_ok(x.err), "%s: %s", sg_err_row(x.err)->name, x.detail);
    ck_assert_int_eq(x.status, answers[_i].status);
    ck_assert_uint_eq(x.got, answers[_i].got);
    ck_assert_uint_eq(fake_upstream_connections(rig.up), 1);
    ck_assert_uint_eq(fake_upstream_requests(rig.up), 1);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_refused_upload_stops_and_shows_the_answer)
{
    static const struct fake_step early[] = {HEAD,
                                             SEND("HTTP/1.1 100 Continue\r\n\r\n"),
                                             {FAKE_BODY_PART, .count = 100000},
                                             SEND("HTTP/1.1 403 Forbidden\r\nContent-Length: 1\r\n\r\n\x01"),
                                             {.kind = FAKE_DRAIN}};
    static const struct fake_step at_once[] = {
        HEAD, SEND("HTTP/1.1 403 Forbidden\r\nContent-Length: 1\r\n\r\n\x01"), {.kind = FAKE_DRAIN}};
    struct rig rig;
    struct exchange x = {.method = "PUT", .body_len = 300000000};
    rig_init(&rig, &good, _i == 0 ? early : at_once);
    exchange_run(&rig, &x);
    ck_assert(sg_is_ok(x.err));
    ck_assert_int_eq(x.status, 403);
    ck_assert_uint_eq(x.got, 1);
    ck_assert_uint_lt(x.given, 100000000);
    ck_assert(_i == 0 || x.want_calls == 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(an_upstream_that_never_continues_is_soon_not_waited_for)
{
    struct rig rig;
    rig_init_pool(&rig, &good, take_all, &patient);
    for (unsigned i = 0; i < 4; i++) {
        struct exchange x = {.method = "PUT", .body_len = 100000};
        uint64_t begin_ms = rig.loop.fake.now_ms;
        exchange_run(&rig, &x);
        ck_success(&x);
        ck_assert(fake_upstream_body_is_pattern(rig.up));
        ck_assert((rig.loop.fake.now_ms - begin_ms < 900) == (i >= 2));
    }
    rig_clear(&rig);
}
END_TEST

START_TEST(a_refused_expectation_is_withdrawn)
{
    static const struct fake_step script[] = {
        HEAD,           SEND("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 1\r\nETag: no\r\n\r\nx"),
        HEAD,           BODY,
        SEND(OK_EMPTY), END};
    struct rig rig;
    struct exchange x = {.method = "PUT", .body_len = 100000};
    rig_init(&rig, &good, script);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert_str_eq(x.etag, "\"e\"");
    ck_assert(!has_name(&rig, "Expect"));
    ck_assert_uint_eq(fake_upstream_body_len(rig.up), 100000);
    rig_clear(&rig);
}
END_TEST

START_TEST(more_transfers_than_connections_wait_for_their_turn)
{
    static const struct fake_step script[] = {HEAD,
                                              SEND("HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n"),
                                              {FAKE_SLEEP, .count = 5},
                                              {FAKE_SEND_DATA, .count = 50000},
                                              {.kind = FAKE_AGAIN}};
    enum { COUNT = 200 };
    static const struct sgs_pool_options narrow = {NULL, RIG_CONNECT_MS, RIG_STALL_MS, 60000, 6};
    struct rig rig;
    struct exchange *all = calloc(COUNT, sizeof(*all));
    rig_init_pool(&rig, &good, script, &narrow);
    for (unsigned i = 0; i < COUNT; i++) {
        all[i] = (struct exchange){.method = "GET", .pause_percent = i % 40, .resume_ms = 3, .seed = i};
        exchange_start(&rig, &all[i]);
    }
    for (unsigned i = 0; i < COUNT; i += 7) {
        sgs_transfer_cancel(all[i].transfer);
        all[i].is_over = true;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        exchange_wait(&all[i]);
        ck_assert(all[i].done_calls == (i % 7 != 0) && sg_is_ok(all[i].err));
        ck_assert(i % 7 == 0 || (all[i].got == 50000 && all[i].got_pattern));
    }
    ck_assert_uint_le(fake_upstream_max_parallel(rig.up), 6);
    ck_assert_uint_ge(fake_upstream_connections(rig.up), 6);
    rig_clear(&rig);
    free(all);
}
END_TEST

START_TEST(the_environment_has_no_say)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"};
    struct rig rig;
    struct exchange x = {.method = "GET"};
    char key_log[] = P_tmpdir "/test-transfer-keys-XXXXXX";
    int fd = mkstemp(key_log);
    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < SG_COUNT_OF(names); i++)
        ck_assert_int_eq(setenv(names[i], "http://127.0.0.1:1", 1), 0);
    ck_assert_int_eq(setenv("SSLKEYLOGFILE", key_log, 1), 0);
    rig_init(&rig, &good, take_all);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert(lseek(fd, 0, SEEK_END) == 0);
    ck_assert(getenv("SSLKEYLOGFILE") == NULL);
    rig_clear(&rig);
    for (size_t i = 0; i < SG_COUNT_OF(names); i++)
        ck_assert_int_eq(unsetenv(names[i]), 0);
    (void)close(fd);
    (void)unlink(key_log);
}
END_TEST

START_TEST(pooled_connections_are_given_up_when_they_are_old)
{
    static const struct sgs_pool_options short_lived = {NULL, RIG_CONNECT_MS, RIG_STALL_MS, 1000, 8};
    struct rig rig;
    struct exchange x = {.method = "GET"}, y = {.method = "GET"};
    rig_init_pool(&rig, &good, take_all, &short_lived);
    exchange_run(&rig, &x);
    poll_loop_rest(&rig.loop, 2100);
    exchange_run(&rig, &y);
    ck_success(&y);
    ck_assert_uint_eq(fake_upstream_connections(rig.up), 2);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_pool_needs_a_readable_ca_file)
{
    static const struct sgs_pool_options options = {"/nonexistent/ca.pem", 1000, 1000, 1000, 1};
    static const struct sgs_pool_options system = {NULL, 1000, 1000, 1000, 1};
    struct poll_loop loop;
    struct sgs_pool *pool = NULL;
    poll_loop_init(&loop);
    ck_ok(sgs_pool_global_init());
    ck_fails(sgs_pool_new(&loop.fake.loop, &options, &pool), IO);
    ck_ok(sgs_pool_new(&loop.fake.loop, &system, &pool));
    sgs_pool_free(pool);
    sgs_pool_free(NULL);
    poll_loop_clear(&loop);
}
END_TEST

START_TEST(requests_that_frame_themselves_are_refused)
{
    static const char *const names[] = {"Content-Length", "transfer-encoding", "Connection", "Expect", "TE", "Upgrade"};
    static const char *const urls[] = {"http://127.0.0.1/", "127.0.0.1", "", "ftp://127.0.0.1/", "HTTPS://127.0.0.1/"};
    static const struct sgs_transfer_events events = {0};
    struct rig rig;
    struct sgs_transfer *t;
    rig_init(&rig, &good, take_all);
    for (size_t i = 0; i < SG_COUNT_OF(names) + SG_COUNT_OF(urls); i++) {
        bool is_name = i < SG_COUNT_OF(names);
        struct sgs_request request = SGS_REQUEST_NONE;
        ck_ok(sgc_buf_append_str(&request.url, is_name ? "https://127.0.0.1/" : urls[i - SG_COUNT_OF(names)]));
        (void)snprintf(request.method, sizeof(request.method), "GET");
        ck_ok(sgs_headers_add_str(&request.headers, is_name ? names[i] : "a", "1"));
        ck_fails(sgs_transfer_start(rig.pool, &request, &events, NULL, &t), INTERNAL);
        sgs_request_clear(&request);
    }
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("s3client/transfer", TEST(an_object_is_read), TEST(only_the_given_headers_are_sent),
             TEST(given_defaults_of_the_library_are_sent_once), TEST(the_path_is_sent_as_it_is_signed),
             TEST_LOOP(every_method_and_size_is_framed_by_its_length, SG_COUNT_OF(methods)),
             TEST(one_connection_serves_requests_of_all_kinds),
             TEST_LOOP(a_large_upload_survives_pauses_and_a_slow_reader, 4),
             TEST_LOOP(a_large_download_survives_pauses, 4), TEST(chunks_interim_answers_and_trailers_are_understood),
             TEST_LOOP(answers_are_reported_and_not_acted_upon, SG_COUNT_OF(answers)),
             TEST_LOOP(a_refused_upload_stops_and_shows_the_answer, 2),
             TEST(an_upstream_that_never_continues_is_soon_not_waited_for), TEST(a_refused_expectation_is_withdrawn),
             TEST(more_transfers_than_connections_wait_for_their_turn), TEST(the_environment_has_no_say),
             TEST(pooled_connections_are_given_up_when_they_are_old), TEST(a_pool_needs_a_readable_ca_file),
             TEST(requests_that_frame_themselves_are_refused))
