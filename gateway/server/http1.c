/*
 * The life of a connection: first bytes, handshake, requests, a short linger, close. Each state has one deadline; the
 * one timer of a connection fires at or before it and looks again, so that progress only costs a store.
 */
#include "server/http1.h"

#include <sys/socket.h>

#include "core/log.h"
#include "crypto/buf.h"
#include "engine/engine.h"
#include "server/http1_conn.h"

#include "common/banned.h"

enum {
    LINGER_MS = 2000,
    CLOSE_MS = 5000, /* for the last bytes and TLS's close_notify */
    PROBE_MS = 2000, /* a socket that is not read does not tell that it was reset */
    EVICT_SLOW_MS = 1000,
    FAILURE_LOG_MS = 1000, /* one line for failed handshakes in that time */
    TLS_HANDSHAKE_RECORD = 22,
    /* libh2o cuts the first bytes of a connection, so many, into small TLS records. */
    SMALL_RECORDS_UNTIL = 200 * 1024,
};

static uint64_t now_ms(struct sg_http1 *c)
{
    return sg_loop_now_ms(sg_http1_loop(c));
}

/* --- the host's list --- */

static void list_append(struct sg_http1 *c)
{
    struct sg_http1_host *host = c->host;
    c->next = NULL;
    c->prev = host->last;
    if (host->last != NULL)
        host->last->next = c;
    if (host->first == NULL)
        host->first = c;
    host->last = c;
}

static void list_remove(struct sg_http1 *c)
{
    struct sg_http1_host *host = c->host;
    if (c->prev != NULL)
        c->prev->next = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    if (host->first == c)
        host->first = c->next;
    if (host->last == c)
        host->last = c->prev;
}

void sg_http1_touch(struct sg_http1 *c)
{
    if (c->host->last == c)
        return;
    list_remove(c);
    list_append(c);
}

/* --- closing --- */

static void free_connection(struct sg_http1 *c)
{
    struct sg_http1_host *host = c->host;
    sg_timer_clear(sg_http1_loop(c), &c->timer);
    list_remove(c);
    host->count--;
    sgc_xfree(c);
    host->on_room(host->ctx);
}

static void on_socket_closed(void *data)
{
    struct sg_http1 *c = data;
    c->sock = NULL;
    sg_job_post(sg_http1_loop(c), &c->job);
}

static void leave(struct sg_http1 *c)
{
    struct sg_req *req = c->req;
    sg_http1_enter(c, SG_HTTP1_CLOSED);
    sg_http1_reply_clear(c);
    c->req = NULL;
    if (req != NULL)
        sg_engine_on_client_gone(req);
    c->writing = false;
    /* Also frees the socket, now or when the last bytes are written; on_socket_closed() tells. */
    h2o_socket_close(c->sock);
    sg_http1_watch(c);
}

void sg_http1_close(struct sg_http1 *c)
{
    if (c->state != SG_HTTP1_CLOSED)
        leave(c);
}

void sg_http1_break(struct sg_http1 *c)
{
    if (c->state == SG_HTTP1_CLOSED)
        return;
    sg_socket_break(h2o_socket_get_fd(c->sock));
    leave(c);
}

/* --- deadlines and reading --- */

void sg_http1_enter(struct sg_http1 *c, enum sg_http1_state state)
{
    c->state = state;
    c->since_ms = now_ms(c);
}

static bool waits_for_body(const struct sg_http1 *c)
{
    return c->body_wanted && !c->body_paused && !c->discarding && !c->eof && !sg_http1_body_is_done(&c->body);
}

/* Body bytes may still come, wanted or not. */
static bool is_body_open(const struct sg_http1 *c)
{
    return c->body_broken || !sg_http1_body_is_done(&c->body);
}

static uint64_t deadline_ms(const struct sg_http1 *c)
{
    bool idle = c->state == SG_HTTP1_HEAD && c->sock->input->size == 0;
    switch (c->state) {
    case SG_HTTP1_FIRST:
    case SG_HTTP1_HANDSHAKE:
        return c->since_ms + c->host->head_timeout_ms;
    case SG_HTTP1_HEAD:
        return c->since_ms + (idle ? c->host->idle_timeout_ms : c->host->head_timeout_ms);
    case SG_HTTP1_REQUEST:
        if (c->writing)
            return c->write_ms + c->host->stall_timeout_ms;
        if (waits_for_body(c))
            return c->read_ms + c->host->stall_timeout_ms;
        return c->reading ? UINT64_MAX : c->probe_ms + PROBE_MS;
    case SG_HTTP1_LINGER:
        return c->since_ms + LINGER_MS;
    case SG_HTTP1_CLOSED:
        return c->since_ms + CLOSE_MS;
    }
    return UINT64_MAX;
}

static bool wants_reading(const struct sg_http1 *c)
{
    if (c->eof)
        return false;
    if (c->state == SG_HTTP1_LINGER)
        return c->discarded < SG_HTTP1_DISCARD_MAX;
    if (c->state != SG_HTTP1_REQUEST)
        return c->state == SG_HTTP1_HEAD;
    if (is_body_open(c))
        return c->discarding ? c->discarded < SG_HTTP1_DISCARD_MAX : waits_for_body(c);
    /* The end of the connection shows in no other way; a pipelined request or two may come along. */
    return c->sock->input->size < SG_LIMIT_HEAD;
}

static void on_read(h2o_socket_t *sock, const char *err)
{
    struct sg_http1 *c = sock->data;
    c->read_ms = now_ms(c);
    if (err == h2o_socket_error_closed)
        sg_http1_on_eof(c);
    else if (err != NULL)
        sg_http1_break(c);
    else
        sg_http1_run(c);
}

void sg_http1_watch(struct sg_http1 *c)
{
    if (c->running)
        return;
    if (c->state >= SG_HTTP1_HEAD && c->state != SG_HTTP1_CLOSED && wants_reading(c) != c->reading) {
        c->reading = !c->reading;
        c->probe_ms = now_ms(c);
        if (c->reading)
            h2o_socket_read_start(c->sock, on_read);
        else
            h2o_socket_read_stop(c->sock);
    }
    if (c->sock == NULL)
        return;
    uint64_t due = deadline_ms(c);
    if (due == UINT64_MAX || (c->timer.slot != 0 && c->timer.deadline_ms <= due))
        return;
    uint64_t now = now_ms(c);
    sg_timer_set(sg_http1_loop(c), &c->timer, due > now ? due - now : 0);
}

static void expire_request(struct sg_http1 *c)
{
    int fd = h2o_socket_get_fd(c->sock);
    if (c->writing) {
        /* A write of many blocks may take long on a slow line; what counts is that it gets on. */
        uint64_t acked = sg_socket_acked(fd);
        if (acked == c->acked) {
            sg_http1_break(c);
            return;
        }
        c->acked = acked;
        c->write_ms = now_ms(c);
    } else if (waits_for_body(c)) {
        sg_http1_fail_body(c, SG_ERR_OF(CLIENT_TIMEOUT));
    } else if (sg_socket_is_dead(fd)) {
        sg_http1_break(c);
    } else {
        c->probe_ms = now_ms(c);
    }
}

static void expire(struct sg_http1 *c)
{
    switch (c->state) {
    case SG_HTTP1_HEAD:
        if (c->sock->input->size > 0)
            sg_http1_refuse(c, SG_ERR_OF(CLIENT_TIMEOUT));
        else
            sg_http1_close(c);
        break;
    case SG_HTTP1_REQUEST:
        expire_request(c);
        break;
    case SG_HTTP1_CLOSED:
        /* Ends the write that the close waits for. */
        (void)shutdown(h2o_socket_get_fd(c->sock), SHUT_RDWR);
        c->since_ms = now_ms(c);
        break;
    case SG_HTTP1_FIRST:
    case SG_HTTP1_HANDSHAKE:
    case SG_HTTP1_LINGER:
        sg_http1_close(c);
        break;
    }
}

static void on_timer(void *ctx)
{
    struct sg_http1 *c = ctx;
    if (c->sock == NULL)
        return;
    if (deadline_ms(c) <= now_ms(c))
        expire(c);
    sg_http1_watch(c);
}

static void on_job(void *ctx)
{
    struct sg_http1 *c = ctx;
    if (c->sock == NULL) {
        free_connection(c);
        return;
    }
    if (c->doomed)
        sg_http1_break(c);
    else
        sg_http1_run(c);
}

void sg_http1_poke(struct sg_http1 *c)
{
    if (!c->running || c->doomed)
        sg_job_post(sg_http1_loop(c), &c->job);
}

/* --- first bytes and handshake --- */

static void log_failed_handshake(struct sg_http1 *c, const char *reason)
{
    if (now_ms(c) - c->host->failure_log_ms < FAILURE_LOG_MS)
        return;
    c->host->failure_log_ms = now_ms(c);
    sg_log_event(c->host->env->log, SG_LOG_INFO, "tls_handshake_failed", "peer", c->peer, "reason", reason, NULL);
}

static void on_handshake(h2o_socket_t *sock, const char *err)
{
    struct sg_http1 *c = sock->data;
    if (err == NULL) {
        sock->bytes_written = SMALL_RECORDS_UNTIL;
        sg_http1_next_head(c);
        /* A request often comes along with the end of the handshake. */
        sg_http1_run(c);
        return;
    }
    struct sg_tls_failure failure;
    sg_tls_failure_take(&failure);
    bool lost = err == h2o_socket_error_closed || err == h2o_socket_error_io;
    if (!lost && failure.alert_len > 0)
        (void)send(h2o_socket_get_fd(sock), failure.alert, failure.alert_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    log_failed_handshake(c, lost ? "connection lost" : failure.reason);
    sg_http1_close(c);
}

static void on_first(h2o_socket_t *sock, const char *err)
{
    struct sg_http1 *c = sock->data;
    struct sg_bytes input = sg_http1_input(c);
    if (err != NULL) {
        sg_http1_close(c);
        return;
    }
    if (input.len == 0)
        return;
    uint8_t first = input.ptr[0];
    if (sg_ascii_lower(first) >= 'a' && sg_ascii_lower(first) <= 'z') {
        /* A method: somebody speaks HTTP without TLS. */
        h2o_socket_read_stop(sock);
        sg_http1_refuse(c, SG_ERR_OF(PLAIN_HTTP));
        sg_http1_watch(c);
        return;
    }
    if (first != TLS_HANDSHAKE_RECORD) {
        sg_http1_close(c);
        return;
    }
    c->state = SG_HTTP1_HANDSHAKE;
    /* What was read becomes the beginning of the handshake. */
    h2o_socket_ssl_handshake(sock, sg_tls_context(c->host->tls), NULL, on_handshake);
}

static const struct sg_client_ops client_ops = {
    .body_start = sg_http1_body_start,
    .body_resume = sg_http1_body_resume,
    .reply = sg_http1_reply_begin,
    .reply_wake = sg_http1_reply_wake,
};

void sg_http1_accept(struct sg_http1_host *host, struct st_h2o_socket_t *sock)
{
    struct sg_http1 *c = sgc_xalloc(sizeof(*c));
    c->client.ops = &client_ops;
    c->host = host;
    c->sock = sock;
    c->timer.fn = on_timer;
    c->job.fn = on_job;
    c->timer.ctx = c->job.ctx = c;
    sg_socket_print_peer(h2o_socket_get_fd(sock), c->peer);
    sock->data = c;
    sock->on_close.cb = on_socket_closed;
    sock->on_close.data = c;
    host->count++;
    list_append(c);
    sg_http1_enter(c, SG_HTTP1_FIRST);
    h2o_socket_read_start(sock, on_first);
    sg_http1_watch(c);
}

/* --- the host --- */

static bool is_idle(const struct sg_http1 *c)
{
    return c->state == SG_HTTP1_HEAD && c->sock->input->size == 0;
}

/* Handshake or head have taken their time, and others wait. */
static bool is_slow(struct sg_http1 *c)
{
    return c->state <= SG_HTTP1_HEAD && now_ms(c) - c->since_ms > EVICT_SLOW_MS;
}

bool sg_http1_evict(struct sg_http1_host *host)
{
    struct sg_http1 *slow = NULL;
    for (struct sg_http1 *c = host->first; c != NULL; c = c->next) {
        if (is_idle(c)) {
            sg_http1_close(c);
            return true;
        }
        if (slow == NULL && is_slow(c))
            slow = c;
    }
    if (slow != NULL)
        sg_http1_close(slow);
    return slow != NULL;
}

void sg_http1_drain(struct sg_http1_host *host)
{
    host->draining = true;
    for (struct sg_http1 *c = host->first; c != NULL; c = c->next) {
        if (is_idle(c) || c->state < SG_HTTP1_HEAD)
            sg_http1_close(c);
    }
}

void sg_http1_abort(struct sg_http1_host *host)
{
    for (struct sg_http1 *c = host->first; c != NULL; c = c->next)
        sg_http1_break(c);
}
