/* Idea: a list of requests to the kernel, each of which must succeed. */
#include "cli/protect.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/banned.h"

/* Started without them, the next file to be opened would become standard error, and get the messages. */
static bool open_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* open() takes the lowest number that is free. */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    }
    return true;
}

bool sg_cli_protect(void)
{
    const struct rlimit no_core = {0, 0};
    (void)umask(077);
    return open_standard_descriptors() && setrlimit(RLIMIT_CORE, &no_core) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}
