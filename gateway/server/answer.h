/*
 * answer.h - complete small HTTP responses, for requests that never become a struct sg_req, and the parts that all
 *            responses share.
 *
 * Errors     LIMIT when the buffer is too small; SG_ANSWER_MAX is enough for each of these.
 * Tests      tests/unit/server/test_answer.c
 */
#ifndef SG_SERVER_ANSWER_H
#define SG_SERVER_ANSWER_H

#include "common/clock.h"
#include "crypto/buf.h"

#define SG_ANSWER_MAX     4096u
#define SG_ANSWER_ID_SIZE 17 /* 16 hex digits and a terminator */

/* The words of a status line; never NULL. */
const char *sg_answer_phrase(int status);
/* Status line and Date. */
SG_MUST sg_err sg_answer_begin(struct sgc_buf *out, const struct sg_clock *clock, int status);
/* A fresh request id. */
SG_MUST sg_err sg_answer_id(char out[SG_ANSWER_ID_SIZE]);

/* An error as S3 words it, with "Connection: close". `https` adds Strict-Transport-Security. */
SG_MUST sg_err sg_answer_error(struct sgc_buf *out, const struct sg_clock *clock, sg_err err, bool https,
                               const char *request_id);
/* Plain text, with "Connection: close". */
SG_MUST sg_err sg_answer_text(struct sgc_buf *out, const struct sg_clock *clock, int status, const char *text);
/* Bytes of a complete response up to its body: what HEAD gets. */
size_t sg_answer_head_len(struct sg_bytes response);

#endif
