/*
 * segment.c - AES-256-GCM over one segment after the other, with running IVs.
 *
 * The library context is keyed once for a part; a segment costs a new IV, 20 bytes of AAD and its own bytes, and no
 * allocation. What a segment is (part, index, whether it is the last) is authenticated, never stored. IVs are stored
 * and run on from a random first one, so that segments of two attempts to upload the same part do not mix: the first
 * segment that a reader opens fixes the IVs of all that follow.
 *
 * A state that has failed stays dead: both sides check their phase, so that no caller can go on by mistake.
 */
#include "crypto/segment.h"

#include "crypto/rand.h"

#include "common/banned.h"

/* LP("seg") || u32 part || u64 index || u8 last */
#define AAD_LEN 20u

struct segment_aad {
    uint8_t bytes[AAD_LEN];
};

static void put_be(uint8_t *out, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        out[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

/* FMT-31 */
static struct segment_aad aad_of(uint32_t part, uint64_t index, bool last)
{
    struct segment_aad aad = {{0, 0, 0, 3, 's', 'e', 'g'}};
    put_be(aad.bytes + 7, 4, part);
    put_be(aad.bytes + 11, 8, index);
    aad.bytes[19] = last ? 1 : 0;
    return aad;
}

/* FMT-32: IV + 1 as a 96-bit number modulo 2^96. */
static void iv_increment(uint8_t iv[SGC_AEAD_IV_LEN])
{
    for (size_t i = SGC_AEAD_IV_LEN; i-- > 0;) {
        iv[i]++;
        if (iv[i] != 0)
            return;
    }
}

static uint32_t iv_head(const uint8_t iv[SGC_AEAD_IV_LEN])
{
    return (uint32_t)iv[0] << 24 | (uint32_t)iv[1] << 16 | (uint32_t)iv[2] << 8 | iv[3];
}

/* FMT-33: the first four bytes of IV_i - i, which is what the pin of a part shows. */
static uint32_t iv_start_head(const uint8_t iv[SGC_AEAD_IV_LEN], uint64_t index)
{
    uint64_t low = 0;
    for (size_t i = 4; i < SGC_AEAD_IV_LEN; i++)
        low = low << 8 | iv[i];
    return iv_head(iv) - (low < index ? 1u : 0u);
}

/* FMT-34: every segment but the last is full, and none is empty. */
static bool is_segment_len(size_t len, bool last)
{
    return last ? len > 0 && len <= SGC_SEGMENT_PLAIN : len == SGC_SEGMENT_PLAIN;
}

static sg_err init_content_key(struct sgc_aead *aead, const struct sgc_object_keys *keys)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_TRY(sgc_object_keys_derive(keys, SGC_KEY_CONTENT, &key));
    return sgc_aead_init(aead, &key);
}

/* --- sealing --- */

sg_err sgc_sealer_init(struct sgc_sealer *s, const struct sgc_object_keys *keys, uint32_t part)
{
    sgc_sealer_clear(s);
    SG_TRY(init_content_key(&s->aead, keys));
    SG_TRY(sgc_rand(s->iv, sizeof(s->iv)));
    s->part = part;
    s->phase = SGC_SEGMENT_BETWEEN;
    return SG_OK;
}

/* FMT-43 */
uint32_t sgc_sealer_pin(const struct sgc_sealer *s)
{
    return iv_head(s->iv);
}

sg_err sgc_sealer_begin(struct sgc_sealer *s, bool last, uint8_t iv_out[SGC_AEAD_IV_LEN])
{
    SG_CHECK(s->phase == SGC_SEGMENT_BETWEEN, INTERNAL);
    s->phase = SGC_SEGMENT_DEAD;
    struct segment_aad aad = aad_of(s->part, s->index, last);
    SG_TRY(sgc_aead_seal_begin(&s->aead, s->iv, SG_BYTES_ARRAY(aad.bytes)));
    memcpy(iv_out, s->iv, SGC_AEAD_IV_LEN);
    s->last = last;
    s->fill = 0;
    s->phase = SGC_SEGMENT_INSIDE;
    return SG_OK;
}

sg_err sgc_sealer_update(struct sgc_sealer *s, struct sg_bytes in, uint8_t *out)
{
    SG_CHECK(s->phase == SGC_SEGMENT_INSIDE, INTERNAL);
    s->phase = SGC_SEGMENT_DEAD;
    SG_CHECK(in.len <= SGC_SEGMENT_PLAIN - s->fill, INTERNAL);
    SG_TRY(sgc_aead_seal_update(&s->aead, in, out));
    s->fill += (uint32_t)in.len;
    s->phase = SGC_SEGMENT_INSIDE;
    return SG_OK;
}

sg_err sgc_sealer_end(struct sgc_sealer *s, uint8_t tag_out[SGC_AEAD_TAG_LEN])
{
    SG_CHECK(s->phase == SGC_SEGMENT_INSIDE, INTERNAL);
    s->phase = SGC_SEGMENT_DEAD;
    SG_CHECK(is_segment_len(s->fill, s->last), INTERNAL);
    SG_TRY(sgc_aead_seal_end(&s->aead, tag_out));
    iv_increment(s->iv);
    s->index++;
    s->phase = s->last ? SGC_SEGMENT_DEAD : SGC_SEGMENT_BETWEEN;
    return SG_OK;
}

void sgc_sealer_clear(struct sgc_sealer *s)
{
    sgc_aead_clear(&s->aead);
    *s = SGC_SEALER_NONE;
}

/* --- opening --- */

sg_err sgc_opener_init(struct sgc_opener *o, const struct sgc_object_keys *keys, uint32_t part, uint64_t first_segment,
                       uint32_t pin)
{
    sgc_opener_clear(o);
    SG_TRY(init_content_key(&o->aead, keys));
    o->part = part;
    o->index = first_segment;
    o->pin = pin;
    o->phase = SGC_SEGMENT_BETWEEN;
    return SG_OK;
}

sg_err sgc_opener_begin(struct sgc_opener *o, bool last, const uint8_t iv[SGC_AEAD_IV_LEN])
{
    SG_CHECK(o->phase == SGC_SEGMENT_BETWEEN, INTERNAL);
    o->phase = SGC_SEGMENT_DEAD;
    /* FMT-33 */
    SG_CHECK(!o->has_iv || sg_bytes_eq(sg_bytes(iv, SGC_AEAD_IV_LEN), SG_BYTES_ARRAY(o->iv)), TAG_MISMATCH);
    SG_CHECK(o->pin == 0 || o->pin == iv_start_head(iv, o->index), TAG_MISMATCH);
    struct segment_aad aad = aad_of(o->part, o->index, last);
    SG_TRY(sgc_aead_open_begin(&o->aead, iv, SG_BYTES_ARRAY(aad.bytes)));
    memcpy(o->iv, iv, SGC_AEAD_IV_LEN);
    o->has_iv = true;
    o->last = last;
    o->fill = 0;
    o->phase = SGC_SEGMENT_INSIDE;
    return SG_OK;
}

sg_err sgc_opener_update(struct sgc_opener *o, struct sg_bytes in, uint8_t *out)
{
    SG_CHECK(o->phase == SGC_SEGMENT_INSIDE, INTERNAL);
    o->phase = SGC_SEGMENT_DEAD;
    SG_CHECK(in.len <= SGC_SEGMENT_PLAIN - o->fill, TAG_MISMATCH);
    SG_TRY(sgc_aead_open_update(&o->aead, in, out));
    o->fill += (uint32_t)in.len;
    o->phase = SGC_SEGMENT_INSIDE;
    return SG_OK;
}

sg_err sgc_opener_end(struct sgc_opener *o, const uint8_t tag[SGC_AEAD_TAG_LEN])
{
    SG_CHECK(o->phase == SGC_SEGMENT_INSIDE, INTERNAL);
    o->phase = SGC_SEGMENT_DEAD;
    SG_CHECK(is_segment_len(o->fill, o->last), TAG_MISMATCH);
    SG_TRY(sgc_aead_open_end(&o->aead, tag));
    iv_increment(o->iv);
    o->index++;
    o->phase = o->last ? SGC_SEGMENT_DEAD : SGC_SEGMENT_BETWEEN;
    return SG_OK;
}

void sgc_opener_clear(struct sgc_opener *o)
{
    sgc_aead_clear(&o->aead);
    *o = SGC_OPENER_NONE;
}
