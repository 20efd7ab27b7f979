/* Canonical requests: of whatever request, the text has exactly the lines that its signed headers give it. */
#include "s3client/sigv4.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input is a request in lines: method, path, query, signed headers, payload hash, then headers "name:value". */
struct request {
    struct sg_bytes method, path, query, signed_headers, payload_hash;
    struct sgs_headers headers;
};

static struct sg_bytes take_line(struct sg_cursor *c)
{
    struct sg_bytes line;
    if (sg_cursor_until(c, '\n', &line))
        return line;
    line = c->rest;
    c->rest = SG_BYTES_NONE;
    return line;
}

static void read_request(struct sg_bytes text, struct request *out)
{
    struct sg_cursor c = sg_cursor(text);
    out->method = take_line(&c);
    out->path = take_line(&c);
    out->query = take_line(&c);
    out->signed_headers = take_line(&c);
    out->payload_hash = take_line(&c);
    while (c.rest.len > 0) {
        struct sg_bytes line = take_line(&c);
        size_t colon = sg_bytes_find(line, ':');
        sg_err err = sgs_headers_add(&out->headers, sg_bytes_slice(line, 0, colon), sg_bytes_skip(line, colon + 1));
        SG_UNUSED(err);
    }
}

static size_t count_of(struct sg_bytes text, uint8_t c)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == c ? 1 : 0;
    return count;
}

static void check_canonical(const struct request *r, struct sg_bytes canonical)
{
    bool ends_empty = r->signed_headers.len == 0 || sg_bytes_has_suffix(r->signed_headers, SG_BYTES_LIT(";"));
    size_t names = count_of(r->signed_headers, ';') + (ends_empty ? 0 : 1);
    sg_assert(count_of(canonical, '\n') == names + 5);
    sg_assert(sg_bytes_has_prefix(canonical, r->method));
    sg_assert(sg_bytes_has_suffix(canonical, r->payload_hash));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgs_query_clear) struct sgs_query query = SGS_QUERY_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf canonical = SGC_BUF_INIT(4 * SG_LIMIT_HEAD);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf to_sign = SGC_BUF_INIT(SG_LIMIT_HEAD);
    struct request r = {.headers = SGS_HEADERS_NONE};
    read_request(sg_bytes(data, size), &r);
    sg_err err = sgs_query_parse(r.query, &query);
    struct sgs_canonical in = {
        .method = r.method,
        .path = r.path,
        .query = sg_is_ok(err) ? &query : NULL,
        .skip_param = size % 2 == 0 ? NULL : "X-Amz-Signature",
        .headers = &r.headers,
        .signed_headers = r.signed_headers,
        .payload_hash = r.payload_hash,
    };
    struct sgs_scope scope = {sg_bytes_slice(r.query, 0, 8), r.path};
    if (sg_is_ok(sgs_sigv4_canonical_request(&in, &canonical)))
        check_canonical(&r, sgc_buf_view(&canonical));
    if (sg_is_ok(sgs_sigv4_string_to_sign(r.method, &scope, sgc_buf_view(&canonical), &to_sign)))
        sg_assert(count_of(sgc_buf_view(&to_sign), '\n') == 3);
    sgs_headers_clear(&r.headers);
    return 0;
}
