/*
 * Written by hand rather than through gateway/core/reply.c, which words errors of requests: these have no request.
 */
#include "server/answer.h"

#include "crypto/rand.h"
#include "s3client/amztime.h"
#include "s3client/xml_write.h"

#include "common/banned.h"

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *sg_answer_phrase(int status)
{
    for (size_t i = 0; i < SG_COUNT_OF(phrases); i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Status";
}

sg_err sg_answer_begin(struct sgc_buf *out, const struct sg_clock *clock, int status)
{
    char date[SGS_HTTP_DATE_SIZE];
    sgs_http_date_print(sg_clock_wall_s(clock), date);
    return sgc_buf_appendf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status, sg_answer_phrase(status), date);
}

sg_err sg_answer_id(char out[SG_ANSWER_ID_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t bytes[(SG_ANSWER_ID_SIZE - 1) / 2];
    SG_TRY(sgc_rand(bytes, sizeof(bytes)));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[SG_ANSWER_ID_SIZE - 1] = '\0';
    return SG_OK;
}

static sg_err end(struct sgc_buf *out, const char *type, struct sg_bytes body)
{
    SG_TRY(sgc_buf_appendf(out,
                           "Server: sealgate\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                           type, body.len));
    return sgc_buf_append(out, body);
}

sg_err sg_answer_error(struct sgc_buf *out, const struct sg_clock *clock, sg_err err, bool https,
                       const char *request_id)
{
    const struct sg_err_row *row = sg_err_row(err);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf xml = SGC_BUF_INIT(SG_ANSWER_MAX);
    SG_TRY(sgs_xml_begin(&xml, "Error", NULL));
    SG_TRY(sgs_xml_leaf(&xml, "Code", sg_bytes_str(row->s3_code)));
    SG_TRY(sgs_xml_leaf(&xml, "Message", sg_bytes_str(row->text)));
    SG_TRY(sgs_xml_leaf(&xml, "RequestId", sg_bytes_str(request_id)));
    SG_TRY(sgs_xml_leaf(&xml, "HostId", sg_bytes_str(request_id)));
    SG_TRY(sgs_xml_close(&xml, "Error"));

    SG_TRY(sg_answer_begin(out, clock, row->status));
    SG_TRY(sgc_buf_appendf(out, "x-amz-request-id: %s\r\nx-amz-id-2: %s\r\n", request_id, request_id));
    if (https)
        SG_TRY(sgc_buf_append_str(out, "Strict-Transport-Security: max-age=31536000\r\n"));
    return end(out, "application/xml", sgc_buf_view(&xml));
}

sg_err sg_answer_text(struct sgc_buf *out, const struct sg_clock *clock, int status, const char *text)
{
    SG_TRY(sg_answer_begin(out, clock, status));
    SG_TRY(sgc_buf_append_str(out, "Cache-Control: no-store\r\n"));
    return end(out, "text/plain", sg_bytes_str(text));
}

size_t sg_answer_head_len(struct sg_bytes response)
{
    const uint8_t *end = memmem(response.ptr, response.len, "\r\n\r\n", 4);
    return end == NULL ? response.len : (size_t)(end - response.ptr) + 4;
}
