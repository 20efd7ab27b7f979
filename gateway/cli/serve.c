/*
 * Idea: everything is read and checked before the first socket is opened; what can be wrong is said in one sentence and
 * the program ends. From then on the server has what it needs in memory and opens no file of the configuration again.
 *
 * Tests: tests/unit/cli/test_serve.c for what goes wrong, tests/integration for the rest.
 */
#include <stdio.h>

#include "cli/names.h"
#include "core/config_files.h"
#include "core/log.h"
#include "crypto/selftest.h"
#include "server/server.h"

#include "common/banned.h"

/* Secrets in one run of locked memory, 160 bytes each; more runs are added as they are needed. */
#define SECRET_SLOTS 4096u

struct gateway {
    struct sg_config *config;
    struct sgc_keyring *keyring;
    struct sg_keystore *keystore;
    struct sgs_identity identity;
    struct sgs_endpoint endpoint;
    struct sg_log *log;
    struct sg_clock clock;
};

static void gateway_clear(struct gateway *g)
{
    sg_log_free(g->log);
    sgc_secret_clear(&g->identity.secret_access_key);
    sg_keystore_free(g->keystore);
    sgc_keyring_free(g->keyring);
    sg_config_free(g->config);
}

static int check_crypto(void)
{
    const char *failed = "";
    if (!sg_is_ok(sgc_selftest(&failed)))
        return sg_cli_fail("the self-test of %s failed; this machine or build must not handle keys", failed);
    if (!sg_is_ok(sgc_secret_arena_init(SECRET_SLOTS)))
        return sg_cli_fail("memory for keys cannot be locked; raise the limit to at least 1024 KiB "
                           "(ulimit -l, LimitMEMLOCK=, --ulimit memlock=1048576)");
    return SG_EXIT_DONE;
}

static sg_err read_files(struct gateway *g, struct sgc_buf *message)
{
    const struct sg_config *config = g->config;
    SG_TRY(sg_config_check_files(config, message));
    SG_TRY(sg_config_read_keyring(config, &g->keyring, message));
    SG_TRY(sg_config_read_credentials(config, &g->keystore, message));
    SG_TRY(sg_config_read_upstream_identity(config, &g->identity, message));
    return sgs_endpoint_parse(sg_bytes_str(config->upstream.endpoint), config->upstream.virtual_host, &g->endpoint);
}

static sg_err run(struct gateway *g, struct sgc_buf *message)
{
    struct sg_server_options options = {
        .env =
            {
                .clock = &g->clock,
                .config = g->config,
                .keyring = g->keyring,
                .keystore = g->keystore,
                .upstream = &g->endpoint,
                .upstream_identity = &g->identity,
                .log = g->log,
            },
        .message = message,
    };
    return sg_server_run(&options);
}

int sg_cli_serve(const struct sg_cli_args *args)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SG_CLI_MESSAGE_MAX);
    SG_CLEANUP(gateway_clear)
    struct gateway g = {.identity = {.secret_access_key = SGC_SECRET_NONE}, .clock = SG_CLOCK_SYSTEM};
    int code = check_crypto();
    if (code != SG_EXIT_DONE)
        return code;
    if (!sg_is_ok(sg_config_load(sg_cli_config_path(args), &g.config, &message)) || !sg_is_ok(read_files(&g, &message)))
        return sg_cli_fail_message(&message);
    if (!sg_is_ok(sg_log_new(g.config->log.access, g.config->log.hash_keys, &g.log)))
        return sg_cli_fail("%s: the access log cannot be opened for writing", g.config->log.access);
    sg_err err = run(&g, &message);
    if (sg_is_ok(err))
        return SG_EXIT_DONE;
    if (message.len > 0)
        return sg_cli_fail_message(&message);
    return sg_cli_fail("the server failed: %s (%s:%d)", sg_err_row(err)->name, sg_err_site.file, sg_err_site.line);
}
