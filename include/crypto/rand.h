/*
 * rand.h - random bytes from the kernel; no other source exists.
 *
 * Errors     CRYPTO when the kernel does not deliver; the output is then wiped.
 * Tests      tests/unit/crypto/test_rand.c; tests/support/det_rand.c is linked in its place where vectors need it.
 */
#ifndef SG_CRYPTO_RAND_H
#define SG_CRYPTO_RAND_H

#include "common/err.h"

#include <stdint.h>

SG_MUST sg_err sgc_rand(uint8_t *out, size_t len);

#endif
