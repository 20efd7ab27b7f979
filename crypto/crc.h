/*
 * crc.h - the three CRCs of S3, fast. Private to crypto/; checksum.h is the public face.
 *
 * Idea       A value is that of the bytes so far, 0 for none, as one would print it; each update goes on from there.
 * Threads    Tables are made once, at the first use, and only read afterwards.
 * Source     CRC-32: IEEE 802.3; CRC-32C: RFC 3720, appendix B.4; CRC-64/NVME: NVM Command Set Specification 1.0,
 *            5.2.1.
 * Tests      tests/unit/crypto/test_crc.c
 */
#ifndef SG_CRYPTO_CRC_H
#define SG_CRYPTO_CRC_H

#include "common/bytes.h"

enum sgc_crc { SGC_CRC_32, SGC_CRC_32C, SGC_CRC_64NVME };
#define SGC_CRC_COUNT 3

uint64_t sgc_crc_update(enum sgc_crc crc, uint64_t value, struct sg_bytes bytes);

/* The same by one path, so that tests and the benchmark can choose: tables everywhere, carry-less multiplication where
 * sgc_crc_has_folding() says so. */
uint64_t sgc_crc_update_by_tables(enum sgc_crc crc, uint64_t value, struct sg_bytes bytes);
SG_MUST bool sgc_crc_has_folding(void);
uint64_t sgc_crc_update_by_folding(enum sgc_crc crc, uint64_t value, struct sg_bytes bytes);

#endif
