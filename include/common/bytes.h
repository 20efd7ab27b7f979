/*
 * bytes.h - borrowed views of bytes, and a cursor that reads them without ever leaving them.
 *
 * Ownership  A view owns nothing. It is valid during the call it is given to, unless a header says longer.
 * Units      Bytes; all integers are big-endian.
 * Errors     Readers return false when the bytes do not suffice; the cursor is then unchanged.
 * Secrets    A view may show secrets; compare those with sgc_ct_equal(), never with sg_bytes_eq().
 * Tests      tests/unit/common/test_bytes.c
 */
#ifndef SG_COMMON_BYTES_H
#define SG_COMMON_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/attrs.h"

struct sg_bytes {
    const uint8_t *ptr; /* may be NULL only when len is 0 */
    size_t len;
};

#define SG_BYTES_NONE         ((struct sg_bytes){NULL, 0})
#define SG_BYTES_LIT(literal) ((struct sg_bytes){(const uint8_t *)("" literal), sizeof(literal) - 1})
/* The same as an initialiser, for tables: a compound literal is no constant. */
#define SG_BYTES_INIT(literal)                                                                                         \
    {                                                                                                                  \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                                             \
    }
#define SG_BYTES_ARRAY(array) ((struct sg_bytes){(const uint8_t *)(array), sizeof(array)})

/* For printf's "%.*s". */
#define SG_BYTES_FMT(b) (int)((b).len), (const char *)((b).ptr == NULL ? (const uint8_t *)"" : (b).ptr)

static inline struct sg_bytes sg_bytes(const void *ptr, size_t len)
{
    return (struct sg_bytes){(const uint8_t *)ptr, len};
}

static inline struct sg_bytes sg_bytes_str(const char *string)
{
    return string == NULL ? SG_BYTES_NONE : sg_bytes(string, strlen(string));
}

/* Equality of bytes that are not secret. */
static inline bool sg_bytes_eq(struct sg_bytes a, struct sg_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool sg_bytes_eq_str(struct sg_bytes a, const char *b)
{
    return sg_bytes_eq(a, sg_bytes_str(b));
}

static inline uint8_t sg_ascii_lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Equality without regard to ASCII case; for header names and tokens. */
static inline bool sg_bytes_eq_nocase(struct sg_bytes a, struct sg_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (sg_ascii_lower(a.ptr[i]) != sg_ascii_lower(b.ptr[i]))
            return false;
    }
    return true;
}

/* Order by bytes, a prefix before what it is a prefix of: <0, 0, >0. */
static inline int sg_bytes_cmp(struct sg_bytes a, struct sg_bytes b)
{
    size_t both = a.len < b.len ? a.len : b.len;
    int order = a.ptr == NULL || b.ptr == NULL ? 0 : memcmp(a.ptr, b.ptr, both);
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* The bytes from `from` on, at most `len` of them; clamped to the view. */
static inline struct sg_bytes sg_bytes_slice(struct sg_bytes b, size_t from, size_t len)
{
    if (from >= b.len)
        return SG_BYTES_NONE;
    size_t left = b.len - from;
    return sg_bytes(b.ptr + from, len < left ? len : left);
}

static inline struct sg_bytes sg_bytes_skip(struct sg_bytes b, size_t count)
{
    return sg_bytes_slice(b, count, SIZE_MAX);
}

static inline bool sg_bytes_has_prefix(struct sg_bytes b, struct sg_bytes prefix)
{
    return b.len >= prefix.len && sg_bytes_eq(sg_bytes_slice(b, 0, prefix.len), prefix);
}

static inline bool sg_bytes_has_prefix_nocase(struct sg_bytes b, struct sg_bytes prefix)
{
    return b.len >= prefix.len && sg_bytes_eq_nocase(sg_bytes_slice(b, 0, prefix.len), prefix);
}

static inline bool sg_bytes_has_suffix(struct sg_bytes b, struct sg_bytes suffix)
{
    return b.len >= suffix.len && sg_bytes_eq(sg_bytes_skip(b, b.len - suffix.len), suffix);
}

/* Index of the first `c`, or b.len. */
static inline size_t sg_bytes_find(struct sg_bytes b, uint8_t c)
{
    const uint8_t *hit = b.len == 0 ? NULL : memchr(b.ptr, c, b.len);
    return hit == NULL ? b.len : (size_t)(hit - b.ptr);
}

/* Without blanks (space, tab) at both ends. */
static inline struct sg_bytes sg_bytes_trim(struct sg_bytes b)
{
    while (b.len > 0 && (b.ptr[0] == ' ' || b.ptr[0] == '\t'))
        b = sg_bytes_skip(b, 1);
    while (b.len > 0 && (b.ptr[b.len - 1] == ' ' || b.ptr[b.len - 1] == '\t'))
        b.len--;
    return b;
}

/* Strict decimal: 1 to 20 digits, no sign, no overflow. Leading zeros are accepted. */
static inline SG_MUST bool sg_bytes_to_u64(struct sg_bytes b, uint64_t *out)
{
    uint64_t value = 0;
    if (b.len == 0 || b.len > 20)
        return false;
    for (size_t i = 0; i < b.len; i++) {
        unsigned digit = (unsigned)(b.ptr[i] - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* --- cursor --- */

struct sg_cursor {
    struct sg_bytes rest;
};

static inline struct sg_cursor sg_cursor(struct sg_bytes b)
{
    return (struct sg_cursor){b};
}

static inline SG_MUST bool sg_cursor_take(struct sg_cursor *c, size_t len, struct sg_bytes *out)
{
    if (c->rest.len < len)
        return false;
    *out = sg_bytes_slice(c->rest, 0, len);
    c->rest = sg_bytes_skip(c->rest, len);
    return true;
}

static inline SG_MUST bool sg_cursor_uint(struct sg_cursor *c, size_t width, uint64_t *out)
{
    struct sg_bytes raw;
    if (!sg_cursor_take(c, width, &raw))
        return false;
    *out = 0;
    for (size_t i = 0; i < raw.len; i++)
        *out = *out << 8 | raw.ptr[i];
    return true;
}

static inline SG_MUST bool sg_cursor_u8(struct sg_cursor *c, uint8_t *out)
{
    uint64_t value;
    if (!sg_cursor_uint(c, 1, &value))
        return false;
    *out = (uint8_t)value;
    return true;
}

static inline SG_MUST bool sg_cursor_u16be(struct sg_cursor *c, uint16_t *out)
{
    uint64_t value;
    if (!sg_cursor_uint(c, 2, &value))
        return false;
    *out = (uint16_t)value;
    return true;
}

static inline SG_MUST bool sg_cursor_u32be(struct sg_cursor *c, uint32_t *out)
{
    uint64_t value;
    if (!sg_cursor_uint(c, 4, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

static inline SG_MUST bool sg_cursor_u64be(struct sg_cursor *c, uint64_t *out)
{
    return sg_cursor_uint(c, 8, out);
}

/* u32 length, then that many bytes. */
static inline SG_MUST bool sg_cursor_lp(struct sg_cursor *c, struct sg_bytes *out)
{
    struct sg_cursor try = *c;
    uint32_t len;
    if (!sg_cursor_u32be(&try, &len) || !sg_cursor_take(&try, len, out))
        return false;
    *c = try;
    return true;
}

/* The bytes before the next `stop`, which is consumed but not returned. False when there is no `stop`. */
static inline SG_MUST bool sg_cursor_until(struct sg_cursor *c, uint8_t stop, struct sg_bytes *out)
{
    size_t at = sg_bytes_find(c->rest, stop);
    if (at == c->rest.len)
        return false;
    *out = sg_bytes_slice(c->rest, 0, at);
    c->rest = sg_bytes_skip(c->rest, at + 1);
    return true;
}

/* Consumes `expected` if the rest begins with it. */
static inline SG_MUST bool sg_cursor_skip(struct sg_cursor *c, struct sg_bytes expected)
{
    if (!sg_bytes_has_prefix(c->rest, expected))
        return false;
    c->rest = sg_bytes_skip(c->rest, expected.len);
    return true;
}

#endif
