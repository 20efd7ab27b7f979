/* Does a text go into its slots, and is every wrong shape explained? */
#include "support/check_main.h"

#include "core/config_schema.h"

#include "common/banned.h"

static sg_err load(const char *text, struct sg_config_text **out, struct sg_config_problem *problem)
{
    SG_CLEANUP(sg_config_index_clear) struct sg_config_index index = SG_CONFIG_INDEX_NONE;
    SG_TRY(sg_config_index_build(sg_bytes_str(text), &index, problem));
    return sg_config_schema_load(sg_bytes_str(text), &index, out, problem);
}

static const struct sg_option_text *slot(const struct sg_config_text *text, const char *path)
{
    for (size_t i = 0; i < SG_CONFIG_OPTION_COUNT; i++) {
        if (strcmp(sg_config_options[i].path, path) == 0)
            return &text->options[i];
    }
    ck_abort_msg("no option %s", path);
    return NULL;
}

START_TEST(values_go_to_their_slots)
{
    struct sg_config_text *text = NULL;
    struct sg_config_problem problem;
    ck_ok(load("log: {hash_keys: yes}\n"
               "server:\n"
               "  workers: 4\n"
               "  addresses: [\"a:1\", b]\n"
               "  refuse_http: ~\n"
               "  admin:\n"
               "region: \"\"\n"
               "buckets:\n"
               "  - {name: one, keys: [\"k:1\"]}\n"
               "  - active_key: k:2\n",
               &text, &problem));
    ck_assert_str_eq(slot(text, "log.hash_keys")->value, "yes");
    ck_assert_str_eq(slot(text, "server.workers")->value, "4");
    ck_assert_uint_eq(slot(text, "server.addresses")->list_count, 2);
    ck_assert_str_eq(slot(text, "server.addresses")->list[0], "a:1");
    ck_assert_str_eq(slot(text, "server.addresses")->list[1], "b");
    ck_assert_ptr_null(slot(text, "server.refuse_http")->value);
    ck_assert_ptr_null(slot(text, "server.admin")->value);
    ck_assert_ptr_null(slot(text, "region")->value);
    ck_assert_ptr_null(slot(text, "keyring")->value);
    ck_assert_uint_eq(text->bucket_count, 2);
    ck_assert_str_eq(text->buckets[0].options[0].value, "one");
    ck_assert_ptr_null(text->buckets[1].options[0].value);
    sg_config_schema_free(text);
}
END_TEST

START_TEST(an_empty_text_gives_nothing)
{
    struct sg_config_text *text = NULL;
    struct sg_config_problem problem;
    ck_ok(load("", &text, &problem));
    ck_assert_ptr_null(text);
    ck_ok(load("# comment\n", &text, &problem));
    ck_assert_ptr_null(text);
}
END_TEST

static const struct {
    const char *text;
    unsigned line;
    const char *what;
} bad[] = {
    {"sever:\n  a: 1\n", 1, "sever: there is no such option; known here are: server, upstream, region,"},
    {"sever:\n  a: 1\n", 1, "log, buckets"},
    {"region: a\n\n# x\nsever: 1\n", 4, "sever: there is no such option"},
    {"server:\n  key: a\n  # x\n  kye: b\n", 4, "server.kye: there is no such option; known here are: addresses,"},
    {"server: {region: x}\n", 1, "server.region: there is no such option"},
    {"server.key: x\n", 1, "server.key: there is no such option"},
    {"Server:\n  key: a\n", 1, "Server: there is no such option"},
    {"buckets:\n- name: a\n- name: b\n  key: c\n", 4,
     "buckets[1].key: there is no such option; known here are: name, identity,"},
    {"server: x\n", 1, "server: must have options of its own"},
    {"server:\nregion: x\n", 1, "server: must have options of its own"},
    {"server: [x]\n", 1, "server: must have options of its own"},
    {"server:\n  workers: [4]\n", 2, "server.workers: must be a single value"},
    {"server:\n  workers: {a: 4}\n", 2, "server.workers: must be a single value"},
    {"server:\n  addresses: a\n", 2, "server.addresses: must be a list"},
    {"server:\n  addresses: {a: b}\n", 2, "server.addresses: must be a list"},
    {"server:\n  addresses:\n  - a\n  - [b]\n", 4, "server.addresses[1]: must be a single value"},
    {"server:\n  addresses:\n  - a: b\n", 3, "server.addresses[0]: must be a single value"},
    {"buckets: a\n", 1, "buckets: must be a list"},
    {"buckets: {name: a}\n", 1, "buckets: must be a list"},
    {"buckets:\n- a\n", 2, "buckets[0]: must have options of its own"},
    {"buckets:\n- name: a\n- [b]\n", 3, "buckets[1]: must have options of its own"},
    {"buckets:\n- name: a\n  keys: k\n", 3, "buckets[0].keys: must be a list"},
};

START_TEST(wrong_shapes_are_explained)
{
    struct sg_config_text *text = NULL;
    struct sg_config_problem problem;
    ck_fails(load(bad[_i].text, &text, &problem), CONFIG);
    ck_assert_ptr_null(text);
    ck_assert_msg(strstr(problem.text, bad[_i].what) != NULL, "%s", problem.text);
    ck_assert_uint_eq(problem.line, bad[_i].line);
}
END_TEST

SG_TEST_MAIN("core/config_schema", TEST(values_go_to_their_slots), TEST(an_empty_text_gives_nothing),
             TEST_LOOP(wrong_shapes_are_explained, SG_COUNT_OF(bad)))
