/* Is every well-formed character accepted, and nothing else? */
#include "support/check_main.h"

#include "core/utf8.h"

#include "common/banned.h"

/* By the arithmetic of RFC 3629 section 3, not by the table of section 4 that the code has. */
static size_t encode(uint32_t c, uint8_t out[4])
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(0xf00u >> len | c);
    return len;
}

/* An assertion of libcheck for each of them would take minutes. */
START_TEST(exactly_the_characters_of_unicode_are_accepted)
{
    for (uint32_t c = 0; c < 0x1fffff; c++) {
        uint8_t text[4];
        size_t len = encode(c, text);
        bool expected = c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);
        size_t found = sg_utf8_char_len(sg_bytes(text, len));
        size_t found_in_less = sg_utf8_char_len(sg_bytes(text, len - 1));
        if (found != (expected ? len : 0) || found_in_less != 0)
            ck_abort_msg("U+%x: %zu, cut short %zu", (unsigned)c, found, found_in_less);
    }
}
END_TEST

static const char *const bad[] = {
    "\x80",
    "\xbf",
    "\xc0\x80",
    "\xc1\xbf",
    "\xc3",
    "\xc3(",
    "\xe0\x80\x80",
    "\xe0\x9f\xbf",
    "\xe2\x82",
    "\xe2\x28\xa1",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xf0\x80\x80\x80",
    "\xf0\x8f\xbf\xbf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xfe",
    "\xff",
    "ok\xff",
    "\xe2\x82\xac\x80",
};

START_TEST(bad_text_is_refused)
{
    ck_assert(!sg_utf8_is_valid(sg_bytes_str(bad[_i])));
}
END_TEST

START_TEST(good_text_is_accepted)
{
    ck_assert(sg_utf8_is_valid(SG_BYTES_NONE));
    ck_assert(sg_utf8_is_valid(SG_BYTES_LIT("a/\xc3\xa9/\xe2\x82\xac/\xf0\x9f\x94\x91\0b")));
}
END_TEST

SG_TEST_MAIN("core/utf8", TEST(exactly_the_characters_of_unicode_are_accepted), TEST(good_text_is_accepted),
             TEST_LOOP(bad_text_is_refused, SG_COUNT_OF(bad)))
