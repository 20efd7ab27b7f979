/*
 * pipe.h - stages in a row, and the queue or buffer at their end.
 *
 * Idea       A pipeline is a list one can read (pipelines.c); a pipe is one request's instance of it, with the stages
 *            that its facts call for. First error latches; stop runs once, source to sink.
 * Ownership  The pipe owns its stages and its queue until free(). Facts and the collecting buffer are the caller's.
 * Lifetime   new -> push* -> finish -> free; fail() at any time.
 * Tests      tests/unit/pipe/test_pipe.c
 */
#ifndef SG_PIPE_PIPE_H
#define SG_PIPE_PIPE_H

#include "pipe/queue.h"
#include "pipe/stage.h"

#define SG_PIPE_STAGES_MAX 8u

struct sg_pipeline_row {
    enum sg_phase phase;
    const struct sg_stage_row *stage;
    bool (*when)(const struct sg_pipe_facts *facts);
};

struct sg_pipeline {
    const char *name;
    struct sg_pipeline_row rows[SG_PIPE_STAGES_MAX]; /* ends with a row without stage */
};

extern const struct sg_pipeline sg_pipe_upload;   /* client body -> sealed bytes */
extern const struct sg_pipeline sg_pipe_collect;  /* client body -> verified, in memory (XML) */
extern const struct sg_pipeline sg_pipe_download; /* stored bytes -> plaintext */
extern const struct sg_pipeline sg_pipe_rewrite;  /* an XML answer, by the table in the facts */
extern const struct sg_pipeline sg_pipe_pass;     /* as they are (objects that a rule lets through) */

/* Into a queue of blocks of `block_size`, which holds a segment, or all that comes out where that is less ... */
SG_MUST sg_err sg_pipe_new(const struct sg_pipeline *pipeline, struct sg_pipe_facts *facts, size_t block_size,
                           bool keep, struct sg_pipe **out);
/* ... or into a buffer, which is cleared when the pipe fails. */
SG_MUST sg_err sg_pipe_new_collecting(const struct sg_pipeline *pipeline, struct sg_pipe_facts *facts,
                                      struct sgc_buf *into, struct sg_pipe **out);
void sg_pipe_free(struct sg_pipe *pipe);

/* NULL for a collecting pipe. */
struct sg_queue *sg_pipe_queue(struct sg_pipe *pipe);
/* Takes pieces of any size and passes them on in pieces of at most SG_LIMIT_PUSH while the queue has room. Gives back
 * how much was taken: all of it, or less when the source has to wait for wake_source. Up to SG_LIMIT_PUSH bytes are
 * taken whole or not at all. */
SG_MUST sg_err sg_pipe_push(struct sg_pipe *pipe, struct sg_bytes bytes, size_t *taken_out);
/* Every stage finishes, source to sink; then the queue is closed. */
SG_MUST sg_err sg_pipe_finish(struct sg_pipe *pipe);
void sg_pipe_fail(struct sg_pipe *pipe, sg_err err);

#endif
