/*
 * footer_text.c - lengths of parts and checksums, in the room that the size function left for them.
 *
 * T is as long as it must be, not as long as it wants: F follows from L and from where the parts were cut. So the
 * parser knows before it reads how many parts there can be, and afterwards that the footer had the only length it may
 * have. Reader and writer apply the same checks; the list of parts that is written comes from a client.
 */
#include "crypto/footer_text.h"

#include "crypto/ct.h"

#include "common/banned.h"

#define PART_LEN 16u /* u32 number, u64 length, u32 pin */
#define TEXT_MIN (8u + 4u + SGC_SHA256_LEN + 1u)

/* FMT-39: a footer of N parts has 16 N + 188 bytes at least, which leaves this for checksums. */
_Static_assert(16 + 188 - SGC_FOOTER_AROUND - TEXT_MIN - PART_LEN == SG_LIMIT_FOOTER_CHECKSUMS, "room for checksums");
_Static_assert(SGC_FOOTER_MIN == SGC_FOOTER_AROUND + TEXT_MIN, "the smallest footer that can be read");

/* Raw lengths by algorithm. FMT-44 */
static const uint8_t checksum_lens[] = {0, 4, 4, 8, 20, 32, 16, 64, 8, 8, 16};

/* --- checks that reader and writer share --- */

/* FMT-41: min(10000, floor(L / UNIT) + 1), the slots that were paid for. */
static uint64_t part_count_max(uint64_t plain)
{
    return (sgc_layout_footer_one(plain) - SGC_FOOTER_TAIL) / SGC_FOOTER_SLOT;
}

/* FMT-40, FMT-41 */
static bool is_part_count(uint64_t count, uint64_t plain, bool many)
{
    return many ? count >= 1 && count <= part_count_max(plain) : count == 0;
}

/* FMT-42 */
static sg_err check_parts(const struct sgc_footer *f)
{
    uint64_t left = f->plain;
    uint32_t last_number = 0;
    for (uint32_t i = 0; i < f->part_count; i++) {
        const struct sgc_part *part = &f->parts[i];
        SG_CHECK(part->number > last_number && part->number <= SG_LIMIT_PART_COUNT, FOOTER_INVALID);
        SG_CHECK(part->plain >= SG_LIMIT_PART_MIN || i + 1 == f->part_count, FOOTER_INVALID);
        SG_CHECK(part->plain <= left, FOOTER_INVALID);
        left -= part->plain;
        last_number = part->number;
    }
    SG_CHECK(left == 0 || f->part_count == 0, FOOTER_INVALID);
    return SG_OK;
}

/* FMT-44 */
static bool is_checksum(const struct sgc_footer_checksum *sum)
{
    uint8_t alg = sum->id & (SGC_CHECKSUM_COMPOSITE - 1);
    return alg > 0 && alg < sizeof(checksum_lens) && sum->len == checksum_lens[alg];
}

size_t sgc_footer_text_checksums_len(const struct sgc_footer *f)
{
    size_t len = 0;
    for (size_t i = 0; i < f->checksum_count; i++)
        len += 2u + f->checksums[i].len;
    return len;
}

static sg_err check_checksums(const struct sgc_footer *f)
{
    SG_CHECK(f->checksum_count <= SGC_FOOTER_CHECKSUM_COUNT, FOOTER_INVALID);
    for (size_t i = 0; i < f->checksum_count; i++) {
        SG_CHECK(is_checksum(&f->checksums[i]), FOOTER_INVALID);
        SG_CHECK(i == 0 || f->checksums[i].id > f->checksums[i - 1].id, FOOTER_INVALID);
    }
    SG_CHECK(sgc_footer_text_checksums_len(f) <= SG_LIMIT_FOOTER_CHECKSUMS, FOOTER_INVALID);
    return SG_OK;
}

static sg_err check(const struct sgc_footer *f, bool many)
{
    SG_CHECK(f->plain <= SGC_PLAIN_MAX && is_part_count(f->part_count, f->plain, many), FOOTER_INVALID);
    SG_CHECK(many || sgc_ct_is_zero(SG_BYTES_ARRAY(f->upload_digest)), FOOTER_INVALID);
    SG_TRY(check_parts(f));
    return check_checksums(f);
}

/* --- printing --- */

static sg_err print_content(const struct sgc_footer *f, struct sgc_buf *out)
{
    SG_TRY(sgc_buf_append_u64be(out, f->plain));
    SG_TRY(sgc_buf_append_u32be(out, f->part_count));
    SG_TRY(sgc_buf_append(out, SG_BYTES_ARRAY(f->upload_digest)));
    for (uint32_t i = 0; i < f->part_count; i++) {
        SG_TRY(sgc_buf_append_u32be(out, f->parts[i].number));
        SG_TRY(sgc_buf_append_u64be(out, f->parts[i].plain));
        SG_TRY(sgc_buf_append_u32be(out, f->parts[i].pin));
    }
    SG_TRY(sgc_buf_append_u8(out, (uint8_t)f->checksum_count));
    for (size_t i = 0; i < f->checksum_count; i++) {
        SG_TRY(sgc_buf_append_u8(out, f->checksums[i].id));
        SG_TRY(sgc_buf_append_u8(out, f->checksums[i].len));
        SG_TRY(sgc_buf_append(out, sg_bytes(f->checksums[i].value, f->checksums[i].len)));
    }
    return SG_OK;
}

/* FMT-38 */
sg_err sgc_footer_text_print(const struct sgc_footer *footer, struct sgc_buf *out)
{
    SG_TRY(check(footer, footer->part_count > 0));
    size_t start = out->len;
    SG_TRY(print_content(footer, out));
    size_t content = out->len - start;
    size_t len = (size_t)sgc_footer_len(footer) - SGC_FOOTER_AROUND;
    sg_assert(content <= len); /* FMT-39: it always suffices */
    uint8_t *room;
    SG_TRY(sgc_buf_reserve(out, len - content, &room));
    memset(room, 0, len - content);
    sgc_buf_commit(out, len - content);
    return SG_OK;
}

/* --- parsing --- */

static bool take_part(struct sg_cursor *c, struct sgc_part *out)
{
    return sg_cursor_u32be(c, &out->number) && sg_cursor_u64be(c, &out->plain) && sg_cursor_u32be(c, &out->pin);
}

/* `count` has been checked; the bytes of the table must be there before memory for it is taken. */
static sg_err parse_parts(struct sg_cursor *c, uint32_t count, struct sgc_footer *out)
{
    SG_CHECK(c->rest.len / PART_LEN >= count, FOOTER_INVALID);
    if (count == 0)
        return SG_OK;
    out->parts = sgc_xalloc(count * sizeof(*out->parts));
    out->part_count = count;
    for (uint32_t i = 0; i < count; i++)
        SG_CHECK(take_part(c, &out->parts[i]), FOOTER_INVALID);
    return SG_OK;
}

static bool take_checksum(struct sg_cursor *c, struct sgc_footer_checksum *out)
{
    struct sg_bytes value;
    if (!sg_cursor_u8(c, &out->id) || !sg_cursor_u8(c, &out->len) || !sg_cursor_take(c, out->len, &value) ||
        value.len > sizeof(out->value))
        return false;
    if (value.len > 0)
        memcpy(out->value, value.ptr, value.len);
    return true;
}

static sg_err parse_checksums(struct sg_cursor *c, struct sgc_footer *out)
{
    uint8_t count;
    SG_CHECK(sg_cursor_u8(c, &count) && count <= SGC_FOOTER_CHECKSUM_COUNT, FOOTER_INVALID);
    for (out->checksum_count = 0; out->checksum_count < count; out->checksum_count++)
        SG_CHECK(take_checksum(c, &out->checksums[out->checksum_count]), FOOTER_INVALID);
    return SG_OK;
}

/* FMT-45 */
sg_err sgc_footer_text_parse(struct sg_bytes text, uint64_t plain, bool many, struct sgc_footer *out)
{
    struct sg_cursor c = sg_cursor(text);
    struct sg_bytes digest;
    uint32_t count;
    SG_CHECK(plain <= SGC_PLAIN_MAX, FOOTER_INVALID);
    SG_CHECK(sg_cursor_u64be(&c, &out->plain) && out->plain == plain, FOOTER_INVALID);
    SG_CHECK(sg_cursor_u32be(&c, &count) && is_part_count(count, plain, many), FOOTER_INVALID);
    SG_CHECK(sg_cursor_take(&c, sizeof(out->upload_digest), &digest), FOOTER_INVALID);
    memcpy(out->upload_digest, digest.ptr, digest.len);
    SG_TRY(parse_parts(&c, count, out));
    SG_TRY(parse_checksums(&c, out));
    SG_CHECK(sgc_ct_is_zero(c.rest), FOOTER_INVALID);
    SG_TRY(check(out, many));
    SG_CHECK(text.len + SGC_FOOTER_AROUND == sgc_footer_len(out), FOOTER_INVALID);
    return SG_OK;
}
