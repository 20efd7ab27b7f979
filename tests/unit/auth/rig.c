/* Signs with the functions that the gateway verifies with; that these are right is what the vectors are for. */
#include "rig.h"

#include "auth/authn.h"
#include "core/target.h"

void rig_init(struct rig *rig, const char *method, const char *target)
{
    struct sg_keystore *store;
    rig->target = SGC_BUF_INIT(64 * SG_KIB);
    ck_ok(sgc_buf_append_str(&rig->target, target));
    fake_req_init(&rig->f, method, "");
    ck_ok(sg_keystore_parse(SG_BYTES_LIT(RIG_ID " " RIG_SECRET "\n" RIG_ID_2 " " RIG_SECRET_2 "\n"), &store, NULL));
    rig->f.env.keystore = store;
    rig_header(rig, "Host", "localhost:9000");
}

void rig_header(struct rig *rig, const char *name, const char *value)
{
    fake_req_header(&rig->f, name, value);
}

static const char *or_default(const char *value, const char *otherwise)
{
    return value == NULL ? otherwise : value;
}

static struct rig_sign with_defaults(struct rig_sign s)
{
    s.access_key_id = or_default(s.access_key_id, RIG_ID);
    s.secret = or_default(s.secret, strcmp(s.access_key_id, RIG_ID_2) == 0 ? RIG_SECRET_2 : RIG_SECRET);
    s.amz_date = or_default(s.amz_date, RIG_DATE);
    s.region = s.no_region ? "" : or_default(s.region, "us-east-1");
    s.payload_hash = or_default(s.payload_hash, SGS_EMPTY_SHA256);
    s.expires = or_default(s.expires, "3600");
    s.more = or_default(s.more, "");
    return s;
}

static struct sgs_scope scope_of(const struct rig_sign *s)
{
    struct sg_bytes date = sg_bytes_slice(sg_bytes_str(s->amz_date), 0, 8);
    return (struct sgs_scope){
        .date = s->scope_date == NULL ? date : sg_bytes_str(s->scope_date),
        .region = sg_bytes_str(s->region),
    };
}

static void signature(struct rig *rig, const struct rig_sign *s, const char *skip, char out[SGS_SIGNATURE_LEN + 1])
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf path = SGC_BUF_INIT(64 * SG_KIB);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf decoded = SGC_BUF_INIT(64 * SG_KIB);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf canonical = SGC_BUF_INIT(256 * SG_KIB);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf to_sign = SGC_BUF_INIT(SG_KIB);
    SG_CLEANUP(sgs_query_clear) struct sgs_query query = SGS_QUERY_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    struct sg_bytes target = sgc_buf_view(&rig->target);
    size_t question = sg_bytes_find(target, '?');
    struct sgs_scope scope = scope_of(s);
    ck_ok(sgs_uri_decode(sg_bytes_slice(target, 0, question), &decoded));
    ck_ok(sgs_uri_encode(sgc_buf_view(&decoded), true, &path));
    ck_ok(sgs_query_parse(sg_bytes_skip(target, question + 1), &query));
    struct sgs_canonical in = {
        .method = rig->f.req.head.method,
        .path = s->raw_path ? sg_bytes_slice(target, 0, question) : sgc_buf_view(&path),
        .query = &query,
        .skip_param = skip,
        .headers = &rig->f.req.head.headers,
        .signed_headers = sg_bytes_str(s->signed_headers),
        .payload_hash = sg_bytes_str(s->payload_hash),
    };
    ck_ok(sgs_sigv4_canonical_request(&in, &canonical));
    ck_ok(sgs_sigv4_string_to_sign(sg_bytes_str(s->amz_date), &scope, sgc_buf_view(&canonical), &to_sign));
    ck_ok(sgc_secret_copy(&secret, sg_bytes_str(s->secret)));
    ck_ok(sgs_sigv4_signing_key(&secret, &scope, &key));
    ck_ok(sgs_sigv4_signature(&key, sgc_buf_view(&to_sign), out));
    out[SGS_SIGNATURE_LEN] = '\0';
}

void rig_sign(struct rig *rig, struct rig_sign sign)
{
    struct rig_sign s = with_defaults(sign);
    struct sgs_headers *headers = &rig->f.req.head.headers;
    char hex[SGS_SIGNATURE_LEN + 1];
    if (sgs_headers_count_of(headers, "x-amz-date") + sgs_headers_count_of(headers, "date") == 0)
        rig_header(rig, "x-amz-date", s.amz_date);
    if (sgs_headers_count_of(headers, "x-amz-content-sha256") == 0)
        rig_header(rig, "x-amz-content-sha256", s.payload_hash);
    s.signed_headers = or_default(s.signed_headers, "host;x-amz-content-sha256;x-amz-date");
    signature(rig, &s, NULL, hex);
    struct sgs_scope scope = scope_of(&s);
    ck_ok(sgs_headers_addf(headers, "Authorization",
                           "AWS4-HMAC-SHA256 Credential=%s/%.*s/%s/s3/aws4_request, SignedHeaders=%s, Signature=%s",
                           s.access_key_id, SG_BYTES_FMT(scope.date), s.region, s.signed_headers, hex));
}

void rig_presign(struct rig *rig, struct rig_sign sign)
{
    struct rig_sign s = with_defaults(sign);
    char hex[SGS_SIGNATURE_LEN + 1];
    bool has_query = sg_bytes_find(sgc_buf_view(&rig->target), '?') < rig->target.len;
    s.payload_hash = or_default(sign.payload_hash, "UNSIGNED-PAYLOAD");
    s.signed_headers = or_default(s.signed_headers, "host");
    struct sgs_scope scope = scope_of(&s);
    ck_ok(sgc_buf_appendf(&rig->target,
                          "%sX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s/%.*s/%s/s3/aws4_request&X-Amz-Date=%s"
                          "&X-Amz-Expires=%s&X-Amz-SignedHeaders=%s%s",
                          has_query ? "&" : "?", s.access_key_id, SG_BYTES_FMT(scope.date), s.region, s.amz_date,
                          s.expires, s.signed_headers, s.more));
    signature(rig, &s, "X-Amz-Signature", hex);
    ck_ok(sgc_buf_appendf(&rig->target, "&X-Amz-Signature=%s", hex));
}

sg_err rig_authenticate(struct rig *rig)
{
    rig->f.req.head.target = sgc_buf_view(&rig->target);
    SG_TRY(sg_target_parse(&rig->f.req));
    return sg_authenticate(&rig->f.req);
}

void rig_clear(struct rig *rig)
{
    struct sg_keystore *store = (struct sg_keystore *)(uintptr_t)rig->f.env.keystore;
    sg_keystore_free(store);
    sgc_buf_clear(&rig->target);
    fake_req_clear(&rig->f);
}
