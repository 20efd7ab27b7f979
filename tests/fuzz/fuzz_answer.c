/* Heads of answers: whatever comes, an accepted one is bounded, and the end of its body is certain. */
#include "s3client/answer.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_accepted(const struct sgs_answer *a, bool is_head_request)
{
    struct sg_bytes value;
    size_t length_count = sgs_headers_count_of(&a->headers, "content-length");
    size_t coding_count = sgs_headers_count_of(&a->headers, "transfer-encoding");
    sg_assert(a->status >= 200 && a->status <= 599);
    sg_assert(a->bytes <= SG_LIMIT_HEAD && a->headers.count <= SG_LIMIT_HEADER_COUNT);
    sg_assert(coding_count <= 1 && (coding_count == 0 || length_count == 0));
    if (sgs_headers_find(&a->headers, "transfer-encoding", &value))
        sg_assert(sg_bytes_eq_nocase(value, SG_BYTES_LIT("chunked")));
    bool may_end_with_connection = is_head_request || a->status == 204 || a->status >= 300;
    sg_assert(may_end_with_connection || length_count + coding_count > 0);
    for (size_t i = 0; i < a->headers.count; i++) {
        struct sgs_header h = sgs_headers_at(&a->headers, i);
        sg_assert(h.name.len > 0 && sg_bytes_find(h.value, '\n') == h.value.len);
    }
}

/* The first byte decides about the request; the rest comes in lines, as from libcurl. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgs_answer_clear) struct sgs_answer a = SGS_ANSWER_NONE;
    struct sg_bytes rest = sg_bytes(data, size);
    bool is_head_request = size > 0 && data[0] % 2 == 1;
    rest = sg_bytes_skip(rest, 1);
    while (rest.len > 0) {
        size_t at = sg_bytes_find(rest, '\n');
        struct sg_bytes line = sg_bytes_slice(rest, 0, at + 1);
        rest = sg_bytes_skip(rest, line.len);
        if (!sg_is_ok(sgs_answer_line(&a, line)))
            return 0;
        if (!a.is_complete)
            continue;
        if (!sg_is_ok(sgs_answer_check(&a, is_head_request)))
            return 0;
        check_accepted(&a, is_head_request);
    }
    return 0;
}
