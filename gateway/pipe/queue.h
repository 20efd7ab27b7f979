/*
 * queue.h - the one bounded byte queue of a direction, in front of the sink.
 *
 * Idea       A ring of blocks, each contiguous, so that a whole segment is decrypted into its final place: reserve()
 *            gives the open block, append() of bytes that lie in it moves nothing. Blocks are wiped behind the reader.
 * Capacity   SG_QUEUE_BLOCK_COUNT blocks. The source pushes while sg_queue_has_room(); a push may add at most
 *            two blocks more than that test promised, which the ring has spare.
 * Ownership  The queue owns its blocks; views from front() are valid until consume(), fail() or clear().
 * Lifetime   init -> (reserve/append | front/consume)* -> close or fail -> clear.
 * Threads    One loop; wakes are posted, never nested.
 * Secrets    Plaintext or ciphertext; wiped on consume, fail and clear, unless is_public.
 * Tests      tests/unit/pipe/test_queue.c
 */
#ifndef SG_PIPE_QUEUE_H
#define SG_PIPE_QUEUE_H

#include "common/bytes.h"
#include "common/err.h"
#include "common/limits.h"
#include "common/loop.h"

#define SG_QUEUE_SPARE 3u
#define SG_QUEUE_RING  (SG_QUEUE_BLOCK_COUNT + SG_QUEUE_SPARE)

struct sg_queue_block {
    uint8_t *data;
    size_t start;    /* where its bytes begin */
    size_t from, to; /* what is left to be read */
};

enum sg_queue_end { SG_QUEUE_OPEN, SG_QUEUE_CLOSED, SG_QUEUE_FAILED };

struct sg_queue {
    struct sg_queue_block ring[SG_QUEUE_RING];
    size_t block_size;
    unsigned head, count;          /* blocks with data, from head on */
    uint8_t *open;                 /* reserved, not yet appended */
    uint8_t *spare[SG_QUEUE_RING]; /* wiped blocks, to be used again */
    unsigned spare_count;
    enum sg_queue_end end;
    bool keep;      /* hold what was consumed: it may be given again (rewind); ends when the ring is full */
    unsigned kept;  /* consumed blocks still held, before head */
    bool is_public; /* only ciphertext comes by: nothing to wipe */
    uint64_t bytes_in, bytes_out;
    bool source_waits; /* the source was told that there is no room */
    struct sg_loop *loop;
    struct sg_job wake_source; /* fn and ctx set by the owner: room again */
    struct sg_job wake_sink;   /* fn and ctx set by the owner: data, or the end */
};

/* `block_size` is the largest contiguous piece, at most SGC_SEGMENT_SEALED. */
void sg_queue_init(struct sg_queue *q, struct sg_loop *loop, size_t block_size, bool keep);
void sg_queue_clear(struct sg_queue *q);
/* Bytes of memory that a queue of that block size may hold at most. */
uint64_t sg_queue_memory(size_t block_size);

/* --- source --- */
/* False also notes that the source waits: wake_source is posted when there is room again. */
SG_MUST bool sg_queue_has_room(struct sg_queue *q);
/* A block to write to, block_size bytes; the same one until it is appended. */
uint8_t *sg_queue_reserve(struct sg_queue *q);
/* Bytes inside the reserved block are adopted with it, others are copied, behind those of the last block where it has
 * room. Posts wake_sink. LIMIT when the ring is full: the source pushed without asking for room. */
SG_MUST sg_err sg_queue_append(struct sg_queue *q, struct sg_bytes bytes);
void sg_queue_close(struct sg_queue *q);
/* Everything still in the queue is wiped; the sink sees the failure. */
void sg_queue_fail(struct sg_queue *q);

/* --- sink --- */
/* The first contiguous bytes; empty when there is nothing now (see q->end). */
SG_MUST struct sg_bytes sg_queue_front(const struct sg_queue *q);
/* The contiguous bytes of the index-th block, 0 being front(); empty behind the last one. For sinks that take several.
 */
static inline SG_MUST struct sg_bytes sg_queue_peek(const struct sg_queue *q, unsigned index)
{
    if (index >= q->count)
        return SG_BYTES_NONE;
    const struct sg_queue_block *block = &q->ring[(q->head + index) % SG_QUEUE_RING];
    return sg_bytes(block->data + block->from, block->to - block->from);
}
void sg_queue_consume(struct sg_queue *q, size_t len);
SG_MUST bool sg_queue_is_done(const struct sg_queue *q); /* closed and empty */
/* With `keep`: everything consumed is to be given again. False when that cannot be. */
SG_MUST bool sg_queue_rewind(struct sg_queue *q);

#endif
