/* Is a change of a secret file whole, private, and one at a time? */
#include "rig.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/change.h"

#include "common/banned.h"

static sg_err append_x(void *ctx, struct sg_bytes text, struct sgc_buf *out, struct sgc_buf *message)
{
    SG_UNUSED(ctx);
    SG_UNUSED(message);
    SG_TRY(sgc_buf_append(out, text));
    return sgc_buf_append_u8(out, 'x');
}

static sg_err refuse(void *ctx, struct sg_bytes text, struct sgc_buf *out, struct sgc_buf *message)
{
    SG_TRY(append_x(ctx, text, out, message));
    SG_FAIL(CONFIG);
}

START_TEST(a_file_is_made_and_then_changed)
{
    struct rig rig;
    char text[64];
    struct stat info;
    rig_init(&rig);
    ck_ok(sg_cli_change_file(rig_path(&rig, "file"), append_x, NULL, NULL));
    ck_ok(sg_cli_change_file(rig_path(&rig, "file"), append_x, NULL, NULL));
    ck_assert_str_eq(rig_get(&rig, "file", text, sizeof(text)), "xx");
    ck_assert_int_eq(stat(rig_path(&rig, "file"), &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_change_that_is_refused_changes_nothing)
{
    struct rig rig;
    char text[64];
    rig_init(&rig);
    ck_fails(sg_cli_change_file(rig_path(&rig, "file"), refuse, NULL, NULL), CONFIG);
    ck_assert(!rig_has(&rig, "file"));
    rig_put_text(&rig, "file", "old", 0600);
    ck_fails(sg_cli_change_file(rig_path(&rig, "file"), refuse, NULL, NULL), CONFIG);
    ck_assert_str_eq(rig_get(&rig, "file", text, sizeof(text)), "old");
    rig_put_text(&rig, "open", "old", 0644);
    ck_fails(sg_cli_change_file(rig_path(&rig, "open"), append_x, NULL, NULL), CONFIG);
    ck_assert_str_eq(rig_get(&rig, "open", text, sizeof(text)), "old");
    rig_clear(&rig);
}
END_TEST

START_TEST(a_name_without_a_folder_is_in_the_current_one)
{
    struct rig rig;
    char before[4096], text[64];
    rig_init(&rig);
    ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
    ck_assert_int_eq(chdir(rig.folder), 0);
    ck_ok(sg_cli_change_file("file", append_x, NULL, NULL));
    ck_assert_int_eq(chdir(before), 0);
    ck_assert_str_eq(rig_get(&rig, "file", text, sizeof(text)), "x");
    rig_clear(&rig);
}
END_TEST

/* Without the lock some of these would read the same old text, and one change of two would be lost. */
START_TEST(changes_at_the_same_time_all_happen)
{
    enum { PROCESSES = 8, CHANGES = 10 };
    struct rig rig;
    char text[256];
    rig_init(&rig);
    const char *path = rig_path(&rig, "file");
    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid > 0)
            continue;
        for (int k = 0; k < CHANGES; k++) {
            if (!sg_is_ok(sg_cli_change_file(path, append_x, NULL, NULL)))
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0, status; i < PROCESSES; i++)
        ck_assert(wait(&status) > 0 && status == 0);
    ck_assert_uint_eq(strlen(rig_get(&rig, "file", text, sizeof(text))), PROCESSES * CHANGES);
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/change", TEST(a_file_is_made_and_then_changed), TEST(a_change_that_is_refused_changes_nothing),
             TEST(a_name_without_a_folder_is_in_the_current_one), TEST(changes_at_the_same_time_all_happen))
