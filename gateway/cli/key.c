/* Idea: the file is changed by keyring_text.c; here is what the operator is told about it. A key is never printed. */
#include <stdio.h>

#include "cli/change.h"
#include "cli/keyring_text.h"
#include "cli/names.h"

#include "common/banned.h"

/* --- key new --- */

struct addition {
    const char *name;
    struct sg_keyring_added added;
};

static sg_err add_key(void *ctx, struct sg_bytes text, struct sgc_buf *out, struct sgc_buf *message)
{
    struct addition *a = ctx;
    return sg_keyring_text_add(text, a->name, out, &a->added, message);
}

static void tell_added(const struct addition *a, const char *path)
{
    (void)printf("%s active\n", a->added.id);
    if (a->added.replaced[0] != '\0') {
        (void)printf("%s decrypt-only\n", a->added.replaced);
        (void)fprintf(stderr,
                      "Next: add %s to the keys of your buckets, make it their active_key, leave %s in their keys,\n"
                      "and restart the gateways once all of them have this keyring.\n",
                      a->added.id, a->added.replaced);
    }
    (void)fprintf(stderr, "Keep a copy of %s in a safe place: without its keys nothing that they seal can be read.\n",
                  path);
}

int sg_cli_key_new(const struct sg_cli_args *args)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(SG_CLI_NAME_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SG_CLI_MESSAGE_MAX);
    struct addition addition = {.name = args->operand};
    if (!sg_is_ok(sg_cli_keyring_name(args, &name, &message)))
        return sg_cli_fail_message(&message);
    const char *path = (const char *)name.ptr;
    if (!sg_is_ok(sg_cli_change_file(path, add_key, &addition, &message)))
        return sg_cli_fail_message(&message);
    tell_added(&addition, path);
    return SG_EXIT_DONE;
}

/* --- key list --- */

int sg_cli_key_list(const struct sg_cli_args *args)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(SG_CLI_NAME_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SG_CLI_MESSAGE_MAX);
    SG_CLEANUP(sg_cli_keyring_clear) struct sgc_keyring *keyring = NULL;
    if (!sg_is_ok(sg_cli_keyring_name(args, &name, &message)) ||
        !sg_is_ok(sg_cli_keyring_read((const char *)name.ptr, &keyring, &message)))
        return sg_cli_fail_message(&message);
    for (size_t i = 0; i < sgc_keyring_count(keyring); i++) {
        const struct sgc_kek *kek = sgc_keyring_at(keyring, i);
        (void)printf("%s %s\n", kek->id, sgc_kek_state_name(kek->state));
    }
    return SG_EXIT_DONE;
}

/* --- key retire --- */

static sg_err disable_key(void *ctx, struct sg_bytes text, struct sgc_buf *out, struct sgc_buf *message)
{
    const char *const *id = ctx;
    return sg_keyring_text_disable(text, *id, out, message);
}

static void warn(const char *id)
{
    (void)fprintf(stderr,
                  "Warning: objects and uploads under way that are sealed with %s cannot be read once it is disabled.\n"
                  "The storage was not searched for them.\n",
                  id);
}

int sg_cli_key_retire(const struct sg_cli_args *args)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(SG_CLI_NAME_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SG_CLI_MESSAGE_MAX);
    const char *id = args->operand;
    if (!sg_is_ok(sg_cli_keyring_name(args, &name, &message)))
        return sg_cli_fail_message(&message);
    warn(id);
    if (sg_cli_value(args, "yes") == NULL)
        return sg_cli_fail("nothing was changed; if you are sure, repeat the command with --yes");
    if (!sg_is_ok(sg_cli_change_file((const char *)name.ptr, disable_key, &id, &message)))
        return sg_cli_fail_message(&message);
    (void)printf("%s disabled\n", id);
    (void)fprintf(stderr, "Next: remove %s from the keys of your buckets, and restart the gateways.\n", id);
    return SG_EXIT_DONE;
}
