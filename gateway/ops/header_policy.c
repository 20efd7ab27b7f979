/*
 * An allow-list: a header that no row of headers.def names goes nowhere, in either direction.
 */
#include "ops/header_policy.h"

#include "ops/etag.h"

#include "common/banned.h"

enum header_action { ACTION_LOCAL, ACTION_KEEP, ACTION_SEAL, ACTION_ETAG, ACTION_REFUSE };

struct header_row {
    const char *name;
    bool prefix;
    enum header_action request, response;
};

static const struct header_row rows[] = {
#define SG_HEADER(name, request, response, note)        {name, false, ACTION_##request, ACTION_##response},
#define SG_HEADER_PREFIX(name, request, response, note) {name, true, ACTION_##request, ACTION_##response},
#include "ops/headers.def"
#undef SG_HEADER
#undef SG_HEADER_PREFIX
};

static const struct header_row unknown = {"", false, ACTION_LOCAL, ACTION_LOCAL};

/* The first row that fits: longer prefixes stand before shorter ones. */
static const struct header_row *row_of(struct sg_bytes name)
{
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        struct sg_bytes row_name = sg_bytes_str(rows[i].name);
        if (rows[i].prefix ? sg_bytes_has_prefix_nocase(name, row_name) : sg_bytes_eq_nocase(name, row_name))
            return &rows[i];
    }
    return &unknown;
}

static const char meta_prefix[] = "x-amz-meta-";
static const char own_prefix[] = "x-amz-meta-sealgate";

/* FMT-21 */
sg_err sg_headers_check(const struct sg_req *req)
{
    const struct sgs_headers *headers = &req->head.headers;
    for (size_t i = 0; i < headers->count; i++) {
        struct sg_bytes name = sgs_headers_at(headers, i).name;
        SG_CHECK(!sg_bytes_has_prefix_nocase(name, sg_bytes_str(own_prefix)), METADATA_RESERVED);
        SG_CHECK(row_of(name)->request != ACTION_REFUSE, NOT_IMPLEMENTED);
    }
    return SG_OK;
}

static sg_err forward_etags(const char *name, struct sg_bytes value, struct sgs_headers *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf mapped = SGC_BUF_INIT(SG_LIMIT_HEAD);
    SG_TRY(sg_etag_list_in(value, &mapped));
    return sgs_headers_add(out, sg_bytes_str(name), sgc_buf_view(&mapped));
}

sg_err sg_headers_forward(const struct sg_req *req, struct sgs_headers *out)
{
    const struct sgs_headers *headers = &req->head.headers;
    for (size_t i = 0; i < headers->count; i++) {
        struct sgs_header header = sgs_headers_at(headers, i);
        const struct header_row *row = row_of(header.name);
        if (row->request == ACTION_KEEP)
            SG_TRY(sgs_headers_add(out, header.name, sg_bytes_trim(header.value)));
        if (row->request == ACTION_ETAG)
            SG_TRY(forward_etags(row->name, header.value, out));
    }
    return SG_OK;
}

/* "gzip,aws-chunked" -> "gzip": the framing of the upload is not a property of the object. */
static sg_err without_aws_chunked(struct sg_bytes value, struct sgc_buf *out)
{
    struct sg_bytes rest = value;
    while (rest.len > 0) {
        size_t comma = sg_bytes_find(rest, ',');
        struct sg_bytes token = sg_bytes_trim(sg_bytes_slice(rest, 0, comma));
        rest = sg_bytes_skip(rest, comma + 1);
        if (token.len == 0 || sg_bytes_eq_nocase(token, SG_BYTES_LIT("aws-chunked")))
            continue;
        if (out->len > 0)
            SG_TRY(sgc_buf_append_str(out, ","));
        SG_TRY(sgc_buf_append(out, token));
    }
    return SG_OK;
}

typedef sg_err metadata_fn(void *ctx, bool user, struct sg_bytes name, struct sg_bytes value);

/* Gives each SEAL header of the request, its value as it is to be kept. */
static sg_err each_metadata(const struct sgs_headers *headers, metadata_fn *fn, void *ctx)
{
    for (size_t i = 0; i < headers->count; i++) {
        struct sgs_header header = sgs_headers_at(headers, i);
        if (row_of(header.name)->request != ACTION_SEAL)
            continue;
        struct sg_bytes value = sg_bytes_trim(header.value);
        if (sg_bytes_eq_nocase(header.name, SG_BYTES_LIT("content-encoding"))) {
            SG_CLEANUP(sgc_buf_clear) struct sgc_buf kept = SGC_BUF_INIT(SG_LIMIT_HEAD);
            SG_TRY(without_aws_chunked(value, &kept));
            if (kept.len > 0)
                SG_TRY(fn(ctx, false, header.name, sgc_buf_view(&kept)));
            continue;
        }
        SG_TRY(fn(ctx, sg_bytes_has_prefix_nocase(header.name, sg_bytes_str(meta_prefix)), header.name, value));
    }
    return SG_OK;
}

static sg_err add_sealed(void *ctx, bool user, struct sg_bytes name, struct sg_bytes value)
{
    enum sgc_metadata_kind kind = user ? SGC_METADATA_USER : SGC_METADATA_CONTENT;
    struct sg_bytes short_name = user ? sg_bytes_skip(name, sizeof(meta_prefix) - 1) : name;
    SG_CHECK(short_name.len > 0, METADATA_INVALID);
    return sgc_metadata_add(ctx, kind, short_name, value);
}

static sg_err add_plain(void *ctx, bool user, struct sg_bytes name, struct sg_bytes value)
{
    SG_UNUSED(user);
    return sgs_headers_add(ctx, name, value);
}

sg_err sg_headers_collect_metadata(const struct sg_req *req, struct sgc_metadata *out)
{
    return each_metadata(&req->head.headers, add_sealed, out);
}

sg_err sg_headers_forward_metadata(const struct sg_req *req, struct sgs_headers *out)
{
    return each_metadata(&req->head.headers, add_plain, out);
}

sg_err sg_headers_reply(struct sg_req *req)
{
    for (size_t i = 0; i < req->main.headers.count; i++) {
        struct sgs_header header = sgs_headers_at(&req->main.headers, i);
        const struct header_row *row = row_of(header.name);
        if (row->response == ACTION_KEEP)
            SG_TRY(sgs_headers_add(&req->reply_headers, header.name, header.value));
        if (row->response == ACTION_ETAG) {
            SG_CLEANUP(sgc_buf_clear) struct sgc_buf mapped = SGC_BUF_INIT(SG_LIMIT_HEAD);
            SG_TRY(sg_etag_out(header.value, &mapped));
            SG_TRY(sgs_headers_add(&req->reply_headers, SG_BYTES_LIT("ETag"), sgc_buf_view(&mapped)));
        }
    }
    return SG_OK;
}

sg_err sg_headers_reply_metadata(struct sg_req *req)
{
    for (size_t i = 0; i < req->main.headers.count; i++) {
        struct sgs_header header = sgs_headers_at(&req->main.headers, i);
        if (row_of(header.name)->request == ACTION_SEAL && !sg_headers_is_overridden(req, header.name))
            SG_TRY(sgs_headers_add(&req->reply_headers, header.name, header.value));
    }
    return SG_OK;
}

struct override_row {
    const char *param, *header;
};

static const struct override_row overrides[] = {
    {"response-cache-control", "Cache-Control"},       {"response-content-disposition", "Content-Disposition"},
    {"response-content-encoding", "Content-Encoding"}, {"response-content-language", "Content-Language"},
    {"response-content-type", "Content-Type"},         {"response-expires", "Expires"},
};

bool sg_headers_is_overridden(const struct sg_req *req, struct sg_bytes name)
{
    for (size_t i = 0; i < SG_COUNT_OF(overrides); i++) {
        if (sg_bytes_eq_nocase(name, sg_bytes_str(overrides[i].header)))
            return sgs_query_count_of(&req->target.query, overrides[i].param) > 0;
    }
    return false;
}

sg_err sg_headers_reply_overrides(struct sg_req *req)
{
    struct sg_bytes value;
    for (size_t i = 0; i < SG_COUNT_OF(overrides); i++) {
        if (sgs_query_find(&req->target.query, overrides[i].param, &value))
            SG_TRY(sgs_headers_add(&req->reply_headers, sg_bytes_str(overrides[i].header), value));
    }
    return SG_OK;
}
