/* Idea: the plaintext goes to a file under another name, which gets the name that was asked for when everything has
 * been authenticated. Standard output cannot be taken back: there, the exit code says whether it was complete. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/names.h"
#include "cli/open_object.h"

#include "common/banned.h"

struct output {
    int fd;
    const char *path;       /* NULL = standard output */
    char partial[PATH_MAX]; /* the file's name until it is complete */
};

static sg_err output_begin(struct output *out, const char *path)
{
    *out = (struct output){.fd = STDOUT_FILENO};
    if (path == NULL || strcmp(path, "-") == 0)
        return SG_OK;
    int len = snprintf(out->partial, sizeof(out->partial), "%s.partial-XXXXXX", path);
    SG_CHECK(len > 0 && (size_t)len < sizeof(out->partial), IO);
    out->fd = mkostemp(out->partial, O_CLOEXEC);
    SG_CHECK(out->fd >= 0, IO);
    out->path = path;
    return SG_OK;
}

static sg_err output_write(void *ctx, struct sg_bytes plain)
{
    const struct output *out = ctx;
    while (plain.len > 0) {
        ssize_t len = write(out->fd, plain.ptr, plain.len);
        SG_CHECK(len > 0 || errno == EINTR, IO);
        if (len > 0)
            plain = sg_bytes_skip(plain, (size_t)len);
    }
    return SG_OK;
}

static sg_err output_end(struct output *out)
{
    if (out->path == NULL)
        return SG_OK;
    SG_CHECK(fsync(out->fd) == 0 && rename(out->partial, out->path) == 0, IO);
    (void)close(out->fd);
    out->path = NULL;
    return SG_OK;
}

/* What is not complete goes. */
static void output_clear(struct output *out)
{
    if (out->path == NULL)
        return;
    (void)close(out->fd);
    (void)unlink(out->partial);
    out->path = NULL;
}

/* --- metadata --- */

static void show_metadata(const struct sgc_metadata *metadata)
{
    for (size_t i = 0; i < metadata->count; i++) {
        struct sgc_metadata_entry entry = sgc_metadata_at(metadata, i);
        (void)fprintf(stderr, "%s%.*s: %.*s\n", entry.kind == SGC_METADATA_USER ? "x-amz-meta-" : "",
                      SG_BYTES_FMT(entry.name), SG_BYTES_FMT(entry.value));
    }
}

/* --- the command --- */

static void object_close(struct sg_stored_object *object)
{
    if (object->fd >= 0)
        (void)close(object->fd);
}

static sg_err open_body(const char *path, struct sg_stored_object *object)
{
    struct stat info;
    object->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    SG_CHECK(object->fd >= 0 && fstat(object->fd, &info) == 0 && S_ISREG(info.st_mode), IO);
    object->size = (uint64_t)info.st_size;
    return SG_OK;
}

static int explain(sg_err err, const struct sg_stored_object *object)
{
    const struct sg_err_row *row = sg_err_row(err);
    if (sg_is(err, KEK_NOT_ALLOWED) || sg_is(err, KEK_UNAVAILABLE)) {
        (void)sg_cli_fail("the key that the envelope names is %s: %.*s",
                          sg_is(err, KEK_UNAVAILABLE) ? "disabled in the keyring" : "not in the keyring",
                          SG_BYTES_FMT(sg_bytes_slice(object->envelope, 0, 120)));
        return SG_EXIT_FAILED;
    }
    if (row->class_ == SG_CLASS_INTEGRITY) {
        (void)sg_cli_fail(
            "the object is not authentic (%s): its bytes, envelope, metadata, bucket or key are not those that "
            "were sealed",
            row->name);
        return SG_EXIT_NOT_AUTHENTIC;
    }
    return sg_cli_fail("the object cannot be opened: %s", sg_is(err, IO) ? strerrordesc_np(errno) : row->name);
}

static sg_err open_and_write(const struct sg_cli_args *args, const struct sg_stored_object *object,
                             const struct sgc_keyring *keyring)
{
    SG_CLEANUP(output_clear) struct output out = {.fd = -1};
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata metadata = SGC_METADATA_NONE;
    SG_TRY(output_begin(&out, sg_cli_value(args, "out")));
    SG_TRY(sg_object_open(object, keyring, &metadata, output_write, &out));
    SG_TRY(output_end(&out));
    if (sg_cli_value(args, "show-metadata") != NULL)
        show_metadata(&metadata);
    return SG_OK;
}

int sg_cli_open(const struct sg_cli_args *args)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(SG_CLI_NAME_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SG_CLI_MESSAGE_MAX);
    SG_CLEANUP(sg_cli_keyring_clear) struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(object_close)
    struct sg_stored_object object = {
        .fd = -1,
        .envelope = sg_bytes_str(sg_cli_value(args, "envelope")),
        .sealed_metadata = sg_bytes_str(sg_cli_value(args, "metadata")),
        .bucket_identity = sg_bytes_str(sg_cli_value(args, "bucket")),
        .object_key = sg_bytes_str(sg_cli_value(args, "object")),
    };
    if (!sg_is_ok(sg_cli_keyring_name(args, &name, &message)) ||
        !sg_is_ok(sg_cli_keyring_read((const char *)name.ptr, &keyring, &message)))
        return sg_cli_fail_message(&message);
    sg_err err = open_body(sg_cli_value(args, "body"), &object);
    if (!sg_is_ok(err))
        return sg_cli_fail("%s: cannot be read, or is not a regular file", sg_cli_value(args, "body"));
    err = open_and_write(args, &object, keyring);
    return sg_is_ok(err) ? SG_EXIT_DONE : explain(err, &object);
}
