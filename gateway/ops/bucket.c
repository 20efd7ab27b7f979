/*
 * Buckets themselves. Clients know the gateway's region, never the upstream's: a client that hears another region signs
 * its next request for that one.
 *
 * Tests: tests/unit/engine/test_engine.c
 */
#include "ops/exchange.h"

#include "core/reply.h"
#include "s3client/xml_read.h"
#include "s3client/xml_write.h"

#include "common/banned.h"

#define REGION_DEFAULT "us-east-1"

/* --- CreateBucket --- */

static sg_err create_on_text(void *ctx, struct sg_bytes path, struct sg_bytes text)
{
    struct sgc_buf *region = ctx;
    if (!sg_bytes_eq_str(path, "CreateBucketConfiguration/LocationConstraint"))
        return SG_OK;
    sgc_buf_truncate(region, 0);
    return sgc_buf_append(region, text);
}

static sg_err create_on_open(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    static const char *const known[] = {"CreateBucketConfiguration", "CreateBucketConfiguration/LocationConstraint"};
    SG_UNUSED(ctx);
    SG_UNUSED(name);
    for (size_t i = 0; i < SG_COUNT_OF(known); i++) {
        if (sg_bytes_eq_str(path, known[i]))
            return SG_OK;
    }
    /* Directory buckets, tags at creation: nothing that may be dropped silently. */
    SG_FAIL(NOT_IMPLEMENTED);
}

static sg_err read_constraint(struct sg_bytes xml, struct sgc_buf *region)
{
    static const struct sgs_xml_events events = {.on_open = create_on_open, .on_text = create_on_text};
    struct sgs_xml_reader *reader;
    SG_TRY(sgs_xml_reader_new(&events, region, SG_LIMIT_XML_BODY, &reader));
    sg_err err = sgs_xml_reader_feed(reader, xml);
    if (sg_is_ok(err))
        err = sgs_xml_reader_finish(reader);
    sgs_xml_reader_free(reader);
    return err;
}

/* The upstream is asked for its own region, whatever name the client has for ours. */
static sg_err print_constraint(struct sg_req *req)
{
    const char *region = req->env->config->upstream.region;
    sgc_buf_truncate(&req->body, 0);
    if (strcmp(region, REGION_DEFAULT) == 0)
        return SG_OK;
    SG_TRY(sgs_xml_begin(&req->body, "CreateBucketConfiguration", SGS_XML_S3_NAMESPACE));
    SG_TRY(sgs_xml_leaf(&req->body, "LocationConstraint", sg_bytes_str(region)));
    return sgs_xml_close(&req->body, "CreateBucketConfiguration");
}

static sg_err create_plan(struct sg_req *req, enum sg_next *next)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf region = SGC_BUF_INIT(SG_LIMIT_XML_TEXT);
    if (req->body.len > 0)
        SG_TRY(read_constraint(sgc_buf_view(&req->body), &region));
    if (region.len > 0 && req->env->config->strict_region)
        SG_CHECK(sg_bytes_eq_str(sgc_buf_view(&region), req->env->config->region), LOCATION_CONSTRAINT);
    *next = SG_NEXT_ASK;
    SG_TRY(sg_exchange_plan(req, "PUT"));
    SG_TRY(print_constraint(req));
    req->main.send = sgc_buf_view(&req->body);
    req->main.plan.has_body = true;
    req->main.plan.body_len = req->main.send.len;
    return SG_OK;
}

static sg_err create_done(struct sg_req *req, enum sg_next *next)
{
    struct sg_bytes location;
    SG_TRY(sg_exchange_done_head(req, next));
    if (sg_exchange_has_failed(req))
        return SG_OK;
    SG_TRY(sg_arena_printf(&req->arena, &location, "/%.*s", SG_BYTES_FMT(req->target.bucket)));
    return sgs_headers_add(&req->reply_headers, SG_BYTES_LIT("Location"), location);
}

const struct sg_op_fns sg_fns_create_bucket = {.plan = create_plan, .done = create_done};

/* --- HeadBucket, DeleteBucket --- */

static sg_err head_done(struct sg_req *req, enum sg_next *next)
{
    SG_TRY(sg_exchange_done_head(req, next));
    return sgs_headers_add_str(&req->reply_headers, "x-amz-bucket-region", req->env->config->region);
}

const struct sg_op_fns sg_fns_head_bucket = {.plan = sg_exchange_plan_same, .done = head_done};
const struct sg_op_fns sg_fns_delete_bucket = {.plan = sg_exchange_plan_same, .done = sg_exchange_done_head};

/* --- GetBucketLocation --- */

static sg_err location_done(struct sg_req *req, enum sg_next *next)
{
    const char *region = req->env->config->region;
    SG_TRY(sg_exchange_done_head(req, next));
    if (sg_exchange_has_failed(req))
        return SG_OK;
    SG_TRY(sgs_headers_add_str(&req->reply_headers, "Content-Type", "application/xml"));
    SG_TRY(sgs_xml_begin(&req->reply_body, "LocationConstraint", SGS_XML_S3_NAMESPACE));
    /* S3 says nothing for its first region. */
    if (strcmp(region, REGION_DEFAULT) != 0)
        SG_TRY(sgs_xml_text(&req->reply_body, sg_bytes_str(region)));
    return sgs_xml_close(&req->reply_body, "LocationConstraint");
}

const struct sg_op_fns sg_fns_bucket_location = {.plan = sg_exchange_plan_same, .done = location_done};
