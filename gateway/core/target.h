/*
 * target.h - Host and request target -> bucket, key and query.
 *
 * Idea       Path style (/bucket/key) always; virtual-host style (bucket.DOMAIN) for configured domains. Nothing is
 *            normalised: `//`, `/./` and `/../` are part of a key.
 * Errors     INVALID_URI, KEY_TOO_LONG, INVALID_BUCKET_NAME, BAD_HTTP (no Host, or two).
 * Tests      tests/unit/core/test_target.c, tests/fuzz/fuzz_target.c
 */
#ifndef SG_CORE_TARGET_H
#define SG_CORE_TARGET_H

#include "core/req.h"

/* Fills in req->target from req->head; strings go to the request's arena. */
SG_MUST sg_err sg_target_parse(struct sg_req *req);

#endif
