/* Idea: a text is read into a buffer that wipes itself, and a parser makes of it what the program keeps; the parser
 * knows the line, this file adds the name. */
#include "core/config_files.h"

#include "core/files.h"
#include "core/message.h"

#include "common/banned.h"

#define WHY_MAX     200u
#define CA_FILE_MAX (16u << 20) /* the system's bundle has some 200 KiB */

/* "FILE: WHY" */
static sg_err name_file(sg_err err, const char *path, const struct sgc_buf *why, struct sgc_buf *message)
{
    if (!sg_is_ok(err))
        sg_message_setf(message, "%s: %.*s", path, SG_BYTES_FMT(sgc_buf_view(why)));
    return err;
}

sg_err sg_config_read_keyring(const struct sg_config *config, struct sgc_keyring **out, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_SECRET_FILE_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf why = SGC_BUF_INIT(WHY_MAX);
    SG_TRY(sg_file_read(config->keyring, SG_FILE_SECRET, &text, message));
    return name_file(sgc_keyring_parse(sgc_buf_view(&text), out, &why), config->keyring, &why, message);
}

sg_err sg_config_read_credentials(const struct sg_config *config, struct sg_keystore **out, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_SECRET_FILE_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf why = SGC_BUF_INIT(WHY_MAX);
    SG_TRY(sg_file_read(config->credentials, SG_FILE_SECRET, &text, message));
    return name_file(sg_keystore_parse(sgc_buf_view(&text), out, &why), config->credentials, &why, message);
}

static sg_err read_credential(const char *path, struct sg_credential *out, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_SECRET_FILE_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf why = SGC_BUF_INIT(WHY_MAX);
    SG_TRY(sg_file_read(path, SG_FILE_SECRET, &text, message));
    return name_file(sg_credential_parse(sgc_buf_view(&text), out, &why), path, &why, message);
}

_Static_assert(sizeof(((struct sgs_identity *)0)->access_key_id) == sizeof(((struct sg_credential *)0)->access_key_id),
               "an id fits");

sg_err sg_config_read_upstream_identity(const struct sg_config *config, struct sgs_identity *out,
                                        struct sgc_buf *message)
{
    struct sg_credential credential;
    SG_TRY(read_credential(config->upstream.credentials, &credential, message));
    *out = (struct sgs_identity){.secret_access_key = sgc_secret_take(&credential.secret_access_key)};
    memcpy(out->access_key_id, credential.access_key_id, sizeof(out->access_key_id));
    (void)snprintf(out->region, sizeof(out->region), "%s", config->upstream.region);
    return SG_OK;
}

/* --- keys of buckets --- */

static sg_err check_key(const struct sg_config *config, const struct sg_bucket_rule *rule, const char *id,
                        const struct sgc_keyring *keyring, struct sgc_buf *message)
{
    const struct sgc_kek *kek = sgc_keyring_find(keyring, sg_bytes_str(id));
    if (kek == NULL) {
        sg_message_setf(message, "%s: bucket %s names key %s, which is not in %s; add it, or correct the name",
                        config->path, rule->name, id, config->keyring);
        SG_FAIL(CONFIG);
    }
    if (!sgc_kek_may_open(kek)) {
        sg_message_setf(message, "%s: bucket %s names key %s, which is %s in %s; remove it from the bucket",
                        config->path, rule->name, id, sgc_kek_state_name(kek->state), config->keyring);
        SG_FAIL(CONFIG);
    }
    if (!sgc_kek_may_seal(kek) && strcmp(id, rule->active_key) == 0) {
        sg_message_setf(message, "%s: bucket %s seals with key %s, which is %s in %s; name an active key", config->path,
                        rule->name, id, sgc_kek_state_name(kek->state), config->keyring);
        SG_FAIL(CONFIG);
    }
    return SG_OK;
}

sg_err sg_config_check_keys(const struct sg_config *config, const struct sgc_keyring *keyring, struct sgc_buf *message)
{
    for (unsigned i = 0; i < config->bucket_count; i++) {
        const struct sg_bucket_rule *rule = &config->buckets[i];
        for (unsigned k = 0; k < rule->key_count; k++)
            SG_TRY(check_key(config, rule, rule->keys[k], keyring, message));
    }
    return SG_OK;
}

/* --- all of them --- */

static void keyring_free(struct sgc_keyring **keyring)
{
    sgc_keyring_free(*keyring);
}

static void keystore_free(struct sg_keystore **store)
{
    sg_keystore_free(*store);
}

static void identity_clear(struct sgs_identity *identity)
{
    sgc_secret_clear(&identity->secret_access_key);
}

/* The library that uses the file would only complain at the first connection. */
static sg_err check_ca_file(const char *path, struct sgc_buf *message)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(CA_FILE_MAX);
    SG_TRY(sg_file_read(path, SG_FILE_PUBLIC, &text, message));
    if (text.len > 0 && memmem(text.ptr, text.len, begin, sizeof(begin) - 1) != NULL)
        return SG_OK;
    sg_message_setf(message, "%s: there is no certificate in this file; it must hold PEM blocks %s", path, begin);
    SG_FAIL(CONFIG);
}

sg_err sg_config_check_files(const struct sg_config *config, struct sgc_buf *message)
{
    SG_CLEANUP(keyring_free) struct sgc_keyring *keyring = NULL;
    SG_CLEANUP(keystore_free) struct sg_keystore *store = NULL;
    SG_CLEANUP(identity_clear) struct sgs_identity identity = {.secret_access_key = SGC_SECRET_NONE};
    SG_TRY(sg_file_check(config->server.certificate, SG_FILE_PUBLIC, message));
    SG_TRY(sg_file_check(config->server.key, SG_FILE_SECRET, message));
    if (config->upstream.ca_file != NULL)
        SG_TRY(check_ca_file(config->upstream.ca_file, message));
    SG_TRY(sg_config_read_keyring(config, &keyring, message));
    SG_TRY(sg_config_check_keys(config, keyring, message));
    SG_TRY(sg_config_read_credentials(config, &store, message));
    return sg_config_read_upstream_identity(config, &identity, message);
}
