/* The mapping of ETags is one to one, and reads every spelling that clients have. */
#include "ops/etag.h"

#include "support/check_main.h"

#include "common/banned.h"

struct row {
    const char *in, *out;
};

static const struct row outward[] = {
    {"\"d41d8cd98f00b204e9800998ecf8427e\"", "\"d41d8cd98f00b204e9800998ecf8427e-0\""},
    {"d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e-0"},
    {"\"d41d8cd98f00b204e9800998ecf8427e-3\"", "\"d41d8cd98f00b204e9800998ecf8427e-3\""},
    {"\"\"", "\"\""},
    {"", ""},
    {"\"", "\"-0"},
};

static const struct row inward[] = {
    {"\"abc-0\"", "\"abc\""},
    {"abc-0", "abc"},
    {"\"abc-3\"", "\"abc-3\""},
    {"\"abc\"", "\"abc\""},
    {"*", "*"},
    {"W/\"abc-0\"", "\"abc\""},
    {"\"abc-10\"", "\"abc-10\""},
    {"\"abc-00\"", "\"abc-00\""},
    {"-0", ""},
    {"", ""},
};

static const struct row lists[] = {
    {"\"a-0\", \"b-0\"", "\"a\", \"b\""},
    {"\"a-0\",\"b-2\" , c-0", "\"a\", \"b-2\", c"},
    {"*", "*"},
    {" , ,", ""},
};

static void check(const struct row *row, sg_err (*map)(struct sg_bytes, struct sgc_buf *))
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(256);
    ck_ok(map(sg_bytes_str(row->in), &buf));
    ck_assert_msg(sg_bytes_eq_str(sgc_buf_view(&buf), row->out), "%s -> %.*s", row->in,
                  SG_BYTES_FMT(sgc_buf_view(&buf)));
}

START_TEST(clients_see_a_dash_in_every_etag)
{
    check(&outward[_i], sg_etag_out);
}
END_TEST

START_TEST(the_upstream_sees_its_own_etags)
{
    check(&inward[_i], sg_etag_in);
}
END_TEST

START_TEST(lists_are_mapped_item_by_item)
{
    check(&lists[_i], sg_etag_list_in);
}
END_TEST

START_TEST(there_and_back_is_the_same)
{
    static const char *const upstream[] = {"\"abc\"", "\"abc-3\"", "\"0123456789abcdef0123456789abcdef\"", "x"};
    for (size_t i = 0; i < SG_COUNT_OF(upstream); i++) {
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf there = SGC_BUF_INIT(256);
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf back = SGC_BUF_INIT(256);
        ck_ok(sg_etag_out(sg_bytes_str(upstream[i]), &there));
        ck_ok(sg_etag_in(sgc_buf_view(&there), &back));
        ck_assert(sg_bytes_eq_str(sgc_buf_view(&back), upstream[i]));
    }
}
END_TEST

SG_TEST_MAIN("ops/etag", TEST_LOOP(clients_see_a_dash_in_every_etag, SG_COUNT_OF(outward)),
             TEST_LOOP(the_upstream_sees_its_own_etags, SG_COUNT_OF(inward)),
             TEST_LOOP(lists_are_mapped_item_by_item, SG_COUNT_OF(lists)), TEST(there_and_back_is_the_same))
