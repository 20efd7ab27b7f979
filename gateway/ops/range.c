/*
 * Ranges are read as S3 reads them: one range is served, and what is not well-formed counts as no range at all.
 */
#include "ops/range.h"

#include "common/banned.h"

/* A position that does not fit 64 bits lies behind every object. */
static bool parse_position(struct sg_bytes text, uint64_t *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    if (text.len == 0)
        return false;
    if (!sg_bytes_to_u64(text, out))
        *out = UINT64_MAX;
    return true;
}

struct sg_range sg_range_parse(struct sg_bytes value)
{
    const struct sg_range none = {.form = SG_RANGE_NONE};
    struct sg_range range = none;
    struct sg_bytes unit = SG_BYTES_LIT("bytes=");
    struct sg_bytes text = sg_bytes_trim(value);
    if (!sg_bytes_has_prefix_nocase(text, unit))
        return none;
    text = sg_bytes_trim(sg_bytes_skip(text, unit.len));
    size_t dash = sg_bytes_find(text, '-');
    if (dash == text.len)
        return none;
    struct sg_bytes before = sg_bytes_slice(text, 0, dash);
    struct sg_bytes after = sg_bytes_skip(text, dash + 1);
    if (before.len == 0) {
        range.form = SG_RANGE_SUFFIX;
        return parse_position(after, &range.count) ? range : none;
    }
    if (!parse_position(before, &range.first))
        return none;
    range.form = after.len == 0 ? SG_RANGE_OPEN : SG_RANGE_CLOSED;
    if (after.len > 0 && !parse_position(after, &range.last))
        return none;
    return range;
}

bool sg_range_resolve(const struct sg_range *range, uint64_t size, uint64_t *from_out, uint64_t *len_out)
{
    uint64_t from = 0, end = size;
    switch (range->form) {
    case SG_RANGE_NONE:
        break;
    case SG_RANGE_SUFFIX:
        from = range->count < size ? size - range->count : 0;
        break;
    case SG_RANGE_CLOSED:
        if (range->last < range->first)
            return false;
        from = range->first;
        end = range->last < size ? range->last + 1 : size;
        break;
    case SG_RANGE_OPEN:
        from = range->first;
        break;
    }
    *from_out = from;
    *len_out = from < end ? end - from : 0;
    return range->form == SG_RANGE_NONE || *len_out > 0;
}

bool sg_content_range_parse(struct sg_bytes value, struct sg_content_range *out)
{
    struct sg_cursor c = sg_cursor(sg_bytes_trim(value));
    struct sg_bytes first, last;
    return sg_cursor_skip(&c, SG_BYTES_LIT("bytes ")) && sg_cursor_until(&c, '-', &first) &&
           sg_cursor_until(&c, '/', &last) && sg_bytes_to_u64(first, &out->first) &&
           sg_bytes_to_u64(last, &out->last) && sg_bytes_to_u64(c.rest, &out->size) && out->first <= out->last &&
           out->last < out->size;
}
