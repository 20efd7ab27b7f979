/*
 * sealed.h - the object of a request as something sealed: its keys, its metadata, its size.
 *
 * Format     docs/format.md; the bytes are crypto/envelope.h and crypto/metadata.h.
 * Ownership  Holds keys and plaintext metadata until clear().
 * Errors     NOT_SEALED, ENVELOPE_INVALID, KEK_NOT_ALLOWED, KEK_UNAVAILABLE, SIZE_NOT_SEALED; METADATA_TOO_LARGE.
 * Secrets    Yes.
 * Tests      tests/unit/engine/test_download.c, tests/unit/engine/test_engine.c
 */
#ifndef SG_OPS_SEALED_H
#define SG_OPS_SEALED_H

#include "core/req.h"
#include "crypto/envelope.h"
#include "crypto/layout.h"
#include "crypto/metadata.h"
#include "ops/part_cache.h"

struct sg_sealed {
    struct sgc_object_keys keys;
    struct sgc_metadata metadata;
    bool meta_sealed;
    bool foreign;   /* stored without an envelope, in a bucket whose rule lets such objects through */
    bool many;      /* made of parts; `plain` is the store's word until the part table has been read */
    uint64_t plain; /* L; of a foreign object its stored size */

    struct sg_part_key part_key;  /* of a `many` object */
    const struct sgc_part *parts; /* in the request's arena; NULL until read */
    size_t part_count;
};

#define SG_SEALED_NONE ((struct sg_sealed){.keys = SGC_OBJECT_KEYS_NONE, .metadata = SGC_METADATA_NONE})

/* A fresh data key for the object of the request, of `plain` bytes, and the headers to store with it. What stands in
 * s->metadata beforehand is sealed with it; whether it is sealed or goes in plain headers is the bucket's rule. */
SG_MUST sg_err sg_sealed_create(const struct sg_req *req, uint64_t plain, struct sg_sealed *s, struct sgs_headers *out);

/* Opens the envelope in req->main.headers of a stored object of `stored` bytes. */
SG_MUST sg_err sg_sealed_open(const struct sg_req *req, uint64_t stored, struct sg_sealed *s);

/* Adds what describes the object to the reply: sealed metadata, or the upstream's headers. */
SG_MUST sg_err sg_sealed_reply(struct sg_req *req, const struct sg_sealed *s);

void sg_sealed_clear(struct sg_sealed *s);

#endif
