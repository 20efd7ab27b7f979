/* Idea: the table of well-formed byte sequences of RFC 3629 section 4, one row for each range of first bytes. */
#include "core/utf8.h"

#include "common/banned.h"

struct utf8_row {
    uint8_t first_from, first_to;
    uint8_t second_from, second_to; /* third and fourth bytes are always 80 to BF */
    uint8_t len;
};

static const struct utf8_row rows[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool row_accepts(const struct utf8_row *row, struct sg_bytes bytes)
{
    if (bytes.ptr[0] < row->first_from || bytes.ptr[0] > row->first_to || bytes.len < row->len)
        return false;
    if (row->len > 1 && (bytes.ptr[1] < row->second_from || bytes.ptr[1] > row->second_to))
        return false;
    for (size_t i = 2; i < row->len; i++) {
        if (bytes.ptr[i] < 0x80 || bytes.ptr[i] > 0xbf)
            return false;
    }
    return true;
}

size_t sg_utf8_char_len(struct sg_bytes bytes)
{
    if (bytes.len == 0)
        return 0;
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        if (row_accepts(&rows[i], bytes))
            return rows[i].len;
    }
    return 0;
}

bool sg_utf8_is_valid(struct sg_bytes bytes)
{
    while (bytes.len > 0) {
        size_t len = sg_utf8_char_len(bytes);
        if (len == 0)
            return false;
        bytes = sg_bytes_skip(bytes, len);
    }
    return true;
}
