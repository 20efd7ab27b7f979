/*
 * engine_req.h - a request as the engine holds it: struct sg_req and what only the engine touches.
 *
 * Ownership  Freed by engine.c, from the loop, when the client and the upstream are both done with it.
 */
#ifndef SG_ENGINE_ENGINE_REQ_H
#define SG_ENGINE_ENGINE_REQ_H

#include "core/budget.h"
#include "ops/ops.h"

struct sg_engine_req {
    struct sg_req req; /* first: the two are one */
    struct sg_job run; /* runs the steps */
    struct sg_budget_waiter waiter;
    sg_err admitted;

    struct sg_pipe_facts collect_facts; /* of a body that is read whole */
    bool body_started, body_ended;      /* reading was asked for; its end was seen and every check has passed */

    enum sg_next next;   /* what the operation wants next */
    bool exchange_ended; /* the exchange that was asked for is over */
    bool side_ended;     /* so is the one on the side */

    struct sg_pipe *out; /* carries a reply that lies in memory */
    struct sg_pipe_facts out_facts;
    size_t out_fed;

    bool running;     /* run() is on the stack */
    bool client_done; /* the reply is written, or the client gone */
};

static inline struct sg_engine_req *sg_engine_req(struct sg_req *req)
{
    return (struct sg_engine_req *)(void *)req;
}

/* --- engine.c --- */

/* Runs the steps, from the loop. */
void sg_engine_wake(struct sg_engine_req *e);
/* Notes the first failure, and ends what can still be ended: the upstream exchange, a reply that has begun. The next
 * run tells the client, if it can still be told. */
void sg_engine_fail(struct sg_engine_req *e, sg_err err);

/* --- upstream_flow.c --- */

/* Starts the exchange in req->main.plan. */
SG_MUST sg_err sg_upstream_start(struct sg_engine_req *e);
/* head() or side() said SG_NEXT_GO: the reply begins, if there is one yet, and the body flows. */
SG_MUST sg_err sg_upstream_go_on(struct sg_engine_req *e);
/* Breaks the exchange off; for the steps it has ended. */
void sg_upstream_drop(struct sg_engine_req *e);
void sg_upstream_cancel(struct sg_engine_req *e);

/* --- client_flow.c --- */

/* Wires req->up to the connection and asks for the body; a request without one has ended at once. */
SG_MUST sg_err sg_client_start_body(struct sg_engine_req *e);
/* Sends the reply's head, and the body from req->down or req->reply_body. */
SG_MUST sg_err sg_client_start_reply(struct sg_engine_req *e);

#endif
