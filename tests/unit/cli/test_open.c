/* Does `open` leave a whole authentic file, or none, and say which? */
#include "rig.h"
#include "stored.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/banned.h"

static char envelope[SG_LIMIT_ENVELOPE + 1], metadata[4097];

static void put_object(struct rig *rig, size_t plain)
{
    struct format_object object;
    stored_seal_one(plain, &object);
    rig_put(rig, "body", object.body.ptr, object.body.len, 0600);
    rig_put_text(rig, "keyring", STORED_KEYRING, 0600);
    (void)snprintf(envelope, sizeof(envelope), "%.*s", SG_BYTES_FMT(sgc_buf_view(&object.envelope)));
    (void)snprintf(metadata, sizeof(metadata), "%.*s", SG_BYTES_FMT(sgc_buf_view(&object.metadata)));
    format_object_clear(&object);
}

#define OPEN(rig, object, ...)                                                                                         \
    rig_run(rig, "open", "--body", rig_path(rig, "body"), "--envelope", envelope, "--metadata", metadata, "--bucket",  \
            STORED_BUCKET, "--object", object, "--keyring", rig_path(rig, "keyring"), __VA_ARGS__)

static char plain[300000];

START_TEST(a_file_appears_when_all_is_authentic)
{
    struct rig rig;
    struct stat info;
    rig_init(&rig);
    put_object(&rig, 200000);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", rig_path(&rig, "plain")), 0);
    ck_assert_str_eq(rig.out, "");
    rig_get(&rig, "plain", plain, sizeof(plain));
    ck_assert(sg_bytes_eq(sg_bytes(plain, 200000), sg_bytes(stored_plain(200000), 200000)));
    ck_assert_int_eq(stat(rig_path(&rig, "plain"), &info), 0);
    ck_assert_int_eq(info.st_size, 200000);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    rig_clear(&rig);
}
END_TEST

START_TEST(standard_output_gets_the_plaintext)
{
    struct rig rig;
    rig_init(&rig);
    put_object(&rig, 5000);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", "-"), 0);
    ck_assert(sg_bytes_eq(sg_bytes(rig.out, 5000), sg_bytes(stored_plain(5000), 5000)));
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--show-metadata"), 0);
    ck_assert(sg_bytes_eq(sg_bytes(rig.out, 5000), sg_bytes(stored_plain(5000), 5000)));
    ck_assert_str_eq(rig.err, "x-amz-meta-colour: blue\ncontent-type: text/plain\n");
    rig_clear(&rig);
}
END_TEST

START_TEST(what_is_not_authentic_leaves_no_file)
{
    struct rig rig;
    static char body[300000];
    rig_init(&rig);
    put_object(&rig, 200000);
    rig_get(&rig, "body", body, sizeof(body));
    body[150000] ^= 1;
    rig_put(&rig, "body", body, sgc_layout_sealed(200000), 0600);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", rig_path(&rig, "plain")), 3);
    ck_contains(rig.err, "the object is not authentic (TAG_MISMATCH)");
    ck_assert(!rig_has(&rig, "plain"));
    ck_assert_int_eq(OPEN(&rig, "other", "--out", rig_path(&rig, "plain")), 3);
    ck_assert(!rig_has(&rig, "plain"));
    ck_assert_int_eq(remove(rig_path(&rig, "body")) + remove(rig_path(&rig, "keyring")), 0);
    ck_assert_int_eq(rmdir(rig.folder), 0); /* nothing else was left */
    ck_assert_int_eq(mkdir(rig.folder, 0700), 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(an_old_file_stays_when_the_new_one_is_not_authentic)
{
    struct rig rig;
    char text[64];
    rig_init(&rig);
    put_object(&rig, 10);
    rig_put_text(&rig, "plain", "old", 0600);
    ck_assert_int_eq(OPEN(&rig, "other", "--out", rig_path(&rig, "plain")), 3);
    ck_assert_str_eq(rig_get(&rig, "plain", text, sizeof(text)), "old");
    rig_clear(&rig);
}
END_TEST

START_TEST(what_cannot_be_read_or_written_is_said)
{
    struct rig rig;
    rig_init(&rig);
    put_object(&rig, 10);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", rig_path(&rig, "none/plain")), 1);
    ck_contains(rig.err, "No such file or directory");
    rig_put_text(&rig, "keyring", "", 0600);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", "-"), 1);
    ck_contains(rig.err, "not in the keyring: v=1; parts=one; meta=sealed; kek=main:2");
    rig_put_text(&rig, "keyring", "main:2 disabled AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n", 0600);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", "-"), 1);
    ck_contains(rig.err, "disabled in the keyring");
    rig_put_text(&rig, "keyring", STORED_KEYRING, 0644);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", "-"), 1);
    ck_contains(rig.err, "run: chmod 600");
    rig_put_text(&rig, "keyring", STORED_KEYRING, 0600);
    ck_assert_int_eq(remove(rig_path(&rig, "body")), 0);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", "-"), 1);
    ck_contains(rig.err, "body: cannot be read");
    rig_clear(&rig);
}
END_TEST

START_TEST(a_name_that_is_a_folder_is_refused)
{
    struct rig rig;
    rig_init(&rig);
    put_object(&rig, 100000);
    ck_assert_int_eq(mkdir(rig_path(&rig, "folder"), 0700), 0);
    ck_assert_int_eq(OPEN(&rig, STORED_KEY, "--out", rig_path(&rig, "folder")), 1);
    ck_contains(rig.err, "Is a directory");
    ck_assert_int_eq(rmdir(rig_path(&rig, "folder")), 0);
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/open", TEST(a_file_appears_when_all_is_authentic), TEST(standard_output_gets_the_plaintext),
             TEST(what_is_not_authentic_leaves_no_file), TEST(an_old_file_stays_when_the_new_one_is_not_authentic),
             TEST(what_cannot_be_read_or_written_is_said), TEST(a_name_that_is_a_folder_is_refused))
