/* Is what cannot work together refused before anything starts? */
#include "config_rig.h"

#include "common/banned.h"

static const char *const good[][2] = {
    {"\"127.0.0.1:9000\"", "\":9000\", \"[::1]:9443\", \"[::]:443\", \"gateway.example:1\", \"0.0.0.0:65535\""},
    {"  key: /etc", "  domains: [a, a.b, s3.example.com]\n  key: /etc"},
    {"https://localhost:9100", "https://s3.eu-central-1.amazonaws.com"},
    {"https://localhost:9100", "https://[::1]:9100"},
    {"keyring: keyring\n", "keyring: keyring\nregion: my_region.1\n"},
    {"", "  - {name: one, keys: [\"main:1\"], active_key: \"main:1\"}\n  - {name: two, identity: three, keys: "
         "[\"a.b-c_d:12\"], active_key: \"a.b-c_d:12\"}\n"},
    {"", "  - {name: one, identity: one, keys: [\"main:1\"], active_key: \"main:1\"}\n"},
};

START_TEST(good_ones_pass)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1000);
    struct sg_config *config = NULL;
    sg_err err = rig_parse(good[_i][0], good[_i][1], &config, &message);
    ck_assert_msg(sg_is_ok(err), "%.*s", SG_BYTES_FMT(sgc_buf_view(&message)));
    sg_config_free(config);
}
END_TEST

#define ADDRESS(text)                                                                                                  \
    {                                                                                                                  \
        "\"127.0.0.1:9000\"", "\"" text "\"", ":2: server.addresses[0]: '" text "' is not an address"                  \
    }
#define ENDPOINT(text)                                                                                                 \
    {                                                                                                                  \
        "https://localhost:9100", text, ":6: upstream.endpoint: '" text "' is not an endpoint"                         \
    }
#define KEY(text)                                                                                                      \
    {                                                                                                                  \
        "keys: [\"main:1\"]", "keys: [\"main:1\", \"" text "\"]", ":13: buckets[0].keys[1]: '" text "' is not a key"   \
    }
#define ENTRY(name, more) "  - {name: " name ", keys: [\"main:1\"], active_key: \"main:1\"" more "}\n"

static const struct {
    const char *from, *to, *message;
} bad[] = {
    ADDRESS("9000"),
    ADDRESS("127.0.0.1"),
    ADDRESS("127.0.0.1:"),
    ADDRESS("127.0.0.1:0"),
    ADDRESS("127.0.0.1:65536"),
    ADDRESS("127.0.0.1:http"),
    ADDRESS("127.0.0.1:90 00"),
    ADDRESS("https://localhost:9000"),
    ADDRESS("*:9000"),
    ADDRESS("::1:9000"),
    ADDRESS("[::1:9000"),
    ADDRESS("[x::1]:9000"),
    ADDRESS("[]:9000"),
    {"\"127.0.0.1:9000\"", "\":1\", \":2\", \":1\"", ":2: server.addresses[2]: :1 is used for another listener"},
    {"  key: /etc", "  admin: \"127.0.0.1:9000\"\n  key: /etc",
     ":2: server.addresses[0]: 127.0.0.1:9000 is used for another"},
    {"  key: /etc", "  refuse_http: \"127.0.0.1:9000\"\n  key: /etc",
     ":2: server.addresses[0]: 127.0.0.1:9000 is used"},
    {"  key: /etc", "  admin: \":1\"\n  refuse_http: \":1\"\n  key: /etc", ":4: server.admin: :1 is used for another"},
    {"  key: /etc", "  refuse_http: yes\n  key: /etc", ":4: server.refuse_http: 'yes' is not an address"},
    {"  key: /etc", "  domains: [good, \"*.s3.test\"]\n  key: /etc",
     ":4: server.domains[1]: '*.s3.test' is not a domain"},
    {"  key: /etc", "  domains: [.s3.test]\n  key: /etc", ":4: server.domains[0]: '.s3.test' is not a domain"},
    {"  key: /etc", "  domains: [s3.test.]\n  key: /etc", ":4: server.domains[0]: 's3.test.' is not a domain"},
    {"  key: /etc", "  domains: [\"s3.test:9000\"]\n  key: /etc",
     ":4: server.domains[0]: 's3.test:9000' is not a domain"},
    {"https://localhost:9100", "http://localhost:9100",
     ":6: upstream.endpoint: plain HTTP to the storage is not possible"},
    {"https://localhost:9100", "HTTP://localhost:9100",
     ":6: upstream.endpoint: plain HTTP to the storage is not possible"},
    ENDPOINT("localhost:9100"),
    ENDPOINT("ftp://localhost"),
    ENDPOINT("https://"),
    ENDPOINT("https://localhost/path"),
    ENDPOINT("https://user:password@localhost"),
    ENDPOINT("https://localhost:0x50"),
    ENDPOINT("https://local host"),
    {"keyring: keyring\n", "keyring: keyring\nregion: us east\n", ":10: region: 'us east' is not a region"},
    {"upstream:\n", "upstream:\n  region: a/b\n", ":6: upstream.region: 'a/b' is not a region"},
    {"sealgate-state", "Sealgate", ":10: state_bucket: 'Sealgate' is not a bucket name"},
    {"sealgate-state", "\"*\"", ":10: state_bucket: '*' is not a bucket name"},
    {"", ENTRY("sealgate-state", ""), ":15: buckets[1].name: sealgate-state is the state bucket"},
    {"", ENTRY("Upper", ""), ":15: buckets[1].name: 'Upper' is neither a bucket name nor *"},
    {"", ENTRY("ab", ""), ":15: buckets[1].name: 'ab' is neither"},
    {"", ENTRY("a/b/c", ""), ":15: buckets[1].name: 'a/b/c' is neither"},
    {"", ENTRY("\"*\"", ""), ":15: buckets[1].name: * has an entry already"},
    {"", ENTRY("one", "") ENTRY("one", ""), ":16: buckets[2].name: one has an entry already"},
    {"    active_key", "    identity: other\n    active_key", ":14: buckets[0].identity: the entry for * is for many"},
    {"", ENTRY("one", ", identity: Upper"), ":15: buckets[1].identity: 'Upper' is not a bucket name"},
    {"", ENTRY("one", ", identity: same") ENTRY("two", ", identity: same"),
     ":16: buckets[2].identity: same is the identity of bucket one"},
    {"", ENTRY("one", ", identity: two") ENTRY("two", ""), ":16: buckets[2].name: two is the identity of bucket one"},
    {"", ENTRY("two", "") ENTRY("one", ", identity: two"),
     ":16: buckets[2].identity: two is the identity of bucket two"},
    {"", ENTRY("one", ", identity: two") ENTRY("two", ", identity: three"),
     ":16: buckets[2].name: one of the buckets two and one is named"},
    {"", ENTRY("one", ", identity: two") ENTRY("two", ", identity: one"), ":16: buckets[2].name: one of the buckets"},
    KEY("main"),
    KEY("main:"),
    KEY("main:0"),
    KEY("main:01"),
    KEY("Main:1"),
    KEY(":1"),
    KEY("main:12345678901"),
    KEY("main:1 "),
    {"keys: [\"main:1\"]", "keys: [\"a:1\", \"main:1\", \"a:1\"]",
     ":13: buckets[0].keys[2]: a:1 stands in this list already"},
    {"active_key: main:1", "active_key: main:2", ":14: buckets[0].active_key: main:2 is not one of this bucket's keys"},
    {"active_key: main:1", "active_key: main", ":14: buckets[0].active_key: main is not one of this bucket's keys"},
};

START_TEST(bad_ones_are_refused_on_their_line) /* FMT-20 among them */
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1000);
    struct sg_config *config = NULL;
    char expected[300];
    ck_fails(rig_parse(bad[_i].from, bad[_i].to, &config, &message), CONFIG);
    (void)snprintf(expected, sizeof(expected), RIG_PATH "%s", bad[_i].message);
    ck_assert_msg(sg_bytes_has_prefix(sgc_buf_view(&message), sg_bytes_str(expected)), "%.*s\nnot: %s",
                  SG_BYTES_FMT(sgc_buf_view(&message)), expected);
}
END_TEST

SG_TEST_MAIN("core/config_check", TEST_LOOP(good_ones_pass, SG_COUNT_OF(good)),
             TEST_LOOP(bad_ones_are_refused_on_their_line, SG_COUNT_OF(bad)))
