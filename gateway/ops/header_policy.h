/*
 * header_policy.h - what happens to each header, in each direction; the table is headers.def.
 *
 * Errors     NOT_IMPLEMENTED for a header that is refused; METADATA_RESERVED for our own names from a client.
 * Tests      tests/unit/ops/test_header_policy.c
 */
#ifndef SG_OPS_HEADER_POLICY_H
#define SG_OPS_HEADER_POLICY_H

#include "core/req.h"
#include "crypto/metadata.h"

/* Refuses a request for a header of its. */
SG_MUST sg_err sg_headers_check(const struct sg_req *req);
/* Adds what the upstream may see of the request's headers: KEEP and ETAG rows. */
SG_MUST sg_err sg_headers_forward(const struct sg_req *req, struct sgs_headers *out);
/* Collects what describes the object: SEAL rows. */
SG_MUST sg_err sg_headers_collect_metadata(const struct sg_req *req, struct sgc_metadata *out);
/* Adds the SEAL rows as plain headers instead; for buckets whose metadata is not sealed. */
SG_MUST sg_err sg_headers_forward_metadata(const struct sg_req *req, struct sgs_headers *out);
/* Adds to the reply what the client may see of the upstream's answer: KEEP and ETAG rows. */
SG_MUST sg_err sg_headers_reply(struct sg_req *req);
/* Adds the SEAL rows of the upstream's answer as they are; for objects whose metadata is not sealed. */
SG_MUST sg_err sg_headers_reply_metadata(struct sg_req *req);

/* response-content-type and its kin: what the client wants instead of what is stored. */
SG_MUST bool sg_headers_is_overridden(const struct sg_req *req, struct sg_bytes name);
SG_MUST sg_err sg_headers_reply_overrides(struct sg_req *req);

#endif
