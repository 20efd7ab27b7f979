/* Do both ways of computing a CRC agree with its definition, for every length, place and split? */
#include "crypto/crc.h"

#include "support/check_main.h"

#include "common/banned.h"

/* The check values of the catalogue of parametrised CRC algorithms; short and long enough for each path. */
START_TEST(check_values_come_out)
{
    static const uint64_t of_digits[] = {0xcbf43926, 0xe3069283, 0xae8b14860a799888};
    enum sgc_crc crc = (enum sgc_crc)_i;
    ck_assert_uint_eq(sgc_crc_update(crc, 0, SG_BYTES_NONE), 0);
    ck_assert_uint_eq(sgc_crc_update(crc, 0, SG_BYTES_LIT("123456789")), of_digits[crc]);
    ck_assert_uint_eq(sgc_crc_update_by_tables(crc, 0, SG_BYTES_LIT("123456789")), of_digits[crc]);
    if (sgc_crc_has_folding())
        ck_assert_uint_eq(sgc_crc_update_by_folding(crc, 0, SG_BYTES_LIT("123456789")), of_digits[crc]);
}
END_TEST

/* One bit at a time, as the definition has it. */
static uint64_t reference(enum sgc_crc crc, struct sg_bytes bytes)
{
    static const uint64_t polynomials[] = {0xedb88320, 0x82f63b78, 0x9a6c9329ac4bc9b5};
    const uint64_t ones = crc == SGC_CRC_64NVME ? UINT64_MAX : UINT32_MAX;
    uint64_t reg = ones;
    for (size_t i = 0; i < bytes.len; i++) {
        reg ^= bytes.ptr[i];
        for (int bit = 0; bit < 8; bit++)
            reg = (reg & 1) != 0 ? reg >> 1 ^ polynomials[crc] : reg >> 1;
    }
    return reg ^ ones;
}

enum { LEN_MAX = 1100, ALIGN_MAX = 16 };

static uint32_t state;

static uint32_t draw(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static void fill(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)draw();
}

START_TEST(every_length_at_every_alignment)
{
    enum sgc_crc crc = (enum sgc_crc)_i;
    _Alignas(ALIGN_MAX) uint8_t bytes[LEN_MAX + ALIGN_MAX];
    for (size_t len = 0; len <= LEN_MAX; len++) {
        uint8_t *const message = bytes + len % ALIGN_MAX;
        fill(message, len);
        uint64_t expected = reference(crc, sg_bytes(message, len));
        for (size_t align = 0; align < ALIGN_MAX; align++) {
            memmove(bytes + align, bytes + (align == 0 ? len % ALIGN_MAX : align - 1), len);
            struct sg_bytes here = sg_bytes(bytes + align, len);
            bool same = sgc_crc_update(crc, 0, here) == expected &&
                        sgc_crc_update_by_tables(crc, 0, here) == expected &&
                        (!sgc_crc_has_folding() || sgc_crc_update_by_folding(crc, 0, here) == expected);
            /* An assertion of the test library costs more than the checksum. */
            if (!same)
                ck_abort_msg("%zu bytes at alignment %zu", len, align);
        }
    }
}
END_TEST

/* Also with the paths mixed, as happens when one update is short and the next is long. */
START_TEST(splits_do_not_matter)
{
    enum sgc_crc crc = (enum sgc_crc)_i;
    uint8_t bytes[4096];
    state = 7;
    fill(bytes, sizeof(bytes));
    uint64_t expected = reference(crc, SG_BYTES_ARRAY(bytes));
    for (int round = 0; round < 500; round++) {
        uint64_t value = 0;
        for (size_t at = 0, len; at < sizeof(bytes); at += len) {
            len = draw() % (draw() % 2 == 0 ? 40 : 700);
            struct sg_bytes piece = sg_bytes_slice(SG_BYTES_ARRAY(bytes), at, len);
            value = draw() % 2 == 0 ? sgc_crc_update(crc, value, piece) : sgc_crc_update_by_tables(crc, value, piece);
        }
        ck_assert_uint_eq(value, expected);
    }
}
END_TEST

SG_TEST_MAIN("crypto/crc", TEST_LOOP(check_values_come_out, SGC_CRC_COUNT),
             TEST_LOOP(every_length_at_every_alignment, SGC_CRC_COUNT), TEST_LOOP(splits_do_not_matter, SGC_CRC_COUNT))
