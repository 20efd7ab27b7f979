/* Are the constant-time comparisons right at every place? (Their timing: tests/ct/.) */
#include "crypto/ct.h"

#include "support/check_main.h"

#include "common/banned.h"

START_TEST(equal_bytes_are_equal_at_every_length)
{
    uint8_t a[200], b[200];
    for (size_t i = 0; i < sizeof(a); i++)
        a[i] = b[i] = (uint8_t)(i * 31);
    for (size_t len = 0; len <= sizeof(a); len++)
        ck_assert(sgc_ct_equal(sg_bytes(a, len), sg_bytes(b, len)));
    ck_assert(sgc_ct_equal(SG_BYTES_NONE, SG_BYTES_NONE));
    ck_assert(sgc_ct_equal(SG_BYTES_NONE, SG_BYTES_LIT("")));
}
END_TEST

START_TEST(one_flipped_bit_is_seen_at_every_place)
{
    uint8_t a[64] = {0}, b[64] = {0};
    for (size_t bit = 0; bit < sizeof(a) * 8; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert(!sgc_ct_equal(SG_BYTES_ARRAY(a), SG_BYTES_ARRAY(b)));
        ck_assert(!sgc_ct_is_zero(SG_BYTES_ARRAY(b)));
        b[bit / 8] = 0;
    }
    ck_assert(sgc_ct_is_zero(SG_BYTES_ARRAY(b)));
}
END_TEST

START_TEST(different_lengths_are_never_equal)
{
    ck_assert(!sgc_ct_equal(SG_BYTES_LIT("abc"), SG_BYTES_LIT("ab")));
    ck_assert(!sgc_ct_equal(SG_BYTES_LIT("ab"), SG_BYTES_LIT("abc")));
    ck_assert(!sgc_ct_equal(SG_BYTES_LIT("\0"), SG_BYTES_NONE));
    ck_assert(!sgc_ct_equal(SG_BYTES_NONE, SG_BYTES_LIT("\0")));
}
END_TEST

START_TEST(nothing_is_all_zeros)
{
    ck_assert(sgc_ct_is_zero(SG_BYTES_NONE));
}
END_TEST

SG_TEST_MAIN("crypto/ct", TEST(equal_bytes_are_equal_at_every_length), TEST(one_flipped_bit_is_seen_at_every_place),
             TEST(different_lengths_are_never_equal), TEST(nothing_is_all_zeros))
