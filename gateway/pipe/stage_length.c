/* The declared length against the real one: too long is noticed at the first byte too many, too short at the end. */
#include "pipe/stage.h"

#include "common/banned.h"

static sg_err length_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    const struct sg_pipe_facts *facts = stage->facts;
    if (facts->plain_len == SG_LENGTH_UNKNOWN)
        SG_CHECK(stage->bytes_in <= facts->plain_max, BODY_TOO_LARGE);
    else
        SG_CHECK(stage->bytes_in <= facts->plain_len, INCOMPLETE_BODY);
    return sg_stage_emit(stage, bytes);
}

static sg_err length_finish(struct sg_stage *stage)
{
    uint64_t declared = stage->facts->plain_len;
    SG_CHECK(declared == SG_LENGTH_UNKNOWN || stage->bytes_in == declared, INCOMPLETE_BODY);
    return SG_OK;
}

const struct sg_stage_row sg_stage_length = {
    .name = "length",
    .write = length_write,
    .finish = length_finish,
};
