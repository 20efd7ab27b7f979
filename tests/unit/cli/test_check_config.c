/* Does check-config find what would stop the gateway? What options may say is tested in tests/unit/core. */
#include "served.h"

#include <string.h>
#include <sys/stat.h>

#include "common/banned.h"

START_TEST(a_good_configuration_is_described)
{
    struct rig rig;
    rig_init(&rig);
    ck_assert_int_eq(rig_run(&rig, "check-config", "--config", served_put(&rig, 9000, "")), 0);
    ck_contains(rig.out, "/gateway.yaml is good\n");
    ck_contains(rig.out, "listens to  127.0.0.1:9000 (HTTPS)\n");
    ck_contains(rig.out, "storage     https://127.0.0.1:1\n");
    ck_contains(rig.out, "bucket      *, sealed with main:1\n");
    ck_assert_str_eq(rig.err, "");
    rig_clear(&rig);
}
END_TEST

START_TEST(what_is_allowed_but_weak_gets_a_warning)
{
    struct rig rig;
    rig_init(&rig);
    const char *config = served_put(
        &rig, 9000, "- {name: old, keys: [\"main:1\"], active_key: \"main:1\", metadata: plain, foreign: pass}\n");
    ck_assert_int_eq(rig_run(&rig, "check-config", "--config", config), 0);
    ck_contains(rig.err, "warning: bucket old returns objects that were not stored through the gateway");
    ck_contains(rig.err, "warning: metadata of bucket old can be read and changed by the storage");
    rig_clear(&rig);
}
END_TEST

static const struct {
    const char *name, *text;
    mode_t mode;
    const char *said;
} spoilt[] = {
    {"gateway.yaml", "unknown: 1\n", 0600, "gateway.yaml:1: unknown: there is no such option"},
    {"gateway.crt", "nothing\n", 0644, "gateway.crt"},
    {"gateway.key", "nothing\n", 0600, "gateway.key"},
    {"gateway.key", "nothing\n", 0644, "gateway.key: others may read or change this file"},
    {"ca.crt", "nothing\n", 0644, "ca.crt: there is no certificate in this file"},
    {"keyring", "", 0600, "bucket * names key main:1, which is not in "},
    {"credentials", "", 0600, "credentials: line 0: there is no credential"},
    {"upstream", "", 0600, "upstream: line 0: there is no credential"},
};

START_TEST(what_would_stop_the_gateway_is_found)
{
    struct rig rig;
    rig_init(&rig);
    const char *config = served_put(&rig, 9000, "");
    rig_put_text(&rig, spoilt[_i].name, spoilt[_i].text, spoilt[_i].mode);
    ck_assert_int_eq(rig_run(&rig, "check-config", "--config", config), 1);
    ck_contains(rig.err, spoilt[_i].said);
    ck_assert_str_eq(rig.out, "");
    rig_clear(&rig);
}
END_TEST

START_TEST(a_key_of_another_certificate_is_found)
{
    struct rig rig, other;
    char key[2048];
    rig_init(&rig);
    rig_init(&other);
    const char *config = served_put(&rig, 9000, "");
    (void)served_put(&other, 9000, "");
    rig_put_text(&rig, "gateway.key", rig_get(&other, "gateway.key", key, sizeof(key)), 0600);
    ck_assert_int_eq(rig_run(&rig, "check-config", "--config", config), 1);
    ck_contains(rig.err, "gateway.");
    rig_clear(&other);
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/check_config", TEST(a_good_configuration_is_described), TEST(what_is_allowed_but_weak_gets_a_warning),
             TEST_LOOP(what_would_stop_the_gateway_is_found, SG_COUNT_OF(spoilt)),
             TEST(a_key_of_another_certificate_is_found))
