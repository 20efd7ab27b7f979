/*
 * reply.h - errors and small results as S3 says them; the only place that words an error for a client.
 *
 * Idea       Fills in req->reply_status, reply_code, reply_headers and reply_body; sending is the engine's.
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * Tests      tests/unit/core/test_reply.c
 */
#ifndef SG_CORE_REPLY_H
#define SG_CORE_REPLY_H

#include "core/req.h"

/* An extra element of an error body, such as <ActualObjectSize>. */
struct sg_reply_detail {
    const char *name;
    struct sg_bytes value;
};

/* Headers of every reply: x-amz-request-id, x-amz-id-2, Server, Strict-Transport-Security. */
SG_MUST sg_err sg_reply_common(struct sg_req *req);
/* Replaces whatever the reply held by the error: status, XML body (none for HEAD and 304), common headers. */
SG_MUST sg_err sg_reply_error(struct sg_req *req, sg_err err, const struct sg_reply_detail *details,
                              size_t detail_count);
/* As sg_reply_error(), with an S3 code and message that came from the upstream. */
SG_MUST sg_err sg_reply_upstream_error(struct sg_req *req, int status, struct sg_bytes code, struct sg_bytes message);

#endif
