/* Trailer lines one by one: what they add up to, and at which line a bad list is refused. */
#include "pipe/aws_trailer.h"
#include "unit/pipe/chunked.h"

#include "common/banned.h"

#define NAME      "x-amz-checksum-crc32"
#define VALUE     NAME ":AAAAAA==\r\n"
#define SIGNATURE "x-amz-trailer-signature:" CHUNKED_SEED "\r\n"
#define LINES_MAX 5

static struct rig rig;
static struct sg_aws_trailer trailer;

struct row {
    bool announced, is_signed;
    const char *lines[LINES_MAX];
};

/* The last line ends the trailers. */
static const struct row good[] = {
    {false, false, {"\r\n"}},
    {true, false, {VALUE, "\r\n"}},
    {true, false, {NAME ":\t AAAAAA== \t\r\n", "\r\n"}},
    {true, false, {"X-AMZ-CHECKSUM-CRC32:AAAAAA==\r\n", "\r\n"}},
    {true, false, {NAME ":AAAAAA==\n", "\r\n", "\r\n"}},
    {true, true, {VALUE, SIGNATURE, "\r\n"}},
    {true, true, {NAME ":AAAAAA==\n", "\r\n", SIGNATURE, "\r\n"}},
    {true, true, {VALUE, "X-Amz-Trailer-Signature: " CHUNKED_SEED "\r\n", "\r\n"}},
    {false, true, {SIGNATURE, "\r\n"}},
};

/* The last line is the one that is refused. */
static const struct row bad[] = {
    {false, false, {VALUE}},
    {false, false, {SIGNATURE}},
    {false, false, {"\n"}},
    {false, false, {"x\r\n"}},
    {false, false, {":\r\n"}},
    {false, true, {"\r\n"}},
    {true, false, {"\r\n"}},
    {true, false, {NAME ":\r\n"}},
    {true, false, {NAME ": \t\r\n"}},
    {true, false, {NAME "\r\n"}},
    {true, false, {NAME "c:AAAAAA==\r\n"}},
    {true, false, {" " NAME ":AAAAAA==\r\n"}},
    {true, false, {NAME " :AAAAAA==\r\n"}},
    {true, false, {VALUE, VALUE}},
    {true, false, {VALUE, SIGNATURE}},
    {true, false, {VALUE, "\n"}},
    {true, false, {NAME ":AAAAAA==\n", VALUE}},
    {true, false, {NAME ":AAAAAA==\n", "\n"}},
    {true, true, {VALUE, "\r\n"}},
    {true, true, {SIGNATURE, "\r\n"}},
    {true, true, {SIGNATURE, VALUE}},
    {true, true, {VALUE, SIGNATURE, SIGNATURE}},
    {true, true, {VALUE, SIGNATURE, VALUE}},
    {true, true, {VALUE, "x-amz-trailer-signature:\r\n"}},
    {true, true, {VALUE, "x-amz-trailer-signature:" CHUNKED_SEED "0\r\n"}},
    {true, true, {VALUE, "x-amz-trailer-signature:abc\r\n"}},
};

static void begin(const struct row *row)
{
    rig_init(&rig);
    chunked_request(&rig, SG_PAYLOAD_CHUNKED_TRAILER, row->announced ? NAME : NULL);
    ck_ok(sg_aws_trailer_init(&trailer, &rig.facts, row->is_signed));
}

static void end(void)
{
    sg_aws_trailer_clear(&trailer);
    sg_aws_trailer_clear(&trailer);
    rig_clear(&rig);
}

START_TEST(good_lines_end_where_they_should)
{
    const struct row *row = &good[_i];
    bool done = false;
    begin(row);
    for (unsigned i = 0; i < LINES_MAX && row->lines[i] != NULL; i++) {
        ck_assert(!done);
        ck_ok(sg_aws_trailer_line(&trailer, sg_bytes_str(row->lines[i]), &done));
    }
    ck_assert(done);
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&trailer.value), row->announced ? "AAAAAA==" : ""));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&trailer.canonical), row->announced ? NAME ":AAAAAA==\n" : ""));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&trailer.signature), row->is_signed ? CHUNKED_SEED : ""));
    end();
}
END_TEST

START_TEST(bad_lines_are_refused_at_the_first_bad_one)
{
    const struct row *row = &bad[_i];
    bool done = false;
    begin(row);
    for (unsigned i = 0; i < LINES_MAX && row->lines[i] != NULL; i++) {
        bool last = i + 1 == LINES_MAX || row->lines[i + 1] == NULL;
        sg_err err = sg_aws_trailer_line(&trailer, sg_bytes_str(row->lines[i]), &done);
        ck_assert(last ? sg_is(err, MALFORMED_TRAILER) : sg_is_ok(err));
        ck_assert(!done);
    }
    end();
}
END_TEST

START_TEST(all_lines_together_are_bounded)
{
    static const struct row row = {true, true, {NULL}};
    struct sgc_buf line = SGC_BUF_INIT(SG_LIMIT_TRAILER);
    bool done;
    begin(&row);
    ck_ok(sgc_buf_append_str(&line, NAME ":"));
    while (line.len < SG_LIMIT_TRAILER - 2)
        ck_ok(sgc_buf_append_u8(&line, 'A'));
    ck_ok(sgc_buf_append_str(&line, "\r\n"));
    ck_ok(sg_aws_trailer_line(&trailer, sgc_buf_view(&line), &done));
    ck_fails(sg_aws_trailer_line(&trailer, SG_BYTES_LIT(SIGNATURE), &done), MALFORMED_TRAILER);
    sgc_buf_clear(&line);
    end();
}
END_TEST

SG_TEST_MAIN("pipe/aws_trailer", TEST_LOOP(good_lines_end_where_they_should, SG_COUNT_OF(good)),
             TEST_LOOP(bad_lines_are_refused_at_the_first_bad_one, SG_COUNT_OF(bad)),
             TEST(all_lines_together_are_bounded))
