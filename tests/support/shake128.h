/*
 * shake128.h - SHAKE128, the random stream and the sum of C2SP's accumulated vectors. For tests only.
 *
 * Usage      sg_unit_test(crypto xaes ${SG_SHAKE128})
 * Lifetime   Zero-initialise -> absorb* -> squeeze*.
 * Source     FIPS 202.
 * Tests      tests/unit/crypto/test_xaes.c
 */
#ifndef SG_TESTS_SHAKE128_H
#define SG_TESTS_SHAKE128_H

#include "common/bytes.h"

struct sg_shake128 {
    uint64_t lanes[25];
    size_t at; /* in the block */
    bool squeezing;
};

void sg_shake128_absorb(struct sg_shake128 *shake, struct sg_bytes bytes);
void sg_shake128_squeeze(struct sg_shake128 *shake, uint8_t *out, size_t len);

#endif
