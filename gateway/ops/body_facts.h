/*
 * body_facts.h - what a request says about its body: length, MD5, checksum.
 *
 * Errors     MISSING_LENGTH, ENTITY_TOO_LARGE, INVALID_DIGEST, CHECKSUM_INVALID, CHECKSUM_MULTIPLE, CHECKSUM_UNKNOWN,
 *            MALFORMED_TRAILER, INVALID_ARGUMENT.
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 * Tests      tests/unit/ops/test_body_facts.c
 */
#ifndef SG_OPS_BODY_FACTS_H
#define SG_OPS_BODY_FACTS_H

#include "pipe/stage.h"

/* Fills in what the verifying stages need. `plain_max` is the longest body that is accepted; with `length_required`, a
 * body whose plaintext length is not declared is refused. */
SG_MUST sg_err sg_body_facts(const struct sg_req *req, uint64_t plain_max, bool length_required,
                             struct sg_pipe_facts *out);
/* Plaintext length as declared, or SG_LENGTH_UNKNOWN. */
SG_MUST sg_err sg_body_plain_len(const struct sg_req *req, uint64_t *out);
/* True when some header lets the body's integrity be checked (Content-MD5 or a checksum). */
SG_MUST bool sg_body_has_integrity(const struct sg_pipe_facts *facts);
/* Adds the checksum that was verified to the reply, as S3 echoes it. */
SG_MUST sg_err sg_body_echo_checksum(struct sg_req *req, const struct sg_pipe_facts *facts);

#endif
