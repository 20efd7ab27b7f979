/*
 * One of S3's additional checksums over the plaintext. Its value stands in a header, so that it is known from the
 * start, or in a trailer, which the framing stage has read by the time this one finishes. What has agreed is left in
 * the facts: the footer stores it and the reply repeats it.
 */
#include "pipe/stage.h"

#include "crypto/codec.h"
#include "crypto/ct.h"

#include "common/banned.h"

static sg_err checksum_init(struct sg_stage *stage)
{
    struct sgc_checksum *sum = stage->state;
    return sgc_checksum_init(sum, stage->facts->checksum->alg);
}

static sg_err checksum_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct sgc_checksum *sum = stage->state;
    SG_TRY(sgc_checksum_update(sum, bytes));
    return sg_stage_emit(stage, bytes);
}

/* Nothing was read from a trailer: the body had none, or no framing at all. */
static sg_err take_trailer(struct sg_pipe_facts *facts)
{
    size_t len = 0;
    SG_CHECK(facts->trailer_value.len > 0, MALFORMED_TRAILER);
    sg_err decoded =
        sgc_base64_decode(facts->trailer_value, facts->checksum_value, sizeof(facts->checksum_value), &len);
    SG_CHECK(sg_is_ok(decoded) && len == facts->checksum->len, CHECKSUM_INVALID);
    return SG_OK;
}

static sg_err checksum_finish(struct sg_stage *stage)
{
    struct sgc_checksum *sum = stage->state;
    struct sg_pipe_facts *facts = stage->facts;
    uint8_t actual[SGC_CHECKSUM_MAX_LEN];
    if (facts->checksum_in_trailer)
        SG_TRY(take_trailer(facts));
    SG_TRY(sgc_checksum_final(sum, actual));
    size_t len = facts->checksum->len;
    SG_CHECK(sgc_ct_equal(sg_bytes(actual, len), sg_bytes(facts->checksum_value, len)), CHECKSUM_MISMATCH);
    facts->checksum_verified = true;
    return SG_OK;
}

static void checksum_destroy(struct sg_stage *stage)
{
    struct sgc_checksum *sum = stage->state;
    sgc_checksum_clear(sum);
}

const struct sg_stage_row sg_stage_checksum = {
    .name = "checksum",
    .state_size = sizeof(struct sgc_checksum),
    .init = checksum_init,
    .write = checksum_write,
    .finish = checksum_finish,
    .destroy = checksum_destroy,
};
