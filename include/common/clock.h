/*
 * clock.h - wall time, injectable so that tests can stand at any date.
 *
 * Units      Seconds since 1970-01-01T00:00:00Z.
 * Not here   Monotonic time for deadlines: loop.h.
 */
#ifndef SG_COMMON_CLOCK_H
#define SG_COMMON_CLOCK_H

#include <stdint.h>
#include <time.h>

struct sg_clock {
    int64_t (*wall_s)(const struct sg_clock *clock);
};

static inline int64_t sg_clock_system_wall_s(const struct sg_clock *clock)
{
    struct timespec now;
    (void)clock;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

#define SG_CLOCK_SYSTEM ((struct sg_clock){sg_clock_system_wall_s})

static inline int64_t sg_clock_wall_s(const struct sg_clock *clock)
{
    return clock->wall_s(clock);
}

#endif
