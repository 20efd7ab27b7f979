/*
 * metadata.h - what a client says about its object (user metadata, content headers, checksums), sealed into one header.
 *
 * Format     docs/format.md, section on the envelope: x-amz-meta-sealgate-meta, message M.
 * Ownership  A struct sgc_metadata owns its entries' memory until clear(); views from at() are valid as long.
 * Lifetime   SGC_METADATA_NONE -> (add* -> seal) or (open -> at*) -> clear. clear() may be called at any time, twice
 *            too.
 * Errors     METADATA_TOO_LARGE past SG_LIMIT_METADATA; METADATA_INVALID for CR, LF or NUL in a value or a bad name;
 *            ENVELOPE_INVALID for whatever a reader must refuse (order, duplicates, leftovers, tag).
 * Tests      tests/unit/crypto/test_metadata.c, tests/vectors/format/, tests/fuzz/fuzz_metadata.c
 */
#ifndef SG_CRYPTO_METADATA_H
#define SG_CRYPTO_METADATA_H

#include "common/limits.h"
#include "crypto/buf.h"
#include "crypto/object_keys.h"

/* The numbers are part of the format. */
enum sgc_metadata_kind { SGC_METADATA_USER = 1, SGC_METADATA_CONTENT = 2, SGC_METADATA_CHECKSUM = 3 };

#define SGC_METADATA_COUNT_MAX 128u

struct sgc_metadata_entry {
    enum sgc_metadata_kind kind;
    struct sg_bytes name; /* lower case; without x-amz-meta- for SGC_METADATA_USER */
    struct sg_bytes value;
};

struct sgc_metadata {
    struct sgc_buf bytes; /* names and values */
    struct {
        uint8_t kind;
        uint16_t name_len, value_len;
        uint32_t at; /* of the name in bytes; the value follows */
    } entries[SGC_METADATA_COUNT_MAX];
    size_t count;
};

#define SGC_METADATA_NONE ((struct sgc_metadata){.bytes = SGC_BUF_INIT(SG_LIMIT_METADATA * 2)})

/* Adds an entry in any order; the name is lower-cased. The same (kind, name) again: the values are joined with ",". */
SG_MUST sg_err sgc_metadata_add(struct sgc_metadata *m, enum sgc_metadata_kind kind, struct sg_bytes name,
                                struct sg_bytes value);
/* Entries in the order of the format: ascending by (kind, name). */
struct sgc_metadata_entry sgc_metadata_at(const struct sgc_metadata *m, size_t index);
/* False when there is none. */
SG_MUST bool sgc_metadata_find(const struct sgc_metadata *m, enum sgc_metadata_kind kind, struct sg_bytes name,
                               struct sg_bytes *value_out);

/* Appends the header value: base64url of IV || GCM(metadata key, IV, M). */
SG_MUST sg_err sgc_metadata_seal(const struct sgc_metadata *m, const struct sgc_object_keys *keys,
                                 struct sg_bytes bucket_identity, struct sg_bytes object_key, struct sgc_buf *out);
SG_MUST sg_err sgc_metadata_open(struct sg_bytes header_value, const struct sgc_object_keys *keys,
                                 struct sg_bytes bucket_identity, struct sg_bytes object_key, struct sgc_metadata *out);
void sgc_metadata_clear(struct sgc_metadata *m);

#endif
