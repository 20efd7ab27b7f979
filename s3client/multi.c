/*
 * multi.c - libcurl never blocks and never polls here: it says which sockets and which timeout it waits for, and is
 * called when one of them is due. Finished handles are collected only after the outermost call into libcurl has
 * returned, so that what the callbacks of an ended exchange do (start, cancel, free) never meets libcurl half-way.
 *
 * A watch costs the loop system calls. libcurl gives up the sockets of idle connections after each request, so the
 * watch of a connection's socket is only silenced then, and dropped when the socket is closed. Other sockets (the
 * resolver's) are closed by libcurl without notice and are unwatched at once.
 */
#include "s3client/multi.h"

#include <unistd.h>

#include "crypto/buf.h"

#include "common/banned.h"

struct sgs_socket {
    struct sgs_multi *multi;
    struct sgs_socket *next;
    struct sg_watch *watch;
    int fd;
    unsigned wanted; /* SG_LOOP_* that libcurl asked for */
    bool is_connection;
};

static struct sgs_socket *find_socket(struct sgs_multi *m, int fd)
{
    struct sgs_socket *s = m->sockets;
    while (s != NULL && s->fd != fd)
        s = s->next;
    return s;
}

static struct sgs_socket *add_socket(struct sgs_multi *m, int fd)
{
    struct sgs_socket *s = sgc_xalloc(sizeof(*s));
    *s = (struct sgs_socket){.multi = m, .next = m->sockets, .fd = fd};
    m->sockets = s;
    return s;
}

static void drop_socket(struct sgs_socket *s)
{
    struct sgs_socket **link = &s->multi->sockets;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    if (s->watch != NULL)
        s->multi->loop->ops->unwatch(s->watch);
    sgc_xfree(s);
}

static void want(struct sgs_socket *s, unsigned events)
{
    if (s->wanted == events)
        return;
    s->wanted = events;
    s->multi->loop->ops->watch_set(s->watch, events);
}

/* Only these two would mean that we lost track of our own calls; other codes end the handle they belong to. */
static void check_code(CURLMcode code)
{
    sg_assert(code != CURLM_RECURSIVE_API_CALL && code != CURLM_BAD_HANDLE);
}

static void settle(struct sgs_multi *m)
{
    if (m->depth > 0 || m->settling)
        return;
    m->settling = true;
    m->hooks.on_left(m->ctx);
    int left;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(m->handle, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE)
            m->hooks.on_ended(m->ctx, message->easy_handle, message->data.result);
    }
    m->settling = false;
}

static void run(struct sgs_multi *m, curl_socket_t fd, int events)
{
    int running;
    m->depth++;
    check_code(curl_multi_socket_action(m->handle, fd, events, &running));
    m->depth--;
}

static void on_timer(void *ctx)
{
    struct sgs_multi *m = ctx;
    run(m, CURL_SOCKET_TIMEOUT, 0);
    settle(m);
}

static void on_event(void *ctx, unsigned events)
{
    const struct sgs_socket *s = ctx;
    struct sgs_multi *m = s->multi;
    /* libcurl believes every bit: told that a paused socket is readable, it would read and keep what it read. */
    unsigned due = events & s->wanted;
    int bits = ((due & SG_LOOP_IN) != 0 ? CURL_CSELECT_IN : 0) | ((due & SG_LOOP_OUT) != 0 ? CURL_CSELECT_OUT : 0);
    if (bits == 0)
        return;
    run(m, s->fd, bits);
    settle(m);
}

static int on_curl_timeout(CURLM *handle, long timeout_ms, void *ctx)
{
    struct sgs_multi *m = ctx;
    SG_UNUSED(handle);
    if (timeout_ms < 0)
        sg_timer_clear(m->loop, &m->timer);
    else
        sg_timer_set(m->loop, &m->timer, (uint64_t)timeout_ms);
    return 0;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    struct sgs_multi *m = ctx;
    struct sgs_socket *s = known != NULL ? known : find_socket(m, fd);
    SG_UNUSED(easy);
    if (what == CURL_POLL_REMOVE) {
        if (s != NULL && s->is_connection && s->watch != NULL)
            want(s, 0);
        if (s != NULL && !s->is_connection)
            drop_socket(s);
        return 0;
    }
    if (s == NULL)
        s = add_socket(m, fd);
    if (s->watch == NULL)
        s->watch = m->loop->ops->watch(m->loop, fd, on_event, s);
    /* No descriptor left for the watch: the exchange runs into its timeout. To refuse would end the whole multi. */
    if (s->watch == NULL)
        return 0;
    if (known == NULL)
        check_code(curl_multi_assign(m->handle, fd, s));
    want(s, ((what & CURL_POLL_IN) != 0 ? SG_LOOP_IN : 0) | ((what & CURL_POLL_OUT) != 0 ? SG_LOOP_OUT : 0));
    return 0;
}

void sgs_multi_socket_opened(struct sgs_multi *m, int fd)
{
    /* The kernel gave this number anew: whatever we knew under it is gone. */
    struct sgs_socket *stale = find_socket(m, fd);
    if (stale != NULL)
        drop_socket(stale);
    add_socket(m, fd)->is_connection = true;
}

int sgs_multi_close_socket(void *multi, curl_socket_t fd)
{
    struct sgs_socket *s = find_socket(multi, fd);
    if (s != NULL)
        drop_socket(s);
    return close(fd);
}

sg_err sgs_multi_add(struct sgs_multi *m, CURL *easy)
{
    m->depth++;
    CURLMcode code = curl_multi_add_handle(m->handle, easy);
    m->depth--;
    check_code(code);
    SG_CHECK(code == CURLM_OK, INTERNAL);
    run(m, CURL_SOCKET_TIMEOUT, 0);
    settle(m);
    return SG_OK;
}

void sgs_multi_unpause(struct sgs_multi *m, CURL *easy)
{
    m->depth++;
    CURLcode code = curl_easy_pause(easy, CURLPAUSE_CONT);
    m->depth--;
    if (code == CURLE_OK)
        run(m, CURL_SOCKET_TIMEOUT, 0);
    /* libcurl reports what a callback refused during the call to the caller and does not end the handle itself. */
    if (code != CURLE_OK)
        m->hooks.on_ended(m->ctx, easy, code);
    settle(m);
}

void sgs_multi_remove(struct sgs_multi *m, CURL *easy)
{
    sg_assert(m->depth == 0);
    m->depth++;
    check_code(curl_multi_remove_handle(m->handle, easy));
    m->depth--;
}

sg_err sgs_multi_init(struct sgs_multi *m, struct sg_loop *loop, const struct sgs_multi_hooks *hooks, void *ctx,
                      unsigned max_connections)
{
    *m = (struct sgs_multi){.loop = loop, .hooks = *hooks, .ctx = ctx, .timer = {.fn = on_timer, .ctx = m}};
    m->handle = curl_multi_init();
    SG_CHECK(m->handle != NULL, INTERNAL);
    bool is_set = true;
    is_set &= curl_multi_setopt(m->handle, CURLMOPT_SOCKETFUNCTION, on_curl_socket) == CURLM_OK;
    is_set &= curl_multi_setopt(m->handle, CURLMOPT_SOCKETDATA, m) == CURLM_OK;
    is_set &= curl_multi_setopt(m->handle, CURLMOPT_TIMERFUNCTION, on_curl_timeout) == CURLM_OK;
    is_set &= curl_multi_setopt(m->handle, CURLMOPT_TIMERDATA, m) == CURLM_OK;
    is_set &= curl_multi_setopt(m->handle, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) == CURLM_OK;
    is_set &= curl_multi_setopt(m->handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)max_connections) == CURLM_OK;
    /* Left alone, libcurl keeps four times as many connections as there are handles, which is few when all is quiet. */
    is_set &= curl_multi_setopt(m->handle, CURLMOPT_MAXCONNECTS, (long)max_connections) == CURLM_OK;
    if (is_set)
        return SG_OK;
    sgs_multi_clear(m);
    SG_FAIL(INTERNAL);
}

void sgs_multi_clear(struct sgs_multi *m)
{
    if (m->handle == NULL)
        return;
    m->depth++;
    check_code(curl_multi_cleanup(m->handle));
    m->depth--;
    m->handle = NULL;
    while (m->sockets != NULL)
        drop_socket(m->sockets);
    sg_timer_clear(m->loop, &m->timer);
}
