/*
 * The three texts of SigV4, each appended to a buffer of the caller: canonical request, string to sign, signature.
 *
 * The canonical request is one text of lines, so it tells requests apart only while no input can bring a line of its
 * own. Most inputs cannot hold a line feed because of where they come from, but a presigned URL can spell one as %0A in
 * any parameter. So every input is looked at here, where the lines are put together.
 */
#include "s3client/sigv4.h"

#include "crypto/codec.h"

#include "common/banned.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

static bool is_one_line(struct sg_bytes text)
{
    return sg_bytes_find(text, '\n') == text.len;
}

static size_t blank_at(struct sg_bytes text)
{
    size_t space = sg_bytes_find(text, ' ');
    size_t tab = sg_bytes_find(text, '\t');
    return space < tab ? space : tab;
}

/* SigV4 "Trim": no blanks at the ends, one space for a run of blanks inside. */
static sg_err append_collapsed(struct sgc_buf *out, struct sg_bytes value)
{
    struct sg_bytes rest = sg_bytes_trim(value);
    while (rest.len > 0) {
        size_t end = blank_at(rest);
        SG_TRY(sgc_buf_append(out, sg_bytes_slice(rest, 0, end)));
        rest = sg_bytes_trim(sg_bytes_skip(rest, end));
        if (rest.len > 0)
            SG_TRY(sgc_buf_append_u8(out, ' '));
    }
    return SG_OK;
}

/* "name:value,value\n": every header of that name, in order of arrival. */
static sg_err append_header_line(struct sgc_buf *out, const struct sgs_headers *headers, struct sg_bytes name)
{
    bool is_first = true;
    SG_TRY(sgc_buf_append(out, name));
    SG_TRY(sgc_buf_append_u8(out, ':'));
    for (size_t i = 0; i < headers->count; i++) {
        struct sgs_header header = sgs_headers_at(headers, i);
        if (!sg_bytes_eq_nocase(header.name, name))
            continue;
        if (!is_first)
            SG_TRY(sgc_buf_append_u8(out, ','));
        SG_TRY(append_collapsed(out, header.value));
        is_first = false;
    }
    return sgc_buf_append_u8(out, '\n');
}

static sg_err append_header_lines(struct sgc_buf *out, const struct sgs_canonical *in)
{
    struct sg_bytes rest = in->signed_headers;
    for (size_t count = 0; rest.len > 0; count++) {
        /* The list may come from a client: bounds the work of looking each name up. */
        SG_CHECK(count < SG_LIMIT_HEADER_COUNT, LIMIT);
        size_t end = sg_bytes_find(rest, ';');
        SG_TRY(append_header_line(out, in->headers, sg_bytes_slice(rest, 0, end)));
        rest = sg_bytes_skip(rest, end + 1);
    }
    return SG_OK;
}

static sg_err append_line(struct sgc_buf *out, struct sg_bytes text)
{
    SG_CHECK(is_one_line(text), INVALID_ARGUMENT);
    SG_TRY(sgc_buf_append(out, text));
    return sgc_buf_append_u8(out, '\n');
}

static sg_err append_request_line(struct sgc_buf *out, const struct sgs_canonical *in)
{
    SG_TRY(append_line(out, in->method));
    SG_TRY(append_line(out, in->path));
    if (in->query != NULL)
        SG_TRY(sgs_query_print(in->query, in->skip_param, out));
    return sgc_buf_append_u8(out, '\n');
}

sg_err sgs_sigv4_canonical_request(const struct sgs_canonical *in, struct sgc_buf *out)
{
    SG_CHECK(is_one_line(in->signed_headers) && is_one_line(in->payload_hash), INVALID_ARGUMENT);
    SG_TRY(append_request_line(out, in));
    SG_TRY(append_header_lines(out, in));
    SG_TRY(sgc_buf_append_u8(out, '\n'));
    SG_TRY(append_line(out, in->signed_headers));
    return sgc_buf_append(out, in->payload_hash);
}

sg_err sgs_sigv4_scope_print(const struct sgs_scope *scope, struct sgc_buf *out)
{
    SG_CHECK(is_one_line(scope->date) && is_one_line(scope->region), INVALID_ARGUMENT);
    SG_TRY(sgc_buf_append(out, scope->date));
    SG_TRY(sgc_buf_append_u8(out, '/'));
    SG_TRY(sgc_buf_append(out, scope->region));
    return sgc_buf_append_str(out, "/s3/aws4_request");
}

sg_err sgs_sigv4_string_to_sign(struct sg_bytes amz_date, const struct sgs_scope *scope,
                                struct sg_bytes canonical_request, struct sgc_buf *out)
{
    uint8_t hash[SGC_SHA256_LEN];
    char hex[SGC_HEX_LEN(SGC_SHA256_LEN)];
    SG_TRY(sgc_sha256(canonical_request, hash));
    sgc_hex_encode(SG_BYTES_ARRAY(hash), hex);
    SG_TRY(append_line(out, SG_BYTES_LIT(ALGORITHM)));
    SG_TRY(append_line(out, amz_date));
    SG_TRY(sgs_sigv4_scope_print(scope, out));
    SG_TRY(sgc_buf_append_u8(out, '\n'));
    return sgc_buf_append(out, SG_BYTES_ARRAY(hex));
}

/* The keys on the way to the signing key, wiped as one. */
struct key_steps {
    uint8_t first[4 + SGC_SECRET_MAX]; /* "AWS4" and the secret access key */
    uint8_t of_date[SGC_SHA256_LEN];
    uint8_t of_region[SGC_SHA256_LEN];
    uint8_t of_service[SGC_SHA256_LEN];
    uint8_t signing[SGC_SHA256_LEN];
};

static void key_steps_clear(struct key_steps *steps)
{
    sgc_wipe(steps, sizeof(*steps));
}

struct derivation {
    const struct sgs_scope *scope;
    struct sgc_secret *out;
};

static sg_err derive(void *ctx, struct sg_bytes secret_access_key)
{
    const struct derivation *d = ctx;
    SG_CLEANUP(key_steps_clear) struct key_steps steps = {.first = {'A', 'W', 'S', '4'}};
    SG_CHECK(secret_access_key.len <= SGC_SECRET_MAX, LIMIT);
    memcpy(steps.first + 4, secret_access_key.ptr, secret_access_key.len);
    struct sg_bytes first = sg_bytes(steps.first, 4 + secret_access_key.len);
    SG_TRY(sgc_hmac_sha256(first, d->scope->date, steps.of_date));
    SG_TRY(sgc_hmac_sha256(SG_BYTES_ARRAY(steps.of_date), d->scope->region, steps.of_region));
    SG_TRY(sgc_hmac_sha256(SG_BYTES_ARRAY(steps.of_region), SG_BYTES_LIT("s3"), steps.of_service));
    SG_TRY(sgc_hmac_sha256(SG_BYTES_ARRAY(steps.of_service), SG_BYTES_LIT("aws4_request"), steps.signing));
    return sgc_secret_copy(d->out, SG_BYTES_ARRAY(steps.signing));
}

sg_err sgs_sigv4_signing_key(const struct sgc_secret *secret_access_key, const struct sgs_scope *scope,
                             struct sgc_secret *out)
{
    struct derivation d = {.scope = scope, .out = out};
    return sgc_secret_use(secret_access_key, derive, &d);
}

struct signing {
    struct sg_bytes string_to_sign;
    char *out;
};

static sg_err sign(void *ctx, struct sg_bytes signing_key)
{
    const struct signing *s = ctx;
    uint8_t mac[SGC_SHA256_LEN];
    SG_TRY(sgc_hmac_sha256(signing_key, s->string_to_sign, mac));
    sgc_hex_encode(SG_BYTES_ARRAY(mac), s->out);
    return SG_OK;
}

sg_err sgs_sigv4_signature(const struct sgc_secret *signing_key, struct sg_bytes string_to_sign,
                           char out[SGS_SIGNATURE_LEN])
{
    struct signing s = {.string_to_sign = string_to_sign, .out = out};
    return sgc_secret_use(signing_key, sign, &s);
}
