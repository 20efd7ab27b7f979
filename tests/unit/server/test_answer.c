/*
 * Responses that have no request.
 */
#include "support/check_main.h"

#include "server/answer.h"

static int64_t long_ago(const struct sg_clock *clock)
{
    SG_UNUSED(clock);
    return 1369353600;
}

static const struct sg_clock clock_ = {long_ago};

START_TEST(an_error_is_s3_xml_with_its_length)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(SG_ANSWER_MAX);
    char length[64];
    ck_ok(sg_answer_error(&out, &clock_, SG_ERR_OF(HTTPS_REQUIRED), _i == 1, "0123456789ABCDEF"));
    ck_ok(sgc_buf_append_u8(&out, '\0'));
    const char *text = (const char *)out.ptr;
    size_t head = sg_answer_head_len(sgc_buf_view(&out));
    ck_assert_ptr_eq(strstr(text, "HTTP/1.1 403 Forbidden\r\nDate: Fri, 24 May 2013 00:00:00 GMT\r\n"), text);
    (void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(text) - head);
    ck_assert_ptr_nonnull(strstr(text, length));
    ck_assert_ptr_nonnull(strstr(text, "Connection: close\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "x-amz-request-id: 0123456789ABCDEF\r\n"));
    ck_assert_ptr_nonnull(strstr(text + head, "<Code>AccessDenied</Code>"));
    ck_assert_int_eq(strstr(text, "Strict-Transport-Security") != NULL, _i == 1);
}
END_TEST

START_TEST(every_error_has_a_status_with_a_phrase)
{
    for (int code = SG_CODE_OK + 1; code < SG_CODE_COUNT; code++) {
        int status = sg_err_row((sg_err){(enum sg_code)code})->status;
        if (status != 499)
            ck_assert_str_ne(sg_answer_phrase(status), "Status");
    }
}
END_TEST

START_TEST(every_answer_fits)
{
    for (int code = SG_CODE_OK + 1; code < SG_CODE_COUNT; code++) {
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(SG_ANSWER_MAX);
        ck_ok(sg_answer_error(&out, &clock_, (sg_err){(enum sg_code)code}, true, "0123456789ABCDEF"));
    }
}
END_TEST

START_TEST(ids_are_upper_hex_and_differ)
{
    char a[SG_ANSWER_ID_SIZE], b[SG_ANSWER_ID_SIZE];
    ck_ok(sg_answer_id(a));
    ck_ok(sg_answer_id(b));
    ck_assert_uint_eq(strlen(a), 16);
    ck_assert_uint_eq(strspn(a, "0123456789ABCDEF"), 16);
    ck_assert_str_ne(a, b);
}
END_TEST

START_TEST(a_response_without_end_of_head_is_all_head)
{
    ck_assert_uint_eq(sg_answer_head_len(SG_BYTES_LIT("HTTP/1.1 200 OK\r\n")), 17);
    ck_assert_uint_eq(sg_answer_head_len(SG_BYTES_LIT("HTTP/1.1 200 OK\r\n\r\nbody")), 19);
}
END_TEST

SG_TEST_MAIN("server/answer", TEST_LOOP(an_error_is_s3_xml_with_its_length, 2),
             TEST(every_error_has_a_status_with_a_phrase), TEST(every_answer_fits), TEST(ids_are_upper_hex_and_differ),
             TEST(a_response_without_end_of_head_is_all_head))
