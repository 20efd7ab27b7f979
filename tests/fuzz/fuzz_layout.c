/* Sizes and spans of any numbers: input is three numbers of 8 bytes. */
#include "crypto/layout.h"

#include "common/bytes.h"
#include "common/err.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sizes(uint64_t number)
{
    uint64_t plain, back;
    if (sgc_layout_plain(number, &plain))
        sg_assert(plain <= SGC_PLAIN_MAX && sgc_layout_sealed(plain) == number);
    if (sgc_layout_body_plain(number, &plain))
        sg_assert(plain <= SGC_PLAIN_MAX && sgc_layout_body_sealed(plain) == number);
    if (number > SGC_PLAIN_MAX)
        return;
    sg_assert(sgc_layout_plain(sgc_layout_sealed(number), &back) && back == number);
    sg_assert(number == 0 || sgc_layout_sealed(number) > sgc_layout_sealed(number - 1));
}

static void check_span(uint64_t part, uint64_t from, uint64_t len)
{
    struct sgc_span s;
    if (!sgc_layout_span(part, from, len, &s))
        return;
    sg_assert(len > 0 && from < part && len <= part - from && s.take_plain == len);
    sg_assert(s.first_segment * SGC_SEGMENT_PLAIN + s.skip_plain == from && s.skip_plain < SGC_SEGMENT_PLAIN);
    sg_assert(s.sealed_len > SGC_SEGMENT_EXTRA * s.segment_count);
    sg_assert(s.skip_plain + len <= s.sealed_len - SGC_SEGMENT_EXTRA * s.segment_count);
    sg_assert(s.sealed_from + s.sealed_len <= sgc_layout_body_sealed(part));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_cursor c = sg_cursor(sg_bytes(data, size));
    uint64_t numbers[3];
    for (size_t i = 0; i < 3; i++) {
        if (!sg_cursor_u64be(&c, &numbers[i]))
            return 0;
        check_sizes(numbers[i]);
    }
    check_span(numbers[0], numbers[1], numbers[2]);
    return 0;
}
