/*
 * Two passes. find() walks over line ends as bytes come, and refuses what makes line ends ambiguous. parse() has
 * libh2o's parser (picohttpparser) split the complete head, and then looks at the few headers that decide where the
 * request ends and what happens to the connection. Request smuggling lives on parsers that disagree; this one only
 * accepts heads that can be read in one way.
 */
#include "server/http1_head.h"

#include "common/banned.h"

/* picohttpparser's own names; Debian's libh2o exports them without a header. */
struct phr_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

int phr_parse_request(const char *buf, size_t len, const char **method, size_t *method_len, const char **path,
                      size_t *path_len, int *minor_version, struct phr_header *headers, size_t *num_headers,
                      size_t last_len);

enum { METHOD_MAX = 32, HOST_MAX = 300 };

/* The line `line` (without its line end) is complete; *end_out tells whether it ends the head. */
static sg_err see_line(struct sg_http1_scan *scan, struct sg_bytes line, bool *end_out)
{
    *end_out = false;
    if (line.len == 0) {
        /* RFC 9112 2.2: one empty line before the request line is let pass. */
        SG_CHECK(scan->lines > 0 || scan->line == 0, BAD_HTTP);
        *end_out = scan->lines > 0;
        return SG_OK;
    }
    SG_CHECK(line.ptr[0] != ' ' && line.ptr[0] != '\t', BAD_HTTP);
    scan->lines++;
    SG_CHECK(scan->lines - 1 <= SG_LIMIT_HEADER_COUNT, HEAD_TOO_LARGE);
    return SG_OK;
}

sg_err sg_http1_head_find(struct sg_http1_scan *scan, struct sg_bytes input, size_t *len_out)
{
    bool end = false;
    *len_out = 0;
    while (!end) {
        size_t feed = scan->at + sg_bytes_find(sg_bytes_skip(input, scan->at), '\n');
        SG_CHECK(feed < SG_LIMIT_HEAD, HEAD_TOO_LARGE);
        if (feed >= input.len) {
            scan->at = input.len;
            return SG_OK;
        }
        SG_CHECK(feed > scan->line && input.ptr[feed - 1] == '\r', BAD_HTTP);
        SG_TRY(see_line(scan, sg_bytes_slice(input, scan->line, feed - 1 - scan->line), &end));
        scan->at = scan->line = feed + 1;
    }
    *len_out = scan->at;
    return SG_OK;
}

/* --- the headers that decide about framing --- */

static sg_err see_host(struct sg_http1_head *head, struct sg_bytes value)
{
    SG_CHECK(!head->has_host, BAD_HTTP);
    SG_CHECK(value.len > 0 && value.len <= HOST_MAX, BAD_HTTP);
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = sg_ascii_lower(value.ptr[i]);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        SG_CHECK(word || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']', BAD_HTTP);
    }
    head->has_host = true;
    return SG_OK;
}

static sg_err see_content_length(struct sg_http1_head *head, struct sg_bytes value)
{
    SG_CHECK(!head->has_length, BAD_HTTP);
    SG_CHECK(sg_bytes_to_u64(value, &head->content_length) && head->content_length <= INT64_MAX, BAD_HTTP);
    head->has_length = true;
    return SG_OK;
}

static sg_err see_transfer_encoding(struct sg_http1_head *head, struct sg_bytes value)
{
    SG_CHECK(!head->chunked, BAD_HTTP);
    SG_CHECK(sg_bytes_eq_nocase(value, SG_BYTES_LIT("chunked")), NOT_IMPLEMENTED);
    head->chunked = true;
    return SG_OK;
}

static sg_err see_expect(struct sg_http1_head *head, struct sg_bytes value)
{
    SG_CHECK(sg_bytes_eq_nocase(value, SG_BYTES_LIT("100-continue")), EXPECTATION_FAILED);
    head->expects_continue = true;
    return SG_OK;
}

static sg_err see_connection(struct sg_http1_head *head, struct sg_bytes value)
{
    while (value.len > 0) {
        size_t comma = sg_bytes_find(value, ',');
        struct sg_bytes option = sg_bytes_trim(sg_bytes_slice(value, 0, comma));
        if (sg_bytes_eq_nocase(option, SG_BYTES_LIT("close")))
            head->keep_alive = false;
        value = sg_bytes_skip(value, comma + 1);
    }
    return SG_OK;
}

static const struct {
    const char *name;
    sg_err (*see)(struct sg_http1_head *head, struct sg_bytes value);
} seen[] = {
    {"host", see_host},     {"content-length", see_content_length}, {"transfer-encoding", see_transfer_encoding},
    {"expect", see_expect}, {"connection", see_connection},
};

static sg_err see_headers(struct sg_http1_head *head)
{
    for (size_t i = 0; i < head->header_count; i++) {
        for (size_t s = 0; s < SG_COUNT_OF(seen); s++) {
            if (sg_bytes_eq_nocase(head->headers[i].name, sg_bytes_str(seen[s].name)))
                SG_TRY(seen[s].see(head, head->headers[i].value));
        }
    }
    SG_CHECK(head->has_host, BAD_HTTP);
    SG_CHECK(!(head->chunked && head->has_length), BAD_HTTP);
    if (head->chunked)
        head->content_length = SG_LENGTH_UNKNOWN;
    return SG_OK;
}

/* --- the request line --- */

static sg_err check_method(struct sg_bytes method)
{
    SG_CHECK(method.len > 0 && method.len <= METHOD_MAX, BAD_HTTP);
    for (size_t i = 0; i < method.len; i++) {
        uint8_t c = method.ptr[i];
        SG_CHECK((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_', BAD_HTTP);
    }
    return SG_OK;
}

/* Only the origin form: a path. Proxies' absolute form and "*" have no use here. */
static sg_err check_target(struct sg_bytes target)
{
    SG_CHECK(target.len <= SG_LIMIT_TARGET, HEAD_TOO_LARGE);
    SG_CHECK(target.len > 0 && target.ptr[0] == '/', BAD_HTTP);
    SG_CHECK(sg_bytes_find(target, '#') == target.len, BAD_HTTP);
    return SG_OK;
}

sg_err sg_http1_head_parse(struct sg_bytes bytes, struct sg_http1_head *out)
{
    struct phr_header split[SG_LIMIT_HEADER_COUNT];
    size_t count = SG_COUNT_OF(split);
    const char *method = NULL, *target = NULL;
    size_t method_len = 0, target_len = 0;
    int minor = -1;
    *out = (struct sg_http1_head){.keep_alive = true};
    int len = phr_parse_request((const char *)bytes.ptr, bytes.len, &method, &method_len, &target, &target_len, &minor,
                                split, &count, 0);
    SG_CHECK(len > 0 && (size_t)len == bytes.len, BAD_HTTP);
    SG_CHECK(minor == 1, HTTP_VERSION);
    out->method = sg_bytes(method, method_len);
    out->target = sg_bytes(target, target_len);
    SG_TRY(check_method(out->method));
    SG_TRY(check_target(out->target));
    for (size_t i = 0; i < count; i++) {
        SG_CHECK(split[i].name != NULL, BAD_HTTP); /* a folded line */
        out->headers[i].name = sg_bytes(split[i].name, split[i].name_len);
        out->headers[i].value = sg_bytes_trim(sg_bytes(split[i].value, split[i].value_len));
    }
    out->header_count = count;
    return see_headers(out);
}

/* --- self-test --- */

sg_err sg_http1_head_selftest(void)
{
    struct sg_http1_head head;
    struct sg_http1_scan scan = {0};
    struct sg_bytes known =
        SG_BYTES_LIT("PUT /b/k?x=%20y HTTP/1.1\r\nHost: h\r\nX-A:  v w \r\nContent-Length: 12\r\n\r\n");
    size_t len = 0;
    SG_CHECK(sg_is_ok(sg_http1_head_find(&scan, known, &len)) && len == known.len, INTERNAL);
    SG_CHECK(sg_is_ok(sg_http1_head_parse(known, &head)), INTERNAL);
    SG_CHECK(sg_bytes_eq_str(head.method, "PUT") && sg_bytes_eq_str(head.target, "/b/k?x=%20y"), INTERNAL);
    SG_CHECK(head.header_count == 3 && head.content_length == 12, INTERNAL);
    SG_CHECK(sg_bytes_eq_str(head.headers[1].name, "X-A"), INTERNAL);
    SG_CHECK(sg_bytes_eq_str(head.headers[1].value, "v w"), INTERNAL);
    return SG_OK;
}
