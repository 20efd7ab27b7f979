/* Content-MD5, which old clients still send, compared with the MD5 of the plaintext. */
#include "pipe/stage.h"

#include "crypto/ct.h"

#include "common/banned.h"

static sg_err md5_init(struct sg_stage *stage)
{
    struct sgc_hash *hash = stage->state;
    return sgc_hash_init(hash, SGC_HASH_MD5);
}

static sg_err md5_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct sgc_hash *hash = stage->state;
    SG_TRY(sgc_hash_update(hash, bytes));
    return sg_stage_emit(stage, bytes);
}

static sg_err md5_finish(struct sg_stage *stage)
{
    struct sgc_hash *hash = stage->state;
    uint8_t actual[SGC_MD5_LEN];
    SG_TRY(sgc_hash_final(hash, actual));
    SG_CHECK(sgc_ct_equal(SG_BYTES_ARRAY(actual), SG_BYTES_ARRAY(stage->facts->md5)), MD5_MISMATCH);
    return SG_OK;
}

static void md5_destroy(struct sg_stage *stage)
{
    struct sgc_hash *hash = stage->state;
    sgc_hash_clear(hash);
}

const struct sg_stage_row sg_stage_md5 = {
    .name = "md5",
    .state_size = sizeof(struct sgc_hash),
    .init = md5_init,
    .write = md5_write,
    .finish = md5_finish,
    .destroy = md5_destroy,
};
