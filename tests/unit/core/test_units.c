/* Are numbers with units read exactly? */
#include "support/check_main.h"

#include "core/units.h"

#include "common/banned.h"

struct row {
    const char *text;
    bool good;
    uint64_t value;
};

static const struct row sizes[] = {
    {"0", true, 0},
    {"1", true, 1},
    {"1KiB", true, 1024},
    {"512MiB", true, 536870912},
    {"1GiB", true, 1073741824},
    {"2TiB", true, 2199023255552},
    {"18446744073709551615", true, UINT64_MAX},
    {"", false, 0},
    {"MiB", false, 0},
    {"1 MiB", false, 0},
    {" 1", false, 0},
    {"1MiB ", false, 0},
    {"1mib", false, 0},
    {"1MB", false, 0},
    {"1M", false, 0},
    {"1.5GiB", false, 0},
    {"-1", false, 0},
    {"+1", false, 0},
    {"0x10", false, 0},
    {"1KiBKiB", false, 0},
    {"18446744073709551616", false, 0},
    {"18014398509481984KiB", false, 0},
};

static const struct row durations[] = {
    {"0", true, 0},
    {"0s", true, 0},
    {"500ms", true, 500},
    {"30s", true, 30000},
    {"5m", true, 300000},
    {"1h", true, 3600000},
    {"", false, 0},
    {"30", false, 0},
    {"s", false, 0},
    {"30 s", false, 0},
    {"30sec", false, 0},
    {"30S", false, 0},
    {"1d", false, 0},
    {"-1s", false, 0},
    {"1.5s", false, 0},
    {"1m30s", false, 0},
    {"1us", false, 0},
    {"00", false, 0},
    {"18446744073709551615s", false, 0},
};

static const struct row counts[] = {
    {"0", true, 0},       {"10000", true, 10000},
    {"007", true, 7},     {"", false, 0},
    {"ten", false, 0},    {"-1", false, 0},
    {"1e3", false, 0},    {"1KiB", false, 0},
    {"10 000", false, 0}, {"99999999999999999999999", false, 0},
};

static void check(const struct row *row, bool good, uint64_t value)
{
    ck_assert_msg(good == row->good, "%s", row->text);
    if (good)
        ck_assert_uint_eq(value, row->value);
}

START_TEST(sizes_are_read)
{
    uint64_t value = 0;
    bool good = sg_units_parse_size(sg_bytes_str(sizes[_i].text), &value);
    check(&sizes[_i], good, value);
}
END_TEST

START_TEST(durations_are_read)
{
    uint64_t value = 0;
    bool good = sg_units_parse_duration(sg_bytes_str(durations[_i].text), &value);
    check(&durations[_i], good, value);
}
END_TEST

START_TEST(counts_are_read)
{
    uint64_t value = 0;
    bool good = sg_units_parse_count(sg_bytes_str(counts[_i].text), &value);
    check(&counts[_i], good, value);
}
END_TEST

START_TEST(only_yes_and_no_are_answers)
{
    static const char *const bad[] = {"", "Yes", "YES", "y", "n", "on", "off", "1", "0", "yes ", "fasle", "truee"};
    bool yes = false;
    ck_assert(sg_units_parse_yes_no(SG_BYTES_LIT("yes"), &yes) && yes);
    ck_assert(sg_units_parse_yes_no(SG_BYTES_LIT("no"), &yes) && !yes);
    ck_assert(sg_units_parse_yes_no(SG_BYTES_LIT("true"), &yes) && yes);
    ck_assert(sg_units_parse_yes_no(SG_BYTES_LIT("false"), &yes) && !yes);
    for (size_t i = 0; i < SG_COUNT_OF(bad); i++)
        ck_assert_msg(!sg_units_parse_yes_no(sg_bytes_str(bad[i]), &yes), "%s", bad[i]);
}
END_TEST

SG_TEST_MAIN("core/units", TEST_LOOP(sizes_are_read, SG_COUNT_OF(sizes)),
             TEST_LOOP(durations_are_read, SG_COUNT_OF(durations)), TEST_LOOP(counts_are_read, SG_COUNT_OF(counts)),
             TEST(only_yes_and_no_are_answers))
