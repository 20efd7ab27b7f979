/*
 * Whole requests through engine, operations, pipes and crypto, with a client and an upstream that the test plays:
 * uploads, listings, deletes, buckets, admission.
 */
#include "unit/engine/object.h"

#include "crypto/layout.h"
#include "support/check_main.h"

#include "common/banned.h"

/* --- uploads --- */

static const size_t sizes[] = {0, 1, 1000, 65535, 65536, 65537, 131072, 300000};

START_TEST(what_is_put_can_be_read_again)
{
    struct stored s;
    struct world w;
    struct sg_bytes value;
    const char *const headers[] = {"Content-Type", "text/plain", "x-amz-meta-color", "blue", NULL};
    size_t len = sizes[_i];
    put(&s, "/bucket/a%20key", len, headers);
    world_init(&w);
    world_ask(&w, "GET", "/bucket/a%20key", NULL, 0);
    ck_assert_str_eq(w.exchange.url, "https://upstream:9000/bucket/a%20key");
    answer_get(&w, &s, 0, s.body.len, 16384);
    ck_assert(w.reply_complete && w.status == 200);
    ck_assert_uint_eq(w.reply_len, len);
    ck_assert(sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(plain, len)));
    ck_assert(sgs_headers_find(&w.reply_headers, "content-type", &value) && sg_bytes_eq_str(value, "text/plain"));
    ck_assert(sgs_headers_find(&w.reply_headers, "x-amz-meta-color", &value) && sg_bytes_eq_str(value, "blue"));
    ck_assert(sgs_headers_find(&w.reply_headers, "etag", &value) && sg_bytes_has_suffix(value, SG_BYTES_LIT("-0\"")));
    ck_assert_uint_eq(sgs_headers_count_of(&w.reply_headers, "x-amz-meta-sealgate"), 0);
    world_clear(&w);
    sgc_buf_clear(&s.body);
}
END_TEST

START_TEST(an_upload_that_fails_its_check_never_gets_its_last_bytes) /* FMT-52 */
{
    struct world w;
    const char *const headers[] = {"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==", NULL};
    size_t len = sizes[_i];
    if (len == 0)
        return;
    world_init(&w);
    world_ask(&w, "PUT", "/bucket/key", headers, len);
    world_body(&w, sg_bytes(plain, len));
    world_body_end(&w);
    ck_assert(w.exchange.cancelled);
    ck_assert_uint_lt(w.exchange.body.len, w.exchange.body_len);
    ck_assert(w.reply_complete && w.status == 400);
    ck_assert_str_eq(world_error_code(&w), "BadDigest");
    world_clear(&w);
}
END_TEST

START_TEST(a_client_that_goes_takes_its_upload_along)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "PUT", "/bucket/key", NULL, sizeof(plain));
    world_body(&w, sg_bytes(plain, 200000));
    world_gone(&w);
    ck_assert(w.exchange.cancelled);
    world_clear(&w);
}
END_TEST

START_TEST(an_early_refusal_of_the_upstream_reaches_the_client)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "PUT", "/bucket/key", NULL, sizeof(plain));
    world_body(&w, sg_bytes(plain, 100000));
    world_answer_head(&w, 404, NULL);
    world_answer_body(&w, SG_BYTES_LIT("<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>"), 10);
    world_answer_end(&w, SG_OK);
    ck_assert(w.reply_complete && w.status == 404);
    ck_assert_str_eq(world_error_code(&w), "NoSuchBucket");
    world_clear(&w);
}
END_TEST

START_TEST(an_early_success_of_the_upstream_is_not_believed)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "PUT", "/bucket/key", NULL, sizeof(plain));
    world_body(&w, sg_bytes(plain, 100000));
    world_answer_head(&w, 200, put_ok);
    world_answer_end(&w, SG_OK);
    ck_assert(w.reply_complete && w.status == 502);
    world_clear(&w);
}
END_TEST

START_TEST(a_lost_upstream_asks_the_client_to_come_again)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "PUT", "/bucket/key", NULL, 10);
    world_body(&w, sg_bytes(plain, 10));
    world_body_end(&w);
    world_answer_end(&w, SG_ERR_OF(UPSTREAM_LOST));
    ck_assert(w.reply_complete && w.status == 503);
    ck_assert_str_eq(world_error_code(&w), "SlowDown");
    world_clear(&w);
}
END_TEST

START_TEST(the_gateways_own_credentials_are_not_the_clients_fault)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "DELETE", "/bucket/key", NULL, 0);
    world_answer_head(&w, 403, NULL);
    world_answer_body(&w, SG_BYTES_LIT("<Error><Code>SignatureDoesNotMatch</Code></Error>"), 100);
    world_answer_end(&w, SG_OK);
    ck_assert_int_eq(w.status, 502);
    world_clear(&w);
}
END_TEST

/* --- lists, deletes, buckets --- */

START_TEST(a_listing_shows_plaintext_sizes_and_client_etags)
{
    static const char in[] =
        "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\"><Name>bucket</Name>"
        "<Contents><Key>a&amp;b</Key><Size>233</Size><ETag>&quot;abc&quot;</ETag>"
        "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><StorageClass>STANDARD</StorageClass></Contents>"
        "<Contents><Key>foreign</Key><Size>7</Size><ETag>\"d-2\"</ETag></Contents>"
        "<IsTruncated>false</IsTruncated></ListBucketResult>";
    static const char expected[] =
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name>"
        "<Contents><Key>a&amp;b</Key><Size>1</Size><ETag>&quot;abc-0&quot;</ETag>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        "<Contents><Key>foreign</Key><Size>7</Size><ETag>&quot;d-2&quot;</ETag></Contents>"
        "<IsTruncated>false</IsTruncated></ListBucketResult>";
    struct world w;
    world_init(&w);
    world_ask(&w, "GET", "/bucket?list-type=2&prefix=a", NULL, 0);
    ck_assert_str_eq(w.exchange.url, "https://upstream:9000/bucket?list-type=2&prefix=a");
    world_answer_head(&w, 200, NULL);
    world_answer_body(&w, sg_bytes(in, sizeof(in) - 1), (size_t)_i + 1);
    world_answer_end(&w, SG_OK);
    ck_assert(w.reply_complete && w.status == 200);
    ck_assert_msg(sg_bytes_has_suffix(sgc_buf_view(&w.reply), sg_bytes(expected, sizeof(expected) - 1)), "%.*s",
                  SG_BYTES_FMT(sgc_buf_view(&w.reply)));
    world_clear(&w);
}
END_TEST

START_TEST(the_state_bucket_and_unknown_buckets_are_hidden)
{
    static const char in[] = "<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets>"
                             "<Bucket><Name>state</Name></Bucket><Bucket><Name>bucket</Name></Bucket>"
                             "<Bucket><Name>unknown</Name></Bucket><Bucket><Name>pass</Name></Bucket>"
                             "</Buckets></ListAllMyBucketsResult>";
    struct world w;
    world_init(&w);
    world_ask(&w, "GET", "/", NULL, 0);
    world_answer_head(&w, 200, NULL);
    world_answer_body(&w, sg_bytes(in, sizeof(in) - 1), 11);
    world_answer_end(&w, SG_OK);
    ck_assert(sg_bytes_has_suffix(
        sgc_buf_view(&w.reply), SG_BYTES_LIT("<Buckets><Bucket><Name>bucket</Name></Bucket>"
                                             "<Bucket><Name>pass</Name></Bucket></Buckets></ListAllMyBucketsResult>")));
    world_clear(&w);
}
END_TEST

static const char *const closed_targets[] = {"/state", "/state/key", "/unknown", "/unknown/key"};

START_TEST(hidden_buckets_are_refused)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "GET", closed_targets[_i], NULL, 0);
    ck_assert(w.exchange_count == 0 && w.status == 403);
    ck_assert_str_eq(world_error_code(&w), "AccessDenied");
    world_clear(&w);
}
END_TEST

START_TEST(a_malformed_listing_breaks_the_reply)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "GET", "/bucket", NULL, 0);
    world_answer_head(&w, 200, NULL);
    world_answer_body(&w, SG_BYTES_LIT("<ListBucketResult><Contents></ListBucketResult>"), 100);
    world_answer_end(&w, SG_OK);
    ck_assert(w.reply_broken);
    world_clear(&w);
}
END_TEST

START_TEST(a_delete_list_is_rewritten_for_the_upstream)
{
    static const char list[] = "<Delete><Object><Key>a</Key><ETag>\"x-0\"</ETag><Size>1</Size></Object></Delete>";
    const char *const headers[] = {"Content-MD5", "+1PUGUBlXi/a1szFNkvDEg==", NULL};
    struct world w;
    world_init(&w);
    world_ask(&w, "POST", "/bucket?delete", headers, sizeof(list) - 1);
    world_body(&w, sg_bytes(list, sizeof(list) - 1));
    world_body_end(&w);
    /* The digest of the list is not the one above, and nothing may be asked of the upstream. */
    ck_assert(w.exchange_count == 0 && w.status == 400);
    ck_assert_str_eq(world_error_code(&w), "BadDigest");
    world_clear(&w);
}
END_TEST

START_TEST(a_delete_list_without_integrity_is_refused)
{
    static const char list[] = "<Delete><Object><Key>a</Key></Object></Delete>";
    struct world w;
    world_init(&w);
    world_ask(&w, "POST", "/bucket?delete", NULL, sizeof(list) - 1);
    world_body(&w, sg_bytes(list, sizeof(list) - 1));
    world_body_end(&w);
    ck_assert(w.exchange_count == 0 && w.status == 400);
    ck_assert_str_eq(world_error_code(&w), "InvalidRequest");
    world_clear(&w);
}
END_TEST

START_TEST(clients_know_the_gateways_region)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "GET", "/bucket?location", NULL, 0);
    world_answer_head(&w, 200, NULL);
    world_answer_body(&w, SG_BYTES_LIT("<LocationConstraint>elsewhere</LocationConstraint>"), 100);
    world_answer_end(&w, SG_OK);
    ck_assert(sg_bytes_has_suffix(sgc_buf_view(&w.reply), SG_BYTES_LIT(">eu-test-1</LocationConstraint>")));
    world_clear(&w);
}
END_TEST

START_TEST(a_full_budget_makes_requests_wait_and_then_slow_down)
{
    struct world w;
    world_init(&w);
    w.budget.used = w.budget.total;
    world_ask(&w, "GET", "/bucket/key", NULL, 0);
    ck_assert(!w.replied && w.exchange_count == 0);
    fake_loop_advance(&w.loop, 1001);
    world_run(&w);
    ck_assert_int_eq(w.status, 503);
    ck_assert_str_eq(world_error_code(&w), "SlowDown");
    w.budget.used -= w.budget.total;
    world_clear(&w);
}
END_TEST

START_TEST(a_waiting_request_may_go)
{
    struct world w;
    world_init(&w);
    w.budget.used = w.budget.total;
    world_ask(&w, "GET", "/bucket/key", NULL, 0);
    world_gone(&w);
    w.budget.used -= w.budget.total;
    world_clear(&w);
}
END_TEST

SG_TEST_MAIN("engine/engine", TEST_LOOP(what_is_put_can_be_read_again, SG_COUNT_OF(sizes)),
             TEST_LOOP(an_upload_that_fails_its_check_never_gets_its_last_bytes, SG_COUNT_OF(sizes)),
             TEST(a_client_that_goes_takes_its_upload_along), TEST(an_early_refusal_of_the_upstream_reaches_the_client),
             TEST(an_early_success_of_the_upstream_is_not_believed),
             TEST(a_lost_upstream_asks_the_client_to_come_again),
             TEST(the_gateways_own_credentials_are_not_the_clients_fault),
             TEST_LOOP(a_listing_shows_plaintext_sizes_and_client_etags, 40),
             TEST(the_state_bucket_and_unknown_buckets_are_hidden),
             TEST_LOOP(hidden_buckets_are_refused, SG_COUNT_OF(closed_targets)),
             TEST(a_malformed_listing_breaks_the_reply), TEST(a_delete_list_is_rewritten_for_the_upstream),
             TEST(a_delete_list_without_integrity_is_refused), TEST(clients_know_the_gateways_region),
             TEST(a_full_budget_makes_requests_wait_and_then_slow_down), TEST(a_waiting_request_may_go))
