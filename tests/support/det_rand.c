/*
 * The stream is splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): a few lines, and
 * every seed gives another one. A script stands before it, for vectors that say which random bytes were drawn.
 */
#include "support/det_rand.h"

#include "crypto/rand.h"
#include "crypto/secret.h"

#include "common/banned.h"

static struct {
    uint64_t state;
    struct sg_bytes script;
    size_t good_calls;
    bool fails;
} det;

/* The arena of secrets draws its canary when it starts, once: that must not come out of a test's script. */
static void start_arena(void)
{
    sg_assert(sg_is_ok(sgc_secret_arena_init(64)));
}

void sg_det_rand_seed(uint64_t seed)
{
    start_arena();
    det.state = seed;
    det.script = SG_BYTES_NONE;
    det.fails = false;
}

void sg_det_rand_script(struct sg_bytes bytes)
{
    start_arena();
    det.script = bytes;
}

void sg_det_rand_fail_after(size_t good)
{
    start_arena();
    det.good_calls = good;
    det.fails = true;
}

size_t sg_det_rand_torture(sg_det_rand_fn *run, void *ctx)
{
    for (size_t good = 0;; good++) {
        sg_det_rand_fail_after(good);
        sg_err err = run(ctx);
        if (det.fails) {
            det.fails = false;
            sg_assert(sg_is_ok(err));
            return good;
        }
        sg_assert(sg_is(err, CRYPTO));
    }
}

static uint8_t next_byte(void)
{
    det.state += 0x9e3779b97f4a7c15u;
    uint64_t z = det.state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint8_t)(z ^ z >> 31);
}

sg_err sgc_rand(uint8_t *out, size_t len)
{
    if (det.fails && det.good_calls == 0) {
        det.fails = false;
        SG_FAIL(CRYPTO);
    }
    if (det.fails)
        det.good_calls--;
    for (size_t i = 0; i < len; i++) {
        out[i] = det.script.len > 0 ? det.script.ptr[0] : next_byte();
        det.script = sg_bytes_skip(det.script, 1);
    }
    return SG_OK;
}
