/* The configuration: whatever the file holds, there is a configuration that answers questions, or a message with its
 * name. */
#include "core/config.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sg_config *config)
{
    sg_assert(config->server.address_count > 0 && config->bucket_count > 0);
    sg_assert(sg_config_bucket(config, sg_bytes_str(config->state_bucket)) == NULL);
    for (unsigned i = 0; i < config->bucket_count; i++) {
        const struct sg_bucket_rule *rule = &config->buckets[i];
        sg_assert(sg_config_key_allowed(rule, rule->active_key));
        if (strcmp(rule->name, "*") != 0)
            sg_assert(sg_config_bucket(config, sg_bytes_str(rule->name)) == rule);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(1024);
    struct sg_config *config = NULL;
    sg_err err = sg_config_parse("fuzz.yaml", sg_bytes(data, size), &config, &message);
    sg_assert(sg_is_ok(err) == (config != NULL));
    sg_assert(sg_is_ok(err) || sg_bytes_has_prefix(sgc_buf_view(&message), SG_BYTES_LIT("fuzz.yaml:")));
    if (config != NULL)
        check(config);
    sg_config_free(config);
    return 0;
}
