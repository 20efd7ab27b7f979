/*
 * selftest.h - known-answer checks of every primitive, run before the program serves.
 *
 * Errors     CRYPTO when one fails; `failed_out` then names it.
 * Source     The answers come from the published vectors that the unit tests use.
 * Tests      tests/unit/crypto/test_selftest.c
 */
#ifndef SG_CRYPTO_SELFTEST_H
#define SG_CRYPTO_SELFTEST_H

#include "common/err.h"

SG_MUST sg_err sgc_selftest(const char **failed_out);

#endif
