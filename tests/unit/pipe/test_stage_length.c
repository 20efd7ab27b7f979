/* The declared length against the real one; the bound of bodies that declare none. */
#include "unit/pipe/rig.h"

#include "common/banned.h"

static struct rig rig;
static struct sgc_buf out;
static uint8_t body[200000];

static sg_err run(uint64_t declared, uint64_t most, size_t len)
{
    rig_init(&rig);
    out = SGC_BUF_INIT(SG_MIB);
    rig_facts_upload(&rig, declared);
    rig.facts.plain_max = most;
    rig.piece_max = 70000;
    sg_err err = rig_collect(&rig, &sg_pipe_collect, sg_bytes(body, len), &out);
    ck_assert_uint_eq(out.len, sg_is_ok(err) ? len : 0);
    sgc_buf_clear(&out);
    rig_clear(&rig);
    return err;
}

START_TEST(a_body_of_the_declared_length_passes)
{
    ck_ok(run(0, 0, 0));
    ck_ok(run(1, 1, 1));
    ck_ok(run(sizeof(body), 0, sizeof(body)));
}
END_TEST

START_TEST(a_body_of_another_length_is_refused)
{
    ck_fails(run(0, 0, 1), INCOMPLETE_BODY);
    ck_fails(run(1, 1, 0), INCOMPLETE_BODY);
    ck_fails(run(1, 100, 2), INCOMPLETE_BODY);
    ck_fails(run(sizeof(body) - 1, 0, sizeof(body)), INCOMPLETE_BODY);
    ck_fails(run(sizeof(body) + 1, 0, sizeof(body)), INCOMPLETE_BODY);
    ck_fails(run(SGC_PLAIN_MAX, 0, sizeof(body)), INCOMPLETE_BODY);
}
END_TEST

START_TEST(a_body_without_a_length_has_a_bound)
{
    ck_ok(run(SG_LENGTH_UNKNOWN, 0, 0));
    ck_ok(run(SG_LENGTH_UNKNOWN, 10, 10));
    ck_ok(run(SG_LENGTH_UNKNOWN, 10, 0));
    ck_fails(run(SG_LENGTH_UNKNOWN, 10, 11), BODY_TOO_LARGE);
    ck_fails(run(SG_LENGTH_UNKNOWN, 0, 1), BODY_TOO_LARGE);
    ck_fails(run(SG_LENGTH_UNKNOWN, sizeof(body) - 1, sizeof(body)), BODY_TOO_LARGE);
}
END_TEST

START_TEST(a_body_that_is_too_long_is_refused_at_the_first_byte_too_many)
{
    struct sg_pipe *pipe;
    size_t taken;
    rig_init(&rig);
    out = SGC_BUF_INIT(SG_MIB);
    rig_facts_upload(&rig, 10);
    ck_ok(sg_pipe_new_collecting(&sg_pipe_collect, &rig.facts, &out, &pipe));
    ck_ok(sg_pipe_push(pipe, sg_bytes(body, 10), &taken));
    ck_fails(sg_pipe_push(pipe, sg_bytes(body, 1), &taken), INCOMPLETE_BODY);
    sg_pipe_free(pipe);
    sgc_buf_clear(&out);
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("pipe/stage_length", TEST(a_body_of_the_declared_length_passes), TEST(a_body_of_another_length_is_refused),
             TEST(a_body_without_a_length_has_a_bound),
             TEST(a_body_that_is_too_long_is_refused_at_the_first_byte_too_many))
