/*
 * config_files.h - the files that the configuration names: read, checked, and checked against each other.
 *
 * Ownership  What is read belongs to the caller.
 * Errors     CONFIG with a message that names the file and what to do, never a secret.
 * Not here   Whether the certificate and its key are good and match: gateway/server/tls.h.
 * Tests      tests/unit/core/test_config_files.c
 */
#ifndef SG_CORE_CONFIG_FILES_H
#define SG_CORE_CONFIG_FILES_H

#include "core/config.h"
#include "core/keystore.h"
#include "s3client/request.h"

#define SG_SECRET_FILE_MAX (1u << 20)

SG_MUST sg_err sg_config_read_keyring(const struct sg_config *config, struct sgc_keyring **out,
                                      struct sgc_buf *message);
SG_MUST sg_err sg_config_read_credentials(const struct sg_config *config, struct sg_keystore **out,
                                          struct sgc_buf *message);
SG_MUST sg_err sg_config_read_upstream_identity(const struct sg_config *config, struct sgs_identity *out,
                                                struct sgc_buf *message);
/* Every key that a bucket names is in the keyring and not disabled, and every active key may seal. */
SG_MUST sg_err sg_config_check_keys(const struct sg_config *config, const struct sgc_keyring *keyring,
                                    struct sgc_buf *message);
/* Everything above, and that the certificate, its key and the CA file are there with the right modes. */
SG_MUST sg_err sg_config_check_files(const struct sg_config *config, struct sgc_buf *message);

#endif
