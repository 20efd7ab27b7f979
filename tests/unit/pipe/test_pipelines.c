/* The lists: phases in order, and which rows take part for which facts. */
#include "unit/pipe/rig.h"

#include "common/banned.h"

static struct rig rig;

static const struct sg_pipeline *const pipelines[] = {&sg_pipe_upload, &sg_pipe_collect, &sg_pipe_download,
                                                      &sg_pipe_rewrite, &sg_pipe_pass};

START_TEST(phases_never_go_backwards_and_every_list_ends)
{
    const struct sg_pipeline *pipeline = pipelines[_i];
    enum sg_phase phase = SG_PHASE_FRAME;
    unsigned i = 0;
    ck_assert_ptr_nonnull(pipeline->name);
    for (; i < SG_PIPE_STAGES_MAX && pipeline->rows[i].stage != NULL; i++) {
        ck_assert_int_ge((int)pipeline->rows[i].phase, (int)phase);
        ck_assert(pipeline->rows[i].when != NULL);
        ck_assert_ptr_nonnull(pipeline->rows[i].stage->name);
        phase = pipeline->rows[i].phase;
    }
    ck_assert_uint_lt(i, SG_PIPE_STAGES_MAX);
}
END_TEST

static bool takes_part(const struct sg_pipeline *pipeline, const struct sg_stage_row *stage)
{
    for (unsigned i = 0; i < SG_PIPE_STAGES_MAX && pipeline->rows[i].stage != NULL; i++) {
        if (pipeline->rows[i].stage == stage)
            return pipeline->rows[i].when(&rig.facts);
    }
    return false;
}

START_TEST(framing_and_payload_hash_follow_the_signed_mode)
{
    static const struct {
        enum sg_payload payload;
        bool framed, hashed;
    } rows[] = {
        {SG_PAYLOAD_SHA256, false, true},          {SG_PAYLOAD_UNSIGNED, false, false},
        {SG_PAYLOAD_CHUNKED_SIGNED, true, false},  {SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, true, false},
        {SG_PAYLOAD_CHUNKED_TRAILER, true, false},
    };
    rig_init(&rig);
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        rig.req->auth.payload = rows[i].payload;
        for (size_t p = 0; p < 2; p++) {
            ck_assert(takes_part(pipelines[p], &sg_stage_aws_chunked) == rows[i].framed);
            ck_assert(takes_part(pipelines[p], &sg_stage_payload_hash) == rows[i].hashed);
        }
    }
    rig_clear(&rig);
}
END_TEST

START_TEST(checks_take_part_when_something_was_declared)
{
    rig_init(&rig);
    for (size_t p = 0; p < 2; p++) {
        rig_facts_upload(&rig, 1);
        ck_assert(!takes_part(pipelines[p], &sg_stage_checksum));
        ck_assert(!takes_part(pipelines[p], &sg_stage_md5));
        rig.facts.checksum = sgc_checksum_row(SGC_CHECKSUM_CRC32);
        rig.facts.has_md5 = true;
        ck_assert(takes_part(pipelines[p], &sg_stage_checksum));
        ck_assert(takes_part(pipelines[p], &sg_stage_md5));
    }
    rig_clear(&rig);
}
END_TEST

START_TEST(length_and_sealing_and_opening_always_take_part)
{
    rig_init(&rig);
    ck_assert(takes_part(&sg_pipe_upload, &sg_stage_length));
    ck_assert(takes_part(&sg_pipe_collect, &sg_stage_length));
    ck_assert(takes_part(&sg_pipe_upload, &sg_stage_encrypt));
    ck_assert(!takes_part(&sg_pipe_collect, &sg_stage_encrypt));
    ck_assert(takes_part(&sg_pipe_download, &sg_stage_decrypt));
    rig_clear(&rig);
}
END_TEST

START_TEST(whole_segments_are_not_cut)
{
    const uint64_t s = SGC_SEGMENT_PLAIN, len = 2 * s + 10;
    const struct {
        uint64_t from, len;
        bool cut;
    } rows[] = {
        {0, len, false},  {0, 2 * s, false}, {s, s + 10, false}, {2 * s, 10, false},
        {0, s, false},    {0, 1, true},      {1, len - 1, true}, {0, len - 1, true},
        {s, s + 9, true}, {2 * s, 9, true},  {1, s - 1, true},   {s - 1, 2, true},
    };
    rig_init(&rig);
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        rig_facts_range(&rig, len, rows[i].from, rows[i].len);
        ck_assert(takes_part(&sg_pipe_download, &sg_stage_range) == rows[i].cut);
    }
    rig_facts_whole(&rig, len);
    ck_assert(!takes_part(&sg_pipe_download, &sg_stage_range));
    rig_facts_whole(&rig, 0);
    ck_assert(!takes_part(&sg_pipe_download, &sg_stage_range));
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("pipe/pipelines", TEST_LOOP(phases_never_go_backwards_and_every_list_ends, SG_COUNT_OF(pipelines)),
             TEST(framing_and_payload_hash_follow_the_signed_mode), TEST(checks_take_part_when_something_was_declared),
             TEST(length_and_sealing_and_opening_always_take_part), TEST(whole_segments_are_not_cut))
