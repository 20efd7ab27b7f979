/*
 * append.h - what several modules of the format append to a buffer.
 *
 * Errors     LIMIT, as all of buf.h.
 * Tests      tests/unit/crypto/test_envelope.c, tests/unit/crypto/test_metadata.c, tests/unit/crypto/test_keyring.c
 */
#ifndef SG_CRYPTO_APPEND_H
#define SG_CRYPTO_APPEND_H

#include "crypto/codec.h"

/* B64 (FMT-1). Takes time that depends on the length only, and leaves no copy behind: `bytes` may be a key. */
static inline SG_MUST sg_err sgc_append_base64url(struct sgc_buf *out, struct sg_bytes bytes)
{
    uint8_t *room;
    SG_TRY(sgc_buf_reserve(out, SGC_BASE64URL_LEN(bytes.len), &room));
    sgc_base64url_encode(bytes, (char *)room);
    sgc_buf_commit(out, SGC_BASE64URL_LEN(bytes.len));
    return SG_OK;
}

#endif
