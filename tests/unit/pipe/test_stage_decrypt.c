/*
 * Opening a stream: whatever is done to the stored bytes, the sink never sees a byte that was not in the object at that
 * place, and never takes a changed object for a whole one.
 */
#include "unit/pipe/rig.h"

#include "common/banned.h"

#define S      SGC_SEGMENT_PLAIN
#define SEALED SGC_SEGMENT_SEALED

static struct rig rig;
static struct sgc_buf sealed, out;
static uint8_t plain[4 * S];

static void begin(size_t len)
{
    rig_init(&rig);
    rig_fill(plain, sizeof(plain), 0);
    sealed = SGC_BUF_INIT(SG_MIB);
    out = SGC_BUF_INIT(SG_MIB);
    rig_seal(&rig, len, &sealed);
    rig_facts_whole(&rig, len);
}

static void end(void)
{
    sgc_buf_clear(&sealed);
    sgc_buf_clear(&out);
    rig_clear(&rig);
}

static sg_err open_bytes(struct sg_bytes stored)
{
    sgc_buf_clear(&out);
    return rig_run(&rig, &sg_pipe_download, stored, &out);
}

/* What came out are the first bytes of the plaintext, and not more than `most`. */
static bool is_prefix(size_t most)
{
    return out.len <= most && sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain, out.len));
}

static const size_t sizes[] = {0, 1, 40, S - 1, S, S + 1, 2 * S, 2 * S + 1, 3 * S + 5};

START_TEST(an_object_comes_back_in_pieces_of_any_size)
{
    size_t len = sizes[_i];
    begin(len);
    for (size_t piece_max = 0; piece_max < 3 * S; piece_max = piece_max * 5 + 1) {
        /* Single bytes of a long object would only take long. */
        if (len > S && piece_max > 0 && piece_max < 100)
            continue;
        rig.piece_max = piece_max;
        ck_ok(open_bytes(sgc_buf_view(&sealed)));
        ck_assert(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain, len)));
    }
    end();
}
END_TEST

/* The last segment goes out with the footer: of a truncated object all but that may have been seen. */
static size_t before_last(size_t len)
{
    return len == 0 ? 0 : (len - 1) / S * S;
}

START_TEST(a_small_object_cut_short_anywhere_is_refused)
{
    begin(40);
    for (size_t len = 0; len < sealed.len; len++) {
        ck_fails(open_bytes(sg_bytes(sealed.ptr, len)), OBJECT_TRUNCATED);
        ck_assert_uint_eq(out.len, 0);
    }
    end();
}
END_TEST

START_TEST(a_longer_object_cut_short_is_refused)
{
    size_t len = sizes[_i];
    begin(len);
    const size_t cuts[] = {1, 3, 4, 5, 203, 204, 205, 220, 221, 250, S, SEALED, SEALED + 1};
    for (size_t i = 0; i < SG_COUNT_OF(cuts); i++) {
        if (cuts[i] >= sealed.len)
            continue;
        ck_fails(open_bytes(sg_bytes(sealed.ptr, sealed.len - cuts[i])), OBJECT_TRUNCATED);
        ck_assert(is_prefix(before_last(len)));
    }
    end();
}
END_TEST

START_TEST(bytes_behind_the_footer_are_refused)
{
    begin(sizes[_i]);
    ck_ok(sgc_buf_append_u8(&sealed, 0));
    ck_fails(open_bytes(sgc_buf_view(&sealed)), FOOTER_INVALID);
    ck_assert(is_prefix(before_last(sizes[_i])));
    end();
}
END_TEST

START_TEST(no_bit_of_a_small_object_can_be_changed)
{
    begin((size_t)_i);
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_quick(!sg_is_ok(open_bytes(sgc_buf_view(&sealed))));
        ck_quick(out.len == 0);
        sealed.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_ok(open_bytes(sgc_buf_view(&sealed)));
    end();
}
END_TEST

START_TEST(no_byte_of_a_longer_object_can_be_changed)
{
    size_t len = 2 * S + 5;
    begin(len);
    /* Every byte near a border, some of the others. */
    for (size_t at = 0; at < sealed.len;
         at += at % SEALED < 14 || at % SEALED > SEALED - 20 || at > 2 * SEALED ? 1 : 997) {
        sealed.ptr[at] ^= 0x80;
        ck_quick(!sg_is_ok(open_bytes(sgc_buf_view(&sealed))));
        /* Only what lies before the changed segment. */
        size_t before = at / SEALED * S;
        ck_quick(is_prefix(before < before_last(len) ? before : before_last(len)));
        sealed.ptr[at] ^= 0x80;
    }
    ck_ok(open_bytes(sgc_buf_view(&sealed)));
    end();
}
END_TEST

/* Segments of a three-segment object (a full one, a full one, a last one of 5 bytes), then the footer, by number. */
static struct sg_bytes piece_of(const struct sgc_buf *object, char which)
{
    struct sg_bytes all = sgc_buf_view(object);
    size_t last = 5 + SGC_SEGMENT_EXTRA;
    switch (which) {
    case '0':
    case '1':
        return sg_bytes_slice(all, (size_t)(which - '0') * SEALED, SEALED);
    case '2':
        return sg_bytes_slice(all, 2 * SEALED, last);
    default:
        return sg_bytes_skip(all, 2 * SEALED + last);
    }
}

static const char *const orders[] = {"012",   "01F",  "10 2F", "02F",  "12F",   "F012", "0012F", "0112F", "0122F",
                                     "012FF", "210F", "2F",    "0F12", "11 2F", "002F", "F",     "000F"};

START_TEST(segments_cannot_be_moved_repeated_or_left_out)
{
    struct sgc_buf mixed = SGC_BUF_INIT(SG_MIB);
    begin(2 * S + 5);
    for (const char *c = orders[_i]; *c != '\0'; c++) {
        if (*c != ' ')
            ck_ok(sgc_buf_append(&mixed, piece_of(&sealed, *c)));
    }
    ck_assert(!sg_is_ok(open_bytes(sgc_buf_view(&mixed))));
    ck_assert(is_prefix(2 * S));
    sgc_buf_clear(&mixed);
    end();
}
END_TEST

/* Two uploads under the same keys: 0, 1, 2 from the one, A, B, C from the other, f and F their footers. The same length
 * under the same keys has the same footer, so that exchanging those changes nothing. */
static const struct {
    const char *order;
    bool opens;
} mixes[] = {{"012f", true},  {"012F", true},  {"ABCf", true},  {"A12f", false}, {"0B2f", false},
             {"01Cf", false}, {"AB2f", false}, {"A1Cf", false}, {"0BCF", false}, {"01CF", false}};

START_TEST(segments_of_two_uploads_cannot_be_mixed)
{
    struct sgc_buf mixed = SGC_BUF_INIT(SG_MIB), other = SGC_BUF_INIT(SG_MIB);
    begin(2 * S + 5);
    rig_seal(&rig, 2 * S + 5, &other);
    rig_facts_whole(&rig, 2 * S + 5);
    for (const char *c = mixes[_i].order; *c != '\0'; c++) {
        bool from_other = *c >= 'A' && *c <= 'F';
        char which = from_other && *c != 'F' ? (char)(*c - 'A' + '0') : *c;
        ck_ok(sgc_buf_append(&mixed, piece_of(from_other ? &other : &sealed, which)));
    }
    ck_assert(sg_is_ok(open_bytes(sgc_buf_view(&mixed))) == mixes[_i].opens);
    ck_assert(is_prefix(mixes[_i].opens ? 2 * S + 5 : 2 * S));
    sgc_buf_clear(&mixed);
    sgc_buf_clear(&other);
    end();
}
END_TEST

START_TEST(another_length_than_the_real_one_is_refused)
{
    static const int64_t deltas[] = {-1, 1, 16, -16, 28, (int64_t)S, -(int64_t)S};
    size_t len = 2 * S + 40;
    begin(len);
    for (size_t i = 0; i < SG_COUNT_OF(deltas); i++) {
        rig_facts_whole(&rig, (uint64_t)((int64_t)len + deltas[i]));
        ck_assert(!sg_is_ok(open_bytes(sgc_buf_view(&sealed))));
        ck_assert(is_prefix(2 * S));
    }
    end();
}
END_TEST

START_TEST(other_keys_and_other_parts_open_nothing)
{
    struct sgc_secret dek = SGC_SECRET_NONE;
    begin(S + 1);
    rig.facts.part = 1;
    ck_fails(open_bytes(sgc_buf_view(&sealed)), TAG_MISMATCH);
    ck_assert_uint_eq(out.len, 0);
    rig.facts.part = 0;
    sgc_object_keys_clear(&rig.keys);
    ck_ok(sgc_secret_random(&dek, SGC_DEK_LEN));
    ck_ok(sgc_object_keys_init(&rig.keys, &dek));
    sgc_secret_clear(&dek);
    ck_fails(open_bytes(sgc_buf_view(&sealed)), TAG_MISMATCH);
    ck_assert_uint_eq(out.len, 0);
    end();
}
END_TEST

START_TEST(an_empty_object_is_its_footer) /* FMT-30 */
{
    begin(0);
    ck_ok(open_bytes(sgc_buf_view(&sealed)));
    ck_assert_uint_eq(out.len, 0);
    ck_fails(open_bytes(SG_BYTES_NONE), OBJECT_TRUNCATED);
    end();
}
END_TEST

START_TEST(bytes_behind_a_range_are_ignored_and_missing_ones_are_not) /* FMT-47 */
{
    begin(2 * S + 40);
    rig_facts_range(&rig, 2 * S + 40, S, S + 40);
    struct sg_bytes stored = sg_bytes_skip(sgc_buf_view(&sealed), SEALED);
    ck_ok(open_bytes(stored));
    ck_assert(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plain + S, S + 40)));
    size_t span = SEALED + 40 + SGC_SEGMENT_EXTRA;
    ck_ok(open_bytes(sg_bytes(stored.ptr, span)));
    ck_fails(open_bytes(sg_bytes(stored.ptr, span - 1)), OBJECT_TRUNCATED);
    ck_assert_uint_eq(out.len, S);
    ck_fails(open_bytes(sg_bytes(stored.ptr, SEALED)), OBJECT_TRUNCATED);
    ck_fails(open_bytes(SG_BYTES_NONE), OBJECT_TRUNCATED);
    ck_assert_uint_eq(out.len, 0);
    end();
}
END_TEST

START_TEST(nothing_is_emitted_before_its_tag) /* FMT-35, FMT-48 */
{
    struct sg_pipe *pipe;
    size_t taken;
    begin(2 * S + 40);
    ck_ok(sg_pipe_new(&sg_pipe_download, &rig.facts, S, false, &pipe));
    struct sg_queue *queue = sg_pipe_queue(pipe);
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr, SEALED - 1), &taken));
    ck_assert_uint_eq(queue->bytes_in, 0);
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr + SEALED - 1, 1), &taken));
    ck_assert_uint_eq(queue->bytes_in, S);
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr + SEALED, sealed.len - SEALED), &taken));
    ck_assert_uint_eq(queue->bytes_in, 2 * S);
    ck_ok(sg_pipe_finish(pipe));
    ck_assert_uint_eq(queue->bytes_in, 2 * S + 40);
    sg_pipe_free(pipe);
    end();
}
END_TEST

START_TEST(a_segment_that_is_refused_is_wiped) /* FMT-35 */
{
    struct sg_pipe *pipe;
    size_t taken;
    begin(40);
    sealed.ptr[40 + SGC_SEGMENT_EXTRA - 1] ^= 1;
    ck_ok(sg_pipe_new(&sg_pipe_download, &rig.facts, S, false, &pipe));
    ck_ok(sg_pipe_push(pipe, sg_bytes(sealed.ptr, 40 + SGC_SEGMENT_EXTRA - 1), &taken));
    const uint8_t *block = sg_pipe_queue(pipe)->open;
    ck_assert(sg_bytes_eq(sg_bytes(block, 40), sg_bytes(plain, 40)));
    ck_fails(sg_pipe_push(pipe, sg_bytes(sealed.ptr + 40 + SGC_SEGMENT_EXTRA - 1, 1), &taken), TAG_MISMATCH);
    for (size_t i = 0; i < 40; i++)
        ck_assert_uint_eq(block[i], 0);
    sg_pipe_free(pipe);
    end();
}
END_TEST

SG_TEST_MAIN("pipe/stage_decrypt", TEST_LOOP(an_object_comes_back_in_pieces_of_any_size, SG_COUNT_OF(sizes)),
             TEST(a_small_object_cut_short_anywhere_is_refused),
             TEST_LOOP(a_longer_object_cut_short_is_refused, SG_COUNT_OF(sizes)),
             TEST_LOOP(bytes_behind_the_footer_are_refused, SG_COUNT_OF(sizes)),
             TEST_LOOP(no_bit_of_a_small_object_can_be_changed, 41), TEST(no_byte_of_a_longer_object_can_be_changed),
             TEST_LOOP(segments_cannot_be_moved_repeated_or_left_out, SG_COUNT_OF(orders)),
             TEST_LOOP(segments_of_two_uploads_cannot_be_mixed, SG_COUNT_OF(mixes)),
             TEST(another_length_than_the_real_one_is_refused), TEST(other_keys_and_other_parts_open_nothing),
             TEST(an_empty_object_is_its_footer), TEST(bytes_behind_a_range_are_ignored_and_missing_ones_are_not),
             TEST(nothing_is_emitted_before_its_tag), TEST(a_segment_that_is_refused_is_wiped))
