/*
 * Opens every listener before any worker starts, so that a bad address is an error and not half a server. Each worker
 * has sockets of its own for the HTTPS addresses; the small listeners are the first worker's.
 */
#include "server/server.h"

#include <h2o.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/log.h"
#include "server/http1_head.h"
#include "server/signals.h"
#include "server/sockets.h"
#include "server/worker.h"

#include "common/banned.h"

enum {
    WORKERS_MAX = 256,
    WORKER_MEMORY_MIN = 4 * 1024 * 1024, /* the largest request of ops/memory.c fits */
    KEEP_BLOCKS_BELOW = 4 * 1024 * 1024,
    KEEP_FREED_BELOW = 16 * 1024 * 1024,
};

struct server {
    const struct sg_server_options *options;
    const struct sg_config *config;
    struct sg_tls *tls;
    unsigned worker_count; /* wanted */
    struct sg_worker *workers[WORKERS_MAX];
    unsigned started, ended;
    unsigned port;
    int signal_fd, ended_fd;
};

static void server_clear(struct server *s)
{
    for (unsigned i = 0; i < s->started; i++)
        sg_worker_stop(s->workers[i]);
    for (unsigned i = 0; i < s->started; i++)
        sg_worker_join(s->workers[i]);
    s->started = 0;
    sg_tls_free(s->tls);
    s->tls = NULL;
    if (s->signal_fd >= 0)
        (void)close(s->signal_fd);
    if (s->ended_fd >= 0)
        (void)close(s->ended_fd);
    s->signal_fd = s->ended_fd = -1;
}

/* The processors that this process may use. */
static unsigned processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (unsigned)count : 1;
}

static unsigned share(unsigned total, unsigned of)
{
    return total / of > 0 ? total / of : 1;
}

/* --- start --- */

static sg_err open_https(struct server *s, bool another, struct sg_worker_options *w)
{
    const struct sg_config *config = s->config;
    SG_CHECK(config->server.address_count <= SG_WORKER_ADDRESSES, CONFIG);
    for (unsigned i = 0; i < config->server.address_count; i++) {
        SG_TRY(sg_socket_listen(config->server.addresses[i], another, &w->https[i], s->options->message));
        w->https_count = i + 1;
        if (s->port == 0)
            s->port = sg_socket_port(w->https[i]);
    }
    return SG_OK;
}

static sg_err open_listeners(struct server *s, unsigned index, struct sg_worker_options *w)
{
    SG_TRY(open_https(s, index > 0, w));
    if (index == 0 && s->config->server.refuse_http != NULL)
        SG_TRY(sg_socket_listen(s->config->server.refuse_http, false, &w->refuse_http, s->options->message));
    if (index == 0 && s->config->server.admin != NULL)
        SG_TRY(sg_socket_listen(s->config->server.admin, false, &w->admin, s->options->message));
    return SG_OK;
}

static void describe(struct server *s, struct sg_worker_options *w)
{
    *w = (struct sg_worker_options){.env = s->options->env,
                                    .tls = s->tls,
                                    .max_connections = share(s->config->server.max_connections, s->worker_count),
                                    .memory = s->config->limits.memory / s->worker_count,
                                    .part_tables = s->config->limits.part_tables / s->worker_count,
                                    .refuse_http = -1,
                                    .admin = -1,
                                    .ready = s->options->ready,
                                    .ready_ctx = s->options->ready_ctx,
                                    .ended_fd = s->ended_fd};
}

static sg_err start_workers(struct server *s, struct sg_worker_options *described)
{
    for (unsigned i = 0; i < s->worker_count; i++)
        SG_TRY(open_listeners(s, i, &described[i]));
    for (unsigned i = 0; i < s->worker_count; i++) {
        sg_err err = sg_worker_start(&described[i], &s->workers[i]);
        described[i].https_count = 0; /* taken, also on failure */
        described[i].refuse_http = described[i].admin = -1;
        if (!sg_is_ok(err))
            SG_TRY(sgc_buf_appendf(s->options->message, "a worker cannot start (%s)", sg_err_row(err)->name));
        SG_TRY(err);
        s->started++;
    }
    return SG_OK;
}

static sg_err start(struct server *s)
{
    struct sg_worker_options *described = sgc_xalloc(s->worker_count * sizeof(*described));
    for (unsigned i = 0; i < s->worker_count; i++)
        describe(s, &described[i]);
    sg_err err = start_workers(s, described);
    for (unsigned i = 0; i < s->worker_count; i++)
        sg_worker_options_close(&described[i]);
    sgc_xfree(described);
    return err;
}

/* TLS takes and gives back buffers of some hundred KiB for every write. glibc would get each of them from the kernel
 * and return it at once, page faults and all; a fifth of a download's time went there. */
static void keep_freed_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, KEEP_BLOCKS_BELOW);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP_FREED_BELOW);
}

/* A connection takes up to three descriptors: its own, one to the upstream, and the loop's copy of that. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static sg_err prepare(struct server *s)
{
    const struct sg_config *config = s->config;
    keep_freed_memory();
    SG_TRY(sg_http1_head_selftest());
    raise_descriptor_limit();
    /* libh2o would put long input into temporary files: plaintext on a disk. */
    h2o_socket_buffer_mmap_settings.threshold = SIZE_MAX;
    SG_TRY(sgs_pool_global_init());
    SG_TRY(sg_tls_new(config->server.certificate, config->server.key, &s->tls, s->options->message));
    SG_TRY(sg_signals_init(&s->signal_fd));
    s->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    SG_CHECK(s->ended_fd >= 0, INTERNAL);
    s->worker_count = config->server.workers > 0 ? config->server.workers : processors();
    if (s->worker_count > WORKERS_MAX)
        s->worker_count = WORKERS_MAX;
    if (config->limits.memory / s->worker_count < WORKER_MEMORY_MIN) {
        SG_TRY(sgc_buf_appendf(s->options->message,
                               "limits.memory: %u workers need at least 4 MiB each; raise it or set server.workers",
                               s->worker_count));
        SG_FAIL(CONFIG);
    }
    return SG_OK;
}

/* --- until the end --- */

static void on_signal(struct server *s, bool again)
{
    struct sg_log *log = s->options->env.log;
    if (again) {
        sg_log_event(log, SG_LOG_WARN, "killed", "reason", "second signal", NULL);
        _exit(EXIT_FAILURE);
    }
    sg_log_event(log, SG_LOG_INFO, "stopping", NULL);
    for (unsigned i = 0; i < s->started; i++)
        sg_worker_stop(s->workers[i]);
}

static void wait_for_end(struct server *s)
{
    bool stopping = false;
    while (s->ended < s->started) {
        struct pollfd fds[] = {{.fd = s->signal_fd, .events = POLLIN}, {.fd = s->ended_fd, .events = POLLIN}};
        uint64_t count;
        (void)poll(fds, SG_COUNT_OF(fds), -1);
        if (sg_signals_take(s->signal_fd)) {
            on_signal(s, stopping);
            stopping = true;
        }
        if (read(s->ended_fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
            s->ended += (unsigned)count;
    }
}

sg_err sg_server_run(const struct sg_server_options *options)
{
    SG_CLEANUP(server_clear)
    struct server s = {.options = options, .config = options->env.config, .signal_fd = -1, .ended_fd = -1};
    char workers[16];
    char port[16];
    SG_TRY(prepare(&s));
    SG_TRY(start(&s));
    (void)snprintf(workers, sizeof(workers), "%u", s.worker_count);
    (void)snprintf(port, sizeof(port), "%u", s.port);
    sg_log_event(options->env.log, SG_LOG_INFO, "serving", "address", s.config->server.addresses[0], "port", port,
                 "workers", workers, NULL);
    if (options->on_serving != NULL)
        options->on_serving(options->serving_ctx, s.port);
    wait_for_end(&s);
    sg_log_event(options->env.log, SG_LOG_INFO, "stopped", NULL);
    return SG_OK;
}
