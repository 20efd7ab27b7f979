/*
 * metadata_message.h - M of docs/format.md: the plaintext of sealed metadata, printed and parsed.
 *
 * Idea       Apart from the sealing, so that the parser can be tested and fuzzed with any bytes.
 * Errors     ENVELOPE_INVALID for whatever a reader must refuse. After an error `out` is to be cleared.
 * Tests      tests/unit/crypto/test_metadata.c, tests/fuzz/fuzz_metadata.c
 */
#ifndef SG_CRYPTO_METADATA_MESSAGE_H
#define SG_CRYPTO_METADATA_MESSAGE_H

#include "crypto/metadata.h"

SG_MUST sg_err sgc_metadata_message_print(const struct sgc_metadata *m, struct sgc_buf *out);
SG_MUST sg_err sgc_metadata_message_parse(struct sg_bytes message, struct sgc_metadata *out);

#endif
