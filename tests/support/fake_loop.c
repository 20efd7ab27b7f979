/*
 * A loop without a kernel. Jobs hang in a ring, so that cancelling one that is about to run is the same as cancelling
 * any other; timers stand in a small table, and the earliest is searched for.
 */
#include "support/fake_loop.h"

#include <poll.h>

#include "common/err.h"

#include "common/banned.h"

static struct fake_loop *from_loop(struct sg_loop *loop)
{
    return (struct fake_loop *)loop;
}

static uint64_t loop_now_ms(struct sg_loop *loop)
{
    return from_loop(loop)->now_ms;
}

static struct sg_watch *loop_watch(struct sg_loop *loop, int fd, sg_watch_fn *fn, void *ctx)
{
    struct fake_loop *f = from_loop(loop);
    unsigned at = 0;
    while (at < FAKE_LOOP_WATCHES && f->watches[at].used)
        at++;
    sg_assert(at < FAKE_LOOP_WATCHES);
    f->watches[at] = (struct sg_watch){true, fd, 0, fn, ctx, ++f->watch_count};
    return &f->watches[at];
}

static void loop_watch_set(struct sg_watch *watch, unsigned events)
{
    sg_assert(watch->used);
    watch->events = events;
}

static void loop_unwatch(struct sg_watch *watch)
{
    sg_assert(watch->used);
    *watch = (struct sg_watch){.fd = -1};
}

static void loop_timer_clear(struct sg_loop *loop, struct sg_timer *timer)
{
    struct fake_loop *f = from_loop(loop);
    if (timer->slot == 0)
        return;
    sg_assert(timer->slot <= FAKE_LOOP_TIMERS && f->timers[timer->slot - 1] == timer);
    f->timers[timer->slot - 1] = NULL;
    timer->slot = 0;
}

static void loop_timer_set(struct sg_loop *loop, struct sg_timer *timer, uint64_t delay_ms)
{
    struct fake_loop *f = from_loop(loop);
    loop_timer_clear(loop, timer);
    timer->deadline_ms = f->now_ms + delay_ms;
    uint32_t at = 0;
    while (at < FAKE_LOOP_TIMERS && f->timers[at] != NULL)
        at++;
    sg_assert(at < FAKE_LOOP_TIMERS);
    f->timers[at] = timer;
    timer->slot = at + 1;
}

static void ring_init(struct sg_job *ring)
{
    ring->next = ring->prev = ring;
}

static void ring_unlink(struct sg_job *job)
{
    job->prev->next = job->next;
    job->next->prev = job->prev;
    job->next = job->prev = NULL;
}

static void ring_append(struct sg_job *ring, struct sg_job *job)
{
    job->prev = ring->prev;
    job->next = ring;
    ring->prev->next = job;
    ring->prev = job;
}

static void loop_post(struct sg_loop *loop, struct sg_job *job)
{
    if (job->next == NULL)
        ring_append(&from_loop(loop)->posted, job);
}

static void loop_cancel(struct sg_loop *loop, struct sg_job *job)
{
    (void)loop;
    if (job->next != NULL)
        ring_unlink(job);
}

static const struct sg_loop_ops fake_loop_ops = {
    .now_ms = loop_now_ms,
    .watch = loop_watch,
    .watch_set = loop_watch_set,
    .unwatch = loop_unwatch,
    .timer_set = loop_timer_set,
    .timer_clear = loop_timer_clear,
    .post = loop_post,
    .cancel = loop_cancel,
};

void fake_loop_init(struct fake_loop *f)
{
    *f = (struct fake_loop){.loop = {&fake_loop_ops}, .now_ms = 1000};
    ring_init(&f->posted);
}

void fake_loop_clear(struct fake_loop *f)
{
    sg_assert(!fake_loop_has_jobs(f));
    sg_assert(fake_loop_timer_count(f) == 0);
    sg_assert(fake_loop_watch_count(f) == 0);
    *f = (struct fake_loop){.now_ms = 0};
}

bool fake_loop_has_jobs(const struct fake_loop *f)
{
    return f->posted.next != &f->posted;
}

unsigned fake_loop_timer_count(const struct fake_loop *f)
{
    unsigned count = 0;
    for (unsigned i = 0; i < FAKE_LOOP_TIMERS; i++)
        count += f->timers[i] != NULL;
    return count;
}

unsigned fake_loop_watch_count(const struct fake_loop *f)
{
    unsigned count = 0;
    for (unsigned i = 0; i < FAKE_LOOP_WATCHES; i++)
        count += f->watches[i].used;
    return count;
}

unsigned fake_loop_turn(struct fake_loop *f)
{
    sg_assert(!f->running);
    f->running = true;
    unsigned count = 0;
    /* A mark in the ring: what is posted behind it from now on belongs to the next turn. */
    struct sg_job mark = {0};
    ring_append(&f->posted, &mark);
    while (f->posted.next != &mark) {
        struct sg_job *job = f->posted.next;
        ring_unlink(job);
        job->fn(job->ctx);
        count++;
    }
    ring_unlink(&mark);
    f->running = false;
    return count;
}

unsigned fake_loop_run(struct fake_loop *f)
{
    unsigned count = 0;
    while (fake_loop_has_jobs(f)) {
        count += fake_loop_turn(f);
        sg_assert(count < 1000000);
    }
    return count;
}

/* The timer that fires next, not later than `until_ms`. */
static struct sg_timer *next_timer(const struct fake_loop *f, uint64_t until_ms)
{
    struct sg_timer *next = NULL;
    for (unsigned i = 0; i < FAKE_LOOP_TIMERS; i++) {
        struct sg_timer *timer = f->timers[i];
        if (timer != NULL && timer->deadline_ms <= until_ms && (next == NULL || timer->deadline_ms < next->deadline_ms))
            next = timer;
    }
    return next;
}

void fake_loop_advance(struct fake_loop *f, uint64_t ms)
{
    uint64_t until_ms = f->now_ms + ms;
    (void)fake_loop_run(f);
    for (struct sg_timer *timer; (timer = next_timer(f, until_ms)) != NULL;) {
        if (timer->deadline_ms > f->now_ms)
            f->now_ms = timer->deadline_ms;
        loop_timer_clear(&f->loop, timer);
        sg_assert(!f->running);
        f->running = true;
        timer->fn(timer->ctx);
        f->running = false;
        (void)fake_loop_run(f);
    }
    f->now_ms = until_ms;
}

struct sg_watch *fake_loop_find_watch(struct fake_loop *f, int fd)
{
    for (unsigned i = 0; i < FAKE_LOOP_WATCHES; i++) {
        if (f->watches[i].used && f->watches[i].fd == fd)
            return &f->watches[i];
    }
    return NULL;
}

static bool fire(struct fake_loop *f, struct sg_watch *watch, unsigned events)
{
    unsigned wanted = watch->events & events;
    if (wanted == 0)
        return false;
    sg_assert(!f->running);
    f->running = true;
    watch->fn(watch->ctx, wanted);
    f->running = false;
    return true;
}

bool fake_loop_fire(struct fake_loop *f, int fd, unsigned events)
{
    struct sg_watch *watch = fake_loop_find_watch(f, fd);
    return watch != NULL && fire(f, watch, events);
}

static unsigned events_of(short revents)
{
    unsigned events = 0;
    /* An error is for whoever waits, in whichever direction. */
    if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        events |= SG_LOOP_IN;
    if ((revents & (POLLOUT | POLLHUP | POLLERR)) != 0)
        events |= SG_LOOP_OUT;
    return events;
}

unsigned fake_loop_poll(struct fake_loop *f, int ms)
{
    struct pollfd fds[FAKE_LOOP_WATCHES];
    struct sg_watch *watches[FAKE_LOOP_WATCHES];
    uint64_t generations[FAKE_LOOP_WATCHES];
    unsigned count = 0, called = 0;
    for (unsigned i = 0; i < FAKE_LOOP_WATCHES; i++) {
        struct sg_watch *watch = &f->watches[i];
        if (!watch->used || watch->events == 0)
            continue;
        short wanted = (short)(((watch->events & SG_LOOP_IN) != 0 ? POLLIN : 0) |
                               ((watch->events & SG_LOOP_OUT) != 0 ? POLLOUT : 0));
        fds[count] = (struct pollfd){watch->fd, wanted, 0};
        watches[count] = watch;
        generations[count++] = watch->generation;
    }
    int ready = poll(fds, count, fake_loop_has_jobs(f) ? 0 : ms);
    for (unsigned i = 0; ready > 0 && i < count; i++) {
        /* An earlier callback may have ended this watch, or begun another in its place. */
        if (fds[i].revents != 0 && watches[i]->used && watches[i]->generation == generations[i])
            called += fire(f, watches[i], events_of(fds[i].revents));
    }
    (void)fake_loop_turn(f);
    return called;
}
