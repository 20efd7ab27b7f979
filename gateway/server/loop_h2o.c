/*
 * One turn is: libh2o polls and runs socket callbacks; then due timers; then posted jobs; then libh2o's pending
 * callbacks once more. The last step matters twice. A write that completes at once only queues its callback, which
 * libh2o would look at after the next poll, however long that sleeps. And a socket that is closed while such a callback
 * is queued is freed at the start of the next turn, before the queue is walked. libh2o's own timers do the same after
 * each of their callbacks, with the same function.
 */
#include "server/loop_h2o.h"

#include <fcntl.h>
#include <h2o.h>
#include <time.h>

#include "common/err.h"
#include "crypto/buf.h"

#include "common/banned.h"

enum { TIMERS_FIRST = 64, WAIT_MAX_MS = 1000, JOB_ROUNDS = 4 };

struct loop_h2o {
    struct sg_loop base;
    h2o_evloop_t *evloop;
    struct sg_timer **heap; /* 1-based: heap[1] is due first */
    uint32_t timer_count, timer_room;
    struct sg_job posted; /* anchors of two rings */
    struct sg_job running;
};

struct sg_watch {
    h2o_socket_t *sock;
    sg_watch_fn *fn;
    void *ctx;
    unsigned wanted;
    bool *gone; /* set while fn runs: unwatch() tells the caller through it */
};

static struct loop_h2o *of(struct sg_loop *loop)
{
    return (struct loop_h2o *)loop;
}

static uint64_t now_ms(struct sg_loop *loop)
{
    struct timespec now;
    SG_UNUSED(loop);
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- watched descriptors --- */

static void watch_call(struct sg_watch *watch, unsigned event)
{
    if ((watch->wanted & event) != 0)
        watch->fn(watch->ctx, event);
}

static void on_readable(h2o_socket_t *sock, const char *err)
{
    SG_UNUSED(err);
    watch_call(sock->data, SG_LOOP_IN);
}

static void on_writable(h2o_socket_t *sock, const char *err)
{
    struct sg_watch *watch = sock->data;
    bool gone = false;
    SG_UNUSED(err);
    watch->gone = &gone;
    watch_call(watch, SG_LOOP_OUT);
    if (gone)
        return;
    watch->gone = NULL;
    /* The notification is for one time only. */
    if ((watch->wanted & SG_LOOP_OUT) != 0 && !h2o_socket_is_writing(sock))
        h2o_socket_notify_write(sock, on_writable);
}

static struct sg_watch *watch(struct sg_loop *loop, int fd, sg_watch_fn *fn, void *ctx)
{
    /* libh2o closes the descriptors of its sockets, and this one is the caller's. */
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return NULL;
    struct sg_watch *watch = sgc_xalloc(sizeof(*watch));
    watch->sock = h2o_evloop_socket_create(of(loop)->evloop, own, H2O_SOCKET_FLAG_DONT_READ);
    watch->sock->data = watch;
    watch->fn = fn;
    watch->ctx = ctx;
    return watch;
}

static void watch_set(struct sg_watch *watch, unsigned events)
{
    unsigned changed = watch->wanted ^ events;
    watch->wanted = events;
    if ((changed & SG_LOOP_IN) != 0 && (events & SG_LOOP_IN) != 0)
        h2o_socket_read_start(watch->sock, on_readable);
    if ((changed & SG_LOOP_IN) != 0 && (events & SG_LOOP_IN) == 0)
        h2o_socket_read_stop(watch->sock);
    /* A notification cannot be taken back; on_writable() ignores one that is not wanted any more. */
    if ((changed & events & SG_LOOP_OUT) != 0 && watch->gone == NULL && !h2o_socket_is_writing(watch->sock))
        h2o_socket_notify_write(watch->sock, on_writable);
}

static void unwatch(struct sg_watch *watch)
{
    if (watch->gone != NULL)
        *watch->gone = true;
    h2o_socket_close(watch->sock);
    sgc_xfree(watch);
}

/* --- timers: a binary heap --- */

static void heap_put(struct loop_h2o *l, uint32_t slot, struct sg_timer *timer)
{
    l->heap[slot] = timer;
    timer->slot = slot;
}

/* Moves the timer at `slot` to where it belongs. */
static void heap_settle(struct loop_h2o *l, uint32_t slot)
{
    struct sg_timer *timer = l->heap[slot];
    while (slot > 1 && l->heap[slot / 2]->deadline_ms > timer->deadline_ms) {
        heap_put(l, slot, l->heap[slot / 2]);
        slot /= 2;
    }
    for (;;) {
        uint32_t child = slot * 2;
        if (child < l->timer_count && l->heap[child + 1]->deadline_ms < l->heap[child]->deadline_ms)
            child++;
        if (child > l->timer_count || l->heap[child]->deadline_ms >= timer->deadline_ms)
            break;
        heap_put(l, slot, l->heap[child]);
        slot = child;
    }
    heap_put(l, slot, timer);
}

static void heap_grow(struct loop_h2o *l)
{
    if (l->timer_count + 1 < l->timer_room)
        return;
    uint32_t room = l->timer_room == 0 ? TIMERS_FIRST : l->timer_room * 2;
    struct sg_timer **heap = sgc_xalloc(room * sizeof(struct sg_timer *));
    if (l->timer_count > 0)
        memcpy(heap, l->heap, (l->timer_count + 1) * sizeof(struct sg_timer *));
    sgc_xfree(l->heap);
    l->heap = heap;
    l->timer_room = room;
}

static void timer_clear(struct sg_loop *loop, struct sg_timer *timer)
{
    struct loop_h2o *l = of(loop);
    uint32_t slot = timer->slot;
    if (slot == 0)
        return;
    timer->slot = 0;
    struct sg_timer *last = l->heap[l->timer_count--];
    if (last == timer)
        return;
    heap_put(l, slot, last);
    heap_settle(l, slot);
}

static void timer_set(struct sg_loop *loop, struct sg_timer *timer, uint64_t delay_ms)
{
    struct loop_h2o *l = of(loop);
    uint64_t now = now_ms(loop);
    timer->deadline_ms = delay_ms > UINT64_MAX - now ? UINT64_MAX : now + delay_ms;
    if (timer->slot == 0) {
        heap_grow(l);
        heap_put(l, ++l->timer_count, timer);
    }
    heap_settle(l, timer->slot);
}

static void run_timers(struct loop_h2o *l)
{
    /* No more than there are now: timers that set themselves to "at once" do not hold the loop. */
    uint64_t now = now_ms(&l->base);
    for (uint32_t i = l->timer_count; i > 0 && l->timer_count > 0 && l->heap[1]->deadline_ms <= now; i--) {
        struct sg_timer *timer = l->heap[1];
        timer_clear(&l->base, timer);
        timer->fn(timer->ctx);
    }
}

/* --- jobs --- */

static bool ring_is_empty(const struct sg_job *anchor)
{
    return anchor->next == anchor;
}

static void ring_init(struct sg_job *anchor)
{
    anchor->next = anchor->prev = anchor;
}

static void job_cancel(struct sg_loop *loop, struct sg_job *job)
{
    SG_UNUSED(loop);
    if (job->next == NULL)
        return;
    job->next->prev = job->prev;
    job->prev->next = job->next;
    job->next = job->prev = NULL;
}

static void job_post(struct sg_loop *loop, struct sg_job *job)
{
    struct sg_job *anchor = &of(loop)->posted;
    if (job->next != NULL)
        return;
    job->next = anchor;
    job->prev = anchor->prev;
    anchor->prev->next = job;
    anchor->prev = job;
}

static void run_jobs(struct loop_h2o *l)
{
    if (ring_is_empty(&l->posted))
        return;
    /* What these jobs post is for the next round. */
    l->running = l->posted;
    l->running.next->prev = l->running.prev->next = &l->running;
    ring_init(&l->posted);
    while (!ring_is_empty(&l->running)) {
        struct sg_job *job = l->running.next;
        job_cancel(&l->base, job);
        job->fn(job->ctx);
    }
}

/* --- the loop --- */

static int32_t wait_ms(struct loop_h2o *l, uint64_t max_wait_ms)
{
    uint64_t wait = max_wait_ms < WAIT_MAX_MS ? max_wait_ms : WAIT_MAX_MS;
    if (!ring_is_empty(&l->posted))
        return 0;
    if (l->timer_count > 0) {
        uint64_t now = now_ms(&l->base);
        uint64_t deadline = l->heap[1]->deadline_ms;
        uint64_t until = deadline > now ? deadline - now : 0;
        wait = until < wait ? until : wait;
    }
    return (int32_t)wait;
}

void sg_loop_h2o_run(struct sg_loop *loop, uint64_t max_wait_ms)
{
    struct loop_h2o *l = of(loop);
    /* -1 is an interrupted wait; what is due is due all the same. */
    (void)h2o_evloop_run(l->evloop, wait_ms(l, max_wait_ms));
    run_timers(l);
    h2o_timeout__do_post_callback(l->evloop);
    for (int i = 0; i < JOB_ROUNDS && !ring_is_empty(&l->posted); i++) {
        run_jobs(l);
        h2o_timeout__do_post_callback(l->evloop);
    }
}

void sg_loop_h2o_settle(struct sg_loop *loop, unsigned turns)
{
    do {
        sg_loop_h2o_run(loop, 0);
    } while (!ring_is_empty(&of(loop)->posted) && --turns > 0);
}

struct st_h2o_evloop_t *sg_loop_h2o_evloop(struct sg_loop *loop)
{
    return of(loop)->evloop;
}

static const struct sg_loop_ops ops = {
    .now_ms = now_ms,
    .watch = watch,
    .watch_set = watch_set,
    .unwatch = unwatch,
    .timer_set = timer_set,
    .timer_clear = timer_clear,
    .post = job_post,
    .cancel = job_cancel,
};

struct sg_loop *sg_loop_h2o_new(void)
{
    struct loop_h2o *l = sgc_xalloc(sizeof(*l));
    l->base.ops = &ops;
    l->evloop = h2o_evloop_create();
    ring_init(&l->posted);
    ring_init(&l->running);
    return &l->base;
}

void sg_loop_h2o_free(struct sg_loop *loop)
{
    if (loop == NULL)
        return;
    struct loop_h2o *l = of(loop);
    sg_assert(l->timer_count == 0 && ring_is_empty(&l->posted));
    /* Frees the sockets that were closed since the last turn. */
    (void)h2o_evloop_run(l->evloop, 0);
    h2o_evloop_destroy(l->evloop);
    sgc_xfree(l->heap);
    sgc_xfree(l);
}
