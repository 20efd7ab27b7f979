/* Content-MD5 against the body: the right value passes, and every single bit of it counts. */
#include "unit/pipe/rig.h"

#include "common/banned.h"

static struct rig rig;
static struct sgc_buf out;

static const uint8_t hello_md5[SGC_MD5_LEN] = {0x5d, 0x41, 0x40, 0x2a, 0xbc, 0x4b, 0x2a, 0x76,
                                               0xb9, 0x71, 0x9d, 0x91, 0x10, 0x17, 0xc5, 0x92};

static sg_err run(const char *body, unsigned wrong_bit)
{
    rig_init(&rig);
    out = SGC_BUF_INIT(SG_KIB);
    rig_facts_upload(&rig, strlen(body));
    rig.facts.has_md5 = true;
    memcpy(rig.facts.md5, hello_md5, SGC_MD5_LEN);
    if (wrong_bit < SGC_MD5_LEN * 8)
        rig.facts.md5[wrong_bit / 8] ^= (uint8_t)(1u << wrong_bit % 8);
    rig.piece_max = 2;
    sg_err err = rig_collect(&rig, &sg_pipe_collect, sg_bytes_str(body), &out);
    ck_assert_uint_eq(out.len, sg_is_ok(err) ? strlen(body) : 0);
    sgc_buf_clear(&out);
    rig_clear(&rig);
    return err;
}

#define NO_BIT (SGC_MD5_LEN * 8)

START_TEST(the_right_md5_passes)
{
    ck_ok(run("hello", NO_BIT));
}
END_TEST

START_TEST(another_body_is_a_mismatch)
{
    ck_fails(run("hellp", NO_BIT), MD5_MISMATCH);
    ck_fails(run("", NO_BIT), MD5_MISMATCH);
    ck_fails(run("hello ", NO_BIT), MD5_MISMATCH);
}
END_TEST

START_TEST(every_bit_of_the_md5_counts)
{
    ck_fails(run("hello", (unsigned)_i), MD5_MISMATCH);
}
END_TEST

SG_TEST_MAIN("pipe/stage_md5", TEST(the_right_md5_passes), TEST(another_body_is_a_mismatch),
             TEST_LOOP(every_bit_of_the_md5_counts, NO_BIT))
