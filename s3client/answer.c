/*
 * answer.c - a head is a status line, fields, an empty line. Nothing is repaired: a folded line, a bare LF, a name with
 * a blank or two lengths that differ are what attacks on framing are made of, and no S3 server sends them.
 */
#include "s3client/answer.h"

#include "common/banned.h"

static sg_err refuse(struct sgs_answer *a, const char *why)
{
    a->why = why;
    SG_FAIL(UPSTREAM_PROTOCOL);
}

/* "HTTP/1.1 200 OK"; the reason may be missing, with or without its blank. */
static sg_err take_status(struct sgs_answer *a, struct sg_bytes line)
{
    struct sg_cursor c = sg_cursor(line);
    struct sg_bytes version, code;
    if (!sg_cursor_take(&c, 9, &version) || !sg_cursor_take(&c, 3, &code))
        return refuse(a, "the status line is too short");
    a->is_http_1_0 = sg_bytes_eq_str(version, "HTTP/1.0 ");
    if (!a->is_http_1_0 && !sg_bytes_eq_str(version, "HTTP/1.1 "))
        return refuse(a, "the status line is not of HTTP/1.1");
    uint64_t status;
    if (!sg_bytes_to_u64(code, &status) || status < 100 || status > 599)
        return refuse(a, "the status is not a number from 100 to 599");
    if (c.rest.len > 0 && c.rest.ptr[0] != ' ')
        return refuse(a, "the status is not followed by a blank");
    if (status == 101)
        return refuse(a, "the protocol was switched without being asked");
    a->status = (int)status;
    return SG_OK;
}

static sg_err take_field(struct sgs_answer *a, struct sg_bytes line)
{
    struct sg_cursor c = sg_cursor(line);
    struct sg_bytes name;
    if (!sg_cursor_until(&c, ':', &name))
        return refuse(a, "a header line has no colon");
    sg_err err = sgs_headers_add(&a->headers, name, sg_bytes_trim(c.rest));
    if (sg_is(err, LIMIT))
        return refuse(a, "there are too many headers");
    if (!sg_is_ok(err))
        return refuse(a, "a header has a character that it must not have");
    return SG_OK;
}

static void take_end(struct sgs_answer *a)
{
    a->is_complete = a->status >= 200;
    a->is_continued |= a->status == 100;
    if (a->is_complete)
        return;
    a->status = 0;
    sgs_headers_clear(&a->headers);
}

sg_err sgs_answer_skip(struct sgs_answer *a, size_t len)
{
    a->bytes += len;
    if (a->bytes > SG_LIMIT_HEAD)
        return refuse(a, "the head is too large");
    return SG_OK;
}

sg_err sgs_answer_line(struct sgs_answer *a, struct sg_bytes line)
{
    SG_TRY(sgs_answer_skip(a, line.len));
    /* After the head of an answer without data there may still be trailers, or the answer to a second try. */
    if (a->is_complete && !sg_bytes_has_prefix(line, SG_BYTES_LIT("HTTP/")))
        return SG_OK;
    if (!sg_bytes_has_suffix(line, SG_BYTES_LIT("\r\n")))
        return refuse(a, "a line does not end with CRLF");
    line.len -= 2;
    if (a->is_complete) {
        a->is_complete = false;
        a->status = 0;
        sgs_headers_clear(&a->headers);
    }
    if (a->status == 0)
        return take_status(a, line);
    if (line.len > 0)
        return take_field(a, line);
    take_end(a);
    return SG_OK;
}

static sg_err check_length(struct sgs_answer *a, size_t *count_out)
{
    struct sg_bytes first = SG_BYTES_NONE;
    *count_out = 0;
    for (size_t i = 0; i < a->headers.count; i++) {
        struct sgs_header h = sgs_headers_at(&a->headers, i);
        uint64_t length;
        if (!sg_bytes_eq_nocase(h.name, SG_BYTES_LIT("content-length")))
            continue;
        if (!sg_bytes_to_u64(h.value, &length) || length > INT64_MAX)
            return refuse(a, "Content-Length is not a number");
        if (*count_out > 0 && !sg_bytes_eq(first, h.value))
            return refuse(a, "two values of Content-Length");
        first = h.value;
        *count_out += 1;
    }
    return SG_OK;
}

sg_err sgs_answer_check(struct sgs_answer *a, bool is_head_request)
{
    size_t length_count;
    struct sg_bytes coding;
    SG_TRY(check_length(a, &length_count));
    bool is_coded = sgs_headers_find(&a->headers, "transfer-encoding", &coding);
    if (is_coded) {
        if (length_count > 0)
            return refuse(a, "both Content-Length and Transfer-Encoding");
        if (a->is_http_1_0 || sgs_headers_count_of(&a->headers, "transfer-encoding") > 1 ||
            !sg_bytes_eq_nocase(coding, SG_BYTES_LIT("chunked")))
            return refuse(a, "a Transfer-Encoding that is not just chunked");
    }
    bool has_no_body = is_head_request || a->status == 204 || a->status == 304;
    bool is_success = a->status >= 200 && a->status <= 299;
    if (is_success && !has_no_body && !is_coded && length_count == 0)
        return refuse(a, "a success whose body has no declared end");
    return SG_OK;
}

void sgs_answer_clear(struct sgs_answer *a)
{
    sgs_headers_clear(&a->headers);
    *a = SGS_ANSWER_NONE;
}
