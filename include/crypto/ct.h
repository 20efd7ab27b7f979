/*
 * ct.h - comparisons whose time depends on lengths only.
 *
 * Tests      tests/unit/crypto/test_ct.c
 */
#ifndef SG_CRYPTO_CT_H
#define SG_CRYPTO_CT_H

#include "common/bytes.h"

/* True when both have the same length and the same bytes. The lengths are not secret. */
SG_MUST bool sgc_ct_equal(struct sg_bytes a, struct sg_bytes b);

/* True when every byte is zero. */
SG_MUST bool sgc_ct_is_zero(struct sg_bytes a);

#endif
