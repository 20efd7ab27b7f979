/*
 * metadata.c - a small sorted table of names and values, and its sealed form.
 *
 * All bytes of the table stand in one buffer, the entries point into it and are kept in the order of the format from
 * the start. A header that a client sends twice grows in place, so that joining costs no more room than the values
 * have.
 *
 * Reader and writer share one check of an entry: what may not be sealed is not accepted either, and what comes out goes
 * into response headers.
 */
#include "crypto/metadata.h"

#include "crypto/aead.h"
#include "crypto/append.h"
#include "crypto/envelope.h"
#include "crypto/metadata_message.h"
#include "crypto/rand.h"

#include "common/banned.h"

/* FMT-28: what a reader looks at; IV and tag are the least there can be. */
#define VALUE_MAX    SG_LIMIT_METADATA
#define SEALED_MAX   (VALUE_MAX * 3 / 4)
#define SEALED_EXTRA (SGC_AEAD_IV_LEN + SGC_AEAD_TAG_LEN)
/* Bucket and key have bounds elsewhere; this one holds in any case. */
#define AAD_MAX 8192u

/* FMT-26 */
static const char *const content_names[] = {
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
};

/* --- what an entry may be --- */

/* RFC 9110, section 5.6.2, without capitals. */
static bool is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_name(struct sg_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_name_char(name.ptr[i]))
            return false;
    }
    return name.len > 0 && name.len <= UINT16_MAX;
}

/* FMT-27 */
static bool is_value(struct sg_bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\0' || value.ptr[i] == '\r' || value.ptr[i] == '\n')
            return false;
    }
    return value.len <= UINT16_MAX;
}

static bool is_content_name(struct sg_bytes name)
{
    for (size_t i = 0; i < SG_COUNT_OF(content_names); i++) {
        if (sg_bytes_eq_str(name, content_names[i]))
            return true;
    }
    return false;
}

/* `name` is in lower case. FMT-26 */
static sg_err check_entry(enum sgc_metadata_kind kind, struct sg_bytes name, struct sg_bytes value)
{
    SG_CHECK(kind >= SGC_METADATA_USER && kind <= SGC_METADATA_CHECKSUM, METADATA_INVALID);
    SG_CHECK(is_name(name) && is_value(value), METADATA_INVALID);
    /* FMT-21 */
    SG_CHECK(kind != SGC_METADATA_USER || !sg_bytes_has_prefix(name, SG_BYTES_LIT("sealgate")), METADATA_RESERVED);
    SG_CHECK(kind != SGC_METADATA_CONTENT || is_content_name(name), METADATA_INVALID);
    return SG_OK;
}

/* --- the table --- */

struct sgc_metadata_entry sgc_metadata_at(const struct sgc_metadata *m, size_t index)
{
    sg_assert(index < m->count);
    struct sg_bytes all = sgc_buf_view(&m->bytes);
    size_t at = m->entries[index].at;
    size_t name_len = m->entries[index].name_len;
    return (struct sgc_metadata_entry){
        .kind = (enum sgc_metadata_kind)m->entries[index].kind,
        .name = sg_bytes_slice(all, at, name_len),
        .value = sg_bytes_slice(all, at + name_len, m->entries[index].value_len),
    };
}

/* FMT-25 */
static int compare(const struct sgc_metadata_entry *entry, enum sgc_metadata_kind kind, struct sg_bytes name)
{
    if (entry->kind != kind)
        return entry->kind < kind ? -1 : 1;
    return sg_bytes_cmp(entry->name, name);
}

/* The index of the entry, or the one it would have. */
static size_t place_of(const struct sgc_metadata *m, enum sgc_metadata_kind kind, struct sg_bytes name, bool *found)
{
    for (size_t i = 0; i < m->count; i++) {
        struct sgc_metadata_entry entry = sgc_metadata_at(m, i);
        int order = compare(&entry, kind, name);
        if (order < 0)
            continue;
        *found = order == 0;
        return i;
    }
    *found = false;
    return m->count;
}

bool sgc_metadata_find(const struct sgc_metadata *m, enum sgc_metadata_kind kind, struct sg_bytes name,
                       struct sg_bytes *value_out)
{
    bool found;
    size_t index = place_of(m, kind, name, &found);
    if (found)
        *value_out = sgc_metadata_at(m, index).value;
    return found;
}

/* What S3 counts: names without prefix and values of user metadata. */
static size_t user_len(const struct sgc_metadata *m)
{
    size_t len = 0;
    for (size_t i = 0; i < m->count && m->entries[i].kind == SGC_METADATA_USER; i++)
        len += (size_t)m->entries[i].name_len + m->entries[i].value_len;
    return len;
}

static sg_err insert(struct sgc_metadata *m, size_t index, enum sgc_metadata_kind kind, struct sg_bytes name,
                     struct sg_bytes value)
{
    size_t at = m->bytes.len;
    uint8_t *room;
    SG_CHECK(m->count < SGC_METADATA_COUNT_MAX, METADATA_TOO_LARGE);
    SG_CHECK(name.len + value.len <= m->bytes.max - m->bytes.len, METADATA_TOO_LARGE);
    SG_TRY(sgc_buf_reserve(&m->bytes, name.len + value.len, &room));
    memcpy(room, name.ptr, name.len);
    if (value.len > 0)
        memcpy(room + name.len, value.ptr, value.len);
    sgc_buf_commit(&m->bytes, name.len + value.len);

    memmove(&m->entries[index + 1], &m->entries[index], (m->count - index) * sizeof(m->entries[0]));
    m->entries[index].kind = (uint8_t)kind;
    m->entries[index].name_len = (uint16_t)name.len;
    m->entries[index].value_len = (uint16_t)value.len;
    m->entries[index].at = (uint32_t)at;
    m->count++;
    return SG_OK;
}

/* Opens a gap behind the value and fills it with "," and what is added. */
static sg_err join(struct sgc_metadata *m, size_t index, struct sg_bytes value)
{
    size_t end = (size_t)m->entries[index].at + m->entries[index].name_len + m->entries[index].value_len;
    size_t added = 1 + value.len;
    uint8_t *room;
    SG_CHECK(added <= m->bytes.max - m->bytes.len, METADATA_TOO_LARGE);
    SG_TRY(sgc_buf_reserve(&m->bytes, added, &room));
    uint8_t *gap = m->bytes.ptr + end;
    memmove(gap + added, gap, m->bytes.len - end);
    gap[0] = ',';
    if (value.len > 0)
        memcpy(gap + 1, value.ptr, value.len);
    sgc_buf_commit(&m->bytes, added);

    m->entries[index].value_len = (uint16_t)(m->entries[index].value_len + added);
    for (size_t i = 0; i < m->count; i++) {
        if (m->entries[i].at >= end)
            m->entries[i].at += (uint32_t)added;
    }
    return SG_OK;
}

static sg_err add_lower(struct sgc_metadata *m, enum sgc_metadata_kind kind, struct sg_bytes name,
                        struct sg_bytes value)
{
    bool found;
    SG_TRY(check_entry(kind, name, value));
    size_t index = place_of(m, kind, name, &found);
    size_t added = found ? 1 + value.len : name.len + value.len;
    SG_CHECK(kind != SGC_METADATA_USER || user_len(m) + added <= SG_LIMIT_METADATA, METADATA_TOO_LARGE);
    return found ? join(m, index, value) : insert(m, index, kind, name, value);
}

sg_err sgc_metadata_add(struct sgc_metadata *m, enum sgc_metadata_kind kind, struct sg_bytes name,
                        struct sg_bytes value)
{
    uint8_t lower[SG_LIMIT_METADATA];
    SG_CHECK(name.len <= sizeof(lower) && value.len <= m->bytes.max, METADATA_TOO_LARGE);
    for (size_t i = 0; i < name.len; i++)
        lower[i] = sg_ascii_lower(name.ptr[i]);
    return add_lower(m, kind, sg_bytes(lower, name.len), value);
}

void sgc_metadata_clear(struct sgc_metadata *m)
{
    sgc_buf_clear(&m->bytes);
    m->count = 0;
}

/* --- M --- */

/* FMT-24 */
sg_err sgc_metadata_message_print(const struct sgc_metadata *m, struct sgc_buf *out)
{
    for (size_t i = 0; i < m->count; i++) {
        struct sgc_metadata_entry entry = sgc_metadata_at(m, i);
        SG_TRY(sgc_buf_append_u8(out, (uint8_t)entry.kind));
        SG_TRY(sgc_buf_append_u16be(out, (uint16_t)entry.name.len));
        SG_TRY(sgc_buf_append(out, entry.name));
        SG_TRY(sgc_buf_append_u16be(out, (uint16_t)entry.value.len));
        SG_TRY(sgc_buf_append(out, entry.value));
    }
    return SG_OK;
}

static bool take_entry(struct sg_cursor *c, struct sgc_metadata_entry *out)
{
    uint8_t kind;
    uint16_t len;
    if (!sg_cursor_u8(c, &kind) || !sg_cursor_u16be(c, &len) || !sg_cursor_take(c, len, &out->name))
        return false;
    out->kind = (enum sgc_metadata_kind)kind;
    return sg_cursor_u16be(c, &len) && sg_cursor_take(c, len, &out->value);
}

/* True when the entry belongs behind all that the table has. FMT-25 */
static bool ascends(const struct sgc_metadata *m, const struct sgc_metadata_entry *entry)
{
    if (m->count == 0)
        return true;
    struct sgc_metadata_entry last = sgc_metadata_at(m, m->count - 1);
    return compare(&last, entry->kind, entry->name) < 0;
}

sg_err sgc_metadata_message_parse(struct sg_bytes message, struct sgc_metadata *out)
{
    struct sg_cursor c = sg_cursor(message);
    sgc_metadata_clear(out);
    while (c.rest.len > 0) {
        struct sgc_metadata_entry entry;
        SG_CHECK(take_entry(&c, &entry) && ascends(out, &entry), ENVELOPE_INVALID);
        SG_CHECK(sg_is_ok(check_entry(entry.kind, entry.name, entry.value)), ENVELOPE_INVALID);
        SG_CHECK(sg_is_ok(insert(out, out->count, entry.kind, entry.name, entry.value)), ENVELOPE_INVALID);
    }
    return SG_OK;
}

/* --- sealed --- */

static sg_err append_aad(struct sgc_buf *out, struct sg_bytes bucket_identity, struct sg_bytes object_key)
{
    SG_TRY(sgc_buf_append_lp(out, SG_BYTES_LIT("sealgate v1 metadata")));
    SG_TRY(sgc_buf_append_lp(out, bucket_identity));
    return sgc_buf_append_lp(out, object_key);
}

static sg_err init_metadata_key(struct sgc_aead *aead, const struct sgc_object_keys *keys)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_TRY(sgc_object_keys_derive(keys, SGC_KEY_METADATA, &key));
    return sgc_aead_init(aead, &key);
}

/* FMT-23 */
sg_err sgc_metadata_seal(const struct sgc_metadata *m, const struct sgc_object_keys *keys,
                         struct sg_bytes bucket_identity, struct sg_bytes object_key, struct sgc_buf *out)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf aad = SGC_BUF_INIT(AAD_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(2 * m->bytes.max);
    uint8_t sealed[SEALED_MAX];
    SG_TRY(sgc_metadata_message_print(m, &message));
    /* What fits beside the shortest envelope; sgc_envelope_seal() looks at the one at hand. */
    SG_CHECK(SGC_BASE64URL_LEN(message.len + SEALED_EXTRA) <= sgc_envelope_metadata_room(0), METADATA_TOO_LARGE);
    SG_TRY(append_aad(&aad, bucket_identity, object_key));
    SG_TRY(init_metadata_key(&aead, keys));
    SG_TRY(sgc_rand(sealed, SGC_AEAD_IV_LEN));
    SG_TRY(sgc_aead_seal(&aead, sealed, sgc_buf_view(&aad), sgc_buf_view(&message), sealed + SGC_AEAD_IV_LEN));
    return sgc_append_base64url(out, sg_bytes(sealed, message.len + SEALED_EXTRA));
}

static sg_err open_message(struct sg_bytes sealed, const struct sgc_object_keys *keys, struct sg_bytes aad,
                           struct sgc_buf *message)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    struct sg_bytes ciphertext = sg_bytes_skip(sealed, SGC_AEAD_IV_LEN);
    uint8_t *room;
    SG_TRY(init_metadata_key(&aead, keys));
    SG_TRY(sgc_buf_reserve(message, ciphertext.len - SGC_AEAD_TAG_LEN, &room));
    sg_err err = sgc_aead_open(&aead, sealed.ptr, aad, ciphertext, room);
    SG_CHECK(!sg_is(err, TAG_MISMATCH), ENVELOPE_INVALID);
    SG_TRY(err);
    sgc_buf_commit(message, ciphertext.len - SGC_AEAD_TAG_LEN);
    return SG_OK;
}

static sg_err decode_and_open(struct sg_bytes header_value, const struct sgc_object_keys *keys, struct sg_bytes aad,
                              struct sgc_metadata *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SEALED_MAX);
    uint8_t sealed[SEALED_MAX];
    size_t len;
    SG_CHECK(header_value.len <= VALUE_MAX, ENVELOPE_INVALID);
    SG_CHECK(sg_is_ok(sgc_base64url_decode(header_value, sealed, sizeof(sealed), &len)), ENVELOPE_INVALID);
    SG_CHECK(len >= SEALED_EXTRA, ENVELOPE_INVALID);
    SG_TRY(open_message(sg_bytes(sealed, len), keys, aad, &message));
    return sgc_metadata_message_parse(sgc_buf_view(&message), out);
}

sg_err sgc_metadata_open(struct sg_bytes header_value, const struct sgc_object_keys *keys,
                         struct sg_bytes bucket_identity, struct sg_bytes object_key, struct sgc_metadata *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf aad = SGC_BUF_INIT(AAD_MAX);
    sgc_metadata_clear(out);
    SG_TRY(append_aad(&aad, bucket_identity, object_key));
    sg_err err = decode_and_open(header_value, keys, sgc_buf_view(&aad), out);
    if (!sg_is_ok(err))
        sgc_metadata_clear(out);
    return err;
}
