/*
 * change.h - a file of secrets, changed safely.
 *
 * Errors     CONFIG and IO with a message; the file is then as it was.
 * Secrets    Texts stand in buffers that wipe themselves.
 * Tests      tests/unit/cli/test_change.c
 */
#ifndef SG_CLI_CHANGE_H
#define SG_CLI_CHANGE_H

#include "crypto/buf.h"

/* Appends the new text to `out`; `text` is empty when there is no file yet. */
typedef sg_err sg_cli_change_fn(void *ctx, struct sg_bytes text, struct sgc_buf *out, struct sgc_buf *message);
/* One at a time: the file's folder is locked meanwhile. */
SG_MUST sg_err sg_cli_change_file(const char *path, sg_cli_change_fn *change, void *ctx, struct sgc_buf *message);

#endif
