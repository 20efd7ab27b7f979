/*
 * Sealing a stream: what comes out is what the format says, nothing of the last segment or the footer is seen before
 * every check has passed, and a body of another length than declared never becomes an object.
 */
#include "unit/pipe/rig.h"

#include "crypto/segment.h"

#include "common/banned.h"

#define S SGC_SEGMENT_PLAIN

static struct rig rig;
static struct sgc_buf out;
static uint8_t plain[3 * S + 1];

static void begin(uint64_t declared)
{
    rig_init(&rig);
    rig_facts_upload(&rig, declared);
    rig_fill(plain, sizeof(plain), 0);
    out = SGC_BUF_INIT(8 * SG_MIB);
}

static void end(void)
{
    sgc_buf_clear(&out);
    rig_clear(&rig);
}

static const size_t sizes[] = {0, 1, 15, 16, 17, S - 1, S, S + 1, 2 * S - 1, 2 * S, 2 * S + 1, 3 * S + 1};

START_TEST(the_segments_are_those_of_the_format)
{
    size_t len = sizes[_i];
    struct sgc_opener opener = SGC_OPENER_NONE;
    uint8_t opened[S];
    begin(len);
    ck_ok(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, len), &out));
    ck_assert_uint_eq(out.len, sgc_layout_sealed(len));
    ck_ok(sgc_opener_init(&opener, &rig.keys, 0, 0, 0));
    struct sg_bytes rest = sgc_buf_view(&out);
    for (size_t at = 0; at < len; at += S) {
        size_t here = len - at < S ? len - at : S;
        ck_ok(sgc_opener_begin(&opener, at + here == len, rest.ptr));
        ck_ok(sgc_opener_update(&opener, sg_bytes(rest.ptr + SGC_AEAD_IV_LEN, here), opened));
        ck_ok(sgc_opener_end(&opener, rest.ptr + SGC_AEAD_IV_LEN + here));
        ck_assert(sg_bytes_eq(sg_bytes(opened, here), sg_bytes(plain + at, here)));
        rest = sg_bytes_skip(rest, here + SGC_SEGMENT_EXTRA);
    }
    struct sgc_footer footer = SGC_FOOTER_NONE;
    ck_ok(sgc_footer_open(rest, &rig.keys, len, false, &footer));
    ck_assert_uint_eq(footer.plain, len);
    ck_assert_uint_eq(footer.checksum_count, 0);
    sgc_footer_clear(&footer);
    sgc_opener_clear(&opener);
    end();
}
END_TEST

START_TEST(every_size_of_piece_gives_a_good_object)
{
    begin(2 * S + 77);
    for (size_t piece_max = 1; piece_max < 3 * S; piece_max = piece_max * 7 + 1) {
        rig.piece_max = piece_max;
        sgc_buf_clear(&out);
        ck_ok(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, 2 * S + 77), &out));
        ck_assert_uint_eq(out.len, sgc_layout_sealed(2 * S + 77));
    }
    end();
}
END_TEST

START_TEST(the_end_is_withheld_until_finish) /* FMT-52 */
{
    struct sg_pipe *pipe;
    size_t len = sizes[_i], taken;
    uint64_t seen = len == 0 ? 0 : (len - 1) / S * SGC_SEGMENT_SEALED;
    begin(len);
    ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe));
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain, len), &taken));
    ck_assert_uint_eq(taken, len);
    ck_assert_uint_eq(sg_pipe_queue(pipe)->bytes_in, seen);
    ck_ok(sg_pipe_finish(pipe));
    ck_assert_uint_eq(sg_pipe_queue(pipe)->bytes_in, sgc_layout_sealed(len));
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(a_small_object_takes_one_block_of_its_size)
{
    struct sg_pipe *pipe;
    size_t taken;
    begin(100);
    ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, (size_t)sgc_layout_sealed(100), true, &pipe));
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain, 100), &taken));
    ck_ok(sg_pipe_finish(pipe));
    struct sg_queue *queue = sg_pipe_queue(pipe);
    ck_assert_uint_eq(queue->count, 1);
    ck_assert_uint_eq(queue->spare_count, 0);
    ck_assert_uint_eq(sg_queue_front(queue).len, sgc_layout_sealed(100));
    sg_queue_consume(queue, sg_queue_front(queue).len);
    ck_assert(sg_queue_is_done(queue));
    ck_assert(sg_queue_rewind(queue));
    ck_assert_uint_eq(sg_queue_front(queue).len, sgc_layout_sealed(100));
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(a_longer_body_than_declared_is_refused_at_once)
{
    struct sg_pipe *pipe;
    size_t len = sizes[_i], taken;
    begin(len);
    ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe));
    ck_ok(sg_pipe_push(pipe, sg_bytes(plain, len), &taken));
    ck_fails(sg_pipe_push(pipe, sg_bytes(plain, 1), &taken), INCOMPLETE_BODY);
    ck_assert_int_eq(sg_pipe_queue(pipe)->end, SG_QUEUE_FAILED);
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(a_shorter_body_than_declared_never_ends)
{
    size_t len = sizes[_i];
    begin(len + 1);
    ck_fails(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, len), &out), INCOMPLETE_BODY);
    ck_assert_uint_le(out.len, len / S * SGC_SEGMENT_SEALED);
    end();
}
END_TEST

START_TEST(a_failed_check_keeps_the_end_from_the_sink) /* FMT-52 */
{
    begin(2 * S);
    rig.facts.has_md5 = true;
    ck_fails(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, 2 * S), &out), MD5_MISMATCH);
    ck_assert_uint_le(out.len, SGC_SEGMENT_SEALED);
    end();
}
END_TEST

START_TEST(a_verified_checksum_stands_in_the_footer)
{
    struct sgc_footer footer = SGC_FOOTER_NONE;
    struct sgc_checksum sum = SGC_CHECKSUM_NONE;
    begin(5);
    rig.facts.checksum = sgc_checksum_row(SGC_CHECKSUM_SHA256);
    ck_ok(sgc_checksum_init(&sum, SGC_CHECKSUM_SHA256));
    ck_ok(sgc_checksum_update(&sum, sg_bytes(plain, 5)));
    ck_ok(sgc_checksum_final(&sum, rig.facts.checksum_value));
    sgc_checksum_clear(&sum);
    ck_ok(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, 5), &out));
    ck_ok(sgc_footer_open(sg_bytes_skip(sgc_buf_view(&out), 5 + SGC_SEGMENT_EXTRA), &rig.keys, 5, false, &footer));
    ck_assert_uint_eq(footer.checksum_count, 1);
    ck_assert_uint_eq(footer.checksums[0].id, SGC_CHECKSUM_SHA256);
    ck_assert(sg_bytes_eq(sg_bytes(footer.checksums[0].value, footer.checksums[0].len),
                          sg_bytes(rig.facts.checksum_value, SGC_SHA256_LEN)));
    sgc_footer_clear(&footer);
    end();
}
END_TEST

START_TEST(a_part_has_no_footer)
{
    begin(S + 1);
    rig.facts.part = 7;
    ck_ok(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, S + 1), &out));
    ck_assert_uint_eq(out.len, S + 1 + 2 * SGC_SEGMENT_EXTRA);
    end();
}
END_TEST

START_TEST(lengths_that_cannot_be_stored_are_refused_before_the_first_byte)
{
    struct sg_pipe *pipe;
    begin(SG_LENGTH_UNKNOWN);
    ck_fails(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe), MISSING_LENGTH);
    rig.facts.plain_len = SGC_PLAIN_MAX_PUT + 1;
    ck_fails(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe), ENTITY_TOO_LARGE);
    rig.facts.plain_len = SGC_PLAIN_MAX_PUT;
    ck_ok(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe));
    sg_pipe_free(pipe);
    rig.facts.part = 1;
    rig.facts.plain_len = SGC_PLAIN_MAX_PART + 1;
    ck_fails(sg_pipe_new(&sg_pipe_upload, &rig.facts, SGC_SEGMENT_SEALED, false, &pipe), ENTITY_TOO_LARGE);
    end();
}
END_TEST

START_TEST(two_uploads_of_the_same_bytes_differ)
{
    struct sgc_buf again = SGC_BUF_INIT(SG_MIB);
    begin(64);
    ck_ok(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, 64), &out));
    ck_ok(rig_run(&rig, &sg_pipe_upload, sg_bytes(plain, 64), &again));
    ck_assert(!sg_bytes_eq(sg_bytes(out.ptr, 64 + SGC_SEGMENT_EXTRA), sg_bytes(again.ptr, 64 + SGC_SEGMENT_EXTRA)));
    sgc_buf_clear(&again);
    end();
}
END_TEST

SG_TEST_MAIN("pipe/stage_encrypt", TEST_LOOP(the_segments_are_those_of_the_format, SG_COUNT_OF(sizes)),
             TEST(every_size_of_piece_gives_a_good_object),
             TEST_LOOP(the_end_is_withheld_until_finish, SG_COUNT_OF(sizes)),
             TEST(a_small_object_takes_one_block_of_its_size),
             TEST_LOOP(a_longer_body_than_declared_is_refused_at_once, SG_COUNT_OF(sizes)),
             TEST_LOOP(a_shorter_body_than_declared_never_ends, SG_COUNT_OF(sizes)),
             TEST(a_failed_check_keeps_the_end_from_the_sink), TEST(a_verified_checksum_stands_in_the_footer),
             TEST(a_part_has_no_footer), TEST(lengths_that_cannot_be_stored_are_refused_before_the_first_byte),
             TEST(two_uploads_of_the_same_bytes_differ))
