/* Is every checksum the published one, and is what has no row refused? */
#include "crypto/checksum.h"

#include "support/check_main.h"
#include "support/vectors.h"

#include "common/banned.h"

static const struct {
    enum sgc_checksum_alg alg;
    const char *name, *header;
    size_t len;
} facts[] = {
    {SGC_CHECKSUM_CRC32, "CRC32", "x-amz-checksum-crc32", 4},
    {SGC_CHECKSUM_CRC32C, "CRC32C", "x-amz-checksum-crc32c", 4},
    {SGC_CHECKSUM_CRC64NVME, "CRC64NVME", "x-amz-checksum-crc64nvme", 8},
    {SGC_CHECKSUM_SHA1, "SHA1", "x-amz-checksum-sha1", 20},
    {SGC_CHECKSUM_SHA256, "SHA256", "x-amz-checksum-sha256", 32},
    {SGC_CHECKSUM_MD5, "MD5", NULL, 16},
    {SGC_CHECKSUM_SHA512, "SHA512", "x-amz-checksum-sha512", 64},
};

START_TEST(rows_are_found_by_number_name_and_header)
{
    const struct sgc_checksum_row *row = sgc_checksum_row(facts[_i].alg);
    ck_assert_ptr_nonnull(row);
    ck_assert_str_eq(row->name, facts[_i].name);
    ck_assert_uint_eq(row->len, facts[_i].len);
    ck_assert_uint_le(row->len, SGC_CHECKSUM_MAX_LEN);
    ck_assert_ptr_eq(sgc_checksum_by_name(sg_bytes_str(facts[_i].name)), row);
    if (facts[_i].header == NULL)
        ck_assert_ptr_null(row->header);
    else
        ck_assert_ptr_eq(sgc_checksum_by_header(sg_bytes_str(facts[_i].header)), row);
}
END_TEST

START_TEST(case_does_not_matter)
{
    ck_assert_ptr_eq(sgc_checksum_by_name(SG_BYTES_LIT("crc64nvme")), sgc_checksum_row(SGC_CHECKSUM_CRC64NVME));
    ck_assert_ptr_eq(sgc_checksum_by_header(SG_BYTES_LIT("X-Amz-Checksum-SHA256")),
                     sgc_checksum_row(SGC_CHECKSUM_SHA256));
}
END_TEST

START_TEST(what_has_no_row_is_not_found)
{
    static const char *const names[] = {"",        "CRC",   "CRC3",    "CRC32 ", " CRC32",
                                        "CRC32CC", "CRC64", "SHA-256", "x",      "NONE"};
    static const char *const headers[] = {"",
                                          "x-amz-checksum-",
                                          "x-amz-checksum-crc",
                                          "x-amz-checksum-md5",
                                          "x-amz-checksum-crc32c2",
                                          "x-amz-checksum-type",
                                          "crc32"};
    struct sgc_checksum sum = SGC_CHECKSUM_NONE;
    for (size_t i = 0; i < SG_COUNT_OF(names); i++)
        ck_assert_ptr_null(sgc_checksum_by_name(sg_bytes_str(names[i])));
    for (size_t i = 0; i < SG_COUNT_OF(headers); i++)
        ck_assert_ptr_null(sgc_checksum_by_header(sg_bytes_str(headers[i])));
    ck_assert_ptr_null(sgc_checksum_row(SGC_CHECKSUM_ALG_NONE));
    ck_assert_ptr_null(sgc_checksum_row((enum sgc_checksum_alg)8));
    ck_assert_ptr_null(sgc_checksum_row((enum sgc_checksum_alg)129));
    ck_fails(sgc_checksum_init(&sum, SGC_CHECKSUM_ALG_NONE), CHECKSUM_UNKNOWN);
    ck_fails(sgc_checksum_init(&sum, (enum sgc_checksum_alg)255), CHECKSUM_UNKNOWN);
}
END_TEST

START_TEST(out_of_order_use_is_refused)
{
    struct sgc_checksum sum = SGC_CHECKSUM_NONE;
    uint8_t out[SGC_CHECKSUM_MAX_LEN];
    ck_fails(sgc_checksum_update(&sum, SG_BYTES_LIT("x")), INTERNAL);
    ck_fails(sgc_checksum_final(&sum, out), INTERNAL);
    for (size_t i = 0; i < SG_COUNT_OF(facts); i++) {
        ck_ok(sgc_checksum_init(&sum, facts[i].alg));
        ck_ok(sgc_checksum_final(&sum, out));
        sgc_checksum_clear(&sum);
        sgc_checksum_clear(&sum);
        ck_fails(sgc_checksum_update(&sum, SG_BYTES_LIT("x")), INTERNAL);
        ck_fails(sgc_checksum_final(&sum, out), INTERNAL);
    }
}
END_TEST

START_TEST(published_values_come_out)
{
    struct sg_vectors *vectors = sg_vectors_open("checksum/vectors.txt");
    size_t count = 0;
    while (sg_vectors_next(vectors)) {
        SG_CLEANUP(sgc_checksum_clear) struct sgc_checksum sum = SGC_CHECKSUM_NONE;
        const struct sgc_checksum_row *row = sgc_checksum_by_name(sg_vectors_text(vectors, "algorithm"));
        struct sg_bytes input = sg_vectors_hex(vectors, "input"), value = sg_vectors_hex(vectors, "value");
        uint64_t repeat = sg_vectors_has(vectors, "repeat") ? sg_vectors_u64(vectors, "repeat") : 1;
        uint8_t out[SGC_CHECKSUM_MAX_LEN];
        ck_assert_ptr_nonnull(row);
        ck_ok(sgc_checksum_init(&sum, row->alg));
        sg_err err = SG_OK;
        while (repeat-- > 0 && sg_is_ok(err))
            err = sgc_checksum_update(&sum, input);
        ck_ok(err);
        ck_ok(sgc_checksum_final(&sum, out));
        ck_assert_msg(sg_bytes_eq(sg_bytes(out, row->len), value), "block %zu", count);
        count++;
    }
    sg_vectors_close(vectors);
    ck_assert_uint_ge(count, 20);
}
END_TEST

/* A sum that several rows share must not remember the row before. */
START_TEST(a_struct_serves_one_algorithm_after_another)
{
    SG_CLEANUP(sgc_checksum_clear) struct sgc_checksum sum = SGC_CHECKSUM_NONE;
    uint8_t first[SG_COUNT_OF(facts)][SGC_CHECKSUM_MAX_LEN] = {{0}}, again[SGC_CHECKSUM_MAX_LEN];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < SG_COUNT_OF(facts); i++) {
            uint8_t *out = round == 0 ? first[i] : again;
            ck_ok(sgc_checksum_init(&sum, facts[i].alg));
            ck_ok(sgc_checksum_update(&sum, SG_BYTES_LIT("123456789")));
            ck_ok(sgc_checksum_final(&sum, out));
            ck_assert(sg_bytes_eq(sg_bytes(out, facts[i].len), sg_bytes(first[i], facts[i].len)));
        }
    }
}
END_TEST

SG_TEST_MAIN("crypto/checksum", TEST_LOOP(rows_are_found_by_number_name_and_header, SG_COUNT_OF(facts)),
             TEST(case_does_not_matter), TEST(what_has_no_row_is_not_found), TEST(out_of_order_use_is_refused),
             TEST(published_values_come_out), TEST(a_struct_serves_one_algorithm_after_another))
