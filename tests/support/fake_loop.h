/*
 * fake_loop.h - an event loop that stands still: tests turn it by hand and move its time.
 *
 * Idea       Implements struct sg_loop without a kernel: jobs run in fake_loop_turn(), timers in fake_loop_advance(),
 *            watches are recorded and fire when the test says so. Tests that do own sockets use fake_loop_poll().
 * Ownership  The struct owns its watches; timers and jobs belong to their owners.
 * Lifetime   init -> ... -> clear, which aborts when somebody left a timer, a job or a watch behind.
 * Units      Milliseconds.
 */
#ifndef SG_TESTS_FAKE_LOOP_H
#define SG_TESTS_FAKE_LOOP_H

#include "common/loop.h"

#define FAKE_LOOP_TIMERS  256u
#define FAKE_LOOP_WATCHES 256u

struct sg_watch {
    bool used;
    int fd;
    unsigned events; /* what the owner waits for */
    sg_watch_fn *fn;
    void *ctx;
    uint64_t generation; /* tells a watch from a later one in the same place */
};

struct fake_loop {
    struct sg_loop loop; /* first: the interface is cast back to this struct */
    uint64_t now_ms;
    bool running;                              /* inside a callback */
    struct sg_job posted;                      /* ring */
    struct sg_timer *timers[FAKE_LOOP_TIMERS]; /* timers[i]->slot is i + 1 */
    struct sg_watch watches[FAKE_LOOP_WATCHES];
    uint64_t watch_count; /* ever made */
};

/* Time begins at 1,000 ms. */
void fake_loop_init(struct fake_loop *f);
void fake_loop_clear(struct fake_loop *f);

/* Runs the jobs that are posted now, not those that they post. Gives back how many ran. */
unsigned fake_loop_turn(struct fake_loop *f);
/* Turns until no job is posted; aborts after a million jobs. */
unsigned fake_loop_run(struct fake_loop *f);
/* Moves time on; timers fire in the order of their deadlines, each at its own time, and jobs run after each. */
void fake_loop_advance(struct fake_loop *f, uint64_t ms);

bool fake_loop_has_jobs(const struct fake_loop *f);
unsigned fake_loop_timer_count(const struct fake_loop *f);
unsigned fake_loop_watch_count(const struct fake_loop *f);
/* The watch of a descriptor; NULL when there is none. */
struct sg_watch *fake_loop_find_watch(struct fake_loop *f, int fd);
/* Calls the watch of `fd` for those of `events` that it waits for; false when it waits for none of them. */
bool fake_loop_fire(struct fake_loop *f, int fd, unsigned events);
/* Waits at most `ms` of real time for the watched descriptors, calls who is ready and turns. Own time does not move.
 * Gives back how many watches were called. */
unsigned fake_loop_poll(struct fake_loop *f, int ms);

#endif
