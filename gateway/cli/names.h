/*
 * names.h - which configuration and which files a command works on.
 *
 * Errors     CONFIG and IO with a message.
 * Tests      tests/unit/cli/test_names.c
 */
#ifndef SG_CLI_NAMES_H
#define SG_CLI_NAMES_H

#include "cli/command.h"
#include "core/config.h"

#define SG_CLI_NAME_MAX    8192u /* bytes of a file's name */
#define SG_CLI_MESSAGE_MAX 1024u

/* --config, else $SEALGATE_CONFIG, else /etc/sealgate/gateway.yaml. */
const char *sg_cli_config_path(const struct sg_cli_args *args);

/* For SG_CLEANUP. */
void sg_cli_config_clear(struct sg_config **config);
void sg_cli_keyring_clear(struct sgc_keyring **keyring);

/* Appends the name of a file: option, else environment variable, else what `from_config` finds in the configuration. */
SG_MUST sg_err sg_cli_file_name(const struct sg_cli_args *args, const char *option, const char *variable,
                                const char *(*from_config)(const struct sg_config *config), struct sgc_buf *out,
                                struct sgc_buf *message);
/* The keyring's name by these rules, terminated. */
SG_MUST sg_err sg_cli_keyring_name(const struct sg_cli_args *args, struct sgc_buf *out, struct sgc_buf *message);
SG_MUST sg_err sg_cli_keyring_read(const char *path, struct sgc_keyring **out, struct sgc_buf *message);

#endif
