/*
 * ListObjects and ListObjectsV2: sizes and ETags as clients know them, by arithmetic on what the upstream lists, so
 * that a listing of any length costs one request.
 *
 * Tests: tests/unit/engine/test_engine.c
 */
#include "ops/exchange.h"

#include "crypto/layout.h"
#include "ops/etag.h"
#include "pipe/stage_xml.h"

#include "common/banned.h"

/* A size that no plaintext gives is not ours and is shown as it is. */
static sg_err plain_size(const struct sg_req *req, struct sg_bytes text, struct sgc_buf *out)
{
    uint64_t stored, plain;
    SG_UNUSED(req);
    SG_CHECK(sg_bytes_to_u64(text, &stored), UPSTREAM_PROTOCOL);
    if (!sgc_layout_plain(stored, &plain))
        plain = stored;
    return sgc_buf_appendf(out, "%llu", (unsigned long long)plain);
}

static sg_err client_etag(const struct sg_req *req, struct sg_bytes text, struct sgc_buf *out)
{
    SG_UNUSED(req);
    return sg_etag_out(text, out);
}

#define ENTRY "ListBucketResult/Contents"

static const struct sg_xml_rule rows[] = {
    {.path = ENTRY "/Size", .action = SG_XML_REWRITE, .rewrite = plain_size},
    {.path = ENTRY "/ETag", .action = SG_XML_REWRITE, .rewrite = client_etag},
    {.path = ENTRY "/ChecksumAlgorithm", .action = SG_XML_DROP},
    {.path = ENTRY "/ChecksumType", .action = SG_XML_DROP},
    {.path = ENTRY "/UserMetadata", .action = SG_XML_DROP},
};

static const struct sg_xml_rules rules = {"ListBucketResult", rows, SG_COUNT_OF(rows)};

static sg_err plan(struct sg_req *req, enum sg_next *next)
{
    struct sg_bytes type;
    if (sgs_query_find(&req->target.query, "list-type", &type))
        SG_CHECK(sg_bytes_eq_str(type, "2"), INVALID_ARGUMENT);
    return sg_exchange_plan_same(req, next);
}

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

const struct sg_op_fns sg_fns_list_objects = {.plan = plan, .head = head, .done = done};
