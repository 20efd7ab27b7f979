/*
 * What comes in. One loop takes from the input whatever the state can use: a head, body bytes for the engine, body
 * bytes for nobody. It stops when the input is empty or the engine wants no more; then reading stops too, and the
 * kernel's buffer, TCP and the client feel it in turn.
 *
 * Tests      tests/unit/server/test_wire.py
 */
#include "engine/engine.h"
#include "server/http1_conn.h"

#include "common/banned.h"

/* --- heads --- */

void sg_http1_next_head(struct sg_http1 *c)
{
    if (c->host->draining && c->sock->input->size == 0) {
        sg_http1_close(c);
        return;
    }
    c->scan = (struct sg_http1_scan){0};
    c->body = (struct sg_http1_body){.state = SG_BODY_DONE};
    c->keep = c->is_head = false;
    c->body_wanted = c->body_paused = c->body_broken = c->discarding = c->expects_continue = false;
    c->discarded = 0;
    sg_http1_enter(c, SG_HTTP1_HEAD);
    sg_http1_touch(c);
    c->host->on_room(c->host->ctx);
}

/* Copies what must outlive the input. The limits of the head hold already, so that nothing here can fail. */
static void fill_request(struct sg_http1 *c, const struct sg_http1_head *head)
{
    struct sg_req_head *out = &c->req->head;
    sg_assert(sg_is_ok(sg_arena_copy(&c->req->arena, head->method, &out->method)));
    sg_assert(sg_is_ok(sg_arena_copy(&c->req->arena, head->target, &out->target)));
    out->headers = SGS_HEADERS_NONE;
    for (size_t i = 0; i < head->header_count; i++)
        sg_assert(sg_is_ok(sgs_headers_add(&out->headers, head->headers[i].name, head->headers[i].value)));
    out->content_length = head->content_length;
    out->has_body = sg_http1_head_has_body(head);
    (void)snprintf(out->peer, sizeof(out->peer), "%s", c->peer);
    const char *version = h2o_socket_get_ssl_protocol_version(c->sock);
    (void)snprintf(out->tls, sizeof(out->tls), "%s", version == NULL ? "-" : version);
    c->req->client = &c->client;
}

static void start_request(struct sg_http1 *c, const struct sg_http1_head *head, size_t head_len)
{
    c->req = sg_engine_new(c->host->env);
    fill_request(c, head);
    c->keep = head->keep_alive;
    c->is_head = sg_bytes_eq_str(head->method, "HEAD");
    c->expects_continue = head->expects_continue;
    sg_http1_body_init(&c->body, head->content_length);
    /* The views of `head` end here. */
    h2o_buffer_consume(&c->sock->input, head_len);
    sg_http1_enter(c, SG_HTTP1_REQUEST);
    sg_engine_start(c->req);
}

/* A length of 0: the head is not complete. */
static sg_err read_head(struct sg_http1 *c, struct sg_http1_head *head, size_t *len_out)
{
    struct sg_bytes input = sg_http1_input(c);
    SG_TRY(sg_http1_head_find(&c->scan, input, len_out));
    if (*len_out == 0)
        return SG_OK;
    return sg_http1_head_parse(sg_bytes_slice(input, 0, *len_out), head);
}

static bool take_head(struct sg_http1 *c)
{
    struct sg_http1_head head;
    size_t len = 0;
    if (c->sock->input->size == 0)
        return false;
    if (c->scan.at == 0)
        c->since_ms = sg_loop_now_ms(sg_http1_loop(c)); /* the head's time begins with its first byte */
    sg_err err = read_head(c, &head, &len);
    if (!sg_is_ok(err))
        sg_http1_refuse(c, err);
    else if (len > 0)
        start_request(c, &head, len);
    return c->state != SG_HTTP1_HEAD;
}

/* --- bodies --- */

void sg_http1_fail_body(struct sg_http1 *c, sg_err err)
{
    c->keep = false;
    c->body_broken = true;
    if (c->discarding)
        return;
    c->body_wanted = false;
    sg_engine_on_body_error(c->req, err);
}

/* The engine may answer, pause or resume in the middle of this; all of that only sets flags. */
static size_t give_to_engine(struct sg_http1 *c, struct sg_bytes data)
{
    c->body_paused = true;
    size_t taken = sg_engine_on_body(c->req, data);
    sg_assert(taken <= data.len);
    if (taken == data.len)
        c->body_paused = false;
    return taken;
}

static bool take_body(struct sg_http1 *c)
{
    struct sg_bytes input = sg_http1_input(c);
    struct sg_bytes data;
    size_t framing = 0;
    if (sg_http1_body_is_done(&c->body) || input.len == 0)
        return false;
    if (!c->discarding && (!c->body_wanted || c->body_paused))
        return false;
    sg_err err = sg_http1_body_next(&c->body, input, &framing, &data);
    if (!sg_is_ok(err)) {
        sg_http1_fail_body(c, err);
        return false;
    }
    bool discarding = c->discarding;
    size_t taken = discarding || data.len == 0 ? data.len : give_to_engine(c, data);
    sg_http1_body_taken(&c->body, taken);
    h2o_buffer_consume(&c->sock->input, framing + taken);
    if (discarding)
        c->discarded += framing + taken;
    else if (sg_http1_body_is_done(&c->body) && !c->discarding)
        sg_engine_on_body_end(c->req);
    return framing + taken > 0;
}

/* Where the body ends is not known, or it does not matter: everything goes. */
static bool drop_input(struct sg_http1 *c)
{
    size_t len = c->sock->input->size;
    h2o_buffer_consume(&c->sock->input, len);
    c->discarded += len;
    return false;
}

static bool linger(struct sg_http1 *c)
{
    bool more = c->keep ? take_body(c) : drop_input(c);
    if (c->keep && sg_http1_body_is_done(&c->body)) {
        sg_http1_next_head(c);
        return true;
    }
    if (c->discarded >= SG_HTTP1_DISCARD_MAX)
        sg_http1_close(c);
    return more;
}

/* --- the loop --- */

static bool take(struct sg_http1 *c)
{
    switch (c->state) {
    case SG_HTTP1_HEAD:
        return take_head(c);
    case SG_HTTP1_REQUEST:
        return c->body_broken ? drop_input(c) : take_body(c);
    case SG_HTTP1_LINGER:
        return linger(c);
    case SG_HTTP1_FIRST:
    case SG_HTTP1_HANDSHAKE:
    case SG_HTTP1_CLOSED:
        break;
    }
    return false;
}

void sg_http1_run(struct sg_http1 *c)
{
    if (c->running)
        return;
    c->running = true;
    while (take(c))
        ;
    c->running = false;
    sg_http1_watch(c);
}

void sg_http1_on_eof(struct sg_http1 *c)
{
    c->eof = true;
    if (c->state != SG_HTTP1_REQUEST) {
        sg_http1_close(c);
        return;
    }
    bool answered = c->reply.complete || c->req == NULL;
    bool short_body = !c->discarding && !c->body_broken && !sg_http1_body_is_done(&c->body);
    if (short_body)
        /* It may only have closed its own direction, and wait for the answer. */
        sg_http1_fail_body(c, SG_ERR_OF(INCOMPLETE_BODY));
    else if (!answered)
        sg_http1_break(c);
    /* Otherwise the last write is under way, and the connection ends behind it. */
    sg_http1_watch(c);
}

void sg_http1_end_request(struct sg_http1 *c)
{
    struct sg_req *req = c->req;
    sg_http1_reply_clear(c);
    c->req = NULL;
    if (req != NULL)
        sg_engine_on_reply_done(req);
    bool body_done = sg_http1_body_is_done(&c->body) && !c->body_broken;
    if (c->eof || (body_done && !c->keep)) {
        sg_http1_close(c);
        return;
    }
    if (body_done)
        sg_http1_next_head(c);
    else
        sg_http1_enter(c, SG_HTTP1_LINGER);
    sg_http1_run(c);
}

/* --- what the engine asks --- */

void sg_http1_body_start(struct sg_client *client)
{
    struct sg_http1 *c = sg_http1_of(client);
    c->body_wanted = true;
    c->read_ms = sg_loop_now_ms(sg_http1_loop(c));
    /* RFC 9110 10.1.1: a client that does not wait for the word has begun already. */
    if (c->expects_continue && c->sock->input->size == 0)
        sg_http1_reply_continue(c);
    c->expects_continue = false;
    sg_http1_poke(c);
}

void sg_http1_body_resume(struct sg_client *client)
{
    struct sg_http1 *c = sg_http1_of(client);
    c->body_paused = false;
    c->read_ms = sg_loop_now_ms(sg_http1_loop(c));
    sg_http1_poke(c);
}
