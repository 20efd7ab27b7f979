/*
 * From a parsed request to its row. What is not known is refused: an unknown sub-resource or a header that changes the
 * meaning of a request could move plaintext past the gateway, or ciphertext out of it.
 *
 * Tests: tests/unit/ops/test_ops_table.c
 */
#include "ops/ops.h"

#include "common/banned.h"

enum param_class { PARAM_ROUTE, PARAM_KEEP, PARAM_LOCAL };

struct param_row {
    const char *name;
    enum param_class class_;
};

static const struct param_row params[] = {
#define SG_PARAM(name, class_) {name, PARAM_##class_},
#include "ops/params.def"
#undef SG_PARAM
};

static const struct param_row *param_row(struct sg_bytes name)
{
    for (size_t i = 0; i < SG_COUNT_OF(params); i++) {
        if (sg_bytes_eq_str(name, params[i].name))
            return &params[i];
    }
    return NULL;
}

static enum sg_scope scope_of(const struct sg_target *target)
{
    if (target->bucket.len == 0)
        return SG_SCOPE_SERVICE;
    return target->key.len == 0 ? SG_SCOPE_BUCKET : SG_SCOPE_OBJECT;
}

/* Whether the sub-resources of the request are exactly the one that the row names, and all else is known. */
static bool params_fit(const struct sgs_query *query, const char *wanted)
{
    bool found = wanted == NULL;
    for (size_t i = 0; i < query->count; i++) {
        struct sg_bytes name = sgs_query_at(query, i).name;
        const struct param_row *row = param_row(name);
        if (row == NULL)
            return false;
        if (row->class_ != PARAM_ROUTE)
            continue;
        if (wanted == NULL || !sg_bytes_eq_str(name, wanted))
            return false;
        found = true;
    }
    return found;
}

/* Headers that select an operation of their own; a request that has one never takes a row that does not name it. */
static const char *const selecting_headers[] = {"x-amz-copy-source", "x-amz-write-offset-bytes"};

static bool headers_fit(const struct sgs_headers *headers, const char *wanted)
{
    for (size_t i = 0; i < SG_COUNT_OF(selecting_headers); i++) {
        bool is_wanted = wanted != NULL && sg_bytes_eq_nocase(sg_bytes_str(wanted), sg_bytes_str(selecting_headers[i]));
        if ((sgs_headers_count_of(headers, selecting_headers[i]) > 0) != is_wanted)
            return false;
    }
    return true;
}

const struct sg_op *sg_op_match(const struct sg_req *req)
{
    enum sg_scope scope = scope_of(&req->target);
    for (size_t i = 0; i < SG_OP_COUNT; i++) {
        const struct sg_op *op = &sg_ops[i];
        if (op->scope == scope && sg_bytes_eq_str(req->head.method, op->method) &&
            params_fit(&req->target.query, op->param) && headers_fit(&req->head.headers, op->header))
            return op;
    }
    return NULL;
}

sg_err sg_op_forward_params(const struct sg_req *req, struct sgs_query *out)
{
    for (size_t i = 0; i < req->target.query.count; i++) {
        struct sgs_param param = sgs_query_at(&req->target.query, i);
        const struct param_row *row = param_row(param.name);
        SG_CHECK(row != NULL, NOT_IMPLEMENTED);
        if (row->class_ != PARAM_LOCAL)
            SG_TRY(sgs_query_add(out, param.name, param.value));
    }
    return SG_OK;
}

sg_err sg_op_check_bucket(const struct sg_req *req)
{
    const struct sg_config *config = req->env->config;
    struct sg_bytes bucket = req->target.bucket;
    if (bucket.len == 0)
        return SG_OK;
    SG_CHECK(config->state_bucket == NULL || !sg_bytes_eq_str(bucket, config->state_bucket), ACCESS_DENIED);
    SG_CHECK(sg_config_bucket(config, bucket) != NULL, ACCESS_DENIED);
    return SG_OK;
}
