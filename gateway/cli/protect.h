/*
 * protect.h - what the process asks of the kernel before it touches a secret.
 *
 * Idea       No core dumps, no debugger of the same user, no new privileges, files for the owner alone, and descriptors
 *            0 to 2 that are really standard input, output and error.
 * Errors     False when the kernel refuses.
 * Tests      tests/unit/cli/test_protect.c
 */
#ifndef SG_CLI_PROTECT_H
#define SG_CLI_PROTECT_H

#include <stdbool.h>

#include "common/attrs.h"

SG_MUST bool sg_cli_protect(void);

#endif
