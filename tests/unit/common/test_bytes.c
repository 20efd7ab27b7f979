/*
 * Views and the cursor: what they find, and that they never leave the bytes they were given. Texts are copied to where
 * nothing readable follows, so that a step too far is seen by the sanitizers.
 */
#include "common/bytes.h"

#include "support/check_main.h"

#include "common/banned.h"

/* --- comparing --- */

START_TEST(views_know_where_they_are)
{
    static const uint8_t array[3] = {1, 2, 3};
    static const struct sg_bytes init = SG_BYTES_INIT("ab\0c");
    char text[16];
    ck_assert(SG_BYTES_NONE.ptr == NULL && SG_BYTES_NONE.len == 0);
    ck_assert_uint_eq(SG_BYTES_LIT("").len, 0);
    ck_assert_uint_eq(SG_BYTES_LIT("a\0b").len, 3);
    ck_assert_uint_eq(init.len, 4);
    ck_assert(SG_BYTES_ARRAY(array).ptr == array && SG_BYTES_ARRAY(array).len == 3);
    ck_assert(sg_bytes(array + 1, 2).ptr == array + 1 && sg_bytes(array + 1, 2).len == 2);
    ck_assert(sg_bytes_str(NULL).ptr == NULL && sg_bytes_str(NULL).len == 0);
    ck_assert_uint_eq(sg_bytes_str("").len, 0);
    ck_assert_uint_eq(sg_bytes_str("abc").len, 3);
    (void)snprintf(text, sizeof(text), "<%.*s%.*s>", SG_BYTES_FMT(SG_BYTES_LIT("ab")), SG_BYTES_FMT(SG_BYTES_NONE));
    ck_assert_str_eq(text, "<ab>");
}
END_TEST

struct pair_row {
    struct sg_bytes a, b;
    bool eq, eq_nocase;
    int order;
};

/* clang-format off */
static const struct pair_row pairs[] = {
    {{NULL, 0},                  {NULL, 0},                  true,  true,  0},
    {{NULL, 0},                  SG_BYTES_INIT(""),          true,  true,  0},
    {SG_BYTES_INIT("a"),         SG_BYTES_INIT("a"),         true,  true,  0},
    {SG_BYTES_INIT("a\0b"),      SG_BYTES_INIT("a\0b"),      true,  true,  0},
    {SG_BYTES_INIT("Host"),      SG_BYTES_INIT("hOST"),      false, true,  -1},
    {SG_BYTES_INIT("AZaz09"),    SG_BYTES_INIT("azAZ09"),    false, true,  -1},
    {{NULL, 0},                  SG_BYTES_INIT("a"),         false, false, -1},
    {SG_BYTES_INIT("a"),         SG_BYTES_INIT("ab"),        false, false, -1},
    {SG_BYTES_INIT("a"),         SG_BYTES_INIT("a\0"),       false, false, -1},
    {SG_BYTES_INIT("a\0b"),      SG_BYTES_INIT("a\0c"),      false, false, -1},
    {SG_BYTES_INIT("ab"),        SG_BYTES_INIT("b"),         false, false, -1},
    {SG_BYTES_INIT("a"),         SG_BYTES_INIT("\x80"),      false, false, -1},
    {SG_BYTES_INIT("\x7f"),      SG_BYTES_INIT("\xff"),      false, false, -1},
    {SG_BYTES_INIT("@"),         SG_BYTES_INIT("`"),         false, false, -1},
    {SG_BYTES_INIT("["),         SG_BYTES_INIT("{"),         false, false, -1},
    {SG_BYTES_INIT("\xc9"),      SG_BYTES_INIT("\xe9"),      false, false, -1}, /* letters of ASCII only */
    {SG_BYTES_INIT("-"),         SG_BYTES_INIT("_"),         false, false, -1},
};
/* clang-format on */

static int sign(int order)
{
    return order > 0 ? 1 : order < 0 ? -1 : 0;
}

START_TEST(pairs_compare_the_same_from_both_sides)
{
    const struct pair_row *row = &pairs[_i];
    ck_assert(sg_bytes_eq(row->a, row->b) == row->eq && sg_bytes_eq(row->b, row->a) == row->eq);
    ck_assert(sg_bytes_eq_nocase(row->a, row->b) == row->eq_nocase);
    ck_assert(sg_bytes_eq_nocase(row->b, row->a) == row->eq_nocase);
    ck_assert_int_eq(sign(sg_bytes_cmp(row->a, row->b)), row->order);
    ck_assert_int_eq(sign(sg_bytes_cmp(row->b, row->a)), -row->order);
    ck_assert_int_eq(sg_bytes_cmp(row->a, row->a), 0);
}
END_TEST

START_TEST(strings_compare_whole)
{
    ck_assert(sg_bytes_eq_str(SG_BYTES_LIT("ab"), "ab"));
    ck_assert(sg_bytes_eq_str(SG_BYTES_NONE, "") && sg_bytes_eq_str(SG_BYTES_NONE, NULL));
    ck_assert(!sg_bytes_eq_str(SG_BYTES_LIT("ab"), "abc"));
    ck_assert(!sg_bytes_eq_str(SG_BYTES_LIT("abc"), "ab"));
    ck_assert(!sg_bytes_eq_str(SG_BYTES_LIT("ab\0c"), "ab"));
    ck_assert(!sg_bytes_eq_str(SG_BYTES_LIT("ab"), NULL));
}
END_TEST

START_TEST(only_the_letters_of_ascii_have_two_cases)
{
    for (unsigned c = 0; c < 256; c++)
        ck_quick(sg_ascii_lower((uint8_t)c) == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
}
END_TEST

/* --- cutting and finding --- */

START_TEST(every_slice_stays_within_its_view)
{
    static const uint8_t text[5] = "abcde";
    static const size_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 100, SIZE_MAX - 1, SIZE_MAX};
    for (size_t len = 0; len <= sizeof(text); len++) {
        for (size_t i = 0; i < SG_COUNT_OF(numbers); i++) {
            size_t from = numbers[i], left = from < len ? len - from : 0;
            struct sg_bytes view = sg_bytes(text, len), rest = sg_bytes_skip(view, from);
            ck_quick(rest.len == left && (left == 0 || rest.ptr == text + from));
            for (size_t j = 0; j < SG_COUNT_OF(numbers); j++) {
                struct sg_bytes slice = sg_bytes_slice(view, from, numbers[j]);
                ck_quick(slice.len == (numbers[j] < left ? numbers[j] : left));
                ck_quick(slice.len == 0 || slice.ptr == text + from);
            }
        }
    }
    ck_assert_uint_eq(sg_bytes_slice(SG_BYTES_NONE, 0, 1).len, 0);
}
END_TEST

struct affix_row {
    struct sg_bytes text, affix;
    bool prefix, prefix_nocase, suffix;
};

/* clang-format off */
static const struct affix_row affixes[] = {
    {{NULL, 0},              {NULL, 0},              true,  true,  true},
    {SG_BYTES_INIT("a"),     {NULL, 0},              true,  true,  true},
    {SG_BYTES_INIT("aba"),   SG_BYTES_INIT("a"),     true,  true,  true},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("abc"),   true,  true,  true},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("ab"),    true,  true,  false},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("bc"),    false, false, true},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("AB"),    false, true,  false},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("BC"),    false, false, false},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("b"),     false, false, false},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("abcd"),  false, false, false},
    {SG_BYTES_INIT("abc"),   SG_BYTES_INIT("0abc"),  false, false, false},
    {{NULL, 0},              SG_BYTES_INIT("a"),     false, false, false},
    {SG_BYTES_INIT("a\0b"),  SG_BYTES_INIT("a\0"),   true,  true,  false},
    {SG_BYTES_INIT("a\0b"),  SG_BYTES_INIT("a\0c"),  false, false, false},
};
/* clang-format on */

START_TEST(prefixes_and_suffixes_are_told)
{
    const struct affix_row *row = &affixes[_i];
    ck_assert(sg_bytes_has_prefix(row->text, row->affix) == row->prefix);
    ck_assert(sg_bytes_has_prefix_nocase(row->text, row->affix) == row->prefix_nocase);
    ck_assert(sg_bytes_has_suffix(row->text, row->affix) == row->suffix);
}
END_TEST

START_TEST(find_gives_the_first_or_the_end)
{
    struct sg_bytes text = SG_BYTES_LIT("ab\0ba\xff");
    ck_assert_uint_eq(sg_bytes_find(text, 'a'), 0);
    ck_assert_uint_eq(sg_bytes_find(text, 'b'), 1);
    ck_assert_uint_eq(sg_bytes_find(text, 0), 2);
    ck_assert_uint_eq(sg_bytes_find(text, 0xff), 5);
    ck_assert_uint_eq(sg_bytes_find(text, 'c'), text.len);
    ck_assert_uint_eq(sg_bytes_find(sg_bytes(text.ptr, 1), 'b'), 1);
    ck_assert_uint_eq(sg_bytes_find(SG_BYTES_NONE, 'a'), 0);
}
END_TEST

static const char *const blanks[][2] = {
    {"", ""},
    {" ", ""},
    {"\t \t", ""},
    {"a", "a"},
    {" a", "a"},
    {"a ", "a"},
    {"\ta b\t", "a b"},
    {"  a\t b  ", "a\t b"},
    {"\r\na\r\n", "\r\na\r\n"},
    {"\va\f", "\va\f"},
    {"\n", "\n"},
};

START_TEST(trimming_takes_blanks_and_tabs_at_both_ends_only)
{
    ck_assert(sg_bytes_eq_str(sg_bytes_trim(sg_bytes_str(blanks[_i][0])), blanks[_i][1]));
    ck_assert_uint_eq(sg_bytes_trim(SG_BYTES_NONE).len, 0);
}
END_TEST

/* --- numbers --- */

struct number_row {
    const char *text;
    uint64_t value;
};

static const struct number_row numbers[] = {
    {"0", 0},
    {"7", 7},
    {"10", 10},
    {"007", 7},
    {"00000000000000000000", 0},
    {"00000000000000000009", 9},
    {"4294967296", 4294967296},
    {"9999999999999999999", 9999999999999999999ULL},
    {"18446744073709551609", UINT64_MAX - 6},
    {"18446744073709551610", UINT64_MAX - 5},
    {"18446744073709551614", UINT64_MAX - 1},
    {"18446744073709551615", UINT64_MAX},
};

START_TEST(decimal_numbers_are_read)
{
    uint64_t value = 1;
    ck_assert(sg_bytes_to_u64(sg_bytes_str(numbers[_i].text), &value));
    ck_assert_uint_eq(value, numbers[_i].value);
}
END_TEST

static const struct sg_bytes bad_numbers[] = {
    {NULL, 0},
    SG_BYTES_INIT(""),
    SG_BYTES_INIT(" "),
    SG_BYTES_INIT(" 1"),
    SG_BYTES_INIT("1 "),
    SG_BYTES_INIT("+1"),
    SG_BYTES_INIT("-1"),
    SG_BYTES_INIT("-0"),
    SG_BYTES_INIT("0x1"),
    SG_BYTES_INIT("1e1"),
    SG_BYTES_INIT("1.0"),
    SG_BYTES_INIT("1,0"),
    SG_BYTES_INIT("a"),
    SG_BYTES_INIT("/"),
    SG_BYTES_INIT(":"),
    SG_BYTES_INIT("1\0"),
    SG_BYTES_INIT("1\n"),
    SG_BYTES_INIT("\xb1"),
    SG_BYTES_INIT("\xd9\xa1"), /* a digit, but of another script */
    SG_BYTES_INIT("18446744073709551616"),
    SG_BYTES_INIT("18446744073709551617"),
    SG_BYTES_INIT("18446744073709551619"),
    SG_BYTES_INIT("18446744073709551620"),
    SG_BYTES_INIT("18446744073709551625"),
    SG_BYTES_INIT("18446744073709551700"),
    SG_BYTES_INIT("28446744073709551615"),
    SG_BYTES_INIT("36893488147419103232"),
    SG_BYTES_INIT("99999999999999999999"),
    SG_BYTES_INIT("000000000000000000000"),
    SG_BYTES_INIT("100000000000000000000"),
    SG_BYTES_INIT("184467440737095516150"),
};

START_TEST(what_is_no_number_or_too_large_is_refused)
{
    uint64_t value = 12345;
    ck_assert_msg(!sg_bytes_to_u64(bad_numbers[_i], &value), "%.*s", SG_BYTES_FMT(bad_numbers[_i]));
    ck_assert_uint_eq(value, 12345);
}
END_TEST

/* --- cursor --- */

/* A copy that ends where the heap block does. */
struct exact {
    uint8_t *block;
    struct sg_cursor c;
};

static struct exact exact_of(const void *from, size_t len)
{
    struct exact e = {.block = malloc(len + 1)};
    ck_assert_ptr_nonnull(e.block);
    /* The byte in front gives an empty copy an address of its own. */
    memcpy(e.block + 1, from, len);
    e.c = sg_cursor(sg_bytes(e.block + 1, len));
    return e;
}

static const uint8_t ramp[12] = {0x81, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

/* `width` bytes are needed: with fewer the reader says no and stays where it is. */
static void check_reader(size_t width, bool (*read)(struct sg_cursor *c, uint64_t *out))
{
    uint64_t expected = 0;
    for (size_t i = 0; i < width; i++)
        expected = expected << 8 | ramp[i];
    for (size_t len = 0; len <= sizeof(ramp); len++) {
        struct exact e = exact_of(ramp, len);
        struct sg_cursor before = e.c;
        uint64_t value = 0;
        bool has_read = read(&e.c, &value);
        ck_assert(has_read == (len >= width));
        ck_assert_uint_eq(e.c.rest.len, has_read ? len - width : len);
        ck_assert(e.c.rest.len == 0 || e.c.rest.ptr == before.rest.ptr + (has_read ? width : 0));
        ck_assert_uint_eq(value, has_read ? expected : 0);
        free(e.block);
    }
}

static bool read_u8(struct sg_cursor *c, uint64_t *out)
{
    uint8_t value = (uint8_t)*out;
    bool has_read = sg_cursor_u8(c, &value);
    *out = value;
    return has_read;
}

static bool read_u16(struct sg_cursor *c, uint64_t *out)
{
    uint16_t value = (uint16_t)*out;
    bool has_read = sg_cursor_u16be(c, &value);
    *out = value;
    return has_read;
}

static bool read_u32(struct sg_cursor *c, uint64_t *out)
{
    uint32_t value = (uint32_t)*out;
    bool has_read = sg_cursor_u32be(c, &value);
    *out = value;
    return has_read;
}

static bool read_u24(struct sg_cursor *c, uint64_t *out)
{
    return sg_cursor_uint(c, 3, out);
}

static bool read_nothing(struct sg_cursor *c, uint64_t *out)
{
    return sg_cursor_uint(c, 0, out);
}

START_TEST(integers_are_read_whole_or_not_at_all)
{
    check_reader(0, read_nothing);
    check_reader(1, read_u8);
    check_reader(2, read_u16);
    check_reader(3, read_u24);
    check_reader(4, read_u32);
    check_reader(8, sg_cursor_u64be);
}
END_TEST

START_TEST(a_take_of_any_length_stays_within_the_bytes)
{
    static const size_t wanted[] = {0, 1, 2, 5, 11, 12, 13, 100, SIZE_MAX - 1, SIZE_MAX};
    for (size_t len = 0; len <= sizeof(ramp); len++) {
        for (size_t i = 0; i < SG_COUNT_OF(wanted); i++) {
            struct exact e = exact_of(ramp, len);
            struct sg_bytes out = SG_BYTES_LIT("untouched");
            bool has_taken = sg_cursor_take(&e.c, wanted[i], &out);
            ck_quick(has_taken == (wanted[i] <= len));
            ck_quick(e.c.rest.len == (has_taken ? len - wanted[i] : len));
            ck_quick(sg_bytes_eq(out, has_taken ? sg_bytes(ramp, wanted[i]) : SG_BYTES_LIT("untouched")));
            free(e.block);
        }
    }
}
END_TEST

/* Whatever the prefix says, and however much there is. */
START_TEST(a_length_prefix_is_believed_only_as_far_as_the_bytes_go)
{
    static const uint32_t said[] = {0, 1, 2, 4, 5, 6, 0x100, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffb, 0xffffffff};
    for (size_t i = 0; i < SG_COUNT_OF(said); i++) {
        const uint8_t text[9] = {(uint8_t)(said[i] >> 24),
                                 (uint8_t)(said[i] >> 16),
                                 (uint8_t)(said[i] >> 8),
                                 (uint8_t)said[i],
                                 'a',
                                 'b',
                                 'c',
                                 'd',
                                 'e'};
        for (size_t len = 0; len <= sizeof(text); len++) {
            struct exact e = exact_of(text, len);
            struct sg_bytes out = SG_BYTES_LIT("untouched");
            bool has_read = sg_cursor_lp(&e.c, &out);
            ck_quick(has_read == (len >= 4 && said[i] <= len - 4));
            ck_quick(e.c.rest.len == (has_read ? len - 4 - said[i] : len));
            ck_quick(sg_bytes_eq(out, has_read ? sg_bytes(text + 4, said[i]) : SG_BYTES_LIT("untouched")));
            free(e.block);
        }
    }
}
END_TEST

START_TEST(until_takes_what_stands_before_the_stop)
{
    static const char text[] = "ab;;c";
    struct sg_bytes out = SG_BYTES_NONE;
    struct exact e = exact_of(text, strlen(text));
    ck_assert(sg_cursor_until(&e.c, ';', &out) && sg_bytes_eq_str(out, "ab"));
    ck_assert(sg_cursor_until(&e.c, ';', &out) && out.len == 0);
    ck_assert(!sg_cursor_until(&e.c, ';', &out) && sg_bytes_eq_str(e.c.rest, "c") && out.len == 0);
    ck_assert(sg_cursor_until(&e.c, 'c', &out) && out.len == 0 && e.c.rest.len == 0);
    ck_assert(!sg_cursor_until(&e.c, ';', &out));
    free(e.block);
    for (size_t len = 0; len <= strlen(text); len++) {
        e = exact_of(text, len);
        ck_assert(sg_cursor_until(&e.c, ';', &out) == (len > 2));
        ck_assert_uint_eq(e.c.rest.len, len > 2 ? len - 3 : len);
        free(e.block);
    }
}
END_TEST

START_TEST(skip_takes_what_is_expected_and_nothing_else)
{
    static const char text[] = "bytes 0";
    for (size_t len = 0; len <= strlen(text); len++) {
        struct exact e = exact_of(text, len);
        ck_assert(!sg_cursor_skip(&e.c, SG_BYTES_LIT("Bytes")) && e.c.rest.len == len);
        ck_assert(!sg_cursor_skip(&e.c, SG_BYTES_LIT("bytes 0 and more")) && e.c.rest.len == len);
        ck_assert(sg_cursor_skip(&e.c, SG_BYTES_NONE) && e.c.rest.len == len);
        ck_assert(sg_cursor_skip(&e.c, SG_BYTES_LIT("bytes ")) == (len >= 6));
        ck_assert_uint_eq(e.c.rest.len, len >= 6 ? len - 6 : len);
        free(e.block);
    }
}
END_TEST

SG_TEST_MAIN("common/bytes", TEST(views_know_where_they_are),
             TEST_LOOP(pairs_compare_the_same_from_both_sides, SG_COUNT_OF(pairs)), TEST(strings_compare_whole),
             TEST(only_the_letters_of_ascii_have_two_cases), TEST(every_slice_stays_within_its_view),
             TEST_LOOP(prefixes_and_suffixes_are_told, SG_COUNT_OF(affixes)), TEST(find_gives_the_first_or_the_end),
             TEST_LOOP(trimming_takes_blanks_and_tabs_at_both_ends_only, SG_COUNT_OF(blanks)),
             TEST_LOOP(decimal_numbers_are_read, SG_COUNT_OF(numbers)),
             TEST_LOOP(what_is_no_number_or_too_large_is_refused, SG_COUNT_OF(bad_numbers)),
             TEST(integers_are_read_whole_or_not_at_all), TEST(a_take_of_any_length_stays_within_the_bytes),
             TEST(a_length_prefix_is_believed_only_as_far_as_the_bytes_go),
             TEST(until_takes_what_stands_before_the_stop), TEST(skip_takes_what_is_expected_and_nothing_else))
