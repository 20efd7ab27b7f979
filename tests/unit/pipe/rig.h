/*
 * rig.h - what every test of the pipe layer needs: a request without a connection, keys, and a run of a pipe with
 * pieces and sips of decided or random sizes.
 *
 * Idea       A run plays both ends: it pushes until the queue is full, drains as the wakes say, finishes, and keeps
 *            what the sink saw, also when the pipe failed.
 * Usage      rig_init(&rig); fill in rig.facts and rig.req->auth; rig_run(...); rig_clear(&rig).
 */
#ifndef SG_TESTS_PIPE_RIG_H
#define SG_TESTS_PIPE_RIG_H

#include "support/check_main.h"
#include "support/fake_loop.h"

#include "crypto/object_keys.h"
#include "pipe/pipe.h"

struct rig {
    struct fake_loop loop;
    struct sg_env env;
    struct sg_req *req;
    struct sgc_object_keys keys;
    struct sg_pipe_facts facts; /* req and keys are set */
    uint64_t dice;
    size_t piece_max;        /* pieces are 1 to this long, by chance; 0 = all at once */
    size_t sip_max;          /* so are the sips of the sink; 0 = whatever front() gives */
    unsigned blocks_max;     /* what the last run saw at most in the queue */
    unsigned source_blocked; /* how often it had to wait */
};

void rig_init(struct rig *rig);
void rig_clear(struct rig *rig);
uint32_t rig_random(struct rig *rig, uint32_t below);
/* Bytes that depend on their offset only, so that every slice is recognised. */
void rig_fill(uint8_t *out, size_t len, uint64_t from);

/* All of `in` through a new pipe, out of its queue into `out`, which the caller clears; it has whatever the sink saw.
 */
SG_MUST sg_err rig_run(struct rig *rig, const struct sg_pipeline *pipeline, struct sg_bytes in, struct sgc_buf *out);
/* The same through a collecting pipe. */
SG_MUST sg_err rig_collect(struct rig *rig, const struct sg_pipeline *pipeline, struct sg_bytes in,
                           struct sgc_buf *out);

/* Facts for sealing `len` bytes, and for opening a whole object or a range of it. */
void rig_facts_upload(struct rig *rig, uint64_t len);
void rig_facts_whole(struct rig *rig, uint64_t object_plain);
void rig_facts_range(struct rig *rig, uint64_t object_plain, uint64_t from, uint64_t len);
/* A sealed object of rig_fill() bytes. */
void rig_seal(struct rig *rig, size_t len, struct sgc_buf *out);

#endif
