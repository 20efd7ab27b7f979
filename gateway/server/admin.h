/*
 * admin.h - the small listener for operators and orchestrators: /healthz and /readyz, plain HTTP, meant for loopback.
 *
 * Idea       /healthz: the process turns its loop. /readyz: it takes requests, and the storage behind it was reachable
 *            lately. Nothing secret is told, and nothing can be changed here.
 * Ownership  The caller owns the struct; it outlives the host's connections.
 * Tests      tests/unit/server/test_wire.py
 */
#ifndef SG_SERVER_ADMIN_H
#define SG_SERVER_ADMIN_H

#include "core/req.h"
#include "server/plain.h"

struct sg_admin {
    const struct sg_env *env;
    bool (*ready)(void *ctx); /* called on the worker's thread; NULL = always */
    void *ready_ctx;
    const bool *draining; /* of the worker */
};

void sg_admin_init(struct sg_plain_host *host, const struct sg_admin *admin);

#endif
