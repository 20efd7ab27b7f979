/* Idea: both parts are random; the id is short and easy to read, the secret has 240 bits. The new text is parsed before
 * it is written, by the same rules as when the gateway starts. */
#include <stdio.h>

#include "cli/change.h"
#include "cli/names.h"
#include "core/keystore.h"
#include "crypto/codec.h"
#include "crypto/rand.h"

#include "common/banned.h"

#define ID_PREFIX    "SG"
#define ID_LEN       20u /* as those of AWS, which some tools check */
#define SECRET_BYTES 30u
#define SECRET_LEN   SGC_BASE64URL_LEN(SECRET_BYTES)

struct credential {
    char id[ID_LEN + 1];
    char secret[SECRET_LEN + 1];
};

static void credential_clear(struct credential *c)
{
    sgc_wipe(c, sizeof(*c));
}

static void keystore_clear(struct sg_keystore **store)
{
    sg_keystore_free(*store);
    *store = NULL;
}

static sg_err draw(struct credential *c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t bytes[SECRET_BYTES];
    SG_TRY(sgc_rand(bytes, ID_LEN));
    memcpy(c->id, ID_PREFIX, sizeof(ID_PREFIX) - 1);
    for (size_t i = sizeof(ID_PREFIX) - 1; i < ID_LEN; i++)
        c->id[i] = letters[bytes[i] % 32];
    SG_TRY(sgc_rand(bytes, sizeof(bytes)));
    sgc_base64url_encode(SG_BYTES_ARRAY(bytes), c->secret);
    sgc_wipe(bytes, sizeof(bytes));
    return SG_OK;
}

static sg_err add_credential(void *ctx, struct sg_bytes text, struct sgc_buf *out, struct sgc_buf *message)
{
    SG_CLEANUP(keystore_clear) struct sg_keystore *store = NULL;
    const struct credential *c = ctx;
    SG_TRY(sgc_buf_append(out, text));
    if (text.len > 0 && !sg_bytes_has_suffix(text, SG_BYTES_LIT("\n")))
        SG_TRY(sgc_buf_append_u8(out, '\n'));
    SG_TRY(sgc_buf_append_str(out, c->id));
    SG_TRY(sgc_buf_append_u8(out, ' '));
    SG_TRY(sgc_buf_append(out, sg_bytes(c->secret, SECRET_LEN)));
    SG_TRY(sgc_buf_append_u8(out, '\n'));
    return sg_keystore_parse(sgc_buf_view(out), &store, message);
}

static const char *credentials_of(const struct sg_config *config)
{
    return config->credentials;
}

int sg_cli_credential_new(const struct sg_cli_args *args)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(SG_CLI_NAME_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SG_CLI_MESSAGE_MAX);
    SG_CLEANUP(credential_clear) struct credential credential = {.id = ""};
    if (!sg_is_ok(sg_cli_file_name(args, "credentials", "SEALGATE_CREDENTIALS", credentials_of, &name, &message)))
        return sg_cli_fail_message(&message);
    if (!sg_is_ok(draw(&credential)))
        return sg_cli_fail("no random bytes can be had from the kernel");
    const char *path = (const char *)name.ptr;
    if (!sg_is_ok(sg_cli_change_file(path, add_credential, &credential, &message)))
        return sg_cli_fail_message(&message);
    (void)printf("access key id: %s\n", credential.id);
    if (sg_cli_value(args, "show") != NULL)
        (void)printf("secret access key: %s\n", credential.secret);
    else
        (void)printf("secret access key: in %s, behind the id\n", path);
    return SG_EXIT_DONE;
}
