/* Idea: the table below is the command line. The rest finds the row, prints help from it, and runs it. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/args.h"
#include "cli/protect.h"

#include "common/banned.h"

#define CONFIG_OPTION                                                                                                  \
    {                                                                                                                  \
        "config", "FILE", "configuration; else $SEALGATE_CONFIG, else /etc/sealgate/gateway.yaml", false               \
    }
#define KEYRING_OPTION                                                                                                 \
    {                                                                                                                  \
        "keyring", "FILE", "keyring; else $SEALGATE_KEYRING, else the one that the configuration names", false         \
    }

static int run_version(const struct sg_cli_args *args);

/* clang-format off */
#define END {NULL, NULL, NULL, false}
static const struct sg_cli_command commands[] = {
    {NULL, "serve", NULL, "Run the gateway until SIGTERM or SIGINT.",
     "Requests under way may end within server.shutdown_timeout; a second signal ends the gateway at once.\n"
     "Keys are kept in locked memory: the limit of locked memory (ulimit -l) must be at least 1024 KiB.",
     {CONFIG_OPTION, END}, sg_cli_serve},
    {NULL, "check-config", NULL, "Check the configuration and the files it names; start nothing.", NULL,
     {CONFIG_OPTION, END}, sg_cli_check_config},
    {"key", "new", "NAME", "Make the next version of a key-encryption key, and make it the active one.",
     "The version that was active becomes decrypt-only: it still opens what it has sealed. The file is made if there\n"
     "is none, with mode 0600. The key itself is never printed. Keep a copy of the file in a safe place.",
     {KEYRING_OPTION, CONFIG_OPTION, END}, sg_cli_key_new},
    {"key", "list", NULL, "List the keys of a keyring and their states.", NULL,
     {KEYRING_OPTION, CONFIG_OPTION, END}, sg_cli_key_list},
    {"key", "retire", "NAME:VERSION", "Disable a key: it opens nothing any more.",
     "Only for a key that no stored object and no upload under way uses: what it has sealed cannot be read until the\n"
     "key is enabled again, by hand, in the file. The storage is not searched for such objects.",
     {KEYRING_OPTION, CONFIG_OPTION, {"yes", NULL, "do it; without this only the warning is printed", false},
      END}, sg_cli_key_retire},
    {"credential", "new", NULL, "Make an access key for a client and add it to the credentials file.",
     "Prints the access key id, and where the secret is. A running gateway knows it after a restart.",
     {{"credentials", "FILE", "the file; else $SEALGATE_CREDENTIALS, else the one that the configuration names", false},
      CONFIG_OPTION, {"show", NULL, "print the secret, too", false}, END}, sg_cli_credential_new},
    {NULL, "open", NULL, "Open a stored object without the storage: from its bytes, its envelope and the keyring.",
     "Every segment and the footer are authenticated. With --out FILE the file appears when all of it is; on standard\n"
     "output there are only authenticated bytes, and the exit code says whether they are all. 3: not authentic.",
     {{"body", "FILE", "the object's bytes as stored", true},
      {"envelope", "VALUE", "the stored header x-amz-meta-sealgate", true},
      {"metadata", "VALUE", "the stored header x-amz-meta-sealgate-meta, if there is one", false},
      {"bucket", "NAME", "identity of the bucket that the object was stored in", true},
      {"object", "KEY", "the object's key", true},
      {"out", "FILE", "where the plaintext goes; - or nothing: standard output", false},
      {"show-metadata", NULL, "print the object's own headers to standard error", false},
      KEYRING_OPTION, CONFIG_OPTION, END}, sg_cli_open},
    {NULL, "version", NULL, "Print the version.", NULL, {END}, run_version},
};
/* clang-format on */

static int run_version(const struct sg_cli_args *args)
{
    SG_UNUSED(args);
    (void)printf("sealgate %s\n", SG_VERSION);
    return SG_EXIT_DONE;
}

/* --- errors --- */

int sg_cli_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("sealgate: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return SG_EXIT_FAILED;
}

int sg_cli_fail_message(const struct sgc_buf *message)
{
    return sg_cli_fail("%.*s", SG_BYTES_FMT(sgc_buf_view(message)));
}

/* --- help --- */

static void print_usage(FILE *out, const struct sg_cli_command *c)
{
    (void)fprintf(out, "Usage: sealgate %s%s%s", c->group == NULL ? "" : c->group, c->group == NULL ? "" : " ",
                  c->name);
    for (const struct sg_cli_option *o = c->options; o->name != NULL; o++) {
        if (o->required)
            (void)fprintf(out, " --%s %s", o->name, o->value);
    }
    if (c->options[0].name != NULL)
        (void)fputs(" [OPTION]...", out);
    (void)fprintf(out, "%s%s\n", c->operand == NULL ? "" : " ", c->operand == NULL ? "" : c->operand);
}

static void print_option(FILE *out, const char *name, const char *value, const char *help)
{
    char left[40];
    (void)snprintf(left, sizeof(left), "--%s%s%s", name, value == NULL ? "" : " ", value == NULL ? "" : value);
    (void)fprintf(out, "  %-20s %s\n", left, help);
}

static void print_command_help(FILE *out, const struct sg_cli_command *c)
{
    print_usage(out, c);
    (void)fprintf(out, "\n%s\n", c->summary);
    if (c->details != NULL)
        (void)fprintf(out, "%s\n", c->details);
    (void)fputs("\nOptions:\n", out);
    for (const struct sg_cli_option *o = c->options; o->name != NULL; o++)
        print_option(out, o->name, o->value, o->help);
    print_option(out, "help", NULL, "print this");
}

static bool in_group(const struct sg_cli_command *c, const char *group)
{
    return group == NULL || (c->group != NULL && strcmp(c->group, group) == 0);
}

/* All commands, or those of a group. */
static void print_overview(FILE *out, const char *group)
{
    (void)fprintf(out, "Usage: sealgate %s%sCOMMAND [OPTION]...\n\n", group == NULL ? "" : group,
                  group == NULL ? "" : " ");
    (void)fputs("An S3-compatible gateway that encrypts objects before they reach the storage.\n\nCommands:\n", out);
    for (size_t i = 0; i < SG_COUNT_OF(commands); i++) {
        const struct sg_cli_command *c = &commands[i];
        char name[40];
        if (!in_group(c, group))
            continue;
        (void)snprintf(name, sizeof(name), "%s%s%s", c->group == NULL ? "" : c->group, c->group == NULL ? "" : " ",
                       c->name);
        (void)fprintf(out, "  %-16s %s\n", name, c->summary);
    }
    (void)fputs("\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 the object is not authentic (open).\n"
                "Help for a command: sealgate COMMAND --help. Configuration: docs/configuration.md.\n",
                out);
}

/* --- finding the command --- */

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static bool is_group(const char *word)
{
    for (size_t i = 0; i < SG_COUNT_OF(commands); i++) {
        if (commands[i].group != NULL && strcmp(commands[i].group, word) == 0)
            return true;
    }
    return false;
}

static const struct sg_cli_command *find_command(const char *group, const char *name)
{
    for (size_t i = 0; i < SG_COUNT_OF(commands); i++) {
        const struct sg_cli_command *c = &commands[i];
        if ((c->group == NULL) == (group == NULL) && in_group(c, group) && strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

static int run_command(const struct sg_cli_command *command, int argc, char **argv)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1024);
    struct sg_cli_args args;
    switch (sg_cli_args_parse(command, argc, argv, &args, &message)) {
    case SG_CLI_HELP:
        print_command_help(stdout, command);
        return SG_EXIT_DONE;
    case SG_CLI_WRONG:
        (void)sg_cli_fail_message(&message);
        print_usage(stderr, command);
        return SG_EXIT_USAGE;
    case SG_CLI_PARSED:
    default:
        return command->run(&args);
    }
}

static int run_words(int argc, char **argv)
{
    const char *group = argc > 1 && is_group(argv[1]) ? argv[1] : NULL;
    int at = group == NULL ? 1 : 2;
    if (argc <= at) {
        print_overview(stderr, group);
        return SG_EXIT_USAGE;
    }
    if (is_help(argv[at])) {
        print_overview(stdout, group);
        return SG_EXIT_DONE;
    }
    const char *name = group == NULL && strcmp(argv[at], "--version") == 0 ? "version" : argv[at];
    const struct sg_cli_command *command = find_command(group, name);
    if (command != NULL)
        return run_command(command, argc - at - 1, argv + at + 1);
    (void)sg_cli_fail("there is no command '%s%s%s'", group == NULL ? "" : group, group == NULL ? "" : " ", argv[at]);
    print_overview(stderr, group);
    return SG_EXIT_USAGE;
}

int sg_cli_run(int argc, char **argv)
{
    int code = run_words(argc, argv);
    /* A full disk or a closed pipe must not look like success. */
    if (fflush(stdout) != 0 && code == SG_EXIT_DONE)
        return sg_cli_fail("standard output cannot be written");
    return code;
}

int sg_cli_main(int argc, char **argv)
{
    if (!sg_cli_protect())
        return sg_cli_fail("the process cannot be protected against core dumps");
    return sg_cli_run(argc, argv);
}
