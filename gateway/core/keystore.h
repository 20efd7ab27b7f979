/*
 * keystore.h - the clients' access keys.
 *
 * Format     Text, one credential a line: `ACCESS_KEY_ID SECRET_ACCESS_KEY`; blank lines and # lines are skipped.
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

struct sg_credential {
    char access_key_id[SG_LIMIT_ACCESS_KEY + 1];
    struct sgc_secret secret_access_key;
};

struct sg_keystore;

SG_MUST sg_err sg_keystore_parse(struct sg_bytes text, struct sg_keystore **out, struct sgc_buf *message);
void sg_keystore_free(struct sg_keystore *store);
size_t sg_keystore_count(const struct sg_keystore *store);
const struct sg_credential *sg_keystore_at(const struct sg_keystore *store, size_t index);
/* NULL when unknown. Every stored id is compared, so that the time does not tell how much of an id is right. */
const struct sg_credential *sg_keystore_find(const struct sg_keystore *store, struct sg_bytes access_key_id);

#endif
