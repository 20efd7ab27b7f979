/*
 * probe.h - asks the upstream now and then whether it is there; the answer is what /readyz says.
 *
 * Idea       A HEAD on the state bucket: signed, over verified TLS, so that it fails for whatever would fail a client's
 *            request: address, certificate, credentials, the bucket itself. Each change is one line in the log.
 * Ownership  Embedded in its owner; clear() before the loop or the pool goes.
 * Threads    One worker's.
 * Tests      tests/unit/engine/test_probe.c
 */
#ifndef SG_ENGINE_PROBE_H
#define SG_ENGINE_PROBE_H

#include "core/req.h"

struct sg_probe {
    const struct sg_env *env;
    struct sg_timer timer;
    struct sgs_transfer *transfer;
    int status;        /* of the answer at hand */
    bool is_reachable; /* as of the last answer */
    bool was_asked;
};

/* Asks at once, then every few seconds. */
void sg_probe_start(struct sg_probe *probe, const struct sg_env *env);
void sg_probe_clear(struct sg_probe *probe);

#endif
