/* x-amz-checksum-*: every algorithm, declared in a header or found in a trailer, right and wrong. */
#include "unit/pipe/chunked.h"

#include "crypto/codec.h"

#include "common/banned.h"

static struct rig rig;
static struct sgc_buf out;

#define BODY SG_BYTES_LIT("123456789")

/* Check values of "123456789": the CRCs from the catalogue of parametrised CRC algorithms (reveng.sourceforge.io), the
 * hashes from sha1sum, sha256sum, md5sum and sha512sum. */
static const struct {
    enum sgc_checksum_alg alg;
    const char *hex;
} rows[] = {
    {SGC_CHECKSUM_CRC32, "cbf43926"},
    {SGC_CHECKSUM_CRC32C, "e3069283"},
    {SGC_CHECKSUM_CRC64NVME, "ae8b14860a799888"},
    {SGC_CHECKSUM_SHA1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"},
    {SGC_CHECKSUM_SHA256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
    {SGC_CHECKSUM_MD5, "25f9e794323b453885f5181f1b624d0b"},
    {SGC_CHECKSUM_SHA512, "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a"
                          "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85"},
};

static void begin(int i)
{
    rig_init(&rig);
    rig_facts_upload(&rig, BODY.len);
    rig.facts.checksum = sgc_checksum_row(rows[i].alg);
    ck_assert_ptr_nonnull(rig.facts.checksum);
    ck_ok(sgc_hex_decode(sg_bytes_str(rows[i].hex), rig.facts.checksum_value, rig.facts.checksum->len));
    out = SGC_BUF_INIT(SG_KIB);
}

static void end(void)
{
    sgc_buf_clear(&out);
    rig_clear(&rig);
}

START_TEST(a_right_value_in_a_header_is_verified)
{
    begin(_i);
    rig.piece_max = 3;
    ck_ok(rig_collect(&rig, &sg_pipe_collect, BODY, &out));
    ck_assert(rig.facts.checksum_verified);
    ck_assert(sg_bytes_eq(sgc_buf_view(&out), BODY));
    end();
}
END_TEST

START_TEST(a_wrong_bit_anywhere_in_the_value_is_a_mismatch)
{
    begin(_i);
    for (size_t bit = 0; bit < rig.facts.checksum->len * 8; bit++) {
        rig.facts.checksum_value[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_fails(rig_collect(&rig, &sg_pipe_collect, BODY, &out), CHECKSUM_MISMATCH);
        ck_assert(!rig.facts.checksum_verified);
        ck_assert_uint_eq(out.len, 0);
        rig.facts.checksum_value[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    end();
}
END_TEST

START_TEST(another_body_is_a_mismatch)
{
    begin(_i);
    ck_fails(rig_collect(&rig, &sg_pipe_collect, SG_BYTES_LIT("123456780"), &out), CHECKSUM_MISMATCH);
    end();
}
END_TEST

START_TEST(a_trailer_is_verified_and_left_in_the_facts)
{
    struct chunked body;
    char text[SGC_BASE64_LEN(SGC_CHECKSUM_MAX_LEN) + 1] = {0};
    uint8_t value[SGC_CHECKSUM_MAX_LEN];
    begin(_i);
    const struct sgc_checksum_row *row = rig.facts.checksum;
    memcpy(value, rig.facts.checksum_value, row->len);
    sgc_base64_encode(sg_bytes(value, row->len), text);
    /* MD5 has no header of its own here. */
    if (row->header != NULL) {
        chunked_request(&rig, SG_PAYLOAD_CHUNKED_TRAILER, row->header);
        chunked_begin(&body, &rig);
        chunked_data(&body, BODY);
        chunked_end(&body, row->header, text, false);
        ck_ok(rig_collect(&rig, &sg_pipe_collect, sgc_buf_view(&body.bytes), &out));
        ck_assert(rig.facts.checksum_verified);
        ck_assert(sg_bytes_eq(sg_bytes(rig.facts.checksum_value, row->len), sg_bytes(value, row->len)));
        ck_assert_uint_eq(rig.facts.trailer_value.len, 0);
        chunked_clear(&body);
    }
    end();
}
END_TEST

START_TEST(a_trailer_that_nobody_read_is_missing)
{
    begin(0);
    rig.facts.checksum_in_trailer = true;
    ck_fails(rig_collect(&rig, &sg_pipe_collect, BODY, &out), MALFORMED_TRAILER);
    end();
}
END_TEST

SG_TEST_MAIN("pipe/stage_checksum", TEST_LOOP(a_right_value_in_a_header_is_verified, SG_COUNT_OF(rows)),
             TEST_LOOP(a_wrong_bit_anywhere_in_the_value_is_a_mismatch, SG_COUNT_OF(rows)),
             TEST_LOOP(another_body_is_a_mismatch, SG_COUNT_OF(rows)),
             TEST_LOOP(a_trailer_is_verified_and_left_in_the_facts, SG_COUNT_OF(rows)),
             TEST(a_trailer_that_nobody_read_is_missing))
