/* Idea: the table is config.def itself; this file only says what its words mean to the compiler. */
#include "core/config_options.h"

#include "common/banned.h"

/* The count of a list is found behind the list. */
_Static_assert(offsetof(struct sg_config, server.address_count) ==
                   offsetof(struct sg_config, server.addresses) + sizeof(char **),
               "count behind list");
_Static_assert(offsetof(struct sg_config, server.domain_count) ==
                   offsetof(struct sg_config, server.domains) + sizeof(char **),
               "count behind list");
_Static_assert(offsetof(struct sg_bucket_rule, key_count) == offsetof(struct sg_bucket_rule, keys) + sizeof(char **),
               "count behind list");
_Static_assert(sizeof(enum sg_metadata_mode) == sizeof(unsigned) && sizeof(enum sg_foreign_mode) == sizeof(unsigned),
               "a choice is stored as unsigned");

const char sg_option_required[] = "(required)";
#define REQUIRED sg_option_required

#define ROW(owner, where, type_, default_, least_, most_)                                                              \
    {                                                                                                                  \
        .path = #where,                                                                                                \
        .type = SG_OPTION_##type_,                                                                                     \
        .offset = offsetof(owner, SG_MEMBER_##type_(where)),                                                           \
        .default_value = (default_),                                                                                   \
        .least = (least_),                                                                                             \
        .most = (most_),                                                                                               \
    },

const struct sg_option sg_config_options[SG_CONFIG_OPTION_COUNT] = {
#define SG_OPTION(where, type, default_, least, most, help) ROW(struct sg_config, where, type, default_, least, most)
#define SG_OPTION_OF_BUCKET(...)
#include "core/config.def"
#undef SG_OPTION
#undef SG_OPTION_OF_BUCKET
};

const struct sg_option sg_bucket_options[SG_BUCKET_OPTION_COUNT] = {
#define SG_OPTION(...)
#define SG_OPTION_OF_BUCKET(where, type, default_, least, most, help)                                                  \
    ROW(struct sg_bucket_rule, where, type, default_, least, most)
#include "core/config.def"
#undef SG_OPTION
#undef SG_OPTION_OF_BUCKET
};
