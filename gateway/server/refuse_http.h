/*
 * refuse_http.h - the optional listener that speaks plain HTTP only to say that it does not.
 *
 * Idea       403 AccessDenied to everything, as a bucket policy that demands TLS would answer. Never a redirect: a
 *            client that follows one has already sent its request in the clear, and would go on doing so.
 * Tests      tests/unit/server/test_wire.py
 */
#ifndef SG_SERVER_REFUSE_HTTP_H
#define SG_SERVER_REFUSE_HTTP_H

#include "core/req.h"
#include "server/plain.h"

/* Sets up `host`, which answers with `env`'s clock until it goes. */
void sg_refuse_http_init(struct sg_plain_host *host, const struct sg_env *env);

#endif
