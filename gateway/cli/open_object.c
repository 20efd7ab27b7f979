/* Idea: what gateway/pipe does with a stream of one object, for a file that can be read at any place: footer first. */
#include "cli/open_object.h"

#include <errno.h>
#include <unistd.h>

#include "crypto/envelope.h"
#include "crypto/footer.h"
#include "crypto/layout.h"
#include "crypto/segment.h"

#include "common/banned.h"

struct opening {
    const struct sg_stored_object *object;
    uint64_t plain; /* L */
    struct sgc_envelope envelope;
    struct sgc_object_keys keys;
    struct sgc_footer footer;
    sg_plain_fn *on_plain;
    void *ctx;
    uint64_t at; /* of the next segment */
    uint8_t sealed[SGC_SEGMENT_SEALED];
    uint8_t segment[SGC_SEGMENT_PLAIN];
};

static void opening_free(struct opening **o)
{
    sgc_object_keys_clear(&(*o)->keys);
    sgc_footer_clear(&(*o)->footer);
    sgc_wipe((*o)->segment, sizeof((*o)->segment));
    sgc_xfree(*o);
    *o = NULL;
}

static sg_err read_at(int fd, uint64_t offset, uint8_t *out, size_t len)
{
    while (len > 0) {
        ssize_t got = pread(fd, out, len, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        SG_CHECK(got >= 0, IO);
        SG_CHECK(got > 0, OBJECT_TRUNCATED);
        out += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return SG_OK;
}

/* --- keys and metadata --- */

static sg_err open_keys(struct opening *o, const struct sgc_keyring *keyring)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    const struct sg_stored_object *object = o->object;
    SG_TRY(sgc_envelope_parse(object->envelope, &o->envelope));
    const struct sgc_kek *kek = sgc_keyring_find(keyring, sg_bytes_str(o->envelope.kek));
    SG_CHECK(kek != NULL, KEK_NOT_ALLOWED);
    SG_CHECK(sgc_kek_may_open(kek), KEK_UNAVAILABLE);
    SG_CHECK(o->envelope.ikek_len == 0, ENVELOPE_INVALID); /* keys of this provider wrap data keys themselves */
    SG_CHECK(o->envelope.meta_sealed == (object->sealed_metadata.len > 0), ENVELOPE_INVALID);
    struct sgc_binding binding = {
        .bucket_identity = object->bucket_identity,
        .object_key = object->object_key,
        .sealed_metadata = object->sealed_metadata,
        .plain = o->plain,
    };
    SG_TRY(sgc_envelope_open(&o->envelope, &kek->key, &binding, &dek));
    return sgc_object_keys_init(&o->keys, &dek);
}

static sg_err open_metadata(struct opening *o, struct sgc_metadata *out)
{
    if (!o->envelope.meta_sealed)
        return SG_OK;
    return sgc_metadata_open(o->object->sealed_metadata, &o->keys, o->object->bucket_identity, o->object->object_key,
                             out);
}

/* --- footer --- */

/* The footer's own last four bytes say how long it is. */
static sg_err footer_len(const struct opening *o, uint64_t *out)
{
    uint8_t raw[4];
    uint32_t len = 0;
    SG_TRY(read_at(o->object->fd, o->object->size - sizeof(raw), raw, sizeof(raw)));
    struct sg_cursor c = sg_cursor(SG_BYTES_ARRAY(raw));
    SG_CHECK(sg_cursor_u32be(&c, &len), FOOTER_INVALID);
    SG_CHECK(len >= SGC_FOOTER_MIN && len <= SGC_FOOTER_MAX && len <= o->object->size, FOOTER_INVALID);
    *out = len;
    return SG_OK;
}

static sg_err open_footer(struct opening *o)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf sealed = SGC_BUF_INIT(SGC_FOOTER_MAX);
    uint64_t len;
    uint8_t *room;
    SG_TRY(footer_len(o, &len));
    SG_TRY(sgc_buf_reserve(&sealed, len, &room));
    SG_TRY(read_at(o->object->fd, o->object->size - len, room, len));
    sgc_buf_commit(&sealed, len);
    return sgc_footer_open(sgc_buf_view(&sealed), &o->keys, o->plain, o->envelope.many, &o->footer);
}

/* --- body --- */

static sg_err open_segment(struct opening *o, struct sgc_opener *opener, size_t plain_len, bool last)
{
    size_t sealed_len = plain_len + SGC_SEGMENT_EXTRA;
    SG_TRY(read_at(o->object->fd, o->at, o->sealed, sealed_len));
    SG_TRY(sgc_opener_begin(opener, last, o->sealed));
    SG_TRY(sgc_opener_update(opener, sg_bytes(o->sealed + SGC_AEAD_IV_LEN, plain_len), o->segment));
    SG_TRY(sgc_opener_end(opener, o->sealed + SGC_AEAD_IV_LEN + plain_len));
    o->at += sealed_len;
    return o->on_plain(o->ctx, sg_bytes(o->segment, plain_len));
}

static sg_err open_part(struct opening *o, const struct sgc_part *part)
{
    SG_CLEANUP(sgc_opener_clear) struct sgc_opener opener = SGC_OPENER_NONE;
    SG_TRY(sgc_opener_init(&opener, &o->keys, part->number, 0, part->pin));
    for (uint64_t left = part->plain; left > 0;) {
        size_t len = left < SGC_SEGMENT_PLAIN ? (size_t)left : SGC_SEGMENT_PLAIN;
        left -= len;
        SG_TRY(open_segment(o, &opener, len, left == 0));
    }
    return SG_OK;
}

static sg_err open_body(struct opening *o)
{
    const struct sgc_part whole = {.number = 0, .pin = 0, .plain = o->plain};
    if (!o->envelope.many)
        return open_part(o, &whole);
    for (uint32_t i = 0; i < o->footer.part_count; i++)
        SG_TRY(open_part(o, &o->footer.parts[i]));
    return SG_OK;
}

sg_err sg_object_open(const struct sg_stored_object *object, const struct sgc_keyring *keyring,
                      struct sgc_metadata *metadata_out, sg_plain_fn *on_plain, void *ctx)
{
    SG_CLEANUP(opening_free) struct opening *o = sgc_xalloc(sizeof(*o));
    *o = (struct opening){
        .object = object, .keys = SGC_OBJECT_KEYS_NONE, .footer = SGC_FOOTER_NONE, .on_plain = on_plain, .ctx = ctx};
    SG_CHECK(sgc_layout_plain(object->size, &o->plain), SIZE_NOT_SEALED);
    SG_TRY(open_keys(o, keyring));
    SG_TRY(open_metadata(o, metadata_out));
    SG_TRY(open_footer(o));
    SG_TRY(open_body(o));
    /* The footer begins where the last segment ends; its length is part of what it authenticates. */
    SG_CHECK(o->at + sgc_footer_len(&o->footer) == object->size, FOOTER_INVALID);
    return SG_OK;
}
