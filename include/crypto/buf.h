/*
 * buf.h - owned, growing bytes with a mandatory maximum.
 *
 * Ownership  The struct owns its memory until clear(). take() moves it to another owner and empties the giver.
 * Lifetime   SGC_BUF_INIT(max) -> append* -> clear. clear() may be called at any time, twice too.
 * Units      Bytes.
 * Errors     LIMIT when an append would pass `max`; the buffer is then unchanged. Out of memory aborts: every buffer is
 *            bounded, so the memory was promised by whoever chose `max`.
 * Secrets    Wipes what it gives back (growth, truncation, clear). For plaintext and metadata; keys live in sgc_secret.
 * Tests      tests/unit/crypto/test_buf.c
 */
#ifndef SG_CRYPTO_BUF_H
#define SG_CRYPTO_BUF_H

#include "common/bytes.h"
#include "common/err.h"

struct sgc_buf {
    uint8_t *ptr;
    size_t len;
    size_t cap;
    size_t max;
};

#define SGC_BUF_INIT(max_) ((struct sgc_buf){NULL, 0, 0, (max_)})

/* Wipes and frees; the maximum stays, so that the buffer can be used again. */
void sgc_buf_clear(struct sgc_buf *buf);
/* For SG_CLEANUP(sgc_buf_clear). */

/* Moves the contents out; `buf` is empty afterwards. The result has the same maximum. */
SG_MUST struct sgc_buf sgc_buf_take(struct sgc_buf *buf);

static inline struct sg_bytes sgc_buf_view(const struct sgc_buf *buf)
{
    return sg_bytes(buf->ptr, buf->len);
}

/* Makes room for `len` more bytes and returns where they go; they count only after sgc_buf_commit(). */
SG_MUST sg_err sgc_buf_reserve(struct sgc_buf *buf, size_t len, uint8_t **out);
void sgc_buf_commit(struct sgc_buf *buf, size_t len);
/* Shortens to `len` bytes (no more than there are) and wipes the rest. */
void sgc_buf_truncate(struct sgc_buf *buf, size_t len);

SG_MUST sg_err sgc_buf_append(struct sgc_buf *buf, struct sg_bytes bytes);
SG_MUST sg_err sgc_buf_append_str(struct sgc_buf *buf, const char *string);
SG_MUST sg_err sgc_buf_append_u8(struct sgc_buf *buf, uint8_t value);
SG_MUST sg_err sgc_buf_append_u16be(struct sgc_buf *buf, uint16_t value);
SG_MUST sg_err sgc_buf_append_u32be(struct sgc_buf *buf, uint32_t value);
SG_MUST sg_err sgc_buf_append_u64be(struct sgc_buf *buf, uint64_t value);
/* LP(x) of docs/format.md: u32 length, then the bytes. */
SG_MUST sg_err sgc_buf_append_lp(struct sgc_buf *buf, struct sg_bytes bytes);
SG_MUST sg_err sgc_buf_appendf(struct sgc_buf *buf, const char *format, ...) SG_PRINTF(2, 3);

/* Heap memory of a fixed size, zeroed; aborts when there is none. Free with sgc_xfree(). The only doors to the heap. */
void *sgc_xalloc(size_t size);
void sgc_xfree(void *ptr);

#endif
