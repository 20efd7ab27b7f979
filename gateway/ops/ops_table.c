/*
 * The operations. A request takes the row whose method, scope, sub-resource and header it has; sub-resources that no
 * row names are refused before (params.def), so a row without one takes requests without any.
 */
#include "ops/ops.h"

#include "common/banned.h"

/* clang-format off */
const struct sg_op sg_ops[SG_OP_COUNT] = {
/*                              name                  method    scope              sub-resource  header  body             permission                functions */
[SG_OP_LIST_BUCKETS]        = { "ListBuckets",        "GET",    SG_SCOPE_SERVICE,  NULL,         NULL,   SG_BODY_NONE,    "s3:ListAllMyBuckets",    &sg_fns_list_buckets },
[SG_OP_CREATE_BUCKET]       = { "CreateBucket",       "PUT",    SG_SCOPE_BUCKET,   NULL,         NULL,   SG_BODY_XML,     "s3:CreateBucket",        &sg_fns_create_bucket },
[SG_OP_HEAD_BUCKET]         = { "HeadBucket",         "HEAD",   SG_SCOPE_BUCKET,   NULL,         NULL,   SG_BODY_NONE,    "s3:ListBucket",          &sg_fns_head_bucket },
[SG_OP_DELETE_BUCKET]       = { "DeleteBucket",       "DELETE", SG_SCOPE_BUCKET,   NULL,         NULL,   SG_BODY_NONE,    "s3:DeleteBucket",        &sg_fns_delete_bucket },
[SG_OP_GET_BUCKET_LOCATION] = { "GetBucketLocation",  "GET",    SG_SCOPE_BUCKET,   "location",   NULL,   SG_BODY_NONE,    "s3:GetBucketLocation",   &sg_fns_bucket_location },
[SG_OP_LIST_OBJECTS]        = { "ListObjects",        "GET",    SG_SCOPE_BUCKET,   NULL,         NULL,   SG_BODY_NONE,    "s3:ListBucket",          &sg_fns_list_objects },
[SG_OP_LIST_OBJECTS_V2]     = { "ListObjectsV2",      "GET",    SG_SCOPE_BUCKET,   "list-type",  NULL,   SG_BODY_NONE,    "s3:ListBucket",          &sg_fns_list_objects },
[SG_OP_DELETE_OBJECTS]      = { "DeleteObjects",      "POST",   SG_SCOPE_BUCKET,   "delete",     NULL,   SG_BODY_XML,     "s3:DeleteObject",        &sg_fns_delete_objects },
[SG_OP_GET_OBJECT]          = { "GetObject",          "GET",    SG_SCOPE_OBJECT,   NULL,         NULL,   SG_BODY_NONE,    "s3:GetObject",           &sg_fns_get_object },
[SG_OP_HEAD_OBJECT]         = { "HeadObject",         "HEAD",   SG_SCOPE_OBJECT,   NULL,         NULL,   SG_BODY_NONE,    "s3:GetObject",           &sg_fns_head_object },
[SG_OP_PUT_OBJECT]          = { "PutObject",          "PUT",    SG_SCOPE_OBJECT,   NULL,         NULL,   SG_BODY_STREAM,  "s3:PutObject",           &sg_fns_put_object },
[SG_OP_DELETE_OBJECT]       = { "DeleteObject",       "DELETE", SG_SCOPE_OBJECT,   NULL,         NULL,   SG_BODY_NONE,    "s3:DeleteObject",        &sg_fns_delete_object },
};
/* clang-format on */
