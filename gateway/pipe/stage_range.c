/* The asked range, cut out of whole segments. A slice is emitted where it lies, so that nothing is copied. */
#include "pipe/stage.h"

#include "common/banned.h"

struct range {
    uint64_t skip, take; /* still to be skipped, then to be taken */
};

static sg_err range_init(struct sg_stage *stage)
{
    struct range *s = stage->state;
    *s = (struct range){stage->facts->span.skip_plain, stage->facts->span.take_plain};
    return SG_OK;
}

static sg_err range_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct range *s = stage->state;
    size_t skip = s->skip < bytes.len ? (size_t)s->skip : bytes.len;
    s->skip -= skip;
    bytes = sg_bytes_skip(bytes, skip);
    if (s->take < bytes.len)
        bytes.len = (size_t)s->take;
    s->take -= bytes.len;
    return sg_stage_emit(stage, bytes);
}

static sg_err range_finish(struct sg_stage *stage)
{
    const struct range *s = stage->state;
    SG_CHECK(s->take == 0, OBJECT_TRUNCATED);
    return SG_OK;
}

const struct sg_stage_row sg_stage_range = {
    .name = "range",
    .state_size = sizeof(struct range),
    .init = range_init,
    .write = range_write,
    .finish = range_finish,
};
