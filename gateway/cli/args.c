/* Idea: one pass over the words, then one over the table for what is missing. */
#include "cli/args.h"

#include "core/message.h"

#include "common/banned.h"

struct parser {
    const struct sg_cli_command *command;
    char **words, **end;
    struct sg_cli_args *out;
    struct sgc_buf *message;
    bool operands_only; /* after -- */
};

const char *sg_cli_value(const struct sg_cli_args *args, const char *name)
{
    const struct sg_cli_option *options = args->command->options;
    size_t i = 0;
    while (options[i].name != NULL && strcmp(options[i].name, name) != 0)
        i++;
    sg_assert(options[i].name != NULL);
    return args->values[i];
}

/* Which option "--name" or "--name=value" is; *value is what stands behind the '=', or NULL. */
static const struct sg_cli_option *find_option(const struct sg_cli_command *command, const char *word,
                                               const char **value)
{
    size_t len = strcspn(word + 2, "=");
    *value = word[2 + len] == '=' ? word + 2 + len + 1 : NULL;
    for (const struct sg_cli_option *option = command->options; option->name != NULL; option++) {
        if (strlen(option->name) == len && strncmp(option->name, word + 2, len) == 0)
            return option;
    }
    return NULL;
}

static enum sg_cli_parsed take_option(struct parser *p, const char *word)
{
    const char *value;
    const struct sg_cli_option *option = find_option(p->command, word, &value);
    if (option == NULL) {
        sg_message_setf(p->message, "there is no option %s", word);
        return SG_CLI_WRONG;
    }
    const char **slot = &p->out->values[option - p->command->options];
    if (*slot != NULL) {
        sg_message_setf(p->message, "--%s stands twice", option->name);
        return SG_CLI_WRONG;
    }
    if (option->value == NULL && value != NULL) {
        sg_message_setf(p->message, "--%s takes no value", option->name);
        return SG_CLI_WRONG;
    }
    if (option->value != NULL && value == NULL && p->words < p->end)
        value = *p->words++;
    if (option->value != NULL && (value == NULL || value[0] == '\0')) {
        sg_message_setf(p->message, "--%s needs a value: --%s %s", option->name, option->name, option->value);
        return SG_CLI_WRONG;
    }
    *slot = option->value == NULL ? "" : value;
    return SG_CLI_PARSED;
}

static enum sg_cli_parsed take_operand(struct parser *p, const char *word)
{
    if (p->command->operand == NULL || p->out->operand != NULL || word[0] == '\0') {
        sg_message_setf(p->message, "'%s' is one word too many", word);
        return SG_CLI_WRONG;
    }
    p->out->operand = word;
    return SG_CLI_PARSED;
}

static enum sg_cli_parsed take_word(struct parser *p, const char *word)
{
    if (p->operands_only || word[0] != '-' || word[1] == '\0')
        return take_operand(p, word);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return SG_CLI_HELP;
    if (strcmp(word, "--") == 0) {
        p->operands_only = true;
        return SG_CLI_PARSED;
    }
    if (word[1] != '-') {
        sg_message_setf(p->message, "there is no option %s", word);
        return SG_CLI_WRONG;
    }
    return take_option(p, word);
}

static enum sg_cli_parsed check_complete(const struct parser *p)
{
    for (size_t i = 0; p->command->options[i].name != NULL; i++) {
        const struct sg_cli_option *option = &p->command->options[i];
        if (!option->required || p->out->values[i] != NULL)
            continue;
        sg_message_setf(p->message, "--%s %s is missing", option->name, option->value);
        return SG_CLI_WRONG;
    }
    if (p->command->operand != NULL && p->out->operand == NULL) {
        sg_message_setf(p->message, "%s is missing", p->command->operand);
        return SG_CLI_WRONG;
    }
    return SG_CLI_PARSED;
}

enum sg_cli_parsed sg_cli_args_parse(const struct sg_cli_command *command, int argc, char **argv,
                                     struct sg_cli_args *out, struct sgc_buf *message)
{
    struct parser p = {.command = command, .words = argv, .end = argv + argc, .out = out, .message = message};
    *out = (struct sg_cli_args){.command = command};
    while (p.words < p.end) {
        enum sg_cli_parsed parsed = take_word(&p, *p.words++);
        if (parsed != SG_CLI_PARSED)
            return parsed;
    }
    return check_complete(&p);
}
