/*
 * keyring_text.h - changes to the text of a keyring that leave every other line, comments too, as it is.
 *
 * Errors     CONFIG with a message; the text is parsed before and after the change, so that what is written can be
 *            read.
 * Secrets    The texts hold keys: buffers that wipe themselves.
 * Tests      tests/unit/cli/test_keyring_text.c
 */
#ifndef SG_CLI_KEYRING_TEXT_H
#define SG_CLI_KEYRING_TEXT_H

#include "crypto/keyring.h"

struct sg_keyring_added {
    char id[SGC_KEK_ID_MAX + 1];       /* the new key */
    char replaced[SGC_KEK_ID_MAX + 1]; /* what was active before; "" = nothing */
};

/* Adds the next version of `name` with a random key as the active one. */
SG_MUST sg_err sg_keyring_text_add(struct sg_bytes text, const char *name, struct sgc_buf *out,
                                   struct sg_keyring_added *added, struct sgc_buf *message);
/* Disables a key that is not active. */
SG_MUST sg_err sg_keyring_text_disable(struct sg_bytes text, const char *id, struct sgc_buf *out,
                                       struct sgc_buf *message);

#endif
