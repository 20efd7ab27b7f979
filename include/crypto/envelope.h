/*
 * envelope.h - the wrapped data key (DEK) in an object's metadata: seal, print, parse, open.
 *
 * Format     docs/format.md, section on the envelope: `v=1; parts=...; meta=...; kek=...; dek=...; kc=...[; ikek=...]`.
 * Idea       Everything that must not be changed under a body is in the AAD of the wrapped key: see sgc_binding.
 * Ownership  Structs of fixed size that own nothing. Secrets handed out belong to the caller.
 * Errors     ENVELOPE_INVALID for whatever does not parse, does not authenticate, or fails its commitment;
 *            METADATA_TOO_LARGE when the sealed metadata does not fit beside the envelope that is to be sealed.
 * Tests      tests/unit/crypto/test_envelope.c, tests/vectors/format/, tests/fuzz/fuzz_envelope.c
 */
#ifndef SG_CRYPTO_ENVELOPE_H
#define SG_CRYPTO_ENVELOPE_H

#include "crypto/buf.h"
#include "crypto/keyring.h"
#include "crypto/object_keys.h"

#define SGC_WRAPPED_DEK_LEN 72u
#define SGC_IKEK_MAX        1024u

/* For sgc_envelope_metadata_room(): "x-amz-meta-sealgate" and "x-amz-meta-sealgate-meta"; the longest envelope without
 * ikek; a wrapped ikek may grow by a digit of its key's version, so it is counted in steps. */
#define SGC_ENVELOPE_NAME_LENS (19u + 24u)
#define SGC_ENVELOPE_LOCAL_MAX 227u
#define SGC_IKEK_ROUND         32u

struct sgc_envelope {
    bool many;                        /* parts=many */
    bool meta_sealed;                 /* meta=sealed */
    char kek[SGC_KEK_ID_MAX + 1];     /* NAME:VERSION */
    uint8_t dek[SGC_WRAPPED_DEK_LEN]; /* nonce || XAES */
    uint8_t kc[SGC_COMMITMENT_LEN];
    uint8_t ikek[SGC_IKEK_MAX]; /* as the provider gave it */
    size_t ikek_len;            /* 0 = none */
};

/* What an envelope is bound to, besides what it says itself. */
struct sgc_binding {
    struct sg_bytes bucket_identity;
    struct sg_bytes object_key;
    struct sg_bytes sealed_metadata; /* the value of x-amz-meta-sealgate-meta; with meta=plain it must be empty */
    uint64_t plain;                  /* L as computed from the stored size; ignored for parts=many */
};

/* Wraps `dek` under `wrapping_key`. Fill in many, meta_sealed, kek and ikek of `envelope` before; sets dek and kc. */
SG_MUST sg_err sgc_envelope_seal(struct sgc_envelope *envelope, const struct sgc_secret *wrapping_key,
                                 const struct sgc_binding *binding, const struct sgc_secret *dek);
/* Unwraps, and checks the commitment. */
SG_MUST sg_err sgc_envelope_open(const struct sgc_envelope *envelope, const struct sgc_secret *wrapping_key,
                                 const struct sgc_binding *binding, struct sgc_secret *dek_out);

/* The context (AAD) that the data key is wrapped with: the name under which an unwrapped key may be cached. */
SG_MUST sg_err sgc_envelope_context(const struct sgc_envelope *envelope, const struct sgc_binding *binding,
                                    struct sgc_buf *out);

/* How long the value of x-amz-meta-sealgate-meta may be beside an envelope with so many bytes of ikek (0 = none), so
 * that both headers, names included, stay within SG_LIMIT_METADATA, also after the KEK got a longer name or version. */
SG_MUST size_t sgc_envelope_metadata_room(size_t ikek_len);
/* An ikek must stand beside the KEK of a remote provider, and beside no other; to be checked before open. */
SG_MUST sg_err sgc_envelope_check_ikek(const struct sgc_envelope *envelope, bool kek_is_remote);

SG_MUST sg_err sgc_envelope_print(const struct sgc_envelope *envelope, struct sgc_buf *out);
SG_MUST sg_err sgc_envelope_parse(struct sg_bytes text, struct sgc_envelope *out);

#endif
