/* Idea: copy line by line; the line of the one key whose state changes is printed anew. */
#include "cli/keyring_text.h"

#include <inttypes.h>

#include "core/message.h"

#include "common/banned.h"

#define VERSION_MAX 9999999999ULL

static void keyring_clear(struct sgc_keyring **keyring)
{
    sgc_keyring_free(*keyring);
    *keyring = NULL;
}

static void kek_clear(struct sgc_kek *kek)
{
    sgc_secret_clear(&kek->key);
}

/* --- lines --- */

/* The id that a line is about; empty for comments and blank lines. */
static struct sg_bytes line_id(struct sg_bytes line)
{
    line = sg_bytes_trim(line);
    size_t blank = sg_bytes_find(line, ' ');
    size_t tab = sg_bytes_find(line, '\t');
    struct sg_bytes id = sg_bytes_slice(line, 0, blank < tab ? blank : tab);
    return sg_bytes_has_prefix(id, SG_BYTES_LIT("#")) ? SG_BYTES_NONE : id;
}

/* Every line ends with a line feed afterwards. */
static sg_err copy_with_state(struct sg_bytes text, const struct sgc_kek *kek, enum sgc_kek_state state,
                              struct sgc_buf *out)
{
    while (text.len > 0) {
        size_t end = sg_bytes_find(text, '\n');
        struct sg_bytes line = sg_bytes_slice(text, 0, end);
        text = sg_bytes_skip(text, end + 1);
        if (kek != NULL && sg_bytes_eq_str(line_id(line), kek->id)) {
            struct sgc_kek changed = *kek;
            changed.state = state;
            SG_TRY(sgc_keyring_print_line(&changed, out));
            continue;
        }
        SG_TRY(sgc_buf_append(out, line));
        SG_TRY(sgc_buf_append_u8(out, '\n'));
    }
    return SG_OK;
}

static sg_err parse_again(const struct sgc_buf *text, struct sgc_buf *message)
{
    SG_CLEANUP(keyring_clear) struct sgc_keyring *keyring = NULL;
    return sgc_keyring_parse(sgc_buf_view(text), &keyring, message);
}

/* --- adding --- */

static bool is_version_of(const struct sgc_kek *kek, const char *name, uint64_t *version)
{
    size_t len = strlen(name);
    return strncmp(kek->id, name, len) == 0 && kek->id[len] == ':' &&
           sg_bytes_to_u64(sg_bytes_str(kek->id + len + 1), version);
}

static const struct sgc_kek *active_of(const struct sgc_keyring *keyring, const char *name)
{
    uint64_t version;
    for (size_t i = 0; i < sgc_keyring_count(keyring); i++) {
        const struct sgc_kek *kek = sgc_keyring_at(keyring, i);
        if (is_version_of(kek, name, &version) && kek->state == SGC_KEK_ACTIVE)
            return kek;
    }
    return NULL;
}

static uint64_t next_version(const struct sgc_keyring *keyring, const char *name)
{
    uint64_t version, last = 0;
    for (size_t i = 0; i < sgc_keyring_count(keyring); i++) {
        if (is_version_of(sgc_keyring_at(keyring, i), name, &version) && version > last)
            last = version;
    }
    return last + 1;
}

static sg_err new_id(const struct sgc_keyring *keyring, const char *name, char id[SGC_KEK_ID_MAX + 1],
                     struct sgc_buf *message)
{
    uint64_t version = next_version(keyring, name);
    int len = snprintf(id, SGC_KEK_ID_MAX + 1, "%s:%" PRIu64, name, version);
    if (len > 0 && (size_t)len <= SGC_KEK_ID_MAX && version <= VERSION_MAX && sgc_kek_id_is_valid(sg_bytes_str(id)))
        return SG_OK;
    sg_message_setf(message, "'%s' is not a name for a key; use 1 to %u of a-z 0-9 . _ -, without a version", name,
                    SGC_KEK_NAME_MAX);
    SG_FAIL(CONFIG);
}

sg_err sg_keyring_text_add(struct sg_bytes text, const char *name, struct sgc_buf *out, struct sg_keyring_added *added,
                           struct sgc_buf *message)
{
    SG_CLEANUP(keyring_clear) struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(kek_clear) struct sgc_kek kek = {.state = SGC_KEK_ACTIVE, .key = SGC_SECRET_NONE};
    SG_TRY(sgc_keyring_parse(text, &keyring, message));
    SG_TRY(new_id(keyring, name, kek.id, message));
    const struct sgc_kek *before = active_of(keyring, name);
    SG_TRY(copy_with_state(text, before, SGC_KEK_DECRYPT_ONLY, out));
    SG_TRY(sgc_secret_random(&kek.key, SGC_KEK_LEN));
    SG_TRY(sgc_keyring_print_line(&kek, out));
    *added = (struct sg_keyring_added){.id = ""};
    memcpy(added->id, kek.id, sizeof(added->id));
    if (before != NULL)
        memcpy(added->replaced, before->id, sizeof(added->replaced));
    return parse_again(out, message);
}

/* --- disabling --- */

sg_err sg_keyring_text_disable(struct sg_bytes text, const char *id, struct sgc_buf *out, struct sgc_buf *message)
{
    SG_CLEANUP(keyring_clear) struct sgc_keyring *keyring = NULL;
    SG_TRY(sgc_keyring_parse(text, &keyring, message));
    const struct sgc_kek *kek = sgc_keyring_find(keyring, sg_bytes_str(id));
    if (kek == NULL)
        sg_message_setf(message, "there is no key '%s'; see: sealgate key list", id);
    SG_CHECK(kek != NULL, CONFIG);
    if (kek->state == SGC_KEK_ACTIVE)
        sg_message_setf(message, "%s is active; make another version active first: sealgate key new", id);
    SG_CHECK(kek->state != SGC_KEK_ACTIVE, CONFIG);
    SG_TRY(copy_with_state(text, kek, SGC_KEK_DISABLED, out));
    return parse_again(out, message);
}
