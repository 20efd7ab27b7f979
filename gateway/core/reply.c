/*
 * Idea: an error becomes a code, a sentence and a short list of facts that are safe to tell. Which facts go with which
 * error stands in one table; what a signature was computed over is never among them.
 */
#include "core/reply.h"

#include <inttypes.h>

#include "core/utf8.h"
#include "s3client/amztime.h"
#include "s3client/xml_write.h"

#include "common/banned.h"

#define REPLY_BODY_MAX (64u * SG_KIB) /* resource, key and message, each escaped, with room */

/* --- headers of every reply --- */

/* A request that was never set up for a reply (all zeros) gets its bounds here. */
static void ready_buffers(struct sg_req *req)
{
    if (req->reply_headers.bytes.max == 0)
        req->reply_headers = SGS_HEADERS_NONE;
    if (req->reply_body.max < REPLY_BODY_MAX)
        req->reply_body.max = REPLY_BODY_MAX;
}

static sg_err set_header(struct sg_req *req, const char *name, const char *value)
{
    if (sgs_headers_count_of(&req->reply_headers, name) > 0)
        return SG_OK;
    return sgs_headers_add_str(&req->reply_headers, name, value);
}

sg_err sg_reply_common(struct sg_req *req)
{
    ready_buffers(req);
    SG_TRY(set_header(req, "x-amz-request-id", req->id));
    SG_TRY(set_header(req, "x-amz-id-2", req->id));
    SG_TRY(set_header(req, "Server", "sealgate"));
    return set_header(req, "Strict-Transport-Security", "max-age=31536000");
}

/* What RFC 9110 section 15.4.5 wants a 304 to repeat, where the operation has set it. */
static bool belongs_to_not_modified(struct sg_bytes name)
{
    static const char *const kept[] = {"ETag", "Last-Modified", "Cache-Control", "Expires", "Vary", "x-amz-version-id"};
    for (size_t i = 0; i < SG_COUNT_OF(kept); i++) {
        if (sg_bytes_eq_nocase(name, sg_bytes_str(kept[i])))
            return true;
    }
    return false;
}

static sg_err reset_headers(struct sg_req *req, int status)
{
    SG_CLEANUP(sgs_headers_clear) struct sgs_headers kept = SGS_HEADERS_NONE;
    for (size_t i = 0; status == 304 && i < req->reply_headers.count; i++) {
        struct sgs_header header = sgs_headers_at(&req->reply_headers, i);
        if (belongs_to_not_modified(header.name))
            SG_TRY(sgs_headers_add(&kept, header.name, header.value));
    }
    sgs_headers_clear(&req->reply_headers);
    for (size_t i = 0; i < kept.count; i++) {
        struct sgs_header header = sgs_headers_at(&kept, i);
        SG_TRY(sgs_headers_add(&req->reply_headers, header.name, header.value));
    }
    return SG_OK;
}

/* --- the body --- */

/* The XML must stay well-formed, whatever bytes a request brought. */
static sg_err leaf(struct sgc_buf *out, const char *name, struct sg_bytes value)
{
    if (value.len == 0 || !sg_utf8_is_valid(value))
        return SG_OK;
    return sgs_xml_leaf(out, name, value);
}

/* "/bucket/key", or the path as received when it could not be parsed. */
static sg_err resource(const struct sg_req *req, struct sgc_buf *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_TARGET);
    if (req->target.bucket.len > 0) {
        SG_TRY(sgc_buf_appendf(&text, "/%.*s", SG_BYTES_FMT(req->target.bucket)));
        if (req->target.key.len > 0)
            SG_TRY(sgc_buf_append_u8(&text, '/'));
        SG_TRY(sgc_buf_append(&text, req->target.key));
        return leaf(out, "Resource", sgc_buf_view(&text));
    }
    struct sg_bytes path = req->head.target;
    path.len = sg_bytes_find(path, '?');
    return leaf(out, "Resource", sg_bytes_slice(path, 0, SG_LIMIT_KEY * 3));
}

static sg_err date_leaf(struct sgc_buf *out, const char *name, int64_t wall_s)
{
    char text[SGS_ISO_DATE_SIZE];
    sgs_iso_date_print(wall_s, text);
    return sgs_xml_leaf(out, name, sg_bytes_str(text));
}

static sg_err facts_of_access_key(const struct sg_req *req, struct sgc_buf *out)
{
    return leaf(out, "AWSAccessKeyId", req->auth.claim.access_key_id);
}

static sg_err facts_of_region(const struct sg_req *req, struct sgc_buf *out)
{
    return leaf(out, "Region", sg_bytes_str(req->env->config->region));
}

static sg_err facts_of_headers_not_signed(const struct sg_req *req, struct sgc_buf *out)
{
    return leaf(out, "HeadersNotSigned", req->auth.claim.headers_not_signed);
}

/* SDKs set their clocks right by these. */
static sg_err facts_of_skew(const struct sg_req *req, struct sgc_buf *out)
{
    char text[SGS_AMZ_DATE_SIZE];
    sgs_amz_date_print(req->auth.claim.time_s, text);
    SG_TRY(sgs_xml_leaf(out, "RequestTime", sg_bytes_str(text)));
    SG_TRY(date_leaf(out, "ServerTime", sg_clock_wall_s(req->env->clock)));
    return sgs_xml_leaf_u64(out, "MaxAllowedSkewMilliseconds", SG_LIMIT_SKEW_S * 1000ULL);
}

static sg_err facts_of_expiry(const struct sg_req *req, struct sgc_buf *out)
{
    const struct sg_auth_claim *claim = &req->auth.claim;
    SG_TRY(sgs_xml_leaf_u64(out, "X-Amz-Expires", claim->expires_s));
    SG_TRY(date_leaf(out, "Expires", claim->time_s + (int64_t)claim->expires_s));
    return date_leaf(out, "ServerTime", sg_clock_wall_s(req->env->clock));
}

static sg_err facts_of_key(const struct sg_req *req, struct sgc_buf *out)
{
    return leaf(out, "Key", req->target.key);
}

static sg_err facts_of_bucket(const struct sg_req *req, struct sgc_buf *out)
{
    return leaf(out, "BucketName", req->target.bucket);
}

static const struct {
    enum sg_code code;
    sg_err (*append)(const struct sg_req *req, struct sgc_buf *out);
} facts[] = {
    {SG_CODE_UNKNOWN_ACCESS_KEY, facts_of_access_key},
    {SG_CODE_SIGNATURE_MISMATCH, facts_of_access_key},
    {SG_CODE_AUTH_WRONG_REGION, facts_of_region},
    {SG_CODE_HEADERS_NOT_SIGNED, facts_of_headers_not_signed},
    {SG_CODE_CLOCK_SKEW, facts_of_skew},
    {SG_CODE_PRESIGN_EXPIRED, facts_of_expiry},
    {SG_CODE_NO_SUCH_KEY, facts_of_key},
    {SG_CODE_NO_SUCH_BUCKET, facts_of_bucket},
};

static sg_err append_facts(const struct sg_req *req, enum sg_code code, struct sgc_buf *out)
{
    for (size_t i = 0; i < SG_COUNT_OF(facts); i++) {
        if (facts[i].code == code)
            return facts[i].append(req, out);
    }
    return SG_OK;
}

/* minio-go and boto3 sign again when the message or <Region> names the right region. */
static sg_err message_of(const struct sg_req *req, sg_err err, struct sgc_buf *out)
{
    if (!sg_is(err, AUTH_WRONG_REGION))
        return sgc_buf_append_str(out, sg_err_row(err)->text);
    SG_TRY(sgc_buf_append_str(out, "The authorization header is malformed; the region '"));
    SG_TRY(sgc_buf_append(out, req->auth.claim.region));
    return sgc_buf_appendf(out, "' is wrong; expecting '%s'", req->env->config->region);
}

static sg_err end_body(const struct sg_req *req, struct sgc_buf *out)
{
    SG_TRY(resource(req, out));
    SG_TRY(sgs_xml_leaf(out, "RequestId", sg_bytes_str(req->id)));
    SG_TRY(sgs_xml_leaf(out, "HostId", sg_bytes_str(req->id)));
    return sgs_xml_close(out, "Error");
}

static sg_err begin_body(struct sgc_buf *out, struct sg_bytes code, struct sg_bytes message)
{
    SG_TRY(sgs_xml_begin(out, "Error", NULL));
    SG_TRY(sgs_xml_leaf(out, "Code", code));
    return sgs_xml_leaf(out, "Message", sg_utf8_is_valid(message) ? message : SG_BYTES_NONE);
}

/* --- errors --- */

static bool has_no_body(const struct sg_req *req)
{
    return req->reply_status == 304 || sg_bytes_eq_str(req->head.method, "HEAD");
}

static sg_err begin_reply(struct sg_req *req, int status, struct sg_bytes code)
{
    ready_buffers(req);
    req->reply_code = code;
    SG_TRY(reset_headers(req, status));
    sgc_buf_clear(&req->reply_body);
    req->reply_status = status;
    SG_TRY(sg_reply_common(req));
    if (status == 503)
        SG_TRY(set_header(req, "Retry-After", "1"));
    return status == 304 ? SG_OK : set_header(req, "Content-Type", "application/xml");
}

sg_err sg_reply_error(struct sg_req *req, sg_err err, const struct sg_reply_detail *details, size_t detail_count)
{
    const struct sg_err_row *row = sg_err_row(err);
    SG_TRY(begin_reply(req, row->status, sg_bytes_str(row->s3_code)));
    if (has_no_body(req))
        return SG_OK;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(2 * SG_KIB);
    SG_TRY(message_of(req, err, &message));
    SG_TRY(begin_body(&req->reply_body, sg_bytes_str(row->s3_code), sgc_buf_view(&message)));
    SG_TRY(append_facts(req, err.code, &req->reply_body));
    for (size_t i = 0; i < detail_count; i++)
        SG_TRY(leaf(&req->reply_body, details[i].name, details[i].value));
    return end_body(req, &req->reply_body);
}

/* An S3 code is a word; anything else did not come from an S3 store. */
static bool is_s3_code(struct sg_bytes code)
{
    for (size_t i = 0; i < code.len; i++) {
        uint8_t c = sg_ascii_lower(code.ptr[i]);
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.')
            return false;
    }
    return code.len > 0 && code.len <= 64;
}

/* What an answer without a body (to HEAD, for instance) means. */
static sg_err error_of_status(const struct sg_req *req, int status)
{
    switch (status) {
    case 304:
        SG_FAIL(NOT_MODIFIED);
    case 400:
        SG_FAIL(INVALID_REQUEST);
    case 403:
        SG_FAIL(ACCESS_DENIED);
    case 404:
        return req->target.key.len > 0 ? SG_ERR_OF(NO_SUCH_KEY) : SG_ERR_OF(NO_SUCH_BUCKET);
    case 405:
        SG_FAIL(METHOD_NOT_ALLOWED);
    case 412:
        SG_FAIL(PRECONDITION_FAILED);
    case 416:
        SG_FAIL(INVALID_RANGE);
    case 501:
        SG_FAIL(NOT_IMPLEMENTED);
    case 503:
        SG_FAIL(SLOW_DOWN);
    default:
        SG_FAIL(UPSTREAM_ERROR);
    }
}

sg_err sg_reply_upstream_error(struct sg_req *req, int status, struct sg_bytes code, struct sg_bytes message)
{
    /* A redirect would lead the client past the gateway. */
    if (!is_s3_code(code) || status < 400 || status > 599)
        return sg_reply_error(req, error_of_status(req, status), NULL, 0);
    SG_TRY(sg_arena_copy(&req->arena, code, &code));
    SG_TRY(begin_reply(req, status, code));
    if (has_no_body(req))
        return SG_OK;
    SG_TRY(begin_body(&req->reply_body, code, message));
    if (sg_bytes_eq_str(code, "NoSuchKey"))
        SG_TRY(facts_of_key(req, &req->reply_body));
    if (sg_bytes_eq_str(code, "NoSuchBucket"))
        SG_TRY(facts_of_bucket(req, &req->reply_body));
    return end_body(req, &req->reply_body);
}
