/*
 * envelope.c - the text of an envelope, and the wrapped data key in it.
 *
 * The parser accepts exactly what the printer writes: fields are taken in their order, each up to the next separator,
 * and every value has one spelling. Nothing of the text is trusted because it parsed; all of it but the commitment is
 * in the context that the data key was wrapped with, and the commitment is compared with the key that came out.
 */
#include "crypto/envelope.h"

#include "common/limits.h"
#include "crypto/append.h"
#include "crypto/ct.h"
#include "crypto/hash.h"
#include "crypto/rand.h"
#include "crypto/xaes.h"

#include "common/banned.h"

/* Everything in a context but bucket and key has a bound of its own; these have theirs elsewhere, and this one in any
 * case. */
#define CONTEXT_MAX 8192u

#define SEALED "sealed"
#define PLAIN  "plain"

_Static_assert(SGC_WRAPPED_DEK_LEN == SGC_XAES_NONCE_LEN + SGC_DEK_LEN + SGC_AEAD_TAG_LEN, "FMT-15");

/* --- text --- */

static const char *parts_name(const struct sgc_envelope *e)
{
    return e->many ? "many" : "one";
}

static const char *meta_name(const struct sgc_envelope *e)
{
    return e->meta_sealed ? SEALED : PLAIN;
}

/* FMT-14 */
sg_err sgc_envelope_print(const struct sgc_envelope *envelope, struct sgc_buf *out)
{
    SG_TRY(sgc_buf_appendf(out, "v=1; parts=%s; meta=%s; kek=%s; dek=", parts_name(envelope), meta_name(envelope),
                           envelope->kek));
    SG_TRY(sgc_append_base64url(out, SG_BYTES_ARRAY(envelope->dek)));
    SG_TRY(sgc_buf_append_str(out, "; kc="));
    SG_TRY(sgc_append_base64url(out, SG_BYTES_ARRAY(envelope->kc)));
    if (envelope->ikek_len == 0)
        return SG_OK;
    SG_TRY(sgc_buf_append_str(out, "; ikek="));
    return sgc_append_base64url(out, sg_bytes(envelope->ikek, envelope->ikek_len));
}

/* The value of the next field, which must be `name`; all but the first stand behind a separator. */
static sg_err next_value(struct sg_cursor *c, const char *name, struct sg_bytes *out)
{
    SG_CHECK(sg_cursor_skip(c, sg_bytes_str(name)), ENVELOPE_INVALID);
    SG_CHECK(sg_cursor_take(c, sg_bytes_find(c->rest, ';'), out), ENVELOPE_INVALID);
    return SG_OK;
}

/* One of two words. */
static sg_err parse_choice(struct sg_bytes value, const char *if_false, const char *if_true, bool *out)
{
    *out = sg_bytes_eq_str(value, if_true);
    SG_CHECK(*out || sg_bytes_eq_str(value, if_false), ENVELOPE_INVALID);
    return SG_OK;
}

static sg_err parse_b64(struct sg_bytes value, uint8_t *out, size_t min, size_t max, size_t *len_out)
{
    size_t len;
    sg_err err = sgc_base64url_decode(value, out, max, &len);
    SG_CHECK(sg_is_ok(err) && len >= min, ENVELOPE_INVALID);
    *len_out = len;
    return SG_OK;
}

static sg_err parse_fields(struct sg_cursor *c, struct sgc_envelope *out)
{
    struct sg_bytes value;
    size_t len;
    SG_TRY(next_value(c, "v=1; parts=", &value));
    SG_TRY(parse_choice(value, "one", "many", &out->many));
    SG_TRY(next_value(c, "; meta=", &value));
    SG_TRY(parse_choice(value, PLAIN, SEALED, &out->meta_sealed));
    SG_TRY(next_value(c, "; kek=", &value));
    SG_CHECK(sgc_kek_id_is_valid(value), ENVELOPE_INVALID);
    memcpy(out->kek, value.ptr, value.len);
    SG_TRY(next_value(c, "; dek=", &value));
    SG_TRY(parse_b64(value, out->dek, sizeof(out->dek), sizeof(out->dek), &len));
    SG_TRY(next_value(c, "; kc=", &value));
    SG_TRY(parse_b64(value, out->kc, sizeof(out->kc), sizeof(out->kc), &len));
    if (c->rest.len == 0)
        return SG_OK;
    SG_TRY(next_value(c, "; ikek=", &value));
    return parse_b64(value, out->ikek, 1, sizeof(out->ikek), &out->ikek_len);
}

sg_err sgc_envelope_parse(struct sg_bytes text, struct sgc_envelope *out)
{
    struct sg_cursor c = sg_cursor(text);
    *out = (struct sgc_envelope){.many = false};
    SG_CHECK(text.len <= SG_LIMIT_ENVELOPE, ENVELOPE_INVALID);
    SG_TRY(parse_fields(&c, out));
    SG_CHECK(c.rest.len == 0, ENVELOPE_INVALID);
    return SG_OK;
}

/* FMT-28 */
size_t sgc_envelope_metadata_room(size_t ikek_len)
{
    size_t rounded = (ikek_len + SGC_IKEK_ROUND - 1) / SGC_IKEK_ROUND * SGC_IKEK_ROUND;
    size_t ikek = ikek_len == 0 ? 0 : sizeof("; ikek=") - 1 + SGC_BASE64URL_LEN(rounded);
    size_t taken = SGC_ENVELOPE_NAME_LENS + SGC_ENVELOPE_LOCAL_MAX + ikek;
    return taken < SG_LIMIT_METADATA ? SG_LIMIT_METADATA - taken : 0;
}

/* FMT-18 */
sg_err sgc_envelope_check_ikek(const struct sgc_envelope *envelope, bool kek_is_remote)
{
    SG_CHECK((envelope->ikek_len > 0) == kek_is_remote, ENVELOPE_INVALID);
    return SG_OK;
}

/* --- context --- */

/* FMT-19 */
static sg_err append_metadata_digest(struct sgc_buf *out, const struct sgc_envelope *e, struct sg_bytes sealed_metadata)
{
    uint8_t text[sizeof(SEALED) - 1 + SGC_SHA256_LEN] = SEALED;
    SG_CHECK(e->meta_sealed == (sealed_metadata.len > 0), ENVELOPE_INVALID);
    if (!e->meta_sealed)
        return sgc_buf_append_lp(out, SG_BYTES_LIT(PLAIN));
    SG_TRY(sgc_sha256(sealed_metadata, text + sizeof(SEALED) - 1));
    return sgc_buf_append_lp(out, SG_BYTES_ARRAY(text));
}

static sg_err append_length(struct sgc_buf *out, const struct sgc_envelope *e, uint64_t plain)
{
    if (e->many)
        return sgc_buf_append_lp(out, SG_BYTES_NONE);
    SG_TRY(sgc_buf_append_u32be(out, sizeof(plain)));
    return sgc_buf_append_u64be(out, plain);
}

/* FMT-16 */
sg_err sgc_envelope_context(const struct sgc_envelope *e, const struct sgc_binding *binding, struct sgc_buf *out)
{
    SG_TRY(sgc_buf_append_lp(out, SG_BYTES_LIT("sealgate v1")));
    SG_TRY(sgc_buf_append_lp(out, sg_bytes_str(parts_name(e))));
    SG_TRY(append_length(out, e, binding->plain));
    SG_TRY(sgc_buf_append_lp(out, sg_bytes_str(e->kek)));
    SG_TRY(sgc_buf_append_lp(out, sg_bytes(e->ikek, e->ikek_len)));
    SG_TRY(sgc_buf_append_lp(out, binding->bucket_identity));
    SG_TRY(sgc_buf_append_lp(out, binding->object_key));
    return append_metadata_digest(out, e, binding->sealed_metadata);
}

/* --- sealing --- */

struct wrapping {
    struct sgc_envelope *envelope;
    const struct sgc_secret *wrapping_key;
    struct sg_bytes context;
};

static sg_err wrap(void *ctx, struct sg_bytes dek)
{
    struct wrapping *w = ctx;
    uint8_t *nonce = w->envelope->dek;
    return sgc_xaes_seal(w->wrapping_key, nonce, w->context, dek, nonce + SGC_XAES_NONCE_LEN);
}

static sg_err commitment_of(const struct sgc_secret *dek, uint8_t out[SGC_COMMITMENT_LEN])
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = SGC_OBJECT_KEYS_NONE;
    SG_TRY(sgc_object_keys_init(&keys, dek));
    return sgc_object_keys_commitment(&keys, out);
}

/* FMT-15 */
sg_err sgc_envelope_seal(struct sgc_envelope *envelope, const struct sgc_secret *wrapping_key,
                         const struct sgc_binding *binding, const struct sgc_secret *dek)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf context = SGC_BUF_INIT(CONTEXT_MAX);
    SG_CHECK(sgc_kek_id_is_valid(sg_bytes_str(envelope->kek)), INTERNAL);
    SG_CHECK(envelope->ikek_len <= SGC_IKEK_MAX && dek->len == SGC_DEK_LEN, INTERNAL);
    SG_CHECK(binding->sealed_metadata.len <= sgc_envelope_metadata_room(envelope->ikek_len), METADATA_TOO_LARGE);
    SG_TRY(sgc_envelope_context(envelope, binding, &context));
    SG_TRY(commitment_of(dek, envelope->kc));
    SG_TRY(sgc_rand(envelope->dek, SGC_XAES_NONCE_LEN));
    struct wrapping w = {envelope, wrapping_key, sgc_buf_view(&context)};
    return sgc_secret_use(dek, wrap, &w);
}

/* --- opening --- */

struct unwrapping {
    const struct sgc_envelope *envelope;
    const struct sgc_secret *wrapping_key;
    struct sg_bytes context;
};

static sg_err fill_by_unwrap(void *ctx, uint8_t *slot, size_t len)
{
    const struct unwrapping *u = ctx;
    const uint8_t *nonce = u->envelope->dek;
    struct sg_bytes sealed = sg_bytes_skip(SG_BYTES_ARRAY(u->envelope->dek), SGC_XAES_NONCE_LEN);
    sg_assert(sealed.len == len + SGC_AEAD_TAG_LEN);
    return sgc_xaes_open(u->wrapping_key, nonce, u->context, sealed, slot);
}

/* FMT-17 */
static sg_err check_commitment(const struct sgc_envelope *envelope, const struct sgc_secret *dek)
{
    uint8_t commitment[SGC_COMMITMENT_LEN];
    SG_TRY(commitment_of(dek, commitment));
    SG_CHECK(sgc_ct_equal(SG_BYTES_ARRAY(commitment), SG_BYTES_ARRAY(envelope->kc)), ENVELOPE_INVALID);
    return SG_OK;
}

sg_err sgc_envelope_open(const struct sgc_envelope *envelope, const struct sgc_secret *wrapping_key,
                         const struct sgc_binding *binding, struct sgc_secret *dek_out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf context = SGC_BUF_INIT(CONTEXT_MAX);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    SG_TRY(sgc_envelope_context(envelope, binding, &context));
    struct unwrapping u = {envelope, wrapping_key, sgc_buf_view(&context)};
    sg_err err = sgc_secret_init(&dek, SGC_DEK_LEN, fill_by_unwrap, &u);
    SG_CHECK(!sg_is(err, TAG_MISMATCH), ENVELOPE_INVALID);
    SG_TRY(err);
    SG_TRY(check_commitment(envelope, &dek));
    sgc_secret_clear(dek_out);
    *dek_out = sgc_secret_take(&dek);
    return SG_OK;
}
