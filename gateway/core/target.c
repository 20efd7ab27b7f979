/*
 * Idea: the target is cut while it is still percent-encoded (at the first '?', then at the first '/' behind the bucket)
 * and decoded afterwards, so that an encoded separator can never move a cut.
 */
#include "core/target.h"

#include "core/bucket_name.h"
#include "core/utf8.h"
#include "s3client/uri.h"

#include "common/banned.h"

static bool has_only_target_bytes(struct sg_bytes target)
{
    for (size_t i = 0; i < target.len; i++) {
        uint8_t c = target.ptr[i];
        if (c <= 0x20 || c == 0x7f || c == '#')
            return false;
    }
    return true;
}

/* The name in a Host value, without its port. The colons of an IPv6 address stand inside brackets. */
static struct sg_bytes host_name(struct sg_bytes host)
{
    if (host.len > 0 && host.ptr[0] == '[')
        return host;
    host.len = sg_bytes_find(host, ':');
    return host;
}

/* The bucket in front of a configured domain, as received; empty in path style. */
static struct sg_bytes virtual_bucket(const struct sg_config *config, struct sg_bytes host)
{
    struct sg_bytes name = host_name(host);
    for (unsigned i = 0; i < config->server.domain_count; i++) {
        struct sg_bytes domain = sg_bytes_str(config->server.domains[i]);
        if (name.len <= domain.len + 1)
            continue;
        size_t at = name.len - domain.len;
        if (name.ptr[at - 1] == '.' && sg_bytes_eq_nocase(sg_bytes_skip(name, at), domain))
            return sg_bytes_slice(name, 0, at - 1);
    }
    return SG_BYTES_NONE;
}

static sg_err decode(struct sg_req *req, struct sg_bytes raw, struct sg_bytes *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_TARGET);
    SG_TRY(sgs_uri_decode(raw, &text));
    return sg_arena_copy(&req->arena, sgc_buf_view(&text), out);
}

/* Host names are case-insensitive, bucket names are lower case. */
static sg_err lower_case(struct sg_req *req, struct sg_bytes name, struct sg_bytes *out)
{
    void *room;
    SG_TRY(sg_arena_alloc(&req->arena, name.len, &room));
    uint8_t *copy = room;
    for (size_t i = 0; i < name.len; i++)
        copy[i] = sg_ascii_lower(name.ptr[i]);
    *out = sg_bytes(copy, name.len);
    return SG_OK;
}

static sg_err set_bucket(struct sg_req *req, struct sg_bytes bucket)
{
    SG_CHECK(sg_bucket_name_is_valid(bucket), INVALID_BUCKET_NAME);
    req->target.bucket = bucket;
    return SG_OK;
}

static sg_err set_key(struct sg_req *req, struct sg_bytes raw)
{
    if (raw.len == 0)
        return SG_OK;
    struct sg_bytes key;
    SG_TRY(decode(req, raw, &key));
    SG_CHECK(key.len <= SG_LIMIT_KEY, KEY_TOO_LONG);
    SG_CHECK(sg_utf8_is_valid(key), INVALID_URI);
    req->target.key = key;
    return SG_OK;
}

/* `raw` is the path behind its first slash: BUCKET, BUCKET/ or BUCKET/KEY. */
static sg_err parse_path_style(struct sg_req *req, struct sg_bytes raw)
{
    if (raw.len == 0)
        return SG_OK;
    size_t slash = sg_bytes_find(raw, '/');
    struct sg_bytes bucket;
    SG_TRY(decode(req, sg_bytes_slice(raw, 0, slash), &bucket));
    SG_TRY(set_bucket(req, bucket));
    return set_key(req, sg_bytes_skip(raw, slash + 1));
}

static sg_err parse_path(struct sg_req *req, struct sg_bytes host)
{
    struct sg_bytes raw = sg_bytes_skip(req->target.path_raw, 1);
    struct sg_bytes in_host = virtual_bucket(req->env->config, host);
    if (in_host.len == 0)
        return parse_path_style(req, raw);
    struct sg_bytes bucket;
    SG_TRY(lower_case(req, in_host, &bucket));
    SG_TRY(set_bucket(req, bucket));
    return set_key(req, raw);
}

sg_err sg_target_parse(struct sg_req *req)
{
    struct sg_bytes host, target = req->head.target;
    SG_CHECK(sgs_headers_count_of(&req->head.headers, "host") == 1, BAD_HTTP);
    SG_CHECK(sgs_headers_find(&req->head.headers, "host", &host), BAD_HTTP);
    SG_CHECK(target.len > 0 && target.len <= SG_LIMIT_TARGET && target.ptr[0] == '/', INVALID_URI);
    SG_CHECK(has_only_target_bytes(target), INVALID_URI);

    size_t question = sg_bytes_find(target, '?');
    sgs_query_clear(&req->target.query);
    req->target = (struct sg_target){.path_raw = sg_bytes_slice(target, 0, question), .query = SGS_QUERY_NONE};
    SG_TRY(sgs_query_parse(sg_bytes_skip(target, question + 1), &req->target.query));
    return parse_path(req, sg_bytes_trim(host));
}
