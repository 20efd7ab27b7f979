/*
 * json_write.h - one flat JSON object, written field by field into a buffer.
 *
 * Idea       Bytes that are not UTF-8 are written as \u00XX of their value, controls and line ends are escaped:
 *            whatever a client sends, a line stays one line and valid JSON.
 * Lifetime   begin -> (str | bytes | u64)* -> end.
 * Errors     LIMIT when the buffer's maximum is reached.
 * Source     RFC 8259.
 * Tests      tests/unit/core/test_json_write.c
 */
#ifndef SG_CORE_JSON_WRITE_H
#define SG_CORE_JSON_WRITE_H

#include "crypto/buf.h"

SG_MUST sg_err sg_json_begin(struct sgc_buf *out);
SG_MUST sg_err sg_json_bytes(struct sgc_buf *out, const char *name, struct sg_bytes value);
SG_MUST sg_err sg_json_str(struct sgc_buf *out, const char *name, const char *value);
SG_MUST sg_err sg_json_u64(struct sgc_buf *out, const char *name, uint64_t value);
/* Closes the object and ends the line. */
SG_MUST sg_err sg_json_end(struct sgc_buf *out);

#endif
