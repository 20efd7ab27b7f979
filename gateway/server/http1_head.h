/*
 * http1_head.h - the head of an HTTP/1.1 request: where it ends, and what it says, strictly.
 *
 * Idea       libh2o's parser splits the head; everything that two parsers might read differently is refused around it:
 *            bare line feeds, folded lines, blanks before a colon, two lengths, any transfer coding but "chunked".
 * Ownership  Views into the input; valid as long as that is.
 * Errors     BAD_HTTP, HEAD_TOO_LARGE, HTTP_VERSION, EXPECTATION_FAILED, NOT_IMPLEMENTED (a transfer coding).
 * Source     RFC 9112 sections 2, 3, 5, 6 and 11.2; RFC 9110 sections 5 and 10.1.1.
 * Not here   What target and headers mean (gateway/core, gateway/auth).
 * Tests      tests/unit/server/test_http1_head.c, tests/fuzz/fuzz_http1_head.c
 */
#ifndef SG_SERVER_HTTP1_HEAD_H
#define SG_SERVER_HTTP1_HEAD_H

#include "common/limits.h"
#include "core/client.h"

/* How far a head has been looked at, so that one that comes byte by byte is read once. All zero at its start. */
struct sg_http1_scan {
    size_t at;      /* bytes looked at */
    size_t line;    /* where the current line begins */
    unsigned lines; /* complete ones that are not empty */
};

/* Gives the length of the head at the beginning of `input`, the empty line included; 0 when more is needed. */
SG_MUST sg_err sg_http1_head_find(struct sg_http1_scan *scan, struct sg_bytes input, size_t *len_out);

struct sg_http1_head {
    struct sg_bytes method;
    struct sg_bytes target;
    struct sgs_header headers[SG_LIMIT_HEADER_COUNT]; /* values without blanks around them */
    size_t header_count;
    uint64_t content_length; /* SG_LENGTH_UNKNOWN: chunked */
    bool has_length, has_host, chunked;
    bool expects_continue;
    bool keep_alive;
};

/* `bytes` is exactly what find() has measured. */
SG_MUST sg_err sg_http1_head_parse(struct sg_bytes bytes, struct sg_http1_head *out);

static inline bool sg_http1_head_has_body(const struct sg_http1_head *head)
{
    return head->content_length > 0;
}

/* The parser's C interface is exported by libh2o but not declared in its headers: INTERNAL unless it behaves as we have
 * declared it. Once at start. */
SG_MUST sg_err sg_http1_head_selftest(void);

#endif
