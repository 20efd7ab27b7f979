/*
 * S3's checksums behind one table. CRCs are computed here and printed big-endian; hashes go through hash.h, which
 * owns the library's context.
 */
#include "crypto/checksum.h"

#include "crypto/crc.h"

#include "common/banned.h"

/* clang-format off */
static const struct sgc_checksum_row rows[] = {
    {SGC_CHECKSUM_CRC32,     "CRC32",     "x-amz-checksum-crc32",     4},
    {SGC_CHECKSUM_CRC32C,    "CRC32C",    "x-amz-checksum-crc32c",    4},
    {SGC_CHECKSUM_CRC64NVME, "CRC64NVME", "x-amz-checksum-crc64nvme", 8},
    {SGC_CHECKSUM_SHA1,      "SHA1",      "x-amz-checksum-sha1",      SGC_SHA1_LEN},
    {SGC_CHECKSUM_SHA256,    "SHA256",    "x-amz-checksum-sha256",    SGC_SHA256_LEN},
    {SGC_CHECKSUM_MD5,       "MD5",       NULL,                       SGC_MD5_LEN},
    {SGC_CHECKSUM_SHA512,    "SHA512",    "x-amz-checksum-sha512",    SGC_SHA512_LEN},
};
/* clang-format on */

const struct sgc_checksum_row *sgc_checksum_row(enum sgc_checksum_alg alg)
{
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        if (rows[i].alg == alg)
            return &rows[i];
    }
    return NULL;
}

const struct sgc_checksum_row *sgc_checksum_by_name(struct sg_bytes name)
{
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        if (sg_bytes_eq_nocase(name, sg_bytes_str(rows[i].name)))
            return &rows[i];
    }
    return NULL;
}

const struct sgc_checksum_row *sgc_checksum_by_header(struct sg_bytes header)
{
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        if (rows[i].header != NULL && sg_bytes_eq_nocase(header, sg_bytes_str(rows[i].header)))
            return &rows[i];
    }
    return NULL;
}

static bool is_crc(enum sgc_checksum_alg alg, enum sgc_crc *crc_out)
{
    *crc_out = alg == SGC_CHECKSUM_CRC32 ? SGC_CRC_32 : alg == SGC_CHECKSUM_CRC32C ? SGC_CRC_32C : SGC_CRC_64NVME;
    return alg == SGC_CHECKSUM_CRC32 || alg == SGC_CHECKSUM_CRC32C || alg == SGC_CHECKSUM_CRC64NVME;
}

/* Only for rows that are hashes. */
static enum sgc_hash_alg hash_of(enum sgc_checksum_alg alg)
{
    return alg == SGC_CHECKSUM_SHA1     ? SGC_HASH_SHA1
           : alg == SGC_CHECKSUM_SHA256 ? SGC_HASH_SHA256
           : alg == SGC_CHECKSUM_SHA512 ? SGC_HASH_SHA512
                                        : SGC_HASH_MD5;
}

sg_err sgc_checksum_init(struct sgc_checksum *sum, enum sgc_checksum_alg alg)
{
    enum sgc_crc crc;
    SG_CHECK(sgc_checksum_row(alg) != NULL, CHECKSUM_UNKNOWN);
    sum->alg = alg;
    sum->crc = 0;
    return is_crc(alg, &crc) ? SG_OK : sgc_hash_init(&sum->hash, hash_of(alg));
}

sg_err sgc_checksum_update(struct sgc_checksum *sum, struct sg_bytes bytes)
{
    enum sgc_crc crc;
    SG_CHECK(sum->alg != SGC_CHECKSUM_ALG_NONE, INTERNAL);
    if (!is_crc(sum->alg, &crc))
        return sgc_hash_update(&sum->hash, bytes);
    sum->crc = sgc_crc_update(crc, sum->crc, bytes);
    return SG_OK;
}

sg_err sgc_checksum_final(struct sgc_checksum *sum, uint8_t *out)
{
    enum sgc_crc crc;
    const struct sgc_checksum_row *row = sgc_checksum_row(sum->alg);
    SG_CHECK(row != NULL, INTERNAL);
    if (!is_crc(sum->alg, &crc))
        return sgc_hash_final(&sum->hash, out);
    for (size_t i = 0; i < row->len; i++)
        out[i] = (uint8_t)(sum->crc >> (8 * (row->len - 1 - i)));
    return SG_OK;
}

void sgc_checksum_clear(struct sgc_checksum *sum)
{
    sgc_hash_clear(&sum->hash);
    sum->alg = SGC_CHECKSUM_ALG_NONE;
    sum->crc = 0;
}
