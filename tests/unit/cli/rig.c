/* Standard output and error are files while the command runs. */
#include "rig.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

void rig_init(struct rig *rig)
{
    *rig = (struct rig){.folder = "/tmp/sealgate-cli-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(rig->folder));
}

void rig_clear(struct rig *rig)
{
    DIR *folder = opendir(rig->folder);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    (void)closedir(folder);
    ck_assert_int_eq(rmdir(rig->folder), 0);
}

const char *rig_path(struct rig *rig, const char *name)
{
    char *room = rig->paths[rig->next_path++ % 8];
    char folder[sizeof(rig->folder)];
    memcpy(folder, rig->folder, sizeof(folder));
    (void)snprintf(room, sizeof(rig->paths[0]), "%s/%s", folder, name);
    return room;
}

void rig_put(struct rig *rig, const char *name, const void *contents, size_t len, mode_t mode)
{
    const char *path = rig_path(rig, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(contents, 1, len, file), len);
    (void)fclose(file);
    ck_assert_int_eq(chmod(path, mode), 0);
}

void rig_put_text(struct rig *rig, const char *name, const char *text, mode_t mode)
{
    rig_put(rig, name, text, strlen(text), mode);
}

const char *rig_get(struct rig *rig, const char *name, char *room, size_t size)
{
    FILE *file = fopen(rig_path(rig, name), "rb");
    ck_assert_msg(file != NULL, "%s is not there", name);
    room[fread(room, 1, size - 1, file)] = '\0';
    (void)fclose(file);
    return room;
}

bool rig_has(struct rig *rig, const char *name)
{
    return access(rig_path(rig, name), F_OK) == 0;
}

/* Puts a file without a name in the place of a descriptor; gives a copy of what was there. */
static int redirect(struct rig *rig, int fd, int *file)
{
    int saved = dup(fd);
    *file = open(rig->folder, O_TMPFILE | O_RDWR, 0600);
    ck_assert(saved >= 0 && *file >= 0 && dup2(*file, fd) == fd);
    return saved;
}

static void restore(int fd, int saved, int file, char *room)
{
    (void)dup2(saved, fd);
    (void)close(saved);
    ssize_t len = pread(file, room, RIG_TEXT_MAX - 1, 0);
    ck_assert_int_ge(len, 0);
    room[len] = '\0';
    (void)close(file);
}

int rig_run_words(struct rig *rig, const char *const *words)
{
    char *argv[RIG_WORDS_MAX + 1];
    int argc = 0, out, err;
    for (; words[argc] != NULL; argc++) {
        ck_assert_int_lt(argc, RIG_WORDS_MAX);
        memcpy(&argv[argc], &words[argc], sizeof(argv[argc]));
    }
    argv[argc] = NULL;
    (void)fflush(NULL);
    int saved_out = redirect(rig, STDOUT_FILENO, &out);
    int saved_err = redirect(rig, STDERR_FILENO, &err);
    int code = sg_cli_run(argc, argv);
    (void)fflush(NULL);
    restore(STDOUT_FILENO, saved_out, out, rig->out);
    restore(STDERR_FILENO, saved_err, err, rig->err);
    return code;
}
