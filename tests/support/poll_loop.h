/*
 * poll_loop.h - the fake loop driven by real descriptors and the real clock, for tests that do own sockets.
 *
 * Idea       One turn waits in poll(2) until a descriptor, a timer or a job is due, then moves the fake loop's time by
 *            what has really passed.
 * Ownership  As in fake_loop.h.
 * Units      Milliseconds.
 */
#ifndef SG_TESTS_POLL_LOOP_H
#define SG_TESTS_POLL_LOOP_H

#include "support/fake_loop.h"

struct poll_loop {
    struct fake_loop fake; /* first */
    uint64_t before_ms;    /* real time of the last turn */
};

void poll_loop_init(struct poll_loop *p);
void poll_loop_clear(struct poll_loop *p);
void poll_loop_turn(struct poll_loop *p, int max_wait_ms);
/* Turns until `is_done` is true; false when that takes longer than `max_ms`. */
bool poll_loop_until(struct poll_loop *p, bool (*is_done)(const void *ctx), const void *ctx, uint64_t max_ms);
/* Turns for that long. */
void poll_loop_rest(struct poll_loop *p, uint64_t ms);

#endif
