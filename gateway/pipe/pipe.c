/*
 * A pipe is an array of stages and an end. Bytes walk down the array by plain calls; nothing in here waits. Whatever
 * goes wrong is remembered once, ends all stages and fails the queue, so that the sink never mistakes it for the end.
 */
#include "pipe/pipe.h"

#include "crypto/buf.h"
#include "crypto/secret.h"

#include "common/banned.h"

/* A push completes at most two segments: one that lacked a byte, and a last one that is tiny. finish() adds the
 * withheld segment, which is reserved already, and a footer, which is smaller than a block. */
#define BLOCKS_PER_PUSH 2u
_Static_assert(SG_LIMIT_PUSH <= SGC_SEGMENT_PLAIN, "a push is at most a segment");
_Static_assert(SGC_FOOTER_SLOT *(SGC_PLAIN_MAX_PUT / SGC_FOOTER_UNIT + 1) + SGC_FOOTER_TAIL <= SGC_SEGMENT_SEALED,
               "the footer of a PutObject fits a block");
_Static_assert(SG_QUEUE_BLOCK_COUNT - 1 + BLOCKS_PER_PUSH + 2 <= SG_QUEUE_RING, "the ring has room for the worst case");

struct sg_pipe {
    const struct sg_pipeline *pipeline;
    struct sg_stage stages[SG_PIPE_STAGES_MAX];
    unsigned count;
    bool has_queue;
    struct sg_queue queue;
    struct sgc_buf *into;
    uint8_t *scratch; /* stands in for a queue's block when there is no queue */
    sg_err failure;
    bool finished;
    bool stopped; /* the stages are destroyed */
};

static void stop(struct sg_pipe *pipe)
{
    if (pipe->stopped)
        return;
    pipe->stopped = true;
    for (unsigned i = 0; i < pipe->count; i++) {
        struct sg_stage *stage = &pipe->stages[i];
        if (stage->row->destroy != NULL)
            stage->row->destroy(stage);
        if (stage->state != NULL)
            sgc_wipe(stage->state, stage->row->state_size);
        sgc_xfree(stage->state);
        stage->state = NULL;
    }
}

/* The stages that the facts call for. One that fails to begin is destroyed like any other. */
static sg_err assemble(struct sg_pipe *pipe, struct sg_pipe_facts *facts)
{
    enum sg_phase phase = SG_PHASE_FRAME;
    for (unsigned i = 0; i < SG_PIPE_STAGES_MAX && pipe->pipeline->rows[i].stage != NULL; i++) {
        const struct sg_pipeline_row *row = &pipe->pipeline->rows[i];
        sg_assert(row->phase >= phase);
        phase = row->phase;
        if (!row->when(facts))
            continue;
        struct sg_stage *stage = &pipe->stages[pipe->count];
        *stage = (struct sg_stage){.row = row->stage, .pipe = pipe, .facts = facts, .index = pipe->count};
        if (row->stage->state_size > 0)
            stage->state = sgc_xalloc(row->stage->state_size);
        pipe->count++;
        if (row->stage->init != NULL)
            SG_TRY(row->stage->init(stage));
    }
    return SG_OK;
}

static bool seals(const struct sg_pipeline *pipeline)
{
    bool found = false;
    for (unsigned i = 0; i < SG_PIPE_STAGES_MAX && pipeline->rows[i].stage != NULL; i++)
        found = found || pipeline->rows[i].phase == SG_PHASE_SEAL;
    return found;
}

/* Takes the pipe over: it is freed when its stages do not begin. */
static sg_err begin(struct sg_pipe *pipe, struct sg_pipe_facts *facts, struct sg_pipe **out)
{
    sg_err err = assemble(pipe, facts);
    if (!sg_is_ok(err)) {
        sg_pipe_free(pipe);
        return err;
    }
    *out = pipe;
    return SG_OK;
}

sg_err sg_pipe_new(const struct sg_pipeline *pipeline, struct sg_pipe_facts *facts, size_t block_size, bool keep,
                   struct sg_pipe **out)
{
    struct sg_pipe *pipe = sgc_xalloc(sizeof(*pipe));
    pipe->pipeline = pipeline;
    pipe->has_queue = true;
    sg_queue_init(&pipe->queue, facts->req->env->loop, block_size, keep);
    pipe->queue.is_public = seals(pipeline);
    return begin(pipe, facts, out);
}

sg_err sg_pipe_new_collecting(const struct sg_pipeline *pipeline, struct sg_pipe_facts *facts, struct sgc_buf *into,
                              struct sg_pipe **out)
{
    struct sg_pipe *pipe = sgc_xalloc(sizeof(*pipe));
    pipe->pipeline = pipeline;
    pipe->into = into;
    return begin(pipe, facts, out);
}

void sg_pipe_free(struct sg_pipe *pipe)
{
    if (pipe == NULL)
        return;
    stop(pipe);
    if (pipe->has_queue)
        sg_queue_clear(&pipe->queue);
    if (pipe->scratch != NULL)
        sgc_wipe(pipe->scratch, SGC_SEGMENT_SEALED);
    sgc_xfree(pipe->scratch);
    sgc_xfree(pipe);
}

struct sg_queue *sg_pipe_queue(struct sg_pipe *pipe)
{
    return pipe->has_queue ? &pipe->queue : NULL;
}

/* To the stage at `index`, or to the end when there is none. */
static sg_err pass_on(struct sg_pipe *pipe, unsigned index, struct sg_bytes bytes)
{
    if (bytes.len == 0)
        return SG_OK;
    if (index == pipe->count)
        return pipe->has_queue ? sg_queue_append(&pipe->queue, bytes) : sgc_buf_append(pipe->into, bytes);
    struct sg_stage *stage = &pipe->stages[index];
    stage->calls++;
    stage->bytes_in += bytes.len;
    return stage->row->write == NULL ? sg_stage_emit(stage, bytes) : stage->row->write(stage, bytes);
}

sg_err sg_stage_emit(struct sg_stage *stage, struct sg_bytes bytes)
{
    stage->bytes_out += bytes.len;
    return pass_on(stage->pipe, stage->index + 1, bytes);
}

uint8_t *sg_stage_reserve(struct sg_stage *stage)
{
    struct sg_pipe *pipe = stage->pipe;
    if (pipe->has_queue)
        return sg_queue_reserve(&pipe->queue);
    if (pipe->scratch == NULL)
        pipe->scratch = sgc_xalloc(SGC_SEGMENT_SEALED);
    return pipe->scratch;
}

size_t sg_stage_room(const struct sg_stage *stage)
{
    return stage->pipe->has_queue ? stage->pipe->queue.block_size : SGC_SEGMENT_SEALED;
}

sg_err sg_pipe_push(struct sg_pipe *pipe, struct sg_bytes bytes, size_t *taken_out)
{
    *taken_out = 0;
    SG_TRY(pipe->failure);
    sg_assert(!pipe->finished);
    while (bytes.len > 0 && (!pipe->has_queue || sg_queue_has_room(&pipe->queue))) {
        struct sg_bytes piece = sg_bytes_slice(bytes, 0, SG_LIMIT_PUSH);
        sg_err err = pass_on(pipe, 0, piece);
        if (!sg_is_ok(err)) {
            sg_pipe_fail(pipe, err);
            return err;
        }
        *taken_out += piece.len;
        bytes = sg_bytes_skip(bytes, piece.len);
    }
    return SG_OK;
}

static sg_err finish_stages(struct sg_pipe *pipe)
{
    for (unsigned i = 0; i < pipe->count; i++) {
        struct sg_stage *stage = &pipe->stages[i];
        if (stage->row->finish != NULL)
            SG_TRY(stage->row->finish(stage));
    }
    return SG_OK;
}

sg_err sg_pipe_finish(struct sg_pipe *pipe)
{
    SG_TRY(pipe->failure);
    sg_assert(!pipe->finished);
    pipe->finished = true;
    sg_err err = finish_stages(pipe);
    if (!sg_is_ok(err)) {
        sg_pipe_fail(pipe, err);
        return err;
    }
    if (pipe->has_queue)
        sg_queue_close(&pipe->queue);
    return SG_OK;
}

void sg_pipe_fail(struct sg_pipe *pipe, sg_err err)
{
    if (!sg_is_ok(pipe->failure) || sg_is_ok(err))
        return;
    pipe->failure = err;
    stop(pipe);
    if (pipe->has_queue)
        sg_queue_fail(&pipe->queue);
    else
        sgc_buf_clear(pipe->into);
}
