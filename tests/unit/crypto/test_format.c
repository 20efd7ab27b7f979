/* Question: does a reader of whole objects get what was written, or an error, whatever the storage did to them? */
#include "support/format_object.h"

#include "crypto/hash.h"

#include "support/crypto_samples.h"
#include "support/det_rand.h"
#include "support/vectors.h"

#include "common/banned.h"

#define UNIT SG_LIMIT_PART_MIN
#define KEYS                                                                                                           \
    "main:1 decrypt-only AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n"                                                \
    "main:2 active AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n"                                                      \
    "other:1 active AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM\n"                                                     \
    "gone:1 disabled BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ\n"

static const struct format_names here = {{(const uint8_t *)"photos", 6}, {(const uint8_t *)"a/b", 3}};
static uint8_t plaintext[3 * UNIT];

static struct sgc_keyring *new_keyring(const char *text)
{
    struct sgc_keyring *keyring = NULL;
    ck_ok(sgc_keyring_parse(sg_bytes_str(text), &keyring, NULL));
    return keyring;
}

/* Opens and compares with the first `plain` bytes of the pattern. */
static sg_err open_as(const struct format_object *object, const struct format_names *names,
                      const struct sgc_keyring *keyring, size_t plain)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(FORMAT_OBJECT_MAX);
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata metadata = SGC_METADATA_NONE;
    SG_TRY(format_object_open(object, names, keyring, &out, &metadata));
    ck_assert(sg_bytes_eq(sgc_buf_view(&out), sg_bytes(plaintext, plain)));
    return SG_OK;
}

static sg_err open_here(const struct format_object *object, size_t plain)
{
    struct sgc_keyring *keyring = new_keyring(KEYS);
    sg_err err = open_as(object, &here, keyring, plain);
    sgc_keyring_free(keyring);
    return err;
}

/* --- vectors --- */

static void parse_parts(struct sg_bytes raw, struct format_part parts[8])
{
    struct sg_cursor c = sg_cursor(raw);
    for (size_t i = 0; c.rest.len > 0; i++) {
        uint64_t plain;
        ck_assert(sg_cursor_u32be(&c, &parts[i].number) && sg_cursor_u64be(&c, &plain));
        parts[i].plain = (size_t)plain;
    }
}

static void expect_same_object(struct sg_vectors *v, const struct format_object *object)
{
    uint8_t digest[SGC_SHA256_LEN];
    ck_ok(sgc_sha256(sgc_buf_view(&object->body), digest));
    ck_assert_uint_eq(object->body.len, sg_vectors_u64(v, "body_len"));
    if (sg_vectors_has(v, "body"))
        ck_assert(sg_bytes_eq(sgc_buf_view(&object->body), sg_vectors_hex(v, "body")));
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(digest), sg_vectors_hex(v, "body_sha256")));
    ck_assert(sg_bytes_eq(sgc_buf_view(&object->envelope), sg_vectors_text(v, "envelope")));
    ck_assert(sg_bytes_eq(sgc_buf_view(&object->metadata), sg_vectors_text(v, "sealed_metadata")));
}

/* The checksum that all these objects carry. */
static struct sg_bytes vector_checksum(uint8_t out[SGC_SHA256_LEN])
{
    ck_ok(sgc_sha256(SG_BYTES_LIT("crc/0"), out));
    return sg_bytes(out, 4);
}

static void check_vector(struct sg_vectors *v)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = SGC_METADATA_NONE;
    SG_CLEANUP(format_object_clear) struct format_object object = FORMAT_OBJECT_NONE;
    struct sgc_kek kek = {.state = SGC_KEK_ACTIVE, .key = sample_secret(sg_vectors_hex(v, "kek"))};
    struct format_part parts[8];
    uint8_t checksum[SGC_SHA256_LEN], digest[SGC_SHA256_LEN];
    (void)snprintf(kek.id, sizeof(kek.id), "%.*s", SG_BYTES_FMT(sg_vectors_text(v, "kek_id")));
    parse_parts(sg_vectors_hex(v, "parts"), parts);
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("colour"), SG_BYTES_LIT("blue")));
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_CONTENT, SG_BYTES_LIT("content-type"), SG_BYTES_LIT("image/jpeg")));
    ck_ok(sgc_sha256(SG_BYTES_LIT("H/0"), digest));
    bool many = sg_vectors_u64(v, "many") == 1;
    struct format_input in = {
        .names = {sg_vectors_text(v, "bucket"), sg_vectors_hex(v, "object_key")},
        .kek = &kek,
        .parts = parts,
        .part_count = (uint32_t)sg_vectors_u64(v, "part_count"),
        .many = many,
        .metadata = sg_vectors_text(v, "sealed_metadata").len > 0 ? &m : NULL,
        .upload_digest = many ? SG_BYTES_ARRAY(digest) : SG_BYTES_NONE,
        .checksum_id = SGC_CHECKSUM_CRC32C,
        .checksum = vector_checksum(checksum),
        .plain = sg_bytes(plaintext, (size_t)sg_vectors_u64(v, "plain")),
    };
    sg_det_rand_script(sg_vectors_hex(v, "drawn"));
    ck_ok(format_object_seal(&in, &object));
    expect_same_object(v, &object);
    sgc_secret_clear(&kek.key);
}

START_TEST(whole_objects_are_those_of_another_program) /* FMT-30 */
{
    struct sg_vectors *v = sg_vectors_open("format/objects.txt");
    int count = 0;
    sample_pattern(plaintext, sizeof(plaintext));
    for (; sg_vectors_next(v); count++)
        check_vector(v);
    sg_vectors_close(v);
    ck_assert_int_ge(count, 9);
}
END_TEST

START_TEST(stored_sizes_are_those_of_another_program) /* FMT-4, FMT-5 */
{
    struct sg_vectors *v = sg_vectors_open("format/sizes.txt");
    int count = 0;
    for (; sg_vectors_next(v); count++) {
        uint64_t plain = sg_vectors_u64(v, "plain"), sealed = sg_vectors_u64(v, "sealed"), back;
        ck_assert_uint_eq(sgc_layout_sealed(plain), sealed);
        ck_assert(sgc_layout_plain(sealed, &back) && back == plain);
    }
    sg_vectors_close(v);
    ck_assert_int_ge(count, 25);
}
END_TEST

/* --- attacks --- */

/* A single object of `plain` bytes of the pattern, with metadata, under main:2. */
static void seal_one(size_t plain, const char *kek_id, struct format_object *out)
{
    struct sgc_keyring *keyring = new_keyring(KEYS);
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = SGC_METADATA_NONE;
    struct format_part part = {0, plain};
    sample_pattern(plaintext, plain);
    ck_ok(sgc_metadata_add(&m, SGC_METADATA_USER, SG_BYTES_LIT("colour"), SG_BYTES_LIT("blue")));
    struct format_input in = {.names = here,
                              .kek = sgc_keyring_find(keyring, sg_bytes_str(kek_id)),
                              .parts = &part,
                              .part_count = 1,
                              .metadata = &m,
                              .plain = sg_bytes(plaintext, plain)};
    ck_ok(format_object_seal(&in, out));
    sgc_keyring_free(keyring);
}

static const struct format_part three_parts[] = {{2, UNIT + 5}, {3, UNIT}, {7, 70000}};
#define THREE_PLAIN (2 * UNIT + 5 + 70000)

static void seal_three(struct format_object *out)
{
    struct sgc_keyring *keyring = new_keyring(KEYS);
    sample_pattern(plaintext, THREE_PLAIN);
    struct format_input in = {.names = here,
                              .kek = sgc_keyring_find(keyring, SG_BYTES_LIT("main:2")),
                              .parts = three_parts,
                              .part_count = 3,
                              .many = true,
                              .plain = sg_bytes(plaintext, THREE_PLAIN)};
    ck_ok(format_object_seal(&in, out));
    sgc_keyring_free(keyring);
}

START_TEST(every_bit_of_a_small_object_and_of_its_headers_matters)
{
    enum { PLAIN = 5 };
    SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
    seal_one(PLAIN, "main:2", &o);
    struct sgc_buf *all[] = {&o.body, &o.envelope, &o.metadata};
    for (size_t b = 0; b < SG_COUNT_OF(all); b++) {
        for (size_t bit = 0; bit < all[b]->len * 8; bit++) {
            all[b]->ptr[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            sg_err err = open_here(&o, PLAIN);
            ck_assert_msg(sg_err_row(err)->class_ == SG_CLASS_INTEGRITY, "%zu, bit %zu: %s", b, bit,
                          sg_err_row(err)->name);
            all[b]->ptr[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
    }
    ck_ok(open_here(&o, PLAIN));
}
END_TEST

START_TEST(every_truncation_of_a_small_object_is_refused)
{
    SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
    seal_one(40, "main:2", &o);
    for (size_t len = o.body.len; len-- > 0;) {
        sgc_buf_truncate(&o.body, len);
        ck_assert(sg_err_row(open_here(&o, 40))->class_ == SG_CLASS_INTEGRITY);
    }
}
END_TEST

START_TEST(cuts_at_the_borders_of_segments_and_parts_are_refused)
{
    SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
    seal_three(&o);
    ck_ok(open_here(&o, THREE_PLAIN));
    size_t part_1 = sgc_layout_body_sealed(UNIT + 5), part_2 = sgc_layout_body_sealed(UNIT);
    size_t cuts[] = {part_1 + part_2 + SGC_SEGMENT_SEALED, part_1 + part_2, part_1 + SGC_SEGMENT_SEALED, part_1,
                     SGC_SEGMENT_SEALED};
    for (size_t i = 0; i < SG_COUNT_OF(cuts); i++) {
        sgc_buf_truncate(&o.body, cuts[i]);
        ck_assert(sg_err_row(open_here(&o, THREE_PLAIN))->class_ == SG_CLASS_INTEGRITY);
    }
}
END_TEST

/* A body without one of its parts, or with one of them in front. */
static const struct {
    const char *what;
    int cut_part, repeat_part; /* -1 = none */
} rebuilds[] = {
    {"part 1 dropped", 0, -1},
    {"part 2 dropped", 1, -1},
    {"part 3 dropped", 2, -1},
    {"part 1 repeated", -1, 0},
    {"part 2 in place of part 1", 0, 1},
    {"part 1 in place of part 2", 1, 0},
    {"part 3 first", 2, 2},
    {"part 2 first", 1, 1},
};

START_TEST(parts_dropped_repeated_or_exchanged_are_refused)
{
    SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf body = SGC_BUF_INIT(FORMAT_OBJECT_MAX);
    struct sg_bytes pieces[4];
    seal_three(&o);
    struct sg_bytes rest = sgc_buf_view(&o.body);
    for (size_t i = 0; i < 3; i++) {
        pieces[i] = sg_bytes_slice(rest, 0, sgc_layout_body_sealed(three_parts[i].plain));
        rest = sg_bytes_skip(rest, pieces[i].len);
    }
    pieces[3] = rest;
    if (rebuilds[_i].repeat_part >= 0)
        ck_ok(sgc_buf_append(&body, pieces[rebuilds[_i].repeat_part]));
    for (int i = 0; i < 4; i++) {
        if (i != rebuilds[_i].cut_part)
            ck_ok(sgc_buf_append(&body, pieces[i]));
    }
    sgc_buf_clear(&o.body);
    o.body = sgc_buf_take(&body);
    sg_err err = open_here(&o, THREE_PLAIN);
    ck_assert_msg(sg_err_row(err)->class_ == SG_CLASS_INTEGRITY, "%s: %s", rebuilds[_i].what, sg_err_row(err)->name);
}
END_TEST

START_TEST(junk_before_between_and_behind_parts_is_refused)
{
    size_t part_1 = sgc_layout_body_sealed(UNIT + 5), part_2 = sgc_layout_body_sealed(UNIT);
    size_t places[] = {0, part_1, part_1 + part_2, part_1 + part_2 + sgc_layout_body_sealed(70000)};
    size_t lens[] = {1, 28, 29, 44, SGC_SEGMENT_SEALED};
    for (size_t p = 0; p < SG_COUNT_OF(places); p++) {
        SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf whole = SGC_BUF_INIT(FORMAT_OBJECT_MAX);
        seal_three(&o);
        ck_ok(sgc_buf_append(&whole, sgc_buf_view(&o.body)));
        for (size_t l = 0; l < SG_COUNT_OF(lens); l++) {
            struct sg_bytes junk = sg_bytes_slice(sgc_buf_view(&whole), part_1, lens[l]);
            sgc_buf_truncate(&o.body, 0);
            ck_ok(sgc_buf_append(&o.body, sg_bytes_slice(sgc_buf_view(&whole), 0, places[p])));
            ck_ok(sgc_buf_append(&o.body, junk));
            ck_ok(sgc_buf_append(&o.body, sg_bytes_skip(sgc_buf_view(&whole), places[p])));
            ck_assert(sg_err_row(open_here(&o, THREE_PLAIN))->class_ == SG_CLASS_INTEGRITY);
        }
    }
}
END_TEST

START_TEST(an_object_moved_to_another_place_is_refused) /* FMT-16 */
{
    struct sgc_keyring *keyring = new_keyring(KEYS);
    SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
    struct format_names other_key = {here.bucket, SG_BYTES_LIT("a/c")};
    struct format_names other_bucket = {SG_BYTES_LIT("photo"), here.key};
    seal_one(100, "main:2", &o);
    ck_ok(open_as(&o, &here, keyring, 100));
    ck_fails(open_as(&o, &other_key, keyring, 100), ENVELOPE_INVALID);
    ck_fails(open_as(&o, &other_bucket, keyring, 100), ENVELOPE_INVALID);
    sgc_keyring_free(keyring);
}
END_TEST

/* What belongs to one of two objects of the same place, in place of the other's. */
START_TEST(pieces_of_two_objects_do_not_go_together)
{
    SG_CLEANUP(format_object_clear) struct format_object a = FORMAT_OBJECT_NONE;
    SG_CLEANUP(format_object_clear) struct format_object b = FORMAT_OBJECT_NONE;
    seal_one(100, "main:2", &a);
    seal_one(100, "main:2", &b);
    size_t segment = sgc_layout_body_sealed(100);
    for (int what = 0; what < 5; what++) {
        struct format_object mixed = a;
        SG_CLEANUP(sgc_buf_clear) struct sgc_buf body = SGC_BUF_INIT(FORMAT_OBJECT_MAX);
        ck_ok(sgc_buf_append(&body, sgc_buf_view(&a.body)));
        mixed.body = body;
        if (what == 1)
            mixed.envelope = b.envelope;
        if (what == 2)
            mixed.metadata = b.metadata;
        if (what == 3)
            memcpy(body.ptr, b.body.ptr, segment);
        if (what == 4)
            memcpy(body.ptr + segment, b.body.ptr + segment, body.len - segment);
        sg_err err = open_here(&mixed, 100);
        ck_assert(what == 0 ? sg_is_ok(err) : sg_err_row(err)->class_ == SG_CLASS_INTEGRITY);
    }
}
END_TEST

START_TEST(headers_removed_are_missed) /* FMT-19, FMT-21 */
{
    SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
    seal_one(100, "main:2", &o);
    sgc_buf_clear(&o.metadata);
    ck_fails(open_here(&o, 100), ENVELOPE_INVALID);
    sgc_buf_clear(&o.envelope);
    ck_fails(open_here(&o, 100), ENVELOPE_INVALID);
}
END_TEST

START_TEST(keks_open_as_their_state_allows) /* FMT-63 */
{
    SG_CLEANUP(format_object_clear) struct format_object o = FORMAT_OBJECT_NONE;
    struct sgc_keyring *retired = new_keyring("main:2 decrypt-only AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI");
    struct sgc_keyring *disabled = new_keyring("main:2 disabled AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI");
    struct sgc_keyring *another = new_keyring("main:2 active AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM");
    struct sgc_keyring *without = new_keyring("main:3 active AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI");
    seal_one(9, "main:2", &o);
    ck_ok(open_as(&o, &here, retired, 9));
    ck_fails(open_as(&o, &here, disabled, 9), KEK_UNAVAILABLE);
    ck_fails(open_as(&o, &here, another, 9), ENVELOPE_INVALID);
    ck_fails(open_as(&o, &here, without, 9), KEK_UNAVAILABLE);
    struct format_input in = {.names = here, .kek = sgc_keyring_at(retired, 0)};
    ck_fails(format_object_seal(&in, &o), KEK_UNAVAILABLE);
    sgc_keyring_free(retired);
    sgc_keyring_free(disabled);
    sgc_keyring_free(another);
    sgc_keyring_free(without);
}
END_TEST

START_TEST(each_object_has_a_data_key_of_its_own) /* FMT-9 */
{
    SG_CLEANUP(format_object_clear) struct format_object a = FORMAT_OBJECT_NONE;
    SG_CLEANUP(format_object_clear) struct format_object b = FORMAT_OBJECT_NONE;
    struct sgc_envelope first, second;
    seal_one(100, "main:2", &a);
    seal_one(100, "main:2", &b);
    ck_ok(sgc_envelope_parse(sgc_buf_view(&a.envelope), &first));
    ck_ok(sgc_envelope_parse(sgc_buf_view(&b.envelope), &second));
    ck_assert(!sg_bytes_eq(SG_BYTES_ARRAY(first.kc), SG_BYTES_ARRAY(second.kc)));
    ck_assert(!sg_bytes_eq(SG_BYTES_ARRAY(first.dek), SG_BYTES_ARRAY(second.dek)));
}
END_TEST

SG_TEST_MAIN("crypto/format", TEST(whole_objects_are_those_of_another_program),
             TEST(stored_sizes_are_those_of_another_program),
             TEST(every_bit_of_a_small_object_and_of_its_headers_matters),
             TEST(every_truncation_of_a_small_object_is_refused),
             TEST(cuts_at_the_borders_of_segments_and_parts_are_refused),
             TEST_LOOP(parts_dropped_repeated_or_exchanged_are_refused, SG_COUNT_OF(rebuilds)),
             TEST(junk_before_between_and_behind_parts_is_refused), TEST(an_object_moved_to_another_place_is_refused),
             TEST(pieces_of_two_objects_do_not_go_together), TEST(headers_removed_are_missed),
             TEST(keks_open_as_their_state_allows), TEST(each_object_has_a_data_key_of_its_own))
