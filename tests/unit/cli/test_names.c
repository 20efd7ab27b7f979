/* Which file does a command work on, of all that could be meant? */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "common/banned.h"

#define KEY "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"

static void put_config(struct rig *rig)
{
    rig_put_text(rig, "gateway.yaml",
                 "server: {addresses: [\":1\"], certificate: c, key: k}\n"
                 "upstream: {endpoint: \"https://localhost\", credentials: u}\n"
                 "credentials: configured-credentials\nkeyring: configured-keyring\nstate_bucket: state\n"
                 "buckets: [{name: \"*\", keys: [\"main:1\"], active_key: \"main:1\"}]\n",
                 0600);
    rig_put_text(rig, "configured-keyring", "configured:1 active " KEY "\n", 0600);
    rig_put_text(rig, "given-keyring", "given:1 active " KEY "\n", 0600);
    rig_put_text(rig, "environment-keyring", "environment:1 active " KEY "\n", 0600);
}

static void set(const char *variable, const char *value)
{
    ck_assert_int_eq(value == NULL ? unsetenv(variable) : setenv(variable, value, 1), 0);
}

START_TEST(given_comes_before_environment_before_configuration)
{
    struct rig rig;
    rig_init(&rig);
    put_config(&rig);
    ck_assert_int_eq(rig_run(&rig, "key", "list", "--config", rig_path(&rig, "gateway.yaml")), 0);
    ck_assert_str_eq(rig.out, "configured:1 active\n");
    set("SEALGATE_CONFIG", rig_path(&rig, "gateway.yaml"));
    ck_assert_int_eq(rig_run(&rig, "key", "list"), 0);
    ck_assert_str_eq(rig.out, "configured:1 active\n");
    set("SEALGATE_KEYRING", rig_path(&rig, "environment-keyring"));
    ck_assert_int_eq(rig_run(&rig, "key", "list"), 0);
    ck_assert_str_eq(rig.out, "environment:1 active\n");
    ck_assert_int_eq(rig_run(&rig, "key", "list", "--keyring", rig_path(&rig, "given-keyring")), 0);
    ck_assert_str_eq(rig.out, "given:1 active\n");
    set("SEALGATE_KEYRING", "");
    ck_assert_int_eq(rig_run(&rig, "key", "list"), 0);
    ck_assert_str_eq(rig.out, "configured:1 active\n");
    set("SEALGATE_KEYRING", NULL);
    ck_assert_int_eq(rig_run(&rig, "credential", "new"), 0);
    ck_contains(rig.out, "/configured-credentials, behind the id");
    set("SEALGATE_CREDENTIALS", rig_path(&rig, "environment-credentials"));
    ck_assert_int_eq(rig_run(&rig, "credential", "new"), 0);
    ck_contains(rig.out, "/environment-credentials, behind the id");
    set("SEALGATE_CREDENTIALS", NULL);
    set("SEALGATE_CONFIG", NULL);
    rig_clear(&rig);
}
END_TEST

START_TEST(without_a_configuration_the_option_is_named)
{
    struct rig rig;
    rig_init(&rig);
    ck_assert_int_eq(rig_run(&rig, "key", "list", "--config", rig_path(&rig, "none")), 1);
    ck_contains(rig.err, "none: cannot be opened: No such file or directory");
    ck_contains(rig.err, "give --keyring FILE");
    rig_clear(&rig);
}
END_TEST

START_TEST(without_anything_the_usual_place_is_looked_at)
{
    struct rig rig;
    rig_init(&rig);
    (void)rig_run(&rig, "check-config");
    ck_contains(rig.err, "/etc/sealgate/gateway.yaml");
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/names", TEST(given_comes_before_environment_before_configuration),
             TEST(without_a_configuration_the_option_is_named), TEST(without_anything_the_usual_place_is_looked_at))
