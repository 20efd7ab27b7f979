/*
 * stored.h - small stored objects for tests of `open`, sealed by tests/support/format_object.c.
 *
 * Ownership  An object is cleared by the test.
 */
#ifndef SG_TESTS_CLI_STORED_H
#define SG_TESTS_CLI_STORED_H

#include "support/format_object.h"

#define STORED_KEYRING                                                                                                 \
    "main:1 decrypt-only AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n"                                                \
    "main:2 active AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n"                                                      \
    "gone:1 disabled BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ\n"
#define STORED_BUCKET "photos"
#define STORED_KEY    "a/b c"

/* The plaintext of every object: the pattern of docs/format.md, this much of it. */
const uint8_t *stored_plain(size_t len);
/* One body of `plain` bytes, or parts of the sizes given (0 ends them), sealed with `kek_id` of STORED_KEYRING; with
 * metadata (colour: blue, content-type: text/plain) or without. */
void stored_seal(const char *kek_id, const size_t *part_sizes, bool many, bool with_metadata,
                 struct format_object *out);
void stored_seal_one(size_t plain, struct format_object *out);

#endif
