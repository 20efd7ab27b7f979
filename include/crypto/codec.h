/*
 * codec.h - hex, base64 and base64url, each canonical: what decodes, encodes back to the same text.
 *
 * Idea       Decoding and encoding take time that depends on lengths only, so that the same functions serve keys.
 * Units      Bytes.
 * Errors     INVALID_ARGUMENT when a text is not canonical (wrong alphabet, length, padding, non-zero spare bits, any
 *            blank) or when it does not fit.
 * Source     RFC 4648 sections 4, 5 and 8.
 * Tests      tests/unit/crypto/test_codec.c
 */
#ifndef SG_CRYPTO_CODEC_H
#define SG_CRYPTO_CODEC_H

#include "crypto/buf.h"

#define SGC_HEX_LEN(n)       ((n)*2)
#define SGC_BASE64_LEN(n)    (((n) + 2) / 3 * 4)
#define SGC_BASE64URL_LEN(n) (((n)*8 + 5) / 6)

/* Writes exactly SGC_HEX_LEN(bytes.len) lower-case digits; no terminator. */
void sgc_hex_encode(struct sg_bytes bytes, char *out);
/* Either case. `out` has room for `out_len` bytes, and the text must give exactly that many. */
SG_MUST sg_err sgc_hex_decode(struct sg_bytes text, uint8_t *out, size_t out_len);

/* Standard alphabet with padding. */
void sgc_base64_encode(struct sg_bytes bytes, char *out);
/* At most `cap` bytes to `out`; their number to `len`. */
SG_MUST sg_err sgc_base64_decode(struct sg_bytes text, uint8_t *out, size_t cap, size_t *len);

/* URL-safe alphabet without padding: "B64" of docs/format.md. */
void sgc_base64url_encode(struct sg_bytes bytes, char *out);
SG_MUST sg_err sgc_base64url_decode(struct sg_bytes text, uint8_t *out, size_t cap, size_t *len);

#endif
