/*
 * secret.h - the only home of key bytes: locked, guarded, undumpable memory, read through one door.
 *
 * Idea       Slots of one locked arena (mlock, MADV_DONTDUMP, MADV_WIPEONFORK, guard pages at both ends), so that a
 *            data key per request costs no system call. sgc_secret_use() is the only reader: `grep sgc_secret_use`
 *            lists everybody who touches a key. Canaries around each slot are checked by use() and clear(): a slot that
 *            was overrun, or is given back twice, stops the program.
 * Memory     A slot takes 160 bytes of locked memory (RLIMIT_MEMLOCK). When the arena is full it grows by its first
 *            size, up to 16 times that.
 * Ownership  A secret owns its slot until clear().
 * Lifetime   SGC_SECRET_NONE -> init/random/copy -> use* -> clear. clear() may be called at any time, twice too.
 * Threads    The arena is shared and locked by a mutex; one secret belongs to one thread at a time, readers of a
 *            secret that nobody changes may be many. A child of fork() starts with an arena of its own; secrets of the
 *            parent are gone there, and touching one stops the child.
 * Units      Bytes, 1 to SGC_SECRET_MAX.
 * Errors     LIMIT when all slots are in use, and for a length outside 1 to SGC_SECRET_MAX; INTERNAL when memory cannot
 *            be locked (RLIMIT_MEMLOCK too small), and for reading a secret that is not set. After an error of init,
 *            random or copy the secret is what it was before.
 * Secrets    Yes. Wiped on clear.
 * Tests      tests/unit/crypto/test_secret.c
 */
#ifndef SG_CRYPTO_SECRET_H
#define SG_CRYPTO_SECRET_H

#include "common/bytes.h"
#include "common/err.h"

#define SGC_SECRET_MAX 128u

struct sgc_secret {
    uint8_t *slot; /* NULL = none */
    size_t len;
};

#define SGC_SECRET_NONE ((struct sgc_secret){NULL, 0})

/* Called with the bytes of the secret, valid during the call only. */
typedef sg_err sgc_secret_fn(void *ctx, struct sg_bytes secret);

/* Makes the arena with room for `slot_count` secrets; once per process, before the first secret. A second call with any
 * count is accepted and does nothing. Without it the first secret makes a small arena. */
SG_MUST sg_err sgc_secret_arena_init(size_t slot_count);

/* A secret of `len` zero bytes, filled by `fill` (may be NULL). `fill` gets the slot itself to write to. A secret that
 * is already set is replaced, after `fill` has returned. */
typedef sg_err sgc_secret_fill_fn(void *ctx, uint8_t *slot, size_t len);
SG_MUST sg_err sgc_secret_init(struct sgc_secret *secret, size_t len, sgc_secret_fill_fn *fill, void *ctx);

/* A secret with a copy of `bytes`. The caller wipes its own copy. */
SG_MUST sg_err sgc_secret_copy(struct sgc_secret *secret, struct sg_bytes bytes);

/* A secret of fresh random bytes. */
SG_MUST sg_err sgc_secret_random(struct sgc_secret *secret, size_t len);

SG_MUST sg_err sgc_secret_use(const struct sgc_secret *secret, sgc_secret_fn *fn, void *ctx);

static inline bool sgc_secret_is_set(const struct sgc_secret *secret)
{
    return secret->slot != NULL;
}

/* Moves the secret out; the giver is empty afterwards. */
SG_MUST struct sgc_secret sgc_secret_take(struct sgc_secret *secret);

void sgc_secret_clear(struct sgc_secret *secret);

/* Overwrites memory in a way that no compiler removes. */
void sgc_wipe(void *ptr, size_t len);

#endif
