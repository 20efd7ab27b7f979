/* Does the store take exactly well-formed credentials, and say where it does not? */
#include "support/check_main.h"

#include "core/keystore.h"
#include "crypto/ct.h"

#include "common/banned.h"

#define SECRET   "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define LONG_64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LONG_128 LONG_64 LONG_64

static sg_err compare(void *ctx, struct sg_bytes secret)
{
    const char *expected = ctx;
    SG_CHECK(sgc_ct_equal(secret, sg_bytes_str(expected)), INTERNAL);
    return SG_OK;
}

static void check_secret(const struct sg_credential *credential, char *expected)
{
    ck_assert_ptr_nonnull(credential);
    ck_ok(sgc_secret_use(&credential->secret_access_key, compare, expected));
}

START_TEST(credentials_are_found_by_id)
{
    static char first[] = SECRET, second[] = "another+secret/16";
    struct sg_keystore *store;
    ck_ok(sg_keystore_parse(SG_BYTES_LIT("# clients\n\nAKIAIOSFODNN7EXAMPLE " SECRET "\r\n"
                                         "   team/a@example \t another+secret/16  \n"),
                            &store, NULL));
    ck_assert_uint_eq(sg_keystore_count(store), 2);
    ck_assert_str_eq(sg_keystore_at(store, 1)->access_key_id, "team/a@example");
    check_secret(sg_keystore_find(store, SG_BYTES_LIT("AKIAIOSFODNN7EXAMPLE")), first);
    check_secret(sg_keystore_find(store, SG_BYTES_LIT("team/a@example")), second);
    ck_assert_ptr_null(sg_keystore_find(store, SG_BYTES_LIT("AKIAIOSFODNN7EXAMPLF")));
    ck_assert_ptr_null(sg_keystore_find(store, SG_BYTES_LIT("AKIAIOSFODNN7EXAMPL")));
    ck_assert_ptr_null(sg_keystore_find(store, SG_BYTES_LIT("akiaiosfodnn7example")));
    ck_assert_ptr_null(sg_keystore_find(store, SG_BYTES_NONE));
    sg_keystore_free(store);
}
END_TEST

START_TEST(the_decoy_is_nobody)
{
    struct sg_keystore *store;
    static char zeros[41] = "";
    ck_ok(sg_keystore_parse(SG_BYTES_LIT("id " SECRET), &store, NULL));
    const struct sg_credential *decoy = sg_keystore_decoy(store);
    ck_assert_uint_eq(decoy->secret_access_key.len, 40);
    ck_assert(!sg_is_ok(sgc_secret_use(&decoy->secret_access_key, compare, zeros)));
    ck_assert_str_eq(decoy->access_key_id, "");
    sg_keystore_free(store);
}
END_TEST

START_TEST(the_longest_credential_fits)
{
    struct sg_keystore *store;
    ck_ok(sg_keystore_parse(SG_BYTES_LIT(LONG_128 " " LONG_128), &store, NULL));
    ck_assert_ptr_nonnull(sg_keystore_find(store, SG_BYTES_LIT(LONG_128)));
    sg_keystore_free(store);
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    {"", "line 0: there is no credential"},
    {"\n\n# only a comment\n", "line 3: there is no credential"},
    {"id", "line 1: the secret is missing"},
    {"id\n" SECRET, "line 1: the secret is missing"},
    {"good " SECRET "\nid \t\n", "line 2: the secret is missing"},
    {"id short", "line 1: the secret is shorter"},
    {"id 123456789012345", "line 1: the secret is shorter"},
    {"id " LONG_128 "x", "line 1: the secret is longer"},
    {"id " SECRET " more", "line 1: the secret must be one word"},
    {"id " SECRET "\x01", "line 1: the secret must be one word"},
    {"id \xc3\xa9" SECRET, "line 1: the secret must be one word"},
    {LONG_128 "x " SECRET, "line 1: the access key id must be"},
    {"a,b " SECRET, "line 1: the access key id must be"},
    {"a=b " SECRET, "line 1: the access key id must be"},
    {"a\x01 " SECRET, "line 1: the access key id must be"},
    {"\xef\xbb\xbfid " SECRET, "line 1: the access key id must be"},
    {"id " SECRET "\n# x\nid " SECRET "x\n", "line 3: the access key id stands twice"},
};

START_TEST(bad_text_is_refused_with_its_line_and_without_its_secret)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(200);
    struct sg_keystore *store = NULL;
    ck_fails(sg_keystore_parse(sg_bytes_str(bad[_i].text), &store, &message), CONFIG);
    ck_assert_ptr_null(store);
    ck_assert_msg(sg_bytes_has_prefix(sgc_buf_view(&message), sg_bytes_str(bad[_i].message)), "%.*s",
                  SG_BYTES_FMT(sgc_buf_view(&message)));
    ck_ok(sgc_buf_append_u8(&message, 0));
    ck_assert_ptr_null(strstr((const char *)message.ptr, "wJalrX"));
}
END_TEST

START_TEST(a_zero_byte_is_refused)
{
    struct sg_keystore *store;
    ck_fails(sg_keystore_parse(SG_BYTES_LIT("a\0b " SECRET), &store, NULL), CONFIG);
    ck_fails(sg_keystore_parse(SG_BYTES_LIT("ab " SECRET "\0"), &store, NULL), CONFIG);
}
END_TEST

START_TEST(the_upstream_has_exactly_one_credential_of_any_length)
{
    static char secret[] = "x";
    struct sg_credential one = {.access_key_id = ""};
    ck_ok(sg_credential_parse(SG_BYTES_LIT("# upstream\nid x\n"), &one, NULL));
    ck_assert_str_eq(one.access_key_id, "id");
    check_secret(&one, secret);
    sg_credential_clear(&one);
    sg_credential_clear(&one);
    ck_fails(sg_credential_parse(SG_BYTES_LIT("id x\nid2 y"), &one, NULL), CONFIG);
    ck_assert(!sgc_secret_is_set(&one.secret_access_key));
    ck_fails(sg_credential_parse(SG_BYTES_NONE, &one, NULL), CONFIG);
    ck_fails(sg_credential_parse(SG_BYTES_LIT("id"), &one, NULL), CONFIG);
}
END_TEST

START_TEST(no_store_is_freed_too)
{
    sg_keystore_free(NULL);
}
END_TEST

SG_TEST_MAIN("core/keystore", TEST(credentials_are_found_by_id), TEST(the_decoy_is_nobody),
             TEST(the_longest_credential_fits),
             TEST_LOOP(bad_text_is_refused_with_its_line_and_without_its_secret, SG_COUNT_OF(bad)),
             TEST(a_zero_byte_is_refused), TEST(the_upstream_has_exactly_one_credential_of_any_length),
             TEST(no_store_is_freed_too))
