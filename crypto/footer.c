/*
 * footer.c - the footer's length, and its sealing with an IV that follows from what it says.
 *
 * Completing an upload may be repeated and must then write the same bytes, although nothing is remembered of the first
 * time; a random IV could not do that, and a fixed one would be used twice when the list of parts differs. So the IV is
 * derived from a key and a digest of the plaintext: the same footer gives the same bytes, another one another IV.
 */
#include "crypto/footer.h"

#include "crypto/aead.h"
#include "crypto/footer_text.h"

#include "common/banned.h"

/* LP("foot") || u32 F */
#define AAD_LEN 12u

_Static_assert(SGC_FOOTER_AROUND == SGC_AEAD_IV_LEN + SGC_AEAD_TAG_LEN + 4, "IV, tag, and F itself");

/* FMT-39 */
uint64_t sgc_footer_len(const struct sgc_footer *footer)
{
    uint64_t segments = footer->part_count == 0 ? sgc_layout_segments(footer->plain) : 0;
    for (uint32_t i = 0; i < footer->part_count; i++)
        segments += sgc_layout_segments(footer->parts[i].plain);
    return sgc_layout_sealed(footer->plain) - footer->plain - SGC_SEGMENT_EXTRA * segments;
}

sg_err sgc_footer_add_checksum(struct sgc_footer *footer, uint8_t id, struct sg_bytes value)
{
    size_t at = 0;
    SG_CHECK(value.len > 0 && value.len <= SGC_CHECKSUM_MAX_LEN, INTERNAL);
    SG_CHECK(footer->checksum_count < SGC_FOOTER_CHECKSUM_COUNT, LIMIT);
    SG_CHECK(sgc_footer_text_checksums_len(footer) + 2 + value.len <= SG_LIMIT_FOOTER_CHECKSUMS, LIMIT);
    while (at < footer->checksum_count && footer->checksums[at].id < id)
        at++;
    SG_CHECK(at == footer->checksum_count || footer->checksums[at].id != id, INTERNAL);
    memmove(&footer->checksums[at + 1], &footer->checksums[at],
            (footer->checksum_count - at) * sizeof(footer->checksums[0]));
    footer->checksums[at] = (struct sgc_footer_checksum){.id = id, .len = (uint8_t)value.len};
    memcpy(footer->checksums[at].value, value.ptr, value.len);
    footer->checksum_count++;
    return SG_OK;
}

/* --- sealing --- */

static void put_u32(uint8_t out[4], uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* FMT-36 */
static void aad_of(uint32_t len, uint8_t out[AAD_LEN])
{
    memcpy(out, "\0\0\0\4foot", AAD_LEN - 4);
    put_u32(out + AAD_LEN - 4, len);
}

/* FMT-37 */
static sg_err iv_of(const struct sgc_object_keys *keys, uint32_t len, struct sg_bytes text,
                    uint8_t out[SGC_AEAD_IV_LEN])
{
    SG_CLEANUP(sgc_hash_clear) struct sgc_hash hash = SGC_HASH_NONE;
    uint8_t prefix[4], digest[SGC_SHA256_LEN];
    put_u32(prefix, len);
    SG_TRY(sgc_hash_init(&hash, SGC_HASH_SHA256));
    SG_TRY(sgc_hash_update(&hash, SG_BYTES_ARRAY(prefix)));
    SG_TRY(sgc_hash_update(&hash, text));
    SG_TRY(sgc_hash_final(&hash, digest));
    return sgc_object_keys_footer_iv(keys, SG_BYTES_ARRAY(digest), out);
}

static sg_err init_footer_key(struct sgc_aead *aead, const struct sgc_object_keys *keys)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_TRY(sgc_object_keys_derive(keys, SGC_KEY_FOOTER, &key));
    return sgc_aead_init(aead, &key);
}

/* Appends the footer around `text`, whatever that says. */
static sg_err seal_text(struct sg_bytes text, const struct sgc_object_keys *keys, struct sgc_buf *out)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    uint32_t len = (uint32_t)(text.len + SGC_FOOTER_AROUND);
    uint8_t aad[AAD_LEN];
    uint8_t *room;
    aad_of(len, aad);
    SG_TRY(init_footer_key(&aead, keys));
    SG_TRY(sgc_buf_reserve(out, len, &room));
    SG_TRY(iv_of(keys, len, text, room));
    SG_TRY(sgc_aead_seal(&aead, room, SG_BYTES_ARRAY(aad), text, room + SGC_AEAD_IV_LEN));
    put_u32(room + len - 4, len);
    sgc_buf_commit(out, len);
    return SG_OK;
}

sg_err sgc_footer_seal(const struct sgc_footer *footer, const struct sgc_object_keys *keys, struct sgc_buf *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SGC_FOOTER_MAX);
    SG_TRY(sgc_footer_text_print(footer, &text));
    return seal_text(sgc_buf_view(&text), keys, out);
}

/* --- opening --- */

/* The F that the footer itself states. FMT-45 */
static sg_err check_len(struct sg_bytes sealed, uint64_t plain)
{
    struct sg_cursor c = sg_cursor(sg_bytes_skip(sealed, sealed.len < 4 ? 0 : sealed.len - 4));
    uint32_t stated;
    SG_CHECK(plain <= SGC_PLAIN_MAX, FOOTER_INVALID);
    SG_CHECK(sealed.len >= SGC_FOOTER_MIN && sealed.len <= sgc_layout_footer_one(plain), FOOTER_INVALID);
    SG_CHECK(sg_cursor_u32be(&c, &stated) && stated == sealed.len, FOOTER_INVALID);
    return SG_OK;
}

static sg_err open_text(struct sg_bytes sealed, const struct sgc_object_keys *keys, struct sgc_buf *text)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    struct sg_bytes ciphertext = sg_bytes_slice(sealed, SGC_AEAD_IV_LEN, sealed.len - SGC_AEAD_IV_LEN - 4);
    uint8_t aad[AAD_LEN];
    uint8_t *room;
    aad_of((uint32_t)sealed.len, aad);
    SG_TRY(init_footer_key(&aead, keys));
    SG_TRY(sgc_buf_reserve(text, ciphertext.len - SGC_AEAD_TAG_LEN, &room));
    SG_TRY(sgc_aead_open(&aead, sealed.ptr, SG_BYTES_ARRAY(aad), ciphertext, room));
    sgc_buf_commit(text, ciphertext.len - SGC_AEAD_TAG_LEN);
    return SG_OK;
}

static sg_err open_into(struct sg_bytes sealed, const struct sgc_object_keys *keys, uint64_t plain, bool many,
                        struct sgc_footer *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SGC_FOOTER_MAX);
    SG_TRY(check_len(sealed, plain));
    SG_TRY(open_text(sealed, keys, &text));
    return sgc_footer_text_parse(sgc_buf_view(&text), plain, many, out);
}

sg_err sgc_footer_open(struct sg_bytes sealed, const struct sgc_object_keys *keys, uint64_t plain, bool many,
                       struct sgc_footer *out)
{
    sgc_footer_clear(out);
    sg_err err = open_into(sealed, keys, plain, many, out);
    if (!sg_is_ok(err))
        sgc_footer_clear(out);
    return err;
}

void sgc_footer_clear(struct sgc_footer *footer)
{
    sgc_xfree(footer->parts);
    *footer = SGC_FOOTER_NONE;
}
