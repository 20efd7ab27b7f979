/*
 * All slots of the arena are taken and held, then given back one by one. Because the arena adds no run past its bound,
 * what is left is exactly what was given back; a slot that a failed run has kept is missing when they are taken again.
 */
#include "support/alloc_fail.h"

#include "crypto/secret.h"

#include "common/banned.h"

enum { HELD_MAX = 1 << 16 };

static struct sgc_secret held[HELD_MAX];
static size_t held_count;

static size_t hold_all(void)
{
    size_t before = held_count;
    while (held_count < HELD_MAX && sg_is_ok(sgc_secret_init(&held[held_count], 1, NULL, NULL)))
        held_count++;
    sg_assert(held_count < HELD_MAX);
    return held_count - before;
}

static void release(size_t count)
{
    while (count-- > 0)
        sgc_secret_clear(&held[--held_count]);
}

size_t sg_torture_slots(sg_torture_fn *run, void *ctx)
{
    (void)hold_all();
    for (size_t left = 0;; left++) {
        release(left);
        sg_err err = run(ctx);
        if (sg_is_ok(err)) {
            release(held_count);
            return left;
        }
        sg_assert(sg_is(err, LIMIT));
        sg_assert(hold_all() == left);
    }
}
