/*
 * keyring.h - key-encryption keys (KEKs) of the file provider: by name and version, each with a state.
 *
 * Format     Text, one key a line: `NAME:VERSION STATE KEY`, KEY being 32 bytes in base64url without padding, STATE one
 *            of active, decrypt-only, disabled; empty lines and lines that begin with # are skipped. At most one
 *            version of a name is active. docs/format.md has it in full.
 * Ownership  A keyring owns its keys until free(). What find() gives is valid as long as the keyring.
 * Threads    Read-only after parse(): any number of readers.
 * Errors     CONFIG with a message that names the line and what to do, never the key; refused: an all-zero key, a
 *            short one, a key or an id that stands twice, two active versions of a name, more keys than
 *            SG_LIMIT_KEYRING_COUNT. A file without keys is a keyring without keys.
 * Secrets    Yes; decoded in constant time.
 * Tests      tests/unit/crypto/test_keyring.c, tests/fuzz/fuzz_keyring.c
 */
#ifndef SG_CRYPTO_KEYRING_H
#define SG_CRYPTO_KEYRING_H

#include "crypto/buf.h"
#include "crypto/secret.h"

#define SGC_KEK_LEN         32u
#define SGC_KEK_NAME_MAX    32u
#define SGC_KEK_VERSION_MAX 10u
#define SGC_KEK_ID_MAX      43u /* NAME:VERSION */

enum sgc_kek_state { SGC_KEK_ACTIVE, SGC_KEK_DECRYPT_ONLY, SGC_KEK_DISABLED };

struct sgc_kek {
    char id[SGC_KEK_ID_MAX + 1]; /* NAME:VERSION */
    enum sgc_kek_state state;
    struct sgc_secret key;
};

struct sgc_keyring;

/* True for NAME:VERSION as docs/format.md has it. */
SG_MUST bool sgc_kek_id_is_valid(struct sg_bytes id);
const char *sgc_kek_state_name(enum sgc_kek_state state);

/* Whether new objects may be sealed with the key, and stored ones opened. */
static inline bool sgc_kek_may_seal(const struct sgc_kek *kek)
{
    return kek->state == SGC_KEK_ACTIVE;
}

static inline bool sgc_kek_may_open(const struct sgc_kek *kek)
{
    return kek->state == SGC_KEK_ACTIVE || kek->state == SGC_KEK_DECRYPT_ONLY;
}

/* `text` is the file's contents; the caller wipes it. `message` (at most 160 bytes, may be NULL) says what is wrong. */
SG_MUST sg_err sgc_keyring_parse(struct sg_bytes text, struct sgc_keyring **out, struct sgc_buf *message);
void sgc_keyring_free(struct sgc_keyring *keyring);

size_t sgc_keyring_count(const struct sgc_keyring *keyring);
const struct sgc_kek *sgc_keyring_at(const struct sgc_keyring *keyring, size_t index);
/* NULL when there is no such key. */
const struct sgc_kek *sgc_keyring_find(const struct sgc_keyring *keyring, struct sg_bytes id);

/* Appends the line of a key, with its newline, for `sealgate key new`. The buffer then holds a key: clear it. */
SG_MUST sg_err sgc_keyring_print_line(const struct sgc_kek *kek, struct sgc_buf *out);

#endif
