/* Is an error body of an upstream understood where it is one, and harmless where it is not? */
#include "s3client/s3_error.h"

#include "common/limits.h"
#include "crypto/buf.h"
#include "support/check_main.h"

#include "common/banned.h"

#define BUF(name, max) SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(max)
#define DECLARATION    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const struct {
    const char *body, *code, *message, *request_id;
} bodies[] = {
    {DECLARATION "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>k</Key>"
                 "<RequestId>18A</RequestId><HostId>x</HostId></Error>",
     "NoSuchKey", "The specified key does not exist.", "18A"},
    {"<Error xmlns=\"u\"><RequestId>1</RequestId><Code>SlowDown</Code></Error>", "SlowDown", "", "1"},
    {"<Error><Code>A&amp;B</Code><Message>a &lt; b</Message></Error>", "A&B", "a < b", ""},
    {"<Error><Code>First</Code><Code>Second</Code></Error>", "First", "", ""},
    {"<Error><Code></Code><Code>Second</Code></Error>", "Second", "", ""},
    {"<Error><Message>line\none&#13;two\tthree</Message></Error>", "", "line one two three", ""},
    {"<Error><Code>Cut</Code><Message>before the e", "Cut", "", ""},
    {"<Error><Code>Cut</Code><Message>m</Messag", "Cut", "", ""},
    {"<Error><Code>Bad</Code>&undefined;<Message>m</Message></Error>", "Bad", "", ""},
    /* no S3 errors */
    {"", "", "", ""},
    {" ", "", "", ""},
    {"{\"code\": \"NoSuchKey\"}", "", "", ""},
    {"<html><body><h1>502 Bad Gateway</h1></body></html>", "", "", ""},
    {"<!DOCTYPE html><html></html>", "", "", ""},
    {"<!DOCTYPE Error [<!ENTITY x \"y\">]><Error><Code>&x;</Code></Error>", "", "", ""},
    {"<Error/>", "", "", ""},
    {"<Error>NoSuchKey</Error>", "", "", ""},
    {"<error><code>NoSuchKey</code></error>", "", "", ""},
    {"<Result><Error><Code>NoSuchKey</Code></Error></Result>", "", "", ""},
    {"<Error><Details><Code>NoSuchKey</Code></Details></Error>", "", "", ""},
    {"<Error><Code><b>NoSuchKey</b></Code></Error>", "", "", ""},
    {"<Code>NoSuchKey</Code>", "", "", ""},
    {"\xFF\xFE<\x00", "", "", ""},
};

START_TEST(bodies_are_read)
{
    struct sgs_s3_error e;
    memset(&e, 'x', sizeof(e));
    sgs_s3_error_parse(sg_bytes_str(bodies[_i].body), &e);
    ck_assert_str_eq(e.code, bodies[_i].code);
    ck_assert_str_eq(e.message, bodies[_i].message);
    ck_assert_str_eq(e.request_id, bodies[_i].request_id);
}
END_TEST

START_TEST(long_texts_are_cut_between_characters)
{
    struct sgs_s3_error e;
    BUF(body, 8 * SG_KIB);
    ck_ok(sgc_buf_append_str(&body, "<Error><Code>"));
    for (int i = 0; i < 100; i++)
        ck_ok(sgc_buf_append_u8(&body, 'c'));
    ck_ok(sgc_buf_append_str(&body, "</Code><Message>"));
    for (int i = 0; i < 300; i++)
        ck_ok(sgc_buf_append_str(&body, "\xE6\x97\xA5"));
    ck_ok(sgc_buf_append_str(&body, "</Message></Error>"));
    sgs_s3_error_parse(sgc_buf_view(&body), &e);
    ck_assert_uint_eq(strlen(e.code), sizeof(e.code) - 1);
    ck_assert_uint_eq(strlen(e.message), 510); /* 170 characters of three bytes */
}
END_TEST

START_TEST(only_the_bounded_beginning_of_a_huge_body_is_read)
{
    struct sgs_s3_error e;
    BUF(body, 4 * SG_LIMIT_ERROR_BODY);
    ck_ok(sgc_buf_append_str(&body, "<Error><Code>Known</Code>"));
    while (body.len < 2 * SG_LIMIT_ERROR_BODY)
        ck_ok(sgc_buf_append_str(&body, "<Noise>x</Noise>"));
    ck_ok(sgc_buf_append_str(&body, "<Message>late</Message></Error>"));
    sgs_s3_error_parse(sgc_buf_view(&body), &e);
    ck_assert_str_eq(e.code, "Known");
    ck_assert_str_eq(e.message, "");
}
END_TEST

START_TEST(a_body_cut_at_any_byte_gives_a_beginning_of_what_it_says)
{
    static const char body[] = DECLARATION "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>";
    for (size_t len = 0; len < sizeof(body); len++) {
        struct sgs_s3_error e;
        sgs_s3_error_parse(sg_bytes(body, len), &e);
        ck_assert(e.code[0] == '\0' || strcmp(e.code, "NoSuchKey") == 0);
        ck_assert(e.message[0] == '\0' || strcmp(e.message, "no") == 0);
    }
}
END_TEST

SG_TEST_MAIN("s3client/s3_error", TEST_LOOP(bodies_are_read, SG_COUNT_OF(bodies)),
             TEST(long_texts_are_cut_between_characters), TEST(only_the_bounded_beginning_of_a_huge_body_is_read),
             TEST(a_body_cut_at_any_byte_gives_a_beginning_of_what_it_says))
