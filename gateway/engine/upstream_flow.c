/*
 * The upstream's side of a request: one exchange at a time, its body from req->up or from memory, its answer to
 * req->down or collected. What it means is the operation's; here bytes are carried and ends are noted.
 *
 * Tests: tests/unit/engine/test_engine.c, tests/unit/engine/test_download.c
 */
#include "engine/engine_req.h"

#include "core/log.h"

#include "common/banned.h"

static sg_err start_side(struct sg_engine_req *e);
static void cancel(struct sg_exchange *x);

static void end_exchange(struct sg_engine_req *e)
{
    e->req.main.transfer = NULL;
    e->exchange_ended = true;
    sg_engine_wake(e);
}

static sg_err copy_headers(const struct sgs_headers *from, struct sgs_headers *to)
{
    for (size_t i = 0; i < from->count; i++) {
        struct sgs_header header = sgs_headers_at(from, i);
        SG_TRY(sgs_headers_add(to, header.name, header.value));
    }
    return SG_OK;
}

static void resume_upstream(void *ctx)
{
    struct sg_req *req = ctx;
    if (req->main.transfer != NULL)
        sgs_transfer_resume(req->main.transfer);
}

static sg_err on_head(void *ctx, int status, const struct sgs_headers *headers)
{
    struct sg_engine_req *e = ctx;
    struct sg_req *req = &e->req;
    req->main.status = status;
    req->stats.upstream_status = status;
    req->stats.upstream_ms += sg_loop_now_ms(req->env->loop) - req->main.begin_ms;
    SG_TRY(copy_headers(headers, &req->main.headers));
    if (req->op->fns->head == NULL)
        return SG_OK;
    SG_TRY(req->op->fns->head(req, &e->next));
    switch (e->next) {
    case SG_NEXT_GO:
        return sg_upstream_go_on(e);
    case SG_NEXT_SIDE:
        return start_side(e);
    case SG_NEXT_ASK:
    case SG_NEXT_REPLY:
        break;
    }
    sg_upstream_drop(e);
    return SG_OK;
}

sg_err sg_upstream_go_on(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    if (req->down != NULL) {
        struct sg_queue *queue = sg_pipe_queue(req->down);
        queue->wake_source.fn = resume_upstream;
        queue->wake_source.ctx = req;
        SG_TRY(sg_client_start_reply(e));
    }
    resume_upstream(req);
    return SG_OK;
}

void sg_upstream_drop(struct sg_engine_req *e)
{
    cancel(&e->req.main);
    end_exchange(e);
}

static void collect(struct sg_exchange *x, struct sg_bytes bytes)
{
    /* Beyond the bound nothing is of use any more: error bodies are short. */
    size_t room = x->collected.max - x->collected.len;
    sg_err err = sgc_buf_append(&x->collected, sg_bytes_slice(bytes, 0, room));
    sg_assert(sg_is_ok(err));
}

static struct sg_bytes skip(struct sg_req *req, struct sg_bytes bytes)
{
    uint64_t count = req->main.skip < bytes.len ? req->main.skip : bytes.len;
    req->main.skip -= count;
    return sg_bytes_skip(bytes, (size_t)count);
}

static enum sgs_flow on_body(void *ctx, struct sg_bytes bytes, sg_err *err)
{
    struct sg_engine_req *e = ctx;
    struct sg_req *req = &e->req;
    size_t taken = 0;
    if (e->next == SG_NEXT_SIDE)
        return SGS_FLOW_PAUSE;
    if (req->down == NULL) {
        collect(&req->main, bytes);
        return SGS_FLOW_GO;
    }
    if (!sg_queue_has_room(sg_pipe_queue(req->down)))
        return SGS_FLOW_PAUSE;
    struct sg_bytes rest = skip(req, bytes);
    *err = sg_pipe_push(req->down, rest, &taken);
    if (!sg_is_ok(*err))
        return SGS_FLOW_STOP;
    sg_assert(taken == rest.len);
    return SGS_FLOW_GO;
}

/* As much as there is room for: a block and the tail of the next make one write, not two. */
static size_t take_queued(struct sg_queue *queue, uint8_t *room, size_t cap)
{
    size_t len = 0;
    while (len < cap) {
        struct sg_bytes piece = sg_bytes_slice(sg_queue_front(queue), 0, cap - len);
        if (piece.len == 0)
            break;
        memcpy(room + len, piece.ptr, piece.len);
        sg_queue_consume(queue, piece.len);
        len += piece.len;
    }
    return len;
}

static size_t take_held(struct sg_engine_req *e, uint8_t *room, size_t cap)
{
    struct sg_bytes piece = sg_bytes_slice(e->req.main.send, e->req.main.sent, cap);
    if (piece.len > 0)
        memcpy(room, piece.ptr, piece.len);
    e->req.main.sent += piece.len;
    return piece.len;
}

/* Bytes from memory, or from the queue of the upload. */
static enum sgs_flow on_want(void *ctx, uint8_t *room, size_t cap, size_t *len_out, sg_err *err)
{
    struct sg_engine_req *e = ctx;
    struct sg_queue *queue = e->req.main.send.len > 0 ? NULL : sg_pipe_queue(e->req.up);
    if (queue != NULL && queue->end == SG_QUEUE_FAILED) {
        *err = SG_ERR_OF(INCOMPLETE_BODY);
        return SGS_FLOW_STOP;
    }
    *len_out = queue == NULL ? take_held(e, room, cap) : take_queued(queue, room, cap);
    return *len_out > 0 ? SGS_FLOW_GO : SGS_FLOW_PAUSE;
}

static bool on_rewind(void *ctx)
{
    struct sg_engine_req *e = ctx;
    struct sg_req *req = &e->req;
    if (req->main.send.len == 0 && !sg_queue_rewind(sg_pipe_queue(req->up)))
        return false;
    e->req.main.sent = 0;
    return true;
}

/* What exactly went wrong is for the operator; the client only hears that it should come again. */
static void log_failure(const struct sg_req *req, const struct sg_exchange *x, sg_err err)
{
    if (sg_err_row(err)->class_ == SG_CLASS_UPSTREAM)
        sg_log_event(req->env->log, SG_LOG_WARN, "upstream_failed", "id", req->id, "error", sg_err_row(err)->name,
                     "detail", sgs_transfer_detail(x->transfer), NULL);
}

static void on_done(void *ctx, sg_err err)
{
    struct sg_engine_req *e = ctx;
    struct sg_req *req = &e->req;
    log_failure(req, &req->main, err);
    /* An answer that ends while its body is held has none, and what it is held for is about its body. */
    if (sg_is_ok(err) && e->next == SG_NEXT_SIDE)
        err = SG_ERR_OF(UPSTREAM_PROTOCOL);
    if (sg_is_ok(err) && req->down != NULL)
        err = sg_pipe_finish(req->down);
    end_exchange(e);
    if (!sg_is_ok(err))
        sg_engine_fail(e, err);
}

static const struct sgs_transfer_events events = {on_head, on_body, on_want, on_rewind, on_done};

/* Forgets the last answer, asks anew. */
static sg_err start(struct sg_engine_req *e, struct sg_exchange *x, struct sgs_pool *pool,
                    const struct sgs_transfer_events *how)
{
    const struct sg_env *env = e->req.env;
    SG_CLEANUP(sgs_request_clear) struct sgs_request request = SGS_REQUEST_NONE;
    sgs_headers_clear(&x->headers);
    sgc_buf_truncate(&x->collected, 0);
    x->status = 0;
    x->skip = 0;
    x->sent = 0;
    x->begin_ms = sg_loop_now_ms(env->loop);
    SG_TRY(sgs_request_build(&x->plan, env->upstream, env->upstream_identity, sg_clock_wall_s(env->clock), &request));
    return sgs_transfer_start(pool, &request, how, e, &x->transfer);
}

sg_err sg_upstream_start(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    e->exchange_ended = false;
    if (req->up != NULL) {
        struct sg_queue *queue = sg_pipe_queue(req->up);
        queue->wake_sink.fn = resume_upstream;
        queue->wake_sink.ctx = req;
    }
    return start(e, &req->main, req->env->pool, &events);
}

/* --- the exchange on the side --- */

static sg_err on_side_head(void *ctx, int status, const struct sgs_headers *headers)
{
    struct sg_engine_req *e = ctx;
    struct sg_req *req = &e->req;
    req->side.status = status;
    req->stats.upstream_ms += sg_loop_now_ms(req->env->loop) - req->side.begin_ms;
    return copy_headers(headers, &req->side.headers);
}

static enum sgs_flow on_side_body(void *ctx, struct sg_bytes bytes, sg_err *err)
{
    struct sg_engine_req *e = ctx;
    SG_UNUSED(err);
    collect(&e->req.side, bytes);
    return SGS_FLOW_GO;
}

static void on_side_done(void *ctx, sg_err err)
{
    struct sg_engine_req *e = ctx;
    struct sg_req *req = &e->req;
    log_failure(req, &req->side, err);
    req->side.transfer = NULL;
    e->side_ended = true;
    sg_engine_wake(e);
    if (!sg_is_ok(err))
        sg_engine_fail(e, err);
}

static const struct sgs_transfer_events side_events = {
    .on_head = on_side_head, .on_body = on_side_body, .on_done = on_side_done};

static sg_err start_side(struct sg_engine_req *e)
{
    struct sg_req *req = &e->req;
    sg_assert(req->op->fns->side != NULL && !req->side.plan.has_body);
    return start(e, &req->side, req->env->side_pool, &side_events);
}

static void cancel(struct sg_exchange *x)
{
    if (x->transfer == NULL)
        return;
    sgs_transfer_cancel(x->transfer);
    x->transfer = NULL;
}

void sg_upstream_cancel(struct sg_engine_req *e)
{
    cancel(&e->req.main);
    cancel(&e->req.side);
}
