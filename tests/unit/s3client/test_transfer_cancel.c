/* Callers that change their mind in the middle: cancelling and stopping in every callback, and at any moment from
 * outside. */
#include "support/check_main.h"

#include <stdio.h>

#include "exchange.h"

static const struct fake_upstream_options good = {.identity = FAKE_GOOD};
static const struct fake_step take_all[] = {HEAD, BODY, SEND(OK_EMPTY), {.kind = FAKE_AGAIN}};

static const struct {
    const char *method;
    uint64_t body_len;
    enum place place;
    unsigned pause_percent, skip;
} places[] = {
    {"GET", 0, IN_HEAD, 0, 0},      {"GET", 0, IN_BODY, 0, 0},       {"GET", 0, IN_BODY, 70, 0},
    {"GET", 0, IN_BODY, 0, 3},      {"GET", 0, IN_BODY, 90, 7},      {"GET", 0, IN_BODY, 90, 8},
    {"GET", 0, IN_DONE, 0, 0},      {"PUT", 100, IN_WANT, 0, 0},     {"PUT", 500000, IN_WANT, 50, 0},
    {"PUT", 500000, IN_WANT, 0, 3}, {"PUT", 500000, IN_WANT, 90, 7}, {"PUT", 500000, IN_WANT, 90, 8},
    {"PUT", 500000, IN_HEAD, 0, 0}, {"PUT", 500000, IN_BODY, 30, 0}, {"PUT", 500000, IN_DONE, 30, 0},
    {"HEAD", 0, IN_HEAD, 0, 0},     {"HEAD", 0, IN_DONE, 0, 0},      {"DELETE", 0, IN_HEAD, 0, 0},
};

static const struct fake_step give_much[] = {HEAD,
                                             SEND(CONTINUE),
                                             BODY,
                                             SEND("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"),
                                             {FAKE_SEND_DATA, .count = 300000},
                                             {.kind = FAKE_AGAIN}};

/* The script does not look at the method, and the answer to HEAD has no body. */
static const struct fake_step *script_for(const char *method)
{
    return strcmp(method, "HEAD") == 0 ? take_all : give_much;
}

START_TEST(cancelling_inside_a_callback_is_final)
{
    struct rig rig;
    struct exchange x = {.method = places[_i].method,
                         .body_len = places[_i].body_len,
                         .cancel_in = places[_i].place,
                         .skip = places[_i].skip,
                         .pause_percent = places[_i].pause_percent};
    struct exchange next = {.method = "GET"};
    rig_init(&rig, &good, script_for(x.method));
    exchange_run(&rig, &x);
    ck_assert_uint_eq(x.done_calls, x.cancel_in == IN_DONE);
    exchange_run(&rig, &next);
    ck_success(&next);
    ck_assert_uint_eq(x.late_calls, 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(an_error_of_a_callback_comes_back_unchanged)
{
    struct rig rig;
    struct exchange x = {.method = places[_i].method,
                         .body_len = places[_i].body_len,
                         .stop_in = places[_i].place,
                         .skip = places[_i].skip,
                         .pause_percent = places[_i].pause_percent,
                         .can_rewind = true};
    rig_init(&rig, &good, script_for(x.method));
    exchange_run(&rig, &x);
    exchange_check(&x, x.stop_in == IN_DONE ? SG_CODE_OK : SG_CODE_TAG_MISMATCH);
    ck_assert_uint_le(fake_upstream_requests(rig.up), 1);
    rig_clear(&rig);
}
END_TEST

START_TEST(cancelling_when_asked_to_rewind_is_final)
{
    static const struct fake_step first[] = {HEAD, SEND(OK_EMPTY), HEAD, BODY, RESET, END};
    struct rig rig;
    struct exchange warm = {.method = "GET"};
    struct exchange x = {.method = "PUT", .body_len = 1000, .can_rewind = true, .cancel_in = IN_REWIND};
    rig_init(&rig, &good, _i == 0 ? first : first + 2);
    fake_upstream_script(rig.up, take_all);
    if (_i == 0)
        exchange_run(&rig, &warm);
    exchange_run(&rig, &x);
    poll_loop_rest(&rig.loop, 50);
    ck_assert_uint_eq(x.rewind_calls, 1);
    ck_assert_uint_eq(x.done_calls + x.head_calls + x.late_calls, 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(cancelling_from_outside_works_at_any_moment)
{
    struct rig rig;
    rig_init(&rig, &good, give_much);
    for (unsigned turns = 0; turns < 60; turns++) {
        struct exchange x = {.method = turns % 2 == 0 ? "GET" : "PUT",
                             .body_len = turns % 2 == 0 ? 0 : 3000000,
                             .pause_percent = 30,
                             .seed = turns};
        exchange_start(&rig, &x);
        for (unsigned i = 0; i < turns && !x.is_over; i++)
            poll_loop_turn(&rig.loop, 1);
        if (!x.is_over)
            sgs_transfer_cancel(x.transfer);
        x.is_over = true;
        poll_loop_turn(&rig.loop, 1);
        ck_assert_uint_eq(x.late_calls, 0);
    }
    rig_clear(&rig);
}
END_TEST

/* An exchange whose callbacks cancel a second one and start a third. */
struct meddler {
    struct rig *rig;
    struct exchange victim, next;
    struct sgs_transfer *transfer;
    enum place when;
    bool is_over;
};

static void meddle(struct meddler *m, enum place place)
{
    if (m->when != place)
        return;
    sgs_transfer_cancel(m->victim.transfer);
    m->victim.is_over = true;
    m->next = (struct exchange){.method = "GET"};
    exchange_start(m->rig, &m->next);
}

static sg_err meddle_head(void *ctx, int status, const struct sgs_headers *headers)
{
    (void)status;
    (void)headers;
    meddle(ctx, IN_HEAD);
    return SG_OK;
}

static enum sgs_flow meddle_body(void *ctx, struct sg_bytes bytes, sg_err *err)
{
    struct meddler *m = ctx;
    (void)bytes;
    (void)err;
    meddle(m, IN_BODY);
    m->when = m->when == IN_BODY ? NOWHERE : m->when;
    return SGS_FLOW_GO;
}

static void meddle_done(void *ctx, sg_err err)
{
    struct meddler *m = ctx;
    (void)err;
    meddle(m, IN_DONE);
    m->is_over = true;
}

static bool meddler_is_over(const void *ctx)
{
    return ((const struct meddler *)ctx)->is_over;
}

START_TEST(callbacks_may_start_and_cancel_other_exchanges)
{
    static const struct sgs_transfer_events events = {meddle_head, meddle_body, NULL, NULL, meddle_done};
    static const enum place when[] = {IN_HEAD, IN_BODY, IN_DONE};
    SG_CLEANUP(sgs_request_clear) struct sgs_request request = SGS_REQUEST_NONE;
    struct rig rig;
    struct meddler m = {
        .rig = &rig, .when = when[_i], .victim = {.method = "GET", .pause_percent = 100, .no_resume = true}};
    rig_init(&rig, &good, give_much);
    exchange_start(&rig, &m.victim);
    poll_loop_rest(&rig.loop, 30);
    ck_ok(sgc_buf_appendf(&request.url, "https://127.0.0.1:%u/", fake_upstream_port(rig.up)));
    (void)snprintf(request.method, sizeof(request.method), "GET");
    ck_ok(sgs_transfer_start(rig.pool, &request, &events, &m, &m.transfer));
    ck_assert(poll_loop_until(&rig.loop, meddler_is_over, &m, 5000));
    exchange_wait(&m.next);
    ck_success(&m.next);
    ck_assert_uint_eq(m.victim.late_calls + m.victim.done_calls, 0);
    rig_clear(&rig);
}
END_TEST

static const struct fake_step moody[][8] = {
    {HEAD,
     SEND(CONTINUE),
     BODY,
     SEND("HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n"),
     {FAKE_SEND_DATA, .count = 30000},
     {.kind = FAKE_AGAIN}},
    {HEAD, SEND(CONTINUE), {FAKE_BODY_PART, .count = 100}, RESET},
    {HEAD, SEND(CONTINUE), BODY, SEND(OK_EMPTY), SLEEP(2), END},
    {HEAD,
     SEND(CONTINUE),
     {FAKE_BODY_SLOW, .count = 2},
     SEND("HTTP/1.1 403 No\r\nContent-Length: 40000\r\n\r\n"),
     {FAKE_SEND_DATA, .count = 30000},
     {.kind = FAKE_CUT}},
    {RESET},
    {HEAD,
     SEND("HTTP/1.1 503 Slow\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n"),
     {FAKE_SEND_DATA, .count = 9},
     SEND("\r\n0\r\n\r\n"),
     SLEEP(1),
     RESET},
    {HEAD, SLEEP(30), END},
    {HEAD,
     SEND(CONTINUE),
     BODY,
     SEND("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"),
     {FAKE_SEND_DATA, .count = 200000},
     {.kind = FAKE_AGAIN}},
};

static const struct sgs_pool_options impatient = {NULL, RIG_CONNECT_MS, RIG_HASTY_MS, 60000, 8};

/* Whatever happens: no callback after the end, exactly one end, nothing left behind, and only right bytes. */
START_TEST(a_crowd_of_callers_on_a_moody_upstream_loses_nothing)
{
    enum { CROWD = 12, ROUNDS = 6 };
    static const char *const methods[] = {"GET", "PUT", "DELETE", "PUT", "POST", "GET"};
    static const enum place where[] = {NOWHERE, IN_HEAD, NOWHERE, IN_BODY, IN_WANT, NOWHERE, IN_REWIND, IN_DONE};
    struct rig rig;
    unsigned dice = (unsigned)_i * 7919u + 1;
    /* Some of its moods are silence; whatever a busy machine makes time out here, nothing may be lost. */
    rig_init_pool(&rig, &good, NULL, &impatient);
    for (unsigned i = 0; i < SG_COUNT_OF(moody); i++)
        fake_upstream_script(rig.up, moody[(i + (unsigned)_i) % SG_COUNT_OF(moody)]);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct exchange crowd[CROWD];
        for (unsigned i = 0; i < CROWD; i++) {
            dice = dice * 1664525u + 1013904223u;
            unsigned d = dice >> 8;
            crowd[i] = (struct exchange){.method = methods[d % 6],
                                         .pause_percent = d / 7 % 60,
                                         .resume_ms = d / 11 % 4,
                                         .can_rewind = d / 13 % 2 == 0,
                                         .give_max = d / 17 % 2 == 0 ? 0 : 9000,
                                         .cancel_in = where[d / 19 % 8],
                                         .stop_in = where[d / 23 % 8],
                                         .skip = d / 29 % 4,
                                         .seed = d};
            if (d % 2 == 1 && crowd[i].method[0] == 'P')
                crowd[i].body_len = d / 31 % 3 == 0 ? d % 400000 : d % 60000;
            exchange_start(&rig, &crowd[i]);
        }
        for (unsigned i = 0; i < CROWD; i++) {
            if (crowd[i].seed % 5 == 0 && !crowd[i].is_over) {
                sgs_transfer_cancel(crowd[i].transfer);
                sg_timer_clear(&rig.loop.fake.loop, &crowd[i].resume_timer);
                crowd[i].is_over = true;
            }
            exchange_wait(&crowd[i]);
            ck_assert(crowd[i].done_calls <= 1 && crowd[i].got_pattern);
        }
    }
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("s3client/transfer_cancel", TEST_LOOP(cancelling_inside_a_callback_is_final, SG_COUNT_OF(places)),
             TEST_LOOP(an_error_of_a_callback_comes_back_unchanged, SG_COUNT_OF(places)),
             TEST_LOOP(cancelling_when_asked_to_rewind_is_final, 2), TEST(cancelling_from_outside_works_at_any_moment),
             TEST_LOOP(callbacks_may_start_and_cancel_other_exchanges, 3),
             TEST_LOOP(a_crowd_of_callers_on_a_moody_upstream_loses_nothing, 8))
