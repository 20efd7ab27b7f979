/*
 * Stored bytes back to plaintext. A segment is decrypted piece by piece into the block it will be sent from, and stays
 * unseen there until its tag has been checked. Which segments come, and how long each is, follows from the length L
 * that the envelope authenticates, never from what arrives. When the whole object is read, the footer behind the
 * segments is opened before the last segment goes out, so that a complete download is a checked one.
 */
#include "pipe/stage.h"

#include "crypto/segment.h"

#include "common/banned.h"

enum decrypt_part { DECRYPT_IV, DECRYPT_DATA, DECRYPT_TAG, DECRYPT_BEHIND };

struct decrypt {
    struct sgc_opener opener;
    enum decrypt_part part;
    struct sgc_part single;         /* the only part of a `one` object */
    const struct sgc_part *at;      /* the part at hand */
    const struct sgc_part *behind;  /* end of the part table */
    uint64_t index;                 /* of the segment at hand, within its part */
    uint64_t left;                  /* segments that are still to come, the one at hand included */
    uint32_t plain;                 /* length of the segment at hand */
    uint8_t *block;                 /* its place; holds bytes that are not authenticated until DECRYPT_TAG is over */
    uint32_t len;                   /* bytes decrypted there */
    bool held;                      /* the last segment, authenticated, waits for the footer */
    uint8_t edge[SGC_AEAD_TAG_LEN]; /* IV or tag, as far as it has come */
    uint32_t edge_len;
    struct sgc_buf footer;
};

_Static_assert(SGC_AEAD_IV_LEN <= SGC_AEAD_TAG_LEN, "edge holds either");

/* The last segment of its part: shorter, perhaps, and marked. */
static bool is_last(const struct decrypt *s)
{
    return s->index + 1 == sgc_layout_segments(s->at->plain);
}

/* Each part is sealed on its own: its number, its positions, its own run of IVs. */
static sg_err enter_part(struct sg_stage *stage)
{
    struct decrypt *s = stage->state;
    sgc_opener_clear(&s->opener);
    return sgc_opener_init(&s->opener, stage->facts->keys, s->at->number, s->index, s->at->pin);
}

/* The segment at s->index of the part at hand or, behind its last, the first of the next; or what comes behind all. */
static sg_err expect_segment(struct sg_stage *stage)
{
    struct decrypt *s = stage->state;
    s->len = 0;
    s->edge_len = 0;
    s->part = s->left == 0 ? DECRYPT_BEHIND : DECRYPT_IV;
    if (s->left == 0)
        return SG_OK;
    if (s->index == sgc_layout_segments(s->at->plain)) {
        do
            s->at++;
        while (s->at < s->behind && s->at->plain == 0);
        SG_CHECK(s->at < s->behind, INTERNAL);
        s->index = 0;
        SG_TRY(enter_part(stage));
    }
    s->plain = is_last(s) ? (uint32_t)(s->at->plain - s->index * SGC_SEGMENT_PLAIN) : SGC_SEGMENT_PLAIN;
    return SG_OK;
}

static sg_err decrypt_init(struct sg_stage *stage)
{
    struct decrypt *s = stage->state;
    const struct sg_pipe_facts *facts = stage->facts;
    const struct sgc_span *span = &facts->span;
    sg_assert(facts->object_plain <= SGC_PLAIN_MAX);
    sg_assert(sg_stage_room(stage) >= SGC_SEGMENT_PLAIN || sg_stage_room(stage) >= facts->object_plain);
    s->single = (struct sgc_part){.number = facts->part, .plain = facts->object_plain};
    s->at = facts->parts == NULL ? &s->single : facts->parts + span->first_part;
    s->behind = facts->parts == NULL ? &s->single + 1 : facts->parts + facts->part_count;
    s->index = span->first_segment;
    s->left = span->segment_count;
    /* The footer of a `many` object was read first: it is where the part table came from. */
    sg_assert(!facts->whole || (facts->parts == NULL && s->left == sgc_layout_segments(facts->object_plain)));
    s->footer = SGC_BUF_INIT(facts->whole ? sgc_layout_footer_one(facts->object_plain) : 0);
    sg_assert(s->left == 0 || (s->at < s->behind && s->index < sgc_layout_segments(s->at->plain)));
    SG_TRY(enter_part(stage));
    return expect_segment(stage);
}

/* Takes from `bytes` what the IV or tag still lacks; true when it is complete. */
static bool fill_edge(struct decrypt *s, uint32_t want, struct sg_bytes *bytes)
{
    uint32_t lacking = want - s->edge_len;
    uint32_t count = bytes->len < lacking ? (uint32_t)bytes->len : lacking;
    memcpy(s->edge + s->edge_len, bytes->ptr, count);
    s->edge_len += count;
    *bytes = sg_bytes_skip(*bytes, count);
    return s->edge_len == want;
}

static sg_err take_iv(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct decrypt *s = stage->state;
    if (!fill_edge(s, SGC_AEAD_IV_LEN, bytes))
        return SG_OK;
    SG_TRY(sgc_opener_begin(&s->opener, is_last(s), s->edge));
    s->block = sg_stage_reserve(stage);
    s->edge_len = 0;
    s->part = DECRYPT_DATA;
    return SG_OK;
}

static sg_err take_data(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct decrypt *s = stage->state;
    struct sg_bytes piece = sg_bytes_slice(*bytes, 0, s->plain - s->len);
    SG_TRY(sgc_opener_update(&s->opener, piece, s->block + s->len));
    s->len += (uint32_t)piece.len;
    *bytes = sg_bytes_skip(*bytes, piece.len);
    if (s->len == s->plain)
        s->part = DECRYPT_TAG;
    return SG_OK;
}

static sg_err emit_segment(struct sg_stage *stage)
{
    struct decrypt *s = stage->state;
    struct sg_bytes plain = sg_bytes(s->block, s->len);
    s->block = NULL;
    return sg_stage_emit(stage, plain);
}

/* FMT-35 */
static sg_err take_tag(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct decrypt *s = stage->state;
    if (!fill_edge(s, SGC_AEAD_TAG_LEN, bytes))
        return SG_OK;
    sg_err opened = sgc_opener_end(&s->opener, s->edge);
    if (!sg_is_ok(opened)) {
        sgc_wipe(s->block, s->len);
        return opened;
    }
    s->left--;
    s->held = stage->facts->whole && s->left == 0;
    if (s->held) {
        s->part = DECRYPT_BEHIND;
        return SG_OK;
    }
    SG_TRY(emit_segment(stage));
    s->index++;
    return expect_segment(stage);
}

/* The footer of a whole object. Behind a range it is of no interest: an open-ended one brings it along. FMT-47 */
static sg_err take_behind(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct decrypt *s = stage->state;
    struct sg_bytes behind = *bytes;
    *bytes = SG_BYTES_NONE;
    if (!stage->facts->whole)
        return SG_OK;
    SG_CHECK(behind.len <= s->footer.max - s->footer.len, FOOTER_INVALID);
    return sgc_buf_append(&s->footer, behind);
}

/* Each takes what it wants of the bytes that have come, at least one of them. */
static sg_err (*const takers[])(struct sg_stage *stage, struct sg_bytes *bytes) = {
    [DECRYPT_IV] = take_iv,
    [DECRYPT_DATA] = take_data,
    [DECRYPT_TAG] = take_tag,
    [DECRYPT_BEHIND] = take_behind,
};

static sg_err decrypt_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct decrypt *s = stage->state;
    while (bytes.len > 0)
        SG_TRY(takers[s->part](stage, &bytes));
    return SG_OK;
}

static sg_err check_footer(struct sg_stage *stage)
{
    struct decrypt *s = stage->state;
    const struct sg_pipe_facts *facts = stage->facts;
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer footer = SGC_FOOTER_NONE;
    SG_CHECK(s->footer.len == s->footer.max, OBJECT_TRUNCATED);
    return sgc_footer_open(sgc_buf_view(&s->footer), facts->keys, facts->object_plain, false, &footer);
}

/* FMT-48 */
static sg_err decrypt_finish(struct sg_stage *stage)
{
    struct decrypt *s = stage->state;
    SG_CHECK(s->part == DECRYPT_BEHIND, OBJECT_TRUNCATED);
    if (stage->facts->whole)
        SG_TRY(check_footer(stage));
    return s->held ? emit_segment(stage) : SG_OK;
}

static void decrypt_destroy(struct sg_stage *stage)
{
    struct decrypt *s = stage->state;
    sgc_opener_clear(&s->opener);
    sgc_buf_clear(&s->footer);
}

const struct sg_stage_row sg_stage_decrypt = {
    .name = "decrypt",
    .state_size = sizeof(struct decrypt),
    .init = decrypt_init,
    .write = decrypt_write,
    .finish = decrypt_finish,
    .destroy = decrypt_destroy,
};
