/*
 * config_rig.h - configurations with one thing changed: a good text, and replacements in it.
 *
 * Usage      rig_config("from", "to", ...) gives the good text with the first `from` replaced by `to`; "" as `from`
 * appends.
 */
#ifndef SG_TESTS_CORE_CONFIG_RIG_H
#define SG_TESTS_CORE_CONFIG_RIG_H

#include "support/check_main.h"

#include "core/config.h"

/* Line numbers are part of the tests: add lines at the end only. */
#define RIG_CONFIG                                                                                                     \
    "server:\n"                             /* 1 */                                                                    \
    "  addresses: [\"127.0.0.1:9000\"]\n"   /* 2 */                                                                    \
    "  certificate: pki/gateway.crt\n"      /* 3 */                                                                    \
    "  key: /etc/ssl/gateway.key\n"         /* 4 */                                                                    \
    "upstream:\n"                           /* 5 */                                                                    \
    "  endpoint: https://localhost:9100\n"  /* 6 */                                                                    \
    "  credentials: upstream-credentials\n" /* 7 */                                                                    \
    "credentials: credentials\n"            /* 8 */                                                                    \
    "keyring: keyring\n"                    /* 9 */                                                                    \
    "state_bucket: sealgate-state\n"        /* 10 */                                                                   \
    "buckets:\n"                            /* 11 */                                                                   \
    "  - name: \"*\"\n"                     /* 12 */                                                                   \
    "    keys: [\"main:1\"]\n"              /* 13 */                                                                   \
    "    active_key: main:1\n"              /* 14 */

#define RIG_PATH "conf/gateway.yaml"

/* Parses the good text with `from` replaced by `to`. */
SG_MUST sg_err rig_parse(const char *from, const char *to, struct sg_config **out, struct sgc_buf *message);

#endif
