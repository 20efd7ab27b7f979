/* Is a line always one line, and always JSON? */
#include "support/check_main.h"

#include "core/json_write.h"

#include "common/banned.h"

/* SG_BYTES_LIT is no constant initialiser. */
#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

static const struct {
    struct sg_bytes value;
    const char *written;
} rows[] = {
    {TEXT(""), ""},
    {TEXT("plain /text.txt"), "plain /text.txt"},
    {TEXT("\"quoted\\\""), "\\u0022quoted\\u005c\\u0022"},
    {TEXT("a\r\nb\tc"), "a\\u000d\\u000ab\\u0009c"},
    {TEXT("nul\0nul"), "nul\\u0000nul"},
    {TEXT("\x7f\x1b[31m"), "\\u007f\\u001b[31m"},
    {TEXT("\xe2\x82\xac"), "\xe2\x82\xac"},
    {TEXT("\xff\xe2\x82"), "\\u00ff\\u00e2\\u0082"},
    {TEXT("\xed\xa0\x80!"), "\\u00ed\\u00a0\\u0080!"},
};

START_TEST(values_are_escaped)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(200);
    char expected[200];
    ck_ok(sg_json_begin(&out));
    ck_ok(sg_json_bytes(&out, "k", rows[_i].value));
    ck_ok(sg_json_end(&out));
    ck_assert_int_gt(snprintf(expected, sizeof(expected), "{\"k\":\"%s\"}\n", rows[_i].written), 0);
    ck_assert_msg(sg_bytes_eq_str(sgc_buf_view(&out), expected), "%.*s", SG_BYTES_FMT(sgc_buf_view(&out)));
}
END_TEST

START_TEST(fields_are_separated)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(200);
    ck_ok(sg_json_begin(&out));
    ck_ok(sg_json_str(&out, "a", "{"));
    ck_ok(sg_json_u64(&out, "b", UINT64_MAX));
    ck_ok(sg_json_u64(&out, "c", 0));
    ck_ok(sg_json_end(&out));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "{\"a\":\"{\",\"b\":18446744073709551615,\"c\":0}\n"));
}
END_TEST

START_TEST(a_line_that_is_too_long_is_an_error)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(16);
    ck_ok(sg_json_begin(&out));
    ck_fails(sg_json_str(&out, "name", "a value that is longer"), LIMIT);
}
END_TEST

SG_TEST_MAIN("core/json_write", TEST_LOOP(values_are_escaped, SG_COUNT_OF(rows)), TEST(fields_are_separated),
             TEST(a_line_that_is_too_long_is_an_error))
