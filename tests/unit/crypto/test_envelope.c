/* Question: is there one text for an envelope, and does it open for nothing but what it was sealed for? */
#include "crypto/envelope.h"

#include "crypto/codec.h"

#include "support/alloc_fail.h"
#include "support/crypto_samples.h"
#include "support/det_rand.h"
#include "support/vectors.h"

#include "common/banned.h"

/* Text of any length. */
static uint8_t filler[SG_LIMIT_ENVELOPE + 1];

static struct sgc_secret sample_kek(uint8_t seed)
{
    uint8_t bytes[SGC_KEK_LEN];
    memset(bytes, seed, sizeof(bytes));
    return sample_secret(SG_BYTES_ARRAY(bytes));
}

static void set_kek(struct sgc_envelope *e, struct sg_bytes id)
{
    ck_assert_uint_lt(id.len, sizeof(e->kek));
    memset(e->kek, 0, sizeof(e->kek));
    memcpy(e->kek, id.ptr, id.len);
}

/* --- vectors --- */

static void check_vector(struct sg_vectors *v)
{
    struct sgc_envelope e = {.many = sg_bytes_eq_str(sg_vectors_text(v, "parts"), "many"),
                             .meta_sealed = sg_bytes_eq_str(sg_vectors_text(v, "meta"), "sealed")};
    struct sg_bytes ikek = sg_vectors_hex(v, "ikek");
    struct sgc_binding binding = {sg_vectors_text(v, "bucket"), sg_vectors_hex(v, "object_key"),
                                  sg_vectors_text(v, "sealed_metadata"), sg_vectors_u64(v, "plain")};
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_secret(sg_vectors_hex(v, "wrapping_key"));
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_secret(sg_vectors_hex(v, "dek"));
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret back = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf context = SGC_BUF_INIT(8192);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
    set_kek(&e, sg_vectors_text(v, "kek"));
    if (ikek.len > 0)
        memcpy(e.ikek, ikek.ptr, ikek.len);
    e.ikek_len = ikek.len;

    ck_ok(sgc_envelope_context(&e, &binding, &context));
    ck_assert(sg_bytes_eq(sgc_buf_view(&context), sg_vectors_hex(v, "context")));
    sg_det_rand_script(sg_vectors_hex(v, "nonce"));
    if (binding.sealed_metadata.len <= sgc_envelope_metadata_room(ikek.len)) {
        ck_ok(sgc_envelope_seal(&e, &kek, &binding, &dek));
        ck_ok(sgc_envelope_print(&e, &text));
        ck_assert(sg_bytes_eq(sgc_buf_view(&text), sg_vectors_text(v, "text")));
    }
    struct sgc_envelope parsed;
    ck_ok(sgc_envelope_parse(sg_vectors_text(v, "text"), &parsed));
    ck_ok(sgc_envelope_open(&parsed, &kek, &binding, &back));
    sample_expect_secret(&back, sg_vectors_hex(v, "dek"));
    sgc_buf_clear(&text);
    ck_ok(sgc_envelope_print(&parsed, &text));
    ck_assert(sg_bytes_eq(sgc_buf_view(&text), sg_vectors_text(v, "text")));
}

START_TEST(envelopes_are_those_of_another_program) /* FMT-14, FMT-15, FMT-16, FMT-17 */
{
    struct sg_vectors *v = sg_vectors_open("format/envelope.txt");
    int count = 0;
    for (; sg_vectors_next(v); count++)
        check_vector(v);
    sg_vectors_close(v);
    ck_assert_int_ge(count, 5);
}
END_TEST

START_TEST(texts_that_another_program_refuses_are_refused) /* FMT-14 */
{
    struct sg_vectors *v = sg_vectors_open("format/envelope_bad.txt");
    int count = 0;
    for (; sg_vectors_next(v); count++) {
        struct sgc_envelope e;
        struct sg_bytes text = sg_vectors_hex(v, "text");
        ck_assert_msg(sg_is(sgc_envelope_parse(text, &e), ENVELOPE_INVALID), "%.*s", SG_BYTES_FMT(text));
    }
    sg_vectors_close(v);
    ck_assert_int_ge(count, 100);
}
END_TEST

/* --- text --- */

/* A printed envelope of the longest kind without ikek, or with one of `ikek_len` bytes. */
static void print_sample(size_t ikek_len, struct sgc_buf *out)
{
    struct sgc_envelope e = {.many = true, .meta_sealed = true, .ikek_len = ikek_len};
    set_kek(&e, SG_BYTES_LIT("abcdefghijklmnopqrstuvwxyz0123._:9876543210"));
    memset(e.dek, 0xfb, sizeof(e.dek));
    memset(e.ikek, 0xfe, sizeof(e.ikek));
    ck_ok(sgc_envelope_print(&e, out));
}

START_TEST(the_longest_envelopes_fit_their_limit)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
    struct sgc_envelope e;
    print_sample(0, &text);
    ck_assert_uint_eq(text.len, SGC_ENVELOPE_LOCAL_MAX);
    sgc_buf_clear(&text);
    print_sample(SGC_IKEK_MAX, &text);
    ck_ok(sgc_envelope_parse(sgc_buf_view(&text), &e));
    ck_assert_uint_eq(e.ikek_len, SGC_IKEK_MAX);
}
END_TEST

START_TEST(every_truncation_and_every_added_byte_is_refused)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
    struct sgc_envelope e;
    print_sample(9, &text);
    ck_ok(sgc_envelope_parse(sgc_buf_view(&text), &e));
    size_t full = text.len;
    for (size_t len = 0; len < full; len++) {
        sg_err err = sgc_envelope_parse(sg_bytes(text.ptr, len), &e);
        /* Without its ikek, or with a shorter one, it is a text again: that is for the context to refuse. */
        bool whole = len == SGC_ENVELOPE_LOCAL_MAX || (sg_is_ok(err) && e.ikek_len > 0 && e.ikek_len < 9);
        ck_assert_msg(whole || sg_is(err, ENVELOPE_INVALID), "cut to %zu", len);
    }
    ck_ok(sgc_buf_append_u8(&text, 0));
    for (unsigned c = 0; c < 256; c++) {
        text.ptr[full] = (uint8_t)c;
        ck_fails(sgc_envelope_parse(sgc_buf_view(&text), &e), ENVELOPE_INVALID);
    }
}
END_TEST

START_TEST(each_byte_changed_gives_no_text_or_another_envelope)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
    struct sgc_envelope e;
    print_sample(9, &text);
    for (size_t at = 0; at < text.len; at++) {
        uint8_t was = text.ptr[at];
        for (unsigned c = 0; c < 256; c++) {
            text.ptr[at] = (uint8_t)c;
            if (!sg_is_ok(sgc_envelope_parse(sgc_buf_view(&text), &e)))
                continue;
            SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
            ck_ok(sgc_envelope_print(&e, &again));
            if (!sg_bytes_eq(sgc_buf_view(&again), sgc_buf_view(&text)))
                ck_abort_msg("byte %zu as %u", at, c);
        }
        text.ptr[at] = was;
    }
}
END_TEST

START_TEST(a_text_of_more_than_2048_bytes_is_refused) /* FMT-14 */
{
    struct sgc_envelope e;
    memset(filler, 'A', sizeof(filler));
    ck_fails(sgc_envelope_parse(SG_BYTES_ARRAY(filler), &e), ENVELOPE_INVALID);
    ck_fails(sgc_envelope_parse(SG_BYTES_NONE, &e), ENVELOPE_INVALID);
}
END_TEST

/* --- binding --- */

static const struct sgc_binding sample_binding = {
    {(const uint8_t *)"photos", 6}, {(const uint8_t *)"a/b c", 5}, {(const uint8_t *)"c2VhbGVk", 8}, 1000};

struct sealed {
    struct sgc_envelope envelope;
    struct sgc_binding binding;
    uint8_t dek[SGC_DEK_LEN];
};

/* Sealed under sample_kek(1) for sample_binding. */
static struct sealed seal_sample(bool many, bool meta_sealed)
{
    struct sealed s = {.envelope = {.many = many, .meta_sealed = meta_sealed}, .binding = sample_binding};
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek(1);
    set_kek(&s.envelope, SG_BYTES_LIT("main:3"));
    if (!meta_sealed)
        s.binding.sealed_metadata = SG_BYTES_NONE;
    memset(s.dek, 0x5a, sizeof(s.dek));
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_secret(SG_BYTES_ARRAY(s.dek));
    ck_ok(sgc_envelope_seal(&s.envelope, &kek, &s.binding, &dek));
    return s;
}

static sg_err open_sample(const struct sealed *s)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek(1);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    sg_err err = sgc_envelope_open(&s->envelope, &kek, &s->binding, &dek);
    if (sg_is_ok(err))
        sample_expect_secret(&dek, SG_BYTES_ARRAY(s->dek));
    ck_assert(sgc_secret_is_set(&dek) == sg_is_ok(err));
    return err;
}

START_TEST(what_was_sealed_opens)
{
    struct sealed s = seal_sample(_i & 1, _i & 2);
    ck_ok(open_sample(&s));
}
END_TEST

static void change_bucket(struct sealed *s)
{
    s->binding.bucket_identity = SG_BYTES_LIT("photox");
}

static void change_bucket_len(struct sealed *s)
{
    s->binding.bucket_identity = SG_BYTES_LIT("photo");
}

static void change_key(struct sealed *s)
{
    s->binding.object_key = SG_BYTES_LIT("a/b+c");
}

/* What the two say together stays the same. */
static void shift_border(struct sealed *s)
{
    s->binding.bucket_identity = SG_BYTES_LIT("photosa");
    s->binding.object_key = SG_BYTES_LIT("/b c");
}

static void change_case_of_key(struct sealed *s)
{
    s->binding.object_key = SG_BYTES_LIT("A/b c");
}

static void drop_key(struct sealed *s)
{
    s->binding.object_key = SG_BYTES_NONE;
}

static void change_length(struct sealed *s)
{
    s->binding.plain++;
}

static void change_length_high(struct sealed *s)
{
    s->binding.plain += 1ULL << 56;
}

static void change_metadata(struct sealed *s)
{
    s->binding.sealed_metadata = SG_BYTES_LIT("c2VhbGVL");
}

static void drop_metadata(struct sealed *s)
{
    s->binding.sealed_metadata = SG_BYTES_NONE;
}

static void declare_plain(struct sealed *s)
{
    s->envelope.meta_sealed = false;
}

static void declare_plain_and_drop(struct sealed *s)
{
    s->envelope.meta_sealed = false;
    s->binding.sealed_metadata = SG_BYTES_NONE;
}

static void change_parts(struct sealed *s)
{
    s->envelope.many = !s->envelope.many;
}

static void change_version(struct sealed *s)
{
    set_kek(&s->envelope, SG_BYTES_LIT("main:4"));
}

static void change_name(struct sealed *s)
{
    set_kek(&s->envelope, SG_BYTES_LIT("nain:3"));
}

static void add_ikek(struct sealed *s)
{
    s->envelope.ikek_len = 1;
}

static void change_nonce(struct sealed *s)
{
    s->envelope.dek[0] ^= 1;
}

static void change_nonce_end(struct sealed *s)
{
    s->envelope.dek[23] ^= 1;
}

static void change_wrapped(struct sealed *s)
{
    s->envelope.dek[24] ^= 128;
}

static void change_tag(struct sealed *s)
{
    s->envelope.dek[71] ^= 1;
}

static void change_commitment(struct sealed *s)
{
    s->envelope.kc[0] ^= 1;
}

static void change_commitment_end(struct sealed *s)
{
    s->envelope.kc[31] ^= 128;
}

static void zero_commitment(struct sealed *s)
{
    memset(s->envelope.kc, 0, sizeof(s->envelope.kc));
}

static void (*const changes[])(struct sealed *s) = {
    change_bucket,     change_bucket_len,      change_key,         shift_border,    change_case_of_key,
    drop_key,          change_length,          change_length_high, change_metadata, drop_metadata,
    declare_plain,     declare_plain_and_drop, change_parts,       change_version,  change_name,
    add_ikek,          change_nonce,           change_nonce_end,   change_wrapped,  change_tag,
    change_commitment, change_commitment_end,  zero_commitment,
};

START_TEST(one_change_and_it_does_not_open) /* FMT-16, FMT-17, FMT-19 */
{
    struct sealed s = seal_sample(false, true);
    changes[_i](&s);
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
}
END_TEST

START_TEST(metadata_added_to_an_envelope_without_is_refused) /* FMT-19 */
{
    struct sealed s = seal_sample(false, false);
    s.binding.sealed_metadata = SG_BYTES_LIT("c2VhbGVk");
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
    s.envelope.meta_sealed = true;
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
}
END_TEST

START_TEST(the_length_of_an_object_from_parts_is_not_bound) /* FMT-16 */
{
    struct sealed s = seal_sample(true, true);
    change_length(&s);
    ck_ok(open_sample(&s));
    change_parts(&s);
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
}
END_TEST

START_TEST(an_ikek_is_bound) /* FMT-16 */
{
    struct sealed s = seal_sample(false, true);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek(1);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_secret(SG_BYTES_ARRAY(s.dek));
    s.envelope.ikek_len = 3;
    ck_ok(sgc_envelope_seal(&s.envelope, &kek, &s.binding, &dek));
    ck_ok(open_sample(&s));
    s.envelope.ikek[2] ^= 1;
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
    s.envelope.ikek[2] ^= 1;
    s.envelope.ikek_len = 2;
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
    s.envelope.ikek_len = 4;
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
    s.envelope.ikek_len = 0;
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
}
END_TEST

START_TEST(an_ikek_stands_beside_remote_keks_and_no_others) /* FMT-18 */
{
    struct sgc_envelope with = {.ikek_len = 1}, without = {.ikek_len = 0};
    ck_ok(sgc_envelope_check_ikek(&with, true));
    ck_ok(sgc_envelope_check_ikek(&without, false));
    ck_fails(sgc_envelope_check_ikek(&with, false), ENVELOPE_INVALID);
    ck_fails(sgc_envelope_check_ikek(&without, true), ENVELOPE_INVALID);
}
END_TEST

START_TEST(another_kek_does_not_open)
{
    struct sealed s = seal_sample(false, true);
    for (unsigned seed = 0; seed < 256; seed++) {
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek((uint8_t)seed);
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
        sg_err err = sgc_envelope_open(&s.envelope, &kek, &s.binding, &dek);
        ck_assert(seed == 1 ? sg_is_ok(err) : sg_is(err, ENVELOPE_INVALID));
    }
}
END_TEST

/* A wrapping that authenticates, of a key that is not the one committed to. */
START_TEST(a_data_key_other_than_the_committed_one_is_refused) /* FMT-17 */
{
    struct sealed s = seal_sample(false, true), other = s;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek(1);
    memset(other.dek, 0x5b, sizeof(other.dek));
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_secret(SG_BYTES_ARRAY(other.dek));
    ck_ok(sgc_envelope_seal(&other.envelope, &kek, &other.binding, &dek));
    ck_ok(open_sample(&other));
    memcpy(s.envelope.dek, other.envelope.dek, sizeof(s.envelope.dek));
    ck_fails(open_sample(&s), ENVELOPE_INVALID);
}
END_TEST

START_TEST(each_sealing_draws_another_nonce) /* FMT-15 */
{
    struct sealed a = seal_sample(false, true), b = seal_sample(false, true);
    ck_assert(!sg_bytes_eq(sg_bytes(a.envelope.dek, 24), sg_bytes(b.envelope.dek, 24)));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(a.envelope.kc), SG_BYTES_ARRAY(b.envelope.kc)));
}
END_TEST

START_TEST(a_secret_that_was_there_stays_when_opening_fails)
{
    struct sealed s = seal_sample(false, true);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek(1);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_kek(9);
    change_key(&s);
    ck_fails(sgc_envelope_open(&s.envelope, &kek, &s.binding, &dek), ENVELOPE_INVALID);
    uint8_t nine[SGC_KEK_LEN];
    memset(nine, 9, sizeof(nine));
    sample_expect_secret(&dek, SG_BYTES_ARRAY(nine));
    s.binding.object_key = sample_binding.object_key;
    ck_ok(sgc_envelope_open(&s.envelope, &kek, &s.binding, &dek));
    sample_expect_secret(&dek, SG_BYTES_ARRAY(s.dek));
}
END_TEST

/* --- what cannot be sealed --- */

static sg_err seal_again(struct sealed *s)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek(1);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_secret(SG_BYTES_ARRAY(s->dek));
    return sgc_envelope_seal(&s->envelope, &kek, &s->binding, &dek);
}

START_TEST(a_writer_refuses_envelopes_that_no_reader_takes)
{
    struct sealed s = seal_sample(false, true);
    set_kek(&s.envelope, SG_BYTES_LIT("main"));
    ck_fails(seal_again(&s), INTERNAL);
    set_kek(&s.envelope, SG_BYTES_LIT("main:3"));
    s.envelope.ikek_len = SGC_IKEK_MAX + 1;
    ck_fails(seal_again(&s), INTERNAL);
    s.envelope.ikek_len = 0;
    drop_metadata(&s);
    ck_fails(seal_again(&s), ENVELOPE_INVALID);
    s = seal_sample(false, false);
    s.binding.sealed_metadata = SG_BYTES_LIT("AA");
    ck_fails(seal_again(&s), ENVELOPE_INVALID);
    s = seal_sample(false, true);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = sample_kek(1);
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = sample_secret(sg_bytes(s.dek, 31));
    ck_fails(sgc_envelope_seal(&s.envelope, &kek, &s.binding, &dek), INTERNAL);
}
END_TEST

/* Whatever the envelope, both headers with their names stay within what the strictest store allows. FMT-28 */
static const size_t ikek_lens[] = {0, 1, 31, 32, 33, 89, 90, 96, 184, 512, 1000, 1024};

START_TEST(both_headers_fit_2048_bytes_and_not_one_more)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
    size_t ikek_len = ikek_lens[_i], room = sgc_envelope_metadata_room(ikek_len);
    struct sealed s = seal_sample(true, true);
    memset(filler, 'A', sizeof(filler));
    s.envelope.ikek_len = ikek_len;
    s.binding.sealed_metadata = sg_bytes(filler, room + 1);
    ck_fails(seal_again(&s), METADATA_TOO_LARGE);
    s.binding.sealed_metadata = sg_bytes(filler, room);
    ck_ok(seal_again(&s));
    print_sample(ikek_len, &text);
    size_t all = strlen("x-amz-meta-sealgate") + text.len + strlen("x-amz-meta-sealgate-meta") + room;
    ck_assert_uint_le(all, SG_LIMIT_METADATA);
    ck_assert_uint_ge(all, SG_LIMIT_METADATA - 43); /* 31 bytes of ikek are 42 characters */
    if (ikek_len % 32 == 0)
        ck_assert_uint_eq(all, SG_LIMIT_METADATA);
}
END_TEST

START_TEST(an_ikek_without_room_for_metadata_leaves_none)
{
    ck_assert_uint_eq(sgc_envelope_metadata_room(0), 1778);
    ck_assert_uint_eq(sgc_envelope_metadata_room(2000), 0);
    ck_assert_uint_eq(sgc_envelope_metadata_room(1 << 20), 0);
}
END_TEST

static sg_err seal_and_open(void *ctx)
{
    struct sealed *s = ctx;
    uint8_t kek_bytes[SGC_KEK_LEN] = {1};
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret kek = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret back = SGC_SECRET_NONE;
    SG_TRY(sgc_secret_copy(&kek, SG_BYTES_ARRAY(kek_bytes)));
    SG_TRY(sgc_secret_copy(&dek, SG_BYTES_ARRAY(s->dek)));
    SG_TRY(sgc_envelope_seal(&s->envelope, &kek, &s->binding, &dek));
    return sgc_envelope_open(&s->envelope, &kek, &s->binding, &back);
}

START_TEST(nothing_is_left_behind_when_secrets_or_random_bytes_run_out)
{
    struct sealed s = seal_sample(false, true);
    ck_assert_uint_ge(sg_torture_slots(seal_and_open, &s), 3);
    ck_assert_uint_ge(sg_det_rand_torture(seal_and_open, &s), 1);
}
END_TEST

SG_TEST_MAIN("crypto/envelope", TEST(envelopes_are_those_of_another_program),
             TEST(texts_that_another_program_refuses_are_refused), TEST(the_longest_envelopes_fit_their_limit),
             TEST(every_truncation_and_every_added_byte_is_refused),
             TEST(each_byte_changed_gives_no_text_or_another_envelope), TEST(a_text_of_more_than_2048_bytes_is_refused),
             TEST_LOOP(what_was_sealed_opens, 4), TEST_LOOP(one_change_and_it_does_not_open, SG_COUNT_OF(changes)),
             TEST(metadata_added_to_an_envelope_without_is_refused),
             TEST(the_length_of_an_object_from_parts_is_not_bound), TEST(an_ikek_is_bound),
             TEST(an_ikek_stands_beside_remote_keks_and_no_others), TEST(another_kek_does_not_open),
             TEST(a_data_key_other_than_the_committed_one_is_refused), TEST(each_sealing_draws_another_nonce),
             TEST(a_secret_that_was_there_stays_when_opening_fails),
             TEST(a_writer_refuses_envelopes_that_no_reader_takes),
             TEST_LOOP(both_headers_fit_2048_bytes_and_not_one_more, SG_COUNT_OF(ikek_lens)),
             TEST(an_ikek_without_room_for_metadata_leaves_none),
             TEST(nothing_is_left_behind_when_secrets_or_random_bytes_run_out))
