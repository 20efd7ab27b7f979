/*
 * exchange.h - what most operations do alike: ask the upstream for the same thing, pass its answer or its error on.
 *
 * Tests      tests/unit/engine/test_engine.c
 */
#ifndef SG_OPS_EXCHANGE_H
#define SG_OPS_EXCHANGE_H

#include "ops/ops.h"

/* req->main.plan := `method` on the request's own bucket and key, with the headers and parameters that may pass. */
SG_MUST sg_err sg_exchange_plan(struct sg_req *req, const char *method);
/* The same for any exchange of the request. */
SG_MUST sg_err sg_exchange_plan_for(const struct sg_req *req, const char *method, struct sgs_plan *out);
/* A further request must speak of the same object as the answer in req->main: If-Match with its ETag, unless the client
 * has a condition of its own. */
SG_MUST sg_err sg_exchange_pin(const struct sg_req *req, struct sgs_plan *plan);
/* The reply is the upstream's status and the headers that may pass, without a body. */
SG_MUST sg_err sg_exchange_reply_head(struct sg_req *req);
/* The reply is the upstream's error (status 304 and above), its body being in req->main.collected. */
SG_MUST sg_err sg_exchange_reply_error(struct sg_req *req);
static inline bool sg_exchange_has_failed(const struct sg_req *req)
{
    return req->main.status >= 300;
}
/* done() of operations that answer with a head alone. */
SG_MUST sg_err sg_exchange_done_head(struct sg_req *req, enum sg_next *next);
/* plan() of operations that ask for what they were asked for. */
SG_MUST sg_err sg_exchange_plan_same(struct sg_req *req, enum sg_next *next);
/* head() of listings: the answer streams through the table; errors are collected. */
SG_MUST sg_err sg_exchange_rewrite(struct sg_req *req, const struct sg_xml_rules *rules);
/* What S3 says of an object that a KMS key encrypts: it keeps clients from comparing ETags with MD5 sums. */
SG_MUST sg_err sg_exchange_reply_encrypted(struct sg_req *req);
/* State of `size` zeroed bytes for the operation, kept in req->op_state. */
SG_MUST sg_err sg_exchange_state(struct sg_req *req, size_t size);

#endif
