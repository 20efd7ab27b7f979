/* fuzz_http1_head.c - a request head from the network, whole and in two pieces: both ways must agree. */
#include <stdint.h>

#include "server/http1_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sg_err read_in_two(struct sg_bytes bytes, size_t cut, size_t *len_out)
{
    struct sg_http1_scan scan = {0};
    SG_TRY(sg_http1_head_find(&scan, sg_bytes_slice(bytes, 0, cut), len_out));
    return *len_out > 0 ? SG_OK : sg_http1_head_find(&scan, bytes, len_out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_bytes bytes = sg_bytes(data, size);
    struct sg_http1_scan scan = {0};
    struct sg_http1_head head;
    size_t len = 0, len_in_two = 0;
    sg_err err = sg_http1_head_find(&scan, bytes, &len);
    sg_err again = read_in_two(bytes, size / 2, &len_in_two);
    /* A cut changes nothing, except that the limit may be noticed later or earlier. */
    if (!sg_is(err, HEAD_TOO_LARGE) && !sg_is(again, HEAD_TOO_LARGE))
        sg_assert(err.code == again.code && len == len_in_two);
    if (!sg_is_ok(err) || len == 0 || !sg_is_ok(sg_http1_head_parse(sg_bytes_slice(bytes, 0, len), &head)))
        return 0;
    sg_assert(head.has_host && head.target.len > 0 && head.header_count <= SG_LIMIT_HEADER_COUNT);
    sg_assert(!(head.chunked && head.has_length));
    for (size_t i = 0; i < head.header_count; i++) {
        struct sg_bytes value = head.headers[i].value;
        sg_assert(head.headers[i].name.len > 0);
        sg_assert(sg_bytes_find(value, '\r') == value.len && sg_bytes_find(value, '\n') == value.len);
        sg_assert(sg_bytes_find(value, '\0') == value.len);
    }
    return 0;
}
