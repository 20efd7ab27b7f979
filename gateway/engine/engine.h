/*
 * engine.h - the life of a request: steps in order, what wakes them, and its end.
 *
 * Idea       gateway/server creates a request, fills in its head and calls start; from then on it reports what the
 *            connection sees, and the engine asks what it needs through struct sg_client_ops.
 * Ownership  The engine owns the request from new() on; it frees it from the loop after both on_reply_done() (or
 *            on_client_gone()) and the end of the upstream transfer.
 * Threads    One worker's.
 * Tests      tests/unit/engine/test_engine.c with fake client, loop and upstream
 */
#ifndef SG_ENGINE_ENGINE_H
#define SG_ENGINE_ENGINE_H

#include "core/req.h"

/* An empty request with an id; the caller fills in req->head and req->client. */
struct sg_req *sg_engine_new(const struct sg_env *env);
/* Runs the steps. May call client ops before it returns (a reply, for instance). */
void sg_engine_start(struct sg_req *req);

/* Body bytes as framed by HTTP (chunked coding removed). Returns how many were taken; less than bytes.len means: stop
 * until body_resume(). Bytes that nobody wants any more (the reply has begun) are all taken. */
size_t sg_engine_on_body(struct sg_req *req, struct sg_bytes bytes);
/* The body is complete. */
void sg_engine_on_body_end(struct sg_req *req);
/* The body cannot be read to its end: framing error, stall, connection lost. */
void sg_engine_on_body_error(struct sg_req *req, sg_err err);
/* The reply is written completely. req is not valid afterwards. */
void sg_engine_on_reply_done(struct sg_req *req);
/* The connection is gone, at any time before on_reply_done(). req->client is NULL and req not valid afterwards. */
void sg_engine_on_client_gone(struct sg_req *req);

#endif
