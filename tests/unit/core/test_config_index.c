/* Is every option found on its line, and is what the configuration does not use refused on its line? */
#include "support/check_main.h"

#include "core/config_index.h"

#include "common/banned.h"

static const char text[] = "server:\n"
                           "  addresses: [a,\n"
                           "    b]\n"
                           "  \"key\": x\n"
                           "# comment\n"
                           "buckets:\n"
                           "  - name: one\n"
                           "    keys:\n"
                           "      - k1\n"
                           "      - k2\n"
                           "  - {keys: [], name: two}\n"
                           "region: >\n"
                           "  folded\n"
                           "last: ~\n";

static const struct {
    const char *path;
    unsigned line;
} places[] = {
    {"server", 1},
    {"server.addresses", 2},
    {"server.addresses[0]", 2},
    {"server.addresses[1]", 3},
    {"server.key", 4},
    {"buckets", 6},
    {"buckets[0]", 7},
    {"buckets[0].name", 7},
    {"buckets[0].keys", 8},
    {"buckets[0].keys[1]", 10},
    {"buckets[1]", 11},
    {"buckets[1].name", 11},
    {"region", 12},
    {"last", 14},
    {"server.addresses[2]", 0},
    {"addresses", 0},
    {"buckets[0].keys[1].x", 0},
    {"", 0},
};

START_TEST(options_have_lines)
{
    struct sg_config_index index = SG_CONFIG_INDEX_NONE;
    struct sg_config_problem problem;
    ck_ok(sg_config_index_build(sg_bytes_str(text), &index, &problem));
    ck_assert_uint_eq(sg_config_index_line(&index, places[_i].path), places[_i].line);
    sg_config_index_clear(&index);
}
END_TEST

START_TEST(places_have_options)
{
    struct sg_config_index index = SG_CONFIG_INDEX_NONE;
    struct sg_config_problem problem;
    ck_ok(sg_config_index_build(sg_bytes_str(text), &index, &problem));
    ck_assert(sg_bytes_eq_str(sg_config_index_at(&index, 1, 1), "server"));
    ck_assert(sg_bytes_eq_str(sg_config_index_at(&index, 4, 20), "server.key"));
    ck_assert(sg_bytes_eq_str(sg_config_index_at(&index, 100, 1), "last"));
    ck_assert(sg_bytes_eq_str(sg_config_index_at(&index, 0, 0), ""));
    ck_assert(sg_bytes_eq_str(sg_config_index_find(&index, SG_BYTES_LIT("name"), 1, 1), "buckets[0].name"));
    ck_assert(sg_bytes_eq_str(sg_config_index_find(&index, SG_BYTES_LIT("name"), 8, 1), "buckets[1].name"));
    ck_assert(sg_bytes_eq_str(sg_config_index_find(&index, SG_BYTES_LIT("ame"), 1, 1), ""));
    ck_assert(sg_bytes_eq_str(sg_config_index_find(&index, SG_BYTES_LIT("name"), 12, 1), ""));
    sg_config_index_clear(&index);
}
END_TEST

#define DEEP "a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}"
#define X64  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *text;
    unsigned line;
    const char *what;
} bad[] = {
    {"a: 1\nb: 2\na: 3\n", 3, "a stands twice, first in line 1"},
    {"s:\n  a: 1\n  b: 2\n  \"a\": 3\n", 4, "s.a stands twice, first in line 2"},
    {"b:\n- x: 1\n- x: 1\n  x: 2\n", 4, "b[1].x stands twice"},
    {"a: &x 1\nb: *x\n", 2, "aliases"},
    {"a: 1\n---\nb: 1\n", 2, "a second document"},
    {"a: 1\n...\nb: 1\n", 3, "not valid YAML"},
    {"- a\n", 1, "must consist of options"},
    {"text\n", 1, "must consist of options"},
    {"? [a]\n: b\n", 1, "a simple name"},
    {"a: 1\n? {b: c}\n: d\n", 2, "a simple name"},
    {"a: [1\n", 2, "not valid YAML"},
    {"a: 'b\n", 2, "not valid YAML"},
    {"a:\n\tb: 1\n", 2, "not valid YAML"},
    {"a: b: c\n", 1, "not valid YAML"},
    {"a: %x\n", 1, "not valid YAML"},
    {"a: \"\\0\"\n", 1, "a zero byte"},
    {"a: \xff\n", 1, "not valid UTF-8"},
    {DEEP, 1, "nested too deeply"},
    {X64 X64 X64 X64 ": 1", 1, "too long"},
};

START_TEST(bad_texts_are_refused_on_their_line)
{
    struct sg_config_index index = SG_CONFIG_INDEX_NONE;
    struct sg_config_problem problem;
    ck_fails(sg_config_index_build(sg_bytes_str(bad[_i].text), &index, &problem), CONFIG);
    ck_assert_msg(strstr(problem.text, bad[_i].what) != NULL, "%s", problem.text);
    ck_assert_uint_eq(problem.line, bad[_i].line);
    sg_config_index_clear(&index);
}
END_TEST

START_TEST(an_empty_text_has_no_options)
{
    struct sg_config_index index = SG_CONFIG_INDEX_NONE;
    struct sg_config_problem problem;
    ck_ok(sg_config_index_build(SG_BYTES_NONE, &index, &problem));
    ck_ok(sg_config_index_build(SG_BYTES_LIT("# nothing\n\n"), &index, &problem));
    ck_assert_uint_eq(index.records.len, 0);
    sg_config_index_clear(&index);
}
END_TEST

SG_TEST_MAIN("core/config_index", TEST_LOOP(options_have_lines, SG_COUNT_OF(places)), TEST(places_have_options),
             TEST_LOOP(bad_texts_are_refused_on_their_line, SG_COUNT_OF(bad)), TEST(an_empty_text_has_no_options))
