/*
 * answer.h - the head of an answer, taken in line by line, and whether its body can be framed.
 *
 * Idea       libcurl reads HTTP generously. What the gateway acts upon is read here once more, strictly: status line,
 *            field lines, and one unambiguous length. Interim answers (1xx) are counted and forgotten.
 * Ownership  Holds copies until clear().
 * Lifetime   SGS_ANSWER_NONE -> line* -> check -> clear. clear() may be called at any time, twice too.
 * Units      Bytes. All lines together stay within SG_LIMIT_HEAD.
 * Errors     UPSTREAM_PROTOCOL; `why` then says what was wrong, for the operator's log.
 * Source     RFC 9112, sections 4 to 6.
 * Tests      tests/unit/s3client/test_answer.c, tests/fuzz/fuzz_answer.c
 */
#ifndef SG_S3CLIENT_ANSWER_H
#define SG_S3CLIENT_ANSWER_H

#include "s3client/headers.h"

struct sgs_answer {
    struct sgs_headers headers;
    const char *why; /* of the last error; a constant */
    size_t bytes;    /* of all lines so far */
    int status;      /* 0 before the status line */
    bool is_http_1_0;
    bool is_complete;  /* the head of the final answer has come */
    bool is_continued; /* a "100 Continue" has come */
};

#define SGS_ANSWER_NONE ((struct sgs_answer){.headers = SGS_HEADERS_NONE})

/* One line with its CRLF: status line, field, or the empty line at the end. A status line after a complete head begins
 * another answer (libcurl sent the request again); other lines after it are trailers, which are not kept. */
SG_MUST sg_err sgs_answer_line(struct sgs_answer *a, struct sg_bytes line);
/* Counts `len` bytes of trailers, which are bounded like the head and not kept. */
SG_MUST sg_err sgs_answer_skip(struct sgs_answer *a, size_t len);
/* Whether the length of the body is certain, for a complete head. A success must declare it; an error may end with the
 * connection. */
SG_MUST sg_err sgs_answer_check(struct sgs_answer *a, bool is_head_request);
void sgs_answer_clear(struct sgs_answer *a);

#endif
