/*
 * A list in order of use, newest first, and a walk along it: a hundred comparisons of 40 bytes are nothing beside the
 * request to the upstream that a hit saves.
 */
#include "ops/part_cache.h"

#include "crypto/buf.h"

#include "common/banned.h"

struct entry {
    struct sg_part_key key;
    struct entry *next, *prev;
    size_t count;
    struct sgc_part parts[];
};

struct sg_part_cache {
    struct entry *first, *last;
    size_t max_bytes, max_entries;
    size_t bytes, entries;
};

static size_t size_of(size_t count)
{
    return sizeof(struct entry) + count * sizeof(struct sgc_part);
}

struct sg_part_cache *sg_part_cache_new(size_t max_bytes, size_t max_entries)
{
    struct sg_part_cache *cache = sgc_xalloc(sizeof(*cache));
    cache->max_bytes = max_bytes;
    cache->max_entries = max_entries;
    return cache;
}

static void unlink_entry(struct sg_part_cache *cache, struct entry *e)
{
    if (e->prev != NULL)
        e->prev->next = e->next;
    else
        cache->first = e->next;
    if (e->next != NULL)
        e->next->prev = e->prev;
    else
        cache->last = e->prev;
    e->next = e->prev = NULL;
}

static void link_first(struct sg_part_cache *cache, struct entry *e)
{
    e->next = cache->first;
    if (cache->first != NULL)
        cache->first->prev = e;
    else
        cache->last = e;
    cache->first = e;
}

static void drop(struct sg_part_cache *cache, struct entry *e)
{
    unlink_entry(cache, e);
    cache->bytes -= size_of(e->count);
    cache->entries--;
    sgc_xfree(e);
}

void sg_part_cache_free(struct sg_part_cache *cache)
{
    if (cache == NULL)
        return;
    while (cache->first != NULL)
        drop(cache, cache->first);
    sgc_xfree(cache);
}

/* FMT-22 */
static bool is_same(const struct sg_part_key *a, const struct sg_part_key *b)
{
    return a->stored == b->stored && sg_bytes_eq(SG_BYTES_ARRAY(a->commitment), SG_BYTES_ARRAY(b->commitment));
}

static struct entry *find(struct sg_part_cache *cache, const struct sg_part_key *key)
{
    struct entry *e = cache->first;
    while (e != NULL && !is_same(&e->key, key))
        e = e->next;
    return e;
}

sg_err sg_part_cache_find(struct sg_part_cache *cache, const struct sg_part_key *key, struct sg_arena *arena,
                          const struct sgc_part **parts_out, size_t *count_out)
{
    struct entry *e = cache == NULL ? NULL : find(cache, key);
    void *copy;
    *parts_out = NULL;
    *count_out = 0;
    if (e == NULL)
        return SG_OK;
    unlink_entry(cache, e);
    link_first(cache, e);
    SG_TRY(sg_arena_alloc(arena, e->count * sizeof(struct sgc_part), &copy));
    memcpy(copy, e->parts, e->count * sizeof(struct sgc_part));
    *parts_out = copy;
    *count_out = e->count;
    return SG_OK;
}

void sg_part_cache_add(struct sg_part_cache *cache, const struct sg_part_key *key, const struct sgc_part *parts,
                       size_t count)
{
    if (cache == NULL || count == 0 || size_of(count) > cache->max_bytes || cache->max_entries == 0)
        return;
    struct entry *e = find(cache, key);
    if (e != NULL)
        drop(cache, e);
    while (cache->bytes + size_of(count) > cache->max_bytes || cache->entries >= cache->max_entries)
        drop(cache, cache->last);
    e = sgc_xalloc(size_of(count));
    e->key = *key;
    e->count = count;
    memcpy(e->parts, parts, count * sizeof(struct sgc_part));
    cache->bytes += size_of(count);
    cache->entries++;
    link_first(cache, e);
}
