/*
 * world.h - an engine with nothing real around it: a client connection, an upstream and a loop that the test turns.
 *
 * Idea       The functions of s3client/transfer.h and gateway/auth are defined here and win at link time, so that the
 *            whole gateway between them runs as it is.
 * Lifetime   world_init -> world_ask ... -> world_clear, which also checks that the request has been freed.
 */
#ifndef SG_TESTS_WORLD_H
#define SG_TESTS_WORLD_H

#include "core/budget.h"
#include "engine/engine.h"
#include "pipe/queue.h"
#include "support/fake_clock.h"
#include "support/fake_loop.h"

#define WORLD_MAX (32u << 20)

/* What the upstream was asked. */
struct world_exchange {
    char method[16];
    char url[4096];
    struct sgs_headers headers;
    uint64_t body_len;
    struct sgc_buf body; /* as far as it was pulled */
    bool cancelled, ended, paused_up, paused_down;
    const struct sgs_transfer_events *events;
    void *ctx;
};

struct world {
    struct fake_loop loop;
    struct fake_clock clock;
    struct sg_config config;
    struct sg_bucket_rule rules[2];
    char *keys[1];
    struct sgc_keyring *keyring;
    struct sg_credential who;
    struct sgs_endpoint endpoint;
    struct sgs_identity identity;
    struct sg_budget budget;
    struct sg_env env;

    /* the client's side */
    struct sg_client client;
    struct sg_req *req;
    bool body_wanted, body_resumed;
    bool replied;
    int status;
    struct sgs_headers reply_headers;
    uint64_t reply_len;
    struct sg_queue *reply_queue;
    struct sgc_buf reply; /* as far as it was drained */
    bool reply_broken, reply_complete;
    char error_code[64];

    /* the upstream's side */
    struct world_exchange exchange; /* the latest */
    unsigned exchange_count;
    struct world_exchange side; /* the latest on the side */
    unsigned side_count;
};

void world_init(struct world *w);
void world_clear(struct world *w);

/* A request; `headers` are name, value pairs ended by NULL. `body_len` 0: no body. */
void world_ask(struct world *w, const char *method, const char *target, const char *const *headers, uint64_t body_len);
/* Body bytes, as the connection would give them; turns the loop and pulls upstream as it goes. */
void world_body(struct world *w, struct sg_bytes bytes);
void world_body_end(struct world *w);
void world_gone(struct world *w);

/* The upstream's answer: head (name, value pairs ended by NULL), body in pieces of `piece` bytes, end. */
void world_answer_head(struct world *w, int status, const char *const *headers);
void world_answer_body(struct world *w, struct sg_bytes bytes, size_t piece);
void world_answer_end(struct world *w, sg_err err);
/* All of an answer to the exchange on the side. */
void world_answer_side(struct world *w, int status, const char *const *headers, struct sg_bytes body);

/* Turns the loop, pulls what the upstream may have, drains what the client may have. */
void world_run(struct world *w);
const char *world_error_code(struct world *w);

#endif
