/* Is config.def consistent with itself and with the struct? */
#include "support/check_main.h"

#include "core/config_options.h"
#include "core/units.h"

#include "common/banned.h"

static const struct sg_option *option_at(size_t i)
{
    return i < SG_CONFIG_OPTION_COUNT ? &sg_config_options[i] : &sg_bucket_options[i - SG_CONFIG_OPTION_COUNT];
}

#define ALL (SG_CONFIG_OPTION_COUNT + SG_BUCKET_OPTION_COUNT)

static bool in_bounds(const struct sg_option *o, bool (*parse)(struct sg_bytes, uint64_t *))
{
    uint64_t least, most, value;
    ck_assert_msg(parse(sg_bytes_str(o->least), &least) && parse(sg_bytes_str(o->most), &most), "%s", o->path);
    ck_assert_msg(parse(sg_bytes_str(o->default_value), &value), "%s", o->path);
    return least <= value && value <= most;
}

START_TEST(defaults_are_in_bounds)
{
    for (size_t i = 0; i < ALL; i++) {
        const struct sg_option *o = option_at(i);
        if (o->type == SG_OPTION_COUNT)
            ck_assert_msg(in_bounds(o, sg_units_parse_count), "%s", o->path);
        if (o->type == SG_OPTION_SIZE)
            ck_assert_msg(in_bounds(o, sg_units_parse_size), "%s", o->path);
        if (o->type == SG_OPTION_DURATION)
            ck_assert_msg(in_bounds(o, sg_units_parse_duration), "%s", o->path);
        if (o->type == SG_OPTION_CHOICE)
            ck_assert_str_eq(o->default_value, o->least);
    }
}
END_TEST

START_TEST(numbers_fit_their_members)
{
    for (size_t i = 0; i < ALL; i++) {
        uint64_t most;
        const struct sg_option *o = option_at(i);
        if (o->type == SG_OPTION_COUNT)
            ck_assert(sg_units_parse_count(sg_bytes_str(o->most), &most) && most <= UINT32_MAX);
    }
}
END_TEST

START_TEST(names_and_members_are_unique)
{
    for (size_t i = 0; i < ALL; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct sg_option *a = option_at(i), *b = option_at(k);
            bool same_struct = (i < SG_CONFIG_OPTION_COUNT) == (k < SG_CONFIG_OPTION_COUNT);
            ck_assert(!same_struct || strcmp(a->path, b->path) != 0);
            ck_assert(!same_struct || a->offset != b->offset);
        }
    }
}
END_TEST

SG_TEST_MAIN("core/config_options", TEST(defaults_are_in_bounds), TEST(numbers_fit_their_members),
             TEST(names_and_members_are_unique))
