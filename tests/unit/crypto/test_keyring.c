/* Question: does the key file give the keys it holds, and does every mistake in it get an answer that helps? */
#include "crypto/keyring.h"

#include "common/limits.h"

#include "support/alloc_fail.h"
#include "support/crypto_samples.h"

#include "common/banned.h"

/* base64url of 32 bytes of 1, 2, 3, and of 0. */
#define KEY_1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
#define KEY_2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
#define KEY_3 "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"
#define KEY_0 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static sg_err parse(const char *text, struct sgc_keyring **out, struct sgc_buf *message)
{
    return sgc_keyring_parse(sg_bytes_str(text), out, message);
}

static void expect_key(const struct sgc_keyring *keyring, const char *id, enum sgc_kek_state state, uint8_t value)
{
    const struct sgc_kek *kek = sgc_keyring_find(keyring, sg_bytes_str(id));
    uint8_t bytes[SGC_KEK_LEN];
    ck_assert_msg(kek != NULL, "%s", id);
    ck_assert_str_eq(kek->id, id);
    ck_assert_int_eq(kek->state, state);
    memset(bytes, value, sizeof(bytes));
    sample_expect_secret(&kek->key, SG_BYTES_ARRAY(bytes));
}

/* --- good files --- */

START_TEST(keys_come_in_the_order_of_the_file) /* FMT-63 */
{
    struct sgc_keyring *keyring = NULL;
    ck_ok(parse("# keys of the archive\n"
                "\n"
                "archive:1 decrypt-only " KEY_1 "\n"
                "  archive:2\tactive \t" KEY_2 "  \n"
                "   # indented\n"
                "old.photos_x-1:9999999999 disabled " KEY_3,
                &keyring, NULL));
    ck_assert_uint_eq(sgc_keyring_count(keyring), 3);
    ck_assert_str_eq(sgc_keyring_at(keyring, 0)->id, "archive:1");
    ck_assert_str_eq(sgc_keyring_at(keyring, 2)->id, "old.photos_x-1:9999999999");
    expect_key(keyring, "archive:1", SGC_KEK_DECRYPT_ONLY, 1);
    expect_key(keyring, "archive:2", SGC_KEK_ACTIVE, 2);
    expect_key(keyring, "old.photos_x-1:9999999999", SGC_KEK_DISABLED, 3);
    static const char *const missing[] = {"",           "archive",   "archive:", "archive:3",
                                          "archive:11", "Archive:1", "rchive:1"};
    for (size_t i = 0; i < SG_COUNT_OF(missing); i++)
        ck_assert_ptr_null(sgc_keyring_find(keyring, sg_bytes_str(missing[i])));
    sgc_keyring_free(keyring);
}
END_TEST

static const char *const empty_files[] = {"", "\n", "\n\n  \n\t\n", "# nothing yet", "# nothing\n#\n"};

START_TEST(a_file_without_keys_is_a_keyring_without_keys)
{
    struct sgc_keyring *keyring = NULL;
    ck_ok(parse(empty_files[_i], &keyring, NULL));
    ck_assert_uint_eq(sgc_keyring_count(keyring), 0);
    ck_assert_ptr_null(sgc_keyring_find(keyring, SG_BYTES_LIT("a:1")));
    sgc_keyring_free(keyring);
}
END_TEST

START_TEST(two_names_may_each_have_an_active_version)
{
    struct sgc_keyring *keyring = NULL;
    ck_ok(parse("a:1 active " KEY_1 "\nab:1 active " KEY_2 "\na:2 decrypt-only " KEY_3 "\n", &keyring, NULL));
    ck_assert_uint_eq(sgc_keyring_count(keyring), 3);
    sgc_keyring_free(keyring);
}
END_TEST

START_TEST(states_say_what_a_key_may_do) /* FMT-63 */
{
    struct sgc_kek active = {.state = SGC_KEK_ACTIVE}, old = {.state = SGC_KEK_DECRYPT_ONLY};
    struct sgc_kek disabled = {.state = SGC_KEK_DISABLED};
    ck_assert(sgc_kek_may_seal(&active) && sgc_kek_may_open(&active));
    ck_assert(!sgc_kek_may_seal(&old) && sgc_kek_may_open(&old));
    ck_assert(!sgc_kek_may_seal(&disabled) && !sgc_kek_may_open(&disabled));
    ck_assert_str_eq(sgc_kek_state_name(SGC_KEK_ACTIVE), "active");
    ck_assert_str_eq(sgc_kek_state_name(SGC_KEK_DECRYPT_ONLY), "decrypt-only");
    ck_assert_str_eq(sgc_kek_state_name(SGC_KEK_DISABLED), "disabled");
}
END_TEST

START_TEST(a_printed_line_is_read_again)
{
    struct sgc_keyring *keyring = NULL, *again = NULL;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(400);
    const char *text = "a:1 decrypt-only " KEY_1 "\na:2 active " KEY_2 "\nb:7 disabled " KEY_3 "\n";
    ck_ok(parse(text, &keyring, NULL));
    for (size_t i = 0; i < sgc_keyring_count(keyring); i++)
        ck_ok(sgc_keyring_print_line(sgc_keyring_at(keyring, i), &out));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), text));
    ck_ok(sgc_keyring_parse(sgc_buf_view(&out), &again, NULL));
    ck_assert_uint_eq(sgc_keyring_count(again), 3);
    sgc_keyring_free(keyring);
    sgc_keyring_free(again);
    sgc_keyring_free(NULL);
}
END_TEST

START_TEST(a_key_that_no_file_could_hold_is_not_printed)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(400);
    struct sgc_kek kek = {.id = "no version", .state = SGC_KEK_ACTIVE};
    ck_fails(sgc_keyring_print_line(&kek, &out), INTERNAL);
    (void)snprintf(kek.id, sizeof(kek.id), "a:1");
    ck_fails(sgc_keyring_print_line(&kek, &out), INTERNAL);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* --- ids --- */

static const char *const good_ids[] = {"a:1",    "0:1",          "-:9",
                                       "._-:10", "a:9999999999", "abcdefghijklmnopqrstuvwxyz012345:1234567890"};
static const char *const bad_ids[] = {
    "",
    ":",
    "a",
    "a:",
    ":1",
    "1",
    "a:0",
    "a:01",
    "a:1x",
    "a:x1",
    "a:+1",
    "a:-1",
    "a: 1",
    "a :1",
    " a:1",
    "a:1 ",
    "A:1",
    "a:1:1",
    "a::1",
    "a/b:1",
    "a\\b:1",
    "a;b:1",
    "a=b:1",
    "\xc3\xa9:1",
    "a:12345678901",
    "a:1\n",
    "a,b:1",
    "abcdefghijklmnopqrstuvwxyz0123456:1",
    "abcdefghijklmnopqrstuvwxyz012345:12345678901",
};

START_TEST(ids_are_name_and_version) /* FMT-8 */
{
    for (size_t i = 0; i < SG_COUNT_OF(good_ids); i++)
        ck_assert_msg(sgc_kek_id_is_valid(sg_bytes_str(good_ids[i])), "%s", good_ids[i]);
    for (size_t i = 0; i < SG_COUNT_OF(bad_ids); i++)
        ck_assert_msg(!sgc_kek_id_is_valid(sg_bytes_str(bad_ids[i])), "%s", bad_ids[i]);
    ck_assert(!sgc_kek_id_is_valid(sg_bytes("a:1\0", 4)));
    ck_assert(!sgc_kek_id_is_valid(sg_bytes("a\0:1", 4)));
}
END_TEST

/* --- mistakes --- */

#define FIELDS     "a line is NAME:VERSION STATE KEY"
#define ID         "NAME:VERSION is 1 to 32"
#define STATE      "STATE is one of active, decrypt-only, disabled"
#define KEY        "KEY is 32 bytes, not all zero, in base64url without padding: 43 characters"
#define ID_TWICE   "this NAME:VERSION stands twice"
#define KEY_TWICE  "this key stands twice"
#define TWO_ACTIVE "a second active version of this name"

static const struct {
    const char *text;
    unsigned line;
    const char *message;
} mistakes[] = {
    {"a:1", 1, FIELDS},
    {"a:1 active", 1, FIELDS},
    {"a:1 " KEY_1, 1, FIELDS},
    {"a:1 active " KEY_1 " more", 1, FIELDS},
    {"a:1 active " KEY_1 " # comment", 1, FIELDS},
    {"# one\n\na:1 active", 3, FIELDS},
    {"a:1=active=" KEY_1, 1, FIELDS},
    {"a active " KEY_1, 1, ID},
    {"a:0 active " KEY_1, 1, ID},
    {"A:1 active " KEY_1, 1, ID},
    {"\na:01 active " KEY_1, 2, ID},
    {KEY_1 " active a:1", 1, ID},
    {"\xef\xbb\xbf"
     "a:1 active " KEY_1,
     1, ID}, /* what some editors write first */
    {"a:1 Active " KEY_1, 1, STATE},
    {"a:1 primary " KEY_1, 1, STATE},
    {"a:1 decrypt " KEY_1, 1, STATE},
    {"a:1 actives " KEY_1, 1, STATE},
    {"a:1 " KEY_1 " active", 1, STATE},
    {"a:1 active " KEY_0, 1, KEY},
    {"a:1 active " KEY_1 "A", 1, KEY},
    {"a:1 active " KEY_1 "=", 1, KEY},
    {"a:1 active " KEY_1 "\r\n", 1, KEY},
    {"a:1 active A" KEY_1, 1, KEY},
    {"a:1 active " KEY_1 KEY_1, 1, KEY},
    {"a:1 active AQEB", 1, KEY},
    {"a:1 active A", 1, KEY},
    {"a:1 active AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ", 1, KEY},  /* 31 bytes */
    {"a:1 active AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF", 1, KEY}, /* a second spelling of KEY_1 */
    {"a:1 active AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA+E", 1, KEY},
    {"a:1 active AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA/E", 1, KEY},
    {"a:1 active 0101010101010101010101010101010101010101010101010101010101010101", 1, KEY},
    {"a:1 active " KEY_1 "\na:1 decrypt-only " KEY_2, 2, ID_TWICE},
    {"a:1 active " KEY_1 "\nb:1 active " KEY_2 "\n\na:1 active " KEY_1, 4, ID_TWICE},
    {"a:1 active " KEY_1 "\na:2 decrypt-only " KEY_1, 2, KEY_TWICE},
    {"a:1 disabled " KEY_1 "\nb:1 active " KEY_2 "\nc:1 active " KEY_1, 3, KEY_TWICE},
    {"a:1 active " KEY_1 "\na:2 active " KEY_2, 2, TWO_ACTIVE},
    {"a:1 active " KEY_1 "\nb:1 active " KEY_3 "\na:2 active " KEY_2, 3, TWO_ACTIVE},
};

START_TEST(a_mistake_is_named_with_its_line) /* FMT-64 */
{
    struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(160);
    char expected[160];
    ck_fails(parse(mistakes[_i].text, &keyring, &message), CONFIG);
    ck_assert_ptr_null(keyring);
    (void)snprintf(expected, sizeof(expected), "line %u: %s", mistakes[_i].line, mistakes[_i].message);
    ck_assert_msg(sg_bytes_has_prefix(sgc_buf_view(&message), sg_bytes_str(expected)), "%.*s",
                  SG_BYTES_FMT(sgc_buf_view(&message)));
    /* Nothing of the line, above all no key. */
    ck_assert_ptr_null(memmem(message.ptr, message.len, "AQEB", 4));
    ck_fails(parse(mistakes[_i].text, &keyring, NULL), CONFIG);
}
END_TEST

START_TEST(a_message_without_room_is_a_refusal_all_the_same)
{
    struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(5);
    ck_fails(parse("a:1", &keyring, &message), CONFIG);
    ck_assert_ptr_null(keyring);
}
END_TEST

START_TEST(bytes_of_zero_are_no_blanks)
{
    struct sgc_keyring *keyring = NULL;
    static const char text[] = "a:1 active\0" KEY_1;
    ck_fails(sgc_keyring_parse(sg_bytes(text, sizeof(text) - 1), &keyring, NULL), CONFIG);
}
END_TEST

START_TEST(every_truncation_is_refused_or_holds_less)
{
    static const char text[] = "a:1 active " KEY_1 "\nb:1 active " KEY_2 "\n";
    size_t first = strlen("a:1 active " KEY_1);
    for (size_t len = 1; len < sizeof(text) - 1; len++) {
        struct sgc_keyring *keyring = NULL;
        sg_err err = sgc_keyring_parse(sg_bytes(text, len), &keyring, NULL);
        bool whole = len == first || len == first + 1 || len == sizeof(text) - 2;
        ck_assert_msg(whole ? sg_is_ok(err) : sg_is(err, CONFIG), "cut to %zu", len);
        sgc_keyring_free(keyring);
    }
}
END_TEST

/* `count` keys k1:1, k2:1, ... with keys that count up. */
static void print_many(size_t count, struct sgc_buf *out)
{
    for (size_t i = 1; i <= count; i++) {
        uint8_t key[SGC_KEK_LEN] = {[0] = (uint8_t)(i >> 8), [1] = (uint8_t)i, [31] = 1};
        struct sgc_kek kek = {.state = SGC_KEK_ACTIVE, .key = sample_secret(SG_BYTES_ARRAY(key))};
        (void)snprintf(kek.id, sizeof(kek.id), "k%zu:1", i);
        ck_ok(sgc_keyring_print_line(&kek, out));
        sgc_secret_clear(&kek.key);
    }
}

START_TEST(a_file_holds_at_most_512_keys) /* FMT-64 */
{
    struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(1 << 16);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(160);
    print_many(SG_LIMIT_KEYRING_COUNT, &text);
    ck_ok(sgc_keyring_parse(sgc_buf_view(&text), &keyring, NULL));
    ck_assert_uint_eq(sgc_keyring_count(keyring), SG_LIMIT_KEYRING_COUNT);
    ck_assert_ptr_nonnull(sgc_keyring_find(keyring, SG_BYTES_LIT("k512:1")));
    sgc_keyring_free(keyring);
    ck_ok(sgc_buf_append_str(&text, "one-more:1 active " KEY_1 "\n"));
    ck_fails(sgc_keyring_parse(sgc_buf_view(&text), &keyring, &message), CONFIG);
    ck_assert(sg_bytes_has_prefix(sgc_buf_view(&message), SG_BYTES_LIT("line 513: too many keys")));
}
END_TEST

static sg_err parse_three(void *ctx)
{
    struct sgc_keyring *keyring = NULL;
    SG_UNUSED(ctx);
    SG_TRY(parse("a:1 active " KEY_1 "\nb:1 active " KEY_2 "\nc:1 active " KEY_3, &keyring, NULL));
    sgc_keyring_free(keyring);
    return SG_OK;
}

START_TEST(no_key_is_left_behind_when_locked_memory_runs_out)
{
    ck_assert_uint_eq(sg_torture_slots(parse_three, NULL), 3);
}
END_TEST

SG_TEST_MAIN("crypto/keyring", TEST(keys_come_in_the_order_of_the_file),
             TEST_LOOP(a_file_without_keys_is_a_keyring_without_keys, SG_COUNT_OF(empty_files)),
             TEST(two_names_may_each_have_an_active_version), TEST(states_say_what_a_key_may_do),
             TEST(a_printed_line_is_read_again), TEST(a_key_that_no_file_could_hold_is_not_printed),
             TEST(ids_are_name_and_version), TEST_LOOP(a_mistake_is_named_with_its_line, SG_COUNT_OF(mistakes)),
             TEST(a_message_without_room_is_a_refusal_all_the_same), TEST(bytes_of_zero_are_no_blanks),
             TEST(every_truncation_is_refused_or_holds_less), TEST(a_file_holds_at_most_512_keys),
             TEST(no_key_is_left_behind_when_locked_memory_runs_out))
