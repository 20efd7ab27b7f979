/*
 * client.h - what the engine may ask of the connection a request came from; gateway/server implements it over libh2o,
 *            tests fake it.
 *
 * Idea       The body comes up by calls of gateway/engine/engine.h (sg_engine_on_body ...); the reply goes down through
 *            a queue that the connection drains at its own pace.
 * Ownership  The connection outlives the request's last call or sets req->client to NULL first
 *            (sg_engine_on_client_gone).
 * Threads    All on the loop of the worker.
 */
#ifndef SG_CORE_CLIENT_H
#define SG_CORE_CLIENT_H

#include "common/bytes.h"
#include "common/err.h"
#include "s3client/headers.h"

struct sg_queue;
struct sg_client;

#define SG_LENGTH_UNKNOWN UINT64_MAX

struct sg_reply_head {
    int status;
    const struct sgs_headers *headers; /* without Content-Length, Transfer-Encoding, Connection, Date */
    /* Of the body; with SG_LENGTH_UNKNOWN it is sent chunked. For HEAD: what GET would have had. */
    uint64_t body_len;
};

struct sg_client_ops {
    /* Starts reading the request body; answers "Expect: 100-continue" now. Not called when there is no body. */
    void (*body_start)(struct sg_client *client);
    /* Goes on after sg_engine_on_body() took less than it was offered. */
    void (*body_resume)(struct sg_client *client);
    /* Sends the head, then whatever `body` holds until it is closed; NULL = no body bytes. Once per request. When all
     * is written, sg_engine_on_reply_done(); an unread request body is drained briefly or the connection closed. */
    void (*reply)(struct sg_client *client, const struct sg_reply_head *head, struct sg_queue *body);
    /* The queue has more, or was closed or failed. A failed queue breaks the connection before the reply is complete.
     */
    void (*reply_wake)(struct sg_client *client);
};

struct sg_client {
    const struct sg_client_ops *ops;
};

#endif
