/*
 * etag.h - the two forms of an ETag, and the way between them.
 *
 * Idea       The upstream's ETag is no MD5 of what the client sent, and clients that find 32 hex digits compare them
 *            with one. So outside it ends in "-0" where the upstream's has no dash: no store ever gives such a number
 *            of parts, so the mapping is one to one and needs no state.
 * Errors     LIMIT when the result does not fit.
 * Tests      tests/unit/ops/test_etag.c
 */
#ifndef SG_OPS_ETAG_H
#define SG_OPS_ETAG_H

#include "crypto/buf.h"

/* Upstream -> client: keeps quotes, appends -0 inside of them. */
SG_MUST sg_err sg_etag_out(struct sg_bytes etag, struct sgc_buf *out);
/* Client -> upstream: one ETag, quoted or not, or "*". */
SG_MUST sg_err sg_etag_in(struct sg_bytes etag, struct sgc_buf *out);
/* Client -> upstream: a list, as in If-Match. */
SG_MUST sg_err sg_etag_list_in(struct sg_bytes list, struct sgc_buf *out);

#endif
