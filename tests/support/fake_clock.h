/*
 * fake_clock.h - wall time that stands where the test puts it.
 *
 * Units      Seconds since 1970-01-01T00:00:00Z.
 */
#ifndef SG_TESTS_FAKE_CLOCK_H
#define SG_TESTS_FAKE_CLOCK_H

#include "common/clock.h"

struct fake_clock {
    struct sg_clock clock; /* first: the interface is cast back to this struct */
    int64_t wall_s;
};

void fake_clock_init(struct fake_clock *f, int64_t wall_s);

#endif
