/*
 * ops.h - the S3 operations: one row each, with what they mean.
 *
 * Idea       An operation is a short conversation with the upstream. plan() builds the first exchange; head() sees its
 *            status and headers, and may start the reply by setting req->down; done() sees its end. Each of them says
 *            what comes next. An operation that has no row does not exist: NotImplemented.
 * Ownership  req->op_state is the operation's, in the request's arena; clear() ends what it holds.
 * Tests      tests/unit/ops/test_ops_table.c: every enum value has a row, no two rows take the same request.
 */
#ifndef SG_OPS_OPS_H
#define SG_OPS_OPS_H

#include "core/req.h"
#include "pipe/pipe.h"
#include "pipe/stage_xml.h"

enum sg_op_id {
    SG_OP_LIST_BUCKETS,
    SG_OP_CREATE_BUCKET,
    SG_OP_HEAD_BUCKET,
    SG_OP_DELETE_BUCKET,
    SG_OP_GET_BUCKET_LOCATION,
    SG_OP_LIST_OBJECTS,
    SG_OP_LIST_OBJECTS_V2,
    SG_OP_DELETE_OBJECTS,
    SG_OP_GET_OBJECT,
    SG_OP_HEAD_OBJECT,
    SG_OP_PUT_OBJECT,
    SG_OP_DELETE_OBJECT,
    SG_OP_COUNT
};

enum sg_scope { SG_SCOPE_SERVICE, SG_SCOPE_BUCKET, SG_SCOPE_OBJECT };

enum sg_body {
    SG_BODY_NONE,   /* a body is refused */
    SG_BODY_XML,    /* collected and verified before plan() */
    SG_BODY_STREAM, /* through req->up, which plan() sets */
};

enum sg_next {
    SG_NEXT_GO,    /* head(): let the exchange run on; its body goes to req->down if that was set, else is collected */
    SG_NEXT_ASK,   /* drop what is left of this exchange; req->main.plan is the next one */
    SG_NEXT_SIDE,  /* head(): hold this exchange's body; req->side is asked and collected, then side() says more */
    SG_NEXT_REPLY, /* drop what is left of this exchange; the reply is built */
};

struct sg_op_fns {
    sg_err (*plan)(struct sg_req *req, enum sg_next *next);
    sg_err (*head)(struct sg_req *req, enum sg_next *next); /* NULL: collect */
    sg_err (*side)(struct sg_req *req, enum sg_next *next); /* NULL: no head() of the operation says SG_NEXT_SIDE */
    sg_err (*done)(struct sg_req *req, enum sg_next *next); /* NULL: only for replies that head() started */
    void (*clear)(struct sg_req *req);                      /* NULL: nothing to clear */
};

struct sg_op {
    const char *name; /* as S3 spells it */
    const char *method;
    enum sg_scope scope;
    const char *param;  /* sub-resource that selects the row; NULL = none may be present */
    const char *header; /* header that selects the row; NULL = none */
    enum sg_body body;
    const char *permission;
    const struct sg_op_fns *fns;
};

extern const struct sg_op sg_ops[SG_OP_COUNT];

/* The row for a parsed request, by method, scope, sub-resource and header. NULL: no such operation. */
const struct sg_op *sg_op_match(const struct sg_req *req);
/* Adds the client's parameters that the upstream may see (params.def: ROUTE and KEEP). */
SG_MUST sg_err sg_op_forward_params(const struct sg_req *req, struct sgs_query *out);
/* Hidden and unconfigured buckets are refused. */
SG_MUST sg_err sg_op_check_bucket(const struct sg_req *req);
/* Bytes that the request will need at most, for admission. */
uint64_t sg_op_memory(const struct sg_req *req);

/* One table of functions per file of this folder. */
extern const struct sg_op_fns sg_fns_list_buckets;
extern const struct sg_op_fns sg_fns_create_bucket;
extern const struct sg_op_fns sg_fns_head_bucket;
extern const struct sg_op_fns sg_fns_delete_bucket;
extern const struct sg_op_fns sg_fns_bucket_location;
extern const struct sg_op_fns sg_fns_list_objects;
extern const struct sg_op_fns sg_fns_delete_objects;
extern const struct sg_op_fns sg_fns_get_object;
extern const struct sg_op_fns sg_fns_head_object;
extern const struct sg_op_fns sg_fns_put_object;
extern const struct sg_op_fns sg_fns_delete_object;

#endif
