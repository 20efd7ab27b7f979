/* Idea: a file of secrets is changed by reading it, making a new text, and exchanging the file, with its folder locked
 * so that two such changes cannot lose each other's keys. */
#include "cli/change.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/config_files.h"
#include "core/files.h"
#include "core/message.h"

#include "common/banned.h"

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* A lock on the folder needs no file of its own, and lasts as long as its descriptor. */
static sg_err lock_folder(const char *path, int *fd_out, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf folder = SGC_BUF_INIT(PATH_MAX + 1);
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        SG_TRY(sgc_buf_append_str(&folder, "."));
    else
        SG_TRY(sgc_buf_append(&folder, sg_bytes(path, (size_t)(slash - path) + 1)));
    SG_TRY(sgc_buf_append_u8(&folder, '\0'));
    *fd_out = open((const char *)folder.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd_out >= 0 && flock(*fd_out, LOCK_EX) == 0)
        return SG_OK;
    sg_message_setf(message, "%s: its folder cannot be opened", path);
    SG_FAIL(IO);
}

static bool is_absent(const char *path)
{
    return access(path, F_OK) != 0 && errno == ENOENT;
}

sg_err sg_cli_change_file(const char *path, sg_cli_change_fn *change, void *ctx, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_SECRET_FILE_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf changed = SGC_BUF_INIT(SG_SECRET_FILE_MAX);
    SG_CLEANUP(close_fd) int lock = -1;
    SG_TRY(lock_folder(path, &lock, message));
    bool is_new = is_absent(path);
    if (!is_new)
        SG_TRY(sg_file_read(path, SG_FILE_SECRET, &text, message));
    SG_TRY(change(ctx, sgc_buf_view(&text), &changed, message));
    return sg_file_write_secret(path, sgc_buf_view(&changed), !is_new, message);
}
