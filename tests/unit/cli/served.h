/*
 * served.h - everything that a gateway needs to start, in the rig's folder: certificate, keys, credentials,
 *            configuration.
 *
 * Usage      served_put(&rig, port); gives the name of the configuration. Needs the program openssl.
 */
#ifndef SG_TESTS_CLI_SERVED_H
#define SG_TESTS_CLI_SERVED_H

#include "rig.h"

/* `more` is appended to the configuration. */
const char *served_put(struct rig *rig, unsigned port, const char *more);
/* A port of the loopback address that nobody uses now. */
unsigned served_free_port(void);

#endif
