/*
 * Steps in order (steps.def), run until one has to wait. Everything that happens outside, on the client's connection or
 * the upstream's, is noted where it happens and acted upon here, from the loop, so that no step is ever re-entered.
 */
#include "engine/engine.h"

#include "auth/authn.h"
#include "core/log.h"
#include "core/reply.h"
#include "core/target.h"
#include "crypto/codec.h"
#include "crypto/rand.h"
#include "engine/engine_req.h"
#include "ops/body_facts.h"
#include "ops/header_policy.h"

#include "common/banned.h"

typedef sg_err step_fn(struct sg_engine_req *e, bool *wait);

enum step {
#define SG_STEP(name, fn) STEP_##name,
#include "engine/steps.def"
#undef SG_STEP
    STEP_COUNT
};

/* --- the steps --- */

static sg_err step_parse(struct sg_engine_req *e, bool *wait)
{
    SG_UNUSED(wait);
    return sg_target_parse(&e->req);
}

static sg_err step_authenticate(struct sg_engine_req *e, bool *wait)
{
    SG_UNUSED(wait);
    return sg_authenticate(&e->req);
}

static sg_err step_match(struct sg_engine_req *e, bool *wait)
{
    struct sg_req *req = &e->req;
    SG_UNUSED(wait);
    req->op = sg_op_match(req);
    SG_CHECK(req->op != NULL, NOT_IMPLEMENTED);
    SG_CHECK(req->op->body != SG_BODY_NONE || !req->head.has_body, UNEXPECTED_BODY);
    SG_CHECK(req->op->body == SG_BODY_STREAM || !sg_payload_is_chunked(req->auth.payload), SHA256_NOT_STREAMABLE);
    return sg_headers_check(req);
}

static sg_err step_authorise(struct sg_engine_req *e, bool *wait)
{
    SG_UNUSED(wait);
    return sg_op_check_bucket(&e->req);
}

static void on_admitted(void *ctx, sg_err err)
{
    struct sg_engine_req *e = ctx;
    if (sg_is_ok(err))
        e->req.reserved = e->waiter.bytes;
    e->admitted = err;
    e->req.step = STEP_RECEIVE;
    if (!sg_is_ok(err))
        sg_engine_fail(e, err);
    sg_engine_wake(e);
}

static sg_err step_admit(struct sg_engine_req *e, bool *wait)
{
    uint64_t bytes = sg_op_memory(&e->req);
    e->waiter.on_ready = on_admitted;
    e->waiter.ctx = e;
    *wait = !sg_budget_reserve(e->req.env->budget, bytes, &e->waiter);
    if (!*wait)
        e->req.reserved = bytes;
    return SG_OK;
}

static sg_err step_receive(struct sg_engine_req *e, bool *wait)
{
    struct sg_req *req = &e->req;
    if (req->op->body != SG_BODY_XML)
        return SG_OK;
    if (!e->body_started) {
        SG_TRY(sg_body_facts(req, SG_LIMIT_XML_BODY, false, &e->collect_facts));
        SG_TRY(sg_pipe_new_collecting(&sg_pipe_collect, &e->collect_facts, &req->body, &req->up));
        SG_TRY(sg_client_start_body(e));
    }
    *wait = !e->body_ended;
    if (e->body_ended) {
        sg_pipe_free(req->up);
        req->up = NULL;
    }
    return SG_OK;
}

static sg_err step_plan(struct sg_engine_req *e, bool *wait)
{
    SG_UNUSED(wait);
    e->next = SG_NEXT_REPLY;
    return e->req.op->fns->plan(&e->req, &e->next);
}

/* An upstream that answers with success before it has the whole body did not store what the client sent. */
static sg_err check_upload_complete(const struct sg_engine_req *e)
{
    const struct sg_req *req = &e->req;
    bool too_early = req->op->body == SG_BODY_STREAM && req->main.status < 300 && !e->body_ended;
    SG_CHECK(!too_early, UPSTREAM_PROTOCOL);
    return SG_OK;
}

static sg_err end_exchange(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    e->exchange_ended = false;
    if (e->next != SG_NEXT_GO)
        return SG_OK; /* head() has said what comes next and the exchange was dropped */
    if (req->down != NULL) {
        e->next = SG_NEXT_REPLY;
        return SG_OK;
    }
    SG_TRY(check_upload_complete(e));
    return req->op->fns->done(req, &e->next);
}

static sg_err end_side(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    e->side_ended = false;
    SG_TRY(req->op->fns->side(req, &e->next));
    if (e->next == SG_NEXT_GO)
        return sg_upstream_go_on(e);
    sg_upstream_drop(e);
    return SG_OK;
}

static sg_err step_stream(struct sg_engine_req *e, bool *wait)
{
    if (e->side_ended)
        SG_TRY(end_side(e));
    if (e->exchange_ended && e->next != SG_NEXT_SIDE)
        SG_TRY(end_exchange(e));
    if (e->next == SG_NEXT_REPLY)
        return SG_OK;
    *wait = true;
    if (e->next != SG_NEXT_ASK)
        return SG_OK;
    e->next = SG_NEXT_GO;
    SG_TRY(sg_upstream_start(e));
    if (e->req.op->body == SG_BODY_STREAM && !e->body_started)
        return sg_client_start_body(e);
    return SG_OK;
}

static sg_err step_reply(struct sg_engine_req *e, bool *wait)
{
    if (!e->req.reply_started && e->req.client != NULL && !e->client_done)
        SG_TRY(sg_client_start_reply(e));
    *wait = !e->client_done;
    return SG_OK;
}

static sg_err step_record(struct sg_engine_req *e, bool *wait)
{
    struct sg_req *req = &e->req;
    SG_UNUSED(wait);
    sg_log_request(req->env->log, req, req->op == NULL ? "-" : req->op->name);
    if (req->reserved > 0)
        sg_budget_release(req->env->budget, req->reserved);
    return SG_OK;
}

/* --- running --- */

static step_fn *const steps[STEP_COUNT] = {
#define SG_STEP(name, fn) fn,
#include "engine/steps.def"
#undef SG_STEP
};

static void init_exchange(struct sg_exchange *x)
{
    x->plan = SGS_PLAN_NONE;
    x->headers = SGS_HEADERS_NONE;
    x->collected = SGC_BUF_INIT(SG_LIMIT_ERROR_BODY);
}

static void clear_exchange(struct sg_exchange *x)
{
    sgs_plan_clear(&x->plan);
    sgs_headers_clear(&x->headers);
    sgc_buf_clear(&x->collected);
}

static void free_req(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    sg_budget_cancel(&e->waiter);
    sg_job_cancel(req->env->loop, &e->run);
    sg_pipe_free(req->up);
    sg_pipe_free(req->down);
    sg_pipe_free(e->out);
    if (req->op != NULL && req->op->fns->clear != NULL && req->op_state != NULL)
        req->op->fns->clear(req);
    sgs_query_clear(&req->target.query);
    sgs_headers_clear(&req->head.headers);
    clear_exchange(&req->main);
    clear_exchange(&req->side);
    sgs_headers_clear(&req->reply_headers);
    sgc_buf_clear(&req->body);
    sgc_buf_clear(&req->reply_body);
    sgc_secret_clear(&req->auth.signing_key);
    sg_arena_clear(&req->arena);
    sgc_xfree(e);
}

/* The client hears of a failure if its reply has not begun; otherwise its connection breaks, which sg_engine_fail() saw
 * to. Either way what is left to wait for is the client. */
static void turn_to_failure(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    if (req->step < STEP_REPLY)
        req->step = STEP_REPLY;
    if (req->reply_started || req->client == NULL)
        return;
    sg_pipe_free(req->down);
    req->down = NULL;
    req->reply_len = 0;
    if (!sg_is_ok(sg_reply_error(req, req->failure, NULL, 0))) {
        /* Not even an error fits: an answer without a body is still an answer. */
        sgs_headers_clear(&req->reply_headers);
        sgc_buf_clear(&req->reply_body);
        req->reply_status = 500;
    }
}

static void run(void *ctx)
{
    struct sg_engine_req *e = ctx;
    struct sg_req *req = &e->req;
    sg_assert(!e->running);
    e->running = true;
    if (!sg_is_ok(req->failure) && req->step < STEP_REPLY)
        turn_to_failure(e);
    while (req->step < STEP_COUNT) {
        bool wait = false;
        sg_err err = steps[req->step](e, &wait);
        if (!sg_is_ok(err)) {
            /* A reply that cannot even be begun leaves nobody to wait for. */
            e->client_done = e->client_done || req->step == STEP_REPLY;
            sg_engine_fail(e, err);
            turn_to_failure(e);
            continue;
        }
        if (wait)
            break;
        req->step++;
    }
    e->running = false;
    if (req->step == STEP_COUNT)
        free_req(e);
}

void sg_engine_wake(struct sg_engine_req *e)
{
    sg_job_post(e->req.env->loop, &e->run);
}

void sg_engine_fail(struct sg_engine_req *e, sg_err err)
{
    struct sg_req *req = &e->req;
    if (sg_is_ok(req->failure)) {
        req->failure = err;
        req->failure_site = sg_err_site;
    }
    sg_upstream_cancel(e);
    if (req->up != NULL)
        sg_pipe_fail(req->up, err);
    if (req->down != NULL)
        sg_pipe_fail(req->down, err);
}

/* --- what the connection calls --- */

struct sg_req *sg_engine_new(const struct sg_env *env)
{
    struct sg_engine_req *e = sgc_xalloc(sizeof(*e));
    struct sg_req *req = &e->req;
    uint8_t id[SG_REQUEST_ID_LEN / 2] = {0};
    e->run = (struct sg_job){.fn = run, .ctx = e};
    req->env = env;
    req->head.headers = SGS_HEADERS_NONE;
    req->target.query = SGS_QUERY_NONE;
    init_exchange(&req->main);
    init_exchange(&req->side);
    req->reply_headers = SGS_HEADERS_NONE;
    req->body = SGC_BUF_INIT(SG_LIMIT_XML_BODY);
    req->reply_body = SGC_BUF_INIT(SG_LIMIT_XML_BODY);
    req->auth.signing_key = SGC_SECRET_NONE;
    /* An id names a log line and nothing else: without random bytes the request still has one, just not a unique one.
     */
    if (!sg_is_ok(sgc_rand(id, sizeof(id))))
        memset(id, 0, sizeof(id));
    sgc_hex_encode(SG_BYTES_ARRAY(id), req->id);
    for (size_t i = 0; i < SG_REQUEST_ID_LEN; i++)
        req->id[i] = (char)(req->id[i] >= 'a' ? req->id[i] - 'a' + 'A' : req->id[i]);
    return req;
}

void sg_engine_start(struct sg_req *req)
{
    req->stats.begin_ms = sg_loop_now_ms(req->env->loop);
    run(sg_engine_req(req));
}

void sg_engine_on_reply_done(struct sg_req *req)
{
    struct sg_engine_req *e = sg_engine_req(req);
    e->client_done = true;
    req->client = NULL;
    sg_engine_wake(e);
}

void sg_engine_on_client_gone(struct sg_req *req)
{
    struct sg_engine_req *e = sg_engine_req(req);
    e->client_done = true;
    req->client = NULL;
    sg_engine_fail(e, SG_ERR_OF(CLIENT_GONE));
    sg_budget_cancel(&e->waiter);
    sg_engine_wake(e);
}
