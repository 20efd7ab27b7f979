/*
 * keystore.h - the clients' access keys.
 *
 * Format     Text, one credential a line: `ACCESS_KEY_ID SECRET_ACCESS_KEY`; blank lines and # lines are skipped.
 *            Secrets of clients have at least SG_CLIENT_SECRET_MIN characters.
 * Ownership  The store owns its credentials until free().
 * Threads    Read-only after parse().
 * Errors     CONFIG with a message that names the line, never the secret.
 * Secrets    Secret access keys, as sgc_secret.
 * Tests      tests/unit/core/test_keystore.c, tests/fuzz/fuzz_keystore.c
 */
#ifndef SG_CORE_KEYSTORE_H
#define SG_CORE_KEYSTORE_H

#include "common/limits.h"
#include "crypto/buf.h"
#include "crypto/secret.h"

#define SG_CLIENT_SECRET_MIN    16u
#define SG_CREDENTIAL_COUNT_MAX 4096u

struct sg_credential {
    char access_key_id[SG_LIMIT_ACCESS_KEY + 1];
    struct sgc_secret secret_access_key;
};

struct sg_keystore;

/* A text that holds exactly one credential, of any length: the gateway's own, for the upstream. */
SG_MUST sg_err sg_credential_parse(struct sg_bytes text, struct sg_credential *out, struct sgc_buf *message);
void sg_credential_clear(struct sg_credential *credential);

SG_MUST sg_err sg_keystore_parse(struct sg_bytes text, struct sg_keystore **out, struct sgc_buf *message);
void sg_keystore_free(struct sg_keystore *store);
size_t sg_keystore_count(const struct sg_keystore *store);
const struct sg_credential *sg_keystore_at(const struct sg_keystore *store, size_t index);
/* NULL when unknown. Every stored id is compared, so that the time does not tell how much of an id is right. */
const struct sg_credential *sg_keystore_find(const struct sg_keystore *store, struct sg_bytes access_key_id);
/* A credential with a random secret that nobody has: an unknown id is made to cost as much as a wrong signature. */
const struct sg_credential *sg_keystore_decoy(const struct sg_keystore *store);

#endif
