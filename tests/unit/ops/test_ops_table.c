/* The table is complete and unambiguous, and what it does not know is refused. */
#include "ops/ops.h"

#include "support/check_main.h"

#include "common/banned.h"

static void ask(struct sg_req *req, const char *method, const char *bucket, const char *key, const char *query)
{
    *req = (struct sg_req){.target.query = SGS_QUERY_NONE, .head.headers = SGS_HEADERS_NONE};
    req->head.method = sg_bytes_str(method);
    req->target.bucket = sg_bytes_str(bucket);
    req->target.key = sg_bytes_str(key);
    ck_ok(sgs_query_parse(sg_bytes_str(query), &req->target.query));
}

static void forget(struct sg_req *req)
{
    sgs_query_clear(&req->target.query);
    sgs_headers_clear(&req->head.headers);
}

START_TEST(every_operation_has_a_complete_row)
{
    for (size_t i = 0; i < SG_OP_COUNT; i++) {
        ck_assert_ptr_nonnull(sg_ops[i].name);
        ck_assert_ptr_nonnull(sg_ops[i].method);
        ck_assert_ptr_nonnull(sg_ops[i].permission);
        ck_assert_ptr_nonnull(sg_ops[i].fns);
        ck_assert(sg_ops[i].fns->plan != NULL);
        ck_assert(sg_ops[i].fns->done != NULL);
    }
}
END_TEST

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

START_TEST(no_two_rows_take_the_same_request)
{
    for (size_t i = 0; i < SG_OP_COUNT; i++) {
        for (size_t j = i + 1; j < SG_OP_COUNT; j++) {
            const struct sg_op *a = &sg_ops[i], *b = &sg_ops[j];
            ck_assert(!(a->scope == b->scope && same(a->method, b->method) && same(a->param, b->param) &&
                        same(a->header, b->header)));
        }
    }
}
END_TEST

struct row {
    const char *method, *bucket, *key, *query, *expected;
};

static const struct row rows[] = {
    {"GET", "", "", "", "ListBuckets"},
    {"GET", "", "", "x-id=ListBuckets", "ListBuckets"},
    {"PUT", "b", "", "", "CreateBucket"},
    {"HEAD", "b", "", "", "HeadBucket"},
    {"DELETE", "b", "", "", "DeleteBucket"},
    {"GET", "b", "", "location", "GetBucketLocation"},
    {"GET", "b", "", "location=", "GetBucketLocation"},
    {"GET", "b", "", "prefix=a&delimiter=/", "ListObjects"},
    {"GET", "b", "", "list-type=2&prefix=a", "ListObjectsV2"},
    {"POST", "b", "", "delete", "DeleteObjects"},
    {"GET", "b", "k", "", "GetObject"},
    {"GET", "b", "k", "versionId=3", "GetObject"},
    {"GET", "b", "k", "response-content-type=a/b&x-id=GetObject", "GetObject"},
    {"HEAD", "b", "k", "", "HeadObject"},
    {"PUT", "b", "k", "x-id=PutObject", "PutObject"},
    {"DELETE", "b", "k", "versionId=1", "DeleteObject"},
    /* what has no row does not exist */
    {"POST", "", "", "", NULL},
    {"POST", "b", "", "", NULL},
    {"POST", "b", "k", "", NULL},
    {"POST", "b", "k", "uploads", NULL},
    {"PUT", "b", "k", "partNumber=1&uploadId=x", NULL},
    {"GET", "b", "k", "acl", NULL},
    {"GET", "b", "k", "torrent", NULL},
    {"GET", "b", "", "policy", NULL},
    {"GET", "b", "", "location&list-type=2", NULL},
    {"GET", "b", "", "unknown-thing", NULL},
    {"GET", "b", "k", "X-AMZ-ALGORITHM=x", NULL},
    {"PUT", "b", "k", "delete", NULL},
    {"PUT", "b", "k", "x-minio-extract=true", NULL},
    {"PATCH", "b", "k", "", NULL},
    {"get", "b", "k", "", NULL},
};

START_TEST(a_request_takes_its_row_or_none)
{
    struct sg_req req;
    const struct row *row = &rows[_i];
    ask(&req, row->method, row->bucket, row->key, row->query);
    const struct sg_op *op = sg_op_match(&req);
    if (row->expected == NULL)
        ck_assert_msg(op == NULL, "%s ?%s became %s", row->method, row->query, op->name);
    else
        ck_assert_msg(op != NULL && strcmp(op->name, row->expected) == 0, "%s ?%s", row->method, row->query);
    forget(&req);
}
END_TEST

START_TEST(a_copy_is_not_taken_for_an_upload)
{
    struct sg_req req;
    ask(&req, "PUT", "b", "k", "");
    ck_ok(sgs_headers_add_str(&req.head.headers, "X-Amz-Copy-Source", "/a/b"));
    ck_assert_ptr_null(sg_op_match(&req));
    forget(&req);
}
END_TEST

START_TEST(only_known_parameters_are_forwarded)
{
    struct sg_req req;
    struct sgs_query out = SGS_QUERY_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(256);
    ask(&req, "GET", "b", "", "list-type=2&prefix=a%20b&X-Amz-Signature=00&x-id=y&max-keys=3");
    ck_ok(sg_op_forward_params(&req, &out));
    ck_ok(sgs_query_print(&out, NULL, &text));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&text), "list-type=2&max-keys=3&prefix=a%20b"));
    sgs_query_clear(&out);
    forget(&req);
}
END_TEST

SG_TEST_MAIN("ops/ops_table", TEST(every_operation_has_a_complete_row), TEST(no_two_rows_take_the_same_request),
             TEST_LOOP(a_request_takes_its_row_or_none, SG_COUNT_OF(rows)), TEST(a_copy_is_not_taken_for_an_upload),
             TEST(only_known_parameters_are_forwarded))
