/*
 * The signals stay blocked in every thread; a signalfd tells of them.
 */
#include "server/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/banned.h"

sg_err sg_signals_init(int *fd_out)
{
    sigset_t ends;
    SG_CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR && signal(SIGHUP, SIG_IGN) != SIG_ERR, INTERNAL);
    SG_CHECK(sigemptyset(&ends) == 0 && sigaddset(&ends, SIGTERM) == 0 && sigaddset(&ends, SIGINT) == 0, INTERNAL);
    SG_CHECK(sigprocmask(SIG_BLOCK, &ends, NULL) == 0, INTERNAL);
    *fd_out = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    SG_CHECK(*fd_out >= 0, INTERNAL);
    return SG_OK;
}

bool sg_signals_take(int fd)
{
    struct signalfd_siginfo one;
    return read(fd, &one, sizeof(one)) == (ssize_t)sizeof(one);
}
