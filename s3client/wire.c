/*
 * wire.c - what is signed must be what is sent, so libcurl is kept from adding headers of its own and from touching
 * ours. Bodies of PUT and POST both go out as libcurl's "upload": that way has one rule for Content-Length and no
 * default Content-Type.
 */
#include "s3client/wire.h"

#include "common/banned.h"

/* libcurl allocates this much for each request that is under way, also for the head of one without a body. */
#define UPLOAD_BUFFER_SMALL ((long)(16 * SG_KIB))
#define UPLOAD_BUFFER       ((long)(128 * SG_KIB))

/* Framing and connection are libcurl's: a second opinion about them would be request smuggling. */
static const char *const not_ours[] = {"content-length", "transfer-encoding", "connection", "expect", "te", "upgrade"};

/* In libcurl's notation "Name;" is a header with an empty value, while "Name:" takes a default header away. */
static sg_err append_line(struct sgc_buf *out, struct sg_bytes name, const char *separator, struct sg_bytes value)
{
    SG_TRY(sgc_buf_append(out, name));
    SG_TRY(sgc_buf_append_str(out, separator));
    SG_TRY(sgc_buf_append(out, value));
    return sgc_buf_append_u8(out, 0);
}

/* A value that libcurl would take for none is sent as the empty one; that is also what its signature was made of. */
static bool is_blank(struct sg_bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != ' ' && (value.ptr[i] < '\t' || value.ptr[i] > '\r'))
            return false;
    }
    return true;
}

static sg_err append_headers(struct sgc_buf *out, const struct sgs_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        struct sgs_header h = sgs_headers_at(headers, i);
        if (is_blank(h.value))
            SG_TRY(append_line(out, h.name, ";", SG_BYTES_NONE));
        else
            SG_TRY(append_line(out, h.name, ": ", h.value));
    }
    return SG_OK;
}

/* The text does not grow any more, so the lines may point into it. */
static void link_lines(struct sgs_wire *wire, size_t count)
{
    char *at = (char *)wire->text.ptr;
    wire->lines = sgc_xalloc(count * sizeof(*wire->lines));
    for (size_t i = 0; i < count; i++) {
        wire->lines[i].data = at;
        wire->lines[i].next = i + 1 < count ? &wire->lines[i + 1] : NULL;
        at += strlen(at) + 1;
    }
}

static sg_err print_lines(struct sgs_wire *wire, const struct sgs_request *request)
{
    struct sg_bytes ignored;
    size_t count = request->headers.count;
    for (size_t i = 0; i < SG_COUNT_OF(not_ours); i++)
        SG_CHECK(!sgs_headers_find(&request->headers, not_ours[i], &ignored), INTERNAL);
    SG_TRY(append_headers(&wire->text, &request->headers));
    if (!sgs_headers_find(&request->headers, "accept", &ignored)) {
        SG_TRY(append_line(&wire->text, SG_BYTES_LIT("Accept"), ":", SG_BYTES_NONE));
        count++;
    }
    /* A larger body waits for "100 Continue", so that a dead pooled connection shows before the body is touched. */
    if (wire->body_len <= SG_LIMIT_REPLAY) {
        SG_TRY(append_line(&wire->text, SG_BYTES_LIT("Expect"), ":", SG_BYTES_NONE));
        count++;
    }
    link_lines(wire, count);
    return SG_OK;
}

/* HTTPGET first: it takes back what the request before it left on the handle. */
static bool set_method(CURL *easy, const struct sgs_request *request, uint64_t body_len)
{
    const char *method = request->method;
    bool is_head = strcmp(method, "HEAD") == 0;
    bool has_length = request->has_body || strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0;
    bool is_default = !has_length && (is_head || strcmp(method, "GET") == 0);
    long buffer = body_len > (uint64_t)UPLOAD_BUFFER_SMALL ? UPLOAD_BUFFER : UPLOAD_BUFFER_SMALL;
    bool is_set = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    if (is_head)
        is_set &= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    if (has_length)
        is_set &= curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body_len) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, buffer) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, is_default ? NULL : method) == CURLE_OK;
    return is_set;
}

sg_err sgs_wire_apply(struct sgs_wire *wire, CURL *easy, const struct sgs_request *request)
{
    struct sg_bytes url = sgc_buf_view(&request->url);
    SG_CHECK(sg_bytes_has_prefix(url, SG_BYTES_LIT("https://")), INTERNAL);
    SG_CHECK(strlen((const char *)url.ptr) == url.len, INTERNAL);
    wire->body_len = request->has_body ? request->body_len : 0;
    SG_CHECK(wire->body_len <= INT64_MAX, INTERNAL);
    SG_TRY(print_lines(wire, request));
    SG_CHECK(curl_easy_setopt(easy, CURLOPT_URL, (const char *)url.ptr) == CURLE_OK, INTERNAL);
    SG_CHECK(curl_easy_setopt(easy, CURLOPT_HTTPHEADER, wire->lines) == CURLE_OK, INTERNAL);
    SG_CHECK(set_method(easy, request, wire->body_len), INTERNAL);
    return SG_OK;
}

void sgs_wire_clear(struct sgs_wire *wire, CURL *easy)
{
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    sgc_xfree(wire->lines);
    sgc_buf_clear(&wire->text);
    *wire = SGS_WIRE_NONE;
}
