/*
 * transfer.h - one HTTP exchange with the upstream, streamed in both directions, over pooled and verified connections.
 *
 * Idea       libcurl's multi interface driven by an sg_loop. Data is pushed to on_body and pulled from on_want; either
 *            may say PAUSE and is woken by resume. Certificates and host names are always verified; no field turns it
 *            off.
 * Ownership  The pool belongs to one loop and outlives its transfers. A transfer is owned by the pool; the handle that
 *            start() gives is valid until on_done has returned or cancel() was called.
 * Lifetime   start -> on_head -> on_body* -> on_done. on_done is called exactly once, last, from the loop and never
 *            from inside start(), resume or cancel; after cancel() nothing is called any more. Callbacks may call
 *            cancel().
 * Threads    One pool, one thread.
 * Units      Bytes, milliseconds.
 * Errors     UPSTREAM_CONNECT, UPSTREAM_TLS, UPSTREAM_LOST, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL to on_done; an error
 *            that a callback returned is given to on_done unchanged. HTTP statuses are not errors here.
 *            A success that can be cut short unnoticed (neither Content-Length nor chunks) and one that comes before
 *            the whole body was sent are UPSTREAM_PROTOCOL.
 * Retries    A request whose connection breaks before a line of an answer came is sent once more on a fresh
 *            connection, when it has no body or when on_rewind (asked then) gives the body again. Pooled connections
 *            that turn out to be dead are replaced in the same way.
 * Not here   What to ask (request.h), what an answer means (gateway/ops).
 * Tests      tests/unit/s3client/test_transfer.c, test_transfer_faults.c, test_transfer_cancel.c; a scripted TLS server
 */
#ifndef SG_S3CLIENT_TRANSFER_H
#define SG_S3CLIENT_TRANSFER_H

#include "common/loop.h"
#include "s3client/request.h"

struct sgs_pool;
struct sgs_transfer;

struct sgs_pool_options {
    const char *ca_file;         /* PEM bundle; NULL = the system's store */
    uint64_t connect_timeout_ms; /* name, TCP and TLS */
    uint64_t stall_timeout_ms;   /* no byte in either direction while the transfer waits for the upstream */
    uint64_t idle_timeout_ms;    /* pooled connections older than this are not used again */
    unsigned max_connections;    /* to the upstream, of this pool; more transfers wait */
};

/* The library's global state; once per process, before any thread. Takes SSLKEYLOGFILE out of the environment, which
 * would have the library write TLS keys to a file. INTERNAL when the library lacks what the pool needs. */
SG_MUST sg_err sgs_pool_global_init(void);

/* IO when the CA bundle cannot be read. */
SG_MUST sg_err sgs_pool_new(struct sg_loop *loop, const struct sgs_pool_options *options, struct sgs_pool **out);
/* All transfers must have ended or been cancelled. Not from inside a callback. NULL is accepted. */
void sgs_pool_free(struct sgs_pool *pool);

enum sgs_flow {
    SGS_FLOW_GO,    /* taken, or given */
    SGS_FLOW_PAUSE, /* nothing taken or given; resume later */
    SGS_FLOW_STOP,  /* break the transfer off: on_done gets the error put in *err */
};

struct sgs_transfer_events {
    /* Status and headers of the final answer (1xx are not shown). */
    sg_err (*on_head)(void *ctx, int status, const struct sgs_headers *headers);
    /* All of `bytes`, or PAUSE. */
    enum sgs_flow (*on_body)(void *ctx, struct sg_bytes bytes, sg_err *err);
    /* Up to `cap` bytes of the request body to `room`; *len_out is at least 1 with GO. NULL when there is no body.
     * Never asked for more than body_len bytes in all. */
    enum sgs_flow (*on_want)(void *ctx, uint8_t *room, size_t cap, size_t *len_out, sg_err *err);
    /* True when the request body can be given again: the next on_want is then for its first byte. NULL = cannot. */
    bool (*on_rewind)(void *ctx);
    void (*on_done)(void *ctx, sg_err err);
};

/* Copies what it needs of `request`. */
SG_MUST sg_err sgs_transfer_start(struct sgs_pool *pool, const struct sgs_request *request,
                                  const struct sgs_transfer_events *events, void *ctx, struct sgs_transfer **out);
/* Says that on_body or on_want, which paused, would go on. Takes effect from the loop, never nested. Both are asked
 * again, whichever had paused. */
void sgs_transfer_resume(struct sgs_transfer *transfer);
/* Breaks the connection if the exchange is not complete. No callback comes after it. */
void sgs_transfer_cancel(struct sgs_transfer *transfer);
/* What went wrong, in the words of the library, for the operator's log; never for clients. May be empty. Valid during
 * on_done. */
const char *sgs_transfer_detail(const struct sgs_transfer *transfer);

#endif
