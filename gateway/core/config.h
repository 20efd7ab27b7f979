/*
 * config.h - the configuration as the program uses it: read once, checked, never changed.
 *
 * Idea       One YAML file, described by the table config.def, from which docs/configuration.md is generated too.
 * Secrets are files named by it; relative names start at the configuration file's folder. Environment variables may
 * name those files instead: SEALGATE_KEYRING, SEALGATE_CREDENTIALS, SEALGATE_UPSTREAM_CREDENTIALS,
 *            SEALGATE_UPSTREAM_CA.
 * Ownership  A config owns everything in it until free().
 * Threads    Read-only after load().
 * Units      Bytes and milliseconds, unless a name says otherwise.
 * Errors     CONFIG with a message "FILE:LINE: what is wrong; what to do".
 * Not here   What stands in the files it names: config_files.h.
 * Tests      tests/unit/core/test_config.c, tests/fuzz/fuzz_config.c
 */
#ifndef SG_CORE_CONFIG_H
#define SG_CORE_CONFIG_H

#include "crypto/buf.h"
#include "crypto/keyring.h"
#include "s3client/endpoint.h"

#define SG_CONFIG_KEYS_MAX 16u

enum sg_metadata_mode { SG_METADATA_SEALED, SG_METADATA_PLAIN };
enum sg_foreign_mode { SG_FOREIGN_REFUSE, SG_FOREIGN_PASS }; /* objects without an envelope */

/* What holds for a bucket; the row named "*" holds for buckets that are not listed. */
struct sg_bucket_rule {
    char *name;     /* client-visible bucket name, or "*" */
    char *identity; /* for the envelope; NULL = the name */
    char **keys;    /* NAME:VERSIONs that may open objects */
    unsigned key_count;
    char *active_key; /* one of keys: seals new objects */
    enum sg_metadata_mode metadata;
    enum sg_foreign_mode foreign;
};

struct sg_config {
    char *path; /* of the file it came from */

    struct {
        char **addresses; /* host:port, HTTPS */
        unsigned address_count;
        char *certificate; /* PEM chain */
        char *key;         /* PEM */
        char *refuse_http; /* host:port of the listener that refuses plain HTTP; NULL = none */
        char *admin;       /* host:port; NULL = none */
        char **domains;    /* virtual-host style: bucket.DOMAIN */
        unsigned domain_count;
        unsigned workers; /* 0 = one per processor */
        uint64_t idle_timeout_ms;
        uint64_t head_timeout_ms;
        uint64_t stall_timeout_ms;
        uint64_t shutdown_timeout_ms;
        unsigned max_connections;
    } server;

    struct {
        char *endpoint; /* https://... */
        char *region;
        char *ca_file;     /* NULL = the system's store */
        char *credentials; /* file: access key id and secret */
        bool virtual_host;
        uint64_t connect_timeout_ms;
        uint64_t stall_timeout_ms;
        uint64_t idle_timeout_ms;
        unsigned max_connections; /* per worker */
    } upstream;

    char *region;       /* the gateway's own */
    bool strict_region; /* refuse signatures for other regions */
    char *credentials;  /* file: clients' access keys */
    char *keyring;      /* file */
    char *state_bucket;

    struct sg_bucket_rule *buckets;
    unsigned bucket_count;

    struct {
        uint64_t memory; /* all workers together, for bodies in flight */
        uint64_t wait_ms;
        uint64_t part_tables;      /* all workers together */
        unsigned part_table_count; /* per worker */
    } limits;

    struct {
        char *access; /* file, or "-" for standard output; NULL = none */
        bool hash_keys;
    } log;
};

#define SG_CONFIG_SIZE_MAX (1u << 20)

/* Reads and checks the file itself; files it names are checked by sg_config_check_files(). `message` may be NULL. */
SG_MUST sg_err sg_config_load(const char *path, struct sg_config **out, struct sgc_buf *message);
/* The same from a text that is said to come from `path`. */
SG_MUST sg_err sg_config_parse(const char *path, struct sg_bytes text, struct sg_config **out, struct sgc_buf *message);
void sg_config_free(struct sg_config *config);

/* The rule for a bucket: its own, or "*", or NULL when the bucket is not configured. Also NULL for the state bucket,
 * and under "*" for a bucket named like the identity of another, because the objects of the two could not be told
 * apart. */
const struct sg_bucket_rule *sg_config_bucket(const struct sg_config *config, struct sg_bytes bucket);
/* The bucket's identity under that rule. */
struct sg_bytes sg_config_identity(const struct sg_bucket_rule *rule, struct sg_bytes bucket);
SG_MUST bool sg_config_key_allowed(const struct sg_bucket_rule *rule, const char *kek_id);

#endif
