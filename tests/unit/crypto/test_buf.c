/* What do the buffers of the program guarantee about bounds, ownership and what is left behind? */
#include "crypto/buf.h"

#include "support/check_main.h"

#include "common/banned.h"

static void ck_holds(const struct sgc_buf *buf, const char *expected)
{
    ck_assert(sg_bytes_eq_str(sgc_buf_view(buf), expected));
}

START_TEST(integers_are_appended_big_endian)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(15);
    ck_ok(sgc_buf_append_u8(&buf, 0x01));
    ck_ok(sgc_buf_append_u16be(&buf, 0x0203));
    ck_ok(sgc_buf_append_u32be(&buf, 0x04050607));
    ck_ok(sgc_buf_append_u64be(&buf, 0x08090a0b0c0d0e0f));
    ck_assert(sg_bytes_eq(sgc_buf_view(&buf), SG_BYTES_LIT("\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17")));
}
END_TEST

START_TEST(a_length_prefix_stands_before_its_bytes)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(11);
    ck_ok(sgc_buf_append_lp(&buf, SG_BYTES_LIT("abc")));
    ck_ok(sgc_buf_append_lp(&buf, SG_BYTES_NONE));
    ck_assert(sg_bytes_eq(sgc_buf_view(&buf), SG_BYTES_LIT("\0\0\0\3abc\0\0\0\0")));
}
END_TEST

START_TEST(a_format_may_fill_the_buffer_to_its_last_byte)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(10);
    ck_ok(sgc_buf_appendf(&buf, "%s-%d", "abc", 123));
    ck_ok(sgc_buf_appendf(&buf, "%s", "xyz"));
    ck_holds(&buf, "abc-123xyz");
    ck_fails(sgc_buf_appendf(&buf, "%c", 'x'), LIMIT);
    ck_ok(sgc_buf_appendf(&buf, "%s", ""));
    ck_holds(&buf, "abc-123xyz");
}
END_TEST

START_TEST(growth_keeps_what_was_there)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(100000);
    size_t wrong = 0;
    for (unsigned i = 0; i < 100000; i++)
        wrong += sg_is_ok(sgc_buf_append_u8(&buf, (uint8_t)(i * 7 + i / 256))) ? 0 : 1;
    for (unsigned i = 0; i < 100000; i++)
        wrong += buf.ptr[i] == (uint8_t)(i * 7 + i / 256) ? 0 : 1;
    ck_assert_uint_eq(wrong, 0);
    ck_fails(sgc_buf_append_u8(&buf, 0), LIMIT);
    ck_assert_uint_eq(buf.len, 100000);
}
END_TEST

START_TEST(an_append_past_the_maximum_changes_nothing)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(6);
    uint8_t *room;
    ck_ok(sgc_buf_append_str(&buf, "abc"));
    ck_fails(sgc_buf_append_str(&buf, "defg"), LIMIT);
    ck_fails(sgc_buf_append_u32be(&buf, 1), LIMIT);
    ck_fails(sgc_buf_append_u64be(&buf, 1), LIMIT);
    ck_fails(sgc_buf_append_lp(&buf, SG_BYTES_NONE), LIMIT);
    ck_fails(sgc_buf_appendf(&buf, "%d", 1234), LIMIT);
    ck_fails(sgc_buf_reserve(&buf, 4, &room), LIMIT);
    ck_fails(sgc_buf_reserve(&buf, SIZE_MAX, &room), LIMIT);
    ck_fails(sgc_buf_reserve(&buf, SIZE_MAX - 2, &room), LIMIT);
    ck_holds(&buf, "abc");
    ck_ok(sgc_buf_append_str(&buf, "def"));
    ck_holds(&buf, "abcdef");
}
END_TEST

START_TEST(a_length_prefix_is_never_left_alone)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(6);
    ck_fails(sgc_buf_append_lp(&buf, SG_BYTES_LIT("abc")), LIMIT);
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(a_maximum_of_zero_holds_nothing)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(0);
    uint8_t *room;
    ck_ok(sgc_buf_append(&buf, SG_BYTES_NONE));
    ck_ok(sgc_buf_appendf(&buf, "%s", ""));
    ck_ok(sgc_buf_reserve(&buf, 0, &room));
    ck_fails(sgc_buf_append_u8(&buf, 0), LIMIT);
    ck_assert_uint_eq(sgc_buf_view(&buf).len, 0);
}
END_TEST

START_TEST(what_is_reserved_counts_after_commit)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(64);
    uint8_t *room;
    ck_ok(sgc_buf_reserve(&buf, 10, &room));
    ck_assert_uint_eq(buf.len, 0);
    memcpy(room, "abcdefghij", 10);
    sgc_buf_commit(&buf, 3);
    ck_holds(&buf, "abc");
    sgc_buf_commit(&buf, 0);
    ck_holds(&buf, "abc");
}
END_TEST

START_TEST(truncation_wipes_the_rest)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf buf = SGC_BUF_INIT(64);
    ck_ok(sgc_buf_append_str(&buf, "plaintext"));
    sgc_buf_truncate(&buf, 5);
    ck_holds(&buf, "plain");
    ck_assert(sg_bytes_eq(sg_bytes(buf.ptr + 5, 4), SG_BYTES_LIT("\0\0\0\0")));
    sgc_buf_truncate(&buf, 5);
    sgc_buf_truncate(&buf, 0);
    ck_assert(sg_bytes_eq(sg_bytes(buf.ptr, 5), SG_BYTES_LIT("\0\0\0\0\0")));
}
END_TEST

START_TEST(clear_keeps_the_maximum_and_may_come_twice)
{
    struct sgc_buf buf = SGC_BUF_INIT(4);
    sgc_buf_clear(&buf);
    ck_ok(sgc_buf_append_str(&buf, "abcd"));
    sgc_buf_clear(&buf);
    sgc_buf_clear(&buf);
    ck_assert_ptr_null(buf.ptr);
    ck_assert_uint_eq(buf.len, 0);
    ck_fails(sgc_buf_append_str(&buf, "abcde"), LIMIT);
    ck_ok(sgc_buf_append_str(&buf, "wxyz"));
    ck_holds(&buf, "wxyz");
    sgc_buf_clear(&buf);
}
END_TEST

START_TEST(take_moves_the_bytes_and_empties_the_giver)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf giver = SGC_BUF_INIT(8);
    ck_ok(sgc_buf_append_str(&giver, "abc"));
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf taker = sgc_buf_take(&giver);
    ck_holds(&taker, "abc");
    ck_assert_ptr_null(giver.ptr);
    ck_assert_uint_eq(giver.len, 0);
    ck_assert_uint_eq(taker.max, 8);
    ck_ok(sgc_buf_append_str(&giver, "12345678"));
    ck_fails(sgc_buf_append_str(&taker, "123456"), LIMIT);
}
END_TEST

START_TEST(heap_memory_is_zeroed_and_may_be_empty)
{
    uint8_t *bytes = sgc_xalloc(1000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(bytes[i], 0);
    sgc_xfree(bytes);
    void *none = sgc_xalloc(0);
    ck_assert_ptr_nonnull(none);
    sgc_xfree(none);
    sgc_xfree(NULL);
}
END_TEST

SG_TEST_MAIN("crypto/buf", TEST(integers_are_appended_big_endian), TEST(a_length_prefix_stands_before_its_bytes),
             TEST(a_format_may_fill_the_buffer_to_its_last_byte), TEST(growth_keeps_what_was_there),
             TEST(an_append_past_the_maximum_changes_nothing), TEST(a_length_prefix_is_never_left_alone),
             TEST(a_maximum_of_zero_holds_nothing), TEST(what_is_reserved_counts_after_commit),
             TEST(truncation_wipes_the_rest), TEST(clear_keeps_the_maximum_and_may_come_twice),
             TEST(take_moves_the_bytes_and_empties_the_giver), TEST(heap_memory_is_zeroed_and_may_be_empty))
