/*
 * segment.h - seal and open the segments of one part (or of a PutObject body), in order, in pieces.
 *
 * Format     docs/format.md, section on the body. IV_i = IV_0 + i; part, index and the last mark are in the AAD.
 * Idea       A segment is fed in pieces of any size and its ciphertext is written as it comes: no copy of our own. The
 *            caller knows every length beforehand, because the plaintext length is declared before the body.
 * Ownership  Callers own all buffers. init() derives the content key into the library context; nothing else is kept.
 * Lifetime   SGC_SEALER_NONE -> init -> (begin -> update* -> end)* -> clear. clear() may be called at any time.
 * Errors     TAG_MISMATCH (also: IVs that do not run on, or do not match the pin; a segment of a length that none has).
 *            INTERNAL for calls out of order and for segments that a sealer may not write: every segment but the last
 *            is full, the last is not empty, and nothing follows it. After any error the state is dead.
 * Secrets    Holds a content key until clear().
 * Not here   Buffering (gateway/pipe/stage_encrypt.c, stage_decrypt.c), where keys come from (envelope.h).
 * Tests      tests/unit/crypto/test_segment.c, tests/vectors/format/
 */
#ifndef SG_CRYPTO_SEGMENT_H
#define SG_CRYPTO_SEGMENT_H

#include "crypto/aead.h"
#include "crypto/layout.h"
#include "crypto/object_keys.h"

/* Where in its life a sealer or an opener is. */
enum sgc_segment_phase {
    SGC_SEGMENT_DEAD, /* before init(), after the last segment, after an error */
    SGC_SEGMENT_BETWEEN,
    SGC_SEGMENT_INSIDE,
};

struct sgc_sealer {
    struct sgc_aead aead;
    uint8_t iv[SGC_AEAD_IV_LEN]; /* of the next segment */
    uint64_t index;              /* of the next segment */
    uint32_t part;
    uint32_t fill; /* bytes of the segment at hand so far */
    bool last;     /* the segment at hand is the last */
    enum sgc_segment_phase phase;
};

#define SGC_SEALER_NONE ((struct sgc_sealer){.phase = SGC_SEGMENT_DEAD})

/* `part` is the client's part number, 0 for PutObject. Draws IV_0. */
SG_MUST sg_err sgc_sealer_init(struct sgc_sealer *s, const struct sgc_object_keys *keys, uint32_t part);
/* The first 4 bytes of IV_0, the pin of the part table; valid after init(), before the first segment. */
uint32_t sgc_sealer_pin(const struct sgc_sealer *s);
/* Starts a segment and gives its IV, the first 12 bytes to be stored. */
SG_MUST sg_err sgc_sealer_begin(struct sgc_sealer *s, bool last, uint8_t iv_out[SGC_AEAD_IV_LEN]);
/* Writes in.len bytes. At most SGC_SEGMENT_PLAIN bytes in a segment. */
SG_MUST sg_err sgc_sealer_update(struct sgc_sealer *s, struct sg_bytes in, uint8_t *out);
/* Gives the tag, the last 16 bytes to be stored. After the last segment only clear() is left. */
SG_MUST sg_err sgc_sealer_end(struct sgc_sealer *s, uint8_t tag_out[SGC_AEAD_TAG_LEN]);
void sgc_sealer_clear(struct sgc_sealer *s);

struct sgc_opener {
    struct sgc_aead aead;
    uint8_t iv[SGC_AEAD_IV_LEN]; /* expected of the next segment, once one was seen */
    bool has_iv;
    uint32_t pin; /* 0 = not known */
    uint64_t index;
    uint32_t part;
    uint32_t fill; /* bytes of the segment at hand so far */
    bool last;     /* the segment at hand is the last */
    enum sgc_segment_phase phase;
};

#define SGC_OPENER_NONE ((struct sgc_opener){.phase = SGC_SEGMENT_DEAD})

/* Opens from segment `first_segment` of the part on. `pin` as in the part table, 0 when not known. */
SG_MUST sg_err sgc_opener_init(struct sgc_opener *o, const struct sgc_object_keys *keys, uint32_t part,
                               uint64_t first_segment, uint32_t pin);
/* `last`: whether this is the last segment of its part, as the part's length says; `iv` as stored. */
SG_MUST sg_err sgc_opener_begin(struct sgc_opener *o, bool last, const uint8_t iv[SGC_AEAD_IV_LEN]);
/* Writes in.len bytes that are not authenticated yet: keep them until end() has agreed, wipe them when it has not. */
SG_MUST sg_err sgc_opener_update(struct sgc_opener *o, struct sg_bytes in, uint8_t *out);
SG_MUST sg_err sgc_opener_end(struct sgc_opener *o, const uint8_t tag[SGC_AEAD_TAG_LEN]);
void sgc_opener_clear(struct sgc_opener *o);

#endif
