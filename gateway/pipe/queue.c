/*
 * The ring holds, from oldest to newest: consumed blocks that are kept for a rewind, then blocks with bytes. A block
 * that leaves the ring is wiped and kept aside, so that a long body uses the same few blocks again and again; they are
 * allocated when first needed, so that a short body costs one.
 */
#include "pipe/queue.h"

#include "crypto/buf.h"
#include "crypto/layout.h"
#include "crypto/secret.h"

#include "common/banned.h"

static struct sg_queue_block *block_at(struct sg_queue *q, unsigned index)
{
    return &q->ring[(q->head + index) % SG_QUEUE_RING];
}

static void block_give_back(struct sg_queue *q, uint8_t *data)
{
    sg_assert(q->spare_count < SG_QUEUE_RING);
    if (!q->is_public)
        sgc_wipe(data, q->block_size);
    q->spare[q->spare_count++] = data;
}

static void forget_kept(struct sg_queue *q)
{
    for (; q->kept > 0; q->kept--) {
        struct sg_queue_block *block = &q->ring[(q->head + SG_QUEUE_RING - q->kept) % SG_QUEUE_RING];
        block_give_back(q, block->data);
        block->data = NULL;
    }
    q->keep = false;
}

/* Blocks in the ring, and the one that will be. */
static unsigned blocks_used(const struct sg_queue *q)
{
    return q->kept + q->count + (q->open != NULL ? 1 : 0);
}

/* NULL when there may be no more. */
static uint8_t *block_take(struct sg_queue *q)
{
    /* A body this long is not given twice; what is kept must not take the place of what comes. */
    if (q->kept > 0 && q->kept + q->count >= SG_QUEUE_BLOCK_COUNT)
        forget_kept(q);
    if (blocks_used(q) >= SG_QUEUE_RING)
        return NULL;
    return q->spare_count > 0 ? q->spare[--q->spare_count] : sgc_xalloc(q->block_size);
}

static void block_push(struct sg_queue *q, uint8_t *data, size_t from, size_t to)
{
    *block_at(q, q->count) = (struct sg_queue_block){data, from, from, to};
    q->count++;
}

static void wake(struct sg_queue *q, struct sg_job *job)
{
    if (job->fn != NULL)
        sg_job_post(q->loop, job);
}

void sg_queue_init(struct sg_queue *q, struct sg_loop *loop, size_t block_size, bool keep)
{
    sg_assert(block_size > 0 && block_size <= SGC_SEGMENT_SEALED);
    *q = (struct sg_queue){.block_size = block_size, .keep = keep, .loop = loop};
}

/* Everything back to the spare blocks, wiped. */
static void empty(struct sg_queue *q)
{
    forget_kept(q);
    for (; q->count > 0; q->count--) {
        block_give_back(q, q->ring[q->head].data);
        q->ring[q->head].data = NULL;
        q->head = (q->head + 1) % SG_QUEUE_RING;
    }
    if (q->open != NULL)
        block_give_back(q, q->open);
    q->open = NULL;
}

void sg_queue_clear(struct sg_queue *q)
{
    if (q->loop == NULL)
        return;
    empty(q);
    while (q->spare_count > 0)
        sgc_xfree(q->spare[--q->spare_count]);
    sg_job_cancel(q->loop, &q->wake_source);
    sg_job_cancel(q->loop, &q->wake_sink);
    *q = (struct sg_queue){.end = SG_QUEUE_FAILED};
}

uint64_t sg_queue_memory(size_t block_size)
{
    return (uint64_t)block_size * SG_QUEUE_RING;
}

bool sg_queue_has_room(struct sg_queue *q)
{
    bool has_room = q->count < SG_QUEUE_BLOCK_COUNT;
    if (!has_room)
        q->source_waits = true;
    return has_room;
}

uint8_t *sg_queue_reserve(struct sg_queue *q)
{
    sg_assert(q->end == SG_QUEUE_OPEN);
    if (q->open == NULL) {
        q->open = block_take(q);
        sg_assert(q->open != NULL);
    }
    return q->open;
}

static bool is_inside_open(const struct sg_queue *q, struct sg_bytes bytes)
{
    uintptr_t at = (uintptr_t)bytes.ptr, open = (uintptr_t)q->open;
    return q->open != NULL && at >= open && at < open + q->block_size;
}

static void adopt(struct sg_queue *q, struct sg_bytes bytes)
{
    size_t from = (size_t)(bytes.ptr - q->open);
    sg_assert(bytes.len <= q->block_size - from);
    block_push(q, q->open, from, from + bytes.len);
    q->open = NULL;
}

/* Room behind the bytes of the last block, filled first: small pieces share blocks. */
static sg_err copy_in(struct sg_queue *q, struct sg_bytes bytes)
{
    while (bytes.len > 0) {
        if (q->count == 0 || block_at(q, q->count - 1)->to == q->block_size) {
            uint8_t *data = block_take(q);
            SG_CHECK(data != NULL, LIMIT);
            block_push(q, data, 0, 0);
        }
        struct sg_queue_block *last = block_at(q, q->count - 1);
        struct sg_bytes piece = sg_bytes_slice(bytes, 0, q->block_size - last->to);
        memcpy(last->data + last->to, piece.ptr, piece.len);
        last->to += piece.len;
        bytes = sg_bytes_skip(bytes, piece.len);
    }
    return SG_OK;
}

sg_err sg_queue_append(struct sg_queue *q, struct sg_bytes bytes)
{
    SG_CHECK(q->end == SG_QUEUE_OPEN, INTERNAL);
    if (bytes.len == 0)
        return SG_OK;
    if (is_inside_open(q, bytes))
        adopt(q, bytes);
    else
        SG_TRY(copy_in(q, bytes));
    q->bytes_in += bytes.len;
    wake(q, &q->wake_sink);
    return SG_OK;
}

void sg_queue_close(struct sg_queue *q)
{
    if (q->end != SG_QUEUE_OPEN)
        return;
    q->end = SG_QUEUE_CLOSED;
    wake(q, &q->wake_sink);
}

void sg_queue_fail(struct sg_queue *q)
{
    if (q->end == SG_QUEUE_FAILED)
        return;
    q->end = SG_QUEUE_FAILED;
    empty(q);
    wake(q, &q->wake_sink);
}

struct sg_bytes sg_queue_front(const struct sg_queue *q)
{
    if (q->count == 0)
        return SG_BYTES_NONE;
    const struct sg_queue_block *first = &q->ring[q->head];
    return sg_bytes(first->data + first->from, first->to - first->from);
}

static void leave_first(struct sg_queue *q)
{
    struct sg_queue_block *first = &q->ring[q->head];
    if (q->keep) {
        q->kept++;
    } else {
        block_give_back(q, first->data);
        first->data = NULL;
    }
    q->head = (q->head + 1) % SG_QUEUE_RING;
    q->count--;
}

void sg_queue_consume(struct sg_queue *q, size_t len)
{
    /* The sink may report what it had sent before it hears of the failure. */
    if (q->end == SG_QUEUE_FAILED)
        return;
    q->bytes_out += len;
    while (len > 0) {
        sg_assert(q->count > 0);
        struct sg_queue_block *first = &q->ring[q->head];
        size_t here = first->to - first->from < len ? first->to - first->from : len;
        first->from += here;
        len -= here;
        if (first->from == first->to)
            leave_first(q);
    }
    if (q->source_waits && q->end == SG_QUEUE_OPEN && q->count <= SG_QUEUE_BLOCK_COUNT / 2) {
        q->source_waits = false;
        wake(q, &q->wake_source);
    }
}

bool sg_queue_is_done(const struct sg_queue *q)
{
    return q->end == SG_QUEUE_CLOSED && q->count == 0;
}

bool sg_queue_rewind(struct sg_queue *q)
{
    if (!q->keep || q->end == SG_QUEUE_FAILED)
        return false;
    q->head = (q->head + SG_QUEUE_RING - q->kept) % SG_QUEUE_RING;
    q->count += q->kept;
    q->kept = 0;
    for (unsigned i = 0; i < q->count; i++)
        block_at(q, i)->from = block_at(q, i)->start;
    q->bytes_out = 0;
    return true;
}
