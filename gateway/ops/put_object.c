/*
 * PutObject: a fresh data key, the metadata sealed, the body encrypted as it streams. The upstream's Content-Length is
 * known before the first byte, and the last segment and the footer are held back until every check has passed, so that
 * a bad upload never becomes an object.
 *
 * Tests: tests/unit/engine/test_engine.c
 */
#include "ops/body_facts.h"
#include "ops/exchange.h"
#include "ops/header_policy.h"
#include "ops/sealed.h"

#include "crypto/codec.h"

#include "common/banned.h"

struct put_state {
    struct sg_pipe_facts facts;
    struct sg_sealed sealed;
};

/* A checksum that came in a header is known now and kept with the metadata; one in a trailer goes to the footer. */
static sg_err keep_checksum(const struct sg_pipe_facts *facts, struct sgc_metadata *metadata)
{
    char text[SGC_BASE64_LEN(SGC_CHECKSUM_MAX_LEN)];
    if (facts->checksum == NULL || facts->checksum_in_trailer)
        return SG_OK;
    sgc_base64_encode(sg_bytes(facts->checksum_value, facts->checksum->len), text);
    return sgc_metadata_add(metadata, SGC_METADATA_CHECKSUM, sg_bytes_str(facts->checksum->name),
                            sg_bytes(text, SGC_BASE64_LEN(facts->checksum->len)));
}

/* Conditions that S3 does not have on a write must not be ignored: the client counts on them. */
static sg_err check_conditions(const struct sg_req *req)
{
    struct sg_bytes value;
    if (sgs_headers_find(&req->head.headers, "if-none-match", &value))
        SG_CHECK(sg_bytes_eq_str(sg_bytes_trim(value), "*"), NOT_IMPLEMENTED);
    return SG_OK;
}

static size_t block_size(uint64_t body_len)
{
    return body_len < SGC_SEGMENT_SEALED ? (size_t)body_len : SGC_SEGMENT_SEALED;
}

static sg_err plan(struct sg_req *req, enum sg_next *next)
{
    SG_TRY(sg_exchange_state(req, sizeof(struct put_state)));
    struct put_state *state = req->op_state;
    state->sealed = SG_SEALED_NONE;
    SG_TRY(check_conditions(req));
    SG_TRY(sg_body_facts(req, SGC_PLAIN_MAX_PUT, true, &state->facts));
    SG_TRY(sg_headers_collect_metadata(req, &state->sealed.metadata));
    SG_TRY(keep_checksum(&state->facts, &state->sealed.metadata));
    SG_TRY(sg_exchange_plan(req, "PUT"));
    SG_TRY(sg_sealed_create(req, state->facts.plain_len, &state->sealed, &req->main.plan.headers));
    if (!state->sealed.meta_sealed)
        SG_TRY(sg_headers_forward_metadata(req, &req->main.plan.headers));
    state->facts.keys = &state->sealed.keys;
    req->main.plan.has_body = true;
    req->main.plan.body_len = sgc_layout_sealed(state->facts.plain_len);
    *next = SG_NEXT_ASK;
    return sg_pipe_new(&sg_pipe_upload, &state->facts, block_size(req->main.plan.body_len),
                       req->main.plan.body_len <= SG_LIMIT_REPLAY, &req->up);
}

static sg_err done(struct sg_req *req, enum sg_next *next)
{
    const struct put_state *state = req->op_state;
    *next = SG_NEXT_REPLY;
    if (sg_exchange_has_failed(req))
        return sg_exchange_reply_error(req);
    SG_TRY(sg_exchange_reply_head(req));
    SG_TRY(sg_exchange_reply_encrypted(req));
    return sg_body_echo_checksum(req, &state->facts);
}

static void clear(struct sg_req *req)
{
    struct put_state *state = req->op_state;
    sg_sealed_clear(&state->sealed);
}

const struct sg_op_fns sg_fns_put_object = {.plan = plan, .done = done, .clear = clear};
