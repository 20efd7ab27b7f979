/*
 * server.h - the whole server: listeners, TLS, workers, signals, from start to orderly end.
 *
 * Idea       run() returns when the process is to end: after SIGTERM or SIGINT, once requests under way have ended or
 *            server.shutdown_timeout_ms is over. A second signal ends the process at once.
 * Ownership  Everything in the options is borrowed until run() returns.
 * Threads    Starts one thread for each worker; what the options point to is only read by them.
 * Errors     CONFIG with a message for what an operator can mend: addresses, certificate, CA file.
 * Not here   Privileges, core dumps, memory locks: gateway/main.c.
 * Tests      tests/unit/server/test_wire.py
 */
#ifndef SG_SERVER_SERVER_H
#define SG_SERVER_SERVER_H

#include "core/req.h"

struct sg_server_options {
    /* What every request gets to see; loop, pool and budget are made for each worker. */
    struct sg_env env;
    /* Is the upstream reachable? Called by a worker's thread; NULL: the worker asks it itself (engine/probe.h). */
    bool (*ready)(void *ctx);
    void *ready_ctx;
    /* All listeners are open and all workers serve; NULL = nobody asks. `port` is that of the first address. */
    void (*on_serving)(void *ctx, unsigned port);
    void *serving_ctx;
    struct sgc_buf *message; /* why run() failed */
};

SG_MUST sg_err sg_server_run(const struct sg_server_options *options);

#endif
