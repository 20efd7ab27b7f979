/* What a request says about its body is read strictly: a check is done or the request refused. */
#include "ops/body_facts.h"

#include "support/check_main.h"

#include "common/banned.h"

struct row {
    enum sg_payload payload;
    const char *headers[3][2];
    enum sg_code expected;
};

#define CRC32 "x-amz-checksum-crc32"

static const struct row rows[] = {
    {SG_PAYLOAD_UNSIGNED, {{NULL}}, SG_CODE_OK},
    {SG_PAYLOAD_UNSIGNED, {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}, SG_CODE_OK},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, "AAAAAA=="}}, SG_CODE_OK},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, "AAAAAA=="}, {"x-amz-sdk-checksum-algorithm", "CRC32"}}, SG_CODE_OK},
    {SG_PAYLOAD_CHUNKED_TRAILER, {{"x-amz-trailer", CRC32}, {"x-amz-decoded-content-length", "5"}}, SG_CODE_OK},
    {SG_PAYLOAD_UNSIGNED, {{"Content-MD5", "xyz"}}, SG_CODE_INVALID_DIGEST},
    {SG_PAYLOAD_UNSIGNED, {{"Content-MD5", ""}}, SG_CODE_INVALID_DIGEST},
    {SG_PAYLOAD_UNSIGNED, {{"Content-MD5", "AAAA"}}, SG_CODE_INVALID_DIGEST},
    {SG_PAYLOAD_UNSIGNED,
     {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}, {"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}},
     SG_CODE_INVALID_DIGEST},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, "AAAA"}}, SG_CODE_CHECKSUM_INVALID},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, "not base64"}}, SG_CODE_CHECKSUM_INVALID},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, ""}}, SG_CODE_CHECKSUM_INVALID},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, "AAAAAA=="}, {"x-amz-checksum-crc32c", "AAAAAA=="}}, SG_CODE_CHECKSUM_MULTIPLE},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, "AAAAAA=="}, {CRC32, "AAAAAA=="}}, SG_CODE_CHECKSUM_MULTIPLE},
    {SG_PAYLOAD_UNSIGNED, {{"x-amz-checksum-crc7", "AAAAAA=="}}, SG_CODE_CHECKSUM_UNKNOWN},
    {SG_PAYLOAD_UNSIGNED, {{"x-amz-sdk-checksum-algorithm", "CRC7"}}, SG_CODE_CHECKSUM_UNKNOWN},
    {SG_PAYLOAD_UNSIGNED, {{CRC32, "AAAAAA=="}, {"x-amz-sdk-checksum-algorithm", "SHA256"}}, SG_CODE_CHECKSUM_INVALID},
    {SG_PAYLOAD_UNSIGNED, {{"x-amz-trailer", CRC32}}, SG_CODE_MALFORMED_TRAILER},
    {SG_PAYLOAD_CHUNKED_TRAILER, {{"x-amz-trailer", CRC32}}, SG_CODE_MISSING_LENGTH},
    {SG_PAYLOAD_CHUNKED_TRAILER,
     {{"x-amz-trailer", CRC32}, {CRC32, "AAAAAA=="}, {"x-amz-decoded-content-length", "5"}},
     SG_CODE_CHECKSUM_MULTIPLE},
    {SG_PAYLOAD_CHUNKED_TRAILER,
     {{"x-amz-trailer", "x-amz-meta-a"}, {"x-amz-decoded-content-length", "5"}},
     SG_CODE_CHECKSUM_UNKNOWN},
    {SG_PAYLOAD_CHUNKED_SIGNED, {{"x-amz-decoded-content-length", "-5"}}, SG_CODE_INVALID_ARGUMENT},
    {SG_PAYLOAD_CHUNKED_SIGNED, {{"x-amz-decoded-content-length", "5x"}}, SG_CODE_INVALID_ARGUMENT},
    {SG_PAYLOAD_CHUNKED_SIGNED,
     {{"x-amz-decoded-content-length", "5"}, {"x-amz-decoded-content-length", "6"}},
     SG_CODE_INVALID_ARGUMENT},
    {SG_PAYLOAD_CHUNKED_SIGNED, {{"x-amz-decoded-content-length", "1001"}}, SG_CODE_ENTITY_TOO_LARGE},
    {SG_PAYLOAD_CHUNKED_SIGNED, {{"x-amz-decoded-content-length", "18446744073709551615"}}, SG_CODE_INVALID_ARGUMENT},
};

START_TEST(integrity_headers_are_read_or_refused)
{
    const struct row *row = &rows[_i];
    struct sg_req req = {.head.headers = SGS_HEADERS_NONE, .head.has_body = true, .head.content_length = 10};
    struct sg_pipe_facts facts = {.req = NULL};
    req.auth.payload = row->payload;
    for (size_t i = 0; i < 3 && row->headers[i][0] != NULL; i++)
        ck_ok(sgs_headers_add_str(&req.head.headers, row->headers[i][0], row->headers[i][1]));
    sg_err err = sg_body_facts(&req, 1000, true, &facts);
    ck_assert_msg(err.code == row->expected, "row %d gave %s", _i, sg_err_row(err)->name);
    sgs_headers_clear(&req.head.headers);
}
END_TEST

START_TEST(a_raw_body_of_unknown_length_is_refused)
{
    struct sg_req req = {.head.headers = SGS_HEADERS_NONE, .head.has_body = true};
    struct sg_pipe_facts facts = {.req = NULL};
    req.head.content_length = SG_LENGTH_UNKNOWN;
    req.auth.payload = SG_PAYLOAD_UNSIGNED;
    ck_fails(sg_body_facts(&req, 1000, true, &facts), MISSING_LENGTH);
    ck_ok(sg_body_facts(&req, 1000, false, &facts));
}
END_TEST

SG_TEST_MAIN("ops/body_facts", TEST_LOOP(integrity_headers_are_read_or_refused, SG_COUNT_OF(rows)),
             TEST(a_raw_body_of_unknown_length_is_refused))
