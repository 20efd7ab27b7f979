/*
 * det_rand.h - random bytes that the test decides.
 *
 * Usage      Add the source to the test, `sg_unit_test(crypto segment ${SG_DET_RAND})`. The executable then defines
 *            sgc_rand() itself, and the linker has no reason to take rand.o out of the library.
 * Threads    One thread only.
 * Tests      tests/unit/crypto/test_rand.c shows that the kernel's is used elsewhere; test_secret.c uses this one.
 */
#ifndef SG_TESTS_DET_RAND_H
#define SG_TESTS_DET_RAND_H

#include "common/bytes.h"
#include "common/err.h"

/* Starts the stream of `seed` from its beginning; forgets a script and a failure that were set. Seed 0 at start. */
void sg_det_rand_seed(uint64_t seed);

/* The next random bytes are these, whatever the sizes asked for; then the stream goes on. `bytes` must stay. */
void sg_det_rand_script(struct sg_bytes bytes);

/* After `good` calls, one call fails with CRYPTO. */
void sg_det_rand_fail_after(size_t good);

/* Runs `run` with its first call of sgc_rand() failing, then with its second, and so on until a run needs no more of
 * them and passes. A run that fails for another reason, or passes in spite of the failure, stops the test. Returns how
 * many calls failed. */
typedef sg_err sg_det_rand_fn(void *ctx);
size_t sg_det_rand_torture(sg_det_rand_fn *run, void *ctx);

#endif
