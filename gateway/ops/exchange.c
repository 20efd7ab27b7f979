/*
 * The upstream's errors are the client's errors, except those that speak of the gateway's own credentials: a client
 * that is told "SignatureDoesNotMatch" would look for the fault on its side.
 */
#include "ops/exchange.h"

#include "core/reply.h"
#include "ops/header_policy.h"
#include "s3client/s3_error.h"

#include "common/banned.h"

sg_err sg_exchange_state(struct sg_req *req, size_t size)
{
    return sg_arena_alloc(&req->arena, size, &req->op_state);
}

sg_err sg_exchange_plan_for(const struct sg_req *req, const char *method, struct sgs_plan *out)
{
    sgs_plan_clear(out);
    *out = SGS_PLAN_NONE;
    out->method = method;
    out->bucket = req->target.bucket;
    out->key = req->target.key;
    SG_TRY(sg_headers_forward(req, &out->headers));
    return sg_op_forward_params(req, &out->query);
}

sg_err sg_exchange_plan(struct sg_req *req, const char *method)
{
    return sg_exchange_plan_for(req, method, &req->main.plan);
}

sg_err sg_exchange_pin(const struct sg_req *req, struct sgs_plan *plan)
{
    struct sg_bytes etag;
    if (!sgs_headers_find(&req->main.headers, "etag", &etag) || sgs_headers_count_of(&plan->headers, "if-match") > 0)
        return SG_OK;
    return sgs_headers_add(&plan->headers, SG_BYTES_LIT("If-Match"), etag);
}

sg_err sg_exchange_plan_same(struct sg_req *req, enum sg_next *next)
{
    *next = SG_NEXT_ASK;
    return sg_exchange_plan(req, req->op->method);
}

sg_err sg_exchange_reply_encrypted(struct sg_req *req)
{
    return sgs_headers_add_str(&req->reply_headers, "x-amz-server-side-encryption", "aws:kms");
}

sg_err sg_exchange_reply_head(struct sg_req *req)
{
    req->reply_status = req->main.status;
    SG_TRY(sg_reply_common(req));
    return sg_headers_reply(req);
}

/* Codes that are about the gateway's own standing with the upstream. */
static const char *const gateway_codes[] = {
    "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "AuthorizationHeaderMalformed",
    "InvalidToken",       "InvalidTokenId",        "ExpiredToken",         "InvalidSecurity",
    "AccountProblem",     "NotSignedUp",
};

/* An answer without a readable body (HEAD, or a store that gives none) is told by its status. */
struct status_row {
    int status;
    const char *code, *message;
};

static const struct status_row status_rows[] = {
    {304, "NotModified", "Not Modified"},
    {400, "BadRequest", "Bad Request"},
    {403, "AccessDenied", "Access Denied"},
    {404, "NoSuchKey", "The specified key does not exist."},
    {405, "MethodNotAllowed", "The specified method is not allowed against this resource."},
    {409, "OperationAborted", "A conflicting conditional operation is currently in progress against this resource."},
    {411, "MissingContentLength", "You must provide the Content-Length HTTP header."},
    {412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"},
    {416, "InvalidRange", "The requested range is not satisfiable"},
    {429, "SlowDown", "Please reduce your request rate."},
    {500, "InternalError", "We encountered an internal error. Please try again."},
    {501, "NotImplemented", "A header or query parameter you provided implies functionality that is not implemented."},
    {503, "SlowDown", "Please reduce your request rate."},
};

static const struct status_row *row_of_status(int status)
{
    for (size_t i = 0; i < SG_COUNT_OF(status_rows); i++) {
        if (status_rows[i].status == status)
            return &status_rows[i];
    }
    return NULL;
}

static bool is_gateway_code(const char *code)
{
    for (size_t i = 0; i < SG_COUNT_OF(gateway_codes); i++) {
        if (strcmp(code, gateway_codes[i]) == 0)
            return true;
    }
    return false;
}

sg_err sg_exchange_reply_error(struct sg_req *req)
{
    struct sgs_s3_error error;
    const struct status_row *row = row_of_status(req->main.status);
    sgs_s3_error_parse(sgc_buf_view(&req->main.collected), &error);
    SG_CHECK(!is_gateway_code(error.code), UPSTREAM_DENIED);
    /* Redirects are never followed and never passed on: their target would be reached around the gateway. */
    SG_CHECK(req->main.status >= 400 || req->main.status == 304, UPSTREAM_PROTOCOL);
    SG_CHECK(error.code[0] != '\0' || row != NULL, UPSTREAM_ERROR);
    bool no_bucket = error.code[0] == '\0' && req->main.status == 404 && req->target.key.len == 0;
    const char *code = no_bucket ? "NoSuchBucket" : error.code[0] != '\0' ? error.code : row->code;
    const char *message = error.message[0] != '\0' ? error.message
                          : no_bucket              ? "The specified bucket does not exist"
                          : row != NULL            ? row->message
                                                   : "";
    SG_TRY(sg_reply_upstream_error(req, req->main.status, sg_bytes_str(code), sg_bytes_str(message)));
    return sg_headers_reply(req);
}

sg_err sg_exchange_done_head(struct sg_req *req, enum sg_next *next)
{
    *next = SG_NEXT_REPLY;
    return sg_exchange_has_failed(req) ? sg_exchange_reply_error(req) : sg_exchange_reply_head(req);
}

sg_err sg_exchange_rewrite(struct sg_req *req, const struct sg_xml_rules *rules)
{
    if (sg_exchange_has_failed(req))
        return SG_OK;
    SG_TRY(sg_exchange_state(req, sizeof(struct sg_pipe_facts)));
    struct sg_pipe_facts *facts = req->op_state;
    facts->req = req;
    facts->xml_rules = rules;
    SG_TRY(sg_exchange_reply_head(req));
    SG_TRY(sgs_headers_add_str(&req->reply_headers, "Content-Type", "application/xml"));
    req->reply_len = SG_LENGTH_UNKNOWN;
    return sg_pipe_new(&sg_pipe_rewrite, facts, SGC_SEGMENT_PLAIN, false, &req->down);
}
