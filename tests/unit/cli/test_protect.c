/* Is the process what a debugger, a core dump and a child cannot get secrets out of? */
#include "support/check_main.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/protect.h"

#include "common/banned.h"

/* In a child, because what is given up cannot be had again. */
static void in_child(bool (*check)(void))
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(check() ? 0 : 1);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}

static bool is_protected(void)
{
    struct rlimit core;
    if (!sg_cli_protect() || !sg_cli_protect() || getrlimit(RLIMIT_CORE, &core) != 0)
        return false;
    return core.rlim_cur == 0 && core.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0 &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && umask(0) == 077;
}

static bool gets_standard_descriptors(void)
{
    for (int fd = 0; fd < 3; fd++)
        (void)close(fd);
    if (!sg_cli_protect())
        return false;
    int next = open("/dev/null", O_RDONLY);
    return fcntl(0, F_GETFD) == 0 && fcntl(1, F_GETFD) == 0 && fcntl(2, F_GETFD) == 0 && next > 2;
}

START_TEST(the_kernel_was_asked_for_everything)
{
    in_child(is_protected);
}
END_TEST

START_TEST(missing_standard_descriptors_are_opened)
{
    in_child(gets_standard_descriptors);
}
END_TEST

SG_TEST_MAIN("cli/protect", TEST(the_kernel_was_asked_for_everything), TEST(missing_standard_descriptors_are_opened))
