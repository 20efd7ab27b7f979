/* Is every text either decoded to the one thing it means or refused, and is the canonical form always the same? */
#include "s3client/uri.h"

#include "support/check_main.h"

#include "common/banned.h"

#define BUF(name, max) SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(max)
#define QUERY(name)    SG_CLEANUP(sgs_query_clear) struct sgs_query name = SGS_QUERY_NONE

static const struct {
    const char *text;
    struct sg_bytes path, query; /* decoded as */
} decoded[] = {
    {"", SG_BYTES_INIT(""), SG_BYTES_INIT("")},
    {"abc/def", SG_BYTES_INIT("abc/def"), SG_BYTES_INIT("abc/def")},
    {"a+b", SG_BYTES_INIT("a+b"), SG_BYTES_INIT("a b")},
    {"a%2Bb%2bc", SG_BYTES_INIT("a+b+c"), SG_BYTES_INIT("a+b+c")},
    {"%20", SG_BYTES_INIT(" "), SG_BYTES_INIT(" ")},
    {"%25", SG_BYTES_INIT("%"), SG_BYTES_INIT("%")},
    {"%2525", SG_BYTES_INIT("%25"), SG_BYTES_INIT("%25")},
    {"a%2Fb", SG_BYTES_INIT("a/b"), SG_BYTES_INIT("a/b")},
    {"//./../", SG_BYTES_INIT("//./../"), SG_BYTES_INIT("//./../")},
    {"%fF%01%7f", SG_BYTES_INIT("\xFF\x01\x7F"), SG_BYTES_INIT("\xFF\x01\x7F")},
    {"\xC3\xBC", SG_BYTES_INIT("\xC3\xBC"), SG_BYTES_INIT("\xC3\xBC")},
};

START_TEST(texts_are_decoded)
{
    BUF(path, 64);
    BUF(query, 64);
    ck_ok(sgs_uri_decode(sg_bytes_str(decoded[_i].text), &path));
    ck_ok(sgs_uri_decode_query(sg_bytes_str(decoded[_i].text), &query));
    ck_assert(sg_bytes_eq(sgc_buf_view(&path), decoded[_i].path));
    ck_assert(sg_bytes_eq(sgc_buf_view(&query), decoded[_i].query));
}
END_TEST

static const struct sg_bytes undecodable[] = {
    SG_BYTES_INIT("%"),
    SG_BYTES_INIT("%2"),
    SG_BYTES_INIT("a%"),
    SG_BYTES_INIT("a%4"),
    SG_BYTES_INIT("%%41"),
    SG_BYTES_INIT("%4%41"),
    SG_BYTES_INIT("%g0"),
    SG_BYTES_INIT("%0g"),
    SG_BYTES_INIT("%-1"),
    SG_BYTES_INIT("% 1"),
    SG_BYTES_INIT("%+1"),
    SG_BYTES_INIT("%0x41"),
    SG_BYTES_INIT("%u0041"),
    SG_BYTES_INIT("%00"),
    SG_BYTES_INIT("a%00b"),
    SG_BYTES_INIT("\0"),
    SG_BYTES_INIT("a\0b"),
    SG_BYTES_INIT("%\0"
                  "1"),
    SG_BYTES_INIT("%2\0"),
    SG_BYTES_INIT("ok%20%zz"),
};

START_TEST(bad_escapes_and_nuls_are_refused_and_nothing_is_appended)
{
    BUF(out, 64);
    ck_ok(sgc_buf_append_str(&out, "before"));
    ck_fails(sgs_uri_decode(undecodable[_i], &out), INVALID_URI);
    ck_fails(sgs_uri_decode_query(undecodable[_i], &out), INVALID_URI);
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "before"));
}
END_TEST

START_TEST(only_the_decoded_length_counts)
{
    BUF(out, 3);
    ck_ok(sgs_uri_decode(SG_BYTES_LIT("%41%42%43"), &out));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "ABC"));
    ck_fails(sgs_uri_decode(SG_BYTES_LIT("d"), &out), INVALID_URI);
    ck_ok(sgs_uri_decode(SG_BYTES_LIT(""), &out));
}
END_TEST

START_TEST(every_byte_is_encoded_and_decoded_to_itself)
{
    static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (int c = 0; c < 256; c++) {
        BUF(out, 3);
        BUF(back, 1);
        uint8_t byte = (uint8_t)c;
        char expected[4] = {(char)c, '\0'};
        if (c == 0 || strchr(kept, c) == NULL)
            (void)snprintf(expected, sizeof(expected), "%%%02X", (unsigned)byte);
        ck_ok(sgs_uri_encode(sg_bytes(&byte, 1), false, &out));
        ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), expected));
        if (c != 0)
            ck_ok(sgs_uri_decode(sgc_buf_view(&out), &back));
        ck_assert(c == 0 || (back.len == 1 && back.ptr[0] == byte));
    }
}
END_TEST

START_TEST(the_slash_of_a_path_is_kept)
{
    BUF(out, 64);
    ck_ok(sgs_uri_encode(SG_BYTES_LIT("/a//b c/%2F"), true, &out));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "/a//b%20c/%252F"));
    BUF(small, 5);
    ck_fails(sgs_uri_encode(SG_BYTES_LIT("/a/ "), true, &small), LIMIT);
    ck_assert_uint_eq(small.len, 0);
}
END_TEST

static const struct {
    const char *text, *canonical;
    size_t count;
} queries[] = {
    {"", "", 0},
    {"&", "", 0},
    {"&&&", "", 0},
    {"acl", "acl=", 1},
    {"acl=", "acl=", 1},
    {"=", "=", 1},
    {"=v", "=v", 1},
    {"a=b=c", "a=b%3Dc", 1},
    {"&a=1&&b=2&", "a=1&b=2", 2},
    {"b=2&a=1", "a=1&b=2", 2},
    {"prefix=a+b", "prefix=a%20b", 1},
    {"prefix=a%2bb", "prefix=a%2Bb", 1},
    {"a%20b=1&a+b=0", "a%20b=0&a%20b=1", 2},
    {"x=2&x=10&x&X=z", "X=z&x=&x=10&x=2", 4},
    {"max-keys=2&max=1", "max=1&max-keys=2", 2},
    {"~=1&%c3%a9=2", "%C3%A9=2&~=1", 2},
    {"a=1&A=1&_=1&-=1&0=1", "-=1&0=1&A=1&_=1&a=1", 5},
    {"prefix=%2F", "prefix=%2F", 1},
    {"p=/a/../b", "p=%2Fa%2F..%2Fb", 1},
    {"a;b=1", "a%3Bb=1", 1},
    {"a?b=?", "a%3Fb=%3F", 1},
};

START_TEST(queries_have_one_canonical_form)
{
    QUERY(q);
    QUERY(again);
    BUF(out, 256);
    BUF(twice, 256);
    ck_ok(sgs_query_parse(sg_bytes_str(queries[_i].text), &q));
    ck_assert_uint_eq(q.count, queries[_i].count);
    ck_ok(sgs_query_print(&q, NULL, &out));
    ck_assert_msg(sg_bytes_eq_str(sgc_buf_view(&out), queries[_i].canonical), "%.*s", SG_BYTES_FMT(sgc_buf_view(&out)));
    ck_ok(sgs_query_parse(sgc_buf_view(&out), &again));
    ck_ok(sgs_query_print(&again, NULL, &twice));
    ck_assert(sg_bytes_eq(sgc_buf_view(&out), sgc_buf_view(&twice)));
}
END_TEST

START_TEST(parameters_are_found_by_their_exact_name)
{
    QUERY(q);
    struct sg_bytes value;
    ck_ok(sgs_query_parse(SG_BYTES_LIT("uploadId=a&uploadid=b&partNumber&uploadId=c"), &q));
    ck_assert(sgs_query_find(&q, "uploadId", &value) && sg_bytes_eq_str(value, "a"));
    ck_assert(sgs_query_find(&q, "uploadid", &value) && sg_bytes_eq_str(value, "b"));
    ck_assert(sgs_query_find(&q, "partNumber", &value) && value.len == 0);
    ck_assert(!sgs_query_find(&q, "upload", &value));
    ck_assert(!sgs_query_find(&q, "UPLOADID", &value));
    ck_assert_uint_eq(sgs_query_count_of(&q, "uploadId"), 2);
    ck_assert_uint_eq(sgs_query_count_of(&q, "partnumber"), 0);
    ck_assert(sg_bytes_eq_str(sgs_query_at(&q, 3).value, "c"));
}
END_TEST

START_TEST(only_the_parameter_of_the_exact_name_is_left_out)
{
    QUERY(q);
    BUF(out, 256);
    ck_ok(sgs_query_parse(
        SG_BYTES_LIT("X-Amz-Signature=1&x-amz-signature=2&X-Amz-Signature2=3&X-Amz-%53ignature=4&a=X-Amz-Signature"),
        &q));
    ck_ok(sgs_query_print(&q, "X-Amz-Signature", &out));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "X-Amz-Signature2=3&a=X-Amz-Signature&x-amz-signature=2"));
}
END_TEST

static const struct sg_bytes bad_queries[] = {
    SG_BYTES_INIT("%"),       SG_BYTES_INIT("a=%"),     SG_BYTES_INIT("a=%4"),   SG_BYTES_INIT("%zz=1"),
    SG_BYTES_INIT("a%00=1"),  SG_BYTES_INIT("a=%00"),   SG_BYTES_INIT("a=1\0"),  SG_BYTES_INIT("\0"),
    SG_BYTES_INIT("a=1&b=%"), SG_BYTES_INIT("a=1&%=2"), SG_BYTES_INIT("a=%4&1"), SG_BYTES_INIT("a=1&&b=%g1"),
};

START_TEST(bad_queries_are_refused_and_leave_an_empty_one)
{
    QUERY(q);
    ck_ok(sgs_query_parse(SG_BYTES_LIT("old=1"), &q));
    ck_fails(sgs_query_parse(bad_queries[_i], &q), INVALID_URI);
    ck_assert_uint_eq(q.count, 0);
    ck_ok(sgs_query_parse(SG_BYTES_LIT("new=1"), &q));
    ck_assert_uint_eq(q.count, 1);
}
END_TEST

START_TEST(queries_are_bounded)
{
    QUERY(q);
    BUF(text, 2 * SG_LIMIT_TARGET);
    BUF(out, 4 * SG_LIMIT_TARGET);
    for (int i = 0; i < SG_LIMIT_QUERY_COUNT; i++)
        ck_ok(sgc_buf_append_str(&text, "a&"));
    ck_ok(sgs_query_parse(sgc_buf_view(&text), &q));
    ck_fails(sgs_query_add(&q, SG_BYTES_LIT("a"), SG_BYTES_NONE), LIMIT);
    ck_ok(sgc_buf_append_str(&text, "a"));
    ck_fails(sgs_query_parse(sgc_buf_view(&text), &q), INVALID_URI);
    sgc_buf_truncate(&text, 0);
    while (text.len < SG_LIMIT_TARGET)
        ck_ok(sgc_buf_append_u8(&text, '='));
    ck_ok(sgs_query_parse(sgc_buf_view(&text), &q));
    ck_ok(sgs_query_print(&q, NULL, &out));
    ck_assert_uint_eq(out.len, (SG_LIMIT_TARGET - 1) * 3 + 1);
    ck_ok(sgc_buf_append_u8(&text, '&'));
    ck_fails(sgs_query_parse(sgc_buf_view(&text), &q), INVALID_URI);
    ck_assert_uint_eq(q.count, 0);
}
END_TEST

START_TEST(added_parameters_are_printed_encoded)
{
    QUERY(q);
    BUF(out, 64);
    ck_ok(sgs_query_add(&q, SG_BYTES_LIT("prefix"), SG_BYTES_LIT("a/b +\xC3\xBC")));
    ck_ok(sgs_query_add(&q, SG_BYTES_LIT("list-type"), SG_BYTES_LIT("2")));
    ck_ok(sgs_query_print(&q, NULL, &out));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "list-type=2&prefix=a%2Fb%20%2B%C3%BC"));
    BUF(small, 5);
    ck_fails(sgs_query_print(&q, NULL, &small), LIMIT);
    q.bytes.max = q.bytes.len + 1;
    ck_fails(sgs_query_add(&q, SG_BYTES_LIT("a"), SG_BYTES_LIT("b")), LIMIT);
    ck_assert_uint_eq(q.count, 2);
}
END_TEST

SG_TEST_MAIN("s3client/uri", TEST_LOOP(texts_are_decoded, SG_COUNT_OF(decoded)),
             TEST_LOOP(bad_escapes_and_nuls_are_refused_and_nothing_is_appended, SG_COUNT_OF(undecodable)),
             TEST(only_the_decoded_length_counts), TEST(every_byte_is_encoded_and_decoded_to_itself),
             TEST(the_slash_of_a_path_is_kept), TEST_LOOP(queries_have_one_canonical_form, SG_COUNT_OF(queries)),
             TEST(parameters_are_found_by_their_exact_name), TEST(only_the_parameter_of_the_exact_name_is_left_out),
             TEST_LOOP(bad_queries_are_refused_and_leave_an_empty_one, SG_COUNT_OF(bad_queries)),
             TEST(queries_are_bounded), TEST(added_parameters_are_printed_encoded))
