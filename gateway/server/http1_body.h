/*
 * http1_body.h - where the body of a request ends: by Content-Length, or by the chunked coding.
 *
 * Idea       Takes nothing and copies nothing: next() steps over framing and shows the body bytes that follow it in
 *            place.
 * Lifetime   init -> (next -> taken)* until is_done().
 * Errors     BAD_HTTP for a framing that is not exactly RFC 9112's, HEAD_TOO_LARGE for lines or trailers past the
 *            limits. The state is dead afterwards.
 * Source     RFC 9112 sections 6 and 7.1. Chunk extensions are skipped, trailers are dropped.
 * Tests      tests/unit/server/test_http1_body.c, tests/fuzz/fuzz_http1_body.c
 */
#ifndef SG_SERVER_HTTP1_BODY_H
#define SG_SERVER_HTTP1_BODY_H

#include "common/limits.h"
#include "core/client.h"

enum sg_http1_body_state {
    SG_BODY_DONE,
    SG_BODY_LENGTH,
    SG_BODY_CHUNK_SIZE, /* hex digits */
    SG_BODY_CHUNK_EXT,  /* behind a semicolon */
    SG_BODY_CHUNK_LF,   /* line feed of the size line */
    SG_BODY_CHUNK_DATA,
    SG_BODY_DATA_CR,
    SG_BODY_DATA_LF,
    SG_BODY_TRAILER, /* at the start of a line */
    SG_BODY_TRAILER_LINE,
    SG_BODY_TRAILER_LF,
    SG_BODY_END_LF,
};

struct sg_http1_body {
    enum sg_http1_body_state state;
    uint64_t left; /* of the body, or of the chunk */
    size_t line;   /* bytes of the current size line, or of all trailers */
    unsigned digits;
};

/* `content_length` may be SG_LENGTH_UNKNOWN: chunked. */
void sg_http1_body_init(struct sg_http1_body *body, uint64_t content_length);

/* Gives the number of framing bytes at the beginning of `input`, which are done with, and the body bytes behind them
 * (possibly none). */
SG_MUST sg_err sg_http1_body_next(struct sg_http1_body *body, struct sg_bytes input, size_t *framing_out,
                                  struct sg_bytes *data_out);
/* `len` of the bytes that next() has shown were taken. */
void sg_http1_body_taken(struct sg_http1_body *body, size_t len);

static inline bool sg_http1_body_is_done(const struct sg_http1_body *body)
{
    return body->state == SG_BODY_DONE;
}

/* Body bytes that are still to come; SG_LENGTH_UNKNOWN when chunked. */
static inline uint64_t sg_http1_body_left(const struct sg_http1_body *body)
{
    if (sg_http1_body_is_done(body))
        return 0;
    return body->state == SG_BODY_LENGTH ? body->left : SG_LENGTH_UNKNOWN;
}

#endif
