/*
 * layout.c - the arithmetic of docs/format.md, and nothing else.
 *
 * Every object pays for its segments (O bytes each) and for a footer whose length depends on the plaintext length
 * alone: SLOT bytes for each UNIT begun, TAIL bytes once. So the stored length is one strictly increasing function G of
 * the plaintext length, and can be turned round. A UNIT is a whole number of segments, which makes the inverse a
 * division: G(q * UNIT + r) = q * UNIT_SEALED + (what r needs) + TAIL, and what r needs is less than UNIT_SEALED.
 *
 * Nothing here trusts its input. Lengths above SGC_PLAIN_MAX have no layout: sizes of them saturate at UINT64_MAX,
 * which no limit of any store lets through, and the inverse refuses.
 */
#include "crypto/layout.h"

#include "common/banned.h"

/* What one UNIT of plaintext takes: 80 segments and one slot. */
#define UNIT_SEALED (SGC_FOOTER_UNIT / SGC_SEGMENT_PLAIN * SGC_SEGMENT_SEALED + SGC_FOOTER_SLOT)

/* FMT-2 */
_Static_assert(SGC_FOOTER_UNIT % SGC_SEGMENT_PLAIN == 0, "the inverse needs units of whole segments");
_Static_assert(UNIT_SEALED == 5245164, "UNIT as stored, as docs/format.md states it");
_Static_assert(SGC_FOOTER_MAX == 440160, "longest footer, as docs/format.md states it");
_Static_assert(SGC_PLAIN_MAX < UINT64_MAX / 2, "sizes of every admitted length must fit 64 bits");

/* FMT-4: the number of slots that an object of `plain` bytes pays for. */
static uint64_t slots(uint64_t units)
{
    return units + 1 < SG_LIMIT_PART_COUNT ? units + 1 : SG_LIMIT_PART_COUNT;
}

/* FMT-3 */
uint64_t sgc_layout_segments(uint64_t plain)
{
    return plain / SGC_SEGMENT_PLAIN + (plain % SGC_SEGMENT_PLAIN != 0);
}

uint64_t sgc_layout_body_sealed(uint64_t plain)
{
    if (plain > SGC_PLAIN_MAX)
        return UINT64_MAX;
    return plain + SGC_SEGMENT_EXTRA * sgc_layout_segments(plain);
}

bool sgc_layout_body_plain(uint64_t sealed, uint64_t *plain_out)
{
    uint64_t count = sealed / SGC_SEGMENT_SEALED + (sealed % SGC_SEGMENT_SEALED != 0);
    uint64_t extra = SGC_SEGMENT_EXTRA * count;
    if (sealed < extra || sealed - extra > SGC_PLAIN_MAX || sgc_layout_body_sealed(sealed - extra) != sealed)
        return false;
    *plain_out = sealed - extra;
    return true;
}

uint64_t sgc_layout_footer_one(uint64_t plain)
{
    return SGC_FOOTER_SLOT * slots(plain / SGC_FOOTER_UNIT) + SGC_FOOTER_TAIL;
}

/* FMT-4 */
uint64_t sgc_layout_sealed(uint64_t plain)
{
    if (plain > SGC_PLAIN_MAX)
        return UINT64_MAX;
    return sgc_layout_body_sealed(plain) + sgc_layout_footer_one(plain);
}

/* FMT-5 */
bool sgc_layout_plain(uint64_t sealed, uint64_t *plain_out)
{
    if (sealed < SGC_FOOTER_TAIL)
        return false;
    uint64_t footer = SGC_FOOTER_SLOT * slots((sealed - SGC_FOOTER_TAIL) / UNIT_SEALED) + SGC_FOOTER_TAIL;
    uint64_t plain;
    if (sealed < footer || !sgc_layout_body_plain(sealed - footer, &plain) || sgc_layout_sealed(plain) != sealed)
        return false;
    *plain_out = plain;
    return true;
}

/* FMT-7 */
bool sgc_layout_span(uint64_t part_plain, uint64_t from, uint64_t len, struct sgc_span *out)
{
    if (part_plain > SGC_PLAIN_MAX || len == 0 || from >= part_plain || len > part_plain - from)
        return false;
    uint64_t first = from / SGC_SEGMENT_PLAIN;
    uint64_t behind = sgc_layout_segments(from + len);
    uint64_t sealed_from = first * SGC_SEGMENT_SEALED;
    uint64_t sealed_to = behind * SGC_SEGMENT_SEALED;
    /* The last segment of a part may be short. */
    if (behind == sgc_layout_segments(part_plain))
        sealed_to = sgc_layout_body_sealed(part_plain);
    *out = (struct sgc_span){
        .first_segment = first,
        .segment_count = behind - first,
        .sealed_from = sealed_from,
        .sealed_len = sealed_to - sealed_from,
        .skip_plain = from - first * SGC_SEGMENT_PLAIN,
        .take_plain = len,
    };
    return true;
}

bool sgc_layout_parts_span(const struct sgc_part *parts, size_t count, uint64_t from, uint64_t len,
                           struct sgc_span *out)
{
    uint64_t plain = 0, sealed = 0, left = len; /* where the part at hand begins; what is still wanted */
    *out = (struct sgc_span){.take_plain = len};
    for (size_t i = 0; i < count && left > 0; i++) {
        struct sgc_span here;
        uint64_t wanted_from = from > plain ? from - plain : 0;
        if (parts[i].plain > SGC_PLAIN_MAX - plain)
            return false;
        if (wanted_from < parts[i].plain) {
            uint64_t wanted = parts[i].plain - wanted_from < left ? parts[i].plain - wanted_from : left;
            if (!sgc_layout_span(parts[i].plain, wanted_from, wanted, &here))
                return false;
            if (left == len) {
                out->first_part = i;
                out->first_segment = here.first_segment;
                out->sealed_from = sealed + here.sealed_from;
                out->skip_plain = here.skip_plain;
            }
            out->segment_count += here.segment_count;
            out->sealed_len += here.sealed_len;
            left -= wanted;
        }
        plain += parts[i].plain;
        sealed += sgc_layout_body_sealed(parts[i].plain);
    }
    return left == 0 && len > 0;
}
