/* Question: do keys, commitment and footer IV come out as the page says, and as another program derives them? */
#include "crypto/object_keys.h"

#include "support/crypto_samples.h"
#include "support/vectors.h"

START_TEST(keys_are_those_that_another_program_derives) /* FMT-10, FMT-11, FMT-37 */
{
    static const char *const names[] = {"content", "footer", "metadata", "upload"};
    struct sg_vectors *v = sg_vectors_open("format/keys.txt");
    int count = 0;
    while (sg_vectors_next(v)) {
        SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys_of(sg_vectors_hex(v, "dek"));
        for (size_t i = 0; i < SG_COUNT_OF(names); i++) {
            SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
            ck_ok(sgc_object_keys_derive(&keys, (enum sgc_key_purpose)i, &key));
            sample_expect_secret(&key, sg_vectors_hex(v, names[i]));
        }
        uint8_t commitment[SGC_COMMITMENT_LEN], iv[12];
        ck_ok(sgc_object_keys_commitment(&keys, commitment));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(commitment), sg_vectors_hex(v, "commitment")));
        ck_ok(sgc_object_keys_footer_iv(&keys, sg_vectors_hex(v, "digest"), iv));
        ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(iv), sg_vectors_hex(v, "footer_iv")));
        count++;
    }
    sg_vectors_close(v);
    ck_assert_int_ge(count, 3);
}
END_TEST

START_TEST(a_data_key_of_another_length_is_refused) /* FMT-9 */
{
    uint8_t bytes[64] = {1};
    static const size_t lens[] = {1, 16, 31, 33, 64};
    for (size_t i = 0; i < SG_COUNT_OF(lens); i++) {
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_secret(sg_bytes(bytes, lens[i]));
        SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = SGC_OBJECT_KEYS_NONE;
        ck_fails(sgc_object_keys_init(&keys, &dek), INTERNAL);
        ck_assert(!sgc_secret_is_set(&keys.prk));
    }
}
END_TEST

START_TEST(a_digest_of_another_length_is_refused)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    uint8_t digest[64] = {0}, iv[12];
    ck_fails(sgc_object_keys_footer_iv(&keys, sg_bytes(digest, 31), iv), INTERNAL);
    ck_fails(sgc_object_keys_footer_iv(&keys, sg_bytes(digest, 33), iv), INTERNAL);
    ck_fails(sgc_object_keys_footer_iv(&keys, SG_BYTES_NONE, iv), INTERNAL);
}
END_TEST

START_TEST(cleared_keys_derive_nothing)
{
    struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    uint8_t commitment[SGC_COMMITMENT_LEN];
    sgc_object_keys_clear(&keys);
    sgc_object_keys_clear(&keys);
    ck_fails(sgc_object_keys_derive(&keys, SGC_KEY_CONTENT, &key), INTERNAL);
    ck_fails(sgc_object_keys_commitment(&keys, commitment), INTERNAL);
    ck_assert(!sgc_secret_is_set(&key));
}
END_TEST

START_TEST(keys_can_be_initialised_again)
{
    uint8_t first[SGC_COMMITMENT_LEN], second[SGC_COMMITMENT_LEN], dek[SGC_DEK_LEN] = {2};
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = sample_keys(1);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret other = sample_secret(SG_BYTES_ARRAY(dek));
    ck_ok(sgc_object_keys_commitment(&keys, first));
    ck_ok(sgc_object_keys_init(&keys, &other));
    ck_ok(sgc_object_keys_commitment(&keys, second));
    ck_assert(!sg_bytes_eq(SG_BYTES_ARRAY(first), SG_BYTES_ARRAY(second)));
}
END_TEST

SG_TEST_MAIN("crypto/object_keys", TEST(keys_are_those_that_another_program_derives),
             TEST(a_data_key_of_another_length_is_refused), TEST(a_digest_of_another_length_is_refused),
             TEST(cleared_keys_derive_nothing), TEST(keys_can_be_initialised_again))
