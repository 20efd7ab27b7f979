/* What goes wrong: broken and lying servers, dead connections, wrong identities, silence, and callers that change their
 * mind in the middle. */
#include "support/check_main.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "exchange.h"

static const struct fake_upstream_options good = {.identity = FAKE_GOOD};
static const struct fake_step take_all[] = {HEAD, BODY, SEND(OK_EMPTY), {.kind = FAKE_AGAIN}};
static const struct fake_step continue_all[] = {HEAD, SEND(CONTINUE), BODY, SEND(OK_EMPTY), {.kind = FAKE_AGAIN}};

/* --- answers that make no sense --- */

static const struct {
    const char *answer;
    size_t times; /* of `more`, after it */
    const char *more;
} nonsense[] = {
    {.answer = "garbage\r\n\r\n"},
    {.answer = "SSH-2.0-OpenSSH_9.2p1\r\n"},
    {.answer = "\x80\x81\x82\x83\r\n\r\n"},
    {.answer = "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {.answer = " HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nETag: a\r\n folded\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\n: value\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nETag: a\rb\r\nContent-Length: 0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\nx"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx"},
    {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nx"},
    {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {.answer = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {.answer = "HTTP/1.1 200 OK\r\n\r\nread until close"},
    {.answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nread until close"},
    {.answer = "HTTP/1.0 200 OK\r\n\r\n"},
    {.answer = "HTTP/1.1 206 Partial\r\n\r\nread until close"},
    {"HTTP/1.1 200 OK\r\nx: ", 200,
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"HTTP/1.1 200 OK\r\n", 100000, "a: b\r\n"},
    {"HTTP/1.1 200 OK\r\n", 101, "a: b\r\n"},
    {"", 1000000, "HTTP/1.1 102 Processing\r\n\r\n"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", 1000000, "trailer: endless\r\n"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", 1000000, "trailer: endless\r\n"},
};

START_TEST(nonsense_is_refused_and_not_asked_for_twice)
{
    const struct fake_step script[] = {
        HEAD,
        SEND(nonsense[_i].answer),
        {FAKE_SEND, .text = nonsense[_i].more != NULL ? nonsense[_i].more : "", .count = nonsense[_i].times},
        {FAKE_SEND, .text = nonsense[_i].more != NULL ? "\r\n\r\n" : ""},
        {FAKE_SLEEP, .count = 20},
        END};
    struct rig rig;
    struct exchange x = {.method = "GET", .can_rewind = true};
    rig_init(&rig, &good, script);
    exchange_run(&rig, &x);
    x.got_pattern = true; /* what came before the nonsense is not looked at */
    ck_ends(&x, UPSTREAM_PROTOCOL);
    ck_assert_uint_le(x.got, 1);
    ck_assert_uint_eq(fake_upstream_requests(rig.up), 1);
    ck_assert_uint_gt(strlen(x.detail), 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(success_is_not_believed_before_the_upload_is_complete)
{
    static const struct fake_step script[] = {HEAD,
                                              SEND(CONTINUE),
                                              {FAKE_BODY_PART, .count = 100000},
                                              SEND("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
                                              {.kind = FAKE_DRAIN}};
    struct rig rig;
    struct exchange x = {.method = "PUT", .body_len = 50000000};
    rig_init(&rig, &good, script);
    exchange_run(&rig, &x);
    ck_ends(&x, UPSTREAM_PROTOCOL);
    ck_assert_uint_eq(x.head_calls, 0);
    rig_clear(&rig);
}
END_TEST

/* --- connections that break --- */

/* First connection, then all others; what the exchange does; what comes of it. */
static const struct {
    struct fake_step first[6];
    struct exchange x;
    enum sg_code code;
    bool is_broken_twice; /* the second connection is like the first */
    unsigned connections;
} breaks[] = {
    /* before an answer: once more */
    {{HEAD, RESET}, {.method = "GET"}, SG_CODE_OK, false, 2},
    {{HEAD, RESET}, {.method = "DELETE"}, SG_CODE_OK, false, 2},
    {{HEAD, RESET}, {.method = "HEAD"}, SG_CODE_OK, false, 2},
    {{HEAD, END}, {.method = "GET"}, SG_CODE_OK, false, 2},
    {{HEAD, {.kind = FAKE_CUT}}, {.method = "PUT"}, SG_CODE_OK, false, 2},
    {{RESET}, {.method = "GET"}, SG_CODE_OK, false, 2},
    {{HEAD, RESET}, {.method = "GET"}, SG_CODE_UPSTREAM_LOST, true, 2},
    {{HEAD, RESET}, {.method = "PUT", .body_len = 60000, .can_rewind = true}, SG_CODE_OK, false, 2},
    {{HEAD, {FAKE_BODY_PART, .count = 1000}, RESET},
     {.method = "PUT", .body_len = 60000, .can_rewind = true},
     SG_CODE_OK,
     false,
     2},
    {{HEAD, BODY, RESET}, {.method = "PUT", .body_len = 60000, .can_rewind = true}, SG_CODE_OK, false, 2},
    {{HEAD, BODY, RESET}, {.method = "PUT", .body_len = 60000, .can_rewind = true}, SG_CODE_UPSTREAM_LOST, true, 2},
    /* the body was touched and cannot be given again */
    {{HEAD, BODY, RESET}, {.method = "PUT", .body_len = 60000}, SG_CODE_UPSTREAM_LOST, false, 1},
    {{HEAD, SEND(CONTINUE), {FAKE_BODY_PART, .count = 500000}, RESET},
     {.method = "PUT", .body_len = 9000000, .can_rewind = true},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
    /* a large body that was not touched yet */
    {{HEAD, RESET}, {.method = "PUT", .body_len = 100000}, SG_CODE_OK, false, 2},
    /* after the answer has begun: never again */
    {{HEAD, SEND("HTTP/1.1 200 OK\r\n"), SLEEP(50), RESET}, {.method = "GET"}, SG_CODE_UPSTREAM_LOST, false, 1},
    {{HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"), END}, {.method = "GET"}, SG_CODE_UPSTREAM_LOST, false, 1},
    {{HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), END},
     {.method = "GET"},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
    {{HEAD,
      SEND("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"),
      {FAKE_SEND_DATA, .count = 50000},
      SLEEP(50),
      RESET},
     {.method = "GET"},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
    {{HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"), {FAKE_SEND_DATA, .count = 50000}, END},
     {.method = "GET"},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
    {{HEAD,
      SEND("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"),
      {FAKE_SEND_DATA, .count = 89999},
      {.kind = FAKE_CUT}},
     {.method = "GET", .pause_percent = 50},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
    {{HEAD, SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n"), {FAKE_SEND_DATA, .count = 50}, END},
     {.method = "GET"},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
    {{HEAD,
      SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n"),
      {FAKE_SEND_DATA, .count = 1},
      SEND("\r\n"),
      END},
     {.method = "GET"},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
    {{HEAD, SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), END},
     {.method = "GET"},
     SG_CODE_UPSTREAM_LOST,
     false,
     1},
};

START_TEST(broken_connections_are_replaced_once_and_only_before_an_answer)
{
    struct rig rig;
    struct exchange x = breaks[_i].x;
    rig_init(&rig, &good, breaks[_i].first);
    fake_upstream_script(rig.up, breaks[_i].is_broken_twice ? breaks[_i].first : continue_all);
    exchange_run(&rig, &x);
    exchange_check(&x, breaks[_i].code);
    ck_assert_uint_eq(fake_upstream_connections(rig.up), breaks[_i].connections);
    ck_assert(x.err.code != SG_CODE_OK || fake_upstream_body_len(rig.up) == x.body_len);
    ck_assert(x.err.code != SG_CODE_OK || fake_upstream_body_is_pattern(rig.up));
    rig_clear(&rig);
}
END_TEST

/* What a pooled connection does when the second request comes, that request, and what comes of it. */
static const struct {
    struct fake_step then[4];
    struct exchange x;
    enum sg_code code;
} stale[] = {
    {{END}, {.method = "GET"}, SG_CODE_OK},
    {{RESET}, {.method = "GET"}, SG_CODE_OK},
    {{HEAD, RESET}, {.method = "GET"}, SG_CODE_OK},
    {{HEAD, END}, {.method = "DELETE"}, SG_CODE_OK},
    {{HEAD, RESET}, {.method = "PUT", .body_len = 1000, .can_rewind = true}, SG_CODE_OK},
    {{HEAD, END}, {.method = "PUT", .body_len = 65536, .can_rewind = true}, SG_CODE_OK},
    {{HEAD, BODY, RESET}, {.method = "PUT", .body_len = 65536, .can_rewind = true}, SG_CODE_OK},
    {{HEAD, {FAKE_BODY_PART, .count = 9}, RESET}, {.method = "PUT", .body_len = 65536, .can_rewind = true}, SG_CODE_OK},
    {{END}, {.method = "PUT", .body_len = 65536, .can_rewind = true}, SG_CODE_OK},
    {{END}, {.method = "PUT", .body_len = 5000000}, SG_CODE_OK},
    {{RESET}, {.method = "PUT", .body_len = 5000000}, SG_CODE_OK},
    {{HEAD, RESET}, {.method = "PUT", .body_len = 5000000}, SG_CODE_OK},
    {{HEAD, END}, {.method = "PUT", .body_len = 5000000}, SG_CODE_OK},
    {{HEAD, BODY, RESET}, {.method = "PUT", .body_len = 65536}, SG_CODE_UPSTREAM_LOST},
};

START_TEST(a_pooled_connection_that_has_died_is_replaced)
{
    struct fake_step first[8] = {HEAD, BODY, SEND(OK_EMPTY)};
    struct rig rig;
    struct exchange warm = {.method = "GET"}, x = stale[_i].x;
    memcpy(first + 3, stale[_i].then, sizeof(stale[_i].then));
    rig_init(&rig, &good, first);
    fake_upstream_script(rig.up, continue_all);
    exchange_run(&rig, &warm);
    ck_success(&warm);
    poll_loop_rest(&rig.loop, 20);
    exchange_run(&rig, &x);
    exchange_check(&x, stale[_i].code);
    if (sg_is_ok(x.err)) {
        ck_assert_uint_eq(fake_upstream_connections(rig.up), 2);
        ck_assert_uint_eq(fake_upstream_body_len(rig.up), x.body_len);
        ck_assert(fake_upstream_body_is_pattern(rig.up));
    }
    rig_clear(&rig);
}
END_TEST

START_TEST(a_pool_full_of_dead_connections_is_survived)
{
    static const struct fake_step dying[] = {HEAD, SEND(OK_EMPTY), HEAD, RESET, END};
    struct rig rig;
    struct exchange warm[8], x = {.method = "PUT", .body_len = 3000, .can_rewind = true};
    rig_init(&rig, &good, NULL);
    for (unsigned i = 0; i < 7; i++)
        fake_upstream_script(rig.up, dying);
    fake_upstream_script(rig.up, take_all);
    for (unsigned i = 0; i < 7; i++) {
        warm[i] = (struct exchange){.method = "GET"};
        exchange_start(&rig, &warm[i]);
    }
    for (unsigned i = 0; i < 7; i++)
        exchange_wait(&warm[i]);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert_uint_eq(fake_upstream_body_len(rig.up), 3000);
    ck_assert(fake_upstream_body_is_pattern(rig.up));
    rig_clear(&rig);
}
END_TEST

/* --- who is there --- */

static const struct fake_upstream_options strangers[] = {
    {.identity = FAKE_OTHER_NAME},
    {.identity = FAKE_OTHER_CA},
    {.identity = FAKE_SELF_SIGNED},
    {.identity = FAKE_EXPIRED},
    {.tls_1_1_only = true},
    {.cbc_only = true},
    {.plain = true},
};

START_TEST(a_stranger_is_told_nothing)
{
    static const struct fake_step script[] = {HEAD, SEND(OK_EMPTY), {.kind = FAKE_AGAIN}};
    static const struct fake_step plain[] = {SEND("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), END};
    struct rig rig;
    struct exchange x = {.method = "PUT", .body_len = 10, .can_rewind = true};
    rig_init(&rig, &strangers[_i], strangers[_i].plain ? plain : script);
    exchange_run(&rig, &x);
    ck_ends(&x, UPSTREAM_TLS);
    ck_assert_uint_eq(fake_upstream_requests(rig.up), 0);
    ck_assert_uint_eq(x.want_calls + x.head_calls, 0);
    ck_assert_uint_gt(strlen(x.detail), 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(the_name_that_was_asked_for_is_verified)
{
    struct rig rig;
    struct exchange named = {.method = "GET", .host = "localhost"}, other = {.method = "GET", .host = "alias.test"};
    rig_init(&rig, &good, take_all);
    exchange_run(&rig, &named);
    ck_success(&named);
    exchange_run(&rig, &other);
    ck_ends(&other, UPSTREAM_TLS);
    ck_assert_uint_eq(fake_upstream_requests(rig.up), 1);
    rig_clear(&rig);
}
END_TEST

START_TEST(the_system_store_does_not_know_a_private_ca)
{
    static const struct sgs_pool_options pool = {"/etc/ssl/certs/ca-certificates.crt", 5000, 5000, 5000, 4};
    struct rig rig;
    struct exchange x = {.method = "GET"};
    rig_init_pool(&rig, &good, take_all, &pool);
    exchange_run(&rig, &x);
    ck_ends(&x, UPSTREAM_TLS);
    rig_clear(&rig);
}
END_TEST

/* Stands before the library's resolver: names of ".test" are decided here. */
__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node != NULL && strcmp(node, "nowhere.test") == 0)
        return EAI_NONAME;
    if (node != NULL && strcmp(node, "slow.test") == 0) {
        (void)usleep(1500000);
        return EAI_AGAIN;
    }
    return real(node != NULL && strcmp(node, "alias.test") == 0 ? "127.0.0.1" : node, service, hints, out);
}

START_TEST(nobody_there_is_an_error_of_connecting)
{
    struct rig rig;
    struct exchange refused = {.method = "GET", .port = 1}, unknown = {.method = "GET", .host = "nowhere.test"};
    rig_init(&rig, &good, take_all);
    exchange_run(&rig, &refused);
    ck_ends(&refused, UPSTREAM_CONNECT);
    exchange_run(&rig, &unknown);
    ck_ends(&unknown, UPSTREAM_CONNECT);
    rig_clear(&rig);
}
END_TEST

static uint64_t real_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

START_TEST(giving_up_while_a_name_is_resolved_does_not_block)
{
    static const struct sgs_pool_options hasty = {NULL, 300, 5000, 5000, 4};
    struct rig rig;
    struct exchange cancelled = {.method = "GET", .host = "slow.test"}, late = {.method = "GET", .host = "slow.test"};
    rig_init_pool(&rig, &good, take_all, &hasty);
    exchange_start(&rig, &cancelled);
    exchange_start(&rig, &late);
    poll_loop_rest(&rig.loop, 50);
    sgs_transfer_cancel(cancelled.transfer);
    exchange_wait(&late);
    ck_ends(&late, UPSTREAM_TIMEOUT);
    /* The resolver's threads end by themselves and free what they hold. */
    (void)usleep(1700000);
    rig_clear(&rig);
}
END_TEST

/* --- silence --- */

static const struct {
    struct fake_step script[6];
    struct exchange x;
} silences[] = {
    {{HEAD, {.kind = FAKE_DRAIN}}, {.method = "GET"}},
    {{HEAD, BODY, {.kind = FAKE_DRAIN}}, {.method = "PUT", .body_len = 10, .can_rewind = true}},
    {{HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Le"), {.kind = FAKE_DRAIN}}, {.method = "GET"}},
    {{HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), {FAKE_SEND_DATA, .count = 10}, {.kind = FAKE_DRAIN}},
     {.method = "GET"}},
    {{HEAD, SEND(CONTINUE), {FAKE_BODY_PART, .count = 100000}, {FAKE_SLEEP, .count = 2000}, END},
     {.method = "PUT", .body_len = 50000000}},
};

static const struct sgs_pool_options impatient = {NULL, RIG_CONNECT_MS, RIG_HASTY_MS, 60000, 8};

START_TEST(silence_of_the_upstream_ends_the_exchange)
{
    struct rig rig;
    struct exchange x = silences[_i].x;
    rig_init_pool(&rig, &good, silences[_i].script, &impatient);
    uint64_t begin_ms = real_ms();
    exchange_run(&rig, &x);
    ck_ends(&x, UPSTREAM_TIMEOUT);
    ck_assert_uint_ge(real_ms() - begin_ms, RIG_HASTY_MS);
    ck_assert_uint_eq(fake_upstream_connections(rig.up), 1);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_handshake_that_is_not_answered_runs_into_the_connect_timeout)
{
    static const struct sgs_pool_options hasty = {NULL, 300, 5000, 5000, 4};
    static const struct fake_upstream_options mute = {.plain = true};
    static const struct fake_step script[] = {{.kind = FAKE_DRAIN}};
    struct rig rig;
    struct exchange x = {.method = "GET"};
    rig_init_pool(&rig, &mute, script, &hasty);
    exchange_run(&rig, &x);
    ck_ends(&x, UPSTREAM_TIMEOUT);
    rig_clear(&rig);
}
END_TEST

/* Longer in all than the timeout, but never still for as long. */
START_TEST(a_slow_trickle_is_no_silence)
{
    static const struct sgs_pool_options calm = {NULL, RIG_CONNECT_MS, 3000, 60000, 8};
    static const struct fake_step script[] = {HEAD,
                                              SEND("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"),
                                              {FAKE_SLEEP, .count = 1200},
                                              {FAKE_SEND_DATA, .count = 1},
                                              {FAKE_SLEEP, .count = 1200},
                                              {FAKE_SEND_DATA, .count = 1},
                                              {FAKE_SLEEP, .count = 1200},
                                              {FAKE_SEND_DATA, .count = 1},
                                              END};
    struct rig rig;
    struct exchange x = {.method = "GET"};
    rig_init_pool(&rig, &good, script, &calm);
    exchange_run(&rig, &x);
    ck_success(&x);
    ck_assert_uint_eq(x.got, 3);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_pause_of_our_own_side_is_no_silence)
{
    static const struct sgs_pool_options calm = {NULL, RIG_CONNECT_MS, 2000, 60000, 8};
    static const struct fake_step script[] = {HEAD,
                                              SEND(CONTINUE),
                                              BODY,
                                              SEND("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"),
                                              {FAKE_SEND_DATA, .count = 200000},
                                              {.kind = FAKE_AGAIN}};
    struct rig rig;
    struct exchange x = {
        .method = _i == 0 ? "GET" : "PUT", .body_len = _i == 0 ? 0 : 200000, .pause_percent = 100, .no_resume = true};
    rig_init_pool(&rig, &good, script, &calm);
    exchange_start(&rig, &x);
    poll_loop_rest(&rig.loop, 3000);
    ck_assert(!x.is_over);
    x.pause_percent = 0;
    sgs_transfer_resume(x.transfer);
    sgs_transfer_resume(x.transfer);
    exchange_wait(&x);
    ck_success(&x);
    ck_assert_uint_eq(x.got, 200000);
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("s3client/transfer_faults", TEST_LOOP(nonsense_is_refused_and_not_asked_for_twice, SG_COUNT_OF(nonsense)),
             TEST(success_is_not_believed_before_the_upload_is_complete),
             TEST_LOOP(broken_connections_are_replaced_once_and_only_before_an_answer, SG_COUNT_OF(breaks)),
             TEST_LOOP(a_pooled_connection_that_has_died_is_replaced, SG_COUNT_OF(stale)),
             TEST(a_pool_full_of_dead_connections_is_survived),
             TEST_LOOP(a_stranger_is_told_nothing, SG_COUNT_OF(strangers)),
             TEST(the_name_that_was_asked_for_is_verified), TEST(the_system_store_does_not_know_a_private_ca),
             TEST(nobody_there_is_an_error_of_connecting), TEST(giving_up_while_a_name_is_resolved_does_not_block),
             TEST_LOOP(silence_of_the_upstream_ends_the_exchange, SG_COUNT_OF(silences)),
             TEST(a_handshake_that_is_not_answered_runs_into_the_connect_timeout), TEST(a_slow_trickle_is_no_silence),
             TEST_LOOP(a_pause_of_our_own_side_is_no_silence, 2))
