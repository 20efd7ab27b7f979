/*
 * files.h - small files: read whole, written whole, secret ones only when nobody else can read them.
 *
 * Errors     CONFIG with a message that names the file and what to do: it is missing, not a file, too large, or others
 *            may read or change it. IO when it cannot be written.
 * Secrets    What is read stands in the caller's buffer, which wipes itself.
 * Tests      tests/unit/core/test_files.c
 */
#ifndef SG_CORE_FILES_H
#define SG_CORE_FILES_H

#include "crypto/buf.h"

enum sg_file_kind {
    SG_FILE_PUBLIC, /* not everybody may change it */
    SG_FILE_SECRET, /* for its owner alone, who is this user or root */
};

/* Appends the contents; a file that does not fit into `out` is an error. Symbolic links are followed. */
SG_MUST sg_err sg_file_read(const char *path, enum sg_file_kind kind, struct sgc_buf *out, struct sgc_buf *message);
/* The same checks without reading. */
SG_MUST sg_err sg_file_check(const char *path, enum sg_file_kind kind, struct sgc_buf *message);
/* Writes a secret file (mode 0600) so that after a crash there is the old or the new one, never half of one. With
 * `replace` false an existing file is an error. */
SG_MUST sg_err sg_file_write_secret(const char *path, struct sg_bytes contents, bool replace, struct sgc_buf *message);

#endif
