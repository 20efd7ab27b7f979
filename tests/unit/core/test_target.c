/* What do Host and target name, and what do they never name? */
#include "support/check_main.h"
#include "support/fake_req.h"

#include "core/target.h"

#include "common/banned.h"

static char domain_a[] = "s3.example.com";
static char domain_b[] = "storage.test";
static char *domains[] = {domain_a, domain_b};

static void start(struct fake_req *f, const char *host, const char *target)
{
    fake_req_init(f, "GET", target);
    f->config.server.domains = domains;
    f->config.server.domain_count = 2;
    fake_req_header(f, "Host", host);
}

static const struct {
    const char *host, *target, *bucket, *key;
} good[] = {
    {"localhost:9000", "/", "", ""},
    {"localhost:9000", "/?x-id=ListBuckets", "", ""},
    {"localhost", "/bucket", "bucket", ""},
    {"localhost", "/bucket/", "bucket", ""},
    {"localhost", "/bucket?list-type=2", "bucket", ""},
    {"localhost", "/bucket/?list-type=2", "bucket", ""},
    {"localhost", "/bucket/key", "bucket", "key"},
    {"localhost", "/bucket/a/b/c", "bucket", "a/b/c"},
    {"localhost", "/bucket//x", "bucket", "/x"},
    {"localhost", "/bucket///", "bucket", "//"},
    {"localhost", "/bucket/a//b/", "bucket", "a//b/"},
    {"localhost", "/bucket/./a/../b", "bucket", "./a/../b"},
    {"localhost", "/bucket/..", "bucket", ".."},
    {"localhost", "/bucket/../other/key", "bucket", "../other/key"},
    {"localhost", "/bucket/%2e%2e/key", "bucket", "../key"},
    {"localhost", "/bucket/a+b", "bucket", "a+b"},
    {"localhost", "/bucket/a%2Bb%20c%25d", "bucket", "a+b c%d"},
    {"localhost", "/bucket/a%3Fb?c", "bucket", "a?b"},
    {"localhost", "/bucket/a%23b", "bucket", "a#b"},
    {"localhost", "/bucket/a%2fb", "bucket", "a/b"},
    {"localhost", "/bucket/%2f", "bucket", "/"},
    {"localhost", "/bucket/%C3%A9%E2%82%AC", "bucket", "\xc3\xa9\xe2\x82\xac"},
    {"localhost", "/bucket/\xc3\xa9", "bucket", "\xc3\xa9"},
    {"localhost", "/bucket/%0A%01%7F", "bucket", "\n\x01\x7f"},
    {"localhost", "/bucket/a?b?c=d", "bucket", "a"},
    {"localhost", "/b%75cket/key", "bucket", "key"},
    {"[::1]:9000", "/bucket/key", "bucket", "key"},
    {" localhost ", "/bucket/key", "bucket", "key"},
    /* virtual-host style */
    {"photos.s3.example.com", "/", "photos", ""},
    {"photos.s3.example.com:9000", "/key", "photos", "key"},
    {"photos.s3.example.com", "//key", "photos", "/key"},
    {"photos.s3.example.com", "/bucket/key", "photos", "bucket/key"},
    {"PHOTOS.S3.Example.COM", "/key", "photos", "key"},
    {"my.dotted.s3.example.com", "/key", "my.dotted", "key"},
    {"photos.storage.test", "/key", "photos", "key"},
    {"s3.example.com", "/bucket/key", "bucket", "key"},
    {"s3.example.com:443", "/bucket/key", "bucket", "key"},
    {"photos.s3.example.org", "/bucket/key", "bucket", "key"},
    {"photoss3.example.com", "/bucket/key", "bucket", "key"},
    {"photos.s3.example.com.evil.test", "/bucket/key", "bucket", "key"},
};

START_TEST(bucket_and_key_are_found)
{
    struct fake_req f;
    start(&f, good[_i].host, good[_i].target);
    ck_ok(sg_target_parse(&f.req));
    ck_assert_msg(sg_bytes_eq_str(f.req.target.bucket, good[_i].bucket), "%s: bucket %.*s", good[_i].target,
                  SG_BYTES_FMT(f.req.target.bucket));
    ck_assert_msg(sg_bytes_eq_str(f.req.target.key, good[_i].key), "%s: key %.*s", good[_i].target,
                  SG_BYTES_FMT(f.req.target.key));
    fake_req_clear(&f);
}
END_TEST

#define INVALID_URI_ROW(target)                                                                                        \
    {                                                                                                                  \
        "localhost", target, SG_CODE_INVALID_URI                                                                       \
    }
#define BAD_NAME_ROW(target)                                                                                           \
    {                                                                                                                  \
        "localhost", target, SG_CODE_INVALID_BUCKET_NAME                                                               \
    }

static const struct {
    const char *host, *target;
    enum sg_code code;
} bad[] = {
    INVALID_URI_ROW(""),
    INVALID_URI_ROW("*"),
    INVALID_URI_ROW("bucket/key"),
    INVALID_URI_ROW("?list-type=2"),
    INVALID_URI_ROW("http://localhost/bucket/key"),
    INVALID_URI_ROW("/bucket/a b"),
    INVALID_URI_ROW("/bucket/a\tb"),
    INVALID_URI_ROW("/bucket/a\x01"),
    INVALID_URI_ROW("/bucket/a\x7f"),
    INVALID_URI_ROW("/bucket/a#b"),
    INVALID_URI_ROW("/bucket/%"),
    INVALID_URI_ROW("/bucket/%4"),
    INVALID_URI_ROW("/bucket/%zz"),
    INVALID_URI_ROW("/bucket/%u0041"),
    INVALID_URI_ROW("/bucket/%00"),
    INVALID_URI_ROW("/bucket/a%00b"),
    INVALID_URI_ROW("/bucket%00/key"),
    INVALID_URI_ROW("/bucket/%FF"),
    INVALID_URI_ROW("/bucket/%C0%AF"),
    INVALID_URI_ROW("/bucket/%ED%A0%80"),
    INVALID_URI_ROW("/bucket/\xff"),
    INVALID_URI_ROW("/bucket/%E2%82"),
    INVALID_URI_ROW("/bucket/key?a=%"),
    INVALID_URI_ROW("/bucket/key?a=%00"),
    INVALID_URI_ROW("/bucket/key?a b"),
    BAD_NAME_ROW("//"),
    BAD_NAME_ROW("//key"),
    BAD_NAME_ROW("///key"),
    BAD_NAME_ROW("/a"),
    BAD_NAME_ROW("/ab/key"),
    BAD_NAME_ROW("/Bucket/key"),
    BAD_NAME_ROW("/bucket%2Fkey"),
    BAD_NAME_ROW("/bucket%2F..%2Fother/key"),
    BAD_NAME_ROW("/bu%20cket/key"),
    BAD_NAME_ROW("/bu+cket/key"),
    BAD_NAME_ROW("/..//key"),
    BAD_NAME_ROW("/../bucket/key"),
    BAD_NAME_ROW("/%2e%2e/key"),
    BAD_NAME_ROW("/.minio.sys/key"),
    BAD_NAME_ROW("/192.168.1.1/key"),
    {"a.s3.example.com", "/key", SG_CODE_INVALID_BUCKET_NAME},
    {"a_b_c.s3.example.com", "/key", SG_CODE_INVALID_BUCKET_NAME},
    {"a..b.s3.example.com", "/key", SG_CODE_INVALID_BUCKET_NAME},
};

START_TEST(bad_targets_are_refused)
{
    struct fake_req f;
    start(&f, bad[_i].host, bad[_i].target);
    sg_err err = sg_target_parse(&f.req);
    ck_assert_msg(err.code == bad[_i].code, "%s gave %s", bad[_i].target, sg_err_row(err)->name);
    fake_req_clear(&f);
}
END_TEST

START_TEST(there_must_be_one_host)
{
    struct fake_req f;
    fake_req_init(&f, "GET", "/bucket/key");
    ck_fails(sg_target_parse(&f.req), BAD_HTTP);
    fake_req_header(&f, "Host", "a");
    fake_req_header(&f, "host", "b");
    ck_fails(sg_target_parse(&f.req), BAD_HTTP);
    fake_req_clear(&f);
}
END_TEST

/* "/bucket/" and `count` times `unit`. */
static void parse_long(const char *unit, size_t count, const char *tail, enum sg_code expected)
{
    struct fake_req f;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf target = SGC_BUF_INIT(64 * SG_KIB);
    ck_ok(sgc_buf_append_str(&target, "/bucket/"));
    for (size_t i = 0; i < count; i++)
        ck_ok(sgc_buf_append_str(&target, unit));
    ck_ok(sgc_buf_append_str(&target, tail));
    ck_ok(sgc_buf_append_u8(&target, 0));
    start(&f, "localhost", (const char *)target.ptr);
    ck_assert_uint_eq(sg_target_parse(&f.req).code, expected);
    fake_req_clear(&f);
}

START_TEST(keys_have_at_most_1024_bytes)
{
    parse_long("k", 1024, "", SG_CODE_OK);
    parse_long("k", 1025, "", SG_CODE_KEY_TOO_LONG);
    parse_long("%41", 1024, "", SG_CODE_OK);
    parse_long("%41", 1025, "", SG_CODE_KEY_TOO_LONG);
    parse_long("%C3%A9", 512, "", SG_CODE_OK);
    parse_long("%C3%A9", 513, "", SG_CODE_KEY_TOO_LONG);
}
END_TEST

START_TEST(targets_have_a_limit)
{
    parse_long("k", 1000, "?q=", SG_CODE_OK);
    parse_long("k", SG_LIMIT_TARGET, "", SG_CODE_INVALID_URI);
    parse_long("", 0, "?", SG_CODE_OK);
    parse_long("&a", 0, "?a&a&a", SG_CODE_OK);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf many = SGC_BUF_INIT(4096);
    ck_ok(sgc_buf_append_str(&many, "?a"));
    for (size_t i = 0; i < SG_LIMIT_QUERY_COUNT; i++)
        ck_ok(sgc_buf_append_str(&many, "&a"));
    ck_ok(sgc_buf_append_u8(&many, 0));
    parse_long("k", 1, (const char *)many.ptr, SG_CODE_INVALID_URI);
}
END_TEST

START_TEST(the_query_is_what_stands_behind_the_first_question_mark)
{
    struct fake_req f;
    struct sg_bytes value;
    start(&f, "localhost", "/bucket/key%3Fa=b?prefix=a+b%2B?&uploads");
    ck_ok(sg_target_parse(&f.req));
    ck_assert(sg_bytes_eq_str(f.req.target.path_raw, "/bucket/key%3Fa=b"));
    ck_assert(sgs_query_find(&f.req.target.query, "prefix", &value));
    ck_assert(sg_bytes_eq_str(value, "a b+?"));
    ck_assert_uint_eq(sgs_query_count_of(&f.req.target.query, "uploads"), 1);
    ck_assert_uint_eq(f.req.target.query.count, 2);
    /* Parsing twice forgets the first result. */
    ck_ok(sg_target_parse(&f.req));
    ck_assert_uint_eq(f.req.target.query.count, 2);
    fake_req_clear(&f);
}
END_TEST

SG_TEST_MAIN("core/target", TEST_LOOP(bucket_and_key_are_found, SG_COUNT_OF(good)),
             TEST_LOOP(bad_targets_are_refused, SG_COUNT_OF(bad)), TEST(there_must_be_one_host),
             TEST(keys_have_at_most_1024_bytes), TEST(targets_have_a_limit),
             TEST(the_query_is_what_stands_behind_the_first_question_mark))
