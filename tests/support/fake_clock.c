/* A clock whose only hand is a field of its struct. */
#include "support/fake_clock.h"

#include "common/banned.h"

static int64_t fake_wall_s(const struct sg_clock *clock)
{
    return ((const struct fake_clock *)clock)->wall_s;
}

void fake_clock_init(struct fake_clock *f, int64_t wall_s)
{
    *f = (struct fake_clock){{fake_wall_s}, wall_s};
}
