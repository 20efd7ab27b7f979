/*
 * libh2o only tells when the socket is readable; the reading is done here, in two steps: a look (MSG_PEEK) finds the
 * end of the head, then exactly that many bytes are taken. After the answer the sending side is shut down, and the
 * client has a moment to read before the close, which resets the connection if it had sent more.
 */
#include "server/plain.h"

#include <errno.h>
#include <h2o.h>
#include <sys/socket.h>

#include "common/banned.h"

enum { LINGER_MS = 1000 };

struct sg_plain {
    struct sg_plain_host *host;
    struct sg_plain *next, *prev;
    h2o_socket_t *sock; /* NULL: closed */
    struct sg_timer timer;
    struct sg_job job;
    struct sgc_buf head;
    struct sgc_buf out;
    bool answered;
};

static void on_free(void *ctx)
{
    struct sg_plain *p = ctx;
    struct sg_plain_host *host = p->host;
    if (p->prev != NULL)
        p->prev->next = p->next;
    else
        host->first = p->next;
    if (p->next != NULL)
        p->next->prev = p->prev;
    host->count--;
    sg_timer_clear(host->loop, &p->timer);
    sgc_buf_clear(&p->head);
    sgc_buf_clear(&p->out);
    sgc_xfree(p);
}

static void leave(struct sg_plain *p)
{
    if (p->sock == NULL)
        return;
    h2o_socket_close(p->sock);
    p->sock = NULL;
    sg_job_post(p->host->loop, &p->job);
}

static void on_timer(void *ctx)
{
    leave(ctx);
}

/* After the answer: bytes are left where they are, the end is an end. */
static void on_readable_after(h2o_socket_t *sock, const char *err)
{
    uint8_t byte;
    SG_UNUSED(err);
    h2o_socket_read_stop(sock);
    if (recv(h2o_socket_get_fd(sock), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
        leave(sock->data);
}

static void on_written(h2o_socket_t *sock, const char *err)
{
    struct sg_plain *p = sock->data;
    if (err != NULL) {
        leave(p);
        return;
    }
    (void)shutdown(h2o_socket_get_fd(sock), SHUT_WR);
    sg_timer_set(p->host->loop, &p->timer, LINGER_MS);
    h2o_socket_read_start(sock, on_readable_after);
}

static void answer(struct sg_plain *p)
{
    p->answered = true;
    h2o_socket_read_stop(p->sock);
    if (!sg_is_ok(p->host->answer(p->host->ctx, sgc_buf_view(&p->head), &p->out))) {
        leave(p);
        return;
    }
    h2o_iovec_t buf = h2o_iovec_init(p->out.ptr, p->out.len);
    h2o_socket_write(p->sock, &buf, 1, on_written);
}

/* Bytes of `seen` up to the end of the head, given what came before; sets *end_out when that is in it. */
static size_t head_bytes(const struct sgc_buf *before, struct sg_bytes seen, bool *end_out)
{
    static const char end[] = "\r\n\r\n";
    size_t matched = 0;
    *end_out = false;
    for (size_t i = before->len > 3 ? before->len - 3 : 0; i < before->len; i++)
        matched = before->ptr[i] == (uint8_t)end[matched] ? matched + 1 : before->ptr[i] == '\r';
    for (size_t i = 0; i < seen.len; i++) {
        matched = seen.ptr[i] == (uint8_t)end[matched] ? matched + 1 : seen.ptr[i] == '\r';
        if (matched == 4) {
            *end_out = true;
            return i + 1;
        }
    }
    return seen.len;
}

static void on_readable(h2o_socket_t *sock, const char *err)
{
    struct sg_plain *p = sock->data;
    int fd = h2o_socket_get_fd(sock);
    uint8_t seen[1024];
    bool end = false;
    SG_UNUSED(err);
    size_t room = SG_PLAIN_HEAD_MAX - p->head.len;
    ssize_t len = recv(fd, seen, room < sizeof(seen) ? room : sizeof(seen), MSG_PEEK | MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len > 0) {
        size_t mine = head_bytes(&p->head, sg_bytes(seen, (size_t)len), &end);
        len = recv(fd, seen, mine, MSG_DONTWAIT);
    }
    if (len <= 0 || !sg_is_ok(sgc_buf_append(&p->head, sg_bytes(seen, (size_t)len)))) {
        leave(p);
        return;
    }
    if (end || p->head.len == SG_PLAIN_HEAD_MAX)
        answer(p);
}

void sg_plain_accept(struct sg_plain_host *host, struct st_h2o_socket_t *sock)
{
    if (host->count >= host->max_count) {
        h2o_socket_close(sock);
        return;
    }
    struct sg_plain *p = sgc_xalloc(sizeof(*p));
    p->host = host;
    p->sock = sock;
    p->head = SGC_BUF_INIT(SG_PLAIN_HEAD_MAX);
    p->out = SGC_BUF_INIT(SG_PLAIN_ANSWER_MAX);
    p->timer.fn = on_timer;
    p->job.fn = on_free;
    p->timer.ctx = p->job.ctx = p;
    p->next = host->first;
    if (p->next != NULL)
        p->next->prev = p;
    host->first = p;
    host->count++;
    sock->data = p;
    h2o_socket_dont_read(sock, 1);
    h2o_socket_read_start(sock, on_readable);
    sg_timer_set(host->loop, &p->timer, host->timeout_ms);
}

void sg_plain_abort(struct sg_plain_host *host)
{
    for (struct sg_plain *p = host->first; p != NULL; p = p->next)
        leave(p);
}
