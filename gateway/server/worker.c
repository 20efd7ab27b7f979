/*
 * Everything of libh2o and libcurl is made, used and freed inside the thread: libh2o keeps its buffers per thread.
 * Other threads only reach a worker through one eventfd.
 */
#include "server/worker.h"

#include <errno.h>
#include <h2o.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/budget.h"
#include "core/log.h"
#include "crypto/secret.h"
#include "engine/probe.h"
#include "ops/part_cache.h"
#include "server/admin.h"
#include "server/http1.h"
#include "server/loop_h2o.h"
#include "server/refuse_http.h"

#include "common/banned.h"

enum {
    ACCEPT_BATCH = 16,
    RETRY_MS = 250, /* after there was no room, or the system ran out of descriptors or memory */
    /* One read event fills at most this without copying; see RECEIVE_BUFFER in sockets.c. */
    INPUT_BUFFER = 1024 * 1024,
    SETTLE_TURNS = 64,
    TURN_MS = 1000,
};

enum listener_kind { LISTENER_HTTPS, LISTENER_REFUSE, LISTENER_ADMIN };

struct listener {
    struct sg_worker *worker;
    enum listener_kind kind;
    h2o_socket_t *sock; /* NULL = closed */
    bool waiting;       /* not accepting at the moment */
};

struct sg_worker {
    struct sg_worker_options options;
    pthread_t thread;
    sem_t started;
    sg_err start_err;
    int wake_fd;

    /* --- the thread's own --- */
    struct sg_env env;
    struct sg_loop *loop;
    struct sg_budget budget;
    struct listener listeners[SG_WORKER_ADDRESSES + 2];
    unsigned listener_count;
    struct sg_http1_host https;
    struct sg_plain_host refuse;
    struct sg_plain_host admin_host;
    struct sg_admin admin;
    struct sg_probe probe; /* of the worker that has the admin listener */
    struct sg_watch *wake;
    struct sg_timer retry_timer, stop_timer;
    bool stopping;
};

/* --- accepting --- */

static void on_acceptable(h2o_socket_t *sock, const char *err);

static void listener_wait(struct listener *l)
{
    l->waiting = true;
    h2o_socket_read_stop(l->sock);
    sg_timer_set(l->worker->loop, &l->worker->retry_timer, RETRY_MS);
}

static void listeners_resume(struct sg_worker *w)
{
    for (unsigned i = 0; i < w->listener_count; i++) {
        struct listener *l = &w->listeners[i];
        if (l->sock == NULL || !l->waiting)
            continue;
        l->waiting = false;
        h2o_socket_read_start(l->sock, on_acceptable);
    }
}

static void deliver(struct listener *l, h2o_socket_t *sock)
{
    switch (l->kind) {
    case LISTENER_HTTPS:
        sg_http1_accept(&l->worker->https, sock);
        break;
    case LISTENER_REFUSE:
        sg_plain_accept(&l->worker->refuse, sock);
        break;
    case LISTENER_ADMIN:
        sg_plain_accept(&l->worker->admin_host, sock);
        break;
    }
}

static bool is_full(const struct listener *l)
{
    return l->kind == LISTENER_HTTPS && l->worker->https.count >= l->worker->options.max_connections;
}

static void on_acceptable(h2o_socket_t *sock, const char *err)
{
    struct listener *l = sock->data;
    SG_UNUSED(err);
    /* Somebody is waiting: another connection makes room, or the queue of the kernel has to do. */
    if (is_full(l) && !sg_http1_evict(&l->worker->https)) {
        listener_wait(l);
        return;
    }
    for (int i = 0; i < ACCEPT_BATCH && (i == 0 || !is_full(l)); i++) {
        errno = 0;
        h2o_socket_t *accepted = h2o_evloop_socket_accept(sock);
        if (accepted != NULL) {
            deliver(l, accepted);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            sg_log_event(l->worker->env.log, SG_LOG_ERROR, "accept_failed", "reason", strerror(errno), NULL);
            listener_wait(l);
        }
        return;
    }
}

static void on_room(void *ctx)
{
    listeners_resume(ctx);
}

static void listen_to(struct sg_worker *w, enum listener_kind kind, int *fd)
{
    if (*fd < 0)
        return;
    struct listener *l = &w->listeners[w->listener_count++];
    l->worker = w;
    l->kind = kind;
    l->sock = h2o_evloop_socket_create(sg_loop_h2o_evloop(w->loop), *fd, H2O_SOCKET_FLAG_DONT_READ);
    l->sock->data = l;
    *fd = -1; /* the socket closes it */
    h2o_socket_read_start(l->sock, on_acceptable);
}

static void stop_listening(struct sg_worker *w, bool admin_too)
{
    for (unsigned i = 0; i < w->listener_count; i++) {
        struct listener *l = &w->listeners[i];
        if (l->sock == NULL || (l->kind == LISTENER_ADMIN && !admin_too))
            continue;
        h2o_socket_close(l->sock);
        l->sock = NULL;
    }
}

/* --- stopping --- */

static void on_stop_timer(void *ctx)
{
    struct sg_worker *w = ctx;
    sg_log_event(w->env.log, SG_LOG_WARN, "shutdown_cut", "reason", "requests did not end in time", NULL);
    sg_http1_abort(&w->https);
}

static void on_wake(void *ctx, unsigned events)
{
    struct sg_worker *w = ctx;
    uint64_t count;
    SG_UNUSED(events);
    if (read(w->wake_fd, &count, sizeof(count)) != (ssize_t)sizeof(count) || w->stopping)
        return;
    w->stopping = true;
    stop_listening(w, false);
    sg_plain_abort(&w->refuse);
    sg_http1_drain(&w->https);
    sg_timer_set(w->loop, &w->stop_timer, w->env.config->server.shutdown_timeout_ms);
}

void sg_worker_stop(struct sg_worker *worker)
{
    uint64_t one = 1;
    (void)!write(worker->wake_fd, &one, sizeof(one));
}

/* --- the thread --- */

static bool is_upstream_reachable(void *ctx)
{
    const struct sg_probe *probe = ctx;
    return probe->is_reachable;
}

static void set_up_hosts(struct sg_worker *w)
{
    const struct sg_config *config = w->env.config;
    w->https = (struct sg_http1_host){.env = &w->env,
                                      .tls = w->options.tls,
                                      .idle_timeout_ms = config->server.idle_timeout_ms,
                                      .head_timeout_ms = config->server.head_timeout_ms,
                                      .stall_timeout_ms = config->server.stall_timeout_ms,
                                      .on_room = on_room,
                                      .ctx = w};
    sg_refuse_http_init(&w->refuse, &w->env);
    w->admin = (struct sg_admin){
        .env = &w->env, .ready = w->options.ready, .ready_ctx = w->options.ready_ctx, .draining = &w->stopping};
    if (w->options.ready == NULL) {
        w->admin.ready = is_upstream_reachable;
        w->admin.ready_ctx = &w->probe;
    }
    sg_admin_init(&w->admin_host, &w->admin);
}

static sg_err set_up(struct sg_worker *w)
{
    const struct sg_config *config = w->options.env.config;
    const struct sgs_pool_options pool = {.ca_file = config->upstream.ca_file,
                                          .connect_timeout_ms = config->upstream.connect_timeout_ms,
                                          .stall_timeout_ms = config->upstream.stall_timeout_ms,
                                          .idle_timeout_ms = config->upstream.idle_timeout_ms,
                                          .max_connections = config->upstream.max_connections};
    h2o_socket_buffer_prototype._initial_buf.capacity = INPUT_BUFFER;
    w->loop = sg_loop_h2o_new();
    w->retry_timer = (struct sg_timer){.fn = on_room, .ctx = w};
    w->stop_timer = (struct sg_timer){.fn = on_stop_timer, .ctx = w};
    w->env = w->options.env;
    w->env.loop = w->loop;
    SG_TRY(sgs_pool_new(w->loop, &pool, &w->env.pool));
    SG_TRY(sgs_pool_new(w->loop, &pool, &w->env.side_pool));
    w->env.part_cache = sg_part_cache_new(w->options.part_tables, config->limits.part_table_count);
    sg_budget_init(&w->budget, w->loop, w->options.memory, config->limits.wait_ms);
    w->env.budget = &w->budget;
    set_up_hosts(w);
    w->wake = w->loop->ops->watch(w->loop, w->wake_fd, on_wake, w);
    SG_CHECK(w->wake != NULL, INTERNAL);
    w->loop->ops->watch_set(w->wake, SG_LOOP_IN);
    for (unsigned i = 0; i < w->options.https_count; i++)
        listen_to(w, LISTENER_HTTPS, &w->options.https[i]);
    listen_to(w, LISTENER_REFUSE, &w->options.refuse_http);
    if (w->options.admin >= 0 && w->options.ready == NULL)
        sg_probe_start(&w->probe, &w->env);
    listen_to(w, LISTENER_ADMIN, &w->options.admin);
    return SG_OK;
}

/* libh2o keeps free input buffers for the thread; plaintext of uploads has passed through them. */
static void wipe_input_buffers(void)
{
    h2o_mem_recycle_t *kept = &h2o_socket_buffer_prototype.allocator;
    h2o_mem_recycle_t none = {0};
    while (kept->cnt > 0) {
        void *buffer = h2o_mem_alloc_recycle(kept, INPUT_BUFFER);
        sgc_wipe(buffer, INPUT_BUFFER);
        h2o_mem_free_recycle(&none, buffer);
    }
}

static void tear_down(struct sg_worker *w)
{
    stop_listening(w, true);
    sg_probe_clear(&w->probe);
    sg_plain_abort(&w->admin_host);
    sg_plain_abort(&w->refuse);
    sg_timer_clear(w->loop, &w->retry_timer);
    sg_timer_clear(w->loop, &w->stop_timer);
    if (w->wake != NULL)
        w->loop->ops->unwatch(w->wake);
    /* What connections and requests have left to the loop: their own release. */
    sg_loop_h2o_settle(w->loop, SETTLE_TURNS);
    sgs_pool_free(w->env.pool);
    sgs_pool_free(w->env.side_pool);
    sg_part_cache_free(w->env.part_cache);
    sg_loop_h2o_settle(w->loop, SETTLE_TURNS);
    sg_loop_h2o_free(w->loop);
    wipe_input_buffers();
}

static bool is_over(const struct sg_worker *w)
{
    return w->stopping && w->https.count == 0;
}

static void *run(void *arg)
{
    struct sg_worker *w = arg;
    bool fine;
    uint64_t one = 1;
    w->start_err = set_up(w);
    fine = sg_is_ok(w->start_err);
    (void)sem_post(&w->started);
    while (fine && !is_over(w))
        sg_loop_h2o_run(w->loop, TURN_MS);
    tear_down(w);
    (void)!write(w->options.ended_fd, &one, sizeof(one));
    return NULL;
}

/* --- from outside --- */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void sg_worker_options_close(struct sg_worker_options *options)
{
    for (unsigned i = 0; i < options->https_count; i++)
        close_fd(&options->https[i]);
    close_fd(&options->refuse_http);
    close_fd(&options->admin);
}

static void worker_free(struct sg_worker *w)
{
    sg_worker_options_close(&w->options);
    close_fd(&w->wake_fd);
    (void)sem_destroy(&w->started);
    sgc_xfree(w);
}

static sg_err start_thread(struct sg_worker *w)
{
    w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    SG_CHECK(w->wake_fd >= 0 && sem_init(&w->started, 0, 0) == 0, INTERNAL);
    SG_CHECK(pthread_create(&w->thread, NULL, run, w) == 0, INTERNAL);
    while (sem_wait(&w->started) != 0)
        ;
    if (!sg_is_ok(w->start_err))
        (void)pthread_join(w->thread, NULL);
    return w->start_err;
}

sg_err sg_worker_start(const struct sg_worker_options *options, struct sg_worker **out)
{
    struct sg_worker *w = sgc_xalloc(sizeof(*w));
    w->options = *options;
    sg_err err = start_thread(w);
    if (!sg_is_ok(err)) {
        worker_free(w);
        return err;
    }
    *out = w;
    return SG_OK;
}

void sg_worker_join(struct sg_worker *worker)
{
    (void)pthread_join(worker->thread, NULL);
    worker_free(worker);
}
