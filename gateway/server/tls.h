/*
 * tls.h - the server side of TLS: which versions, suites and curves, and the certificate.
 *
 * Idea       TLS 1.2 and 1.3 with forward secrecy and AEAD suites only, "http/1.1" by ALPN, no renegotiation, no
 *            compression, no early data, session tickets instead of a session cache. Nothing of it is an option.
 * Ownership  A context lives until free(), and longer than every connection made with it.
 * Threads    Shared by all workers: one set of ticket keys, so that a session may be resumed by any worker.
 * Errors     CONFIG with a message that names the file and what to do.
 * Tests      tests/unit/server/test_tls.c, tests/unit/server/test_wire.py
 */
#ifndef SG_SERVER_TLS_H
#define SG_SERVER_TLS_H

#include "crypto/buf.h"

struct sg_tls;
struct ssl_ctx_st;

/* PEM files: the chain with the server's own certificate first, and its key without a passphrase. */
SG_MUST sg_err sg_tls_new(const char *certificate, const char *key, struct sg_tls **out, struct sgc_buf *message);
void sg_tls_free(struct sg_tls *tls);

/* For libh2o, which makes the connections. */
struct ssl_ctx_st *sg_tls_context(const struct sg_tls *tls);

/* Why the handshake that has just failed on this thread did so. */
struct sg_tls_failure {
    char reason[96];
    /* Alert record to send before the close; 0 = none. libh2o drops the one that was prepared. */
    uint8_t alert[7];
    size_t alert_len;
};
void sg_tls_failure_take(struct sg_tls_failure *out);

#endif
