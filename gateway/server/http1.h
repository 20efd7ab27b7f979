/*
 * http1.h - our HTTP/1.1 server connection: TLS, request after request, bodies streamed in both directions.
 *
 * Idea       libh2o's own connection reads whole bodies before anyone sees them, and puts large ones into files. This
 * one sits on libh2o's sockets, TLS and parser, implements struct sg_client_ops and drives gateway/engine/engine.h.
 * Ownership  accept() takes the socket. A connection frees itself; the host outlives all of its connections.
 * Threads    One worker's.
 * Errors     None to the caller: a connection answers, or ends.
 * Not here   Listening and limits (worker.c), what a request means (gateway/engine).
 * Tests      tests/unit/server/test_wire.py over real TLS
 */
#ifndef SG_SERVER_HTTP1_H
#define SG_SERVER_HTTP1_H

#include "core/req.h"
#include "server/tls.h"

struct st_h2o_socket_t;
struct sg_http1;

/* What the connections of a worker share. The fields of the first group are set by the owner. */
struct sg_http1_host {
    const struct sg_env *env;
    const struct sg_tls *tls;
    uint64_t idle_timeout_ms, head_timeout_ms, stall_timeout_ms;
    void (*on_room)(void *ctx); /* a connection has been freed, or could be evicted now */
    void *ctx;

    struct sg_http1 *first, *last; /* least recently idle first */
    unsigned count;
    bool draining;
    uint64_t failure_log_ms; /* when a failed handshake was last logged */
};

void sg_http1_accept(struct sg_http1_host *host, struct st_h2o_socket_t *sock);

/* Makes room: closes the connection that has been idle for longest, or else one that has been slow to ask for anything.
 * False when there is none. */
bool sg_http1_evict(struct sg_http1_host *host);
/* Closes idle connections; the others end with their current request. */
void sg_http1_drain(struct sg_http1_host *host);
/* Breaks all connections. They are freed, and on_room called, from the loop. */
void sg_http1_abort(struct sg_http1_host *host);

#endif
