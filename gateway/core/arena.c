/*
 * Idea: blocks in a list, the newest first; an allocation comes from the newest block or from a new one. Nothing is
 * given back before clear(), so there is nothing to keep in order but one offset.
 */
#include "core/arena.h"

#include <stdalign.h>
#include <stdarg.h>

#include "crypto/buf.h"

#include "common/banned.h"

#define ARENA_BLOCK (8u * 1024u)

struct sg_arena_block {
    struct sg_arena_block *next;
    size_t used, size;
    alignas(max_align_t) uint8_t data[];
};

static size_t align_up(size_t size)
{
    return (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

static sg_err add_block(struct sg_arena *arena, size_t size)
{
    size_t data = size > ARENA_BLOCK ? size : ARENA_BLOCK;
    size_t left = SG_ARENA_MAX - arena->used;
    if (data > left)
        data = size;
    SG_CHECK(data <= left, LIMIT);
    struct sg_arena_block *block = sgc_xalloc(sizeof(*block) + data);
    block->size = data;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used += data;
    return SG_OK;
}

sg_err sg_arena_alloc(struct sg_arena *arena, size_t size, void **out)
{
    SG_CHECK(size <= SG_ARENA_MAX, LIMIT);
    size_t need = align_up(size > 0 ? size : 1);
    if (arena->blocks == NULL || arena->blocks->size - arena->blocks->used < need)
        SG_TRY(add_block(arena, need));
    *out = arena->blocks->data + arena->blocks->used;
    arena->blocks->used += need;
    return SG_OK;
}

sg_err sg_arena_copy(struct sg_arena *arena, struct sg_bytes bytes, struct sg_bytes *out)
{
    SG_CHECK(bytes.len < SG_ARENA_MAX, LIMIT);
    void *copy;
    SG_TRY(sg_arena_alloc(arena, bytes.len + 1, &copy));
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    *out = sg_bytes(copy, bytes.len);
    return SG_OK;
}

sg_err sg_arena_printf(struct sg_arena *arena, struct sg_bytes *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    SG_CHECK(len >= 0, INTERNAL);

    void *text;
    SG_TRY(sg_arena_alloc(arena, (size_t)len + 1, &text));
    va_start(args, format);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    *out = sg_bytes(text, (size_t)len);
    return SG_OK;
}

void sg_arena_clear(struct sg_arena *arena)
{
    while (arena->blocks != NULL) {
        struct sg_arena_block *block = arena->blocks;
        arena->blocks = block->next;
        sgc_xfree(block);
    }
    arena->used = 0;
}
