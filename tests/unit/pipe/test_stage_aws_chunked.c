/*
 * aws-chunked bodies: what clients send is taken apart, in pieces of any size; what they must not send is refused; and
 * in the signed modes no byte can be changed, moved or left out. Examples with known signatures:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html.
 */
#include "unit/pipe/chunked.h"

#include "common/banned.h"

#define CRC32          "x-amz-checksum-crc32"
#define CRC32_OF_HELLO "NhCmhg=="

static struct rig rig;
static struct sgc_buf out;

static void begin(enum sg_payload mode, const char *trailer)
{
    rig_init(&rig);
    chunked_request(&rig, mode, trailer);
    out = SGC_BUF_INIT(16 * SG_MIB);
}

static void end(void)
{
    sgc_buf_clear(&out);
    rig_clear(&rig);
}

static sg_err decode(struct sg_bytes body, size_t piece_max)
{
    sgc_buf_clear(&out);
    rig.piece_max = piece_max;
    rig.facts.checksum_verified = false;
    return rig_collect(&rig, &sg_pipe_collect, body, &out);
}

/* Whole, byte by byte, and in chance pieces: the verdict is the same. */
static sg_err decode_all_ways(struct sg_bytes body)
{
    sg_err whole = decode(body, 0);
    for (size_t piece_max = 1; piece_max <= 64; piece_max *= 4)
        ck_quick(decode(body, piece_max).code == whole.code);
    return whole;
}

struct body {
    const char *trailer; /* announced */
    const char *bytes;
    const char *plain;
    enum sg_code code;
};

static const struct body good[] = {
    {NULL, "5\r\nhello\r\n0\r\n\r\n", "hello", SG_CODE_OK},
    {NULL, "0\r\n\r\n", "", SG_CODE_OK},
    {NULL, "1\r\nh\r\n1\r\ne\r\n3\r\nllo\r\n0\r\n\r\n", "hello", SG_CODE_OK},
    {NULL, "00005\r\nhello\r\n0000000000000000\r\n\r\n", "hello", SG_CODE_OK},
    {NULL, "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", SG_CODE_OK},
    {NULL, "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", SG_CODE_OK},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "hello", SG_CODE_OK},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32: NhCmhg== \r\n\r\n", "hello", SG_CODE_OK},
    {CRC32, "5\r\nhello\r\n0\r\nX-Amz-Checksum-CRC32:NhCmhg==\r\n\r\n", "hello", SG_CODE_OK},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\n", "hello", SG_CODE_OK},
    {CRC32, "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "", SG_CODE_OK},
};

START_TEST(what_clients_send_unsigned_is_taken_apart)
{
    const struct body *row = &good[_i];
    begin(SG_PAYLOAD_CHUNKED_TRAILER, row->trailer);
    ck_ok(decode_all_ways(sg_bytes_str(row->bytes)));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), row->plain));
    ck_assert(rig.facts.checksum_verified == (row->trailer != NULL));
    end();
}
END_TEST

START_TEST(a_body_cut_short_anywhere_is_incomplete)
{
    struct sg_bytes whole = sg_bytes_str(good[_i].bytes);
    begin(SG_PAYLOAD_CHUNKED_TRAILER, good[_i].trailer);
    for (size_t len = 0; len < whole.len; len++) {
        ck_fails(decode(sg_bytes(whole.ptr, len), 0), INCOMPLETE_BODY);
        ck_assert_uint_eq(out.len, 0);
    }
    end();
}
END_TEST

START_TEST(bytes_behind_the_end_are_refused)
{
    struct sgc_buf longer = SGC_BUF_INIT(SG_KIB);
    begin(SG_PAYLOAD_CHUNKED_TRAILER, good[_i].trailer);
    ck_ok(sgc_buf_append_str(&longer, good[_i].bytes));
    ck_ok(sgc_buf_append_str(&longer, "\r"));
    ck_fails(decode_all_ways(sgc_buf_view(&longer)), INVALID_CHUNK);
    sgc_buf_clear(&longer);
    end();
}
END_TEST

#define INVALID   SG_CODE_INVALID_CHUNK
#define MALFORMED SG_CODE_MALFORMED_TRAILER

static const struct body bad[] = {
    {NULL, "\r\n", NULL, INVALID},
    {NULL, "g\r\n", NULL, INVALID},
    {NULL, "5", NULL, SG_CODE_INCOMPLETE_BODY},
    {NULL, "-5\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "+5\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "0x5\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, " 5\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5 \r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5\r\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5;\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5;a=b\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5;chunk-signature=" CHUNKED_SEED "\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "00000000000000005\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "10000000000000000\r\n", NULL, INVALID},
    {NULL, "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", NULL, SG_CODE_INCOMPLETE_BODY},
    {NULL, "5\r\nhelloX\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5\r\nhello\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5\r\nhello\rX0\r\n\r\n", NULL, INVALID},
    {NULL, "5\r\nhello0\r\n\r\n", NULL, INVALID},
    {NULL, "5\r\nhello\r\n\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "hello", NULL, SG_CODE_INCOMPLETE_BODY},
    {NULL, "hello\r\n", NULL, INVALID},
    {NULL, "5\r\nhello\r\n0\r\n\n", NULL, MALFORMED},
    {NULL, "5\r\nhello\r\n0\r\nfoo\r\n\r\n", NULL, MALFORMED},
    {NULL, "5\r\nhello\r\n0\r\n:\r\n\r\n", NULL, MALFORMED},
    {NULL, "5\r\nhello\r\n0\r\n:x\r\n\r\n", NULL, MALFORMED},
    {NULL, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:NhCmhg==\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32 :NhCmhg==\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\n x-amz-checksum-crc32:NhCmhg==\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32=NhCmhg==\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", NULL,
     MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-checksum-sha1:NhCmhg==\r\n\r\n", NULL,
     MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-meta-a:b\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\nx-amz-meta-a:b\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n", NULL, SG_CODE_INCOMPLETE_BODY},
    {CRC32, "5\r\nhello\r\n0\r\n\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-trailer-signature:" CHUNKED_SEED "\r\n\r\n",
     NULL, MALFORMED},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhw==\r\n\r\n", NULL, SG_CODE_CHECKSUM_MISMATCH},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", NULL, SG_CODE_CHECKSUM_MISMATCH},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhh==\r\n\r\n", NULL, SG_CODE_CHECKSUM_INVALID},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg\r\n\r\n", NULL, SG_CODE_CHECKSUM_INVALID},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCm\r\n\r\n", NULL, SG_CODE_CHECKSUM_INVALID},
    {CRC32, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhgAA\r\n\r\n", NULL, SG_CODE_CHECKSUM_INVALID},
};

START_TEST(what_clients_must_not_send_is_refused)
{
    const struct body *row = &bad[_i];
    begin(SG_PAYLOAD_CHUNKED_TRAILER, row->trailer);
    sg_err err = decode_all_ways(sg_bytes_str(row->bytes));
    ck_assert_str_eq(sg_err_row(err)->name, sg_err_row((sg_err){row->code})->name);
    ck_assert_uint_eq(out.len, 0);
    ck_assert(!rig.facts.checksum_verified);
    end();
}
END_TEST

START_TEST(size_lines_and_trailers_are_bounded)
{
    struct sgc_buf body = SGC_BUF_INIT(64 * SG_KIB);
    begin(SG_PAYLOAD_CHUNKED_TRAILER, CRC32);
    while (body.len < 2 * SG_LIMIT_CHUNK_LINE)
        ck_ok(sgc_buf_append_str(&body, "0000000000000000"));
    ck_fails(decode_all_ways(sgc_buf_view(&body)), INVALID_CHUNK);
    sgc_buf_clear(&body);
    ck_ok(sgc_buf_append_str(&body, "0\r\n" CRC32 ":"));
    while (body.len < 2 * SG_LIMIT_TRAILER)
        ck_ok(sgc_buf_append_str(&body, "AAAAAAAAAAAAAAAA"));
    ck_fails(decode_all_ways(sgc_buf_view(&body)), MALFORMED_TRAILER);
    sgc_buf_clear(&body);
    end();
}
END_TEST

START_TEST(an_announced_trailer_is_always_one_that_is_verified)
{
    struct sg_pipe *pipe;
    begin(SG_PAYLOAD_CHUNKED_TRAILER, CRC32);
    rig.facts.checksum = sgc_checksum_by_header(SG_BYTES_LIT("x-amz-checksum-crc32c"));
    ck_fails(sg_pipe_new_collecting(&sg_pipe_collect, &rig.facts, &out, &pipe), MALFORMED_TRAILER);
    rig.facts.checksum_in_trailer = false;
    ck_fails(sg_pipe_new_collecting(&sg_pipe_collect, &rig.facts, &out, &pipe), CHECKSUM_UNKNOWN);
    rig.facts.checksum_in_trailer = true;
    rig.facts.checksum = sgc_checksum_by_header(SG_BYTES_LIT(CRC32));
    ck_ok(sgs_headers_add_str(&rig.req->head.headers, "x-amz-trailer", CRC32));
    ck_fails(sg_pipe_new_collecting(&sg_pipe_collect, &rig.facts, &out, &pipe), MALFORMED_TRAILER);
    sgs_headers_clear(&rig.req->head.headers);
    ck_fails(sg_pipe_new_collecting(&sg_pipe_collect, &rig.facts, &out, &pipe), MALFORMED_TRAILER);
    end();
    begin(SG_PAYLOAD_CHUNKED_SIGNED, CRC32);
    ck_fails(sg_pipe_new_collecting(&sg_pipe_collect, &rig.facts, &out, &pipe), MALFORMED_TRAILER);
    end();
}
END_TEST

START_TEST(the_decoded_length_is_the_declared_one)
{
    struct sg_bytes body = sg_bytes_str(good[0].bytes);
    begin(SG_PAYLOAD_CHUNKED_TRAILER, NULL);
    rig.facts.plain_len = 5;
    ck_ok(decode_all_ways(body));
    rig.facts.plain_len = 4;
    ck_fails(decode_all_ways(body), INCOMPLETE_BODY);
    rig.facts.plain_len = 6;
    ck_fails(decode_all_ways(body), INCOMPLETE_BODY);
    rig.facts.plain_len = SG_LENGTH_UNKNOWN;
    rig.facts.plain_max = 4;
    ck_fails(decode_all_ways(body), BODY_TOO_LARGE);
    end();
}
END_TEST

/* --- signed --- */

static void write_line(struct sgc_buf *body, const char *size, const char *signature)
{
    ck_ok(sgc_buf_appendf(body, "%s;chunk-signature=%s\r\n", size, signature));
}

static void write_as(struct sgc_buf *body, size_t len)
{
    uint8_t *room;
    ck_ok(sgc_buf_reserve(body, len, &room));
    memset(room, 'a', len);
    sgc_buf_commit(body, len);
    ck_ok(sgc_buf_append_str(body, "\r\n"));
}

START_TEST(the_example_of_aws_is_accepted)
{
    struct sgc_buf body = SGC_BUF_INIT(128 * SG_KIB);
    begin(SG_PAYLOAD_CHUNKED_SIGNED, NULL);
    write_line(&body, "10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    write_as(&body, 65536);
    write_line(&body, "400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    write_as(&body, 1024);
    write_line(&body, "0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
    ck_ok(sgc_buf_append_str(&body, "\r\n"));
    ck_assert_uint_eq(body.len, 66824);
    rig.facts.plain_len = 66560;
    ck_ok(decode_all_ways(sgc_buf_view(&body)));
    ck_assert_uint_eq(out.len, 66560);
    body.ptr[1000] = 'b';
    ck_fails(decode_all_ways(sgc_buf_view(&body)), CHUNK_SIGNATURE_MISMATCH);
    sgc_buf_clear(&body);
    end();
}
END_TEST

START_TEST(the_example_of_aws_with_a_trailer_is_accepted)
{
    struct sgc_buf body = SGC_BUF_INIT(128 * SG_KIB);
    begin(SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, "x-amz-checksum-crc32c");
    rig.req->auth.seed_signature = SG_BYTES_LIT("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
    write_line(&body, "10000", "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
    write_as(&body, 65536);
    write_line(&body, "400", "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
    write_as(&body, 1024);
    write_line(&body, "0", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    ck_ok(sgc_buf_append_str(&body, "x-amz-checksum-crc32c:sOO8/Q==\r\n"
                                    "x-amz-trailer-signature:"
                                    "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"));
    ck_ok(decode_all_ways(sgc_buf_view(&body)));
    ck_assert_uint_eq(out.len, 66560);
    ck_assert(rig.facts.checksum_verified);
    sgc_buf_clear(&body);
    end();
}
END_TEST

/* "hello, world" in three chunks. */
static void write_hello(struct chunked *body, const char *trailer, bool lf)
{
    chunked_begin(body, &rig);
    chunked_data(body, SG_BYTES_LIT("hello"));
    chunked_data(body, SG_BYTES_LIT(", "));
    chunked_data(body, SG_BYTES_LIT("world"));
    /* CRC-32 of all of it is ffab723a. */
    chunked_end(body, CRC32, trailer, lf);
}

static const struct {
    enum sg_payload mode;
    const char *trailer;
    bool lf;
} forms[] = {
    {SG_PAYLOAD_CHUNKED_TRAILER, NULL, false},
    {SG_PAYLOAD_CHUNKED_TRAILER, "/6tyOg==", false},
    {SG_PAYLOAD_CHUNKED_TRAILER, "/6tyOg==", true},
    {SG_PAYLOAD_CHUNKED_SIGNED, NULL, false},
    {SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, "/6tyOg==", false},
    {SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, "/6tyOg==", true},
};

START_TEST(every_form_is_accepted_and_no_prefix_of_it)
{
    struct chunked body;
    begin(forms[_i].mode, forms[_i].trailer == NULL ? NULL : CRC32);
    write_hello(&body, forms[_i].trailer, forms[_i].lf);
    ck_ok(decode_all_ways(sgc_buf_view(&body.bytes)));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "hello, world"));
    for (size_t len = 0; len < body.bytes.len; len++) {
        ck_fails(decode(sg_bytes(body.bytes.ptr, len), 7), INCOMPLETE_BODY);
        ck_assert_uint_eq(out.len, 0);
    }
    chunked_clear(&body);
    end();
}
END_TEST

START_TEST(no_bit_that_counts_can_be_changed)
{
    struct chunked body;
    begin(forms[_i].mode, forms[_i].trailer == NULL ? NULL : CRC32);
    write_hello(&body, forms[_i].trailer, forms[_i].lf);
    bool authentic = forms[_i].mode != SG_PAYLOAD_CHUNKED_TRAILER || forms[_i].trailer != NULL;
    for (size_t bit = 0; bit < body.bytes.len * 8; bit++) {
        body.bytes.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        sg_err err = decode(sgc_buf_view(&body.bytes), 0);
        body.bytes.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* Case of names, of hex digits: the body is still the same one. */
        bool same = sg_bytes_eq_str(sgc_buf_view(&out), "hello, world");
        ck_quick(sg_is_ok(err) ? same || !authentic : out.len == 0);
    }
    chunked_clear(&body);
    end();
}
END_TEST

/* The three chunks in another order, or number; then the end, whose signature follows the third. */
static const char *const orders[] = {"102", "021", "210", "01", "12", "02", "0112", "0012", "0122", "", "0", "012012"};

START_TEST(signed_chunks_cannot_be_moved_repeated_or_left_out)
{
    struct chunked body;
    struct sgc_buf mixed = SGC_BUF_INIT(SG_KIB * 4);
    begin(SG_PAYLOAD_CHUNKED_SIGNED, NULL);
    write_hello(&body, NULL, false);
    /* Each line is one digit, the extension of 81 bytes and CRLF; then data and CRLF. */
    const size_t from[] = {0, 84 + 7, 84 + 7 + 84 + 4, 84 + 7 + 84 + 4 + 84 + 7};
    struct sg_bytes whole = sgc_buf_view(&body.bytes);
    ck_assert_uint_eq(whole.len, from[3] + 84 + 2);
    for (const char *c = orders[_i]; *c != '\0'; c++)
        ck_ok(sgc_buf_append(&mixed, sg_bytes_slice(whole, from[*c - '0'], from[*c - '0' + 1] - from[*c - '0'])));
    ck_ok(sgc_buf_append(&mixed, sg_bytes_skip(whole, from[3])));
    ck_fails(decode_all_ways(sgc_buf_view(&mixed)), CHUNK_SIGNATURE_MISMATCH);
    sgc_buf_clear(&mixed);
    chunked_clear(&body);
    end();
}
END_TEST

START_TEST(a_body_of_another_request_or_key_is_refused)
{
    struct chunked body;
    begin(SG_PAYLOAD_CHUNKED_SIGNED, NULL);
    write_hello(&body, NULL, false);
    rig.req->auth.seed_signature = SG_BYTES_LIT(SGS_EMPTY_SHA256);
    ck_fails(decode_all_ways(sgc_buf_view(&body.bytes)), CHUNK_SIGNATURE_MISMATCH);
    rig.req->auth.seed_signature = SG_BYTES_LIT(CHUNKED_SEED);
    rig.req->auth.amz_date = SG_BYTES_LIT("20130524T000001Z");
    ck_fails(decode_all_ways(sgc_buf_view(&body.bytes)), CHUNK_SIGNATURE_MISMATCH);
    rig.req->auth.amz_date = SG_BYTES_LIT("20130524T000000Z");
    sgc_secret_clear(&rig.req->auth.signing_key);
    ck_ok(sgc_secret_random(&rig.req->auth.signing_key, SGC_SHA256_LEN));
    ck_fails(decode_all_ways(sgc_buf_view(&body.bytes)), CHUNK_SIGNATURE_MISMATCH);
    chunked_clear(&body);
    end();
}
END_TEST

static const struct body bad_signed[] = {
    {NULL, "5\r\nhello\r\n0\r\n\r\n", NULL, INVALID},
    {NULL, "5;chunk-signature=\r\n", NULL, INVALID},
    {NULL, "5;chunk-signature=abc\r\n", NULL, INVALID},
    {NULL, "5;chunk-signatur=" CHUNKED_SEED "\r\n", NULL, INVALID},
    {NULL, "5; chunk-signature=" CHUNKED_SEED "\r\n", NULL, INVALID},
    {NULL, "5;chunk-signature=" CHUNKED_SEED "0\r\n", NULL, INVALID},
    {NULL, "5;chunk-signature=" CHUNKED_SEED ";a=b\r\n", NULL, INVALID},
    {NULL, "5;a=b;chunk-signature=" CHUNKED_SEED "\r\n", NULL, INVALID},
    {NULL, "5;chunk-signature=" CHUNKED_SEED "\r\nhello\r\n", NULL, SG_CODE_CHUNK_SIGNATURE_MISMATCH},
    {NULL, "0;chunk-signature=" CHUNKED_SEED "\r\n\r\n", NULL, SG_CODE_CHUNK_SIGNATURE_MISMATCH},
    {NULL, "0\r\n\r\n", NULL, INVALID},
};

START_TEST(chunks_without_a_good_signature_are_refused)
{
    begin(SG_PAYLOAD_CHUNKED_SIGNED, NULL);
    sg_err err = decode_all_ways(sg_bytes_str(bad_signed[_i].bytes));
    ck_assert_str_eq(sg_err_row(err)->name, sg_err_row((sg_err){bad_signed[_i].code})->name);
    end();
}
END_TEST

/* A good body whose trailers, all behind the last size line, are others. */
static sg_err decode_with_trailers(const struct chunked *body, const char *trailers)
{
    struct sgc_buf changed = SGC_BUF_INIT(SG_KIB * 16);
    struct sg_bytes head = sgc_buf_view(&body->bytes);
    size_t at = 0;
    for (size_t i = 0; i + sizeof(CRC32) < head.len; i++) {
        if (sg_bytes_has_prefix(sg_bytes_skip(head, i), SG_BYTES_LIT(CRC32)))
            at = i;
    }
    ck_assert_uint_gt(at, 0);
    ck_ok(sgc_buf_append(&changed, sg_bytes(head.ptr, at)));
    ck_ok(sgc_buf_append_str(&changed, trailers));
    sg_err err = decode_all_ways(sgc_buf_view(&changed));
    sgc_buf_clear(&changed);
    return err;
}

#define VALUE     CRC32 ":/6tyOg==\r\n"
#define SIGNATURE "x-amz-trailer-signature:"

START_TEST(a_trailer_without_a_good_signature_is_refused)
{
    struct chunked body;
    begin(SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, CRC32);
    write_hello(&body, "/6tyOg==", false);
    ck_fails(decode_with_trailers(&body, VALUE "\r\n"), MALFORMED_TRAILER);
    ck_fails(decode_with_trailers(&body, "\r\n"), MALFORMED_TRAILER);
    ck_fails(decode_with_trailers(&body, SIGNATURE CHUNKED_SEED "\r\n\r\n"), MALFORMED_TRAILER);
    ck_fails(decode_with_trailers(&body, VALUE SIGNATURE CHUNKED_SEED "\r\n\r\n"), CHUNK_SIGNATURE_MISMATCH);
    ck_fails(decode_with_trailers(&body, VALUE SIGNATURE "\r\n\r\n"), MALFORMED_TRAILER);
    ck_fails(decode_with_trailers(&body, VALUE SIGNATURE "00\r\n\r\n"), MALFORMED_TRAILER);
    ck_fails(decode_with_trailers(&body, VALUE SIGNATURE CHUNKED_SEED "\r\n" SIGNATURE CHUNKED_SEED "\r\n\r\n"),
             MALFORMED_TRAILER);
    ck_fails(decode_with_trailers(&body, SIGNATURE CHUNKED_SEED "\r\n" VALUE "\r\n"), MALFORMED_TRAILER);
    chunked_clear(&body);
    end();
}
END_TEST

START_TEST(a_signed_trailer_covers_its_value)
{
    struct chunked body;
    begin(SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, CRC32);
    write_hello(&body, "/6tyOg==", false);
    struct sg_bytes whole = sgc_buf_view(&body.bytes);
    struct sg_bytes signature = sg_bytes_slice(whole, whole.len - 4 - SGS_SIGNATURE_LEN, SGS_SIGNATURE_LEN);
    char trailers[256];
    (void)snprintf(trailers, sizeof(trailers), VALUE SIGNATURE "%.*s\r\n\r\n", SG_BYTES_FMT(signature));
    ck_ok(decode_with_trailers(&body, trailers));
    (void)snprintf(trailers, sizeof(trailers), CRC32 ":AAAAAA==\r\n" SIGNATURE "%.*s\r\n\r\n", SG_BYTES_FMT(signature));
    ck_fails(decode_with_trailers(&body, trailers), CHUNK_SIGNATURE_MISMATCH);
    chunked_clear(&body);
    end();
}
END_TEST

START_TEST(one_chunk_may_be_the_whole_body)
{
    struct chunked body;
    size_t len = 3 * SG_MIB + 5;
    uint8_t *plain = sgc_xalloc(len);
    rig_fill(plain, len, 0);
    begin(forms[_i].mode, NULL);
    if (forms[_i].mode != SG_PAYLOAD_CHUNKED_SIGNED_TRAILER) {
        chunked_begin(&body, &rig);
        chunked_data(&body, sg_bytes(plain, len));
        chunked_end(&body, NULL, NULL, false);
        ck_ok(decode(sgc_buf_view(&body.bytes), 100000));
        ck_assert(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain, len)));
        chunked_clear(&body);
    }
    sgc_xfree(plain);
    end();
}
END_TEST

SG_TEST_MAIN("pipe/stage_aws_chunked", TEST_LOOP(what_clients_send_unsigned_is_taken_apart, SG_COUNT_OF(good)),
             TEST_LOOP(a_body_cut_short_anywhere_is_incomplete, SG_COUNT_OF(good)),
             TEST_LOOP(bytes_behind_the_end_are_refused, SG_COUNT_OF(good)),
             TEST_LOOP(what_clients_must_not_send_is_refused, SG_COUNT_OF(bad)),
             TEST(size_lines_and_trailers_are_bounded), TEST(an_announced_trailer_is_always_one_that_is_verified),
             TEST(the_decoded_length_is_the_declared_one), TEST(the_example_of_aws_is_accepted),
             TEST(the_example_of_aws_with_a_trailer_is_accepted),
             TEST_LOOP(every_form_is_accepted_and_no_prefix_of_it, SG_COUNT_OF(forms)),
             TEST_LOOP(no_bit_that_counts_can_be_changed, SG_COUNT_OF(forms)),
             TEST_LOOP(signed_chunks_cannot_be_moved_repeated_or_left_out, SG_COUNT_OF(orders)),
             TEST(a_body_of_another_request_or_key_is_refused),
             TEST_LOOP(chunks_without_a_good_signature_are_refused, SG_COUNT_OF(bad_signed)),
             TEST(a_trailer_without_a_good_signature_is_refused), TEST(a_signed_trailer_covers_its_value),
             TEST_LOOP(one_chunk_may_be_the_whole_body, SG_COUNT_OF(forms)))
