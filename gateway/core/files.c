/*
 * Idea: the descriptor that was checked is the one that is read, so that nobody can exchange the file in between.
 * Writing goes to a new file beside the old one, which takes its name when it is complete and on the disk.
 */
#include "core/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/limits.h"
#include "core/message.h"
#include "crypto/codec.h"
#include "crypto/rand.h"
#include "crypto/secret.h"

#include "common/banned.h"

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* What errno says, in words of the C library. */
static const char *reason(char *room, size_t size)
{
    return strerror_r(errno, room, size);
}

#define REQUIRE(condition, message, ...)                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            sg_message_setf((message), __VA_ARGS__);                                                                   \
            SG_FAIL(CONFIG);                                                                                           \
        }                                                                                                              \
    } while (0)

/* --- reading --- */

static sg_err check_secret(const char *path, const struct stat *info, struct sgc_buf *message)
{
    REQUIRE((info->st_mode & 077) == 0, message,
            "%s: others may read or change this file (mode %04o); run: chmod 600 %s", path,
            (unsigned)(info->st_mode & 07777), path);
    REQUIRE(info->st_uid == geteuid() || info->st_uid == 0, message,
            "%s: this file belongs to another user (%u); run: chown %u %s", path, (unsigned)info->st_uid,
            (unsigned)geteuid(), path);
    return SG_OK;
}

static sg_err check_opened(const char *path, int fd, enum sg_file_kind kind, struct sgc_buf *message)
{
    struct stat info;
    char room[128];
    REQUIRE(fstat(fd, &info) == 0, message, "%s: %s", path, reason(room, sizeof(room)));
    REQUIRE(S_ISREG(info.st_mode), message, "%s: not a regular file", path);
    if (kind == SG_FILE_SECRET)
        return check_secret(path, &info, message);
    REQUIRE((info.st_mode & 002) == 0, message, "%s: everybody may change this file (mode %04o); run: chmod o-w %s",
            path, (unsigned)(info.st_mode & 07777), path);
    return SG_OK;
}

/* O_NONBLOCK: opening a pipe by mistake must not hang; regular files do not care. */
static sg_err open_checked(const char *path, enum sg_file_kind kind, int *fd_out, struct sgc_buf *message)
{
    char room[128];
    SG_CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    REQUIRE(fd >= 0, message, "%s: cannot be opened: %s", path, reason(room, sizeof(room)));
    SG_TRY(check_opened(path, fd, kind, message));
    *fd_out = fd;
    fd = -1;
    return SG_OK;
}

static sg_err read_all(int fd, const char *path, struct sgc_buf *out, struct sgc_buf *message)
{
    char room[128];
    uint8_t piece[4096];
    ssize_t len;
    while ((len = read(fd, piece, sizeof(piece))) != 0) {
        if (len < 0 && errno == EINTR)
            continue;
        REQUIRE(len > 0, message, "%s: cannot be read: %s", path, reason(room, sizeof(room)));
        sg_err err = sgc_buf_append(out, sg_bytes(piece, (size_t)len));
        sgc_wipe(piece, sizeof(piece));
        REQUIRE(sg_is_ok(err), message, "%s: larger than %zu bytes", path, out->max);
    }
    return SG_OK;
}

sg_err sg_file_read(const char *path, enum sg_file_kind kind, struct sgc_buf *out, struct sgc_buf *message)
{
    SG_CLEANUP(close_fd) int fd = -1;
    SG_TRY(open_checked(path, kind, &fd, message));
    return read_all(fd, path, out, message);
}

sg_err sg_file_check(const char *path, enum sg_file_kind kind, struct sgc_buf *message)
{
    SG_CLEANUP(close_fd) int fd = -1;
    return open_checked(path, kind, &fd, message);
}

/* --- writing --- */

static sg_err write_all(int fd, struct sg_bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t len = write(fd, bytes.ptr, bytes.len);
        SG_CHECK(len > 0 || errno == EINTR, IO);
        if (len > 0)
            bytes = sg_bytes_skip(bytes, (size_t)len);
    }
    SG_CHECK(fsync(fd) == 0, IO);
    return SG_OK;
}

/* The name is on the disk too once its folder is. */
static sg_err sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int len = slash == NULL ? snprintf(folder, sizeof(folder), ".")
                            : snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    SG_CHECK(len > 0 && (size_t)len < sizeof(folder), IO);
    SG_CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SG_CHECK(fd >= 0 && fsync(fd) == 0, IO);
    return SG_OK;
}

/* "PATH.RANDOM.new" */
static sg_err name_beside(const char *path, char *out, size_t size)
{
    uint8_t salt[8];
    char hex[SGC_HEX_LEN(sizeof(salt)) + 1] = "";
    SG_TRY(sgc_rand(salt, sizeof(salt)));
    sgc_hex_encode(SG_BYTES_ARRAY(salt), hex);
    int len = snprintf(out, size, "%s.%s.new", path, hex);
    SG_CHECK(len > 0 && (size_t)len < size, IO);
    return SG_OK;
}

static sg_err write_new(const char *path, struct sg_bytes contents)
{
    SG_CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
    SG_CHECK(fd >= 0, IO);
    SG_CHECK(fchmod(fd, 0600) == 0, IO); /* whatever the umask was */
    return write_all(fd, contents);
}

/* link() refuses to take a name that is taken; rename() takes it over. */
static sg_err give_name(const char *from, const char *to, bool replace)
{
    if (replace) {
        SG_CHECK(rename(from, to) == 0, IO);
        return sync_folder(to);
    }
    int linked = link(from, to);
    int error = errno;
    (void)unlink(from);
    errno = error;
    SG_CHECK(linked == 0, IO);
    return sync_folder(to);
}

static sg_err write_and_name(const char *path, struct sg_bytes contents, bool replace)
{
    char beside[PATH_MAX];
    SG_TRY(name_beside(path, beside, sizeof(beside)));
    sg_err err = write_new(beside, contents);
    if (sg_is_ok(err))
        err = give_name(beside, path, replace);
    if (!sg_is_ok(err)) {
        int error = errno;
        (void)unlink(beside);
        errno = error;
    }
    return err;
}

/* A symbolic link stays one: what it leads to is replaced. */
static const char *resolve(const char *path, char room[PATH_MAX])
{
    return realpath(path, room) != NULL ? room : path;
}

sg_err sg_file_write_secret(const char *path, struct sg_bytes contents, bool replace, struct sgc_buf *message)
{
    char room[128], target[PATH_MAX];
    path = replace ? resolve(path, target) : path;
    errno = 0;
    sg_err err = write_and_name(path, contents, replace);
    if (!sg_is_ok(err))
        sg_message_setf(message, "%s: cannot be written: %s", path,
                        errno != 0 ? reason(room, sizeof(room)) : "the name is too long");
    return err;
}
