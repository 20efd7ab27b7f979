/*
 * aws_trailer.h - the trailer lines behind an aws-chunked body: the one that x-amz-trailer announced, and its
 * signature.
 *
 * Idea       Nothing is taken that was not announced, nothing announced may be missing, nothing comes twice: so the
 *            checksum that the request promised is the one that is verified.
 * Ownership  The struct owns what it read until clear(); `announced` is a view of the request's head.
 * Lifetime   zeroed -> init -> line* -> clear.
 * Errors     MALFORMED_TRAILER; CHECKSUM_UNKNOWN when a trailer was announced that nobody would verify.
 * Tests      tests/unit/pipe/test_stage_aws_chunked.c, tests/fuzz/fuzz_aws_chunked.c
 */
#ifndef SG_PIPE_AWS_TRAILER_H
#define SG_PIPE_AWS_TRAILER_H

#include "pipe/stage.h"

struct sg_aws_trailer {
    bool is_signed;
    struct sg_bytes announced; /* name; empty = none */
    struct sgc_buf value;      /* of the announced one */
    struct sgc_buf canonical;  /* "name:value\n", what the signature covers */
    struct sgc_buf signature;  /* x-amz-trailer-signature */
    size_t len;                /* bytes of all lines */
    bool has_value, has_signature;
    bool after_lf; /* the line before ended with a bare LF */
};

SG_MUST sg_err sg_aws_trailer_init(struct sg_aws_trailer *t, const struct sg_pipe_facts *facts, bool is_signed);
/* One line with its LF. *done_out: it was the empty one that ends the trailers, and all that must be there was. */
SG_MUST sg_err sg_aws_trailer_line(struct sg_aws_trailer *t, struct sg_bytes line, bool *done_out);
void sg_aws_trailer_clear(struct sg_aws_trailer *t);

#endif
