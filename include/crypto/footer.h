/*
 * footer.h - the sealed end of every object: its length, its part table, its checksums.
 *
 * Format     docs/format.md, section on the footer.
 * Ownership  A struct sgc_footer owns its part table until clear().
 * Lifetime   SGC_FOOTER_NONE -> (fill in | open) -> clear. clear() may be called at any time, twice too.
 * Units      Bytes.
 * Errors     FOOTER_INVALID for whatever a reader must refuse, also when sealing; TAG_MISMATCH when it does not
 *            authenticate.
 * Tests      tests/unit/crypto/test_footer.c, tests/vectors/format/
 */
#ifndef SG_CRYPTO_FOOTER_H
#define SG_CRYPTO_FOOTER_H

#include "crypto/buf.h"
#include "crypto/checksum.h"
#include "crypto/layout.h"
#include "crypto/object_keys.h"

#define SGC_CHECKSUM_COMPOSITE 128u /* added to the algorithm's number */

struct sgc_footer_checksum {
    uint8_t id; /* enum sgc_checksum_alg, + SGC_CHECKSUM_COMPOSITE */
    uint8_t len;
    uint8_t value[SGC_CHECKSUM_MAX_LEN];
};

/* The most that SG_LIMIT_FOOTER_CHECKSUMS bytes can hold: the eleven shortest. */
#define SGC_FOOTER_CHECKSUM_COUNT 11u

struct sgc_footer {
    uint64_t plain;                        /* L */
    uint8_t upload_digest[SGC_SHA256_LEN]; /* H; zeros for `one` */
    struct sgc_part *parts;                /* NULL for `one` */
    uint32_t part_count;                   /* N; 0 for `one` */
    struct sgc_footer_checksum checksums[SGC_FOOTER_CHECKSUM_COUNT];
    size_t checksum_count;
};

#define SGC_FOOTER_NONE ((struct sgc_footer){.plain = 0})

/* F: how long the footer of this object is. */
uint64_t sgc_footer_len(const struct sgc_footer *footer);
/* Adds a checksum; kept ascending by id, together at most SG_LIMIT_FOOTER_CHECKSUMS bytes (else LIMIT). INTERNAL for an
 * id that is there already, and for an empty value. */
SG_MUST sg_err sgc_footer_add_checksum(struct sgc_footer *footer, uint8_t id, struct sg_bytes value);
/* Appends exactly sgc_footer_len() bytes. */
SG_MUST sg_err sgc_footer_seal(const struct sgc_footer *footer, const struct sgc_object_keys *keys,
                               struct sgc_buf *out);
/* `sealed` is the whole footer, F bytes. `plain` is L as computed from the stored size, `many` as in the envelope. */
SG_MUST sg_err sgc_footer_open(struct sg_bytes sealed, const struct sgc_object_keys *keys, uint64_t plain, bool many,
                               struct sgc_footer *out);
void sgc_footer_clear(struct sgc_footer *footer);

#endif
