/*
 * http1_conn.h - the connection as the three files that are http1.h see it: http1.c (its life), http1_request.c (heads
 * and bodies coming in), http1_reply.c (replies going out).
 *
 * Lifetime   A connection is freed from the loop after its socket is closed, never inside one of its callbacks; every
 *            function here may be called on one that is closed, and then does nothing.
 * Rule       struct sg_client_ops never call the engine back: they set a flag and post the job of the connection.
 */
#ifndef SG_SERVER_HTTP1_CONN_H
#define SG_SERVER_HTTP1_CONN_H

#include <h2o.h>

#include "pipe/queue.h"
#include "server/http1.h"
#include "server/http1_body.h"
#include "server/http1_head.h"
#include "server/sockets.h"

enum sg_http1_state {
    SG_HTTP1_FIRST,     /* nothing came yet: TLS, or what? */
    SG_HTTP1_HANDSHAKE, /* libh2o's */
    SG_HTTP1_HEAD,      /* between requests, or a head is coming in */
    SG_HTTP1_REQUEST,   /* from the head to the end of the reply */
    SG_HTTP1_LINGER,    /* the reply is out; what is left of the body is thrown away */
    SG_HTTP1_CLOSED,
};

struct sg_http1_reply {
    bool begun;
    bool complete; /* the socket has all of it */
    bool chunked;
    struct sgc_buf out;     /* the head, until it is written */
    struct sg_queue *queue; /* NULL: no body */
    uint64_t left;          /* of Content-Length */
};

struct sg_http1 {
    struct sg_client client; /* first: the engine's view is cast back to this struct */
    struct sg_http1_host *host;
    struct sg_http1 *next, *prev;
    h2o_socket_t *sock; /* NULL: closed, and about to be freed */
    enum sg_http1_state state;
    struct sg_timer timer;
    struct sg_job job;
    char peer[SG_ADDRESS_SIZE];

    uint64_t since_ms; /* begin of the state */
    uint64_t read_ms;  /* last time bytes came, or began to be waited for */
    uint64_t write_ms; /* last time a write began or got on */
    uint64_t probe_ms; /* last look at a socket that is not read */
    uint64_t acked;

    bool running; /* inside sg_http1_run() */
    bool reading, writing;
    bool doomed; /* to be broken from the job */
    bool eof;    /* the client sends nothing more */

    struct sg_http1_scan scan;
    struct sg_req *req; /* NULL between requests, and for those that were refused unparsed */
    bool keep;          /* the connection outlives the request */
    bool is_head;       /* the method is HEAD */

    struct sg_http1_body body;
    bool body_wanted, body_paused;
    bool body_broken; /* where it ends cannot be known */
    bool discarding;  /* a reply has begun: nobody wants the body */
    bool expects_continue;
    uint64_t discarded;

    struct sg_http1_reply reply;
};

static inline struct sg_http1 *sg_http1_of(struct sg_client *client)
{
    return (struct sg_http1 *)client;
}

static inline struct sg_loop *sg_http1_loop(struct sg_http1 *c)
{
    return c->host->env->loop;
}

static inline struct sg_bytes sg_http1_input(const struct sg_http1 *c)
{
    return sg_bytes(c->sock->input->bytes, c->sock->input->size);
}

/* --- http1.c --- */
void sg_http1_enter(struct sg_http1 *c, enum sg_http1_state state);
/* Sees to it that reading and the timer are as the state wants them. Ends every callback. */
void sg_http1_watch(struct sg_http1 *c);
/* What only the loop may do is to be done: runs the job soon. */
void sg_http1_poke(struct sg_http1 *c);
/* Orderly, after complete replies. */
void sg_http1_close(struct sg_http1 *c);
/* The client must see that something is missing; the engine hears of it. */
void sg_http1_break(struct sg_http1 *c);
/* Puts the connection at the end of the host's list. */
void sg_http1_touch(struct sg_http1 *c);

/* --- http1_request.c --- */
#define SG_HTTP1_DISCARD_MAX (4 * SG_MIB) /* of a body that nobody wants */

/* Takes from the input what can be taken now. */
void sg_http1_run(struct sg_http1 *c);
/* The client has closed its side. */
void sg_http1_on_eof(struct sg_http1 *c);
/* The reply is written: on to the next request, or to the end. */
void sg_http1_end_request(struct sg_http1 *c);
void sg_http1_next_head(struct sg_http1 *c);
/* The body cannot be read to its end. */
void sg_http1_fail_body(struct sg_http1 *c, sg_err err);
void sg_http1_body_start(struct sg_client *client);
void sg_http1_body_resume(struct sg_client *client);

/* --- http1_reply.c --- */
void sg_http1_reply_begin(struct sg_client *client, const struct sg_reply_head *head, struct sg_queue *body);
void sg_http1_reply_wake(struct sg_client *client);
/* Writes what can be written now. */
void sg_http1_reply_write(struct sg_http1 *c);
/* The reply to something that is no request; the connection ends with it. */
void sg_http1_refuse(struct sg_http1 *c, sg_err err);
/* "100 Continue" */
void sg_http1_reply_continue(struct sg_http1 *c);
/* Lets go of the queue and the head. */
void sg_http1_reply_clear(struct sg_http1 *c);

#endif
