/* Do hex and base64 say what RFC 4648 says, and do they refuse every second spelling? */
#include "crypto/codec.h"

#include "support/check_main.h"

#include "common/banned.h"

enum form { HEX, BASE64, BASE64URL };

static size_t encode(enum form form, struct sg_bytes bytes, char *out)
{
    if (form == HEX)
        sgc_hex_encode(bytes, out);
    else if (form == BASE64)
        sgc_base64_encode(bytes, out);
    else
        sgc_base64url_encode(bytes, out);
    return form == HEX      ? SGC_HEX_LEN(bytes.len)
           : form == BASE64 ? SGC_BASE64_LEN(bytes.len)
                            : SGC_BASE64URL_LEN(bytes.len);
}

/* For hex, which wants its exact size, `cap` is that size. */
static sg_err decode(enum form form, struct sg_bytes text, uint8_t *out, size_t cap, size_t *len)
{
    if (form == BASE64)
        return sgc_base64_decode(text, out, cap, len);
    if (form == BASE64URL)
        return sgc_base64url_decode(text, out, cap, len);
    *len = cap;
    return sgc_hex_decode(text, out, cap);
}

/* RFC 4648, section 10, and bytes that need the last two characters of the alphabets. */
static const struct {
    enum form form;
    const char *bytes, *text;
} good[] = {
    {HEX, "", ""},
    {HEX, "foobar", "666f6f626172"},
    {HEX, "\xff\xa0\x09\x9a", "ffa0099a"},
    {BASE64, "", ""},
    {BASE64, "f", "Zg=="},
    {BASE64, "fo", "Zm8="},
    {BASE64, "foo", "Zm9v"},
    {BASE64, "foob", "Zm9vYg=="},
    {BASE64, "fooba", "Zm9vYmE="},
    {BASE64, "foobar", "Zm9vYmFy"},
    {BASE64, "\xfb\xff\xbf", "+/+/"},
    {BASE64, "\xff", "/w=="},
    {BASE64URL, "", ""},
    {BASE64URL, "f", "Zg"},
    {BASE64URL, "fo", "Zm8"},
    {BASE64URL, "foo", "Zm9v"},
    {BASE64URL, "foob", "Zm9vYg"},
    {BASE64URL, "fooba", "Zm9vYmE"},
    {BASE64URL, "\xfb\xff\xbf", "-_-_"},
    {BASE64URL, "\xff", "_w"},
};

START_TEST(published_examples_go_both_ways)
{
    struct sg_bytes bytes = sg_bytes_str(good[_i].bytes);
    char text[32];
    uint8_t back[32];
    size_t len;
    size_t text_len = encode(good[_i].form, bytes, text);
    ck_assert(sg_bytes_eq_str(sg_bytes(text, text_len), good[_i].text));
    ck_ok(decode(good[_i].form, sg_bytes(text, text_len), back, bytes.len, &len));
    ck_assert(sg_bytes_eq(sg_bytes(back, len), bytes));
}
END_TEST

static const struct {
    enum form form;
    size_t cap;
    const char *text;
} bad[] = {
    {HEX, 1, "0"},           {HEX, 1, "000"},         {HEX, 1, ""},
    {HEX, 0, "00"},          {HEX, 2, "00"},          {HEX, 1, "0000"},
    {HEX, 1, "0g"},          {HEX, 1, "g0"},          {HEX, 1, "0G"},
    {HEX, 1, "0`"},          {HEX, 1, "0@"},          {HEX, 1, "0/"},
    {HEX, 1, "0:"},          {HEX, 1, " 0"},          {HEX, 1, "0 "},
    {HEX, 1, "0x"},          {HEX, 1, "+1"},          {HEX, 1, "\xb0\xb0"},
    {HEX, 2, "ab\ncd"},      {BASE64, 9, "Z"},        {BASE64, 9, "Zg"},
    {BASE64, 9, "Zg="},      {BASE64, 9, "Zg==="},    {BASE64, 9, "="},
    {BASE64, 9, "=="},       {BASE64, 9, "===="},     {BASE64, 9, "A==="},
    {BASE64, 9, "Zg==Zg=="}, {BASE64, 9, "Zm8=Zm8="}, {BASE64, 9, "Z=g="},
    {BASE64, 9, "=Zg="},     {BASE64, 9, "Zh=="}, /* spare bits */
    {BASE64, 9, "Zv=="},     {BASE64, 9, "Zm9="},     {BASE64, 9, "Zm+="},
    {BASE64, 9, "Zm9v\n"},   {BASE64, 9, " m9v"},     {BASE64, 9, "Zm 9"},
    {BASE64, 9, "Zm-v"},     {BASE64, 9, "Zm_v"},     {BASE64, 9, "Zm*v"},
    {BASE64, 9, "Zm.v"},     {BASE64, 9, "Zm:v"},     {BASE64, 9, "Zm@v"},
    {BASE64, 9, "Zm[v"},     {BASE64, 9, "Zm`v"},     {BASE64, 9, "Zm{v"},
    {BASE64, 9, "Zm\x80v"},  {BASE64, 9, "Zm\xc1v"},  {BASE64, 2, "Zm9v"}, /* does not fit */
    {BASE64, 0, "Zg=="},     {BASE64URL, 9, "Z"},     {BASE64URL, 9, "Zm9vY"},
    {BASE64URL, 9, "Zg=="},  {BASE64URL, 9, "Zm8="},  {BASE64URL, 9, "Zg="},
    {BASE64URL, 9, "Zh"},    {BASE64URL, 9, "Zm9"},   {BASE64URL, 9, "Zm+v"},
    {BASE64URL, 9, "Zm/v"},  {BASE64URL, 9, "Zm9v "}, {BASE64URL, 9, "Zm9v\n"},
    {BASE64URL, 9, "Zm,v"},  {BASE64URL, 9, "Zm^v"},  {BASE64URL, 3, "Zm9vYg"},
};

START_TEST(what_is_not_canonical_is_refused)
{
    uint8_t out[16] = {0};
    size_t len = 99;
    ck_fails(decode(bad[_i].form, sg_bytes_str(bad[_i].text), out, bad[_i].cap, &len), INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof(out); i++)
        ck_assert_uint_eq(out[i], 0);
}
END_TEST

START_TEST(a_nul_is_no_digit)
{
    uint8_t out[4];
    size_t len;
    ck_fails(sgc_hex_decode(SG_BYTES_LIT("0\0"), out, 1), INVALID_ARGUMENT);
    ck_fails(sgc_base64_decode(SG_BYTES_LIT("Zm9\0"), out, 4, &len), INVALID_ARGUMENT);
    ck_fails(sgc_base64url_decode(SG_BYTES_LIT("Zm9\0"), out, 4, &len), INVALID_ARGUMENT);
}
END_TEST

START_TEST(hex_of_either_case_decodes)
{
    uint8_t out[4];
    ck_ok(sgc_hex_decode(SG_BYTES_LIT("aBcDeF09"), out, 4));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(out), SG_BYTES_LIT("\xab\xcd\xef\x09")));
}
END_TEST

/* Every character at every place of a group: exactly the alphabet decodes, each to its own value. */
START_TEST(exactly_the_alphabet_decodes)
{
    static const char *const alphabets[] = {"0123456789abcdefABCDEF",
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};
    const char *alphabet = alphabets[_i];
    size_t group = _i == HEX ? 2 : 4;
    for (size_t place = 0; place < group; place++) {
        for (unsigned c = 1; c < 256; c++) {
            char text[4] = {'0', '0', '0', '0'};
            uint8_t out[3];
            size_t len;
            text[place] = (char)c;
            sg_err err = decode((enum form)_i, sg_bytes(text, group), out, _i == HEX ? 1 : 3, &len);
            /* '=' at the end is padding, then the group before it may be canonical or not. */
            if (_i == BASE64 && c == '=' && place == 3)
                continue;
            ck_assert_msg(sg_is_ok(err) == (strchr(alphabet, (int)c) != NULL), "character %u at %zu", c, place);
        }
    }
}
END_TEST

START_TEST(all_lengths_and_values_round_trip)
{
    uint8_t bytes[300], back[300];
    char text[SGC_HEX_LEN(300)];
    uint32_t state = 12345;
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        for (size_t i = 0; i < len; i++) {
            state = state * 1664525u + 1013904223u;
            bytes[i] = (uint8_t)(state >> 24);
        }
        size_t text_len = encode((enum form)_i, sg_bytes(bytes, len), text);
        size_t back_len = 0;
        ck_ok(decode((enum form)_i, sg_bytes(text, text_len), back, len, &back_len));
        ck_assert(sg_bytes_eq(sg_bytes(back, back_len), sg_bytes(bytes, len)));
    }
}
END_TEST

SG_TEST_MAIN("crypto/codec", TEST_LOOP(published_examples_go_both_ways, SG_COUNT_OF(good)),
             TEST_LOOP(what_is_not_canonical_is_refused, SG_COUNT_OF(bad)), TEST(a_nul_is_no_digit),
             TEST(hex_of_either_case_decodes), TEST_LOOP(exactly_the_alphabet_decodes, 3),
             TEST_LOOP(all_lengths_and_values_round_trip, 3))
