/* Real time is read once per turn and given to the fake loop, so that its rules (and its checks) hold here as well. */
#include "support/poll_loop.h"

#include <time.h>

#include "common/banned.h"

static uint64_t real_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void poll_loop_init(struct poll_loop *p)
{
    fake_loop_init(&p->fake);
    p->before_ms = real_ms();
}

void poll_loop_clear(struct poll_loop *p)
{
    fake_loop_clear(&p->fake);
}

static int wait_ms(const struct fake_loop *f, int max_ms)
{
    uint64_t wait = (uint64_t)max_ms;
    for (unsigned i = 0; i < FAKE_LOOP_TIMERS; i++) {
        const struct sg_timer *timer = f->timers[i];
        if (timer == NULL)
            continue;
        uint64_t left = timer->deadline_ms > f->now_ms ? timer->deadline_ms - f->now_ms : 0;
        wait = left < wait ? left : wait;
    }
    return (int)wait;
}

void poll_loop_turn(struct poll_loop *p, int max_wait_ms)
{
    (void)fake_loop_poll(&p->fake, wait_ms(&p->fake, max_wait_ms));
    uint64_t now_ms = real_ms();
    fake_loop_advance(&p->fake, now_ms - p->before_ms);
    p->before_ms = now_ms;
}

bool poll_loop_until(struct poll_loop *p, bool (*is_done)(const void *ctx), const void *ctx, uint64_t max_ms)
{
    uint64_t deadline_ms = real_ms() + max_ms;
    while (!is_done(ctx)) {
        if (real_ms() > deadline_ms)
            return false;
        poll_loop_turn(p, 20);
    }
    return true;
}

void poll_loop_rest(struct poll_loop *p, uint64_t ms)
{
    uint64_t deadline_ms = real_ms() + ms;
    while (real_ms() < deadline_ms)
        poll_loop_turn(p, 5);
}
