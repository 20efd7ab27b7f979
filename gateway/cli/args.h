/*
 * args.h - the words behind a command's name, by the command's table.
 *
 * Idea       --name VALUE, --name=VALUE, --flag, --help; one operand where the command has one; -- ends the options.
 * Errors     WRONG with a message; options that stand twice, miss their value, or are required and missing.
 * Tests      tests/unit/cli/test_args.c
 */
#ifndef SG_CLI_ARGS_H
#define SG_CLI_ARGS_H

#include "cli/command.h"

enum sg_cli_parsed { SG_CLI_PARSED, SG_CLI_HELP, SG_CLI_WRONG };

SG_MUST enum sg_cli_parsed sg_cli_args_parse(const struct sg_cli_command *command, int argc, char **argv,
                                             struct sg_cli_args *out, struct sgc_buf *message);

#endif
