/* The SHA-256 that the client signed as x-amz-content-sha256, compared with that of the body as received. */
#include "pipe/stage.h"

#include "crypto/codec.h"
#include "crypto/ct.h"

#include "common/banned.h"

struct payload_hash {
    struct sgc_hash hash;
    uint8_t expected[SGC_SHA256_LEN];
};

static sg_err payload_hash_init(struct sg_stage *stage)
{
    struct payload_hash *s = stage->state;
    struct sg_bytes hex = stage->facts->req->auth.payload_hash;
    SG_CHECK(sg_is_ok(sgc_hex_decode(hex, s->expected, sizeof(s->expected))), SHA256_INVALID);
    return sgc_hash_init(&s->hash, SGC_HASH_SHA256);
}

static sg_err payload_hash_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct payload_hash *s = stage->state;
    SG_TRY(sgc_hash_update(&s->hash, bytes));
    return sg_stage_emit(stage, bytes);
}

static sg_err payload_hash_finish(struct sg_stage *stage)
{
    struct payload_hash *s = stage->state;
    uint8_t actual[SGC_SHA256_LEN];
    SG_TRY(sgc_hash_final(&s->hash, actual));
    SG_CHECK(sgc_ct_equal(SG_BYTES_ARRAY(actual), SG_BYTES_ARRAY(s->expected)), SHA256_MISMATCH);
    return SG_OK;
}

static void payload_hash_destroy(struct sg_stage *stage)
{
    struct payload_hash *s = stage->state;
    sgc_hash_clear(&s->hash);
}

const struct sg_stage_row sg_stage_payload_hash = {
    .name = "payload_hash",
    .state_size = sizeof(struct payload_hash),
    .init = payload_hash_init,
    .write = payload_hash_write,
    .finish = payload_hash_finish,
    .destroy = payload_hash_destroy,
};
