/*
 * cli.h - the command line: which commands there are, their options, their help.
 *
 * Idea       Each command is one row with a table of options; parsing, help and errors come from the tables.
 * Errors     Exit codes: 0 done, 1 failed, 2 wrong usage, 3 an object that is not authentic (open only). Errors go to
 *            standard error, one sentence that says what to do.
 * Secrets    Never taken from arguments or the environment, and never printed unless asked for by --show.
 * Tests      tests/unit/cli/test_cli.c
 */
#ifndef SG_CLI_CLI_H
#define SG_CLI_CLI_H

/* The whole program: protects the process, then runs the command. */
int sg_cli_main(int argc, char **argv);
/* The command alone. */
int sg_cli_run(int argc, char **argv);

#endif
