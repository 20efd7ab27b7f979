/*
 * Idea: one function for each thing that can be wrong, each ending in a sentence that says what to do. Order does not
 * matter but for the reader.
 */
#include "core/config_reader.h"

#include "core/bucket_name.h"
#include "core/units.h"

#include "common/banned.h"

#define OPTION_NAME_SIZE 128u
#define REGION_MAX       63u

static const char *entry_name(char room[OPTION_NAME_SIZE], const char *list, unsigned index)
{
    (void)snprintf(room, OPTION_NAME_SIZE, "%s[%u]", list, index);
    return room;
}

static const char *bucket_option(char room[OPTION_NAME_SIZE], unsigned index, const char *option)
{
    (void)snprintf(room, OPTION_NAME_SIZE, "buckets[%u].%s", index, option);
    return room;
}

/* --- server --- */

static bool is_host_character(uint8_t c)
{
    uint8_t lower = sg_ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool is_host(struct sg_bytes host)
{
    for (size_t i = 0; i < host.len; i++) {
        if (!is_host_character(host.ptr[i]))
            return false;
    }
    return true;
}

static bool is_ipv6(struct sg_bytes inner)
{
    for (size_t i = 0; i < inner.len; i++) {
        uint8_t lower = sg_ascii_lower(inner.ptr[i]);
        if ((lower < 'a' || lower > 'f') && (lower < '0' || lower > '9') && lower != ':' && lower != '.')
            return false;
    }
    return inner.len > 1;
}

/* HOST:PORT, [IPV6]:PORT, :PORT. Whether the address exists is for the kernel to say. */
static bool is_address(struct sg_bytes text)
{
    uint64_t port;
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || !sg_units_parse_count(sg_bytes_skip(text, colon), &port) || port == 0 || port > 65535)
        return false;
    struct sg_bytes host = sg_bytes_slice(text, 0, colon - 1);
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        return is_ipv6(sg_bytes_slice(host, 1, host.len - 2));
    return is_host(host);
}

static sg_err check_address(const struct sg_config_reader *r, const char *option, const char *address)
{
    if (address == NULL || is_address(sg_bytes_str(address)))
        return SG_OK;
    return sg_config_refuse(r, option, "'%s' is not an address; write HOST:PORT, [IPV6]:PORT or :PORT", address);
}

static sg_err check_apart(const struct sg_config_reader *r, const char *option, const char *address, const char *other)
{
    if (address == NULL || other == NULL || strcmp(address, other) != 0)
        return SG_OK;
    return sg_config_refuse(r, option, "%s is used for another listener too; choose another port", address);
}

static sg_err check_addresses(const struct sg_config_reader *r, const struct sg_config *config)
{
    char name[OPTION_NAME_SIZE];
    SG_TRY(check_address(r, "server.refuse_http", config->server.refuse_http));
    SG_TRY(check_address(r, "server.admin", config->server.admin));
    SG_TRY(check_apart(r, "server.admin", config->server.admin, config->server.refuse_http));
    for (unsigned i = 0; i < config->server.address_count; i++) {
        const char *address = config->server.addresses[i];
        entry_name(name, "server.addresses", i);
        SG_TRY(check_address(r, name, address));
        SG_TRY(check_apart(r, name, address, config->server.refuse_http));
        SG_TRY(check_apart(r, name, address, config->server.admin));
        for (unsigned k = 0; k < i; k++)
            SG_TRY(check_apart(r, name, address, config->server.addresses[k]));
    }
    return SG_OK;
}

static sg_err check_domains(const struct sg_config_reader *r, const struct sg_config *config)
{
    char name[OPTION_NAME_SIZE];
    for (unsigned i = 0; i < config->server.domain_count; i++) {
        struct sg_bytes domain = sg_bytes_str(config->server.domains[i]);
        struct sg_bytes dot = SG_BYTES_LIT(".");
        bool dotted = sg_bytes_has_prefix(domain, dot) || sg_bytes_has_suffix(domain, dot);
        if (!is_host(domain) || dotted)
            return sg_config_refuse(r, entry_name(name, "server.domains", i),
                                    "'%s' is not a domain; write only its name, such as s3.example.com",
                                    config->server.domains[i]);
    }
    return SG_OK;
}

/* --- upstream and regions --- */

static sg_err check_endpoint(const struct sg_config_reader *r, const struct sg_config *config)
{
    struct sgs_endpoint endpoint;
    struct sg_bytes url = sg_bytes_str(config->upstream.endpoint);
    if (sg_bytes_has_prefix_nocase(url, SG_BYTES_LIT("http:")))
        return sg_config_refuse(r, "upstream.endpoint",
                                "plain HTTP to the storage is not possible; use its https:// endpoint");
    if (!sg_is_ok(sgs_endpoint_parse(url, config->upstream.virtual_host, &endpoint)))
        return sg_config_refuse(
            r, "upstream.endpoint",
            "'%s' is not an endpoint; write https://HOST or https://HOST:PORT, without path or user",
            config->upstream.endpoint);
    return SG_OK;
}

static sg_err check_region(const struct sg_config_reader *r, const char *option, const char *region)
{
    struct sg_bytes text = sg_bytes_str(region);
    bool good = text.len <= REGION_MAX;
    for (size_t i = 0; i < text.len; i++)
        good = good && (is_host_character(text.ptr[i]) || text.ptr[i] == '_');
    if (good)
        return SG_OK;
    return sg_config_refuse(r, option, "'%s' is not a region; use at most %u letters, digits, '-', '_' and '.'", region,
                            REGION_MAX);
}

/* --- buckets --- */

static bool is_any(const struct sg_bucket_rule *rule)
{
    return strcmp(rule->name, "*") == 0;
}

static const char *identity_of(const struct sg_bucket_rule *rule)
{
    return rule->identity == NULL ? rule->name : rule->identity;
}

static sg_err check_names(const struct sg_config_reader *r, const struct sg_config *config, unsigned i)
{
    const struct sg_bucket_rule *rule = &config->buckets[i];
    char name[OPTION_NAME_SIZE];
    if (!is_any(rule) && !sg_bucket_name_is_valid(sg_bytes_str(rule->name)))
        return sg_config_refuse(
            r, bucket_option(name, i, "name"),
            "'%s' is neither a bucket name nor *; names have 3 to 63 lower-case letters, digits, '-', '.'", rule->name);
    if (strcmp(rule->name, config->state_bucket) == 0)
        return sg_config_refuse(r, bucket_option(name, i, "name"),
                                "%s is the state bucket, which clients cannot use; remove the entry", rule->name);
    if (rule->identity == NULL)
        return SG_OK;
    if (is_any(rule))
        return sg_config_refuse(r, bucket_option(name, i, "identity"),
                                "the entry for * is for many buckets and cannot have one identity; remove the line");
    if (!sg_bucket_name_is_valid(sg_bytes_str(rule->identity)))
        return sg_config_refuse(r, bucket_option(name, i, "identity"), "'%s' is not a bucket name", rule->identity);
    return SG_OK;
}

/* Objects are bound to an identity: two buckets with the same one could be given each other's objects. FMT-20 */
static sg_err check_apart_buckets(const struct sg_config_reader *r, const struct sg_config *config, unsigned i,
                                  unsigned k)
{
    const struct sg_bucket_rule *a = &config->buckets[i], *b = &config->buckets[k];
    char name[OPTION_NAME_SIZE];
    if (strcmp(a->name, b->name) == 0)
        return sg_config_refuse(r, bucket_option(name, i, "name"), "%s has an entry already; remove one of them",
                                a->name);
    if (strcmp(identity_of(a), identity_of(b)) == 0)
        return sg_config_refuse(r, bucket_option(name, i, a->identity != NULL ? "identity" : "name"),
                                "%s is the identity of bucket %s already; identities must differ", identity_of(a),
                                b->name);
    if (strcmp(a->name, identity_of(b)) == 0 || strcmp(b->name, identity_of(a)) == 0)
        return sg_config_refuse(r, bucket_option(name, i, "name"),
                                "one of the buckets %s and %s is named like the other's identity; rename it", a->name,
                                b->name);
    return SG_OK;
}

static sg_err check_keys(const struct sg_config_reader *r, const struct sg_config *config, unsigned i)
{
    const struct sg_bucket_rule *rule = &config->buckets[i];
    char list[OPTION_NAME_SIZE], name[OPTION_NAME_SIZE + 16];
    bucket_option(list, i, "keys");
    for (unsigned k = 0; k < rule->key_count; k++) {
        (void)snprintf(name, sizeof(name), "%s[%u]", list, k);
        if (!sgc_kek_id_is_valid(sg_bytes_str(rule->keys[k])))
            return sg_config_refuse(r, name, "'%s' is not a key; write NAME:VERSION, such as main:1", rule->keys[k]);
        for (unsigned j = 0; j < k; j++) {
            if (strcmp(rule->keys[j], rule->keys[k]) == 0)
                return sg_config_refuse(r, name, "%s stands in this list already; remove one of them", rule->keys[k]);
        }
    }
    if (sg_config_key_allowed(rule, rule->active_key))
        return SG_OK;
    return sg_config_refuse(r, bucket_option(list, i, "active_key"),
                            "%s is not one of this bucket's keys; add it there", rule->active_key);
}

static sg_err check_buckets(const struct sg_config_reader *r, const struct sg_config *config)
{
    for (unsigned i = 0; i < config->bucket_count; i++) {
        SG_TRY(check_names(r, config, i));
        SG_TRY(check_keys(r, config, i));
        for (unsigned k = 0; k < i; k++)
            SG_TRY(check_apart_buckets(r, config, i, k));
    }
    return SG_OK;
}

sg_err sg_config_check(const struct sg_config_reader *r, const struct sg_config *config)
{
    SG_TRY(check_addresses(r, config));
    SG_TRY(check_domains(r, config));
    SG_TRY(check_endpoint(r, config));
    SG_TRY(check_region(r, "region", config->region));
    SG_TRY(check_region(r, "upstream.region", config->upstream.region));
    if (!sg_bucket_name_is_valid(sg_bytes_str(config->state_bucket)))
        return sg_config_refuse(r, "state_bucket", "'%s' is not a bucket name", config->state_bucket);
    return check_buckets(r, config);
}
