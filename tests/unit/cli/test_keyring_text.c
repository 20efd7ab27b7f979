/* Does a change of a keyring change one line, lose nothing, and give a text that parses? */
#include "support/check_main.h"

#include "cli/keyring_text.h"

#include "common/banned.h"

#define KEY_1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
#define KEY_2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
#define KEY_3 "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"

static enum sgc_kek_state state_of(const struct sgc_buf *text, const char *id)
{
    struct sgc_keyring *keyring;
    ck_ok(sgc_keyring_parse(sgc_buf_view(text), &keyring, NULL));
    const struct sgc_kek *kek = sgc_keyring_find(keyring, sg_bytes_str(id));
    ck_assert_msg(kek != NULL, "%s", id);
    enum sgc_kek_state state = kek->state;
    sgc_keyring_free(keyring);
    return state;
}

START_TEST(the_first_key_of_an_empty_file_is_version_1)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(4096);
    struct sg_keyring_added added;
    ck_ok(sg_keyring_text_add(SG_BYTES_NONE, "main", &out, &added, NULL));
    ck_assert_str_eq(added.id, "main:1");
    ck_assert_str_eq(added.replaced, "");
    ck_assert_int_eq(state_of(&out, "main:1"), SGC_KEK_ACTIVE);
}
END_TEST

START_TEST(a_new_version_takes_over_and_the_rest_stays)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(4096);
    struct sg_keyring_added added;
    static const char before[] = "# our keys\n\n"
                                 "main:1 decrypt-only " KEY_1 "\n"
                                 "  main:7   active  " KEY_2 "\n"
                                 "# mainly:9 active\n"
                                 "mainly:9 active " KEY_3;
    ck_ok(sg_keyring_text_add(sg_bytes_str(before), "main", &out, &added, NULL));
    ck_assert_str_eq(added.id, "main:8");
    ck_assert_str_eq(added.replaced, "main:7");
    ck_assert(sg_bytes_has_prefix(sgc_buf_view(&out), SG_BYTES_LIT("# our keys\n\nmain:1 decrypt-only " KEY_1 "\n"
                                                                   "main:7 decrypt-only " KEY_2 "\n"
                                                                   "# mainly:9 active\n"
                                                                   "mainly:9 active " KEY_3 "\nmain:8 active ")));
    ck_assert_int_eq(state_of(&out, "main:8"), SGC_KEK_ACTIVE);
    ck_assert_int_eq(state_of(&out, "mainly:9"), SGC_KEK_ACTIVE);
}
END_TEST

START_TEST(keys_are_random)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf a = SGC_BUF_INIT(4096);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf b = SGC_BUF_INIT(4096);
    struct sg_keyring_added added;
    ck_ok(sg_keyring_text_add(SG_BYTES_NONE, "main", &a, &added, NULL));
    ck_ok(sg_keyring_text_add(SG_BYTES_NONE, "main", &b, &added, NULL));
    ck_assert(!sg_bytes_eq(sgc_buf_view(&a), sgc_buf_view(&b)));
}
END_TEST

static const char *const bad_names[] = {"",      "Main", "a b",      "main:1",
                                        "main:", "a/b",  "\xc3\xa9", "abcdefghijklmnopqrstuvwxyzabcdefg"};

START_TEST(bad_names_are_refused)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(4096);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(400);
    struct sg_keyring_added added;
    ck_fails(sg_keyring_text_add(SG_BYTES_NONE, bad_names[_i], &out, &added, &message), CONFIG);
    ck_assert_uint_gt(message.len, 0);
}
END_TEST

START_TEST(versions_end)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(4096);
    struct sg_keyring_added added;
    ck_fails(sg_keyring_text_add(SG_BYTES_LIT("main:9999999999 active " KEY_1), "main", &out, &added, NULL), CONFIG);
}
END_TEST

START_TEST(a_broken_keyring_is_not_touched)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(4096);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(400);
    struct sg_keyring_added added;
    ck_fails(sg_keyring_text_add(SG_BYTES_LIT("main:1 active short\n"), "main", &out, &added, &message), CONFIG);
    ck_fails(sg_keyring_text_disable(SG_BYTES_LIT("main:1 active short\n"), "main:1", &out, &message), CONFIG);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(a_key_is_disabled_in_its_place)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(4096);
    ck_ok(sg_keyring_text_disable(SG_BYTES_LIT("main:1 decrypt-only " KEY_1 "\n# x\nmain:2 active " KEY_2 "\n"),
                                  "main:1", &out, NULL));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "main:1 disabled " KEY_1 "\n# x\nmain:2 active " KEY_2 "\n"));
}
END_TEST

START_TEST(active_and_unknown_keys_are_not_disabled)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(4096);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(400);
    static const char *const ids[] = {"main:2", "main:3", "main", "", "main:01"};
    for (size_t i = 0; i < SG_COUNT_OF(ids); i++)
        ck_fails(sg_keyring_text_disable(SG_BYTES_LIT("main:2 active " KEY_2 "\n"), ids[i], &out, &message), CONFIG);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

SG_TEST_MAIN("cli/keyring_text", TEST(the_first_key_of_an_empty_file_is_version_1),
             TEST(a_new_version_takes_over_and_the_rest_stays), TEST(keys_are_random),
             TEST_LOOP(bad_names_are_refused, SG_COUNT_OF(bad_names)), TEST(versions_end),
             TEST(a_broken_keyring_is_not_touched), TEST(a_key_is_disabled_in_its_place),
             TEST(active_and_unknown_keys_are_not_disabled))
