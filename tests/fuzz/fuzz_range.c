/*
 * Range and Content-Range. The first 8 bytes of an input are the size of an object, the rest is the header. Whatever a
 * client asks for, what it gets lies within the object; whatever an upstream answers, the numbers fit each other.
 */
#include "ops/range.h"

#include "common/err.h"
#include "crypto/layout.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* By the definition: byte `at` of `size` is asked for. */
static bool is_asked(const struct sg_range *range, uint64_t size, uint64_t at)
{
    switch (range->form) {
    case SG_RANGE_NONE:
        return true;
    case SG_RANGE_CLOSED:
        return at >= range->first && at <= range->last;
    case SG_RANGE_OPEN:
        return at >= range->first;
    case SG_RANGE_SUFFIX:
        return size - at <= range->count;
    }
    return false;
}

static void check_resolved(const struct sg_range *range, uint64_t size)
{
    uint64_t from = 0, len = 0;
    if (!sg_range_resolve(range, size, &from, &len)) {
        /* A run of bytes that has neither end of the object, nor its own first byte, is empty. */
        sg_assert(range->form != SG_RANGE_NONE);
        sg_assert(size == 0 || (!is_asked(range, size, 0) && !is_asked(range, size, size - 1)));
        sg_assert(range->first >= size || !is_asked(range, size, range->first));
        return;
    }
    sg_assert(from <= size && len <= size - from);
    sg_assert(range->form != SG_RANGE_NONE || (from == 0 && len == size));
    if (len == 0) {
        sg_assert(range->form == SG_RANGE_NONE && size == 0);
        return;
    }
    sg_assert(is_asked(range, size, from) && is_asked(range, size, from + len - 1));
    sg_assert(from == 0 || !is_asked(range, size, from - 1));
    sg_assert(from + len == size || !is_asked(range, size, from + len));
    struct sgc_span span;
    sg_assert(size > SGC_PLAIN_MAX || sgc_layout_span(size, from, len, &span));
}

static void check_range(struct sg_bytes header, uint64_t size)
{
    struct sg_range range = sg_range_parse(header);
    if (range.form != SG_RANGE_NONE) {
        sg_assert(sg_bytes_find(header, '=') < header.len && sg_bytes_find(header, '-') < header.len);
        sg_assert(sg_bytes_find(header, ',') == header.len);
    }
    check_resolved(&range, size);
    check_resolved(&range, 0);
    check_resolved(&range, 1);
    check_resolved(&range, range.first);
    check_resolved(&range, range.last);
    check_resolved(&range, range.count);
    check_resolved(&range, UINT64_MAX);
}

static void check_content_range(struct sg_bytes header)
{
    struct sg_content_range range, again;
    char text[80];
    if (!sg_content_range_parse(header, &range))
        return;
    sg_assert(range.first <= range.last && range.last < range.size);
    int len = snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)range.first,
                       (unsigned long long)range.last, (unsigned long long)range.size);
    sg_assert(len > 0 && sg_content_range_parse(sg_bytes(text, (size_t)len), &again));
    sg_assert(again.first == range.first && again.last == range.last && again.size == range.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_cursor c = sg_cursor(sg_bytes(data, size));
    uint64_t object;
    if (!sg_cursor_u64be(&c, &object))
        return 0;
    check_range(c.rest, object);
    check_content_range(c.rest);
    return 0;
}
