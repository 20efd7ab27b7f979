/* The probe follows what the upstream says, and goes on asking whatever that is. */
#include "engine/probe.h"

#include "support/check_main.h"
#include "unit/engine/world.h"

#include "common/banned.h"

static void answer(struct world *w, int status)
{
    world_answer_side(w, status, NULL, SG_BYTES_NONE);
}

START_TEST(it_asks_for_the_state_bucket)
{
    struct world w;
    struct sg_probe probe;
    struct sg_bytes value;
    world_init(&w);
    sg_probe_start(&probe, &w.env);
    ck_assert(w.side_count == 1 && !probe.is_reachable);
    ck_assert_str_eq(w.side.method, "HEAD");
    ck_assert_str_eq(w.side.url, "https://upstream:9000/state");
    ck_assert(sgs_headers_find(&w.side.headers, "authorization", &value));
    answer(&w, 200);
    ck_assert(probe.is_reachable);
    sg_probe_clear(&probe);
    world_clear(&w);
}
END_TEST

static const int bad[] = {301, 400, 403, 404, 500, 503};

START_TEST(any_other_answer_means_no)
{
    struct world w;
    struct sg_probe probe;
    world_init(&w);
    sg_probe_start(&probe, &w.env);
    answer(&w, 200);
    fake_loop_advance(&w.loop, 60000);
    ck_assert_uint_eq(w.side_count, 2);
    answer(&w, bad[_i]);
    ck_assert(!probe.is_reachable);
    fake_loop_advance(&w.loop, 60000);
    answer(&w, 200);
    ck_assert(probe.is_reachable && w.side_count == 3);
    sg_probe_clear(&probe);
    world_clear(&w);
}
END_TEST

START_TEST(a_lost_connection_means_no)
{
    struct world w;
    struct sg_probe probe;
    world_init(&w);
    sg_probe_start(&probe, &w.env);
    w.side.ended = true;
    w.side.events->on_done(w.side.ctx, SG_ERR_OF(UPSTREAM_TLS));
    ck_assert(!probe.is_reachable);
    fake_loop_advance(&w.loop, 60000);
    ck_assert_uint_eq(w.side_count, 2);
    answer(&w, 200);
    ck_assert(probe.is_reachable);
    sg_probe_clear(&probe);
    world_clear(&w);
}
END_TEST

START_TEST(it_can_be_cleared_while_it_asks)
{
    struct world w;
    struct sg_probe probe;
    world_init(&w);
    sg_probe_start(&probe, &w.env);
    sg_probe_clear(&probe);
    ck_assert(w.side.cancelled);
    sg_probe_clear(&probe);
    ck_assert_uint_eq(fake_loop_timer_count(&w.loop), 0);
    world_clear(&w);
}
END_TEST

SG_TEST_MAIN("engine/probe", TEST(it_asks_for_the_state_bucket), TEST_LOOP(any_other_answer_means_no, SG_COUNT_OF(bad)),
             TEST(a_lost_connection_means_no), TEST(it_can_be_cleared_while_it_asks))
