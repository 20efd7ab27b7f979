/* Does a client hear what S3 would say, and nothing more? */
#include "support/check_main.h"
#include "support/fake_req.h"

#include "core/reply.h"
#include "core/target.h"

#include "common/banned.h"

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define IDS         "<RequestId>" FAKE_REQ_ID "</RequestId><HostId>" FAKE_REQ_ID "</HostId></Error>"

static void start(struct fake_req *f, const char *method, const char *target)
{
    fake_req_init(f, method, target);
    fake_req_header(f, "Host", "localhost");
    sg_err ignored = sg_target_parse(&f->req);
    SG_UNUSED(ignored);
}

static const char *body(struct fake_req *f)
{
    f->req.reply_body.max += 1;
    ck_ok(sgc_buf_append_u8(&f->req.reply_body, 0));
    return (const char *)f->req.reply_body.ptr;
}

static const char *header(struct fake_req *f, const char *name)
{
    struct sg_bytes value, copy;
    if (!sgs_headers_find(&f->req.reply_headers, name, &value))
        return "";
    ck_ok(sg_arena_copy(&f->req.arena, value, &copy));
    return (const char *)copy.ptr;
}

static sg_err of(enum sg_code code)
{
    return (sg_err){code};
}

START_TEST(an_error_has_code_message_resource_and_ids)
{
    struct fake_req f;
    start(&f, "GET", "/bucket/a%20%26%3Cb%3E");
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_ACCESS_DENIED), NULL, 0));
    ck_assert_int_eq(f.req.reply_status, 403);
    ck_assert_str_eq(body(&f), DECLARATION "<Error><Code>AccessDenied</Code><Message>Access Denied</Message>"
                                           "<Resource>/bucket/a &amp;&lt;b&gt;</Resource>" IDS);
    ck_assert_str_eq(header(&f, "Content-Type"), "application/xml");
    ck_assert_str_eq(header(&f, "x-amz-request-id"), FAKE_REQ_ID);
    ck_assert_str_eq(header(&f, "x-amz-id-2"), FAKE_REQ_ID);
    ck_assert_str_eq(header(&f, "Server"), "sealgate");
    ck_assert_str_eq(header(&f, "Strict-Transport-Security"), "max-age=31536000");
    ck_assert_str_eq(header(&f, "Retry-After"), "");
    fake_req_clear(&f);
}
END_TEST

START_TEST(an_error_replaces_what_the_reply_held)
{
    struct fake_req f;
    start(&f, "GET", "/bucket/key");
    ck_ok(sg_reply_common(&f.req));
    ck_ok(sgs_headers_add_str(&f.req.reply_headers, "ETag", "\"x\""));
    ck_ok(sgs_headers_add_str(&f.req.reply_headers, "Content-Type", "image/png"));
    f.req.reply_body.max = 100;
    ck_ok(sgc_buf_append_str(&f.req.reply_body, "half of a list"));
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_INTERNAL), NULL, 0));
    ck_assert_str_eq(header(&f, "ETag"), "");
    ck_assert_str_eq(header(&f, "Content-Type"), "application/xml");
    ck_assert_uint_eq(sgs_headers_count_of(&f.req.reply_headers, "x-amz-request-id"), 1);
    ck_assert_ptr_nonnull(strstr(body(&f), "<Code>InternalError</Code>"));
    ck_assert_ptr_null(strstr(body(&f), "half"));
    fake_req_clear(&f);
}
END_TEST

START_TEST(head_has_no_body)
{
    struct fake_req f;
    start(&f, "HEAD", "/bucket/key");
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_NO_SUCH_KEY), NULL, 0));
    ck_assert_int_eq(f.req.reply_status, 404);
    ck_assert_uint_eq(f.req.reply_body.len, 0);
    ck_assert(sg_bytes_eq_str(f.req.reply_code, "NoSuchKey"));
    ck_assert_str_eq(header(&f, "x-amz-request-id"), FAKE_REQ_ID);
    fake_req_clear(&f);
}
END_TEST

START_TEST(not_modified_keeps_the_validators_and_has_no_body)
{
    struct fake_req f;
    start(&f, "GET", "/bucket/key");
    ck_ok(sgs_headers_add_str(&f.req.reply_headers, "Content-Length", "5"));
    ck_ok(sgs_headers_add_str(&f.req.reply_headers, "etag", "\"x-0\""));
    ck_ok(sgs_headers_add_str(&f.req.reply_headers, "Last-Modified", "Fri, 24 May 2013 00:00:00 GMT"));
    ck_ok(sgs_headers_add_str(&f.req.reply_headers, "x-amz-meta-a", "b"));
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_NOT_MODIFIED), NULL, 0));
    ck_assert_int_eq(f.req.reply_status, 304);
    ck_assert_uint_eq(f.req.reply_body.len, 0);
    ck_assert_str_eq(header(&f, "ETag"), "\"x-0\"");
    ck_assert_str_eq(header(&f, "Last-Modified"), "Fri, 24 May 2013 00:00:00 GMT");
    ck_assert_str_eq(header(&f, "Content-Length"), "");
    ck_assert_str_eq(header(&f, "Content-Type"), "");
    ck_assert_str_eq(header(&f, "x-amz-meta-a"), "");
    fake_req_clear(&f);
}
END_TEST

START_TEST(unavailable_says_when_to_come_back)
{
    struct fake_req f;
    start(&f, "PUT", "/bucket/key");
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_SLOW_DOWN), NULL, 0));
    ck_assert_int_eq(f.req.reply_status, 503);
    ck_assert_str_eq(header(&f, "Retry-After"), "1");
    fake_req_clear(&f);
}
END_TEST

START_TEST(details_stand_between_message_and_resource)
{
    struct fake_req f;
    start(&f, "GET", "/bucket");
    struct sg_reply_detail details[] = {
        {"ActualObjectSize", SG_BYTES_LIT("5")}, {"Empty", SG_BYTES_NONE}, {"Bad", SG_BYTES_LIT("\xff")}};
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_INVALID_RANGE), details, SG_COUNT_OF(details)));
    ck_assert_ptr_nonnull(
        strstr(body(&f), "</Message><ActualObjectSize>5</ActualObjectSize><Resource>/bucket</Resource>"));
    fake_req_clear(&f);
}
END_TEST

START_TEST(a_target_that_could_not_be_parsed_is_shown_as_received)
{
    struct fake_req f;
    start(&f, "GET", "/Bad%20Name/<k>?X-Amz-Signature=secret");
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_INVALID_BUCKET_NAME), NULL, 0));
    ck_assert_ptr_nonnull(strstr(body(&f), "<Resource>/Bad%20Name/&lt;k&gt;</Resource>"));
    fake_req_clear(&f);
    start(&f, "GET", "/b\xff\xfe/key");
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_INVALID_URI), NULL, 0));
    ck_assert_ptr_null(strstr(body(&f), "Resource"));
    fake_req_clear(&f);
}
END_TEST

static const struct {
    enum sg_code code;
    const char *shown;
} fact_rows[] = {
    {SG_CODE_UNKNOWN_ACCESS_KEY, "<AWSAccessKeyId>AK&lt;ID</AWSAccessKeyId><Resource>"},
    {SG_CODE_SIGNATURE_MISMATCH, "method.</Message><AWSAccessKeyId>AK&lt;ID</AWSAccessKeyId><Resource>"},
    {SG_CODE_AUTH_WRONG_REGION, "<Message>The authorization header is malformed; the region &apos;mars-1&apos; "
                                "is wrong; expecting &apos;us-east-1&apos;</Message><Region>us-east-1</Region>"},
    {SG_CODE_HEADERS_NOT_SIGNED, "<HeadersNotSigned>x-amz-acl</HeadersNotSigned>"},
    {SG_CODE_CLOCK_SKEW, "<RequestTime>20130523T000000Z</RequestTime><ServerTime>2013-05-24T00:00:00.000Z</ServerTime>"
                         "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>"},
    {SG_CODE_PRESIGN_EXPIRED, "<X-Amz-Expires>60</X-Amz-Expires><Expires>2013-05-23T00:01:00.000Z</Expires>"
                              "<ServerTime>2013-05-24T00:00:00.000Z</ServerTime>"},
    {SG_CODE_NO_SUCH_KEY, "<Key>key</Key><Resource>"},
    {SG_CODE_NO_SUCH_BUCKET, "<BucketName>bucket</BucketName><Resource>"},
    {SG_CODE_TAG_MISMATCH, "<Message>The object could not be authenticated.</Message><Resource>"},
};

START_TEST(facts_go_with_their_errors)
{
    struct fake_req f;
    start(&f, "GET", "/bucket/key");
    f.req.auth.claim = (struct sg_auth_claim){
        .access_key_id = SG_BYTES_LIT("AK<ID"),
        .region = SG_BYTES_LIT("mars-1"),
        .headers_not_signed = SG_BYTES_LIT("x-amz-acl"),
        .time_s = FAKE_REQ_WALL_S - 86400,
        .expires_s = 60,
    };
    ck_ok(sg_reply_error(&f.req, of(fact_rows[_i].code), NULL, 0));
    const char *text = body(&f);
    ck_assert_msg(strstr(text, fact_rows[_i].shown) != NULL, "%s", text);
    ck_assert_ptr_null(strstr(text, "StringToSign"));
    ck_assert_ptr_null(strstr(text, "CanonicalRequest"));
    fake_req_clear(&f);
}
END_TEST

/* Every row of err.def has a reply that is complete. */
START_TEST(every_error_can_be_said)
{
    for (int code = 1; code < SG_CODE_COUNT; code++) {
        struct fake_req f;
        start(&f, "GET", "/bucket/key");
        ck_ok(sg_reply_error(&f.req, of((enum sg_code)code), NULL, 0));
        ck_assert_int_ge(f.req.reply_status, 300);
        if (f.req.reply_status != 304)
            ck_assert_ptr_nonnull(strstr(body(&f), "</Error>"));
        fake_req_clear(&f);
    }
}
END_TEST

START_TEST(the_longest_key_can_be_said)
{
    struct fake_req f;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf target = SGC_BUF_INIT(8000);
    ck_ok(sgc_buf_append_str(&target, "/bucket/"));
    for (size_t i = 0; i < SG_LIMIT_KEY; i++)
        ck_ok(sgc_buf_append_str(&target, "%22"));
    ck_ok(sgc_buf_append_u8(&target, 0));
    start(&f, "GET", (const char *)target.ptr);
    ck_assert_uint_eq(f.req.target.key.len, SG_LIMIT_KEY);
    ck_ok(sg_reply_error(&f.req, of(SG_CODE_NO_SUCH_KEY), NULL, 0));
    fake_req_clear(&f);
}
END_TEST

static const struct {
    int status;
    const char *code;
    int shown_status;
    const char *shown_code;
} upstream_rows[] = {
    {404, "NoSuchKey", 404, "NoSuchKey"},
    {409, "BucketNotEmpty", 409, "BucketNotEmpty"},
    {400, "XMinio.Something9", 400, "XMinio.Something9"},
    {503, "SlowDown", 503, "SlowDown"},
    {404, "", 404, "NoSuchKey"},
    {403, "", 403, "AccessDenied"},
    {412, "", 412, "PreconditionFailed"},
    {416, "", 416, "InvalidRange"},
    {405, "", 405, "MethodNotAllowed"},
    {501, "", 501, "NotImplemented"},
    {503, "", 503, "SlowDown"},
    {500, "", 502, "BadGateway"},
    {418, "", 502, "BadGateway"},
    {200, "NoSuchKey", 502, "BadGateway"},
    {301, "PermanentRedirect", 502, "BadGateway"},
    {307, "TemporaryRedirect", 502, "BadGateway"},
    {999, "NoSuchKey", 502, "BadGateway"},
    {404, "<b>", 404, "NoSuchKey"},
    {404, "No Such Key", 404, "NoSuchKey"},
};

START_TEST(upstream_errors_are_passed_on_in_our_form)
{
    struct fake_req f;
    char expected[100];
    start(&f, "GET", "/bucket/key");
    ck_ok(sg_reply_upstream_error(&f.req, upstream_rows[_i].status, sg_bytes_str(upstream_rows[_i].code),
                                  SG_BYTES_LIT("a <message>")));
    ck_assert_int_eq(f.req.reply_status, upstream_rows[_i].shown_status);
    ck_assert_int_gt(snprintf(expected, sizeof(expected), "<Error><Code>%s</Code>", upstream_rows[_i].shown_code), 0);
    const char *text = body(&f);
    ck_assert_msg(strstr(text, expected) != NULL, "%s", text);
    ck_assert_ptr_nonnull(strstr(text, "<Resource>/bucket/key</Resource>" IDS));
    ck_assert(sg_bytes_eq_str(f.req.reply_code, upstream_rows[_i].shown_code));
    ck_assert_ptr_null(strstr(text, "<message>"));
    fake_req_clear(&f);
}
END_TEST

START_TEST(an_upstream_304_and_an_upstream_error_to_head_have_no_body)
{
    struct fake_req f;
    start(&f, "GET", "/bucket/key");
    ck_ok(sg_reply_upstream_error(&f.req, 304, SG_BYTES_NONE, SG_BYTES_NONE));
    ck_assert_int_eq(f.req.reply_status, 304);
    ck_assert_uint_eq(f.req.reply_body.len, 0);
    fake_req_clear(&f);
    start(&f, "HEAD", "/bucket");
    ck_ok(sg_reply_upstream_error(&f.req, 404, SG_BYTES_LIT("NoSuchBucket"), SG_BYTES_NONE));
    ck_assert_int_eq(f.req.reply_status, 404);
    ck_assert_uint_eq(f.req.reply_body.len, 0);
    fake_req_clear(&f);
}
END_TEST

SG_TEST_MAIN("core/reply", TEST(an_error_has_code_message_resource_and_ids),
             TEST(an_error_replaces_what_the_reply_held), TEST(head_has_no_body),
             TEST(not_modified_keeps_the_validators_and_has_no_body), TEST(unavailable_says_when_to_come_back),
             TEST(details_stand_between_message_and_resource),
             TEST(a_target_that_could_not_be_parsed_is_shown_as_received),
             TEST_LOOP(facts_go_with_their_errors, SG_COUNT_OF(fact_rows)), TEST(every_error_can_be_said),
             TEST(the_longest_key_can_be_said),
             TEST_LOOP(upstream_errors_are_passed_on_in_our_form, SG_COUNT_OF(upstream_rows)),
             TEST(an_upstream_304_and_an_upstream_error_to_head_have_no_body))
