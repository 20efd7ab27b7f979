/*
 * part_cache.h - part tables of multipart objects that were read lately.
 *
 * Idea       Keyed by the commitment of the data key and the stored size, and asked only after the envelope of the
 *            request at hand has been unwrapped: whoever can open the object may see its part table, and the store
 *            cannot make one object's table answer for another. The least recently used entries go first.
 * Ownership  Tables are copied in and out; the cache owns what it holds until free().
 * Threads    One cache per worker.
 * Units      Bytes of tables.
 * Tests      tests/unit/engine/test_many.c, tests/unit/ops/test_part_cache.c
 */
#ifndef SG_OPS_PART_CACHE_H
#define SG_OPS_PART_CACHE_H

#include "core/arena.h"
#include "crypto/layout.h"
#include "crypto/object_keys.h"

struct sg_part_cache;

struct sg_part_key {
    uint8_t commitment[SGC_COMMITMENT_LEN];
    uint64_t stored;
};

/* Neither bound is ever passed. */
struct sg_part_cache *sg_part_cache_new(size_t max_bytes, size_t max_entries);
void sg_part_cache_free(struct sg_part_cache *cache);

/* Copies the table to the arena; none (count 0) when it is not known. LIMIT when the arena is full. */
SG_MUST sg_err sg_part_cache_find(struct sg_part_cache *cache, const struct sg_part_key *key, struct sg_arena *arena,
                                  const struct sgc_part **parts_out, size_t *count_out);
/* A table that is larger than the cache is not kept. */
void sg_part_cache_add(struct sg_part_cache *cache, const struct sg_part_key *key, const struct sgc_part *parts,
                       size_t count);

#endif
