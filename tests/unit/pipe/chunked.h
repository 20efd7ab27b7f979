/*
 * chunked.h - writes aws-chunked bodies the way clients do, for the tests of the stage that takes them apart.
 *
 * Usage      rig_init(&rig); chunked_request(&rig, mode, trailer); chunked_begin(&body, &rig); chunked_data(...)*;
 *            chunked_end(...); the bytes are in body.bytes.
 * Source     Key, date and scope are those of AWS's own examples (sigv4-streaming.html).
 */
#ifndef SG_TESTS_PIPE_CHUNKED_H
#define SG_TESTS_PIPE_CHUNKED_H

#include "s3client/sigv4_chunk.h"
#include "unit/pipe/rig.h"

#define CHUNKED_SEED "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"

struct chunked {
    struct sgc_buf bytes;
    struct sgs_chunk_chain chain;
    enum sg_payload mode;
};

/* The head of a request in that mode. `trailer` is a checksum header's name, announced and expected; NULL = none. */
void chunked_request(struct rig *rig, enum sg_payload mode, const char *trailer);
void chunked_begin(struct chunked *body, const struct rig *rig);
void chunked_clear(struct chunked *body);
void chunked_data(struct chunked *body, struct sg_bytes data);
/* The last chunk, the trailer where `value` is not NULL, its signature where the mode has one. With `lf`, the trailer
 * ends as minio-go writes it. */
void chunked_end(struct chunked *body, const char *name, const char *value, bool lf);

#endif
