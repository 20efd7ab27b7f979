/*
 * Idea: both forms bring the same four texts (credential, signed headers, signature, date); they are collected by two
 * short functions and then go through the same checks, which know only which error to raise.
 */
#include "auth/sigv4_parse.h"

#include "s3client/amztime.h"

#include "common/banned.h"

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define REGION_MAX 63u
#define DATE_LEN   8u

/* The row that a fault of this form is reported with. */
static sg_err fault(const struct sg_sigv4 *sig)
{
    if (sig->presigned)
        SG_FAIL(AUTH_QUERY_MALFORMED);
    SG_FAIL(AUTH_MALFORMED);
}

#define REQUIRE(sig, condition)                                                                                        \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return fault(sig);                                                                                         \
    } while (0)

/* --- credential: ACCESS_KEY_ID/yyyymmdd/region/s3/aws4_request --- */

/* Cuts the text behind the last slash off; false when there is no slash. */
static bool take_last(struct sg_bytes *rest, struct sg_bytes *out)
{
    for (size_t i = rest->len; i > 0; i--) {
        if (rest->ptr[i - 1] != '/')
            continue;
        *out = sg_bytes_skip(*rest, i);
        rest->len = i - 1;
        return true;
    }
    return false;
}

static bool is_visible(struct sg_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7f)
            return false;
    }
    return true;
}

static bool is_region(struct sg_bytes region)
{
    for (size_t i = 0; i < region.len; i++) {
        uint8_t c = sg_ascii_lower(region.ptr[i]);
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.')
            return false;
    }
    return region.len <= REGION_MAX;
}

static bool is_digits(struct sg_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return text.len > 0;
}

/* From the right, because an access key id may hold slashes. */
static sg_err parse_credential(struct sg_bytes text, struct sg_sigv4 *out)
{
    struct sg_bytes terminator, service;
    REQUIRE(out, take_last(&text, &terminator) && sg_bytes_eq_str(terminator, "aws4_request"));
    REQUIRE(out, take_last(&text, &service) && sg_bytes_eq_str(service, "s3"));
    REQUIRE(out, take_last(&text, &out->scope.region) && is_region(out->scope.region));
    REQUIRE(out, take_last(&text, &out->scope.date) && out->scope.date.len == DATE_LEN && is_digits(out->scope.date));
    REQUIRE(out, text.len > 0 && text.len <= SG_LIMIT_ACCESS_KEY && is_visible(text));
    out->access_key_id = text;
    return SG_OK;
}

/* --- signed headers: a;b;c --- */

static bool take_name(struct sg_bytes *rest, struct sg_bytes *out)
{
    if (rest->len == 0)
        return false;
    size_t end = sg_bytes_find(*rest, ';');
    *out = sg_bytes_slice(*rest, 0, end);
    *rest = sg_bytes_skip(*rest, end + 1);
    return true;
}

/* Header names in lower case; the exact set of token characters is the connection's business. */
static bool is_lower_name(struct sg_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.ptr[i];
        if (c <= 0x20 || c >= 0x7f || (c >= 'A' && c <= 'Z') || c == ':' || c == ',')
            return false;
    }
    return name.len > 0;
}

static sg_err parse_signed_headers(struct sg_bytes text, struct sg_sigv4 *out)
{
    struct sg_bytes name, before = SG_BYTES_NONE;
    size_t count = 0;
    REQUIRE(out, text.len > 0 && text.ptr[text.len - 1] != ';');
    for (struct sg_bytes rest = text; take_name(&rest, &name); before = name) {
        REQUIRE(out, is_lower_name(name) && sg_bytes_cmp(before, name) < 0);
        REQUIRE(out, ++count <= SG_LIMIT_HEADER_COUNT);
    }
    out->signed_headers = text;
    return SG_OK;
}

bool sg_sigv4_is_signed(const struct sg_sigv4 *sig, struct sg_bytes name)
{
    struct sg_bytes one;
    for (struct sg_bytes rest = sig->signed_headers; take_name(&rest, &one);) {
        if (sg_bytes_eq_nocase(one, name))
            return true;
    }
    return false;
}

/* --- payload hash --- */

static const struct {
    const char *value;
    enum sg_payload payload;
} payload_values[] = {
    {"UNSIGNED-PAYLOAD", SG_PAYLOAD_UNSIGNED},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SG_PAYLOAD_CHUNKED_SIGNED},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", SG_PAYLOAD_CHUNKED_SIGNED_TRAILER},
    {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", SG_PAYLOAD_CHUNKED_TRAILER},
};

static bool is_sha256_hex(struct sg_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = sg_ascii_lower(text.ptr[i]);
        if ((c < 'a' || c > 'f') && (c < '0' || c > '9'))
            return false;
    }
    return text.len == 2 * SGC_SHA256_LEN;
}

static sg_err parse_payload_hash(struct sg_bytes text, struct sg_sigv4 *out)
{
    out->payload_hash = text;
    out->payload = SG_PAYLOAD_SHA256;
    if (is_sha256_hex(text))
        return SG_OK;
    for (size_t i = 0; i < SG_COUNT_OF(payload_values); i++) {
        if (!sg_bytes_eq_str(text, payload_values[i].value))
            continue;
        out->payload = payload_values[i].payload;
        return SG_OK;
    }
    SG_CHECK(!sg_bytes_has_prefix(text, SG_BYTES_LIT("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")), NOT_IMPLEMENTED);
    SG_FAIL(SHA256_INVALID);
}

/* --- Authorization header --- */

struct fields {
    struct sg_bytes credential, signed_headers, signature;
};

static struct sg_bytes *field_named(struct fields *fields, struct sg_bytes name)
{
    if (sg_bytes_eq_str(name, "Credential"))
        return &fields->credential;
    if (sg_bytes_eq_str(name, "SignedHeaders"))
        return &fields->signed_headers;
    return sg_bytes_eq_str(name, "Signature") ? &fields->signature : NULL;
}

/* "Credential=..., SignedHeaders=..., Signature=...", with or without the blank, in any order, each exactly once. */
static sg_err split_fields(struct sg_bytes text, struct fields *out)
{
    for (size_t count = 0; count < 3; count++) {
        size_t end = sg_bytes_find(text, ',');
        SG_CHECK((end == text.len) == (count == 2), AUTH_MALFORMED);
        struct sg_bytes field = sg_bytes_trim(sg_bytes_slice(text, 0, end));
        size_t equals = sg_bytes_find(field, '=');
        struct sg_bytes *value = field_named(out, sg_bytes_slice(field, 0, equals));
        SG_CHECK(value != NULL && value->len == 0, AUTH_MALFORMED);
        *value = sg_bytes_skip(field, equals + 1);
        SG_CHECK(value->len > 0, AUTH_MALFORMED);
        text = sg_bytes_skip(text, end + 1);
    }
    return SG_OK;
}

static sg_err parse_authorization(struct sg_bytes text, struct sg_sigv4 *out)
{
    struct sg_bytes algorithm = SG_BYTES_LIT(ALGORITHM);
    struct fields fields = {SG_BYTES_NONE, SG_BYTES_NONE, SG_BYTES_NONE};
    SG_CHECK(sg_bytes_has_prefix(text, algorithm), AUTH_UNSUPPORTED);
    text = sg_bytes_skip(text, algorithm.len);
    SG_CHECK(text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'), AUTH_MALFORMED);
    SG_TRY(split_fields(text, &fields));
    SG_TRY(parse_credential(fields.credential, out));
    SG_TRY(parse_signed_headers(fields.signed_headers, out));
    out->signature = fields.signature;
    return SG_OK;
}

/* Date, where a client sends no x-amz-date: the text that was signed has the other form. */
static sg_err take_http_date(struct sg_req *req, struct sg_bytes text, struct sg_sigv4 *out)
{
    if (sg_is_ok(sgs_amz_date_parse(text, &out->time_s))) {
        out->amz_date = text;
        return SG_OK;
    }
    char printed[SGS_AMZ_DATE_SIZE];
    SG_CHECK(sg_is_ok(sgs_http_date_parse(text, &out->time_s)), DATE_MISSING);
    sgs_amz_date_print(out->time_s, printed);
    return sg_arena_copy(&req->arena, sg_bytes_str(printed), &out->amz_date);
}

static sg_err take_header_date(struct sg_req *req, struct sg_sigv4 *out)
{
    const struct sgs_headers *headers = &req->head.headers;
    struct sg_bytes text;
    SG_CHECK(sgs_headers_count_of(headers, "x-amz-date") <= 1, AUTH_MALFORMED);
    if (sgs_headers_find(headers, "x-amz-date", &text)) {
        out->amz_date = sg_bytes_trim(text);
        SG_CHECK(sg_is_ok(sgs_amz_date_parse(out->amz_date, &out->time_s)), DATE_MISSING);
        return SG_OK;
    }
    SG_CHECK(sgs_headers_count_of(headers, "date") == 1, DATE_MISSING);
    SG_CHECK(sgs_headers_find(headers, "date", &text), DATE_MISSING);
    return take_http_date(req, sg_bytes_trim(text), out);
}

static sg_err take_header_payload_hash(struct sg_req *req, struct sg_sigv4 *out)
{
    struct sg_bytes text;
    SG_CHECK(sgs_headers_find(&req->head.headers, "x-amz-content-sha256", &text), SHA256_MISSING);
    SG_CHECK(sgs_headers_count_of(&req->head.headers, "x-amz-content-sha256") == 1, SHA256_INVALID);
    return parse_payload_hash(sg_bytes_trim(text), out);
}

/* Known as soon as possible, so that an error can say whose it was. */
static void claim(struct sg_req *req, const struct sg_sigv4 *sig)
{
    req->auth.claim.access_key_id = sig->access_key_id;
    req->auth.claim.region = sig->scope.region;
    req->auth.claim.time_s = sig->time_s;
    req->auth.claim.expires_s = sig->expires_s;
}

static bool scope_agrees_with_date(const struct sg_sigv4 *sig)
{
    return sg_bytes_eq(sig->scope.date, sg_bytes_slice(sig->amz_date, 0, DATE_LEN));
}

sg_err sg_sigv4_parse_header(struct sg_req *req, struct sg_sigv4 *out)
{
    struct sg_bytes text;
    *out = (struct sg_sigv4){.presigned = false};
    SG_CHECK(sgs_headers_count_of(&req->head.headers, "authorization") == 1, AUTH_MALFORMED);
    SG_CHECK(sgs_headers_find(&req->head.headers, "authorization", &text), AUTH_MALFORMED);
    SG_TRY(parse_authorization(sg_bytes_trim(text), out));
    claim(req, out);
    SG_TRY(take_header_date(req, out));
    claim(req, out);
    SG_CHECK(scope_agrees_with_date(out), AUTH_MALFORMED);
    return take_header_payload_hash(req, out);
}

/* --- query --- */

static sg_err take_param(const struct sgs_query *query, const char *name, struct sg_bytes *out)
{
    SG_CHECK(sgs_query_count_of(query, name) == 1 && sgs_query_find(query, name, out), AUTH_QUERY_MALFORMED);
    SG_CHECK(out->len > 0, AUTH_QUERY_MALFORMED);
    return SG_OK;
}

/* Without a value anywhere the body is not part of the signature. A chunked body has no place for its seed here. */
static sg_err take_query_payload_hash(const struct sg_req *req, struct sg_sigv4 *out)
{
    struct sg_bytes in_query = SG_BYTES_NONE, in_header = SG_BYTES_NONE;
    size_t query_count = sgs_query_count_of(&req->target.query, "X-Amz-Content-Sha256");
    size_t header_count = sgs_headers_count_of(&req->head.headers, "x-amz-content-sha256");
    SG_CHECK(query_count <= 1, AUTH_QUERY_MALFORMED);
    SG_CHECK(header_count <= 1, SHA256_INVALID);
    if (query_count + header_count == 0)
        return parse_payload_hash(SG_BYTES_LIT("UNSIGNED-PAYLOAD"), out);
    bool has_query = sgs_query_find(&req->target.query, "X-Amz-Content-Sha256", &in_query);
    bool has_header = sgs_headers_find(&req->head.headers, "x-amz-content-sha256", &in_header);
    in_header = sg_bytes_trim(in_header);
    SG_CHECK(!has_query || !has_header || sg_bytes_eq(in_query, in_header), SHA256_INVALID);
    SG_TRY(parse_payload_hash(has_query ? in_query : in_header, out));
    SG_CHECK(!sg_payload_is_chunked(out->payload), SHA256_NOT_STREAMABLE);
    return SG_OK;
}

sg_err sg_sigv4_parse_query(struct sg_req *req, struct sg_sigv4 *out)
{
    const struct sgs_query *query = &req->target.query;
    struct sg_bytes algorithm, credential, expires, signed_headers;
    *out = (struct sg_sigv4){.presigned = true};
    SG_TRY(take_param(query, "X-Amz-Algorithm", &algorithm));
    SG_CHECK(sg_bytes_eq_str(algorithm, ALGORITHM), AUTH_QUERY_MALFORMED);
    SG_TRY(take_param(query, "X-Amz-Credential", &credential));
    SG_TRY(parse_credential(credential, out));
    claim(req, out);
    SG_TRY(take_param(query, "X-Amz-Date", &out->amz_date));
    SG_CHECK(sg_is_ok(sgs_amz_date_parse(out->amz_date, &out->time_s)), AUTH_QUERY_MALFORMED);
    SG_CHECK(scope_agrees_with_date(out), AUTH_QUERY_MALFORMED);
    SG_TRY(take_param(query, "X-Amz-Expires", &expires));
    SG_CHECK(sg_bytes_to_u64(expires, &out->expires_s) && out->expires_s <= SG_LIMIT_PRESIGN_S, AUTH_QUERY_MALFORMED);
    claim(req, out);
    SG_TRY(take_param(query, "X-Amz-SignedHeaders", &signed_headers));
    SG_TRY(parse_signed_headers(signed_headers, out));
    SG_TRY(take_param(query, "X-Amz-Signature", &out->signature));
    return take_query_payload_hash(req, out);
}
