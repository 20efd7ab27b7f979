/*
 * Idea: a row of requirements; the signature itself is the last. An unknown access key id goes the same way as a known
 * one, with a secret that nobody has, so that the time until the answer does not tell which ids exist.
 */
#include "auth/sigv4_verify.h"

#include "crypto/ct.h"

#include "common/banned.h"

/* A head of SG_LIMIT_HEAD with a path and a query in which every byte had to be escaped. */
#define CANONICAL_MAX (4 * SG_LIMIT_HEAD)

/* --- when --- */

static sg_err check_header_time(const struct sg_sigv4 *sig, int64_t now)
{
    int64_t skew = sig->time_s > now ? sig->time_s - now : now - sig->time_s;
    SG_CHECK(skew <= SG_LIMIT_SKEW_S, CLOCK_SKEW);
    return SG_OK;
}

static sg_err check_presigned_time(const struct sg_sigv4 *sig, int64_t now)
{
    SG_CHECK(sig->time_s <= now + SG_LIMIT_SKEW_S, PRESIGN_NOT_YET);
    SG_CHECK(now <= sig->time_s + (int64_t)sig->expires_s, PRESIGN_EXPIRED);
    return SG_OK;
}

/* --- where, and with which rights --- */

static sg_err check_region(const struct sg_config *config, const struct sg_sigv4 *sig)
{
    SG_CHECK(!config->strict_region || sg_bytes_eq_str(sig->scope.region, config->region), AUTH_WRONG_REGION);
    return SG_OK;
}

/* Tokens belong to temporary credentials; there are none here, so nobody can have got one. */
static sg_err check_token(const struct sg_req *req)
{
    for (size_t i = 0; i < req->head.headers.count; i++) {
        struct sgs_header header = sgs_headers_at(&req->head.headers, i);
        bool is_token = sg_bytes_eq_nocase(header.name, SG_BYTES_LIT("x-amz-security-token")) ||
                        sg_bytes_eq_nocase(header.name, SG_BYTES_LIT("x-amz-s3session-token"));
        SG_CHECK(!is_token || header.value.len == 0, TOKEN_INVALID);
    }
    for (size_t i = 0; i < req->target.query.count; i++) {
        struct sgs_param param = sgs_query_at(&req->target.query, i);
        bool is_token = sg_bytes_eq_nocase(param.name, SG_BYTES_LIT("x-amz-security-token"));
        SG_CHECK(!is_token || param.value.len == 0, TOKEN_INVALID);
    }
    return SG_OK;
}

/* --- over what --- */

static bool must_be_signed(struct sg_bytes name)
{
    return sg_bytes_eq_nocase(name, SG_BYTES_LIT("host")) || sg_bytes_has_prefix_nocase(name, SG_BYTES_LIT("x-amz-"));
}

/* What is not signed could have been added by anybody on the way. */
static sg_err check_signed_headers(struct sg_req *req, const struct sg_sigv4 *sig)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf missing = SGC_BUF_INIT(SG_LIMIT_HEAD);
    for (size_t i = 0; i < req->head.headers.count; i++) {
        struct sg_bytes name = sgs_headers_at(&req->head.headers, i).name;
        if (!must_be_signed(name) || sg_sigv4_is_signed(sig, name))
            continue;
        SG_TRY(sgc_buf_append_str(&missing, missing.len > 0 ? ", " : ""));
        SG_TRY(sgc_buf_append(&missing, name));
    }
    if (missing.len == 0)
        return SG_OK;
    SG_TRY(sg_arena_copy(&req->arena, sgc_buf_view(&missing), &req->auth.claim.headers_not_signed));
    SG_FAIL(HEADERS_NOT_SIGNED);
}

/* --- the signature --- */

static sg_err signature_over_path(const struct sg_req *req, const struct sg_sigv4 *sig, const struct sgc_secret *key,
                                  struct sg_bytes path, char out[SGS_SIGNATURE_LEN])
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf canonical = SGC_BUF_INIT(CANONICAL_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf to_sign = SGC_BUF_INIT(SG_KIB);
    struct sgs_canonical in = {
        .method = req->head.method,
        .path = path,
        .query = &req->target.query,
        .skip_param = sig->presigned ? "X-Amz-Signature" : NULL,
        .headers = &req->head.headers,
        .signed_headers = sig->signed_headers,
        .payload_hash = sig->payload_hash,
    };
    SG_TRY(sgs_sigv4_canonical_request(&in, &canonical));
    SG_TRY(sgs_sigv4_string_to_sign(sig->amz_date, &sig->scope, sgc_buf_view(&canonical), &to_sign));
    return sgs_sigv4_signature(key, sgc_buf_view(&to_sign), out);
}

static sg_err path_matches(const struct sg_req *req, const struct sg_sigv4 *sig, const struct sgc_secret *key,
                           struct sg_bytes path, bool *out)
{
    char expected[SGS_SIGNATURE_LEN];
    SG_TRY(signature_over_path(req, sig, key, path, expected));
    *out = sgc_ct_equal(SG_BYTES_ARRAY(expected), sig->signature);
    return SG_OK;
}

/* The path encoded as S3 does it, once; then as received, for clients that leave other characters as they are. Both
 * name the same key, because the target was parsed from the path as received. */
static sg_err signature_matches(const struct sg_req *req, const struct sg_sigv4 *sig, const struct sgc_secret *key,
                                bool *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf decoded = SGC_BUF_INIT(SG_LIMIT_TARGET);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf path = SGC_BUF_INIT(3 * SG_LIMIT_TARGET);
    SG_TRY(sgs_uri_decode(req->target.path_raw, &decoded));
    SG_TRY(sgs_uri_encode(sgc_buf_view(&decoded), true, &path));
    SG_TRY(path_matches(req, sig, key, sgc_buf_view(&path), out));
    if (*out || sg_bytes_eq(sgc_buf_view(&path), req->target.path_raw))
        return SG_OK;
    return path_matches(req, sig, key, req->target.path_raw, out);
}

static sg_err check_signature(struct sg_req *req, const struct sg_sigv4 *sig)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    const struct sg_credential *known = sg_keystore_find(req->env->keystore, sig->access_key_id);
    const struct sg_credential *used = known != NULL ? known : sg_keystore_decoy(req->env->keystore);
    bool matches = false;
    SG_TRY(sgs_sigv4_signing_key(&used->secret_access_key, &sig->scope, &key));
    SG_TRY(signature_matches(req, sig, &key, &matches));
    SG_CHECK(known != NULL, UNKNOWN_ACCESS_KEY);
    SG_CHECK(matches, SIGNATURE_MISMATCH);
    req->auth.who = known;
    if (sig->payload == SG_PAYLOAD_CHUNKED_SIGNED || sig->payload == SG_PAYLOAD_CHUNKED_SIGNED_TRAILER)
        req->auth.signing_key = sgc_secret_take(&key);
    return SG_OK;
}

sg_err sg_sigv4_verify(struct sg_req *req, const struct sg_sigv4 *sig)
{
    int64_t now = sg_clock_wall_s(req->env->clock);
    SG_TRY(check_region(req->env->config, sig));
    SG_TRY(sig->presigned ? check_presigned_time(sig, now) : check_header_time(sig, now));
    SG_TRY(check_token(req));
    SG_TRY(check_signed_headers(req, sig));
    SG_TRY(check_signature(req, sig));
    req->auth.payload = sig->payload;
    req->auth.payload_hash = sig->payload_hash;
    req->auth.amz_date = sig->amz_date;
    req->auth.scope = sig->scope;
    req->auth.seed_signature = sig->signature;
    return SG_OK;
}
