/* Does every level help, and does every wrong word get an answer? */
#include "rig.h"

#include <string.h>

#include "cli/cli.h"

#include "common/banned.h"

static const char *const help[][4] = {
    {"sealgate", "--help", NULL},
    {"sealgate", "-h", NULL},
    {"sealgate", "help", NULL},
    {"sealgate", "key", "--help", NULL},
    {"sealgate", "credential", "--help", NULL},
    {"sealgate", "serve", "--help", NULL},
    {"sealgate", "check-config", "-h", NULL},
    {"sealgate", "key", "new", "--help"},
    {"sealgate", "key", "list", "--help"},
    {"sealgate", "key", "retire", "--help"},
    {"sealgate", "credential", "new", "--help"},
    {"sealgate", "open", "--help", NULL},
    {"sealgate", "version", "--help", NULL},
};

START_TEST(there_is_help_at_each_level)
{
    struct rig rig;
    const char *words[5] = {help[_i][0], help[_i][1], help[_i][2], help[_i][3], NULL};
    rig_init(&rig);
    ck_assert_int_eq(rig_run_words(&rig, words), 0);
    ck_assert_int_eq(strncmp(rig.out, "Usage: sealgate ", 16), 0);
    ck_assert_str_eq(rig.err, "");
    for (const char *line = rig.out; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 120);
    rig_clear(&rig);
}
END_TEST

START_TEST(the_overview_names_every_command_and_exit_code)
{
    static const char *const names[] = {"serve",      "check-config",   "key new",       "key list",
                                        "key retire", "credential new", "open",          "version",
                                        "0 done",     "1 failed",       "2 wrong usage", "3 the object"};
    struct rig rig;
    rig_init(&rig);
    ck_assert_int_eq(rig_run(&rig, "--help"), 0);
    for (size_t i = 0; i < SG_COUNT_OF(names); i++)
        ck_contains(rig.out, names[i]);
    ck_assert_int_eq(rig_run(&rig, "key", "--help"), 0);
    ck_contains(rig.out, "key retire");
    ck_lacks(rig.out, "serve");
    rig_clear(&rig);
}
END_TEST

static const struct {
    const char *words[5];
    const char *said;
} wrong[] = {
    {{"sealgate"}, "Usage: sealgate COMMAND"},
    {{"sealgate", "nonsense"}, "there is no command 'nonsense'"},
    {{"sealgate", ""}, "there is no command ''"},
    {{"sealgate", "--nonsense"}, "there is no command '--nonsense'"},
    {{"sealgate", "new"}, "there is no command 'new'"},
    {{"sealgate", "key"}, "Usage: sealgate key COMMAND"},
    {{"sealgate", "key", "nonsense"}, "there is no command 'key nonsense'"},
    {{"sealgate", "key", "open"}, "there is no command 'key open'"},
    {{"sealgate", "credential"}, "Usage: sealgate credential COMMAND"},
    {{"sealgate", "serve", "--nonsense"}, "there is no option --nonsense"},
    {{"sealgate", "serve", "--config"}, "--config needs a value: --config FILE"},
    {{"sealgate", "serve", "now"}, "'now' is one word too many"},
    {{"sealgate", "open"}, "--body FILE is missing"},
    {{"sealgate", "key", "new"}, "NAME is missing"},
};

START_TEST(wrong_words_are_explained)
{
    struct rig rig;
    rig_init(&rig);
    ck_assert_int_eq(rig_run_words(&rig, wrong[_i].words), 2);
    ck_contains(rig.err, wrong[_i].said);
    ck_contains(rig.err, "Usage: sealgate");
    ck_assert_str_eq(rig.out, "");
    rig_clear(&rig);
}
END_TEST

START_TEST(the_version_is_told)
{
    struct rig rig;
    rig_init(&rig);
    ck_assert_int_eq(rig_run(&rig, "version"), 0);
    ck_assert_str_eq(rig.out, "sealgate " SG_VERSION "\n");
    ck_assert_int_eq(rig_run(&rig, "--version"), 0);
    ck_assert_str_eq(rig.out, "sealgate " SG_VERSION "\n");
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/cli", TEST_LOOP(there_is_help_at_each_level, SG_COUNT_OF(help)),
             TEST(the_overview_names_every_command_and_exit_code),
             TEST_LOOP(wrong_words_are_explained, SG_COUNT_OF(wrong)), TEST(the_version_is_told))
