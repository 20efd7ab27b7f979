/*
 * vectors.h - reads files of test vectors: blocks of `name = value`, as in
 *
 *                # comment
 *                key = 000102
 *                plain =
 *                result = valid
 *
 *            with a blank line between blocks.
 * Ownership  The reader owns everything it gives; views are valid until the next sg_vectors_next() or close.
 * Errors     None: a file that is missing or wrong stops the test with a message.
 */
#ifndef SG_TESTS_VECTORS_H
#define SG_TESTS_VECTORS_H

#include "common/bytes.h"

struct sg_vectors;

/* `path` is relative to tests/vectors/. */
struct sg_vectors *sg_vectors_open(const char *path);
void sg_vectors_close(struct sg_vectors *vectors);

/* Goes to the next block, at first to the first; false when there is none. */
SG_MUST bool sg_vectors_next(struct sg_vectors *vectors);

/* A field of the current block: decoded from hex, as it stands, or as a decimal number. The field must be there. */
struct sg_bytes sg_vectors_hex(struct sg_vectors *vectors, const char *name);
struct sg_bytes sg_vectors_text(struct sg_vectors *vectors, const char *name);
uint64_t sg_vectors_u64(struct sg_vectors *vectors, const char *name);
SG_MUST bool sg_vectors_has(const struct sg_vectors *vectors, const char *name);

#endif
