/* Are options and operands read by the table, and nothing else? */
#include "support/check_main.h"

#include "cli/args.h"

#include "common/banned.h"

static const struct sg_cli_command command = {
    .name = "test",
    .operand = "NAME",
    .summary = "",
    .options = {{"file", "FILE", "", true},
                {"fill", "TEXT", "", false},
                {"yes", NULL, "", false},
                {NULL, NULL, NULL, false}},
};

static const struct sg_cli_command without_operand = {
    .name = "test",
    .summary = "",
    .options = {{"yes", NULL, "", false}, {NULL, NULL, NULL, false}},
};

static enum sg_cli_parsed parse(const struct sg_cli_command *c, const char *const *words, struct sg_cli_args *out,
                                struct sgc_buf *message)
{
    char *argv[16];
    int argc = 0;
    for (; words[argc] != NULL; argc++)
        memcpy(&argv[argc], &words[argc], sizeof(argv[argc]));
    return sg_cli_args_parse(c, argc, argv, out, message);
}

static const struct {
    const char *words[8];
    const char *file, *fill, *yes, *operand;
} good[] = {
    {{"--file", "a", "n"}, "a", NULL, NULL, "n"},
    {{"--file=a", "n"}, "a", NULL, NULL, "n"},
    {{"n", "--file=a=b"}, "a=b", NULL, NULL, "n"},
    {{"n", "--yes", "--file", "--yes"}, "--yes", NULL, "", "n"},
    {{"--file", "a", "--fill", "-", "-"}, "a", "-", NULL, "-"},
    {{"--file", "a", "--", "--yes"}, "a", NULL, NULL, "--yes"},
    {{"--fill=x y", "--file", "a", "n", "--yes"}, "a", "x y", "", "n"},
};

static void check(const char *found, const char *expected)
{
    if (expected == NULL)
        ck_assert_ptr_null(found);
    else
        ck_assert_pstr_eq(found, expected);
}

START_TEST(good_words_are_read)
{
    struct sg_cli_args args;
    ck_assert_int_eq(parse(&command, good[_i].words, &args, NULL), SG_CLI_PARSED);
    check(sg_cli_value(&args, "file"), good[_i].file);
    check(sg_cli_value(&args, "fill"), good[_i].fill);
    check(sg_cli_value(&args, "yes"), good[_i].yes);
    check(args.operand, good[_i].operand);
}
END_TEST

static const struct {
    const char *words[8];
    const char *said;
} bad[] = {
    {{NULL}, "--file FILE is missing"},
    {{"n"}, "--file FILE is missing"},
    {{"--file", "a"}, "NAME is missing"},
    {{"--file"}, "--file needs a value"},
    {{"--file", ""}, "--file needs a value"},
    {{"--file="}, "--file needs a value"},
    {{"--file", "a", "--file", "b", "n"}, "--file stands twice"},
    {{"--yes", "--yes"}, "--yes stands twice"},
    {{"--yes=1"}, "--yes takes no value"},
    {{"--yes="}, "--yes takes no value"},
    {{"--fil", "a"}, "there is no option --fil"},
    {{"--files", "a"}, "there is no option --files"},
    {{"--File", "a"}, "there is no option --File"},
    {{"--=a"}, "there is no option --=a"},
    {{"-f", "a"}, "there is no option -f"},
    {{"-yes"}, "there is no option -yes"},
    {{"a", "b"}, "'b' is one word too many"},
    {{"a", "--", "--file"}, "'--file' is one word too many"},
    {{""}, "'' is one word too many"},
};

START_TEST(bad_words_are_refused)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(200);
    struct sg_cli_args args;
    ck_assert_int_eq(parse(&command, bad[_i].words, &args, &message), SG_CLI_WRONG);
    ck_assert_msg(sg_bytes_has_prefix(sgc_buf_view(&message), sg_bytes_str(bad[_i].said)), "%.*s",
                  SG_BYTES_FMT(sgc_buf_view(&message)));
}
END_TEST

START_TEST(help_comes_before_what_is_missing)
{
    struct sg_cli_args args;
    ck_assert_int_eq(parse(&command, (const char *const[]){"--help", NULL}, &args, NULL), SG_CLI_HELP);
    ck_assert_int_eq(parse(&command, (const char *const[]){"n", "-h", NULL}, &args, NULL), SG_CLI_HELP);
    ck_assert_int_eq(parse(&command, (const char *const[]){"--file", "--help", "n", NULL}, &args, NULL), SG_CLI_PARSED);
}
END_TEST

START_TEST(a_command_without_operand_takes_none)
{
    struct sg_cli_args args;
    ck_assert_int_eq(parse(&without_operand, (const char *const[]){"--yes", NULL}, &args, NULL), SG_CLI_PARSED);
    ck_assert_int_eq(parse(&without_operand, (const char *const[]){"n", NULL}, &args, NULL), SG_CLI_WRONG);
    ck_assert_int_eq(parse(&without_operand, (const char *const[]){NULL}, &args, NULL), SG_CLI_PARSED);
}
END_TEST

SG_TEST_MAIN("cli/args", TEST_LOOP(good_words_are_read, SG_COUNT_OF(good)),
             TEST_LOOP(bad_words_are_refused, SG_COUNT_OF(bad)), TEST(help_comes_before_what_is_missing),
             TEST(a_command_without_operand_takes_none))
