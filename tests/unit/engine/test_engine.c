/*
 * Whole requests through engine, operations, pipes and crypto, with a client and an upstream that the test plays.
 */
#include "unit/engine/world.h"

#include "crypto/layout.h"
#include "support/check_main.h"

#include "common/banned.h"

#define ETAG "\"0123456789abcdef0123456789abcdef\""

static uint8_t plain[300000];

static void fill_plain(void)
{
    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = (uint8_t)(i * 7 + i / 251);
}

static const char *const put_ok[] = {"ETag", ETAG, "Content-Length", "0", NULL};

/* An object as the upstream would hold it. */
struct stored {
    struct sgc_buf body;
    char envelope[3000], metadata[3000];
};

static void copy_header(const struct sgs_headers *headers, const char *name, char *out, size_t cap)
{
    struct sg_bytes value = SG_BYTES_NONE;
    bool found = sgs_headers_find(headers, name, &value);
    (void)snprintf(out, cap, "%.*s", found ? (int)value.len : 0, found ? (const char *)value.ptr : "");
}

static void put(struct stored *out, const char *target, size_t len, const char *const *headers)
{
    static struct world w;
    world_init(&w);
    world_ask(&w, "PUT", target, headers, len);
    if (len > 0) {
        world_body(&w, sg_bytes(plain, len));
        world_body_end(&w);
    }
    ck_assert_uint_eq(w.exchange.body_len, sgc_layout_sealed(len));
    ck_assert_uint_eq(w.exchange.body.len, w.exchange.body_len);
    world_answer_head(&w, 200, put_ok);
    world_answer_end(&w, SG_OK);
    ck_assert_int_eq(w.status, 200);
    ck_assert(w.reply_complete);
    out->body = sgc_buf_take(&w.exchange.body);
    copy_header(&w.exchange.headers, "x-amz-meta-sealgate", out->envelope, sizeof(out->envelope));
    copy_header(&w.exchange.headers, "x-amz-meta-sealgate-meta", out->metadata, sizeof(out->metadata));
    world_clear(&w);
}

static void answer_get(struct world *w, const struct stored *s, size_t from, size_t len, size_t piece)
{
    char length[32], range[96];
    bool partial = len < s->body.len;
    (void)snprintf(length, sizeof(length), "%zu", len);
    (void)snprintf(range, sizeof(range), "bytes %zu-%zu/%zu", from, from + len - 1, s->body.len);
    const char *const headers[] = {"Content-Length",
                                   length,
                                   "ETag",
                                   ETAG,
                                   "x-amz-meta-sealgate",
                                   s->envelope,
                                   "X-Amz-Meta-Sealgate-Meta",
                                   s->metadata,
                                   "Content-Type",
                                   "application/octet-stream",
                                   partial ? "Content-Range" : NULL,
                                   range,
                                   NULL};
    world_answer_head(w, partial ? 206 : 200, headers);
    world_answer_body(w, sg_bytes_slice(sgc_buf_view(&s->body), from, len), piece);
    world_answer_end(w, SG_OK);
}

/* --- uploads ---------------------------------------------------------------------------------------------------- */

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

START_TEST(an_upload_that_fails_its_check_never_gets_its_last_bytes)
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

/* --- downloads -------------------------------------------------------------------------------------------------- */

struct range_row {
    size_t len;
    const char *range;
    const char *asked; /* of the upstream */
    size_t from, count;
};

static const struct range_row ranges[] = {
    {300000, "bytes=0-0", "bytes=0-65563", 0, 1},
    {300000, "bytes=65535-65536", "bytes=0-131127", 65535, 2},
    {300000, "bytes=65536-65536", "bytes=65564-131127", 65536, 1},
    {300000, "bytes=299999-", "bytes=262256-", 299999, 1},
    {300000, "bytes=1-", "bytes=0-", 1, 299999},
    {300000, "bytes=-1", "bytes=-69689", 299999, 1},
    {300000, "bytes=-299999", "bytes=-369799", 1, 299999},
    {1000, "bytes=0-999", "bytes=0-65563", 0, 1000},
    {1000, "bytes=500-5000000", "bytes=0-5048427", 500, 500},
    {1000, "bytes=-5000", "bytes=-74688", 0, 1000},
};

static void parse_asked(const struct world *w, size_t total, size_t *from, size_t *len)
{
    struct sg_bytes value;
    unsigned long long a = 0, b = 0;
    char text[64];
    ck_assert(sgs_headers_find(&w->exchange.headers, "range", &value));
    (void)snprintf(text, sizeof(text), "%.*s", SG_BYTES_FMT(value));
    *from = 0;
    if (sscanf(text, "bytes=%llu-%llu", &a, &b) == 2)
        *len = (b + 1 < total ? b + 1 : total) - a, *from = a;
    else if (sscanf(text, "bytes=-%llu", &b) == 1)
        *len = b < total ? b : total, *from = total - *len;
    else if (sscanf(text, "bytes=%llu-", &a) == 1)
        *len = total - a, *from = a;
}

START_TEST(a_range_costs_one_request)
{
    struct stored s;
    struct world w;
    const struct range_row *row = &ranges[_i];
    const char *const headers[] = {"Range", row->range, NULL};
    struct sg_bytes value;
    size_t from, len;
    put(&s, "/bucket/key", row->len, NULL);
    world_init(&w);
    world_ask(&w, "GET", "/bucket/key", headers, 0);
    ck_assert(sgs_headers_find(&w.exchange.headers, "range", &value));
    ck_assert_msg(sg_bytes_eq_str(value, row->asked), "%s asked %.*s", row->range, SG_BYTES_FMT(value));
    parse_asked(&w, s.body.len, &from, &len);
    answer_get(&w, &s, from, len, 7777);
    ck_assert_uint_eq(w.exchange_count, 1);
    /* An answer that holds the whole stored object is a 200 in this world; the client still asked for a range. */
    ck_assert_int_eq(w.status, 206);
    ck_assert(w.reply_complete);
    ck_assert(sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(plain + row->from, row->count)));
    world_clear(&w);
    sgc_buf_clear(&s.body);
}
END_TEST

START_TEST(a_range_behind_the_end_is_answered_with_the_true_size)
{
    struct stored s;
    struct world w;
    const char *const headers[] = {"Range", "bytes=1000-", NULL};
    size_t from, len;
    put(&s, "/bucket/key", 1000, NULL);
    world_init(&w);
    world_ask(&w, "GET", "/bucket/key", headers, 0);
    parse_asked(&w, s.body.len, &from, &len);
    answer_get(&w, &s, from, len, 7777);
    ck_assert_int_eq(w.status, 416);
    ck_assert_str_eq(world_error_code(&w), "InvalidRange");
    world_clear(&w);
    sgc_buf_clear(&s.body);
}
END_TEST

START_TEST(a_416_of_the_upstream_becomes_one_with_plaintext_numbers)
{
    struct stored s;
    struct world w;
    char length[32];
    const char *const headers[] = {"Range", "bytes=70000-", NULL};
    struct sg_bytes value;
    put(&s, "/bucket/key", 1000, NULL);
    world_init(&w);
    world_ask(&w, "GET", "/bucket/key", headers, 0);
    world_answer_head(&w, 416, NULL);
    ck_assert_str_eq(w.exchange.method, "HEAD");
    (void)snprintf(length, sizeof(length), "%zu", s.body.len);
    const char *const answer[] = {
        "Content-Length", length, "x-amz-meta-sealgate", s.envelope, "x-amz-meta-sealgate-meta", s.metadata, NULL};
    world_answer_head(&w, 200, answer);
    world_answer_end(&w, SG_OK);
    ck_assert_int_eq(w.status, 416);
    ck_assert(sgs_headers_find(&w.reply_headers, "content-range", &value) && sg_bytes_eq_str(value, "bytes */1000"));
    world_clear(&w);
    sgc_buf_clear(&s.body);
}
END_TEST

START_TEST(a_flipped_bit_never_gives_a_whole_object)
{
    struct stored s;
    put(&s, "/bucket/key", 300, NULL);
    for (size_t bit = 0; bit < s.body.len * 8; bit++) {
        struct world w;
        s.body.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        world_init(&w);
        world_ask(&w, "GET", "/bucket/key", NULL, 0);
        answer_get(&w, &s, 0, s.body.len, 100);
        ck_assert_msg(!w.reply_complete || w.status >= 400, "bit %zu", bit);
        ck_assert_uint_eq(w.status == 200 ? w.reply.len : 0, 0);
        world_clear(&w);
        s.body.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    sgc_buf_clear(&s.body);
}
END_TEST

START_TEST(a_truncated_answer_breaks_the_connection)
{
    struct stored s;
    put(&s, "/bucket/key", 200000, NULL);
    for (size_t cut = 0; cut < s.body.len; cut += 9973) {
        struct world w;
        char length[32];
        (void)snprintf(length, sizeof(length), "%zu", s.body.len);
        const char *const headers[] = {
            "Content-Length", length, "x-amz-meta-sealgate", s.envelope, "x-amz-meta-sealgate-meta", s.metadata, NULL};
        world_init(&w);
        world_ask(&w, "GET", "/bucket/key", NULL, 0);
        world_answer_head(&w, 200, headers);
        world_answer_body(&w, sg_bytes(s.body.ptr, cut), 16384);
        world_answer_end(&w, cut % 2 == 0 ? SG_OK : SG_ERR_OF(UPSTREAM_LOST));
        ck_assert(w.reply_broken);
        ck_assert(w.reply.len < 200000 && sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(plain, w.reply.len)));
        world_clear(&w);
    }
    sgc_buf_clear(&s.body);
}
END_TEST

struct other_row {
    const char *target;
    int envelope; /* 1 as stored, 0 without, -1 damaged */
    int metadata;
    int status;
};

static const struct other_row others[] = {
    {"/bucket/other", 1, 1, 403}, /* moved to another key */
    {"/pass/key", 1, 1, 403},     /* moved to another bucket */
    {"/bucket/key", 0, 1, 403},   /* envelope removed */
    {"/bucket/key", 0, 0, 403},   /* never ours */
    {"/bucket/key", 1, 0, 403},   /* sealed metadata removed */
    {"/bucket/key", -1, 1, 403},  /* envelope damaged */
    {"/bucket/key", 1, -1, 403},  /* sealed metadata damaged */
    {"/pass/key", 0, 1, 403},     /* half of it removed, where foreign objects may pass */
    {"/bucket/key", 1, 1, 200},
};

static const char *damaged(char *text, int how)
{
    if (how < 0)
        text[strlen(text) / 2] ^= 1;
    return text;
}

START_TEST(an_object_opens_only_where_and_as_it_was_stored)
{
    struct stored s;
    struct world w;
    const struct other_row *row = &others[_i];
    char length[32];
    const char *headers[7] = {"Content-Length", length};
    size_t count = 2;
    put(&s, "/bucket/key", 1000, NULL);
    (void)snprintf(length, sizeof(length), "%zu", s.body.len);
    if (row->envelope != 0) {
        headers[count++] = "x-amz-meta-sealgate";
        headers[count++] = damaged(s.envelope, row->envelope);
    }
    if (row->metadata != 0) {
        headers[count++] = "x-amz-meta-sealgate-meta";
        headers[count++] = damaged(s.metadata, row->metadata);
    }
    headers[count] = NULL;
    world_init(&w);
    world_ask(&w, "GET", row->target, NULL, 0);
    world_answer_head(&w, 200, headers);
    world_answer_body(&w, sgc_buf_view(&s.body), 1000);
    world_answer_end(&w, SG_OK);
    ck_assert_int_eq(w.status, row->status);
    if (row->status == 403)
        ck_assert_str_eq(world_error_code(&w), "AccessDenied");
    world_clear(&w);
    sgc_buf_clear(&s.body);
}
END_TEST

START_TEST(a_foreign_object_passes_where_the_rule_says_so)
{
    struct world w;
    const char *const headers[] = {"Content-Length", "5", "Content-Type", "a/b", "x-amz-meta-x", "y", NULL};
    struct sg_bytes value;
    world_init(&w);
    world_ask(&w, "GET", "/pass/key", NULL, 0);
    world_answer_head(&w, 200, headers);
    world_answer_body(&w, SG_BYTES_LIT("hello"), 2);
    world_answer_end(&w, SG_OK);
    ck_assert_int_eq(w.status, 200);
    ck_assert(w.reply_complete && sg_bytes_eq_str(sgc_buf_view(&w.reply), "hello"));
    ck_assert(sgs_headers_find(&w.reply_headers, "x-amz-meta-x", &value) && sg_bytes_eq_str(value, "y"));
    world_clear(&w);
}
END_TEST

START_TEST(head_tells_the_plaintext_length)
{
    struct stored s;
    struct world w;
    char length[32];
    put(&s, "/bucket/key", 70000, NULL);
    (void)snprintf(length, sizeof(length), "%zu", s.body.len);
    const char *const headers[] = {
        "Content-Length", length, "x-amz-meta-sealgate", s.envelope, "x-amz-meta-sealgate-meta", s.metadata, NULL};
    world_init(&w);
    world_ask(&w, "HEAD", "/bucket/key", NULL, 0);
    world_answer_head(&w, 200, headers);
    world_answer_end(&w, SG_OK);
    ck_assert(w.status == 200 && w.reply_len == 70000 && w.reply.len == 0);
    world_clear(&w);
    sgc_buf_clear(&s.body);
}
END_TEST

/* --- lists, deletes, buckets -------------------------------------------------------------------------------- */

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

__attribute__((constructor)) static void before_all(void)
{
    fill_plain();
}

SG_TEST_MAIN("engine/engine", TEST_LOOP(what_is_put_can_be_read_again, SG_COUNT_OF(sizes)),
             TEST_LOOP(an_upload_that_fails_its_check_never_gets_its_last_bytes, SG_COUNT_OF(sizes)),
             TEST(a_client_that_goes_takes_its_upload_along), TEST(an_early_refusal_of_the_upstream_reaches_the_client),
             TEST(an_early_success_of_the_upstream_is_not_believed),
             TEST(a_lost_upstream_asks_the_client_to_come_again),
             TEST(the_gateways_own_credentials_are_not_the_clients_fault),
             TEST_LOOP(a_range_costs_one_request, SG_COUNT_OF(ranges)),
             TEST(a_range_behind_the_end_is_answered_with_the_true_size),
             TEST(a_416_of_the_upstream_becomes_one_with_plaintext_numbers),
             TEST(a_flipped_bit_never_gives_a_whole_object), TEST(a_truncated_answer_breaks_the_connection),
             TEST_LOOP(an_object_opens_only_where_and_as_it_was_stored, SG_COUNT_OF(others)),
             TEST(a_foreign_object_passes_where_the_rule_says_so), TEST(head_tells_the_plaintext_length),
             TEST_LOOP(a_listing_shows_plaintext_sizes_and_client_etags, 40),
             TEST(the_state_bucket_and_unknown_buckets_are_hidden),
             TEST_LOOP(hidden_buckets_are_refused, SG_COUNT_OF(closed_targets)),
             TEST(a_malformed_listing_breaks_the_reply), TEST(a_delete_list_is_rewritten_for_the_upstream),
             TEST(a_delete_list_without_integrity_is_refused), TEST(clients_know_the_gateways_region),
             TEST(a_full_budget_makes_requests_wait_and_then_slow_down), TEST(a_waiting_request_may_go))
