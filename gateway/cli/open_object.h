/*
 * open_object.h - a stored object, opened from its bytes alone.
 *
 * Idea       The envelope gives the object's keys, the footer its parts; then every segment of every part, in order. A
 *            byte leaves only when its segment has been authenticated.
 * Errors     ENVELOPE_INVALID, KEK_NOT_ALLOWED (not in the keyring), KEK_UNAVAILABLE (disabled), SIZE_NOT_SEALED,
 *            FOOTER_INVALID, TAG_MISMATCH, OBJECT_TRUNCATED; IO when the body cannot be read; errors of the writer.
 * Secrets    The object's keys, until the call returns.
 * Tests      tests/unit/cli/test_open_object.c
 */
#ifndef SG_CLI_OPEN_OBJECT_H
#define SG_CLI_OPEN_OBJECT_H

#include "crypto/keyring.h"
#include "crypto/metadata.h"

struct sg_stored_object {
    int fd; /* its bytes, from offset 0 to its end */
    uint64_t size;
    struct sg_bytes envelope;        /* value of x-amz-meta-sealgate */
    struct sg_bytes sealed_metadata; /* value of x-amz-meta-sealgate-meta; may be empty */
    struct sg_bytes bucket_identity;
    struct sg_bytes object_key;
};

typedef sg_err sg_plain_fn(void *ctx, struct sg_bytes plain);

/* Gives the metadata (empty when it is not sealed) and then the plaintext, piece by piece. */
SG_MUST sg_err sg_object_open(const struct sg_stored_object *object, const struct sgc_keyring *keyring,
                              struct sgc_metadata *metadata_out, sg_plain_fn *on_plain, void *ctx);

#endif
