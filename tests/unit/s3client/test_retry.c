/* Which codes mean what, and which of them may be tried again. */
#include "support/check_main.h"

#include "s3client/retry.h"

static const struct {
    CURLcode code;
    enum sg_code err;
    bool again;
} rows[] = {
    {CURLE_COULDNT_RESOLVE_HOST, SG_CODE_UPSTREAM_CONNECT, false},
    {CURLE_COULDNT_CONNECT, SG_CODE_UPSTREAM_CONNECT, true},
    {CURLE_OPERATION_TIMEDOUT, SG_CODE_UPSTREAM_TIMEOUT, false},
    {CURLE_SSL_CONNECT_ERROR, SG_CODE_UPSTREAM_TLS, true},
    {CURLE_PEER_FAILED_VERIFICATION, SG_CODE_UPSTREAM_TLS, false},
    {CURLE_SSL_CACERT_BADFILE, SG_CODE_UPSTREAM_TLS, false},
    {CURLE_SSL_CIPHER, SG_CODE_UPSTREAM_TLS, false},
    {CURLE_SEND_ERROR, SG_CODE_UPSTREAM_LOST, true},
    {CURLE_RECV_ERROR, SG_CODE_UPSTREAM_LOST, true},
    {CURLE_GOT_NOTHING, SG_CODE_UPSTREAM_LOST, true},
    {CURLE_PARTIAL_FILE, SG_CODE_UPSTREAM_LOST, false},
    {CURLE_SEND_FAIL_REWIND, SG_CODE_UPSTREAM_LOST, false},
    {CURLE_WEIRD_SERVER_REPLY, SG_CODE_UPSTREAM_PROTOCOL, false},
    {CURLE_UNSUPPORTED_PROTOCOL, SG_CODE_UPSTREAM_PROTOCOL, false},
    {CURLE_URL_MALFORMAT, SG_CODE_INTERNAL, false},
    {CURLE_WRITE_ERROR, SG_CODE_INTERNAL, false},
    {CURLE_ABORTED_BY_CALLBACK, SG_CODE_INTERNAL, false},
};

START_TEST(codes_have_their_error)
{
    struct sgs_attempt attempt = {.code = rows[_i].code};
    ck_assert_int_eq((int)sgs_retry_err(&attempt).code, (int)rows[_i].err);
    ck_assert(sgs_retry_may(&attempt) == rows[_i].again);
}
END_TEST

START_TEST(an_answer_or_a_second_attempt_forbids_another)
{
    struct sgs_attempt answered = {.code = rows[_i].code, .is_sent = true, .is_answered = true};
    struct sgs_attempt again = {.code = rows[_i].code, .is_sent = true, .is_again = true};
    ck_assert(!sgs_retry_may(&answered) && !sgs_retry_may(&again));
}
END_TEST

START_TEST(a_line_that_outgrows_its_buffer_is_the_fault_of_the_upstream)
{
    struct sgs_attempt before = {.code = CURLE_OUT_OF_MEMORY}, after = {.code = CURLE_OUT_OF_MEMORY, .is_sent = true};
    ck_fails(sgs_retry_err(&before), INTERNAL);
    ck_fails(sgs_retry_err(&after), UPSTREAM_PROTOCOL);
    ck_assert(!sgs_retry_may(&before) && !sgs_retry_may(&after));
}
END_TEST

START_TEST(every_code_has_an_error)
{
    for (int code = 1; code < CURL_LAST; code++) {
        struct sgs_attempt attempt = {.code = (CURLcode)code, .is_sent = true};
        ck_assert(!sg_is_ok(sgs_retry_err(&attempt)));
    }
}
END_TEST

SG_TEST_MAIN("s3client/retry", TEST_LOOP(codes_have_their_error, SG_COUNT_OF(rows)),
             TEST_LOOP(an_answer_or_a_second_attempt_forbids_another, SG_COUNT_OF(rows)),
             TEST(a_line_that_outgrows_its_buffer_is_the_fault_of_the_upstream), TEST(every_code_has_an_error))
