/*
 * Everything that is sent is signed, except what the gateway cannot promise to send unchanged: Content-Length and
 * Expect belong to the HTTP library, and proxies on the way may add to User-Agent.
 *
 * The path and the query are printed once, in canonical form, and used twice, for the signature and for the URL.
 */
#include "s3client/request.h"

#include "s3client/amztime.h"

#include "common/banned.h"

/* Path, query and headers, and the list of signed names once more. */
#define CANONICAL_MAX (4 * SG_LIMIT_TARGET + 2 * SG_LIMIT_HEAD)
#define DATE_LEN      8u /* yyyymmdd */

/* Headers that only this module, or the HTTP library, may set: they carry the identity or the framing. */
static const char *const own_headers[] = {
    "authorization",     "connection", "content-length",       "expect",     "host",
    "transfer-encoding", "upgrade",    "x-amz-content-sha256", "x-amz-date",
};

void sgs_plan_clear(struct sgs_plan *plan)
{
    sgs_query_clear(&plan->query);
    sgs_headers_clear(&plan->headers);
}

void sgs_request_clear(struct sgs_request *request)
{
    sgc_buf_clear(&request->url);
    sgs_headers_clear(&request->headers);
    request->method[0] = '\0';
    request->body_len = 0;
    request->has_body = false;
}

/* The pieces that the signature and the URL share. */
struct parts {
    struct sgc_buf host;
    struct sgc_buf path;
    struct sgc_buf signed_headers;
    char amz_date[SGS_AMZ_DATE_SIZE];
};

#define PARTS_NONE                                                                                                     \
    ((struct parts){                                                                                                   \
        .host = SGC_BUF_INIT(SG_LIMIT_HEAD),                                                                           \
        .path = SGC_BUF_INIT(SG_LIMIT_TARGET),                                                                         \
        .signed_headers = SGC_BUF_INIT(SG_LIMIT_HEAD),                                                                 \
    })

static void parts_clear(struct parts *parts)
{
    sgc_buf_clear(&parts->host);
    sgc_buf_clear(&parts->path);
    sgc_buf_clear(&parts->signed_headers);
}

static sg_err copy_headers(const struct sgs_headers *from, struct sgs_headers *to)
{
    for (size_t i = 0; i < SG_COUNT_OF(own_headers); i++)
        SG_CHECK(sgs_headers_count_of(from, own_headers[i]) == 0, INTERNAL);
    for (size_t i = 0; i < from->count; i++) {
        struct sgs_header header = sgs_headers_at(from, i);
        SG_TRY(sgs_headers_add(to, header.name, header.value));
    }
    return SG_OK;
}

static sg_err add_headers(const struct sgs_plan *plan, const struct parts *parts, struct sgs_request *out)
{
    SG_TRY(sgs_headers_add(&out->headers, SG_BYTES_LIT("host"), sgc_buf_view(&parts->host)));
    SG_TRY(copy_headers(&plan->headers, &out->headers));
    SG_TRY(sgs_headers_add_str(&out->headers, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"));
    return sgs_headers_add_str(&out->headers, "x-amz-date", parts->amz_date);
}

static int compare_nocase(struct sg_bytes a, struct sg_bytes b)
{
    size_t both = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < both; i++) {
        int order = (int)sg_ascii_lower(a.ptr[i]) - (int)sg_ascii_lower(b.ptr[i]);
        if (order != 0)
            return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

/* The names to sign, sorted, each once; returns how many. */
static size_t sort_names(const struct sgs_headers *headers, struct sg_bytes sorted[SG_LIMIT_HEADER_COUNT])
{
    size_t count = 0;
    for (size_t i = 0; i < headers->count; i++) {
        struct sg_bytes name = sgs_headers_at(headers, i).name;
        size_t at = count;
        while (at > 0 && compare_nocase(sorted[at - 1], name) > 0)
            at--;
        bool is_known = at > 0 && compare_nocase(sorted[at - 1], name) == 0;
        if (is_known || sg_bytes_eq_nocase(name, SG_BYTES_LIT("user-agent")))
            continue;
        memmove(&sorted[at + 1], &sorted[at], (count - at) * sizeof(sorted[0]));
        sorted[at] = name;
        count++;
    }
    return count;
}

static sg_err print_signed_headers(const struct sgs_headers *headers, struct sgc_buf *out)
{
    struct sg_bytes sorted[SG_LIMIT_HEADER_COUNT];
    size_t count = sort_names(headers, sorted);
    for (size_t i = 0; i < count; i++) {
        SG_TRY(i == 0 ? SG_OK : sgc_buf_append_u8(out, ';'));
        for (size_t j = 0; j < sorted[i].len; j++)
            SG_TRY(sgc_buf_append_u8(out, sg_ascii_lower(sorted[i].ptr[j])));
    }
    return SG_OK;
}

static sg_err sign(const struct sgs_identity *identity, const struct sgs_scope *scope, struct sg_bytes amz_date,
                   struct sg_bytes canonical, char signature[SGS_SIGNATURE_LEN])
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_TARGET);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_TRY(sgs_sigv4_string_to_sign(amz_date, scope, canonical, &text));
    SG_TRY(sgs_sigv4_signing_key(&identity->secret_access_key, scope, &key));
    return sgs_sigv4_signature(&key, sgc_buf_view(&text), signature);
}

static sg_err add_authorization(const struct sgs_plan *plan, const struct parts *parts,
                                const struct sgs_identity *identity, struct sgs_request *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf canonical = SGC_BUF_INIT(CANONICAL_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf scope_text = SGC_BUF_INIT(SG_LIMIT_TARGET);
    struct sg_bytes amz_date = sg_bytes_str(parts->amz_date);
    struct sgs_scope scope = {
        .date = sg_bytes_slice(amz_date, 0, DATE_LEN),
        .region = sg_bytes_str(identity->region),
    };
    struct sgs_canonical in = {
        .method = sg_bytes_str(out->method),
        .path = sgc_buf_view(&parts->path),
        .query = &plan->query,
        .headers = &out->headers,
        .signed_headers = sgc_buf_view(&parts->signed_headers),
        .payload_hash = SG_BYTES_LIT("UNSIGNED-PAYLOAD"),
    };
    char signature[SGS_SIGNATURE_LEN];
    SG_TRY(sgs_sigv4_canonical_request(&in, &canonical));
    SG_TRY(sign(identity, &scope, amz_date, sgc_buf_view(&canonical), signature));
    SG_TRY(sgs_sigv4_scope_print(&scope, &scope_text));
    return sgs_headers_addf(&out->headers, "authorization",
                            "AWS4-HMAC-SHA256 Credential=%s/%.*s, SignedHeaders=%.*s, Signature=%.*s",
                            identity->access_key_id, SG_BYTES_FMT(sgc_buf_view(&scope_text)),
                            SG_BYTES_FMT(in.signed_headers), (int)SGS_SIGNATURE_LEN, signature);
}

static sg_err print_url(const struct sgs_plan *plan, const struct parts *parts, struct sgc_buf *out)
{
    SG_TRY(sgc_buf_append_str(out, "https://"));
    SG_TRY(sgc_buf_append(out, sgc_buf_view(&parts->host)));
    SG_TRY(sgc_buf_append(out, sgc_buf_view(&parts->path)));
    if (plan->query.count > 0) {
        SG_TRY(sgc_buf_append_u8(out, '?'));
        SG_TRY(sgs_query_print(&plan->query, NULL, out));
    }
    /* The terminator stands behind the bytes and is not one of them. */
    uint8_t *terminator;
    SG_TRY(sgc_buf_reserve(out, 1, &terminator));
    *terminator = '\0';
    return SG_OK;
}

static sg_err build(const struct sgs_plan *plan, const struct sgs_endpoint *endpoint,
                    const struct sgs_identity *identity, int64_t wall_s, struct sgs_request *out)
{
    SG_CLEANUP(parts_clear) struct parts parts = PARTS_NONE;
    size_t method_len = strlen(plan->method);
    SG_CHECK(method_len < sizeof(out->method), INTERNAL);
    memcpy(out->method, plan->method, method_len + 1);
    out->body_len = plan->body_len;
    out->has_body = plan->has_body;
    sgs_amz_date_print(wall_s, parts.amz_date);
    SG_TRY(sgs_endpoint_host(endpoint, plan->bucket, &parts.host));
    SG_TRY(sgs_endpoint_path(endpoint, plan->bucket, plan->key, &parts.path));
    SG_TRY(add_headers(plan, &parts, out));
    SG_TRY(print_signed_headers(&out->headers, &parts.signed_headers));
    SG_TRY(add_authorization(plan, &parts, identity, out));
    return print_url(plan, &parts, &out->url);
}

sg_err sgs_request_build(const struct sgs_plan *plan, const struct sgs_endpoint *endpoint,
                         const struct sgs_identity *identity, int64_t wall_s, struct sgs_request *out)
{
    sgs_request_clear(out);
    sg_err err = build(plan, endpoint, identity, wall_s, out);
    if (!sg_is_ok(err))
        sgs_request_clear(out);
    return err;
}
