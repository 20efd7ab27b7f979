/*
 * xml_write.h - an escaping XML writer into a buffer.
 *
 * Errors     LIMIT when the buffer's maximum is reached.
 * Source     https://www.w3.org/TR/xml/ sections 2.2 and 2.4; control characters, also those that XML 1.0 cannot carry, are
 *            written as numeric references, as S3 does. Bytes that are not UTF-8 become U+FFFD.
 * Tests      tests/unit/s3client/test_xml_write.c
 */
#ifndef SG_S3CLIENT_XML_WRITE_H
#define SG_S3CLIENT_XML_WRITE_H

#include "crypto/buf.h"

#define SGS_XML_S3_NAMESPACE "http://s3.amazonaws.com/doc/2006-03-01/"

/* The declaration line and the root; `ns` may be NULL. */
SG_MUST sg_err sgs_xml_begin(struct sgc_buf *out, const char *root, const char *ns);
SG_MUST sg_err sgs_xml_open(struct sgc_buf *out, const char *name);
SG_MUST sg_err sgs_xml_close(struct sgc_buf *out, const char *name);
/* <name>text</name> */
SG_MUST sg_err sgs_xml_leaf(struct sgc_buf *out, const char *name, struct sg_bytes text);
SG_MUST sg_err sgs_xml_leaf_u64(struct sgc_buf *out, const char *name, uint64_t value);
SG_MUST sg_err sgs_xml_text(struct sgc_buf *out, struct sg_bytes text);

#endif
