/*
 * Whole requests through engine, operations, pipes and crypto, with a client and an upstream that the test plays:
 * downloads, ranges, and what is stored being tampered with.
 */
#include "unit/engine/object.h"

#include "crypto/layout.h"
#include "support/check_main.h"

#include "common/banned.h"

/* --- downloads --- */

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

START_TEST(a_range_costs_one_request) /* FMT-46, FMT-47 */
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

START_TEST(a_flipped_bit_never_gives_a_whole_object) /* FMT-48 */
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

START_TEST(an_object_opens_only_where_and_as_it_was_stored) /* FMT-16, FMT-19, FMT-21 */
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

SG_TEST_MAIN("engine/download", TEST_LOOP(a_range_costs_one_request, SG_COUNT_OF(ranges)),
             TEST(a_range_behind_the_end_is_answered_with_the_true_size),
             TEST(a_416_of_the_upstream_becomes_one_with_plaintext_numbers),
             TEST(a_flipped_bit_never_gives_a_whole_object), TEST(a_truncated_answer_breaks_the_connection),
             TEST_LOOP(an_object_opens_only_where_and_as_it_was_stored, SG_COUNT_OF(others)),
             TEST(a_foreign_object_passes_where_the_rule_says_so), TEST(head_tells_the_plaintext_length))
