/* Are requests to the upstream signed as an independent signer signs them, and can a plan never change who asks? */
#include "s3client/request.h"

#include "s3client/amztime.h"
#include "support/check_main.h"
#include "support/vectors.h"

#include "common/banned.h"

struct setup {
    struct sgs_plan plan;
    struct sgs_endpoint endpoint;
    struct sgs_identity identity;
    struct sgs_request request;
};

static void setup_clear(struct setup *s)
{
    sgs_plan_clear(&s->plan);
    sgs_request_clear(&s->request);
    sgc_secret_clear(&s->identity.secret_access_key);
}

static void setup_init(struct setup *s)
{
    *s = (struct setup){.plan = SGS_PLAN_NONE, .request = SGS_REQUEST_NONE};
    s->plan.method = "PUT";
    s->plan.bucket = SG_BYTES_LIT("bucket");
    s->plan.key = SG_BYTES_LIT("key");
    ck_ok(sgs_endpoint_parse(SG_BYTES_LIT("https://minio.example:9000"), false, &s->endpoint));
    s->identity = (struct sgs_identity){.access_key_id = "AKIAIOSFODNN7EXAMPLE", .region = "us-east-1"};
    ck_ok(sgc_secret_copy(&s->identity.secret_access_key, SG_BYTES_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")));
}

#define SETUP(name)                                                                                                    \
    SG_CLEANUP(setup_clear) struct setup name;                                                                         \
    setup_init(&name)

static sg_err build(struct setup *s)
{
    return sgs_request_build(&s->plan, &s->endpoint, &s->identity, 1369353600, &s->request);
}

static void copy_text(struct sg_bytes text, char *out, size_t size)
{
    ck_assert_uint_lt(text.len, size);
    (void)snprintf(out, size, "%.*s", SG_BYTES_FMT(text));
}

static void check_block(struct sg_vectors *v)
{
    SETUP(s);
    char method[16], name[16];
    struct sg_bytes value;
    copy_text(sg_vectors_text(v, "method"), method, sizeof(method));
    copy_text(sg_vectors_text(v, "region"), s.identity.region, sizeof(s.identity.region));
    s.plan.method = method;
    s.plan.bucket = sg_vectors_text(v, "bucket");
    s.plan.key = sg_vectors_hex(v, "key");
    ck_ok(sgs_query_parse(sg_vectors_text(v, "query"), &s.plan.query));
    for (int i = 0; snprintf(name, sizeof(name), "header%d", i) > 0 && sg_vectors_has(v, name); i++) {
        struct sg_bytes line = sg_vectors_text(v, name);
        size_t colon = sg_bytes_find(line, ':');
        ck_ok(sgs_headers_add(&s.plan.headers, sg_bytes_slice(line, 0, colon), sg_bytes_skip(line, colon + 2)));
    }
    ck_ok(sgs_endpoint_parse(sg_vectors_text(v, "endpoint"), sg_vectors_u64(v, "virtual_host") == 1, &s.endpoint));
    ck_ok(sgs_request_build(&s.plan, &s.endpoint, &s.identity, (int64_t)sg_vectors_u64(v, "wall_s"), &s.request));
    ck_assert_str_eq(s.request.method, method);
    ck_assert_msg(sg_bytes_eq(sgc_buf_view(&s.request.url), sg_vectors_text(v, "url")), "%s", s.request.url.ptr);
    ck_assert(sgs_headers_find(&s.request.headers, "authorization", &value));
    ck_assert_msg(sg_bytes_eq(value, sg_vectors_text(v, "authorization")), "%.*s", SG_BYTES_FMT(value));
}

START_TEST(requests_are_signed_as_others_sign_them)
{
    int count = 0;
    struct sg_vectors *v = sg_vectors_open("sigv4/outgoing.txt");
    for (; sg_vectors_next(v); count++)
        check_block(v);
    sg_vectors_close(v);
    ck_assert_int_ge(count, 10);
}
END_TEST

START_TEST(a_request_has_its_own_headers_and_those_of_the_plan)
{
    SETUP(s);
    struct sg_bytes value;
    s.plan.body_len = 42;
    s.plan.has_body = true;
    ck_ok(sgs_headers_add_str(&s.plan.headers, "x-amz-meta-a", " 1 "));
    ck_ok(sgs_headers_add_str(&s.plan.headers, "content-type", "text/plain"));
    ck_ok(build(&s));
    ck_assert_uint_eq(s.request.headers.count, 6);
    ck_assert(sgs_headers_find(&s.request.headers, "host", &value) && sg_bytes_eq_str(value, "minio.example:9000"));
    ck_assert(sgs_headers_find(&s.request.headers, "x-amz-meta-a", &value) && sg_bytes_eq_str(value, " 1 "));
    ck_assert(sgs_headers_find(&s.request.headers, "x-amz-date", &value) && sg_bytes_eq_str(value, "20130524T000000Z"));
    ck_assert(sgs_headers_find(&s.request.headers, "x-amz-content-sha256", &value));
    ck_assert(sg_bytes_eq_str(value, "UNSIGNED-PAYLOAD"));
    ck_assert(s.request.has_body && s.request.body_len == 42);
    ck_assert_str_eq((const char *)s.request.url.ptr, "https://minio.example:9000/bucket/key");
}
END_TEST

START_TEST(a_request_can_be_built_again_in_the_same_place)
{
    SETUP(s);
    ck_ok(sgs_headers_add_str(&s.plan.headers, "a", "b"));
    ck_ok(build(&s));
    s.plan.method = "GET";
    s.plan.key = SG_BYTES_LIT("k");
    ck_ok(build(&s));
    ck_assert_uint_eq(s.request.headers.count, 5);
    ck_assert_str_eq((const char *)s.request.url.ptr, "https://minio.example:9000/bucket/k");
    ck_assert_str_eq(s.request.method, "GET");
}
END_TEST

static const char *const not_of_a_plan[] = {
    "Host",       "host",   "Content-Length", "Transfer-Encoding",    "Connection", "Upgrade",
    "X-Amz-Date", "Expect", "Authorization",  "x-amz-content-sha256", "HOST",       "content-lengtH",
};

START_TEST(a_plan_cannot_set_identity_or_framing)
{
    SETUP(s);
    ck_ok(sgs_headers_add_str(&s.plan.headers, "x-amz-meta-a", "1"));
    ck_ok(sgs_headers_add_str(&s.plan.headers, not_of_a_plan[_i], "1"));
    ck_fails(build(&s), INTERNAL);
    ck_assert_uint_eq(s.request.headers.count, 0);
    ck_assert_uint_eq(s.request.url.len, 0);
    ck_assert_str_eq(s.request.method, "");
}
END_TEST

START_TEST(the_largest_key_and_query_fit)
{
    SETUP(s);
    char key[SG_LIMIT_KEY], value[SG_LIMIT_TARGET - 1];
    memset(key, ' ', sizeof(key));
    memset(value, '\xFF', sizeof(value));
    s.plan.key = SG_BYTES_ARRAY(key);
    ck_ok(sgs_query_add(&s.plan.query, SG_BYTES_LIT("a"), SG_BYTES_ARRAY(value)));
    ck_ok(build(&s));
    ck_assert_uint_gt(s.request.url.len, 3 * (sizeof(key) + sizeof(value)));
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    SETUP(s);
    s.plan.method = "AVERYLONGMETHOD1";
    ck_fails(build(&s), INTERNAL);
    s.plan.method = "AVERYLONGMETHOD";
    ck_ok(build(&s));
    for (int i = 0; i < SG_LIMIT_HEADER_COUNT - 3; i++)
        ck_ok(sgs_headers_addf(&s.plan.headers, "x-amz-meta-a", "%d", i));
    ck_fails(build(&s), LIMIT);
    ck_assert_uint_eq(s.request.headers.count, 0);
}
END_TEST

START_TEST(without_a_secret_nothing_is_signed)
{
    SETUP(s);
    sgc_secret_clear(&s.identity.secret_access_key);
    ck_assert(!sg_is_ok(build(&s)));
    ck_assert_uint_eq(s.request.url.len, 0);
}
END_TEST

SG_TEST_MAIN("s3client/request", TEST(requests_are_signed_as_others_sign_them),
             TEST(a_request_has_its_own_headers_and_those_of_the_plan),
             TEST(a_request_can_be_built_again_in_the_same_place),
             TEST_LOOP(a_plan_cannot_set_identity_or_framing, SG_COUNT_OF(not_of_a_plan)),
             TEST(the_largest_key_and_query_fit), TEST(what_does_not_fit_is_refused),
             TEST(without_a_secret_nothing_is_signed))
