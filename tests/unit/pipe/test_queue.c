/* The queue: what goes in comes out, in order, within its memory, with wakes that are posted and never nested. */
#include "pipe/queue.h"
#include "unit/pipe/rig.h"

#include "common/banned.h"

#define BLOCK 64u

static struct rig rig;
static struct sg_queue q;
static unsigned source_wakes, sink_wakes;

static void on_source(void *ctx)
{
    SG_UNUSED(ctx);
    source_wakes++;
}

static void on_sink(void *ctx)
{
    SG_UNUSED(ctx);
    sink_wakes++;
}

static void begin(size_t block_size, bool keep)
{
    rig_init(&rig);
    sg_queue_init(&q, &rig.loop.loop, block_size, keep);
    q.wake_source.fn = on_source;
    q.wake_sink.fn = on_sink;
    source_wakes = sink_wakes = 0;
}

static void end(void)
{
    sg_queue_clear(&q);
    sg_queue_clear(&q);
    rig_clear(&rig);
}

static void append_fill(size_t len, uint64_t from)
{
    uint8_t bytes[4 * BLOCK];
    rig_fill(bytes, len, from);
    ck_quick(sg_is_ok(sg_queue_append(&q, sg_bytes(bytes, len))));
}

static void expect_front(size_t len, uint64_t from)
{
    uint8_t bytes[4 * BLOCK];
    struct sg_bytes front = sg_queue_front(&q);
    rig_fill(bytes, len, from);
    ck_quick(front.len >= len);
    ck_quick(sg_bytes_eq(sg_bytes_slice(front, 0, len), sg_bytes(bytes, len)));
}

START_TEST(an_empty_queue_gives_nothing_and_is_not_done)
{
    begin(BLOCK, false);
    ck_assert_uint_eq(sg_queue_front(&q).len, 0);
    ck_assert(!sg_queue_is_done(&q));
    ck_assert(sg_queue_has_room(&q));
    sg_queue_close(&q);
    ck_assert(sg_queue_is_done(&q));
    end();
}
END_TEST

START_TEST(small_pieces_share_a_block)
{
    begin(BLOCK, false);
    for (unsigned i = 0; i < BLOCK; i++)
        append_fill(1, i);
    ck_assert_uint_eq(q.count, 1);
    ck_assert_uint_eq(sg_queue_front(&q).len, BLOCK);
    expect_front(BLOCK, 0);
    append_fill(1, BLOCK);
    ck_assert_uint_eq(q.count, 2);
    end();
}
END_TEST

START_TEST(a_long_piece_fills_several_blocks)
{
    begin(BLOCK, false);
    append_fill(10, 0);
    append_fill(2 * BLOCK, 10);
    ck_assert_uint_eq(q.count, 3);
    expect_front(BLOCK, 0);
    sg_queue_consume(&q, BLOCK + 5);
    expect_front(BLOCK - 5, BLOCK + 5);
    end();
}
END_TEST

START_TEST(the_reserved_block_is_adopted_where_it_lies)
{
    begin(BLOCK, false);
    uint8_t *open = sg_queue_reserve(&q);
    ck_assert_ptr_eq(open, sg_queue_reserve(&q));
    rig_fill(open, BLOCK, 0);
    ck_ok(sg_queue_append(&q, sg_bytes(open + 7, 20)));
    ck_assert_ptr_eq(sg_queue_front(&q).ptr, open + 7);
    expect_front(20, 7);
    ck_assert_ptr_ne(open, sg_queue_reserve(&q));
    end();
}
END_TEST

START_TEST(foreign_bytes_go_in_beside_a_reserved_block)
{
    begin(BLOCK, false);
    uint8_t *open = sg_queue_reserve(&q);
    append_fill(BLOCK, 0);
    append_fill(1, BLOCK);
    ck_assert_ptr_eq(open, sg_queue_reserve(&q));
    rig_fill(open, 3, BLOCK + 1);
    ck_ok(sg_queue_append(&q, sg_bytes(open, 3)));
    /* Behind an adopted slice there is room, too. */
    append_fill(5, BLOCK + 4);
    ck_assert_uint_eq(q.count, 3);
    sg_queue_consume(&q, BLOCK + 1);
    expect_front(8, BLOCK + 1);
    end();
}
END_TEST

START_TEST(what_was_consumed_is_wiped)
{
    begin(BLOCK, false);
    uint8_t *open = sg_queue_reserve(&q);
    memset(open, 0x55, BLOCK);
    ck_ok(sg_queue_append(&q, sg_bytes(open + 8, 16)));
    sg_queue_consume(&q, 15);
    ck_assert_uint_eq(open[23], 0x55);
    sg_queue_consume(&q, 1);
    for (unsigned i = 0; i < BLOCK; i++)
        ck_assert_uint_eq(open[i], 0);
    ck_assert_ptr_eq(open, sg_queue_reserve(&q));
    end();
}
END_TEST

START_TEST(a_failure_wipes_everything_and_wakes_the_sink)
{
    begin(BLOCK, false);
    append_fill(BLOCK + 1, 0);
    uint8_t *open = sg_queue_reserve(&q);
    memset(open, 0x55, BLOCK);
    const uint8_t *first = sg_queue_front(&q).ptr;
    (void)fake_loop_run(&rig.loop);
    sink_wakes = 0;
    sg_queue_fail(&q);
    sg_queue_fail(&q);
    sg_queue_close(&q);
    (void)fake_loop_run(&rig.loop);
    ck_assert_uint_eq(sink_wakes, 1);
    ck_assert_int_eq(q.end, SG_QUEUE_FAILED);
    ck_assert(!sg_queue_is_done(&q));
    ck_assert_uint_eq(sg_queue_front(&q).len, 0);
    for (unsigned i = 0; i < BLOCK; i++)
        ck_assert_uint_eq(open[i] | first[i], 0);
    /* A sink that reports late what it had sent does no harm. */
    sg_queue_consume(&q, BLOCK);
    ck_fails(sg_queue_append(&q, SG_BYTES_LIT("x")), INTERNAL);
    end();
}
END_TEST

START_TEST(the_source_is_woken_at_half_and_once)
{
    begin(BLOCK, false);
    for (unsigned i = 0; i < SG_QUEUE_BLOCK_COUNT; i++) {
        ck_assert(sg_queue_has_room(&q));
        append_fill(BLOCK, i * BLOCK);
    }
    ck_assert(!sg_queue_has_room(&q));
    for (unsigned left = SG_QUEUE_BLOCK_COUNT; left > 0; left--) {
        (void)fake_loop_run(&rig.loop);
        ck_assert_uint_eq(source_wakes, left <= SG_QUEUE_BLOCK_COUNT / 2 ? 1 : 0);
        sg_queue_consume(&q, BLOCK);
    }
    (void)fake_loop_run(&rig.loop);
    ck_assert_uint_eq(source_wakes, 1);
    end();
}
END_TEST

START_TEST(a_source_that_does_not_wait_is_not_woken)
{
    begin(BLOCK, false);
    append_fill(BLOCK, 0);
    ck_assert(sg_queue_has_room(&q));
    sg_queue_consume(&q, BLOCK);
    (void)fake_loop_run(&rig.loop);
    ck_assert_uint_eq(source_wakes, 0);
    end();
}
END_TEST

START_TEST(wakes_are_posted_and_never_nested)
{
    begin(BLOCK, false);
    append_fill(1, 0);
    append_fill(1, 1);
    append_fill(0, 2);
    sg_queue_close(&q);
    ck_assert_uint_eq(sink_wakes, 0);
    ck_assert_uint_eq(fake_loop_run(&rig.loop), 1);
    ck_assert_uint_eq(sink_wakes, 1);
    end();
}
END_TEST

START_TEST(a_queue_that_is_pushed_beyond_its_ring_refuses)
{
    begin(BLOCK, false);
    for (unsigned i = 0; i < SG_QUEUE_RING; i++)
        append_fill(BLOCK, i * BLOCK);
    ck_fails(sg_queue_append(&q, SG_BYTES_LIT("x")), LIMIT);
    end();
}
END_TEST

START_TEST(a_kept_body_is_given_again)
{
    begin(BLOCK, true);
    append_fill(BLOCK, 0);
    append_fill(BLOCK, BLOCK);
    uint8_t *open = sg_queue_reserve(&q);
    rig_fill(open + 4, 9, 2 * BLOCK);
    ck_ok(sg_queue_append(&q, sg_bytes(open + 4, 9)));
    sg_queue_close(&q);
    for (unsigned round = 0; round < 3; round++) {
        sg_queue_consume(&q, BLOCK + 3);
        expect_front(BLOCK - 3, BLOCK + 3);
        if (round == 1) {
            sg_queue_consume(&q, BLOCK - 3 + 9);
            ck_assert(sg_queue_is_done(&q));
        }
        ck_assert(sg_queue_rewind(&q));
        ck_assert_uint_eq(q.bytes_out, 0);
        ck_assert(!sg_queue_is_done(&q));
        expect_front(BLOCK, 0);
    }
    end();
}
END_TEST

START_TEST(a_kept_body_that_is_too_long_is_not_given_again)
{
    begin(BLOCK, true);
    for (unsigned i = 0; i < 3 * SG_QUEUE_RING; i++) {
        append_fill(BLOCK, i * BLOCK);
        expect_front(BLOCK, i * BLOCK);
        sg_queue_consume(&q, BLOCK);
    }
    ck_assert(!sg_queue_rewind(&q));
    end();
}
END_TEST

START_TEST(nothing_is_given_again_when_it_was_not_kept_or_failed)
{
    begin(BLOCK, false);
    append_fill(1, 0);
    ck_assert(!sg_queue_rewind(&q));
    end();
    begin(BLOCK, true);
    append_fill(1, 0);
    sg_queue_fail(&q);
    ck_assert(!sg_queue_rewind(&q));
    end();
}
END_TEST

/* One step of a source that keeps the rules: it asks for room, then adds at most two blocks. */
static void source_step(size_t block, uint64_t *written)
{
    if (!sg_queue_has_room(&q))
        return;
    unsigned before = q.count;
    if (rig_random(&rig, 2) == 0) {
        size_t len = 1 + rig_random(&rig, (uint32_t)block);
        append_fill(len, *written);
        *written += len;
    }
    if (rig_random(&rig, 2) == 0) {
        size_t from = rig_random(&rig, (uint32_t)block), len = 1 + rig_random(&rig, (uint32_t)(block - from));
        uint8_t *open = sg_queue_reserve(&q);
        rig_fill(open + from, len, *written);
        ck_quick(sg_is_ok(sg_queue_append(&q, sg_bytes(open + from, len))));
        *written += len;
    }
    /* Sometimes one that is only begun, as an unfinished segment is. */
    if (rig_random(&rig, 4) == 0)
        memset(sg_queue_reserve(&q), 0xee, block);
    ck_quick(q.count <= before + 2);
}

static void sink_step(uint64_t *seen)
{
    for (unsigned i = rig_random(&rig, 4); i > 0; i--) {
        struct sg_bytes front = sg_queue_front(&q);
        if (front.len == 0)
            return;
        size_t len = 1 + rig_random(&rig, (uint32_t)front.len);
        expect_front(len, *seen);
        sg_queue_consume(&q, len);
        *seen += len;
    }
}

static void check_bounds(void)
{
    unsigned blocks = q.kept + q.count + q.spare_count + (q.open != NULL ? 1 : 0);
    ck_quick(blocks * q.block_size <= sg_queue_memory(q.block_size));
}

/* One schedule; true when the source had to wait in it. */
static bool run_schedule(unsigned seed)
{
    size_t block = 1 + seed % BLOCK;
    bool keep = seed % 3 == 0;
    uint64_t written = 0, seen = 0;
    bool waited = false;
    unsigned rewinds = keep ? 3 : 0;
    begin(block, keep);
    rig.dice += seed;
    uint64_t total = rig_random(&rig, 3000);
    unsigned hurry = 2 + rig_random(&rig, 5);
    for (unsigned step = 0; written < total || seen < written; step++) {
        ck_quick(step < 200000);
        unsigned source_before = source_wakes;
        if (written < total && rig_random(&rig, hurry) != 0)
            source_step(block, &written);
        waited = waited || q.source_waits;
        if (rig_random(&rig, 7 - hurry) == 0)
            sink_step(&seen);
        ck_quick(source_wakes == source_before);
        if (rewinds > 0 && rig_random(&rig, 50) == 0 && sg_queue_rewind(&q)) {
            seen = 0;
            rewinds--;
        }
        if (rig_random(&rig, 3) == 0)
            (void)fake_loop_turn(&rig.loop);
        check_bounds();
    }
    sg_queue_close(&q);
    ck_assert(sg_queue_is_done(&q));
    ck_assert_uint_eq(q.bytes_in, written);
    end();
    return waited;
}

START_TEST(random_schedules_keep_the_data_and_the_bounds)
{
    unsigned waited = 0;
    for (unsigned seed = 1; seed <= 20000; seed++)
        waited += run_schedule(seed);
    /* Otherwise the schedules would not test what they are for. */
    ck_assert_uint_gt(waited, 2000);
}
END_TEST

SG_TEST_MAIN("pipe/queue", TEST(an_empty_queue_gives_nothing_and_is_not_done), TEST(small_pieces_share_a_block),
             TEST(a_long_piece_fills_several_blocks), TEST(the_reserved_block_is_adopted_where_it_lies),
             TEST(foreign_bytes_go_in_beside_a_reserved_block), TEST(what_was_consumed_is_wiped),
             TEST(a_failure_wipes_everything_and_wakes_the_sink), TEST(the_source_is_woken_at_half_and_once),
             TEST(a_source_that_does_not_wait_is_not_woken), TEST(wakes_are_posted_and_never_nested),
             TEST(a_queue_that_is_pushed_beyond_its_ring_refuses), TEST(a_kept_body_is_given_again),
             TEST(a_kept_body_that_is_too_long_is_not_given_again),
             TEST(nothing_is_given_again_when_it_was_not_kept_or_failed),
             TEST(random_schedules_keep_the_data_and_the_bounds))
