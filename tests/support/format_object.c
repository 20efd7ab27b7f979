/*
 * The format from a reader's and a writer's side, without a network: envelope, metadata, footer, then segments.
 */
#include "support/format_object.h"

#include "crypto/segment.h"

#include "common/banned.h"

void format_object_clear(struct format_object *object)
{
    sgc_buf_clear(&object->body);
    sgc_buf_clear(&object->envelope);
    sgc_buf_clear(&object->metadata);
}

/* --- writing --- */

static sg_err seal_segment(struct sgc_sealer *s, struct sg_bytes plain, bool last, struct sgc_buf *out)
{
    uint8_t *room;
    SG_TRY(sgc_buf_reserve(out, plain.len + SGC_SEGMENT_EXTRA, &room));
    SG_TRY(sgc_sealer_begin(s, last, room));
    SG_TRY(sgc_sealer_update(s, plain, room + SGC_AEAD_IV_LEN));
    SG_TRY(sgc_sealer_end(s, room + SGC_AEAD_IV_LEN + plain.len));
    sgc_buf_commit(out, plain.len + SGC_SEGMENT_EXTRA);
    return SG_OK;
}

static sg_err seal_part(const struct sgc_object_keys *keys, uint32_t number, struct sg_bytes plain, struct sgc_buf *out,
                        uint32_t *pin_out)
{
    SG_CLEANUP(sgc_sealer_clear) struct sgc_sealer s = SGC_SEALER_NONE;
    *pin_out = 0;
    if (plain.len == 0)
        return SG_OK;
    SG_TRY(sgc_sealer_init(&s, keys, number));
    *pin_out = sgc_sealer_pin(&s);
    while (plain.len > 0) {
        struct sg_bytes piece = sg_bytes_slice(plain, 0, SGC_SEGMENT_PLAIN);
        plain = sg_bytes_skip(plain, piece.len);
        SG_TRY(seal_segment(&s, piece, plain.len == 0, out));
    }
    return SG_OK;
}

static sg_err seal_body(const struct format_input *in, const struct sgc_object_keys *keys, struct sgc_buf *out)
{
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer footer = SGC_FOOTER_NONE;
    struct sg_bytes rest = in->plain;
    footer.plain = in->plain.len;
    footer.part_count = in->many ? in->part_count : 0;
    if (in->upload_digest.len == sizeof(footer.upload_digest))
        memcpy(footer.upload_digest, in->upload_digest.ptr, in->upload_digest.len);
    if (in->many)
        footer.parts = sgc_xalloc(in->part_count * sizeof(*footer.parts));
    for (uint32_t i = 0; i < in->part_count; i++) {
        struct sg_bytes plain = sg_bytes_slice(rest, 0, in->parts[i].plain);
        uint32_t pin;
        rest = sg_bytes_skip(rest, plain.len);
        SG_TRY(seal_part(keys, in->parts[i].number, plain, out, &pin));
        if (in->many)
            footer.parts[i] = (struct sgc_part){in->parts[i].number, pin, plain.len};
    }
    if (in->checksum_id != 0)
        SG_TRY(sgc_footer_add_checksum(&footer, in->checksum_id, in->checksum));
    return sgc_footer_seal(&footer, keys, out);
}

static sg_err seal_envelope(const struct format_input *in, const struct sgc_secret *dek, struct sg_bytes metadata,
                            struct sgc_buf *out)
{
    struct sgc_envelope envelope = {.many = in->many, .meta_sealed = in->metadata != NULL};
    struct sgc_binding binding = {in->names.bucket, in->names.key, metadata, in->plain.len};
    memcpy(envelope.kek, in->kek->id, sizeof(envelope.kek));
    SG_TRY(sgc_envelope_seal(&envelope, &in->kek->key, &binding, dek));
    return sgc_envelope_print(&envelope, out);
}

sg_err format_object_seal(const struct format_input *input, struct format_object *out)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = SGC_OBJECT_KEYS_NONE;
    format_object_clear(out);
    SG_CHECK(sgc_kek_may_seal(input->kek), KEK_UNAVAILABLE);
    SG_TRY(sgc_secret_random(&dek, SGC_DEK_LEN));
    SG_TRY(sgc_object_keys_init(&keys, &dek));
    SG_TRY(seal_body(input, &keys, &out->body));
    if (input->metadata != NULL)
        SG_TRY(sgc_metadata_seal(input->metadata, &keys, input->names.bucket, input->names.key, &out->metadata));
    return seal_envelope(input, &dek, sgc_buf_view(&out->metadata), &out->envelope);
}

/* --- reading --- */

static sg_err open_segment(struct sgc_opener *o, struct sg_bytes sealed, bool last, struct sgc_buf *out)
{
    SG_CHECK(sealed.len > SGC_SEGMENT_EXTRA, OBJECT_TRUNCATED);
    struct sg_bytes inner = sg_bytes_slice(sealed, SGC_AEAD_IV_LEN, sealed.len - SGC_SEGMENT_EXTRA);
    uint8_t *room;
    SG_TRY(sgc_buf_reserve(out, inner.len, &room));
    SG_TRY(sgc_opener_begin(o, last, sealed.ptr));
    SG_TRY(sgc_opener_update(o, inner, room));
    SG_TRY(sgc_opener_end(o, sealed.ptr + sealed.len - SGC_AEAD_TAG_LEN));
    sgc_buf_commit(out, inner.len);
    return SG_OK;
}

static sg_err open_part(const struct sgc_object_keys *keys, const struct sgc_part *part, struct sg_bytes sealed,
                        struct sgc_buf *out)
{
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener o = SGC_OPENER_NONE;
    SG_TRY(sgc_opener_init(&o, keys, part->number, 0, part->pin));
    while (sealed.len > 0) {
        struct sg_bytes segment = sg_bytes_slice(sealed, 0, SGC_SEGMENT_SEALED);
        sealed = sg_bytes_skip(sealed, segment.len);
        SG_TRY(open_segment(&o, segment, sealed.len == 0, out));
    }
    return SG_OK;
}

/* FMT-30 */
static sg_err open_parts(const struct sgc_object_keys *keys, const struct sgc_part *parts, uint32_t count,
                         struct sg_bytes body, struct sgc_buf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t len = sgc_layout_body_sealed(parts[i].plain);
        SG_CHECK(len <= body.len, OBJECT_TRUNCATED);
        SG_TRY(open_part(keys, &parts[i], sg_bytes_slice(body, 0, len), out));
        body = sg_bytes_skip(body, len);
    }
    SG_CHECK(body.len == 0, OBJECT_TRUNCATED);
    return SG_OK;
}

static sg_err open_body(const struct sgc_object_keys *keys, struct sg_bytes body, uint64_t plain, bool many,
                        struct sgc_buf *out)
{
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer footer = SGC_FOOTER_NONE;
    struct sgc_part whole = {0, 0, plain};
    struct sg_cursor c = sg_cursor(sg_bytes_skip(body, body.len - 4));
    uint32_t len;
    SG_CHECK(sg_cursor_u32be(&c, &len) && len <= body.len, FOOTER_INVALID);
    SG_TRY(sgc_footer_open(sg_bytes_skip(body, body.len - len), keys, plain, many, &footer));
    struct sg_bytes segments = sg_bytes_slice(body, 0, body.len - len);
    return many ? open_parts(keys, footer.parts, footer.part_count, segments, out)
                : open_parts(keys, &whole, 1, segments, out);
}

static sg_err open_dek(const struct format_object *object, const struct format_names *names,
                       const struct sgc_keyring *keyring, uint64_t plain, const struct sgc_envelope *envelope,
                       struct sgc_secret *dek)
{
    struct sgc_binding binding = {names->bucket, names->key, sgc_buf_view(&object->metadata), plain};
    const struct sgc_kek *kek = sgc_keyring_find(keyring, sg_bytes_str(envelope->kek));
    SG_CHECK(kek != NULL && sgc_kek_may_open(kek), KEK_UNAVAILABLE);
    SG_TRY(sgc_envelope_check_ikek(envelope, false));
    return sgc_envelope_open(envelope, &kek->key, &binding, dek);
}

sg_err format_object_open(const struct format_object *object, const struct format_names *names,
                          const struct sgc_keyring *keyring, struct sgc_buf *plain_out,
                          struct sgc_metadata *metadata_out)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = SGC_OBJECT_KEYS_NONE;
    struct sgc_envelope envelope;
    uint64_t plain;
    SG_TRY(sgc_envelope_parse(sgc_buf_view(&object->envelope), &envelope));
    SG_CHECK(sgc_layout_plain(object->body.len, &plain), SIZE_NOT_SEALED);
    SG_TRY(open_dek(object, names, keyring, plain, &envelope, &dek));
    SG_TRY(sgc_object_keys_init(&keys, &dek));
    if (envelope.meta_sealed)
        SG_TRY(sgc_metadata_open(sgc_buf_view(&object->metadata), &keys, names->bucket, names->key, metadata_out));
    return open_body(&keys, sgc_buf_view(&object->body), plain, envelope.many, plain_out);
}
