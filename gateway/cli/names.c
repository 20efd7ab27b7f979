/* Idea: what is asked for by name comes before what is found in the environment, and that before what is configured. */
#include "cli/names.h"

#include <stdlib.h>

#include "core/config_files.h"
#include "core/files.h"
#include "core/message.h"

#include "common/banned.h"

#define DEFAULT_CONFIG "/etc/sealgate/gateway.yaml"
#define WHY_MAX        200u

void sg_cli_config_clear(struct sg_config **config)
{
    sg_config_free(*config);
    *config = NULL;
}

void sg_cli_keyring_clear(struct sgc_keyring **keyring)
{
    sgc_keyring_free(*keyring);
    *keyring = NULL;
}

/* --- names --- */

static const char *variable_value(const char *variable)
{
    const char *value = getenv(variable);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

const char *sg_cli_config_path(const struct sg_cli_args *args)
{
    const char *path = sg_cli_value(args, "config");
    if (path == NULL)
        path = variable_value("SEALGATE_CONFIG");
    return path == NULL ? DEFAULT_CONFIG : path;
}

static sg_err append_name(struct sgc_buf *out, const char *name)
{
    SG_TRY(sgc_buf_append_str(out, name));
    return sgc_buf_append_u8(out, '\0');
}

sg_err sg_cli_file_name(const struct sg_cli_args *args, const char *option, const char *variable,
                        const char *(*from_config)(const struct sg_config *config), struct sgc_buf *out,
                        struct sgc_buf *message)
{
    SG_CLEANUP(sg_cli_config_clear) struct sg_config *config = NULL;
    const char *name = sg_cli_value(args, option);
    if (name == NULL)
        name = variable_value(variable);
    if (name != NULL)
        return append_name(out, name);
    sg_err err = sg_config_load(sg_cli_config_path(args), &config, message);
    if (!sg_is_ok(err)) {
        sg_message_addf(message, "\nsealgate: to do without a configuration, give --%s FILE", option);
        return err;
    }
    return append_name(out, from_config(config));
}

static const char *keyring_of(const struct sg_config *config)
{
    return config->keyring;
}

sg_err sg_cli_keyring_name(const struct sg_cli_args *args, struct sgc_buf *out, struct sgc_buf *message)
{
    return sg_cli_file_name(args, "keyring", "SEALGATE_KEYRING", keyring_of, out, message);
}

sg_err sg_cli_keyring_read(const char *path, struct sgc_keyring **out, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(SG_SECRET_FILE_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf why = SGC_BUF_INIT(WHY_MAX);
    SG_TRY(sg_file_read(path, SG_FILE_SECRET, &text, message));
    sg_err err = sgc_keyring_parse(sgc_buf_view(&text), out, &why);
    if (!sg_is_ok(err))
        sg_message_setf(message, "%s: %.*s", path, SG_BYTES_FMT(sgc_buf_view(&why)));
    return err;
}
