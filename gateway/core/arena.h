/*
 * arena.h - memory that lives exactly as long as a request.
 *
 * Ownership  Everything goes at clear(). Not for secrets and not for plaintext: nothing is wiped.
 * Errors     LIMIT past SG_ARENA_MAX.
 * Tests      tests/unit/core/test_arena.c
 */
#ifndef SG_CORE_ARENA_H
#define SG_CORE_ARENA_H

#include "common/bytes.h"
#include "common/err.h"

#define SG_ARENA_MAX (512u * 1024u)

struct sg_arena_block;

struct sg_arena {
    struct sg_arena_block *blocks;
    size_t used;
};

/* Zeroed and aligned for any type. */
SG_MUST sg_err sg_arena_alloc(struct sg_arena *arena, size_t size, void **out);
/* A copy, terminated by a zero byte that is not counted. */
SG_MUST sg_err sg_arena_copy(struct sg_arena *arena, struct sg_bytes bytes, struct sg_bytes *out);
SG_MUST sg_err sg_arena_printf(struct sg_arena *arena, struct sg_bytes *out, const char *format, ...) SG_PRINTF(3, 4);
void sg_arena_clear(struct sg_arena *arena);

#endif
