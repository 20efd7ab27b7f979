/* Ranges: for every place near a segment border, exactly the asked bytes, from exactly the segments that hold them. */
#include "unit/pipe/rig.h"

#include "common/banned.h"

#define S   SGC_SEGMENT_PLAIN
#define LEN (3u * S + 100u)

static struct rig rig;
static struct sgc_buf sealed, out;
static uint8_t plain[LEN];

static void begin(size_t len)
{
    rig_init(&rig);
    rig_fill(plain, len, 0);
    sealed = SGC_BUF_INIT(SG_MIB);
    out = SGC_BUF_INIT(SG_MIB);
    rig_seal(&rig, len, &sealed);
}

static void end(void)
{
    sgc_buf_clear(&sealed);
    sgc_buf_clear(&out);
    rig_clear(&rig);
}

/* `behind` bytes of what follows come along, as with an open-ended range. */
static void check_range(size_t object_len, size_t from, size_t len, size_t behind)
{
    rig_facts_range(&rig, object_len, from, len);
    const struct sgc_span *span = &rig.facts.span;
    sgc_buf_clear(&out);
    struct sg_bytes stored =
        sg_bytes_slice(sgc_buf_view(&sealed), (size_t)span->sealed_from, (size_t)span->sealed_len + behind);
    ck_quick(sg_is_ok(rig_run(&rig, &sg_pipe_download, stored, &out)));
    ck_quick(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain + from, len)));
}

START_TEST(ranges_near_every_border_give_exactly_their_bytes)
{
    static const size_t places[] = {0,     1,         2,         15,    S - 1,     S,          S + 1,     2 * S - 1,
                                    2 * S, 2 * S + 1, 3 * S - 1, 3 * S, 3 * S + 1, 3 * S + 50, 3 * S + 99};
    begin(LEN);
    for (size_t i = 0; i < SG_COUNT_OF(places); i++) {
        for (size_t j = i; j < SG_COUNT_OF(places); j++) {
            rig.piece_max = (i + j) % 3 == 0 ? 0 : 20000;
            check_range(LEN, places[i], places[j] - places[i] + 1, (i + j) % 2 == 0 ? 0 : 500);
        }
    }
    end();
}
END_TEST

START_TEST(every_range_of_a_small_object_gives_exactly_its_bytes)
{
    begin(33);
    for (size_t from = 0; from < 33; from++) {
        for (size_t len = 1; from + len <= 33; len++)
            check_range(33, from, len, 0);
    }
    end();
}
END_TEST

START_TEST(random_ranges_in_random_pieces_give_exactly_their_bytes)
{
    begin(LEN);
    rig.sip_max = 30000;
    for (unsigned i = 0; i < 300; i++) {
        size_t from = rig_random(&rig, LEN), len = 1 + rig_random(&rig, (uint32_t)(LEN - from));
        rig.piece_max = 1 + rig_random(&rig, 100000);
        check_range(LEN, from, len, rig_random(&rig, 300));
    }
    end();
}
END_TEST

START_TEST(a_range_is_cut_without_a_copy)
{
    struct sg_pipe *pipe;
    size_t taken;
    begin(LEN);
    rig_facts_range(&rig, LEN, S + 10, 20);
    ck_ok(sg_pipe_new(&sg_pipe_download, &rig.facts, S, false, &pipe));
    struct sg_queue *queue = sg_pipe_queue(pipe);
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr + SGC_SEGMENT_SEALED, 100), &taken));
    const uint8_t *block = queue->open;
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr + SGC_SEGMENT_SEALED + 100, SGC_SEGMENT_SEALED - 100), &taken));
    ck_ok(sg_pipe_finish(pipe));
    ck_assert_ptr_eq(sg_queue_front(queue).ptr, block + 10);
    ck_assert_uint_eq(sg_queue_front(queue).len, 20);
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(a_changed_segment_of_a_range_is_refused)
{
    begin(LEN);
    rig_facts_range(&rig, LEN, S - 10, 20);
    for (size_t at = SGC_SEGMENT_SEALED - 20; at < SGC_SEGMENT_SEALED + 20; at++) {
        sealed.ptr[at] ^= 1;
        sgc_buf_clear(&out);
        ck_quick(!sg_is_ok(rig_run(&rig, &sg_pipe_download, sgc_buf_view(&sealed), &out)));
        ck_quick(out.len <= (at < SGC_SEGMENT_SEALED ? 0u : 10u));
        ck_quick(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain + S - 10, out.len)));
        sealed.ptr[at] ^= 1;
    }
    end();
}
END_TEST

START_TEST(segments_of_another_place_are_refused)
{
    begin(LEN);
    rig_facts_range(&rig, LEN, S, S);
    ck_fails(rig_run(&rig, &sg_pipe_download, sg_bytes(sealed.ptr, SGC_SEGMENT_SEALED), &out), TAG_MISMATCH);
    ck_fails(rig_run(&rig, &sg_pipe_download, sg_bytes(sealed.ptr + 2 * SGC_SEGMENT_SEALED, SGC_SEGMENT_SEALED), &out),
             TAG_MISMATCH);
    ck_assert_uint_eq(out.len, 0);
    end();
}
END_TEST

SG_TEST_MAIN("pipe/stage_range", TEST(ranges_near_every_border_give_exactly_their_bytes),
             TEST(every_range_of_a_small_object_gives_exactly_its_bytes),
             TEST(random_ranges_in_random_pieces_give_exactly_their_bytes), TEST(a_range_is_cut_without_a_copy),
             TEST(a_changed_segment_of_a_range_is_refused), TEST(segments_of_another_place_are_refused))
