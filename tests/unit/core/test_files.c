/* Are secret files read only when they are secret, and written whole or not at all? */
#include "support/check_main.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.h"

#include "common/banned.h"

static char folder[32];

static void begin(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/sealgate-files-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *in_folder(char room[64], const char *name)
{
    (void)snprintf(room, 64, "%s/%s", folder, name);
    return room;
}

static void end(const char *const *names, size_t count)
{
    char path[64];
    for (size_t i = 0; i < count; i++)
        (void)unlink(in_folder(path, names[i]));
    ck_assert_msg(rmdir(folder) == 0, "something is left in %s", folder);
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    (void)fclose(file);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static const struct {
    mode_t mode;
    bool public_ok, secret_ok;
} modes[] = {
    {0600, true, true},   {0400, true, true},  {0700, true, true},   {0644, true, false}, {0640, true, false},
    {0604, true, false},  {0620, true, false}, {0602, false, false}, {0664, true, false}, {0666, false, false},
    {0777, false, false}, {0610, true, false}, {0601, true, false},
};

START_TEST(modes_decide)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(500);
    char path[64];
    static const char *const names[] = {"file"};
    begin();
    put(in_folder(path, "file"), "text", modes[_i].mode);
    ck_assert_int_eq(sg_is_ok(sg_file_check(path, SG_FILE_PUBLIC, &message)), modes[_i].public_ok);
    ck_assert_int_eq(sg_is_ok(sg_file_check(path, SG_FILE_SECRET, &message)), modes[_i].secret_ok);
    if (!modes[_i].secret_ok) {
        ck_ok(sgc_buf_append_u8(&message, 0));
        ck_assert_ptr_nonnull(strstr((const char *)message.ptr, "run: chmod 600 /tmp/sealgate-files-"));
    }
    end(names, 1);
}
END_TEST

START_TEST(a_file_is_read_whole_or_not_at_all)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(10);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(500);
    char path[64];
    static const char *const names[] = {"file"};
    begin();
    put(in_folder(path, "file"), "0123456789", 0600);
    ck_ok(sg_file_read(path, SG_FILE_SECRET, &out, &message));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "0123456789"));
    sgc_buf_truncate(&out, 0);
    put(path, "0123456789x", 0600);
    ck_fails(sg_file_read(path, SG_FILE_SECRET, &out, &message), CONFIG);
    sgc_buf_truncate(&out, 0);
    put(path, "", 0600);
    ck_ok(sg_file_read(path, SG_FILE_SECRET, &out, NULL));
    ck_assert_uint_eq(out.len, 0);
    end(names, 1);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(10);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(500);
    char path[64];
    static const char *const names[] = {"pipe", "link"};
    begin();
    ck_fails(sg_file_read(in_folder(path, "missing"), SG_FILE_PUBLIC, &out, &message), CONFIG);
    ck_assert(sg_bytes_has_suffix(sgc_buf_view(&message), SG_BYTES_LIT("cannot be opened: No such file or directory")));
    ck_fails(sg_file_read(folder, SG_FILE_PUBLIC, &out, &message), CONFIG);
    ck_fails(sg_file_read("/dev/zero", SG_FILE_PUBLIC, &out, &message), CONFIG);
    ck_assert_int_eq(mkfifo(in_folder(path, "pipe"), 0600), 0);
    ck_fails(sg_file_read(path, SG_FILE_SECRET, &out, &message), CONFIG);
    ck_assert_int_eq(symlink("missing", in_folder(path, "link")), 0);
    ck_fails(sg_file_read(path, SG_FILE_SECRET, &out, &message), CONFIG);
    end(names, 2);
}
END_TEST

START_TEST(a_written_file_is_secret_and_complete)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(100);
    char path[64];
    struct stat info;
    static const char *const names[] = {"file"};
    begin();
    mode_t before = umask(0);
    ck_ok(sg_file_write_secret(in_folder(path, "file"), SG_BYTES_LIT("one"), false, NULL));
    (void)umask(before);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    ck_ok(sg_file_read(path, SG_FILE_SECRET, &out, NULL));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "one"));
    end(names, 1);
}
END_TEST

START_TEST(an_existing_file_is_replaced_only_when_asked)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(100);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(500);
    char path[64];
    static const char *const names[] = {"file"};
    begin();
    put(in_folder(path, "file"), "old", 0600);
    ck_fails(sg_file_write_secret(path, SG_BYTES_LIT("new"), false, &message), IO);
    ck_assert(sg_bytes_has_suffix(sgc_buf_view(&message), SG_BYTES_LIT("cannot be written: File exists")));
    ck_ok(sg_file_read(path, SG_FILE_SECRET, &out, NULL));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "old"));
    sgc_buf_truncate(&out, 0);
    ck_ok(sg_file_write_secret(path, SG_BYTES_LIT("new"), true, NULL));
    ck_ok(sg_file_read(path, SG_FILE_SECRET, &out, NULL));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "new"));
    end(names, 1);
}
END_TEST

START_TEST(a_symbolic_link_stays_one)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf out = SGC_BUF_INIT(100);
    char path[64], link_path[64];
    struct stat info;
    static const char *const names[] = {"file", "link"};
    begin();
    put(in_folder(path, "file"), "old", 0600);
    ck_assert_int_eq(symlink("file", in_folder(link_path, "link")), 0);
    ck_ok(sg_file_write_secret(link_path, SG_BYTES_LIT("new"), true, NULL));
    ck_assert_int_eq(lstat(link_path, &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_ok(sg_file_read(path, SG_FILE_SECRET, &out, NULL));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "new"));
    end(names, 2);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_leaves_nothing)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(500);
    char path[64];
    begin();
    ck_fails(sg_file_write_secret(in_folder(path, "none/file"), SG_BYTES_LIT("x"), true, &message), IO);
    ck_fails(sg_file_write_secret("/proc/sealgate", SG_BYTES_LIT("x"), false, &message), IO);
    ck_fails(sg_file_write_secret(folder, SG_BYTES_LIT("x"), true, &message), IO);
    end(NULL, 0);
}
END_TEST

SG_TEST_MAIN("core/files", TEST_LOOP(modes_decide, SG_COUNT_OF(modes)), TEST(a_file_is_read_whole_or_not_at_all),
             TEST(what_is_no_file_is_refused), TEST(a_written_file_is_secret_and_complete),
             TEST(an_existing_file_is_replaced_only_when_asked), TEST(a_symbolic_link_stays_one),
             TEST(a_folder_that_cannot_be_written_leaves_nothing))
