/* Do the files that a configuration names fit it, and each other? */
#include "config_rig.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/config_files.h"

#include "common/banned.h"

#define KEY_1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
#define KEY_2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"

struct rig {
    char folder[40];
    struct sg_config *config;
    struct sgc_buf message;
};

static const char *const names[] = {"gateway.yaml", "gateway.crt", "gateway.key",         "ca.crt",
                                    "keyring",      "credentials", "upstream-credentials"};

static const char text[] = "server: {addresses: [\":1\"], certificate: gateway.crt, key: gateway.key}\n"
                           "upstream: {endpoint: \"https://localhost\", region: mars-1, ca_file: ca.crt, "
                           "credentials: upstream-credentials}\n"
                           "credentials: credentials\n"
                           "keyring: keyring\n"
                           "state_bucket: state\n"
                           "buckets: [{name: \"*\", keys: [\"main:1\", \"main:2\"], active_key: \"main:2\"}]\n";

static void put(const struct rig *rig, const char *name, const char *contents, mode_t mode)
{
    char path[80];
    (void)snprintf(path, sizeof(path), "%s/%s", rig->folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(contents, file), 0);
    (void)fclose(file);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static void drop(const struct rig *rig, const char *name)
{
    char path[80];
    (void)snprintf(path, sizeof(path), "%s/%s", rig->folder, name);
    (void)unlink(path);
}

static void begin(struct rig *rig)
{
    char path[80];
    *rig = (struct rig){.folder = "/tmp/sealgate-config-files-XXXXXX", .message = SGC_BUF_INIT(1000)};
    ck_assert_ptr_nonnull(mkdtemp(rig->folder));
    put(rig, "gateway.yaml", text, 0644);
    put(rig, "gateway.crt", "certificate", 0644);
    put(rig, "gateway.key", "key", 0600);
    put(rig, "ca.crt", "# ours\n-----BEGIN CERTIFICATE-----\n", 0644);
    put(rig, "keyring", "main:1 decrypt-only " KEY_1 "\nmain:2 active " KEY_2 "\n", 0600);
    put(rig, "credentials", "client a-secret-of-some-length\n", 0600);
    put(rig, "upstream-credentials", "minio minioadmin\n", 0600);
    (void)snprintf(path, sizeof(path), "%s/gateway.yaml", rig->folder);
    ck_ok(sg_config_load(path, &rig->config, &rig->message));
}

static void end(struct rig *rig)
{
    for (size_t i = 0; i < SG_COUNT_OF(names); i++)
        drop(rig, names[i]);
    ck_assert_int_eq(rmdir(rig->folder), 0);
    sg_config_free(rig->config);
    sgc_buf_clear(&rig->message);
}

static void expect_refusal(struct rig *rig, const char *what)
{
    ck_fails(sg_config_check_files(rig->config, &rig->message), CONFIG);
    ck_ok(sgc_buf_append_u8(&rig->message, 0));
    const char *said = (const char *)rig->message.ptr;
    ck_assert_msg(strstr(said, what) != NULL, "%s\nnot: %s", said, what);
    ck_assert_ptr_null(strstr(said, KEY_1));
    ck_assert_ptr_null(strstr(said, "minioadmin"));
    ck_assert_ptr_null(strstr(said, "a-secret"));
}

START_TEST(good_files_pass_and_can_be_read)
{
    struct rig rig;
    struct sgc_keyring *keyring;
    struct sg_keystore *store;
    struct sgs_identity identity;
    begin(&rig);
    ck_ok(sg_config_check_files(rig.config, &rig.message));
    ck_ok(sg_config_read_keyring(rig.config, &keyring, &rig.message));
    ck_ok(sg_config_read_credentials(rig.config, &store, &rig.message));
    ck_ok(sg_config_read_upstream_identity(rig.config, &identity, &rig.message));
    ck_assert_uint_eq(sgc_keyring_count(keyring), 2);
    ck_assert_uint_eq(sg_keystore_count(store), 1);
    ck_assert_str_eq(identity.access_key_id, "minio");
    ck_assert_str_eq(identity.region, "mars-1");
    ck_assert_uint_eq(identity.secret_access_key.len, 10);
    sgc_secret_clear(&identity.secret_access_key);
    sg_keystore_free(store);
    sgc_keyring_free(keyring);
    end(&rig);
}
END_TEST

START_TEST(every_file_must_be_there)
{
    for (size_t i = 1; i < SG_COUNT_OF(names); i++) {
        struct rig rig;
        begin(&rig);
        drop(&rig, names[i]);
        expect_refusal(&rig, "cannot be opened: No such file");
        ck_assert_ptr_nonnull(strstr((const char *)rig.message.ptr, names[i]));
        end(&rig);
    }
}
END_TEST

static const struct {
    const char *name, *contents;
    mode_t mode;
    const char *what;
} changes[] = {
    {"gateway.key", "key", 0640, "gateway.key: others may read or change this file (mode 0640); run: chmod 600"},
    {"gateway.crt", "certificate", 0666, "gateway.crt: everybody may change this file"},
    {"ca.crt", "certificate", 0646, "ca.crt: everybody may change this file"},
    {"keyring", "main:2 active " KEY_2 "\nmain:1 decrypt-only " KEY_1 "\n", 0644, "keyring: others may read"},
    {"credentials", "client a-secret-of-some-length\n", 0604, "credentials: others may read"},
    {"upstream-credentials", "minio minioadmin\n", 0640, "upstream-credentials: others may read"},
    {"credentials", "client short\n", 0600, "credentials: line 1: the secret is shorter"},
    {"credentials", "\n", 0600, "credentials: line 1: there is no credential"},
    {"upstream-credentials", "minio minioadmin\nsecond minioadmin\n", 0600,
     "upstream-credentials: line 2: there is a second"},
    {"ca.crt", "nothing\n", 0644, "ca.crt: there is no certificate in this file"},
    {"ca.crt", "", 0644, "ca.crt: there is no certificate in this file"},
    {"ca.crt", "-----BEGIN PRIVATE KEY-----\n", 0644, "ca.crt: there is no certificate in this file"},
    {"keyring", "main:2 active short\n", 0600, "keyring: line 1: "},
    {"keyring", "", 0600, "gateway.yaml: bucket * names key main:1, which is not in "},
    {"keyring", "main:2 active " KEY_2 "\n", 0600, "bucket * names key main:1, which is not in "},
    {"keyring", "main:1 disabled " KEY_1 "\nmain:2 active " KEY_2 "\n", 0600,
     "bucket * names key main:1, which is disabled in"},
    {"keyring", "main:1 active " KEY_1 "\nmain:2 decrypt-only " KEY_2 "\n", 0600,
     "bucket * seals with key main:2, which is decrypt-only in"},
};

START_TEST(a_file_that_does_not_fit_is_named)
{
    struct rig rig;
    begin(&rig);
    put(&rig, changes[_i].name, changes[_i].contents, changes[_i].mode);
    expect_refusal(&rig, changes[_i].what);
    end(&rig);
}
END_TEST

SG_TEST_MAIN("core/config_files", TEST(good_files_pass_and_can_be_read), TEST(every_file_must_be_there),
             TEST_LOOP(a_file_that_does_not_fit_is_named, SG_COUNT_OF(changes)))
