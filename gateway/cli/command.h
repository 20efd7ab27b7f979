/*
 * command.h - what a command is, and what it gets to see of the command line.
 *
 * Ownership  Values point into argv.
 * Tests      tests/unit/cli/test_args.c
 */
#ifndef SG_CLI_COMMAND_H
#define SG_CLI_COMMAND_H

#include "common/attrs.h"
#include "common/err.h"
#include "crypto/buf.h"

enum { SG_EXIT_DONE = 0, SG_EXIT_FAILED = 1, SG_EXIT_USAGE = 2, SG_EXIT_NOT_AUTHENTIC = 3 };

#define SG_CLI_OPTIONS_MAX 10u

struct sg_cli_option {
    const char *name;  /* without its dashes; NULL ends the table */
    const char *value; /* "FILE"; NULL = a flag */
    const char *help;
    bool required;
};

struct sg_cli_args;

struct sg_cli_command {
    const char *group; /* "key" of "key new"; NULL = none */
    const char *name;
    const char *operand; /* "NAME"; NULL = none */
    const char *summary; /* one line */
    const char *details; /* what else there is to know; NULL = nothing */
    struct sg_cli_option options[SG_CLI_OPTIONS_MAX];
    int (*run)(const struct sg_cli_args *args);
};

struct sg_cli_args {
    const struct sg_cli_command *command;
    const char *values[SG_CLI_OPTIONS_MAX]; /* as command->options; "" for a flag that was given */
    const char *operand;
};

/* NULL when the option was not given. It must be one of the command's. */
const char *sg_cli_value(const struct sg_cli_args *args, const char *name);
/* Prints "sealgate: TEXT" to standard error; gives SG_EXIT_FAILED. */
int sg_cli_fail(const char *format, ...) SG_PRINTF(1, 2);
/* The same with a message that was collected. */
int sg_cli_fail_message(const struct sgc_buf *message);

int sg_cli_serve(const struct sg_cli_args *args);
int sg_cli_check_config(const struct sg_cli_args *args);
int sg_cli_key_new(const struct sg_cli_args *args);
int sg_cli_key_list(const struct sg_cli_args *args);
int sg_cli_key_retire(const struct sg_cli_args *args);
int sg_cli_credential_new(const struct sg_cli_args *args);
int sg_cli_open(const struct sg_cli_args *args);

#endif
