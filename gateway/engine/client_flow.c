/*
 * The client's side of a request: body bytes into req->up, reply bytes out of req->down or from memory.
 *
 * Tests: tests/unit/engine/test_engine.c
 */
#include "engine/engine.h"

#include "engine/engine_req.h"

#include "common/banned.h"

static void on_room_for_body(void *ctx)
{
    struct sg_req *req = ctx;
    if (req->client != NULL)
        req->client->ops->body_resume(req->client);
}

static sg_err end_body(struct sg_engine_req *e)
{
    SG_TRY(sg_pipe_finish(e->req.up));
    e->body_ended = true;
    return SG_OK;
}

sg_err sg_client_start_body(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    struct sg_queue *queue = sg_pipe_queue(req->up);
    e->body_started = true;
    if (queue != NULL) {
        queue->wake_source.fn = on_room_for_body;
        queue->wake_source.ctx = req;
    }
    if (!req->head.has_body)
        return end_body(e);
    SG_CHECK(req->client != NULL, CLIENT_GONE);
    req->client->ops->body_start(req->client);
    return SG_OK;
}

/* Once the body cannot change the outcome any more, the rest of it is taken and forgotten. */
static bool wants_body(const struct sg_engine_req *e)
{
    const struct sg_req *req = &e->req;
    return e->body_started && !e->body_ended && req->up != NULL && !req->reply_started && sg_is_ok(req->failure);
}

static void fail_later(struct sg_engine_req *e, sg_err err)
{
    sg_engine_fail(e, err);
    sg_engine_wake(e);
}

size_t sg_engine_on_body(struct sg_req *req, struct sg_bytes bytes)
{
    struct sg_engine_req *e = sg_engine_req(req);
    size_t taken = 0;
    if (!wants_body(e))
        return bytes.len;
    sg_err err = sg_pipe_push(req->up, bytes, &taken);
    if (!sg_is_ok(err)) {
        fail_later(e, err);
        return bytes.len;
    }
    req->stats.bytes_in += taken;
    return taken;
}

void sg_engine_on_body_end(struct sg_req *req)
{
    struct sg_engine_req *e = sg_engine_req(req);
    if (!wants_body(e))
        return;
    sg_err err = end_body(e);
    if (!sg_is_ok(err)) {
        fail_later(e, err);
        return;
    }
    if (sg_pipe_queue(req->up) == NULL)
        sg_engine_wake(e);
}

void sg_engine_on_body_error(struct sg_req *req, sg_err err)
{
    struct sg_engine_req *e = sg_engine_req(req);
    if (wants_body(e))
        fail_later(e, err);
}

/* --- the reply --- */

/* A reply in memory goes through a queue like any other, as fast as the client takes it. */
static void feed_reply(void *ctx)
{
    struct sg_engine_req *e = ctx;
    struct sg_bytes rest = sg_bytes_skip(sgc_buf_view(&e->req.reply_body), e->out_fed);
    size_t taken = 0;
    if (rest.len == 0)
        return;
    sg_err err = sg_pipe_push(e->out, rest, &taken);
    e->out_fed += taken;
    if (sg_is_ok(err) && taken == rest.len)
        err = sg_pipe_finish(e->out);
    if (!sg_is_ok(err))
        sg_pipe_fail(e->out, err);
}

static sg_err prepare_body(struct sg_engine_req *e, struct sg_queue **out)
{
    struct sg_req *req = &e->req;
    size_t len = req->reply_body.len;
    *out = NULL;
    if (req->down != NULL) {
        *out = sg_pipe_queue(req->down);
        return SG_OK;
    }
    if (len == 0 || sg_bytes_eq_str(req->head.method, "HEAD"))
        return SG_OK;
    e->out_facts.req = req;
    SG_TRY(sg_pipe_new(&sg_pipe_pass, &e->out_facts, len < SG_LIMIT_PUSH ? len : SG_LIMIT_PUSH, false, &e->out));
    *out = sg_pipe_queue(e->out);
    (*out)->wake_source.fn = feed_reply;
    (*out)->wake_source.ctx = e;
    feed_reply(e);
    return SG_OK;
}

sg_err sg_client_start_reply(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    struct sg_queue *queue;
    SG_CHECK(req->client != NULL, CLIENT_GONE);
    SG_TRY(prepare_body(e, &queue));
    bool is_streamed = req->down != NULL || (req->reply_body.len == 0 && req->reply_len > 0);
    struct sg_reply_head head = {
        .status = req->reply_status,
        .headers = &req->reply_headers,
        .body_len = is_streamed ? req->reply_len : req->reply_body.len,
    };
    req->reply_started = true;
    req->client->ops->reply(req->client, &head, queue);
    return SG_OK;
}
