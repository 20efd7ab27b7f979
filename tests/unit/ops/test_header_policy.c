/* The header table: what is not named goes nowhere, what is ours is refused, what describes the object is sealed. */
#include "ops/header_policy.h"

#include "support/check_main.h"

#include "common/banned.h"

static struct sg_req req;

static void begin(void)
{
    req = (struct sg_req){.target.query = SGS_QUERY_NONE,
                          .head.headers = SGS_HEADERS_NONE,
                          .main.headers = SGS_HEADERS_NONE,
                          .reply_headers = SGS_HEADERS_NONE};
}

static void end(void)
{
    sgs_query_clear(&req.target.query);
    sgs_headers_clear(&req.head.headers);
    sgs_headers_clear(&req.main.headers);
    sgs_headers_clear(&req.reply_headers);
}

static const char *const refused[] = {
    "x-amz-meta-sealgate",
    "X-Amz-Meta-Sealgate-Meta",
    "x-amz-meta-sealgate-anything",
    "x-amz-meta-snowball-auto-extract",
    "X-Amz-Server-Side-Encryption-Customer-Key",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-write-offset-bytes",
};

START_TEST(dangerous_headers_are_refused)
{
    begin();
    ck_ok(sgs_headers_add_str(&req.head.headers, refused[_i], "1"));
    ck_assert_msg(!sg_is_ok(sg_headers_check(&req)), "%s", refused[_i]);
    end();
}
END_TEST

static const char *const never_forwarded[] = {
    "Host",
    "Authorization",
    "Content-Length",
    "Range",
    "Content-MD5",
    "x-amz-checksum-crc32",
    "x-amz-te",
    "X-Amz-Date",
    "x-amz-content-sha256",
    "x-amz-trailer",
    "User-Agent",
    "Accept-Encoding",
    "X-Minio-Extract",
    "X-Minio-Internal-Foo",
    "X-Forwarded-For",
    "Content-Type",
    "x-amz-meta-color",
    "x-amz-server-side-encryption",
    "x-amz-decoded-content-length",
    "Expect",
    "Connection",
    "amz-sdk-invocation-id",
    "x-unknown",
    "x-amz-security-token",
};

START_TEST(these_headers_never_reach_the_upstream)
{
    struct sgs_headers out = SGS_HEADERS_NONE;
    begin();
    ck_ok(sgs_headers_add_str(&req.head.headers, never_forwarded[_i], "1"));
    ck_ok(sg_headers_forward(&req, &out));
    ck_assert_msg(out.count == 0, "%s was forwarded", never_forwarded[_i]);
    sgs_headers_clear(&out);
    end();
}
END_TEST

START_TEST(conditions_are_forwarded_in_the_upstreams_form)
{
    struct sgs_headers out = SGS_HEADERS_NONE;
    struct sg_bytes value;
    begin();
    ck_ok(sgs_headers_add_str(&req.head.headers, "If-Match", " \"abc-0\" "));
    ck_ok(sgs_headers_add_str(&req.head.headers, "x-amz-acl", "private"));
    ck_ok(sg_headers_forward(&req, &out));
    ck_assert(sgs_headers_find(&out, "if-match", &value) && sg_bytes_eq_str(value, "\"abc\""));
    ck_assert(sgs_headers_find(&out, "x-amz-acl", &value) && sg_bytes_eq_str(value, "private"));
    sgs_headers_clear(&out);
    end();
}
END_TEST

START_TEST(metadata_is_collected_without_the_framing_of_the_upload)
{
    struct sgc_metadata m = SGC_METADATA_NONE;
    struct sg_bytes value;
    begin();
    ck_ok(sgs_headers_add_str(&req.head.headers, "X-Amz-Meta-Color", "blue"));
    ck_ok(sgs_headers_add_str(&req.head.headers, "Content-Encoding", "gzip, aws-chunked"));
    ck_ok(sgs_headers_add_str(&req.head.headers, "Content-Type", "text/plain"));
    ck_ok(sgs_headers_add_str(&req.head.headers, "x-amz-acl", "private"));
    ck_ok(sg_headers_collect_metadata(&req, &m));
    ck_assert_uint_eq(m.count, 3);
    ck_assert(sgc_metadata_find(&m, SGC_METADATA_USER, SG_BYTES_LIT("color"), &value));
    ck_assert(sg_bytes_eq_str(value, "blue"));
    ck_assert(sgc_metadata_find(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("content-encoding"), &value));
    ck_assert(sg_bytes_eq_str(value, "gzip"));
    sgc_metadata_clear(&m);
    end();
}
END_TEST

START_TEST(aws_chunked_alone_leaves_no_content_encoding)
{
    struct sgc_metadata m = SGC_METADATA_NONE;
    begin();
    ck_ok(sgs_headers_add_str(&req.head.headers, "Content-Encoding", "aws-chunked"));
    ck_ok(sg_headers_collect_metadata(&req, &m));
    ck_assert_uint_eq(m.count, 0);
    sgc_metadata_clear(&m);
    end();
}
END_TEST

static const char *const never_shown[] = {
    "x-amz-meta-sealgate",
    "X-Amz-Meta-Sealgate-Meta",
    "Content-Type",
    "Content-Length",
    "x-amz-checksum-crc32",
    "x-amz-meta-other",
    "x-amz-bucket-region",
    "Server",
    "x-minio-error-code",
    "Content-Encoding",
    "x-amz-server-side-encryption",
    "Set-Cookie",
};

START_TEST(these_headers_of_the_upstream_are_never_shown) /* FMT-29 */
{
    begin();
    ck_ok(sgs_headers_add_str(&req.main.headers, never_shown[_i], "1"));
    ck_ok(sg_headers_reply(&req));
    ck_assert_msg(req.reply_headers.count == 0, "%s was shown", never_shown[_i]);
    end();
}
END_TEST

START_TEST(etag_and_version_are_shown)
{
    struct sg_bytes value;
    begin();
    ck_ok(sgs_headers_add_str(&req.main.headers, "ETag", "\"abc\""));
    ck_ok(sgs_headers_add_str(&req.main.headers, "x-amz-version-id", "7"));
    ck_ok(sg_headers_reply(&req));
    ck_assert(sgs_headers_find(&req.reply_headers, "etag", &value) && sg_bytes_eq_str(value, "\"abc-0\""));
    ck_assert(sgs_headers_find(&req.reply_headers, "x-amz-version-id", &value) && sg_bytes_eq_str(value, "7"));
    end();
}
END_TEST

START_TEST(response_parameters_take_the_place_of_what_is_stored)
{
    struct sg_bytes value;
    begin();
    ck_ok(sgs_query_parse(SG_BYTES_LIT("response-content-type=a%2Fb"), &req.target.query));
    ck_assert(sg_headers_is_overridden(&req, SG_BYTES_LIT("content-type")));
    ck_assert(!sg_headers_is_overridden(&req, SG_BYTES_LIT("expires")));
    ck_ok(sg_headers_reply_overrides(&req));
    ck_assert(sgs_headers_find(&req.reply_headers, "content-type", &value) && sg_bytes_eq_str(value, "a/b"));
    end();
}
END_TEST

SG_TEST_MAIN("ops/header_policy", TEST_LOOP(dangerous_headers_are_refused, SG_COUNT_OF(refused)),
             TEST_LOOP(these_headers_never_reach_the_upstream, SG_COUNT_OF(never_forwarded)),
             TEST(conditions_are_forwarded_in_the_upstreams_form),
             TEST(metadata_is_collected_without_the_framing_of_the_upload),
             TEST(aws_chunked_alone_leaves_no_content_encoding),
             TEST_LOOP(these_headers_of_the_upstream_are_never_shown, SG_COUNT_OF(never_shown)),
             TEST(etag_and_version_are_shown), TEST(response_parameters_take_the_place_of_what_is_stored))
