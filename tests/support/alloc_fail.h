/*
 * alloc_fail.h - torture: runs something while the arena of secrets runs dry at each place in turn.
 *
 * Usage      sg_unit_test(crypto envelope ${SG_ALLOC_FAIL}). The heap is not tortured: out of memory aborts by design.
 * Threads    One thread only. Others must not take or give back secrets meanwhile.
 */
#ifndef SG_TESTS_ALLOC_FAIL_H
#define SG_TESTS_ALLOC_FAIL_H

#include "common/err.h"

typedef sg_err sg_torture_fn(void *ctx);

/* Runs `run` with no slot for a secret left, then with one, with two, and so on until it passes. A run that fails with
 * anything but LIMIT, or that keeps a slot after failing, stops the test. Returns how many slots the passing run had.
 */
size_t sg_torture_slots(sg_torture_fn *run, void *ctx);

#endif
