/*
 * s3_error.h - the error body of an upstream answer.
 *
 * Ownership  Fixed-size copies; longer texts are cut.
 * Errors     None: a body that is no S3 error leaves the fields empty. Of one that breaks off, what came before is
 *            kept.
 * Tests      tests/unit/s3client/test_s3_error.c, tests/fuzz/fuzz_s3_error.c
 */
#ifndef SG_S3CLIENT_S3_ERROR_H
#define SG_S3CLIENT_S3_ERROR_H

#include "common/bytes.h"

struct sgs_s3_error {
    char code[64];
    char message[512];
    char request_id[64];
};

void sgs_s3_error_parse(struct sg_bytes body, struct sgs_s3_error *out);

#endif
