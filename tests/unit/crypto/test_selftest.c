/* Does the program find its own primitives right, and does it name the one that is not? */
#include "crypto/selftest.h"

#include "support/check_main.h"
#include "support/det_rand.h"

#include "common/banned.h"

START_TEST(all_answers_are_the_known_ones)
{
    const char *failed = "";
    ck_ok(sgc_selftest(&failed));
    ck_assert_ptr_null(failed);
}
END_TEST

START_TEST(a_kernel_without_random_bytes_is_found_out)
{
    const char *failed = NULL;
    sg_det_rand_seed(1);
    sg_det_rand_fail_after(0);
    ck_fails(sgc_selftest(&failed), CRYPTO);
    ck_assert_str_eq(failed, "random bytes");
}
END_TEST

START_TEST(a_kernel_that_repeats_itself_is_found_out)
{
    const char *failed = NULL;
    uint8_t same[64];
    memset(same, 0x5a, sizeof(same));
    sg_det_rand_seed(1);
    sg_det_rand_script(SG_BYTES_ARRAY(same));
    ck_fails(sgc_selftest(&failed), CRYPTO);
    ck_assert_str_eq(failed, "random bytes");
}
END_TEST

SG_TEST_MAIN("crypto/selftest", TEST(all_answers_are_the_known_ones), TEST(a_kernel_without_random_bytes_is_found_out),
             TEST(a_kernel_that_repeats_itself_is_found_out))
