/*
 * Plaintext into sealed segments, each written piece by piece to where it is sent from. The length is declared before
 * the body, so the last segment is known when it begins. It stays in its block, unseen by the sink, until every check
 * on the way has passed: then it goes out, and the footer behind it. So a body that fails a check never becomes an
 * object.
 */
#include "pipe/stage.h"

#include "crypto/segment.h"

#include "common/banned.h"

struct encrypt {
    struct sgc_sealer sealer;
    uint64_t left;         /* plaintext still to come */
    uint32_t segment_left; /* of that, in the segment at hand */
    uint8_t *block;        /* the segment at hand; NULL between segments */
    size_t len;            /* sealed bytes in the block */
    bool last;             /* the segment at hand is the last one */
};

static sg_err encrypt_init(struct sg_stage *stage)
{
    struct encrypt *s = stage->state;
    const struct sg_pipe_facts *facts = stage->facts;
    SG_CHECK(facts->plain_len != SG_LENGTH_UNKNOWN, MISSING_LENGTH);
    SG_CHECK(facts->plain_len <= (facts->part == 0 ? SGC_PLAIN_MAX_PUT : SGC_PLAIN_MAX_PART), ENTITY_TOO_LARGE);
    uint64_t longest = facts->plain_len < SGC_SEGMENT_PLAIN ? facts->plain_len : SGC_SEGMENT_PLAIN;
    sg_assert(sg_stage_room(stage) >= longest + SGC_SEGMENT_EXTRA);
    s->left = facts->plain_len;
    return sgc_sealer_init(&s->sealer, facts->keys, facts->part);
}

static sg_err begin_segment(struct sg_stage *stage)
{
    struct encrypt *s = stage->state;
    s->last = s->left <= SGC_SEGMENT_PLAIN;
    s->segment_left = (uint32_t)(s->last ? s->left : SGC_SEGMENT_PLAIN);
    s->block = sg_stage_reserve(stage);
    s->len = SGC_AEAD_IV_LEN;
    return sgc_sealer_begin(&s->sealer, s->last, s->block);
}

static sg_err emit_segment(struct sg_stage *stage)
{
    struct encrypt *s = stage->state;
    struct sg_bytes segment = sg_bytes(s->block, s->len);
    s->block = NULL;
    return sg_stage_emit(stage, segment);
}

static sg_err end_segment(struct sg_stage *stage)
{
    struct encrypt *s = stage->state;
    SG_TRY(sgc_sealer_end(&s->sealer, s->block + s->len));
    s->len += SGC_AEAD_TAG_LEN;
    return s->last ? SG_OK : emit_segment(stage);
}

static sg_err encrypt_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct encrypt *s = stage->state;
    SG_CHECK(bytes.len <= s->left, INCOMPLETE_BODY);
    while (bytes.len > 0) {
        if (s->block == NULL)
            SG_TRY(begin_segment(stage));
        struct sg_bytes piece = sg_bytes_slice(bytes, 0, s->segment_left);
        SG_TRY(sgc_sealer_update(&s->sealer, piece, s->block + s->len));
        s->len += piece.len;
        s->segment_left -= (uint32_t)piece.len;
        s->left -= piece.len;
        bytes = sg_bytes_skip(bytes, piece.len);
        if (s->segment_left == 0)
            SG_TRY(end_segment(stage));
    }
    return SG_OK;
}

static sg_err emit_footer(struct sg_stage *stage)
{
    const struct sg_pipe_facts *facts = stage->facts;
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer footer = SGC_FOOTER_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(sgc_layout_footer_one(facts->plain_len));
    footer.plain = facts->plain_len;
    if (facts->checksum_verified) {
        struct sg_bytes value = sg_bytes(facts->checksum_value, facts->checksum->len);
        SG_TRY(sgc_footer_add_checksum(&footer, (uint8_t)facts->checksum->alg, value));
    }
    SG_TRY(sgc_footer_seal(&footer, facts->keys, &sealed));
    return sg_stage_emit(stage, sgc_buf_view(&sealed));
}

/* What the client claimed has been verified by the stages before this one. FMT-30, FMT-52 */
static sg_err encrypt_finish(struct sg_stage *stage)
{
    struct encrypt *s = stage->state;
    SG_CHECK(s->left == 0, INCOMPLETE_BODY);
    if (s->block != NULL)
        SG_TRY(emit_segment(stage));
    /* Parts of a multipart upload have no footer of their own; Complete writes one for all of them. */
    return stage->facts->part == 0 ? emit_footer(stage) : SG_OK;
}

static void encrypt_destroy(struct sg_stage *stage)
{
    struct encrypt *s = stage->state;
    sgc_sealer_clear(&s->sealer);
}

const struct sg_stage_row sg_stage_encrypt = {
    .name = "encrypt",
    .state_size = sizeof(struct encrypt),
    .init = encrypt_init,
    .write = encrypt_write,
    .finish = encrypt_finish,
    .destroy = encrypt_destroy,
};
