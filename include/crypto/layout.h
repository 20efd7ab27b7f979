/*
 * layout.h - where things lie in a sealed object: the size function G, its inverse, segments, ranges.
 *
 * Format     docs/format.md, sections on sizes and body. Constants here are part of the format.
 * Idea       Pure arithmetic on 64-bit numbers; nothing is trusted, nothing overflows.
 * Units      Bytes. *_plain counts plaintext, *_sealed counts what is stored.
 * Tests      tests/unit/crypto/test_layout.c: every size near every boundary, millions of random ones.
 */
#ifndef SG_CRYPTO_LAYOUT_H
#define SG_CRYPTO_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attrs.h"
#include "common/limits.h"

#define SGC_SEGMENT_PLAIN  65536u /* S */
#define SGC_SEGMENT_EXTRA  28u    /* O: IV and tag */
#define SGC_SEGMENT_SEALED (SGC_SEGMENT_PLAIN + SGC_SEGMENT_EXTRA)
#define SGC_FOOTER_UNIT    SG_LIMIT_PART_MIN /* UNIT */
#define SGC_FOOTER_SLOT    44u               /* SLOT */
#define SGC_FOOTER_TAIL    160u              /* TAIL */
#define SGC_FOOTER_MIN     77u               /* smallest F a reader accepts */
#define SGC_FOOTER_MAX     (SGC_FOOTER_SLOT * SG_LIMIT_PART_COUNT + SGC_FOOTER_TAIL)
#define SGC_PLAIN_MAX_PUT  5366371124ULL /* FMT-6: largest L with G(L) <= 5 GiB */
#define SGC_PLAIN_MAX_PART 5366416312ULL /* largest part whose segments fit 5 GiB */
/* Far above every store's limit, far below overflow; layouts of larger objects are refused. */
#define SGC_PLAIN_MAX (1ULL << 50)

/* G(L); UINT64_MAX for lengths above SGC_PLAIN_MAX, which no limit lets through. */
uint64_t sgc_layout_sealed(uint64_t plain);
/* The inverse: false when no plaintext size gives `sealed`, that is, when the object is not ours. */
SG_MUST bool sgc_layout_plain(uint64_t sealed, uint64_t *plain_out);

/* ceil(plain / S) and the sealed length of that many segments, without footer. */
uint64_t sgc_layout_segments(uint64_t plain);
uint64_t sgc_layout_body_sealed(uint64_t plain);
/* Inverse of sgc_layout_body_sealed(): the plaintext length of a stored part without footer; false when none fits. */
SG_MUST bool sgc_layout_body_plain(uint64_t sealed, uint64_t *plain_out);
/* F of a `one` object: G(L) less its segments. */
uint64_t sgc_layout_footer_one(uint64_t plain);

/* One part of an object, as in its footer. A `one` object is a single part with number 0. */
struct sgc_part {
    uint32_t number;
    uint32_t pin; /* 0 = not known */
    uint64_t plain;
};

/* A run of segments, and the plaintext range to be cut out of it. */
struct sgc_span {
    size_t first_part;      /* index in the part table; 0 where there is one part */
    uint64_t first_segment; /* in that part */
    uint64_t segment_count;
    uint64_t sealed_from; /* offset of the first segment in the sealed bytes */
    uint64_t sealed_len;  /* of all segments of the span */
    uint64_t skip_plain;  /* plaintext bytes of the first segment before the range */
    uint64_t take_plain;  /* length of the range */
};

/* The segments that hold plaintext `from` .. `from + len - 1` of a part of `part_plain` bytes. False when the range is
 * empty or not inside the part. */
SG_MUST bool sgc_layout_span(uint64_t part_plain, uint64_t from, uint64_t len, struct sgc_span *out);

/* The same over parts that follow each other; `from` counts from the first of them. The sum of their lengths is at most
 * SGC_PLAIN_MAX. */
SG_MUST bool sgc_layout_parts_span(const struct sgc_part *parts, size_t count, uint64_t from, uint64_t len,
                                   struct sgc_span *out);

#endif
