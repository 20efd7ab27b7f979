/*
 * authn.h - who is asking: SigV4 in the Authorization header or in the query.
 *
 * Errors     Those of class AUTH in err.def, SHA256_MISSING, SHA256_INVALID.
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 * Tests      tests/unit/auth/test_authn.c
 */
#ifndef SG_AUTH_AUTHN_H
#define SG_AUTH_AUTHN_H

#include "core/req.h"

/* Verifies the signature over the head and fills in req->auth. The target must have been parsed. In every payload mode
 * the seed signature is verified here; bodies are checked by the stages of gateway/pipe. */
SG_MUST sg_err sg_authenticate(struct sg_req *req);

#endif
