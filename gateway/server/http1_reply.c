/*
 * What goes out. The head is printed at once; then block after block of the queue, several in one write, one write in
 * flight. TLS copies while it encrypts, so that blocks are given back, and refilled, while the write is under way.
 *
 * A reply is never longer than promised, and complete only when the queue has been closed: the last bytes wait for
 * that, so that a failure found at the very end still leaves the client with too few.
 *
 * Tests      tests/unit/server/test_wire.py
 */
#include "core/log.h"
#include "engine/engine.h"
#include "server/answer.h"
#include "server/http1_conn.h"

#include "common/banned.h"

enum {
    REPLY_HEAD_MAX = 80 * 1024, /* a full header list and our own lines */
    JOIN_MAX = 16 * 1024,       /* head and body up to this go out as one TLS record */
    KEEP_MAX = 256 * 1024,      /* an unread rest of a body up to this is read, and the connection kept */
    PIECES = 4,                 /* blocks of the queue in one write */
    SIZE_LINE = 24,
};

static struct sg_bytes literal(const char *text)
{
    return sg_bytes_str(text);
}

/* --- the end of a write --- */

static void doom(struct sg_http1 *c)
{
    c->doomed = true;
    sg_http1_poke(c);
}

static void on_written(h2o_socket_t *sock, const char *err)
{
    struct sg_http1 *c = sock->data;
    c->writing = false;
    if (err != NULL) {
        sg_http1_break(c);
        return;
    }
    if (c->reply.complete)
        sg_http1_end_request(c);
    else
        sg_http1_reply_write(c);
    sg_http1_watch(c);
}

static void write_now(struct sg_http1 *c, h2o_iovec_t *bufs, size_t count)
{
    c->writing = true;
    c->write_ms = sg_loop_now_ms(sg_http1_loop(c));
    h2o_socket_write(c->sock, bufs, count, on_written);
}

/* --- the body --- */

struct batch {
    h2o_iovec_t bufs[1 + 3 * PIECES + 1];
    char lines[PIECES][SIZE_LINE];
    size_t count;
    size_t taken; /* bytes of the queue */
};

static void batch_add(struct batch *b, struct sg_bytes bytes)
{
    b->bufs[b->count++] = h2o_iovec_init(bytes.ptr, bytes.len);
}

/* Puts the bytes of the queue that can go now into the batch. False: this reply cannot be completed. */
static bool gather_length(struct sg_http1 *c, struct batch *b)
{
    struct sg_http1_reply *r = &c->reply;
    for (unsigned i = 0; i < PIECES; i++) {
        struct sg_bytes block = sg_queue_peek(r->queue, i);
        if (block.len == 0)
            break;
        uint64_t left = r->left - b->taken;
        if (block.len > left)
            return false;
        if (block.len == left && r->queue->end == SG_QUEUE_OPEN)
            break;
        batch_add(b, block);
        b->taken += block.len;
    }
    bool closed = r->queue->end == SG_QUEUE_CLOSED;
    bool all = closed && b->taken == r->left;
    bool starved = closed && b->count == 0 && r->left > 0;
    r->complete = all && sg_queue_peek(r->queue, PIECES).len == 0;
    return !starved && (!all || r->complete);
}

static void gather_chunks(struct sg_http1 *c, struct batch *b)
{
    struct sg_queue *queue = c->reply.queue;
    unsigned i = 0;
    for (; i < PIECES; i++) {
        struct sg_bytes block = sg_queue_peek(queue, i);
        if (block.len == 0)
            break;
        int len = snprintf(b->lines[i], SIZE_LINE, "%zx\r\n", block.len);
        batch_add(b, sg_bytes(b->lines[i], (size_t)len));
        batch_add(b, block);
        batch_add(b, literal("\r\n"));
        b->taken += block.len;
    }
    if (queue->end != SG_QUEUE_CLOSED || sg_queue_peek(queue, i).len > 0)
        return;
    batch_add(b, literal("0\r\n\r\n"));
    c->reply.complete = true;
}

static bool gather(struct sg_http1 *c, struct batch *b)
{
    if (c->reply.queue == NULL) {
        c->reply.complete = true;
        return true;
    }
    if (c->reply.queue->end == SG_QUEUE_FAILED)
        return false;
    if (!c->reply.chunked)
        return gather_length(c, b);
    gather_chunks(c, b);
    return true;
}

/* The head stands in front of what was gathered, and takes it in when all of it is small. */
static void put_head(struct sg_http1 *c, struct batch *b)
{
    struct sgc_buf *out = &c->reply.out;
    size_t body = 0;
    for (size_t i = 0; i < b->count; i++)
        body += b->bufs[i].len;
    if (out->len + body <= JOIN_MAX) {
        for (size_t i = 0; i < b->count; i++)
            sg_assert(sg_is_ok(sgc_buf_append(out, sg_bytes(b->bufs[i].base, b->bufs[i].len))));
        b->count = 0;
    }
    memmove(&b->bufs[1], &b->bufs[0], b->count * sizeof(b->bufs[0]));
    b->bufs[0] = h2o_iovec_init(out->ptr, out->len);
    b->count++;
}

static bool promises_nothing(const struct sg_http1 *c)
{
    return c->reply.queue != NULL && !c->reply.chunked && c->reply.left == 0;
}

void sg_http1_reply_write(struct sg_http1 *c)
{
    struct batch b;
    b.count = b.taken = 0;
    if (c->state != SG_HTTP1_REQUEST || !c->reply.begun || c->reply.complete || c->writing || c->doomed)
        return;
    if (!gather(c, &b)) {
        doom(c);
        return;
    }
    /* Of an empty body the head is the last that the client gets to see. */
    if (promises_nothing(c) && !c->reply.complete)
        return;
    bool with_head = c->reply.out.len > 0;
    if (with_head)
        put_head(c, &b);
    if (b.count == 0 && !c->reply.complete)
        return;
    write_now(c, b.bufs, b.count);
    /* Without TLS the socket still points to what it was given; such replies are never longer than the head's buffer.
     */
    if (c->sock->ssl == NULL)
        return;
    if (with_head)
        sgc_buf_clear(&c->reply.out);
    if (b.taken > 0)
        sg_queue_consume(c->reply.queue, b.taken);
    c->reply.left -= c->reply.chunked ? 0 : b.taken;
}

/* --- the head --- */

/* 1xx, 204 and 304 never have a body, nor a length. */
static bool is_bodyless(int status)
{
    return status < 200 || status == 204 || status == 304;
}

static sg_err print_head(struct sg_http1 *c, const struct sg_reply_head *head)
{
    struct sgc_buf *out = &c->reply.out;
    *out = SGC_BUF_INIT(REPLY_HEAD_MAX);
    SG_TRY(sg_answer_begin(out, c->host->env->clock, head->status));
    for (size_t i = 0; i < head->headers->count; i++) {
        struct sgs_header header = sgs_headers_at(head->headers, i);
        SG_TRY(sgc_buf_append(out, header.name));
        SG_TRY(sgc_buf_append_str(out, ": "));
        SG_TRY(sgc_buf_append(out, header.value));
        SG_TRY(sgc_buf_append_str(out, "\r\n"));
    }
    if (!is_bodyless(head->status) && head->body_len != SG_LENGTH_UNKNOWN)
        SG_TRY(sgc_buf_appendf(out, "Content-Length: %llu\r\n", (unsigned long long)head->body_len));
    if (!is_bodyless(head->status) && head->body_len == SG_LENGTH_UNKNOWN)
        SG_TRY(sgc_buf_append_str(out, "Transfer-Encoding: chunked\r\n"));
    if (!c->keep)
        SG_TRY(sgc_buf_append_str(out, "Connection: close\r\n"));
    return sgc_buf_append_str(out, "\r\n");
}

/* May the connection go on after this request, as far as its body is concerned? */
static bool body_lets_keep(const struct sg_http1 *c)
{
    if (c->body_broken || c->eof)
        return false;
    /* A client that was not told to go on may send the body or not: nobody knows what comes next. */
    if (c->expects_continue && c->sock->input->size == 0)
        return false;
    return sg_http1_body_left(&c->body) <= KEEP_MAX;
}

static void on_queue_wake(void *ctx)
{
    sg_http1_reply_wake(ctx);
}

void sg_http1_reply_begin(struct sg_client *client, const struct sg_reply_head *head, struct sg_queue *body)
{
    struct sg_http1 *c = sg_http1_of(client);
    struct sg_http1_reply *r = &c->reply;
    sg_assert(c->state == SG_HTTP1_REQUEST && c->req != NULL && !r->begun);
    c->keep = c->keep && !c->host->draining && body_lets_keep(c);
    c->discarding = true;
    r->begun = true;
    r->chunked = head->body_len == SG_LENGTH_UNKNOWN;
    r->left = head->body_len;
    r->queue = c->is_head || is_bodyless(head->status) ? NULL : body;
    bool lacks_body = body == NULL && !c->is_head && !is_bodyless(head->status) && head->body_len != 0;
    if (lacks_body || !sg_is_ok(print_head(c, head))) {
        doom(c);
        return;
    }
    if (r->queue != NULL) {
        r->queue->wake_sink.fn = on_queue_wake;
        r->queue->wake_sink.ctx = client;
    }
    sg_http1_reply_write(c);
    sg_http1_poke(c);
}

void sg_http1_reply_wake(struct sg_client *client)
{
    sg_http1_reply_write(sg_http1_of(client));
    sg_http1_watch(sg_http1_of(client));
}

void sg_http1_reply_clear(struct sg_http1 *c)
{
    struct sg_http1_reply *r = &c->reply;
    if (r->queue != NULL) {
        sg_job_cancel(sg_http1_loop(c), &r->queue->wake_sink);
        r->queue->wake_sink.fn = NULL;
    }
    sgc_buf_clear(&r->out);
    *r = (struct sg_http1_reply){.begun = false};
}

/* --- without a request --- */

void sg_http1_refuse(struct sg_http1 *c, sg_err err)
{
    const struct sg_env *env = c->host->env;
    char id[SG_ANSWER_ID_SIZE];
    sg_http1_enter(c, SG_HTTP1_REQUEST);
    c->keep = false;
    c->body_broken = c->discarding = true;
    c->reply.out = SGC_BUF_INIT(SG_ANSWER_MAX);
    sg_err failed = sg_answer_id(id);
    if (sg_is_ok(failed))
        failed = sg_answer_error(&c->reply.out, env->clock, err, c->sock->ssl != NULL, id);
    if (!sg_is_ok(failed)) {
        doom(c);
        return;
    }
    sg_log_event(env->log, SG_LOG_INFO, "request_refused", "peer", c->peer, "error", sg_err_row(err)->name,
                 "request_id", id, NULL);
    c->reply.begun = true;
    sg_http1_reply_write(c);
}

void sg_http1_reply_continue(struct sg_http1 *c)
{
    struct sg_bytes text = literal("HTTP/1.1 100 Continue\r\n\r\n");
    h2o_iovec_t buf = h2o_iovec_init(text.ptr, text.len);
    if (!c->writing)
        write_now(c, &buf, 1);
}
