/* fuzz_http1_body.c - a chunked body from the network: in one piece and byte by byte it must give the same. */
#include <stdint.h>

#include "server/http1_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    sg_err err;
    bool done;
    size_t used, body;
    uint32_t sum;
};

static struct outcome decode(struct sg_bytes bytes, size_t step)
{
    struct outcome o = {.err = SG_OK};
    struct sg_http1_body body;
    sg_http1_body_init(&body, SG_LENGTH_UNKNOWN);
    while (o.used < bytes.len && !sg_http1_body_is_done(&body)) {
        struct sg_bytes input = sg_bytes_slice(bytes, o.used, step), shown;
        size_t framing = 0;
        o.err = sg_http1_body_next(&body, input, &framing, &shown);
        if (!sg_is_ok(o.err))
            return o;
        sg_assert(framing + shown.len <= input.len && framing + shown.len > 0);
        for (size_t i = 0; i < shown.len; i++)
            o.sum = o.sum * 31 + shown.ptr[i];
        sg_http1_body_taken(&body, shown.len);
        o.used += framing + shown.len;
        o.body += shown.len;
    }
    o.done = sg_http1_body_is_done(&body);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = decode(sg_bytes(data, size), SIZE_MAX);
    struct outcome bytewise = decode(sg_bytes(data, size), 1);
    sg_assert(whole.err.code == bytewise.err.code && whole.done == bytewise.done);
    sg_assert(!sg_is_ok(whole.err) || (whole.used == bytewise.used && whole.body == bytewise.body));
    sg_assert(!sg_is_ok(whole.err) || whole.sum == bytewise.sum);
    return 0;
}
