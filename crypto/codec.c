/*
 * Hex and base64 without tables and without branches on data: a table lookup or a branch would tell the cache, or the
 * branch predictor, something about a key. Each character is computed from all ranges of the alphabet, with a mask that
 * is all ones for the range it lies in. Whether a text is valid is looked at once, after all of it has been read.
 */
#include "crypto/codec.h"

#include "crypto/secret.h"

#include "common/banned.h"

/* All ones when lo <= value <= hi, else zero. All are at most 255. */
static unsigned mask_if_between(unsigned value, unsigned lo, unsigned hi)
{
    unsigned both_negative = (lo - 1 - value) & (value - hi - 1);
    unsigned bit = (both_negative >> 31) & 1u;
    /* Hides from the compiler that this is a truth value, so that it does not make branches of it. */
    __asm__("" : "+r"(bit));
    return 0u - bit;
}

/* The one place where a decoder branches on what it read: valid or not. tests/ct/ relies on its name. */
static __attribute__((noinline)) sg_err accept_unless(unsigned bad, uint8_t *out, size_t len)
{
    if (bad == 0)
        return SG_OK;
    sgc_wipe(out, len);
    SG_FAIL(INVALID_ARGUMENT);
}

/* --- hex --- */

static char hex_digit(unsigned nibble)
{
    return (char)('0' + nibble + (mask_if_between(nibble, 10, 15) & ('a' - '0' - 10)));
}

void sgc_hex_encode(struct sg_bytes bytes, char *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = hex_digit(bytes.ptr[i] >> 4);
        out[2 * i + 1] = hex_digit(bytes.ptr[i] & 15u);
    }
}

/* Bits of `bad` are set when `c` is no digit. */
static unsigned hex_value(unsigned c, unsigned *bad)
{
    unsigned is_digit = mask_if_between(c, '0', '9');
    unsigned is_lower = mask_if_between(c, 'a', 'f');
    unsigned is_upper = mask_if_between(c, 'A', 'F');
    *bad |= ~(is_digit | is_lower | is_upper);
    return (is_digit & (c - '0')) | (is_lower & (c - 'a' + 10)) | (is_upper & (c - 'A' + 10));
}

sg_err sgc_hex_decode(struct sg_bytes text, uint8_t *out, size_t out_len)
{
    unsigned bad = 0;
    SG_CHECK(text.len / 2 == out_len && text.len % 2 == 0, INVALID_ARGUMENT);
    for (size_t i = 0; i < out_len; i++) {
        unsigned high = hex_value(text.ptr[2 * i], &bad);
        unsigned low = hex_value(text.ptr[2 * i + 1], &bad);
        out[i] = (uint8_t)(high << 4 | low);
    }
    return accept_unless(bad, out, out_len);
}

/* --- base64 --- */

struct alphabet {
    unsigned char of_62, of_63;
    bool padded;
};

static const struct alphabet standard = {'+', '/', true};
static const struct alphabet url_safe = {'-', '_', false};

static char base64_char(const struct alphabet *alphabet, unsigned value)
{
    return (
        char)((mask_if_between(value, 0, 25) & (value + 'A')) | (mask_if_between(value, 26, 51) & (value - 26 + 'a')) |
              (mask_if_between(value, 52, 61) & (value - 52 + '0')) |
              (mask_if_between(value, 62, 62) & alphabet->of_62) | (mask_if_between(value, 63, 63) & alphabet->of_63));
}

static void base64_encode(const struct alphabet *alphabet, struct sg_bytes bytes, char *out)
{
    size_t at = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned group = (unsigned)bytes.ptr[i] << 16;
        if (have > 1)
            group |= (unsigned)bytes.ptr[i + 1] << 8;
        if (have > 2)
            group |= bytes.ptr[i + 2];
        for (size_t j = 0; j <= have; j++)
            out[at++] = base64_char(alphabet, group >> (18 - 6 * j) & 63u);
        for (size_t j = have; alphabet->padded && j < 3; j++)
            out[at++] = '=';
    }
}

/* Bits of `bad` are set when `c` is not of the alphabet. */
static unsigned base64_value(const struct alphabet *alphabet, unsigned c, unsigned *bad)
{
    unsigned is_upper = mask_if_between(c, 'A', 'Z');
    unsigned is_lower = mask_if_between(c, 'a', 'z');
    unsigned is_digit = mask_if_between(c, '0', '9');
    unsigned is_62 = mask_if_between(c, alphabet->of_62, alphabet->of_62);
    unsigned is_63 = mask_if_between(c, alphabet->of_63, alphabet->of_63);
    *bad |= ~(is_upper | is_lower | is_digit | is_62 | is_63);
    return (is_upper & (c - 'A')) | (is_lower & (c - 'a' + 26)) | (is_digit & (c - '0' + 52)) | (is_62 & 62u) |
           (is_63 & 63u);
}

/* `text` without padding; writes text.len * 3 / 4 bytes. Returns 0 when it is canonical. */
static unsigned base64_decode_digits(const struct alphabet *alphabet, struct sg_bytes text, uint8_t *out)
{
    unsigned bad = 0, bits = 0, bit_count = 0;
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        bits = bits << 6 | base64_value(alphabet, text.ptr[i], &bad);
        bit_count += 6;
        /* How many bits are pending depends on the position alone. */
        if (bit_count >= 8) {
            bit_count -= 8;
            out[at++] = (uint8_t)(bits >> bit_count);
        }
    }
    /* Spare bits that are not zero would be a second spelling of the same bytes. */
    return bad | (bits & ((1u << bit_count) - 1u));
}

static sg_err base64_decode(const struct alphabet *alphabet, struct sg_bytes text, uint8_t *out, size_t cap,
                            size_t *len)
{
    SG_CHECK(!alphabet->padded || text.len % 4 == 0, INVALID_ARGUMENT);
    /* At most two: "a===" and "====" are no base64. */
    for (int i = 0; alphabet->padded && i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
        text.len--;
    SG_CHECK(text.len % 4 != 1, INVALID_ARGUMENT);
    size_t decoded = text.len / 4 * 3 + text.len % 4 * 3 / 4;
    SG_CHECK(decoded <= cap, INVALID_ARGUMENT);

    *len = decoded;
    return accept_unless(base64_decode_digits(alphabet, text, out), out, decoded);
}

void sgc_base64_encode(struct sg_bytes bytes, char *out)
{
    base64_encode(&standard, bytes, out);
}

sg_err sgc_base64_decode(struct sg_bytes text, uint8_t *out, size_t cap, size_t *len)
{
    return base64_decode(&standard, text, out, cap, len);
}

void sgc_base64url_encode(struct sg_bytes bytes, char *out)
{
    base64_encode(&url_safe, bytes, out);
}

sg_err sgc_base64url_decode(struct sg_bytes text, uint8_t *out, size_t cap, size_t *len)
{
    return base64_decode(&url_safe, text, out, cap, len);
}
