/*
 * loop.h - the event loop as everybody below gateway/server sees it: watch a descriptor, set a timer, post a job.
 *
 * Ownership  Timers and jobs are embedded in their owner's structs; the loop links them and frees nothing. Clear a
 *            timer and cancel a job before its owner goes.
 * Lifetime   A watch lives from watch() to unwatch(); unwatch() may be called from inside its own callback.
 * Threads    One loop, one thread.
 * Units      Milliseconds of the monotonic clock.
 * Tests      tests/support/fake_loop.c implements it with hand-turned time; gateway/server/loop_h2o.c over libh2o.
 */
#ifndef SG_COMMON_LOOP_H
#define SG_COMMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/attrs.h"

#define SG_LOOP_IN  1u
#define SG_LOOP_OUT 2u

struct sg_loop;
struct sg_watch; /* the implementation's own */

typedef void sg_watch_fn(void *ctx, unsigned events);
typedef void sg_loop_fn(void *ctx);

/* Zero-initialise, then set fn and ctx. The other fields belong to the loop. */
struct sg_timer {
    sg_loop_fn *fn;
    void *ctx;
    uint64_t deadline_ms;
    uint32_t slot; /* place in the loop's heap, from 1; 0 = not set */
};

/* Zero-initialise, then set fn and ctx. The other fields belong to the loop. */
struct sg_job {
    sg_loop_fn *fn;
    void *ctx;
    struct sg_job *next, *prev; /* NULL = not posted */
};

struct sg_loop_ops {
    uint64_t (*now_ms)(struct sg_loop *loop);
    /* Watches `fd` (which stays the caller's) for nothing until watch_set(). */
    struct sg_watch *(*watch)(struct sg_loop *loop, int fd, sg_watch_fn *fn, void *ctx);
    void (*watch_set)(struct sg_watch *watch, unsigned events);
    void (*unwatch)(struct sg_watch *watch);
    /* Sets or moves a timer; it fires once. */
    void (*timer_set)(struct sg_loop *loop, struct sg_timer *timer, uint64_t delay_ms);
    void (*timer_clear)(struct sg_loop *loop, struct sg_timer *timer);
    /* Runs the job once, soon, from the loop itself and never nested in the caller. Posting twice is posting once. */
    void (*post)(struct sg_loop *loop, struct sg_job *job);
    void (*cancel)(struct sg_loop *loop, struct sg_job *job);
};

struct sg_loop {
    const struct sg_loop_ops *ops;
};

static inline uint64_t sg_loop_now_ms(struct sg_loop *loop)
{
    return loop->ops->now_ms(loop);
}

static inline void sg_timer_set(struct sg_loop *loop, struct sg_timer *timer, uint64_t delay_ms)
{
    loop->ops->timer_set(loop, timer, delay_ms);
}

static inline void sg_timer_clear(struct sg_loop *loop, struct sg_timer *timer)
{
    loop->ops->timer_clear(loop, timer);
}

static inline void sg_job_post(struct sg_loop *loop, struct sg_job *job)
{
    loop->ops->post(loop, job);
}

static inline void sg_job_cancel(struct sg_loop *loop, struct sg_job *job)
{
    loop->ops->cancel(loop, job);
}

#endif
