/*
 * worker.h - one thread with its own loop, listeners, upstream connections and budget. Workers share nothing but what
 * is read-only.
 *
 * Ownership  start() takes the descriptors in `options`; everything else there is borrowed until join() has returned.
 * Threads    start, stop and join from the thread that made it.
 * Errors     What the thread cannot set up is start()'s error.
 * Tests      tests/unit/server/test_wire.py
 */
#ifndef SG_SERVER_WORKER_H
#define SG_SERVER_WORKER_H

#include "core/req.h"
#include "server/tls.h"

#define SG_WORKER_ADDRESSES 16u

struct sg_worker;

struct sg_worker_options {
    struct sg_env env; /* loop, pool and budget are the worker's own */
    const struct sg_tls *tls;
    unsigned max_connections;
    uint64_t memory;      /* for bodies in flight */
    uint64_t part_tables; /* bytes of part tables that may be kept */
    int https[SG_WORKER_ADDRESSES];
    unsigned https_count;
    int refuse_http, admin; /* -1 = none */
    bool (*ready)(void *ctx);
    void *ready_ctx;
    int ended_fd; /* an eventfd to add 1 to when the thread has ended */
};

/* Closes the descriptors of options that were not given to start(). */
void sg_worker_options_close(struct sg_worker_options *options);

SG_MUST sg_err sg_worker_start(const struct sg_worker_options *options, struct sg_worker **out);
/* No new connections; requests under way may end within the configured time. */
void sg_worker_stop(struct sg_worker *worker);
/* Waits for the end of the thread and frees the worker. */
void sg_worker_join(struct sg_worker *worker);

#endif
