/*
 * signals.h - signals as readable bytes, so that nothing ever runs inside a handler.
 *
 * Idea       SIGTERM and SIGINT ask for the end: the first one an orderly one, the second one at once. SIGPIPE and
 *            SIGHUP are ignored.
 * Threads    init() before any thread, so that all of them inherit the mask.
 * Tests      tests/unit/server/test_wire.py (Shutdown)
 */
#ifndef SG_SERVER_SIGNALS_H
#define SG_SERVER_SIGNALS_H

#include <stdbool.h>

#include "common/err.h"

/* A descriptor that is readable when a signal came. */
SG_MUST sg_err sg_signals_init(int *fd_out);
/* True when one was taken. */
SG_MUST bool sg_signals_take(int fd);

#endif
