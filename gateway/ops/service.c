/*
 * ListBuckets: the upstream's list without what clients have no business with: the state bucket, and buckets that no
 * rule of the configuration names.
 *
 * Tests: tests/unit/engine/test_engine.c
 */
#include "ops/exchange.h"

#include "core/reply.h"
#include "pipe/stage_xml.h"

#include "common/banned.h"

static bool is_shown(const struct sg_req *req, struct sg_bytes bucket)
{
    const struct sg_config *config = req->env->config;
    return !sg_bytes_eq_str(bucket, config->state_bucket) && sg_config_bucket(config, bucket) != NULL;
}

static sg_err own_region(const struct sg_req *req, struct sg_bytes text, struct sgc_buf *out)
{
    SG_UNUSED(text);
    return sgc_buf_append_str(out, req->env->config->region);
}

#define BUCKET "ListAllMyBucketsResult/Buckets/Bucket"

static const struct sg_xml_rule rows[] = {
    {.path = BUCKET, .action = SG_XML_HOLD},
    {.path = BUCKET "/Name", .action = SG_XML_TEST, .test = is_shown},
    {.path = BUCKET "/BucketRegion", .action = SG_XML_REWRITE, .rewrite = own_region},
};

static const struct sg_xml_rules rules = {"ListAllMyBucketsResult", rows, SG_COUNT_OF(rows)};

static sg_err head(struct sg_req *req, enum sg_next *next)
{
    *next = SG_NEXT_GO;
    return sg_exchange_rewrite(req, &rules);
}

static sg_err done(struct sg_req *req, enum sg_next *next)
{
    *next = SG_NEXT_REPLY;
    return sg_exchange_reply_error(req);
}

const struct sg_op_fns sg_fns_list_buckets = {.plan = sg_exchange_plan_same, .head = head, .done = done};
