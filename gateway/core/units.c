/* Idea: digits, then one row of a table of units; whatever else there is makes the whole text wrong. */
#include "core/units.h"

#include "common/limits.h"

#include "common/banned.h"

struct unit {
    const char *name;
    uint64_t factor;
};

static bool parse(struct sg_bytes text, const struct unit *units, size_t unit_count, uint64_t *out)
{
    size_t digits = 0;
    uint64_t number;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (!sg_bytes_to_u64(sg_bytes_slice(text, 0, digits), &number))
        return false;
    for (size_t i = 0; i < unit_count; i++) {
        if (!sg_bytes_eq_str(sg_bytes_skip(text, digits), units[i].name))
            continue;
        if (number > UINT64_MAX / units[i].factor)
            return false;
        *out = number * units[i].factor;
        return true;
    }
    return false;
}

bool sg_units_parse_count(struct sg_bytes text, uint64_t *out)
{
    static const struct unit units[] = {{"", 1}};
    return parse(text, units, SG_COUNT_OF(units), out);
}

bool sg_units_parse_size(struct sg_bytes text, uint64_t *out)
{
    static const struct unit units[] = {
        {"", 1}, {"KiB", SG_KIB}, {"MiB", SG_MIB}, {"GiB", SG_GIB}, {"TiB", 1024 * SG_GIB}};
    return parse(text, units, SG_COUNT_OF(units), out);
}

bool sg_units_parse_duration(struct sg_bytes text, uint64_t *out_ms)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    if (sg_bytes_eq_str(text, "0")) {
        *out_ms = 0;
        return true;
    }
    return parse(text, units, SG_COUNT_OF(units), out_ms);
}

bool sg_units_parse_yes_no(struct sg_bytes text, bool *out)
{
    bool yes = sg_bytes_eq_str(text, "yes") || sg_bytes_eq_str(text, "true");
    bool no = sg_bytes_eq_str(text, "no") || sg_bytes_eq_str(text, "false");
    if (!yes && !no)
        return false;
    *out = yes;
    return true;
}
