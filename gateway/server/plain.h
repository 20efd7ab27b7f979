/*
 * plain.h - a very small plain-HTTP server: one request, one answer from memory, close. For listeners beside the real
 * one.
 *
 * Idea       Reads the head and not one byte more: a body that somebody sends in the clear stays in the kernel.
 * Ownership  accept() takes the socket; a connection frees itself; the host outlives its connections.
 * Threads    One worker's.
 * Tests      tests/unit/server/test_wire.py
 */
#ifndef SG_SERVER_PLAIN_H
#define SG_SERVER_PLAIN_H

#include "common/clock.h"
#include "common/loop.h"
#include "crypto/buf.h"

#define SG_PLAIN_HEAD_MAX   8192u
#define SG_PLAIN_ANSWER_MAX (1024u * 1024u)

struct st_h2o_socket_t;
struct sg_plain;

struct sg_plain_host {
    struct sg_loop *loop;
    uint64_t timeout_ms; /* for head and answer together */
    unsigned max_count;
    /* Writes the whole response for a head, which may be cut at SG_PLAIN_HEAD_MAX. On failure: no answer. */
    sg_err (*answer)(const void *ctx, struct sg_bytes head, struct sgc_buf *out);
    const void *ctx;

    struct sg_plain *first;
    unsigned count;
};

/* Closes the socket at once when there are too many. */
void sg_plain_accept(struct sg_plain_host *host, struct st_h2o_socket_t *sock);
void sg_plain_abort(struct sg_plain_host *host);

#endif
