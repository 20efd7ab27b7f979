/* x-amz-content-sha256 against the body. */
#include "unit/pipe/rig.h"

#include "s3client/sigv4.h"

#include "common/banned.h"

#define HELLO_SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static struct rig rig;
static struct sgc_buf out;

static sg_err run(const char *hash, const char *body)
{
    rig_init(&rig);
    out = SGC_BUF_INIT(SG_KIB);
    rig.req->auth.payload = SG_PAYLOAD_SHA256;
    rig.req->auth.payload_hash = sg_bytes_str(hash);
    rig_facts_upload(&rig, strlen(body));
    rig.piece_max = 2;
    sg_err err = rig_collect(&rig, &sg_pipe_collect, sg_bytes_str(body), &out);
    ck_assert_uint_eq(out.len, sg_is_ok(err) ? strlen(body) : 0);
    sgc_buf_clear(&out);
    rig_clear(&rig);
    return err;
}

START_TEST(the_right_hash_passes_in_either_case)
{
    ck_ok(run(HELLO_SHA256, "hello"));
    ck_ok(run("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824", "hello"));
    ck_ok(run(SGS_EMPTY_SHA256, ""));
}
END_TEST

START_TEST(another_body_or_hash_is_a_mismatch)
{
    ck_fails(run(HELLO_SHA256, "hellp"), SHA256_MISMATCH);
    ck_fails(run(HELLO_SHA256, ""), SHA256_MISMATCH);
    ck_fails(run(HELLO_SHA256, "hello\n"), SHA256_MISMATCH);
    ck_fails(run(SGS_EMPTY_SHA256, "hello"), SHA256_MISMATCH);
    ck_fails(run("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9825", "hello"), SHA256_MISMATCH);
    ck_fails(run("0000000000000000000000000000000000000000000000000000000000000000", "hello"), SHA256_MISMATCH);
}
END_TEST

START_TEST(what_is_no_hash_is_refused)
{
    ck_fails(run("", "hello"), SHA256_INVALID);
    ck_fails(run("2cf2", "hello"), SHA256_INVALID);
    ck_fails(run(HELLO_SHA256 "00", "hello"), SHA256_INVALID);
    ck_fails(run("UNSIGNED-PAYLOAD", "hello"), SHA256_INVALID);
    ck_fails(run("zcf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "hello"), SHA256_INVALID);
}
END_TEST

SG_TEST_MAIN("pipe/stage_payload_hash", TEST(the_right_hash_passes_in_either_case),
             TEST(another_body_or_hash_is_a_mismatch), TEST(what_is_no_hash_is_refused))
