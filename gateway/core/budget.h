/*
 * budget.h - admission: bytes reserved before work begins, first come, first served.
 *
 * Ownership  The waiter is embedded in its owner; cancel() before the owner goes.
 * Threads    One budget per worker.
 * Units      Bytes, milliseconds.
 * Tests      tests/unit/core/test_budget.c
 */
#ifndef SG_CORE_BUDGET_H
#define SG_CORE_BUDGET_H

#include "common/err.h"
#include "common/loop.h"

struct sg_budget {
    struct sg_loop *loop;
    uint64_t total, used;
    uint64_t wait_ms;
    struct sg_budget_waiter *first, *last;
};

struct sg_budget_waiter {
    /* Called from the loop: SG_OK with the bytes reserved, or SLOW_DOWN after wait_ms. */
    void (*on_ready)(void *ctx, sg_err err);
    void *ctx;
    uint64_t bytes;
    struct sg_timer timer;
    struct sg_job job;
    struct sg_budget *budget;
    struct sg_budget_waiter *next, *prev;
    bool queued;
};

void sg_budget_init(struct sg_budget *b, struct sg_loop *loop, uint64_t total, uint64_t wait_ms);
/* True: reserved now. False: the waiter is queued and will be called. LIMIT-sized requests (above total) are never
 * ready: they time out. */
SG_MUST bool sg_budget_reserve(struct sg_budget *b, uint64_t bytes, struct sg_budget_waiter *waiter);
void sg_budget_cancel(struct sg_budget_waiter *waiter);
void sg_budget_release(struct sg_budget *b, uint64_t bytes);

#endif
