/*
 * Lines end with CRLF. minio-go writes LF CRLF instead: a bare LF is accepted where an empty line follows, which then
 * belongs to it and does not end the trailers.
 */
#include "pipe/aws_trailer.h"

#include "s3client/sigv4.h"

#include "common/banned.h"

#define SIGNATURE_NAME "x-amz-trailer-signature"

sg_err sg_aws_trailer_init(struct sg_aws_trailer *t, const struct sg_pipe_facts *facts, bool is_signed)
{
    const struct sgs_headers *headers = &facts->req->head.headers;
    *t = (struct sg_aws_trailer){
        .is_signed = is_signed,
        .value = SGC_BUF_INIT(SG_LIMIT_TRAILER),
        .canonical = SGC_BUF_INIT(SG_LIMIT_TRAILER),
        .signature = SGC_BUF_INIT(SGS_SIGNATURE_LEN),
    };
    size_t count = sgs_headers_count_of(headers, "x-amz-trailer");
    SG_CHECK(count <= 1, MALFORMED_TRAILER);
    if (count == 1 && sgs_headers_find(headers, "x-amz-trailer", &t->announced))
        t->announced = sg_bytes_trim(t->announced);
    SG_CHECK(count == 0 || t->announced.len > 0, MALFORMED_TRAILER);
    /* Announced and verified are the same thing, or the body is refused. */
    if (facts->checksum_in_trailer)
        SG_CHECK(sg_bytes_eq_nocase(t->announced, sg_bytes_str(facts->checksum->header)), MALFORMED_TRAILER);
    else
        SG_CHECK(t->announced.len == 0, CHECKSUM_UNKNOWN);
    return SG_OK;
}

void sg_aws_trailer_clear(struct sg_aws_trailer *t)
{
    sgc_buf_clear(&t->value);
    sgc_buf_clear(&t->canonical);
    sgc_buf_clear(&t->signature);
}

static sg_err take_signature(struct sg_aws_trailer *t, struct sg_bytes value)
{
    SG_CHECK(t->is_signed && !t->has_signature && value.len == SGS_SIGNATURE_LEN, MALFORMED_TRAILER);
    t->has_signature = true;
    return sgc_buf_append(&t->signature, value);
}

/* The signature covers the name in lower case, which is how it was announced by every client; ours makes it so. */
static sg_err take_announced(struct sg_aws_trailer *t, struct sg_bytes name, struct sg_bytes value)
{
    SG_CHECK(sg_bytes_eq_nocase(name, t->announced) && !t->has_value && !t->has_signature, MALFORMED_TRAILER);
    SG_CHECK(value.len > 0, MALFORMED_TRAILER);
    t->has_value = true;
    for (size_t i = 0; i < name.len; i++)
        SG_TRY(sgc_buf_append_u8(&t->canonical, sg_ascii_lower(name.ptr[i])));
    SG_TRY(sgc_buf_append_u8(&t->canonical, ':'));
    SG_TRY(sgc_buf_append(&t->canonical, value));
    SG_TRY(sgc_buf_append_u8(&t->canonical, '\n'));
    return sgc_buf_append(&t->value, value);
}

static sg_err take_field(struct sg_aws_trailer *t, struct sg_bytes line)
{
    struct sg_bytes name;
    struct sg_cursor cursor = sg_cursor(line);
    SG_CHECK(sg_cursor_until(&cursor, ':', &name), MALFORMED_TRAILER);
    struct sg_bytes value = sg_bytes_trim(cursor.rest);
    if (sg_bytes_eq_nocase(name, SG_BYTES_LIT(SIGNATURE_NAME)))
        return take_signature(t, value);
    return take_announced(t, name, value);
}

sg_err sg_aws_trailer_line(struct sg_aws_trailer *t, struct sg_bytes line, bool *done_out)
{
    *done_out = false;
    t->len += line.len;
    SG_CHECK(t->len <= SG_LIMIT_TRAILER, MALFORMED_TRAILER);
    bool ends_crlf = sg_bytes_has_suffix(line, SG_BYTES_LIT("\r\n"));
    line.len -= ends_crlf ? 2 : 1;
    if (t->after_lf) {
        SG_CHECK(ends_crlf && line.len == 0, MALFORMED_TRAILER);
        t->after_lf = false;
        return SG_OK;
    }
    if (line.len > 0) {
        t->after_lf = !ends_crlf;
        return take_field(t, line);
    }
    SG_CHECK(ends_crlf, MALFORMED_TRAILER);
    SG_CHECK(t->has_value == (t->announced.len > 0) && t->has_signature == t->is_signed, MALFORMED_TRAILER);
    *done_out = true;
    return SG_OK;
}
