/* Does an object open to exactly what was sealed, or to an error, whatever was done to its bytes? */
#include "support/check_main.h"

#include "stored.h"

#include <sys/mman.h>
#include <unistd.h>

#include "cli/open_object.h"

#include "common/banned.h"

#define UNIT SG_LIMIT_PART_MIN

struct rig {
    struct format_object object;
    struct sgc_keyring *keyring;
    struct sgc_metadata metadata;
    struct sgc_buf plain;
    const char *bucket, *key;
};

static void rig_init(struct rig *rig)
{
    *rig = (struct rig){.metadata = SGC_METADATA_NONE,
                        .plain = SGC_BUF_INIT(FORMAT_OBJECT_MAX),
                        .bucket = STORED_BUCKET,
                        .key = STORED_KEY};
    ck_ok(sgc_keyring_parse(SG_BYTES_LIT(STORED_KEYRING), &rig->keyring, NULL));
}

static void rig_clear(struct rig *rig)
{
    format_object_clear(&rig->object);
    sgc_keyring_free(rig->keyring);
    sgc_metadata_clear(&rig->metadata);
    sgc_buf_clear(&rig->plain);
}

static sg_err append_plain(void *ctx, struct sg_bytes plain)
{
    return sgc_buf_append(ctx, plain);
}

static sg_err open_it(struct rig *rig)
{
    int fd = memfd_create("object", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, rig->object.body.ptr, rig->object.body.len), (ssize_t)rig->object.body.len);
    struct sg_stored_object stored = {
        .fd = fd,
        .size = rig->object.body.len,
        .envelope = sgc_buf_view(&rig->object.envelope),
        .sealed_metadata = sgc_buf_view(&rig->object.metadata),
        .bucket_identity = sg_bytes_str(rig->bucket),
        .object_key = sg_bytes_str(rig->key),
    };
    sgc_metadata_clear(&rig->metadata);
    sgc_buf_truncate(&rig->plain, 0);
    sg_err err = sg_object_open(&stored, rig->keyring, &rig->metadata, append_plain, &rig->plain);
    (void)close(fd);
    return err;
}

static void expect_plain(const struct rig *rig, size_t len)
{
    ck_assert(sg_bytes_eq(sgc_buf_view(&rig->plain), sg_bytes(stored_plain(len), len)));
}

/* Whatever was written before an error is a beginning of the truth. */
static void expect_no_lie(const struct rig *rig)
{
    ck_assert(sg_bytes_eq(sgc_buf_view(&rig->plain), sg_bytes(stored_plain(rig->plain.len), rig->plain.len)));
}

static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000, UNIT};

START_TEST(single_objects_open)
{
    struct rig rig;
    struct sg_bytes value;
    rig_init(&rig);
    stored_seal_one(sizes[_i], &rig.object);
    ck_ok(open_it(&rig));
    expect_plain(&rig, sizes[_i]);
    ck_assert(sgc_metadata_find(&rig.metadata, SGC_METADATA_USER, SG_BYTES_LIT("colour"), &value));
    ck_assert(sg_bytes_eq_str(value, "blue"));
    rig_clear(&rig);
}
END_TEST

START_TEST(objects_of_parts_open)
{
    static const size_t parts[][4] = {{5, 0}, {UNIT, 0}, {UNIT, 7, 0}, {UNIT, UNIT + 65537, 1, 0}};
    for (size_t i = 0; i < SG_COUNT_OF(parts); i++) {
        struct rig rig;
        rig_init(&rig);
        stored_seal("main:1", parts[i], true, true, &rig.object);
        ck_ok(open_it(&rig));
        size_t total = 0;
        for (size_t k = 0; parts[i][k] != 0; k++)
            total += parts[i][k];
        expect_plain(&rig, total);
        rig_clear(&rig);
    }
}
END_TEST

START_TEST(objects_without_sealed_metadata_open)
{
    struct rig rig;
    const size_t size[] = {100, 0};
    rig_init(&rig);
    stored_seal("main:2", size, false, false, &rig.object);
    ck_ok(open_it(&rig));
    expect_plain(&rig, 100);
    ck_assert_uint_eq(rig.metadata.count, 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(another_name_opens_nothing)
{
    struct rig rig;
    rig_init(&rig);
    stored_seal_one(1000, &rig.object);
    rig.bucket = "photo";
    ck_fails(open_it(&rig), ENVELOPE_INVALID);
    rig.bucket = STORED_BUCKET;
    rig.key = "a/b";
    ck_fails(open_it(&rig), ENVELOPE_INVALID);
    ck_assert_uint_eq(rig.plain.len, 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(keys_that_are_missing_or_disabled_open_nothing)
{
    struct rig rig;
    const size_t size[] = {100, 0};
    rig_init(&rig);
    stored_seal("gone:1", size, false, true, &rig.object);
    ck_fails(open_it(&rig), KEK_UNAVAILABLE);
    sgc_keyring_free(rig.keyring);
    ck_ok(sgc_keyring_parse(SG_BYTES_NONE, &rig.keyring, NULL));
    ck_fails(open_it(&rig), KEK_NOT_ALLOWED);
    rig_clear(&rig);
}
END_TEST

START_TEST(metadata_belongs_to_the_object)
{
    struct rig rig;
    rig_init(&rig);
    stored_seal_one(10, &rig.object);
    sgc_buf_truncate(&rig.object.metadata, 0);
    ck_fails(open_it(&rig), ENVELOPE_INVALID);
    ck_ok(sgc_buf_append_str(&rig.object.metadata, "AAAA"));
    ck_assert(!sg_is_ok(open_it(&rig)));
    rig_clear(&rig);
}
END_TEST

START_TEST(every_flipped_bit_is_noticed)
{
    struct rig rig;
    rig_init(&rig);
    stored_seal_one(20, &rig.object);
    for (size_t i = 0; i < rig.object.body.len * 8; i++) {
        rig.object.body.ptr[i / 8] ^= (uint8_t)(1 << i % 8);
        sg_err err = open_it(&rig);
        ck_assert_msg(!sg_is_ok(err), "bit %zu", i);
        ck_assert_int_eq(sg_err_row(err)->class_, SG_CLASS_INTEGRITY);
        expect_no_lie(&rig);
        rig.object.body.ptr[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    ck_ok(open_it(&rig));
    rig_clear(&rig);
}
END_TEST

START_TEST(every_cut_and_every_addition_is_noticed)
{
    struct rig rig;
    rig_init(&rig);
    stored_seal_one(20, &rig.object);
    size_t whole = rig.object.body.len;
    for (size_t len = 0; len < whole; len++) {
        rig.object.body.len = len;
        ck_assert(!sg_is_ok(open_it(&rig)));
        expect_no_lie(&rig);
    }
    rig.object.body.len = whole;
    for (size_t more = 0; more < 100; more++) {
        ck_ok(sgc_buf_append_u8(&rig.object.body, 0));
        ck_assert(!sg_is_ok(open_it(&rig)));
    }
    rig_clear(&rig);
}
END_TEST

START_TEST(segments_cannot_change_places)
{
    struct rig rig;
    uint8_t one[SGC_SEGMENT_SEALED];
    rig_init(&rig);
    stored_seal_one(3 * SGC_SEGMENT_PLAIN, &rig.object);
    uint8_t *body = rig.object.body.ptr;
    memcpy(one, body, sizeof(one));
    memmove(body, body + sizeof(one), sizeof(one));
    memcpy(body + sizeof(one), one, sizeof(one));
    ck_fails(open_it(&rig), TAG_MISMATCH);
    ck_assert_uint_eq(rig.plain.len, 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(the_footer_of_another_object_does_not_fit)
{
    struct rig rig;
    struct format_object other;
    rig_init(&rig);
    stored_seal_one(500, &rig.object);
    stored_seal_one(500, &other);
    size_t footer = rig.object.body.len - 528;
    memcpy(rig.object.body.ptr + 528, other.body.ptr + 528, footer);
    ck_assert(!sg_is_ok(open_it(&rig)));
    ck_assert_uint_eq(rig.plain.len, 0);
    format_object_clear(&other);
    rig_clear(&rig);
}
END_TEST

static sg_err refuse(void *ctx, struct sg_bytes plain)
{
    SG_UNUSED(ctx);
    SG_UNUSED(plain);
    SG_FAIL(IO);
}

START_TEST(an_error_of_the_writer_ends_it)
{
    struct rig rig;
    rig_init(&rig);
    stored_seal_one(500, &rig.object);
    int fd = memfd_create("object", MFD_CLOEXEC);
    ck_assert_int_eq(write(fd, rig.object.body.ptr, rig.object.body.len), (ssize_t)rig.object.body.len);
    struct sg_stored_object stored = {fd,
                                      rig.object.body.len,
                                      sgc_buf_view(&rig.object.envelope),
                                      sgc_buf_view(&rig.object.metadata),
                                      SG_BYTES_LIT(STORED_BUCKET),
                                      SG_BYTES_LIT(STORED_KEY)};
    ck_fails(sg_object_open(&stored, rig.keyring, &rig.metadata, refuse, NULL), IO);
    /* A file that became shorter meanwhile. */
    ck_assert_int_eq(ftruncate(fd, 400), 0);
    ck_fails(sg_object_open(&stored, rig.keyring, &rig.metadata, refuse, NULL), OBJECT_TRUNCATED);
    (void)close(fd);
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/open_object", TEST_LOOP(single_objects_open, SG_COUNT_OF(sizes)), TEST(objects_of_parts_open),
             TEST(objects_without_sealed_metadata_open), TEST(another_name_opens_nothing),
             TEST(keys_that_are_missing_or_disabled_open_nothing), TEST(metadata_belongs_to_the_object),
             TEST(every_flipped_bit_is_noticed), TEST(every_cut_and_every_addition_is_noticed),
             TEST(segments_cannot_change_places), TEST(the_footer_of_another_object_does_not_fit),
             TEST(an_error_of_the_writer_ends_it))
