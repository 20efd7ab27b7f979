/* Idea: everything that serve does before it listens, and then a few lines about what would be served. */
#include <stdio.h>

#include "cli/names.h"
#include "core/config_files.h"
#include "server/tls.h"

#include "common/banned.h"

static void tls_free(struct sg_tls **tls)
{
    sg_tls_free(*tls);
    *tls = NULL;
}

static sg_err check_tls(const struct sg_config *config, struct sgc_buf *message)
{
    SG_CLEANUP(tls_free) struct sg_tls *tls = NULL;
    return sg_tls_new(config->server.certificate, config->server.key, &tls, message);
}

/* What is allowed, but should not surprise anybody. */
static void warn(const struct sg_config *config)
{
    for (unsigned i = 0; i < config->bucket_count; i++) {
        const struct sg_bucket_rule *rule = &config->buckets[i];
        if (rule->foreign == SG_FOREIGN_PASS)
            (void)fprintf(stderr, "warning: bucket %s returns objects that were not stored through the gateway\n",
                          rule->name);
        if (rule->metadata == SG_METADATA_PLAIN)
            (void)fprintf(stderr, "warning: metadata of bucket %s can be read and changed by the storage\n",
                          rule->name);
    }
}

static void describe(const struct sg_config *config)
{
    (void)printf("%s is good\n", config->path);
    for (unsigned i = 0; i < config->server.address_count; i++)
        (void)printf("  listens to  %s (HTTPS)\n", config->server.addresses[i]);
    (void)printf("  storage     %s\n", config->upstream.endpoint);
    for (unsigned i = 0; i < config->bucket_count; i++)
        (void)printf("  bucket      %s, sealed with %s\n", config->buckets[i].name, config->buckets[i].active_key);
}

int sg_cli_check_config(const struct sg_cli_args *args)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(SG_CLI_MESSAGE_MAX);
    SG_CLEANUP(sg_cli_config_clear) struct sg_config *config = NULL;
    if (!sg_is_ok(sg_config_load(sg_cli_config_path(args), &config, &message)) ||
        !sg_is_ok(sg_config_check_files(config, &message)) || !sg_is_ok(check_tls(config, &message)))
        return sg_cli_fail_message(&message);
    warn(config);
    describe(config);
    return SG_EXIT_DONE;
}
