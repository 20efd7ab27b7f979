/*
 * multi.h - libcurl's multi handle, driven by an sg_loop.
 *
 * Idea       Sockets become watches, libcurl's timeout becomes a timer. Whatever enters libcurl goes through here, so
 *            that one place knows whether libcurl is on the stack: handles may be removed only when it is not.
 * Ownership  Easy handles stay the caller's. The multi owns watches and what libcurl keeps in the multi handle.
 * Lifetime   init -> (add -> on_ended | remove)* -> clear. on_ended comes from the loop (socket, timer) or from inside
 *            add() and unpause(), after libcurl has returned. The handle is then still added.
 * Threads    One multi, one thread.
 * Tests      tests/unit/s3client/test_transfer.c, test_transfer_cancel.c
 */
#ifndef SG_S3CLIENT_MULTI_H
#define SG_S3CLIENT_MULTI_H

#include <curl/curl.h>

#include "common/err.h"
#include "common/loop.h"

struct sgs_multi_hooks {
    /* libcurl has returned: the time to remove handles that were given up while it ran. */
    void (*on_left)(void *ctx);
    /* A handle has come to its end. */
    void (*on_ended)(void *ctx, CURL *easy, CURLcode code);
};

struct sgs_socket;

struct sgs_multi {
    struct sg_loop *loop;
    CURLM *handle;
    struct sgs_multi_hooks hooks;
    void *ctx;
    struct sg_timer timer;
    struct sgs_socket *sockets;
    unsigned depth; /* of calls into libcurl on the stack */
    bool settling;  /* on_left and on_ended are being called */
};

SG_MUST sg_err sgs_multi_init(struct sgs_multi *m, struct sg_loop *loop, const struct sgs_multi_hooks *hooks, void *ctx,
                              unsigned max_connections);
/* All handles must have been removed. */
void sgs_multi_clear(struct sgs_multi *m);

static inline bool sgs_multi_is_inside(const struct sgs_multi *m)
{
    return m->depth > 0;
}

/* Adds the handle and gives it a first run. */
SG_MUST sg_err sgs_multi_add(struct sgs_multi *m, CURL *easy);
/* Lets a paused handle go on, in both directions, and gives it a run. */
void sgs_multi_unpause(struct sgs_multi *m, CURL *easy);
/* Not while is_inside(). */
void sgs_multi_remove(struct sgs_multi *m, CURL *easy);

/* To be called when libcurl opens the socket of a connection: its watch is then kept while the connection is idle. */
void sgs_multi_socket_opened(struct sgs_multi *m, int fd);
/* For CURLOPT_CLOSESOCKETFUNCTION, the multi being its data. */
int sgs_multi_close_socket(void *multi, curl_socket_t fd);

#endif
