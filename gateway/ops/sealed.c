/*
 * Where an object's envelope meets the configuration: which key seals, which keys may open, what is bound to what.
 */
#include "ops/sealed.h"

#include "ops/header_policy.h"

#include "common/banned.h"

#define ENVELOPE_HEADER "x-amz-meta-sealgate"
#define METADATA_HEADER "x-amz-meta-sealgate-meta"

void sg_sealed_clear(struct sg_sealed *s)
{
    sgc_object_keys_clear(&s->keys);
    sgc_metadata_clear(&s->metadata);
}

static sg_err rule_of(const struct sg_req *req, const struct sg_bucket_rule **out)
{
    *out = sg_config_bucket(req->env->config, req->target.bucket);
    SG_CHECK(*out != NULL, ACCESS_DENIED);
    return SG_OK;
}

/* The key itself; a key that the keyring lacks, or that an operator disabled, makes its objects unavailable, not wrong.
 */
static sg_err wrapping_key(const struct sg_req *req, const char *kek_id, bool to_seal, const struct sgc_secret **out)
{
    const struct sgc_kek *kek = sgc_keyring_find(req->env->keyring, sg_bytes_str(kek_id));
    SG_CHECK(kek != NULL, KEK_UNAVAILABLE);
    SG_CHECK(to_seal ? sgc_kek_may_seal(kek) : sgc_kek_may_open(kek), KEK_UNAVAILABLE);
    *out = &kek->key;
    return SG_OK;
}

static sg_err print_envelope(const struct sgc_envelope *envelope, struct sgs_headers *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
    SG_TRY(sgc_envelope_print(envelope, &text));
    return sgs_headers_add(out, SG_BYTES_LIT(ENVELOPE_HEADER), sgc_buf_view(&text));
}

/* FMT-29 */
static sg_err seal_metadata(const struct sg_sealed *s, struct sg_bytes identity, struct sg_bytes key,
                            struct sgc_buf *value, struct sgs_headers *out)
{
    SG_TRY(sgc_metadata_seal(&s->metadata, &s->keys, identity, key, value));
    SG_TRY(sgs_headers_add(out, SG_BYTES_LIT(METADATA_HEADER), sgc_buf_view(value)));
    return sgs_headers_add_str(out, "Content-Type", "application/octet-stream");
}

static sg_err create_with_dek(const struct sg_req *req, const struct sg_bucket_rule *rule, uint64_t plain,
                              const struct sgc_secret *dek, struct sg_sealed *s, struct sgs_headers *out)
{
    struct sgc_envelope envelope = {.many = false, .meta_sealed = rule->metadata == SG_METADATA_SEALED};
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(2 * SG_LIMIT_METADATA);
    struct sg_bytes identity = sg_config_identity(rule, req->target.bucket);
    const struct sgc_secret *kek;

    SG_CHECK(strlen(rule->active_key) < sizeof(envelope.kek), INTERNAL);
    (void)snprintf(envelope.kek, sizeof(envelope.kek), "%s", rule->active_key);
    SG_TRY(wrapping_key(req, envelope.kek, true, &kek));
    SG_TRY(sgc_object_keys_init(&s->keys, dek));
    s->plain = plain;
    s->meta_sealed = envelope.meta_sealed;
    if (s->meta_sealed)
        SG_TRY(seal_metadata(s, identity, req->target.key, &sealed, out));

    /* FMT-16, FMT-20 */
    struct sgc_binding binding = {identity, req->target.key, sgc_buf_view(&sealed), plain};
    SG_TRY(sgc_envelope_seal(&envelope, kek, &binding, dek));
    return print_envelope(&envelope, out);
}

sg_err sg_sealed_create(const struct sg_req *req, uint64_t plain, struct sg_sealed *s, struct sgs_headers *out)
{
    const struct sg_bucket_rule *rule;
    SG_TRY(rule_of(req, &rule));
    /* FMT-9 */
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    SG_TRY(sgc_secret_random(&dek, SGC_DEK_LEN));
    return create_with_dek(req, rule, plain, &dek, s, out);
}

/* One header or none; a store that shows two is lying about one of them. */
static sg_err single(const struct sgs_headers *headers, const char *name, struct sg_bytes *out)
{
    size_t count = sgs_headers_count_of(headers, name);
    SG_CHECK(count <= 1, ENVELOPE_INVALID);
    *out = SG_BYTES_NONE;
    if (count == 1 && !sgs_headers_find(headers, name, out))
        SG_FAIL(ENVELOPE_INVALID);
    *out = sg_bytes_trim(*out);
    return SG_OK;
}

static sg_err open_envelope(const struct sg_req *req, const struct sg_bucket_rule *rule,
                            const struct sgc_envelope *envelope, struct sg_bytes sealed, struct sg_sealed *s)
{
    struct sg_bytes identity = sg_config_identity(rule, req->target.bucket);
    struct sgc_binding binding = {identity, req->target.key, sealed, s->plain};
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    const struct sgc_secret *kek;

    /* FMT-13: before anything is looked up. */
    SG_CHECK(sg_config_key_allowed(rule, envelope->kek), KEK_NOT_ALLOWED);
    SG_TRY(wrapping_key(req, envelope->kek, false, &kek));
    /* A key of the file keyring wraps directly; an intermediate key beside it is somebody's forgery. FMT-18 */
    SG_CHECK(envelope->ikek_len == 0, ENVELOPE_INVALID);
    SG_TRY(sgc_envelope_open(envelope, kek, &binding, &dek));
    SG_TRY(sgc_object_keys_init(&s->keys, &dek));
    if (s->meta_sealed)
        SG_TRY(sgc_metadata_open(sealed, &s->keys, identity, req->target.key, &s->metadata));
    return SG_OK;
}

sg_err sg_sealed_open(const struct sg_req *req, uint64_t stored, struct sg_sealed *s)
{
    const struct sg_bucket_rule *rule;
    struct sg_bytes text, sealed;
    SG_TRY(rule_of(req, &rule));
    SG_TRY(single(&req->main.headers, ENVELOPE_HEADER, &text));
    SG_TRY(single(&req->main.headers, METADATA_HEADER, &sealed));
    /* FMT-21 */
    if (text.len == 0) {
        SG_CHECK(rule->foreign == SG_FOREIGN_PASS && sealed.len == 0, NOT_SEALED);
        s->foreign = true;
        s->plain = stored;
        return SG_OK;
    }
    struct sgc_envelope envelope;
    SG_TRY(sgc_envelope_parse(text, &envelope));
    SG_CHECK(envelope.meta_sealed == (sealed.len > 0), ENVELOPE_INVALID);
    SG_CHECK(sgc_layout_plain(stored, &s->plain), SIZE_NOT_SEALED);
    s->meta_sealed = envelope.meta_sealed;
    s->many = envelope.many;
    s->part_key.stored = stored;
    memcpy(s->part_key.commitment, envelope.kc, sizeof(s->part_key.commitment));
    return open_envelope(req, rule, &envelope, sealed, s);
}

static sg_err reply_entry(struct sg_req *req, const struct sgc_metadata_entry *entry)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(SG_LIMIT_HEAD);
    if (entry->kind == SGC_METADATA_CHECKSUM || sg_headers_is_overridden(req, entry->name))
        return SG_OK;
    if (entry->kind == SGC_METADATA_USER)
        SG_TRY(sgc_buf_append_str(&name, "x-amz-meta-"));
    SG_TRY(sgc_buf_append(&name, entry->name));
    return sgs_headers_add(&req->reply_headers, sgc_buf_view(&name), entry->value);
}

/* FMT-29: what is sealed is shown, and nothing that the upstream says in its place. */
sg_err sg_sealed_reply(struct sg_req *req, const struct sg_sealed *s)
{
    if (s->foreign || !s->meta_sealed)
        return sg_headers_reply_metadata(req);
    for (size_t i = 0; i < s->metadata.count; i++) {
        struct sgc_metadata_entry entry = sgc_metadata_at(&s->metadata, i);
        SG_TRY(reply_entry(req, &entry));
    }
    return SG_OK;
}
