/*
 * checksum.h - S3's additional checksums behind one table: CRC32, CRC32C, CRC64NVME, SHA1, SHA256, MD5, SHA512.
 *
 * Ownership  A struct sgc_checksum may own a library context until clear().
 * Lifetime   SGC_CHECKSUM_NONE -> init -> update* -> final -> clear. clear() may be called at any time, twice too.
 * Errors     CRYPTO when the library refuses; CHECKSUM_UNKNOWN for a name that has no row.
 * Source     https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html; ids are those of
 *            docs/format.md (footer). CRCs are given big-endian, as S3 prints them.
 * Tests      tests/unit/crypto/test_checksum.c, tests/vectors/checksum/
 */
#ifndef SG_CRYPTO_CHECKSUM_H
#define SG_CRYPTO_CHECKSUM_H

#include "crypto/hash.h"

/* The numbers are part of the object format. */
enum sgc_checksum_alg {
    SGC_CHECKSUM_ALG_NONE = 0,
    SGC_CHECKSUM_CRC32 = 1,
    SGC_CHECKSUM_CRC32C = 2,
    SGC_CHECKSUM_CRC64NVME = 3,
    SGC_CHECKSUM_SHA1 = 4,
    SGC_CHECKSUM_SHA256 = 5,
    SGC_CHECKSUM_MD5 = 6,
    SGC_CHECKSUM_SHA512 = 7,
};

#define SGC_CHECKSUM_MAX_LEN 64u

struct sgc_checksum_row {
    enum sgc_checksum_alg alg;
    const char *name;   /* "CRC32", as in x-amz-sdk-checksum-algorithm */
    const char *header; /* "x-amz-checksum-crc32"; NULL for MD5 */
    size_t len;         /* of the raw value */
};

/* NULL when there is no such row. Names and headers are compared without regard to case. */
const struct sgc_checksum_row *sgc_checksum_row(enum sgc_checksum_alg alg);
const struct sgc_checksum_row *sgc_checksum_by_name(struct sg_bytes name);
const struct sgc_checksum_row *sgc_checksum_by_header(struct sg_bytes header);

struct sgc_checksum {
    enum sgc_checksum_alg alg;
    uint64_t crc;
    struct sgc_hash hash;
};

#define SGC_CHECKSUM_NONE ((struct sgc_checksum){SGC_CHECKSUM_ALG_NONE, 0, SGC_HASH_NONE})

SG_MUST sg_err sgc_checksum_init(struct sgc_checksum *sum, enum sgc_checksum_alg alg);
SG_MUST sg_err sgc_checksum_update(struct sgc_checksum *sum, struct sg_bytes bytes);
/* Writes row->len bytes. */
SG_MUST sg_err sgc_checksum_final(struct sgc_checksum *sum, uint8_t *out);
void sgc_checksum_clear(struct sgc_checksum *sum);

#endif
