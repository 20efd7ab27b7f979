/*
 * check_main.h - the main() of a unit test: one suite, its cases, the runner's closing line.
 *
 * Usage      SG_TEST_MAIN("crypto/buf", TEST(a_case), TEST_LOOP(cases_of_a_table, SG_COUNT_OF(table)))
 *            with the cases written as START_TEST(a_case) ... END_TEST before it.
 */
#ifndef SG_TESTS_CHECK_MAIN_H
#define SG_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

#include "common/attrs.h"
#include "common/err.h"

struct sg_test_row {
    const TTest *test;
    int count; /* 0 = a plain test, otherwise a loop test from 0 to count */
};

#define TEST(name)                                                                                                     \
    {                                                                                                                  \
        (name), 0                                                                                                      \
    }
#define TEST_LOOP(name, times)                                                                                         \
    {                                                                                                                  \
        (name), (int)(times)                                                                                           \
    }

/* For loops: libcheck notes every assertion that holds, which takes longer than most of what is tested. */
#define ck_quick(condition)                                                                                            \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            ck_abort_msg("%s does not hold", #condition);                                                              \
    } while (0)

#define ck_ok(call)                                                                                                    \
    ck_assert_msg(sg_is_ok(call), "%s failed: first at %s:%d", #call, sg_err_site.file, sg_err_site.line)
#define ck_fails(call, NAME)                                                                                           \
    do {                                                                                                               \
        sg_err ck_err_ = (call);                                                                                       \
        ck_assert_msg(ck_err_.code == SG_CODE_##NAME, "%s gave %s, not " #NAME, #call, sg_err_row(ck_err_)->name);     \
    } while (0)

#define SG_TEST_MAIN(suite_name, ...)                                                                                  \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const struct sg_test_row sg_test_rows[] = {__VA_ARGS__};                                                       \
        Suite *suite = suite_create(suite_name);                                                                       \
        for (size_t i = 0; i < SG_COUNT_OF(sg_test_rows); i++) {                                                       \
            TCase *tcase = tcase_create(sg_test_rows[i].test->name);                                                   \
            tcase_set_timeout(tcase, 300);                                                                             \
            if (sg_test_rows[i].count == 0)                                                                            \
                tcase_add_test(tcase, sg_test_rows[i].test);                                                           \
            else                                                                                                       \
                tcase_add_loop_test(tcase, sg_test_rows[i].test, 0, sg_test_rows[i].count);                            \
            suite_add_tcase(suite, tcase);                                                                             \
        }                                                                                                              \
        SRunner *runner = srunner_create(suite);                                                                       \
        srunner_run_all(runner, CK_NORMAL);                                                                            \
        int failed = srunner_ntests_failed(runner);                                                                    \
        srunner_free(runner);                                                                                          \
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                                              \
    }

#endif
