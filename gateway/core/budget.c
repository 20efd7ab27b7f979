/*
 * Idea: a counter and a line of waiters. Whoever stands first goes first, also when a later one would fit, so that
 * large requests are not starved; only a request larger than the whole budget, which could never go, is stepped over
 * until its time is up.
 *
 * A waiter is in one of three states: not ours (budget is NULL), in the line (queued), or granted with its job posted.
 */
#include "core/budget.h"

#include "common/banned.h"

static bool fits(const struct sg_budget *b, uint64_t bytes)
{
    return bytes <= b->total && b->used <= b->total - bytes;
}

static void unlink_waiter(struct sg_budget_waiter *w)
{
    struct sg_budget *b = w->budget;
    *(w->prev != NULL ? &w->prev->next : &b->first) = w->next;
    *(w->next != NULL ? &w->next->prev : &b->last) = w->prev;
    w->next = w->prev = NULL;
    w->queued = false;
    sg_timer_clear(b->loop, &w->timer);
}

static void link_last(struct sg_budget *b, struct sg_budget_waiter *w)
{
    w->next = NULL;
    w->prev = b->last;
    *(b->last != NULL ? &b->last->next : &b->first) = w;
    b->last = w;
    w->budget = b;
    w->queued = true;
}

static void grant(struct sg_budget_waiter *w)
{
    struct sg_budget *b = w->budget;
    unlink_waiter(w);
    b->used += w->bytes;
    sg_job_post(b->loop, &w->job);
}

static void grant_from_the_front(struct sg_budget *b)
{
    struct sg_budget_waiter *next;
    for (struct sg_budget_waiter *w = b->first; w != NULL; w = next) {
        next = w->next;
        if (w->bytes > b->total)
            continue;
        if (!fits(b, w->bytes))
            return;
        grant(w);
    }
}

static void on_granted(void *ctx)
{
    struct sg_budget_waiter *w = ctx;
    w->budget = NULL;
    w->on_ready(w->ctx, SG_OK);
}

static void on_timeout(void *ctx)
{
    struct sg_budget_waiter *w = ctx;
    struct sg_budget *b = w->budget;
    unlink_waiter(w);
    w->budget = NULL;
    grant_from_the_front(b);
    w->on_ready(w->ctx, SG_ERR_OF(SLOW_DOWN));
}

void sg_budget_init(struct sg_budget *b, struct sg_loop *loop, uint64_t total, uint64_t wait_ms)
{
    *b = (struct sg_budget){.loop = loop, .total = total, .wait_ms = wait_ms};
}

bool sg_budget_reserve(struct sg_budget *b, uint64_t bytes, struct sg_budget_waiter *waiter)
{
    sg_assert(waiter->budget == NULL);
    if (b->first == NULL && fits(b, bytes)) {
        b->used += bytes;
        return true;
    }
    waiter->bytes = bytes;
    waiter->timer = (struct sg_timer){.fn = on_timeout, .ctx = waiter};
    waiter->job = (struct sg_job){.fn = on_granted, .ctx = waiter};
    link_last(b, waiter);
    sg_timer_set(b->loop, &waiter->timer, b->wait_ms);
    /* It may stand behind nothing but requests that can never go. */
    grant_from_the_front(b);
    return false;
}

void sg_budget_cancel(struct sg_budget_waiter *waiter)
{
    struct sg_budget *b = waiter->budget;
    if (b == NULL)
        return;
    if (waiter->queued) {
        unlink_waiter(waiter);
        waiter->budget = NULL;
        grant_from_the_front(b);
        return;
    }
    sg_job_cancel(b->loop, &waiter->job);
    waiter->budget = NULL;
    sg_budget_release(b, waiter->bytes);
}

void sg_budget_release(struct sg_budget *b, uint64_t bytes)
{
    sg_assert(bytes <= b->used);
    b->used -= bytes;
    grant_from_the_front(b);
}
