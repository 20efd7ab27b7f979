/*
 * envelope.h - the wrapped data key (DEK) in an object's metadata: seal, print, parse, open.
 *
 * Format     docs/format.md, section on the envelope: `v=1; parts=...; meta=...; kek=...; dek=...; kc=...[; ikek=...]`.
 * Idea       Everything that must not be changed under a body is in the AAD of the wrapped key: see sgc_binding.
 * Ownership  Structs of fixed size; nothing is allocated. Secrets handed out belong to the caller.
 * Errors     ENVELOPE_INVALID for whatever does not parse, does not authenticate, or fails its commitment.
 * Tests      tests/unit/crypto/test_envelope.c, tests/vectors/format/, tests/fuzz/fuzz_envelope.c
 */
#ifndef SG_CRYPTO_ENVELOPE_H
#define SG_CRYPTO_ENVELOPE_H

#include "crypto/buf.h"
#include "crypto/keyring.h"
#include "crypto/object_keys.h"

#define SGC_WRAPPED_DEK_LEN 72u
#define SGC_IKEK_MAX 1024u

struct sgc_envelope {
    bool many;                          /* parts=many */
    bool meta_sealed;                   /* meta=sealed */
    char kek[SGC_KEK_ID_MAX + 1];       /* NAME:VERSION */
    uint8_t dek[SGC_WRAPPED_DEK_LEN];   /* nonce || XAES */
    uint8_t kc[SGC_COMMITMENT_LEN];
    uint8_t ikek[SGC_IKEK_MAX];         /* as the provider gave it */
    size_t ikek_len;                    /* 0 = none */
};

/* What an envelope is bound to, besides what it says itself. */
struct sgc_binding {
    struct sg_bytes bucket_identity;
    struct sg_bytes object_key;
    struct sg_bytes sealed_metadata; /* the value of x-amz-meta-sealgate-meta; ignored for meta=plain */
    uint64_t plain;                  /* L as computed from the stored size; ignored for parts=many */
};

/* Wraps `dek` under `wrapping_key`. Fill in many, meta_sealed, kek and ikek of `envelope` before; sets dek and kc. */
SG_MUST sg_err sgc_envelope_seal(struct sgc_envelope *envelope, const struct sgc_secret *wrapping_key,
                                 const struct sgc_binding *binding, const struct sgc_secret *dek);
/* Unwraps, and checks the commitment. */
SG_MUST sg_err sgc_envelope_open(const struct sgc_envelope *envelope, const struct sgc_secret *wrapping_key,
                                 const struct sgc_binding *binding, struct sgc_secret *dek_out);

SG_MUST sg_err sgc_envelope_print(const struct sgc_envelope *envelope, struct sgc_buf *out);
SG_MUST sg_err sgc_envelope_parse(struct sg_bytes text, struct sgc_envelope *out);

#endif
