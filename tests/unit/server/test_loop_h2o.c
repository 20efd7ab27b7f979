/*
 * The loop with real descriptors and real, short times.
 */
#include "support/check_main.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/loop_h2o.h"

static struct sg_loop *loop;

static void log_char(void *ctx, char c)
{
    char *text = ctx;
    size_t len = strlen(text);
    ck_assert_uint_lt(len, 62);
    text[len] = c;
    text[len + 1] = '\0';
}

struct noisy {
    struct sg_timer timer;
    struct sg_job job;
    char name;
    char *text;
    struct noisy *cancels, *posts, *sets;
};

static void on_noise(void *ctx)
{
    struct noisy *n = ctx;
    log_char(n->text, n->name);
    if (n->cancels != NULL) {
        sg_timer_clear(loop, &n->cancels->timer);
        sg_job_cancel(loop, &n->cancels->job);
    }
    if (n->posts != NULL)
        sg_job_post(loop, &n->posts->job);
    if (n->sets != NULL)
        sg_timer_set(loop, &n->sets->timer, 0);
}

static struct noisy noisy(char name, char *text)
{
    return (struct noisy){.timer = {.fn = on_noise}, .job = {.fn = on_noise}, .name = name, .text = text};
}

#define NOISY(variable, name, text)                                                                                    \
    struct noisy variable = noisy(name, text);                                                                         \
    variable.timer.ctx = variable.job.ctx = &variable

static void turn_for(uint64_t ms)
{
    uint64_t end = sg_loop_now_ms(loop) + ms;
    while (sg_loop_now_ms(loop) < end)
        sg_loop_h2o_run(loop, 5);
}

/* --- timers --- */

START_TEST(timers_fire_in_the_order_of_their_deadlines)
{
    char text[64] = "";
    loop = sg_loop_h2o_new();
    NOISY(a, 'a', text);
    NOISY(b, 'b', text);
    NOISY(c, 'c', text);
    sg_timer_set(loop, &c.timer, 60);
    sg_timer_set(loop, &a.timer, 5);
    sg_timer_set(loop, &b.timer, 30);
    turn_for(90);
    ck_assert_str_eq(text, "abc");
    ck_assert_uint_eq(a.timer.slot, 0);
    sg_loop_h2o_free(loop);
}
END_TEST

START_TEST(a_timer_can_be_moved_and_cleared)
{
    char text[64] = "";
    loop = sg_loop_h2o_new();
    NOISY(a, 'a', text);
    NOISY(b, 'b', text);
    sg_timer_set(loop, &a.timer, 5);
    sg_timer_set(loop, &b.timer, 5);
    sg_timer_set(loop, &a.timer, 10000);
    sg_timer_clear(loop, &b.timer);
    sg_timer_clear(loop, &b.timer);
    turn_for(30);
    ck_assert_str_eq(text, "");
    sg_timer_set(loop, &a.timer, 1);
    turn_for(30);
    ck_assert_str_eq(text, "a");
    sg_loop_h2o_free(loop);
}
END_TEST

START_TEST(a_timer_may_clear_another_that_is_due_and_set_itself)
{
    char text[64] = "";
    loop = sg_loop_h2o_new();
    NOISY(a, 'a', text);
    NOISY(b, 'b', text);
    a.cancels = &b;
    a.sets = &a;
    sg_timer_set(loop, &a.timer, 0);
    sg_timer_set(loop, &b.timer, 1);
    usleep(5000);
    sg_loop_h2o_run(loop, 0);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_int_eq(strncmp(text, "aa", 2), 0);
    ck_assert_ptr_null(strchr(text, 'b'));
    sg_timer_clear(loop, &a.timer);
    sg_loop_h2o_free(loop);
}
END_TEST

START_TEST(the_farthest_deadline_does_not_overflow)
{
    char text[64] = "";
    loop = sg_loop_h2o_new();
    NOISY(a, 'a', text);
    sg_timer_set(loop, &a.timer, UINT64_MAX);
    sg_loop_h2o_run(loop, 0);
    ck_assert_str_eq(text, "");
    sg_timer_clear(loop, &a.timer);
    sg_loop_h2o_free(loop);
}
END_TEST

static void on_count(void *ctx)
{
    ++*(unsigned *)ctx;
}

START_TEST(thousands_of_timers_keep_their_order_through_random_changes)
{
    enum { COUNT = 2000 };
    struct sg_timer *timers = calloc(COUNT, sizeof(*timers));
    unsigned fired = 0, cleared = 0;
    uint32_t dice = 1;
    loop = sg_loop_h2o_new();
    for (unsigned i = 0; i < COUNT; i++) {
        timers[i].fn = on_count;
        timers[i].ctx = &fired;
        sg_timer_set(loop, &timers[i], 1000000 + i * 7919 % 1000);
    }
    for (unsigned i = 0; i < 10 * COUNT; i++) {
        dice = dice * 1664525 + 1013904223;
        struct sg_timer *timer = &timers[(dice >> 8) % COUNT];
        if ((dice & 7) == 0)
            sg_timer_clear(loop, timer);
        else
            sg_timer_set(loop, timer, (dice >> 16) % 20);
    }
    for (unsigned i = 0; i < COUNT; i++)
        cleared += timers[i].slot == 0;
    turn_for(100);
    for (unsigned i = 0; i < COUNT; i++) {
        if (timers[i].slot != 0 && timers[i].deadline_ms < sg_loop_now_ms(loop))
            ck_abort_msg("timer %u was forgotten", i);
        cleared += timers[i].slot != 0;
        sg_timer_clear(loop, &timers[i]);
    }
    ck_assert_uint_eq(fired + cleared, COUNT);
    sg_loop_h2o_free(loop);
    free(timers);
}
END_TEST

/* --- jobs --- */

START_TEST(jobs_run_once_and_in_order_and_never_nested)
{
    char text[64] = "";
    loop = sg_loop_h2o_new();
    NOISY(a, 'a', text);
    NOISY(b, 'b', text);
    NOISY(c, 'c', text);
    a.posts = &c;
    sg_job_post(loop, &a.job);
    sg_job_post(loop, &b.job);
    sg_job_post(loop, &a.job);
    ck_assert_str_eq(text, "");
    sg_loop_h2o_run(loop, 1000);
    ck_assert_str_eq(text, "abc");
    ck_assert_ptr_null(a.job.next);
    sg_loop_h2o_free(loop);
}
END_TEST

START_TEST(a_job_may_cancel_one_that_is_next)
{
    char text[64] = "";
    loop = sg_loop_h2o_new();
    NOISY(a, 'a', text);
    NOISY(b, 'b', text);
    a.cancels = &b;
    sg_job_post(loop, &a.job);
    sg_job_post(loop, &b.job);
    sg_loop_h2o_settle(loop, 10);
    ck_assert_str_eq(text, "a");
    sg_job_cancel(loop, &b.job);
    sg_loop_h2o_free(loop);
}
END_TEST

START_TEST(a_job_that_posts_itself_does_not_stop_the_loop)
{
    char text[64] = "";
    loop = sg_loop_h2o_new();
    NOISY(a, 'a', text);
    NOISY(b, 'b', text);
    a.posts = &a;
    sg_timer_set(loop, &b.timer, 0);
    sg_job_post(loop, &a.job);
    sg_loop_h2o_run(loop, 1000);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_ptr_nonnull(strchr(text, 'b'));
    sg_job_cancel(loop, &a.job);
    sg_loop_h2o_free(loop);
}
END_TEST

START_TEST(a_posted_job_keeps_the_loop_from_sleeping)
{
    /* A loop that sleeps does so for a second each time; a busy machine does not do that to one turn in each of ten. */
    uint64_t shortest = UINT64_MAX;
    for (int i = 0; i < 10 && shortest >= 900; i++) {
        char text[64] = "";
        loop = sg_loop_h2o_new();
        NOISY(a, 'a', text);
        sg_job_post(loop, &a.job);
        uint64_t before = sg_loop_now_ms(loop);
        sg_loop_h2o_run(loop, 1000);
        uint64_t took = sg_loop_now_ms(loop) - before;
        shortest = took < shortest ? took : shortest;
        ck_assert_str_eq(text, "a");
        sg_loop_h2o_free(loop);
    }
    ck_assert_uint_lt(shortest, 900);
}
END_TEST

/* --- descriptors --- */

struct seen {
    struct sg_watch *watch;
    int fd;
    unsigned in, out;
    bool leaves, takes, calms;
};

static void on_seen(void *ctx, unsigned events)
{
    struct seen *s = ctx;
    char bytes[256];
    s->in += (events & SG_LOOP_IN) != 0;
    s->out += (events & SG_LOOP_OUT) != 0;
    if (s->takes && (events & SG_LOOP_IN) != 0)
        ck_assert_int_gt(read(s->fd, bytes, sizeof(bytes)), 0);
    if (s->calms)
        loop->ops->watch_set(s->watch, 0);
    if (s->leaves) {
        loop->ops->unwatch(s->watch);
        s->watch = NULL;
    }
}

static void seen_init(struct seen *s, int fd)
{
    *s = (struct seen){.fd = fd};
    s->watch = loop->ops->watch(loop, fd, on_seen, s);
    ck_assert_ptr_nonnull(s->watch);
}

static void pair(int fds[2])
{
    loop = sg_loop_h2o_new();
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

static void unpair(struct seen *s, int fds[2])
{
    if (s->watch != NULL)
        loop->ops->unwatch(s->watch);
    sg_loop_h2o_free(loop);
    /* The caller's own descriptors are still open. */
    ck_assert_int_eq(close(fds[0]), 0);
    ck_assert_int_eq(close(fds[1]), 0);
}

START_TEST(nothing_is_told_before_it_is_asked_for)
{
    int fds[2];
    struct seen s;
    pair(fds);
    seen_init(&s, fds[0]);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    turn_for(20);
    ck_assert_uint_eq(s.in + s.out, 0);
    unpair(&s, fds);
}
END_TEST

START_TEST(readable_is_told_while_it_is_true)
{
    int fds[2];
    struct seen s;
    pair(fds);
    seen_init(&s, fds[0]);
    loop->ops->watch_set(s.watch, SG_LOOP_IN);
    turn_for(10);
    ck_assert_uint_eq(s.in, 0);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    sg_loop_h2o_run(loop, 1000);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_uint_eq(s.in, 2);
    s.takes = true;
    sg_loop_h2o_run(loop, 1000);
    turn_for(20);
    ck_assert_uint_eq(s.in, 3);
    ck_assert_uint_eq(s.out, 0);
    unpair(&s, fds);
}
END_TEST

START_TEST(writable_is_told_again_and_again_until_calmed)
{
    int fds[2];
    struct seen s;
    pair(fds);
    seen_init(&s, fds[0]);
    loop->ops->watch_set(s.watch, SG_LOOP_OUT);
    sg_loop_h2o_run(loop, 1000);
    sg_loop_h2o_run(loop, 1000);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_uint_ge(s.out, 3);
    loop->ops->watch_set(s.watch, 0);
    unsigned out = s.out;
    turn_for(20);
    ck_assert_uint_eq(s.out, out);
    loop->ops->watch_set(s.watch, SG_LOOP_IN | SG_LOOP_OUT);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_uint_gt(s.out, out);
    ck_assert_uint_eq(s.in, 0);
    unpair(&s, fds);
}
END_TEST

START_TEST(a_watch_may_be_calmed_in_its_own_callback)
{
    int fds[2];
    struct seen s;
    pair(fds);
    seen_init(&s, fds[0]);
    s.calms = true;
    loop->ops->watch_set(s.watch, SG_LOOP_OUT);
    turn_for(20);
    ck_assert_uint_eq(s.out, 1);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    loop->ops->watch_set(s.watch, SG_LOOP_IN);
    turn_for(20);
    ck_assert_uint_eq(s.in, 1);
    unpair(&s, fds);
}
END_TEST

START_TEST(a_watch_may_go_in_its_own_callback)
{
    unsigned event = _i == 0 ? SG_LOOP_IN : SG_LOOP_OUT;
    int fds[2];
    struct seen s;
    pair(fds);
    seen_init(&s, fds[0]);
    s.leaves = true;
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    loop->ops->watch_set(s.watch, event);
    turn_for(20);
    ck_assert_uint_eq(s.in + s.out, 1);
    ck_assert_ptr_null(s.watch);
    unpair(&s, fds);
}
END_TEST

START_TEST(the_end_of_a_stream_is_readable)
{
    int fds[2];
    struct seen s;
    pair(fds);
    seen_init(&s, fds[0]);
    s.leaves = true;
    loop->ops->watch_set(s.watch, SG_LOOP_IN);
    ck_assert_int_eq(shutdown(fds[1], SHUT_RDWR), 0);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_uint_eq(s.in, 1);
    unpair(&s, fds);
}
END_TEST

START_TEST(one_descriptor_may_be_watched_twice)
{
    int fds[2];
    struct seen s, t;
    pair(fds);
    seen_init(&s, fds[0]);
    seen_init(&t, fds[0]);
    loop->ops->watch_set(s.watch, SG_LOOP_IN);
    loop->ops->watch_set(t.watch, SG_LOOP_IN);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_uint_eq(s.in + t.in, 2);
    loop->ops->unwatch(t.watch);
    sg_loop_h2o_run(loop, 1000);
    ck_assert_uint_eq(s.in, 2);
    unpair(&s, fds);
}
END_TEST

START_TEST(what_is_no_descriptor_cannot_be_watched)
{
    loop = sg_loop_h2o_new();
    ck_assert_ptr_null(loop->ops->watch(loop, -1, on_seen, NULL));
    sg_loop_h2o_free(loop);
}
END_TEST

SG_TEST_MAIN("server/loop_h2o", TEST(timers_fire_in_the_order_of_their_deadlines),
             TEST(a_timer_can_be_moved_and_cleared), TEST(a_timer_may_clear_another_that_is_due_and_set_itself),
             TEST(the_farthest_deadline_does_not_overflow),
             TEST(thousands_of_timers_keep_their_order_through_random_changes),
             TEST(jobs_run_once_and_in_order_and_never_nested), TEST(a_job_may_cancel_one_that_is_next),
             TEST(a_job_that_posts_itself_does_not_stop_the_loop), TEST(a_posted_job_keeps_the_loop_from_sleeping),
             TEST(nothing_is_told_before_it_is_asked_for), TEST(readable_is_told_while_it_is_true),
             TEST(writable_is_told_again_and_again_until_calmed), TEST(a_watch_may_be_calmed_in_its_own_callback),
             TEST_LOOP(a_watch_may_go_in_its_own_callback, 2), TEST(the_end_of_a_stream_is_readable),
             TEST(one_descriptor_may_be_watched_twice), TEST(what_is_no_descriptor_cannot_be_watched))
