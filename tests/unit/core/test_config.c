/* Does a configuration become what it says, with its defaults, and does everything else become a message? */
#include "config_rig.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/banned.h"

static struct sg_config *parse(const char *from, const char *to)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1000);
    struct sg_config *config = NULL;
    sg_err err = rig_parse(from, to, &config, &message);
    ck_assert_msg(sg_is_ok(err), "%.*s", SG_BYTES_FMT(sgc_buf_view(&message)));
    return config;
}

START_TEST(the_shortest_file_has_sensible_defaults)
{
    struct sg_config *c = parse("", "");
    ck_assert_str_eq(c->path, RIG_PATH);
    ck_assert_uint_eq(c->server.address_count, 1);
    ck_assert_str_eq(c->server.addresses[0], "127.0.0.1:9000");
    ck_assert_ptr_null(c->server.refuse_http);
    ck_assert_str_eq(c->server.admin, "127.0.0.1:9080");
    ck_assert_uint_eq(c->server.domain_count, 0);
    ck_assert_uint_eq(c->server.workers, 0);
    ck_assert_uint_eq(c->server.idle_timeout_ms, 60000);
    ck_assert_uint_eq(c->server.head_timeout_ms, 15000);
    ck_assert_uint_eq(c->server.stall_timeout_ms, 60000);
    ck_assert_uint_eq(c->server.shutdown_timeout_ms, 30000);
    ck_assert_uint_eq(c->server.max_connections, 10000);
    ck_assert_str_eq(c->upstream.region, "us-east-1");
    ck_assert_ptr_null(c->upstream.ca_file);
    ck_assert(!c->upstream.virtual_host);
    ck_assert_uint_eq(c->upstream.connect_timeout_ms, 5000);
    ck_assert_uint_eq(c->upstream.stall_timeout_ms, 60000);
    ck_assert_uint_eq(c->upstream.idle_timeout_ms, 30000);
    ck_assert_uint_eq(c->upstream.max_connections, 256);
    ck_assert_str_eq(c->region, "us-east-1");
    ck_assert(!c->strict_region);
    ck_assert_uint_eq(c->limits.memory, 536870912);
    ck_assert_uint_eq(c->limits.wait_ms, 10000);
    ck_assert_str_eq(c->log.access, "-");
    ck_assert(!c->log.hash_keys);
    ck_assert_int_eq(c->buckets[0].metadata, SG_METADATA_SEALED);
    ck_assert_int_eq(c->buckets[0].foreign, SG_FOREIGN_REFUSE);
    sg_config_free(c);
}
END_TEST

START_TEST(relative_files_start_at_the_folder_of_the_configuration)
{
    struct sg_config *c = parse("", "log: {access: access.log}\n");
    ck_assert_str_eq(c->server.certificate, "conf/pki/gateway.crt");
    ck_assert_str_eq(c->server.key, "/etc/ssl/gateway.key");
    ck_assert_str_eq(c->keyring, "conf/keyring");
    ck_assert_str_eq(c->log.access, "conf/access.log");
    sg_config_free(c);
}
END_TEST

START_TEST(every_kind_of_value_is_taken)
{
    struct sg_config *c = parse("  key: /etc/ssl/gateway.key\n", "  key: /etc/ssl/gateway.key\n"
                                                                 "  refuse_http: \":80\"\n"
                                                                 "  admin: off\n"
                                                                 "  domains: [s3.example.com, S3.Test]\n"
                                                                 "  workers: 3\n"
                                                                 "  idle_timeout: 1m\n"
                                                                 "  head_timeout: 1500ms\n"
                                                                 "  shutdown_timeout: 0\n");
    ck_assert_str_eq(c->server.refuse_http, ":80");
    ck_assert_ptr_null(c->server.admin);
    ck_assert_uint_eq(c->server.domain_count, 2);
    ck_assert_str_eq(c->server.domains[1], "S3.Test");
    ck_assert_uint_eq(c->server.workers, 3);
    ck_assert_uint_eq(c->server.idle_timeout_ms, 60000);
    ck_assert_uint_eq(c->server.head_timeout_ms, 1500);
    ck_assert_uint_eq(c->server.shutdown_timeout_ms, 0);
    sg_config_free(c);

    c = parse("", "log: {access: off, hash_keys: true}\nlimits: {memory: 1GiB, wait: 0}\nstrict_region: yes\n"
                  "region: eu-central-1\n");
    ck_assert_ptr_null(c->log.access);
    ck_assert(c->log.hash_keys);
    ck_assert(c->strict_region);
    ck_assert_str_eq(c->region, "eu-central-1");
    ck_assert_uint_eq(c->limits.memory, 1073741824);
    ck_assert_uint_eq(c->limits.wait_ms, 0);
    sg_config_free(c);
}
END_TEST

#define TWO_BUCKETS                                                                                                    \
    "  - {name: finance, keys: [\"f:1\", \"f:2\"], active_key: \"f:2\", metadata: plain, foreign: pass}\n"             \
    "  - {name: restored, identity: archive, keys: [\"main:1\"], active_key: \"main:1\"}\n"

START_TEST(a_bucket_has_its_own_rule_or_the_one_for_all) /* FMT-13, FMT-20 */
{
    struct sg_config *c = parse("", TWO_BUCKETS);
    const struct sg_bucket_rule *any = sg_config_bucket(c, SG_BYTES_LIT("whatever"));
    const struct sg_bucket_rule *finance = sg_config_bucket(c, SG_BYTES_LIT("finance"));
    const struct sg_bucket_rule *restored = sg_config_bucket(c, SG_BYTES_LIT("restored"));
    ck_assert_str_eq(any->name, "*");
    ck_assert_str_eq(finance->active_key, "f:2");
    ck_assert_int_eq(finance->metadata, SG_METADATA_PLAIN);
    ck_assert_int_eq(finance->foreign, SG_FOREIGN_PASS);
    ck_assert(sg_config_key_allowed(finance, "f:1"));
    ck_assert(!sg_config_key_allowed(finance, "main:1"));
    ck_assert(!sg_config_key_allowed(finance, "f:11"));
    ck_assert(sg_bytes_eq_str(sg_config_identity(finance, SG_BYTES_LIT("finance")), "finance"));
    ck_assert(sg_bytes_eq_str(sg_config_identity(restored, SG_BYTES_LIT("restored")), "archive"));
    ck_assert(sg_bytes_eq_str(sg_config_identity(any, SG_BYTES_LIT("whatever")), "whatever"));
    sg_config_free(c);
}
END_TEST

START_TEST(some_buckets_are_nobodys)
{
    struct sg_config *c = parse("", TWO_BUCKETS);
    ck_assert_ptr_null(sg_config_bucket(c, SG_BYTES_LIT("sealgate-state")));
    ck_assert_ptr_null(sg_config_bucket(c, SG_BYTES_LIT("archive"))); /* the identity of another */
    sg_config_free(c);
    c = parse("  - name: \"*\"\n", "  - name: only\n");
    ck_assert_ptr_nonnull(sg_config_bucket(c, SG_BYTES_LIT("only")));
    ck_assert_ptr_null(sg_config_bucket(c, SG_BYTES_LIT("other")));
    ck_assert_ptr_null(sg_config_bucket(c, SG_BYTES_LIT("*")));
    sg_config_free(c);
}
END_TEST

static const struct {
    const char *from, *to, *message;
} bad[] = {
    /* missing */
    {"  certificate: pki/gateway.crt\n", "", RIG_PATH ": server.certificate: is missing; add it"},
    {"  certificate: pki/gateway.crt\n", "  certificate:\n", RIG_PATH ":3: server.certificate: is missing"},
    {"  addresses: [\"127.0.0.1:9000\"]\n", "", RIG_PATH ": server.addresses: is missing"},
    {"  addresses: [\"127.0.0.1:9000\"]\n", "  addresses: []\n", RIG_PATH ":2: server.addresses: "},
    {"  endpoint: https://localhost:9100\n", "", RIG_PATH ": upstream.endpoint: is missing"},
    {"keyring: keyring\n", "", RIG_PATH ": keyring: is missing"},
    {"keyring: keyring\n", "keyring: \"\"\n", RIG_PATH ":9: keyring: is missing"},
    {"credentials: credentials\n", "", RIG_PATH ": credentials: is missing"},
    {"state_bucket: sealgate-state\n", "", RIG_PATH ": state_bucket: is missing"},
    {"buckets:\n  - name: \"*\"\n    keys: [\"main:1\"]\n    active_key: main:1\n", "",
     RIG_PATH ": buckets: is missing or empty"},
    {"buckets:\n  - name: \"*\"\n    keys: [\"main:1\"]\n    active_key: main:1\n", "buckets: []\n",
     RIG_PATH ":11: buckets: is missing or empty"},
    {"    active_key: main:1\n", "", RIG_PATH ":12: buckets[0]: active_key is missing"},
    {"    keys: [\"main:1\"]\n", "", RIG_PATH ":12: buckets[0]: keys is missing"},
    {"    keys: [\"main:1\"]\n", "    keys: []\n", RIG_PATH ":13: buckets[0].keys: "},
    {"- name: \"*\"\n    keys", "- keys", RIG_PATH ":12: buckets[0]: name is missing"},
    /* unknown, twice, not YAML: see test_config_index.c and test_config_schema.c */
    {"keyring: keyring\n", "keyrings: keyring\n", RIG_PATH ":9: keyrings: there is no such option"},
    {"keyring: keyring\n", "keyring: a\nkeyring: b\n", RIG_PATH ":10: keyring stands twice"},
    {"keyring: keyring\n", "keyring: [a\n", RIG_PATH ":10: not valid YAML"},
    /* values */
    {"upstream:\n", "upstream:\n  virtual_host: fasle\n",
     RIG_PATH ":6: upstream.virtual_host: 'fasle' is neither yes nor no"},
    {"upstream:\n", "upstream:\n  stall_timeout: 30\n",
     RIG_PATH ":6: upstream.stall_timeout: '30' is not a duration; write a number with ms, s, m or h"},
    {"upstream:\n", "upstream:\n  stall_timeout: 0\n",
     RIG_PATH ":6: upstream.stall_timeout: 0 is out of range; choose a value from 1s to 1h"},
    {"upstream:\n", "upstream:\n  stall_timeout: 61m\n", RIG_PATH ":6: upstream.stall_timeout: 61m is out of range"},
    {"upstream:\n", "upstream:\n  max_connections: 0\n", RIG_PATH ":6: upstream.max_connections: 0 is out of range"},
    {"upstream:\n", "upstream:\n  max_connections: 10001\n",
     RIG_PATH ":6: upstream.max_connections: 10001 is out of range"},
    {"upstream:\n", "upstream:\n  max_connections: 4294967297\n",
     RIG_PATH ":6: upstream.max_connections: 4294967297 is out of range"},
    {"upstream:\n", "upstream:\n  max_connections: -1\n",
     RIG_PATH ":6: upstream.max_connections: '-1' is not a number"},
    {"upstream:\n", "upstream:\n  max_connections: many\n",
     RIG_PATH ":6: upstream.max_connections: 'many' is not a number"},
    {"keyring: keyring\n", "keyring: keyring\nlimits:\n  memory: 512M\n",
     RIG_PATH ":11: limits.memory: '512M' is not a size"},
    {"keyring: keyring\n", "keyring: keyring\nlimits:\n  memory: 1MiB\n",
     RIG_PATH ":11: limits.memory: 1MiB is out of range; choose a value from 16MiB to 1TiB"},
    {"keyring: keyring\n", "keyring: \"a\\nb\"\n", RIG_PATH ":9: keyring: must be a text"},
    {"keyring: keyring\n", "keyring: \"a\\u007f\"\n", RIG_PATH ":9: keyring: must be a text"},
    {"    active_key: main:1\n", "    active_key: main:1\n    metadata: open\n",
     RIG_PATH ":15: buckets[0].metadata: 'open' is neither sealed nor plain"},
    {"    active_key: main:1\n", "    active_key: main:1\n    foreign: yes\n",
     RIG_PATH ":15: buckets[0].foreign: 'yes' is neither refuse nor pass"},
    {"[\"127.0.0.1:9000\"]", "[\"\"]", RIG_PATH ":2: server.addresses: must be a text"},
    {"[\"127.0.0.1:9000\"]",
     "[\":1\",\":2\",\":3\",\":4\",\":5\",\":6\",\":7\",\":8\",\":9\",\":10\",\":11\",\":12\",\":13\",\":14\",\":15\","
     "\":16\",\":17\"]",
     RIG_PATH ":2: server.addresses: has 17 entries; it must have 1 to 16"},
};

START_TEST(bad_configurations_are_refused_with_file_line_and_advice)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1000);
    struct sg_config *config = NULL;
    ck_fails(rig_parse(bad[_i].from, bad[_i].to, &config, &message), CONFIG);
    ck_assert_ptr_null(config);
    ck_assert_msg(sg_bytes_has_prefix(sgc_buf_view(&message), sg_bytes_str(bad[_i].message)), "%.*s\nnot: %s",
                  SG_BYTES_FMT(sgc_buf_view(&message)), bad[_i].message);
}
END_TEST

START_TEST(a_message_is_not_needed)
{
    struct sg_config *config = NULL;
    ck_fails(rig_parse("keyring: keyring\n", "", &config, NULL), CONFIG);
    ck_fails(sg_config_parse("x", SG_BYTES_NONE, &config, NULL), CONFIG);
    ck_fails(sg_config_load("/nonexistent/gateway.yaml", &config, NULL), CONFIG);
}
END_TEST

START_TEST(the_environment_may_name_files)
{
    ck_assert_int_eq(setenv("SEALGATE_KEYRING", "/run/secrets/keyring", 1), 0);
    ck_assert_int_eq(setenv("SEALGATE_CREDENTIALS", "relative", 1), 0);
    ck_assert_int_eq(setenv("SEALGATE_UPSTREAM_CREDENTIALS", "", 1), 0);
    ck_assert_int_eq(setenv("SEALGATE_UPSTREAM_CA", "/run/secrets/ca", 1), 0);
    struct sg_config *c = parse("", "");
    ck_assert_str_eq(c->keyring, "/run/secrets/keyring");
    ck_assert_str_eq(c->credentials, "relative");
    ck_assert_str_eq(c->upstream.credentials, "conf/upstream-credentials");
    ck_assert_str_eq(c->upstream.ca_file, "/run/secrets/ca");
    sg_config_free(c);
    ck_assert_int_eq(unsetenv("SEALGATE_KEYRING") + unsetenv("SEALGATE_CREDENTIALS") +
                         unsetenv("SEALGATE_UPSTREAM_CREDENTIALS") + unsetenv("SEALGATE_UPSTREAM_CA"),
                     0);
}
END_TEST

/* Every ```yaml block of the page, so that what people copy works. */
START_TEST(the_examples_of_the_documentation_load)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf page = SGC_BUF_INIT(256 * 1024);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1000);
    uint8_t *room;
    FILE *file = fopen(SG_SOURCE_DIR "/docs/configuration.md", "rb");
    ck_assert_ptr_nonnull(file);
    ck_ok(sgc_buf_reserve(&page, 128 * 1024, &room));
    sgc_buf_commit(&page, fread(room, 1, 128 * 1024 - 1, file));
    (void)fclose(file);
    ck_ok(sgc_buf_append_u8(&page, 0));
    size_t count = 0;
    for (const char *at = (const char *)page.ptr; (at = strstr(at, "```yaml\n")) != NULL; count++) {
        at += strlen("```yaml\n");
        struct sg_config *config = NULL;
        struct sg_bytes text = sg_bytes(at, (size_t)(strstr(at, "```") - at));
        sg_err err = sg_config_parse("docs/configuration.md", text, &config, &message);
        ck_assert_msg(sg_is_ok(err), "%.*s", SG_BYTES_FMT(sgc_buf_view(&message)));
        sg_config_free(config);
    }
    ck_assert_uint_ge(count, 2);
}
END_TEST

START_TEST(a_configuration_is_read_from_its_file)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1000);
    char folder[] = "/tmp/sealgate-config-XXXXXX", path[64];
    struct sg_config *config = NULL;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/gateway.yaml", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(RIG_CONFIG, file), 0);
    (void)fclose(file);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_ok(sg_config_load(path, &config, &message));
    ck_assert_str_eq(config->path, path);
    sg_config_free(config);
    ck_assert_int_eq(chmod(path, 0666), 0);
    ck_fails(sg_config_load(path, &config, &message), CONFIG);
    ck_assert(sg_bytes_has_prefix(sgc_buf_view(&message), sg_bytes_str(path)));
    (void)unlink(path);
    (void)rmdir(folder);
}
END_TEST

SG_TEST_MAIN("core/config", TEST(the_shortest_file_has_sensible_defaults),
             TEST(relative_files_start_at_the_folder_of_the_configuration), TEST(every_kind_of_value_is_taken),
             TEST(a_bucket_has_its_own_rule_or_the_one_for_all), TEST(some_buckets_are_nobodys),
             TEST_LOOP(bad_configurations_are_refused_with_file_line_and_advice, SG_COUNT_OF(bad)),
             TEST(a_message_is_not_needed), TEST(the_environment_may_name_files),
             TEST(the_examples_of_the_documentation_load), TEST(a_configuration_is_read_from_its_file))
