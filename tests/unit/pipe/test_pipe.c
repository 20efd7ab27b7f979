/*
 * Whole pipes: what is sealed comes back, in pieces of any size and with sinks of any patience, within the promised
 * memory; the first error stays the error; and nothing that follows one reaches the sink.
 */
#include "unit/pipe/chunked.h"

#include "common/banned.h"

#define S SGC_SEGMENT_PLAIN

static struct rig rig;
static struct sgc_buf sealed, out;
static uint8_t plain[5 * SG_MIB + 1];

static void begin(void)
{
    rig_init(&rig);
    rig_fill(plain, sizeof(plain), 0);
    sealed = SGC_BUF_INIT(8 * SG_MIB);
    out = SGC_BUF_INIT(8 * SG_MIB);
}

static void end(void)
{
    sgc_buf_clear(&sealed);
    sgc_buf_clear(&out);
    rig_clear(&rig);
}

static const size_t sizes[] = {0,     1,         S - 1,          S,          S + 1,         2 * S - 1, 2 * S, 2 * S + 1,
                               5 * S, 5 * S + 9, 5 * SG_MIB - 1, 5 * SG_MIB, 5 * SG_MIB + 1};

static void round_trip(size_t len, size_t piece_max, size_t sip_max)
{
    rig.piece_max = piece_max;
    rig.sip_max = sip_max;
    sgc_buf_clear(&sealed);
    sgc_buf_clear(&out);
    rig_facts_upload(&rig, len);
    ck_ok(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, len), &sealed));
    ck_assert_uint_eq(sealed.len, sgc_layout_sealed(len));
    rig_facts_whole(&rig, len);
    ck_ok(rig_run(&rig, &sg_pipe_download, sgc_buf_view(&sealed), &out));
    ck_assert(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain, len)));
}

START_TEST(what_is_sealed_comes_back)
{
    static const struct {
        size_t piece_max, sip_max;
    } ways[] = {{0, 0}, {16384, 0}, {65536, 16384}, {200000, 70000}, {3000, 200000}, {100000, 5000}};
    begin();
    for (size_t i = 0; i < SG_COUNT_OF(ways); i++)
        round_trip(sizes[_i], ways[i].piece_max, ways[i].sip_max);
    ck_assert_uint_le(rig.blocks_max, SG_QUEUE_RING);
    end();
}
END_TEST

START_TEST(a_slow_sink_makes_the_source_wait)
{
    begin();
    round_trip(5 * SG_MIB, 65536, 4000);
    ck_assert_uint_gt(rig.source_blocked, 10);
    ck_assert_uint_le(rig.blocks_max, SG_QUEUE_RING);
    end();
}
END_TEST

START_TEST(a_push_takes_nothing_when_there_is_no_room)
{
    struct sg_pipe *pipe;
    size_t taken, total = 0;
    begin();
    rig_facts_upload(&rig, sizeof(plain));
    ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe));
    ck_ok(sg_pipe_push(pipe, SG_BYTES_ARRAY(plain), &taken));
    total = taken;
    ck_assert_uint_lt(taken, sizeof(plain));
    ck_assert_uint_eq(taken % SG_LIMIT_PUSH, 0);
    ck_assert_uint_ge(sg_pipe_queue(pipe)->count, SG_QUEUE_BLOCK_COUNT);
    ck_assert_uint_le(sg_pipe_queue(pipe)->count, SG_QUEUE_BLOCK_COUNT + 1);
    for (unsigned i = 0; i < 3; i++) {
        ck_ok(sg_pipe_push(pipe, sg_bytes(plain, 100), &taken));
        ck_assert_uint_eq(taken, 0);
    }
    sg_queue_consume(sg_pipe_queue(pipe), SGC_SEGMENT_SEALED);
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain + total, SG_LIMIT_PUSH), &taken));
    ck_assert_uint_eq(taken, SG_LIMIT_PUSH);
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(finish_finds_room_in_a_full_queue)
{
    /* Eight segments, one that lacks a byte, then the shortest push that completes it and the last, and the footer. */
    struct sg_pipe *pipe;
    size_t len = 9 * S + 1, taken;
    begin();
    rig_facts_upload(&rig, len);
    ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe));
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain, 8 * S - 1), &taken));
    ck_assert_uint_eq(taken, 8 * S - 1);
    ck_assert_uint_eq(sg_pipe_queue(pipe)->count, 7);
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain + taken, S), &taken));
    ck_assert_uint_eq(taken, S);
    ck_assert_uint_eq(sg_pipe_queue(pipe)->count, 8);
    sg_queue_consume(sg_pipe_queue(pipe), SGC_SEGMENT_SEALED);
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain + 9 * S - 1, 2), &taken));
    ck_assert_uint_eq(taken, 2);
    ck_ok(sg_pipe_finish(pipe));
    ck_assert_uint_le(sg_pipe_queue(pipe)->count, SG_QUEUE_RING);
    ck_assert_uint_eq(sg_pipe_queue(pipe)->bytes_in, sgc_layout_sealed(len));
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(a_download_whose_last_segments_come_at_once_finds_room)
{
    struct sg_pipe *pipe;
    size_t len = 8 * S + 1, taken, at = 0;
    begin();
    rig_seal(&rig, len, &sealed);
    rig_facts_whole(&rig, len);
    ck_ok(sg_pipe_new(&sg_pipe_download, &rig.facts, S, false, &pipe));
    /* Seven segments and the eighth but for its last byte; then its end, the last one and the footer in one piece. */
    at = 8 * SGC_SEGMENT_SEALED - 1;
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr, at), &taken));
    ck_assert_uint_eq(taken, at);
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr + at, sealed.len - at), &taken));
    ck_assert_uint_eq(taken, sealed.len - at);
    ck_ok(sg_pipe_finish(pipe));
    ck_assert_uint_eq(sg_pipe_queue(pipe)->count, 9);
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(the_first_error_stays)
{
    struct sg_pipe *pipe;
    size_t taken;
    begin();
    rig_facts_upload(&rig, 3 * S);
    ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe));
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain, 2 * S), &taken));
    ck_assert_uint_gt(sg_queue_front(sg_pipe_queue(pipe)).len, 0);
    sg_pipe_fail(pipe, SG_OK);
    sg_pipe_fail(pipe, SG_ERR_OF(UPSTREAM_LOST));
    sg_pipe_fail(pipe, SG_ERR_OF(CLIENT_GONE));
    ck_assert_uint_eq(sg_queue_front(sg_pipe_queue(pipe)).len, 0);
    ck_fails(sg_pipe_push(pipe, sg_bytes(plain, 1), &taken), UPSTREAM_LOST);
    ck_assert_uint_eq(taken, 0);
    ck_fails(sg_pipe_finish(pipe), UPSTREAM_LOST);
    ck_assert_int_eq(sg_pipe_queue(pipe)->end, SG_QUEUE_FAILED);
    sg_pipe_free(pipe);
    sg_pipe_free(NULL);
    end();
}
END_TEST

START_TEST(a_pipe_may_be_freed_or_failed_at_any_time)
{
    size_t taken;
    begin();
    for (unsigned i = 0; i < 8; i++) {
        struct sg_pipe *pipe;
        chunked_request(&rig, SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, "x-amz-checksum-sha256");
        rig.facts.plain_len = 2 * S;
        rig.facts.has_md5 = true;
        ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, (i & 1) != 0, &pipe));
        if ((i & 2) != 0)
            ck_ok(sg_pipe_push(pipe, SG_BYTES_LIT("10000;chunk-signature="), &taken));
        if ((i & 4) != 0)
            sg_pipe_fail(pipe, SG_ERR_OF(CLIENT_GONE));
        sg_pipe_free(pipe);
    }
    end();
}
END_TEST

START_TEST(a_body_with_every_check_is_sealed_only_when_all_agree)
{
    struct chunked body;
    begin();
    /* CRC-32C of nothing but zeros would pass a sum that forgot them; these bytes are not zero. */
    chunked_request(&rig, SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, "x-amz-checksum-crc32");
    chunked_begin(&body, &rig);
    chunked_data(&body, SG_BYTES_LIT("hello"));
    chunked_data(&body, SG_BYTES_LIT(", world"));
    chunked_end(&body, "x-amz-checksum-crc32", "/6tyOg==", true);
    struct sgc_hash md5 = SGC_HASH_NONE;
    ck_ok(sgc_hash_init(&md5, SGC_HASH_MD5));
    ck_ok(sgc_hash_update(&md5, SG_BYTES_LIT("hello, world")));
    ck_ok(sgc_hash_final(&md5, rig.facts.md5));
    sgc_hash_clear(&md5);
    rig.facts.has_md5 = true;
    rig.facts.plain_len = 12;
    ck_ok(rig_run(&rig, &sg_pipe_upload, sgc_buf_view(&body.bytes), &sealed));
    ck_assert_uint_eq(sealed.len, sgc_layout_sealed(12));
    sgc_buf_clear(&sealed);
    rig.facts.md5[0] ^= 1;
    ck_fails(rig_run(&rig, &sg_pipe_upload, sgc_buf_view(&body.bytes), &sealed), MD5_MISMATCH);
    ck_assert_uint_eq(sealed.len, 0);
    rig.facts.md5[0] ^= 1;
    rig.facts.plain_len = 13;
    ck_fails(rig_run(&rig, &sg_pipe_upload, sgc_buf_view(&body.bytes), &sealed), INCOMPLETE_BODY);
    ck_assert_uint_eq(sealed.len, 0);
    chunked_clear(&body);
    end();
}
END_TEST

START_TEST(a_sealed_object_can_be_opened_into_a_buffer)
{
    begin();
    rig_seal(&rig, 2 * S + 3, &sealed);
    rig_facts_whole(&rig, 2 * S + 3);
    ck_ok(rig_collect(&rig, &sg_pipe_download, sgc_buf_view(&sealed), &out));
    ck_assert(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain, 2 * S + 3)));
    sgc_buf_clear(&out);
    sealed.ptr[sealed.len - 1] ^= 1;
    ck_assert(!sg_is_ok(rig_collect(&rig, &sg_pipe_download, sgc_buf_view(&sealed), &out)));
    ck_assert_uint_eq(out.len, 0);
    end();
}
END_TEST

START_TEST(a_collected_body_has_the_bound_of_its_buffer)
{
    struct sgc_buf small = SGC_BUF_INIT(10);
    begin();
    rig_facts_upload(&rig, 11);
    ck_fails(rig_collect(&rig, &sg_pipe_collect, sg_bytes(plain, 11), &small), LIMIT);
    ck_assert_uint_eq(small.len, 0);
    sgc_buf_clear(&small);
    end();
}
END_TEST

START_TEST(bytes_pass_as_they_are_where_nothing_is_to_be_done)
{
    begin();
    rig_facts_upload(&rig, 0);
    rig.piece_max = 100000;
    rig.sip_max = 30000;
    ck_ok(rig_run(&rig, &sg_pipe_pass, SG_BYTES_ARRAY(plain), &out));
    ck_assert(sg_bytes_eq(sgc_buf_view(&out), SG_BYTES_ARRAY(plain)));
    end();
}
END_TEST

SG_TEST_MAIN("pipe/pipe", TEST_LOOP(what_is_sealed_comes_back, SG_COUNT_OF(sizes)),
             TEST(a_slow_sink_makes_the_source_wait), TEST(a_push_takes_nothing_when_there_is_no_room),
             TEST(finish_finds_room_in_a_full_queue), TEST(a_download_whose_last_segments_come_at_once_finds_room),
             TEST(the_first_error_stays), TEST(a_pipe_may_be_freed_or_failed_at_any_time),
             TEST(a_body_with_every_check_is_sealed_only_when_all_agree),
             TEST(a_sealed_object_can_be_opened_into_a_buffer), TEST(a_collected_body_has_the_bound_of_its_buffer),
             TEST(bytes_pass_as_they_are_where_nothing_is_to_be_done))
