/*
 * sigv4_verify.h - is a parsed signature true, now, here, and over everything that matters?
 *
 * Errors     CLOCK_SKEW, PRESIGN_EXPIRED, PRESIGN_NOT_YET, AUTH_WRONG_REGION, TOKEN_INVALID, HEADERS_NOT_SIGNED,
 *            UNKNOWN_ACCESS_KEY, SIGNATURE_MISMATCH.
 * Secrets    The signing key, kept in req->auth for signed chunks only.
 * Tests      tests/unit/auth/test_sigv4_verify.c
 */
#ifndef SG_AUTH_SIGV4_VERIFY_H
#define SG_AUTH_SIGV4_VERIFY_H

#include "auth/sigv4_parse.h"

/* On success req->auth is filled in. */
SG_MUST sg_err sg_sigv4_verify(struct sg_req *req, const struct sg_sigv4 *sig);

#endif
