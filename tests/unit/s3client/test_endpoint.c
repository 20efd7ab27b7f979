/* Which URLs of an upstream are accepted, and can a bucket or key ever name another host? */
#include "s3client/endpoint.h"

#include "support/check_main.h"

#include "common/banned.h"

#define BUF(name, max) SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(max)

static const struct {
    const char *url, *authority;
    bool virtual_host;
} good[] = {
    {"https://s3.example.com", "s3.example.com", true},
    {"https://s3.example.com:443", "s3.example.com", true},
    {"https://s3.example.com:0443", "s3.example.com", false},
    {"https://S3.Example.COM:9000", "s3.example.com:9000", true},
    {"https://minio", "minio", true},
    {"https://my_minio-1:1", "my_minio-1:1", true},
    {"https://localhost:65535", "localhost:65535", true},
    {"https://192.0.2.1:9000", "192.0.2.1:9000", false},
    {"https://[::1]", "[::1]", false},
    {"https://[2001:DB8::1]:9000", "[2001:db8::1]:9000", false},
    {"https://[::ffff:192.0.2.1]:443", "[::ffff:192.0.2.1]", false},
};

START_TEST(good_urls_are_parsed)
{
    struct sgs_endpoint e;
    ck_ok(sgs_endpoint_parse(sg_bytes_str(good[_i].url), good[_i].virtual_host, &e));
    ck_assert_str_eq(e.authority, good[_i].authority);
    ck_assert(e.virtual_host == good[_i].virtual_host);
}
END_TEST

static const char *const bad[] = {
    "",
    "s3.example.com",
    "http://s3.example.com",
    "HTTP://s3.example.com",
    "HTTPS://s3.example.com",
    "https:/s3.example.com",
    "https:s3.example.com",
    "https://",
    "https:///",
    "https://s3.example.com/",
    "https://s3.example.com/path",
    "https://s3.example.com?",
    "https://s3.example.com?a=b",
    "https://s3.example.com#f",
    "https://user@s3.example.com",
    "https://user:secret@s3.example.com",
    "https://s3.example.com:",
    "https://s3.example.com:0",
    "https://s3.example.com:65536",
    "https://s3.example.com:000443",
    "https://s3.example.com:99999999999999999999",
    "https://s3.example.com:9000:9000",
    "https://s3.example.com:90a",
    "https://s3.example.com:-1",
    "https://s3.example.com: 1",
    "https://:9000",
    "https://.",
    "https://.example.com",
    "https://example.com.",
    "https://a..b",
    "https://-a.example",
    "https://a-.example",
    "https://a b",
    "https://a\tb",
    "https://a%2e.example",
    "https://\xC3\xBC.example",
    "https://example.com\r\nHost:x",
    "https://[]",
    "https://[::1",
    "https://::1",
    "https://[::1]9000",
    "https://[::1]:",
    "https://[::1]/",
    "https://[::g]",
    "https://[fe80::1%25eth0]",
    "https://[192.0.2.1]",
    "https://[1:2:3:4:5:6:7:8:9]",
    "https://[0000000000000000000000000000000000000000000000000000000000000000000001::]",
    "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
    " https://s3.example.com",
    "https://s3.example.com ",
};

START_TEST(bad_urls_are_refused)
{
    struct sgs_endpoint e;
    ck_fails(sgs_endpoint_parse(sg_bytes_str(bad[_i]), false, &e), CONFIG);
    ck_fails(sgs_endpoint_parse(sg_bytes_str(bad[_i]), true, &e), CONFIG);
}
END_TEST

START_TEST(nuls_and_long_names_are_refused)
{
    struct sgs_endpoint e;
    BUF(url, 1024);
    ck_fails(sgs_endpoint_parse(SG_BYTES_LIT("https://a\0b"), false, &e), CONFIG);
    ck_fails(sgs_endpoint_parse(SG_BYTES_LIT("https://[::1\0]"), false, &e), CONFIG);
    ck_ok(sgc_buf_append_str(&url, "https://a"));
    while (url.len < strlen("https://") + 253)
        ck_ok(sgc_buf_append_str(&url, ".a"));
    ck_ok(sgs_endpoint_parse(sgc_buf_view(&url), false, &e));
    ck_ok(sgc_buf_append_str(&url, "a:12345"));
    ck_fails(sgs_endpoint_parse(sgc_buf_view(&url), false, &e), CONFIG);
}
END_TEST

START_TEST(addresses_have_no_virtual_hosts)
{
    struct sgs_endpoint e;
    ck_fails(sgs_endpoint_parse(SG_BYTES_LIT("https://192.0.2.1"), true, &e), CONFIG);
    ck_fails(sgs_endpoint_parse(SG_BYTES_LIT("https://[::1]:9000"), true, &e), CONFIG);
}
END_TEST

static const struct {
    bool virtual_host;
    const char *bucket, *key, *host, *path;
} places[] = {
    {false, "", "", "s3.example:9000", "/"},
    {false, "bucket", "", "s3.example:9000", "/bucket"},
    {false, "bucket", "key", "s3.example:9000", "/bucket/key"},
    {false, "bucket", "/key/", "s3.example:9000", "/bucket//key/"},
    {false, "bucket", "a//b/../c d+e%\xC3\xBC~?#", "s3.example:9000", "/bucket/a//b/../c%20d%2Be%25%C3%BC~%3F%23"},
    {false, "../evil", "key", "s3.example:9000", "/..%2Fevil/key"},
    {false, "b@evil.example:1", "k", "s3.example:9000", "/b%40evil.example%3A1/k"},
    {true, "", "", "s3.example:9000", "/"},
    {true, "bucket", "", "bucket.s3.example:9000", "/"},
    {true, "bucket", "key", "bucket.s3.example:9000", "/key"},
    {true, "my.bucket-1", "/key", "my.bucket-1.s3.example:9000", "//key"},
};

START_TEST(buckets_and_keys_have_their_place)
{
    struct sgs_endpoint e;
    BUF(host, 512);
    BUF(path, 512);
    ck_ok(sgs_endpoint_parse(SG_BYTES_LIT("https://s3.example:9000"), places[_i].virtual_host, &e));
    ck_ok(sgs_endpoint_host(&e, sg_bytes_str(places[_i].bucket), &host));
    ck_ok(sgs_endpoint_path(&e, sg_bytes_str(places[_i].bucket), sg_bytes_str(places[_i].key), &path));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&host), places[_i].host));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&path), places[_i].path));
}
END_TEST

static const struct sg_bytes bad_buckets[] = {
    SG_BYTES_INIT("evil.example/"),
    SG_BYTES_INIT("a@b"),
    SG_BYTES_INIT("a:1"),
    SG_BYTES_INIT("a?"),
    SG_BYTES_INIT("a#"),
    SG_BYTES_INIT("a b"),
    SG_BYTES_INIT("a\n"),
    SG_BYTES_INIT("a\\b"),
    SG_BYTES_INIT("a%2"),
    SG_BYTES_INIT("a\0"),
    SG_BYTES_INIT("\xC3\xBC"),
    SG_BYTES_INIT("/"),
    SG_BYTES_INIT("[::1]"),
};

START_TEST(a_bucket_cannot_change_the_host)
{
    BUF(host, 512);
    struct sgs_endpoint e;
    ck_ok(sgs_endpoint_parse(SG_BYTES_LIT("https://s3.example"), true, &e));
    ck_fails(sgs_endpoint_host(&e, bad_buckets[_i], &host), INVALID_BUCKET_NAME);
    ck_assert_uint_eq(host.len, 0);
}
END_TEST

START_TEST(small_buffers_are_limits)
{
    struct sgs_endpoint e;
    BUF(out, 4);
    ck_ok(sgs_endpoint_parse(SG_BYTES_LIT("https://s3.example"), true, &e));
    ck_fails(sgs_endpoint_host(&e, SG_BYTES_LIT("bucket"), &out), LIMIT);
    ck_fails(sgs_endpoint_path(&e, SG_BYTES_NONE, SG_BYTES_LIT("a key"), &out), LIMIT);
}
END_TEST

SG_TEST_MAIN("s3client/endpoint", TEST_LOOP(good_urls_are_parsed, SG_COUNT_OF(good)),
             TEST_LOOP(bad_urls_are_refused, SG_COUNT_OF(bad)), TEST(nuls_and_long_names_are_refused),
             TEST(addresses_have_no_virtual_hosts), TEST_LOOP(buckets_and_keys_have_their_place, SG_COUNT_OF(places)),
             TEST_LOOP(a_bucket_cannot_change_the_host, SG_COUNT_OF(bad_buckets)), TEST(small_buffers_are_limits))
