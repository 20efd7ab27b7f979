/* Are bytes counted exactly, and is the line first come, first served? */
#include "support/check_main.h"
#include "support/fake_loop.h"

#include "core/budget.h"

#include "common/banned.h"

#define WAIT_MS 100

struct rig {
    struct fake_loop loop;
    struct sg_budget budget;
};

struct guest {
    struct sg_budget_waiter waiter;
    unsigned called;
    sg_err err;
};

static void start(struct rig *rig, uint64_t total)
{
    fake_loop_init(&rig->loop);
    sg_budget_init(&rig->budget, &rig->loop.loop, total, WAIT_MS);
}

static void end(struct rig *rig)
{
    ck_assert_uint_eq(rig->budget.used, 0);
    ck_assert_ptr_null(rig->budget.first);
    fake_loop_clear(&rig->loop);
}

static void on_ready(void *ctx, sg_err err)
{
    struct guest *guest = ctx;
    guest->called++;
    guest->err = err;
}

static bool ask(struct rig *rig, struct guest *guest, uint64_t bytes)
{
    *guest = (struct guest){.waiter = {.on_ready = on_ready, .ctx = guest}};
    return sg_budget_reserve(&rig->budget, bytes, &guest->waiter);
}

START_TEST(what_fits_is_reserved_at_once)
{
    struct rig rig;
    struct guest a, b;
    start(&rig, 100);
    ck_assert(ask(&rig, &a, 60));
    ck_assert(ask(&rig, &b, 40));
    ck_assert_uint_eq(rig.budget.used, 100);
    sg_budget_release(&rig.budget, 60);
    sg_budget_release(&rig.budget, 40);
    fake_loop_run(&rig.loop);
    ck_assert_uint_eq(a.called + b.called, 0);
    end(&rig);
}
END_TEST

START_TEST(waiters_go_in_the_order_they_came)
{
    struct rig rig;
    struct guest a, b, c, d;
    start(&rig, 100);
    ck_assert(ask(&rig, &a, 90));
    ck_assert(!ask(&rig, &b, 50));
    ck_assert(!ask(&rig, &c, 10)); /* would fit, but b was first */
    ck_assert(!ask(&rig, &d, 60));
    sg_budget_release(&rig.budget, 90);
    ck_assert_uint_eq(b.called, 0); /* never nested */
    fake_loop_run(&rig.loop);
    ck_assert_uint_eq(b.called, 1);
    ck_assert_uint_eq(c.called, 1);
    ck_assert_uint_eq(d.called, 0);
    ck_assert(sg_is_ok(b.err));
    sg_budget_release(&rig.budget, 50);
    fake_loop_run(&rig.loop);
    ck_assert_uint_eq(d.called, 1);
    sg_budget_release(&rig.budget, 60);
    sg_budget_release(&rig.budget, 10);
    end(&rig);
}
END_TEST

START_TEST(who_waits_too_long_is_told_to_slow_down)
{
    struct rig rig;
    struct guest a, b, c;
    start(&rig, 100);
    ck_assert(ask(&rig, &a, 90));
    ck_assert(!ask(&rig, &b, 50));
    fake_loop_advance(&rig.loop, WAIT_MS - 1);
    ck_assert_uint_eq(b.called, 0);
    ck_assert(!ask(&rig, &c, 10));
    fake_loop_advance(&rig.loop, 1);
    ck_assert_uint_eq(b.called, 1);
    ck_fails(b.err, SLOW_DOWN);
    /* c stood behind b only */
    fake_loop_run(&rig.loop);
    ck_assert_uint_eq(c.called, 1);
    ck_assert(sg_is_ok(c.err));
    sg_budget_release(&rig.budget, 100);
    end(&rig);
}
END_TEST

START_TEST(more_than_there_is_never_goes_and_stops_nobody)
{
    struct rig rig;
    struct guest a, b;
    start(&rig, 100);
    ck_assert(!ask(&rig, &a, 101));
    ck_assert(!ask(&rig, &b, 100));
    fake_loop_run(&rig.loop);
    ck_assert_uint_eq(b.called, 1);
    ck_assert_uint_eq(a.called, 0);
    fake_loop_advance(&rig.loop, WAIT_MS);
    ck_assert_uint_eq(a.called, 1);
    ck_fails(a.err, SLOW_DOWN);
    sg_budget_release(&rig.budget, 100);
    end(&rig);
}
END_TEST

START_TEST(sizes_do_not_overflow)
{
    struct rig rig;
    struct guest a, b;
    start(&rig, UINT64_MAX);
    ck_assert(ask(&rig, &a, UINT64_MAX - 1));
    ck_assert(!ask(&rig, &b, UINT64_MAX));
    sg_budget_cancel(&b.waiter);
    sg_budget_release(&rig.budget, UINT64_MAX - 1);
    end(&rig);
}
END_TEST

START_TEST(who_cancels_in_the_line_leaves_no_trace)
{
    struct rig rig;
    struct guest a, b, c, d;
    start(&rig, 100);
    ck_assert(ask(&rig, &a, 90));
    ck_assert(!ask(&rig, &b, 50));
    ck_assert(!ask(&rig, &c, 60));
    ck_assert(!ask(&rig, &d, 10));
    sg_budget_cancel(&c.waiter);
    sg_budget_cancel(&c.waiter);
    sg_budget_cancel(&b.waiter); /* now d is first, and fits */
    fake_loop_run(&rig.loop);
    ck_assert_uint_eq(d.called, 1);
    fake_loop_advance(&rig.loop, 10 * WAIT_MS);
    ck_assert_uint_eq(b.called + c.called, 0);
    sg_budget_release(&rig.budget, 100);
    end(&rig);
}
END_TEST

START_TEST(who_cancels_between_grant_and_call_gives_back)
{
    struct rig rig;
    struct guest a, b;
    start(&rig, 100);
    ck_assert(ask(&rig, &a, 100));
    ck_assert(!ask(&rig, &b, 70));
    sg_budget_release(&rig.budget, 100);
    ck_assert_uint_eq(rig.budget.used, 70);
    sg_budget_cancel(&b.waiter);
    ck_assert_uint_eq(rig.budget.used, 0);
    fake_loop_advance(&rig.loop, WAIT_MS);
    ck_assert_uint_eq(b.called, 0);
    end(&rig);
}
END_TEST

START_TEST(a_waiter_can_be_used_again)
{
    struct rig rig;
    struct guest a;
    start(&rig, 10);
    for (int i = 0; i < 3; i++) {
        ck_assert(!ask(&rig, &a, 11));
        fake_loop_advance(&rig.loop, WAIT_MS);
        ck_assert_uint_eq(a.called, 1);
        ck_assert(sg_budget_reserve(&rig.budget, 5, &a.waiter));
        sg_budget_release(&rig.budget, 5);
    }
    end(&rig);
}
END_TEST

SG_TEST_MAIN("core/budget", TEST(what_fits_is_reserved_at_once), TEST(waiters_go_in_the_order_they_came),
             TEST(who_waits_too_long_is_told_to_slow_down), TEST(more_than_there_is_never_goes_and_stops_nobody),
             TEST(sizes_do_not_overflow), TEST(who_cancels_in_the_line_leaves_no_trace),
             TEST(who_cancels_between_grant_and_call_gives_back), TEST(a_waiter_can_be_used_again))
