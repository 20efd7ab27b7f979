/*
 * loop_h2o.h - struct sg_loop over libh2o's event loop.
 *
 * Idea       Sockets are libh2o's. Timers and jobs are our own: libh2o 2.2 times by the wall clock, which may jump.
 * Ownership  new() gives the loop to its thread; free() after everything that was watched, set or posted is gone.
 * Threads    Created, run and freed by one thread: libh2o keeps buffers per thread.
 * Units      Milliseconds of the monotonic clock.
 * Tests      tests/unit/server/test_loop_h2o.c
 */
#ifndef SG_SERVER_LOOP_H2O_H
#define SG_SERVER_LOOP_H2O_H

#include "common/loop.h"

struct st_h2o_evloop_t;

struct sg_loop *sg_loop_h2o_new(void);
void sg_loop_h2o_free(struct sg_loop *loop);

/* One turn: waits for descriptors until something happens, the next timer, or `max_wait_ms`; then runs what is due. */
void sg_loop_h2o_run(struct sg_loop *loop, uint64_t max_wait_ms);
/* Turns without waiting until no job is left, at most `turns` of them. */
void sg_loop_h2o_settle(struct sg_loop *loop, unsigned turns);

/* For code of gateway/server that makes sockets. */
struct st_h2o_evloop_t *sg_loop_h2o_evloop(struct sg_loop *loop);

#endif
