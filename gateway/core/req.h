/*
 * req.h - one request, from its head to its log line. Fields are grouped by who may touch them.
 *
 * Ownership  Released by the engine when both sides are done: `client` (the connection, NULL once gone) and the
 *            upstream transfer. Views point into the arena or into `head`.
 * Threads    One worker's.
 * Secrets    Only in sgc_secret fields; never in the arena.
 */
#ifndef SG_CORE_REQ_H
#define SG_CORE_REQ_H

#include "common/clock.h"
#include "common/loop.h"
#include "core/arena.h"
#include "core/client.h"
#include "core/config.h"
#include "core/keystore.h"
#include "s3client/sigv4.h"
#include "s3client/transfer.h"

struct sg_op;
struct sg_pipe;
struct sg_log;
struct sg_budget;
struct sg_part_cache;

#define SG_REQUEST_ID_LEN 16u /* upper-case hex */

/* What a worker gives to every request of its. Read-only during a request; each worker has its own. */
struct sg_env {
    struct sg_loop *loop;
    const struct sg_clock *clock;
    const struct sg_config *config;
    const struct sgc_keyring *keyring;
    const struct sg_keystore *keystore;
    const struct sgs_endpoint *upstream;
    const struct sgs_identity *upstream_identity;
    struct sgs_pool *pool;
    struct sgs_pool *side_pool; /* of its own: what holds a connection of `pool` never waits for another one of it */
    struct sg_part_cache *part_cache;
    struct sg_budget *budget;
    struct sg_log *log;
};

/* How the body's bytes are to be checked (x-amz-content-sha256). Set by auth. */
enum sg_payload {
    SG_PAYLOAD_SHA256,                 /* raw, its SHA-256 is signed */
    SG_PAYLOAD_UNSIGNED,               /* raw */
    SG_PAYLOAD_CHUNKED_SIGNED,         /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD */
    SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER */
    SG_PAYLOAD_CHUNKED_TRAILER,        /* STREAMING-UNSIGNED-PAYLOAD-TRAILER */
};

static inline bool sg_payload_is_chunked(enum sg_payload p)
{
    return p >= SG_PAYLOAD_CHUNKED_SIGNED;
}

/* The head as the connection received it. Set by server; read by all. */
struct sg_req_head {
    struct sg_bytes method;
    struct sg_bytes target;     /* as received: percent-encoded path and query */
    struct sgs_headers headers; /* all of them, raw, in order, Host and Content-Length included */
    uint64_t content_length;    /* SG_LENGTH_UNKNOWN when the body is chunked */
    bool has_body;              /* Content-Length above 0, or chunked */
    char peer[64];              /* address:port */
    char tls[32];               /* "TLSv1.3" */
};

/* What was asked for. Set by sg_target_parse(). */
struct sg_target {
    struct sg_bytes path_raw; /* percent-encoded, before the '?' */
    struct sg_bytes bucket;   /* decoded; empty: the service */
    struct sg_bytes key;      /* decoded; empty: the bucket */
    struct sgs_query query;
};

/* What the request says of itself, verified or not: for the words of an error and the audit line only. */
struct sg_auth_claim {
    struct sg_bytes access_key_id;
    struct sg_bytes region;
    struct sg_bytes headers_not_signed; /* "x-amz-a, x-amz-b" */
    int64_t time_s;                     /* when it was signed; 0 = not known */
    uint64_t expires_s;                 /* X-Amz-Expires */
};

/* Who asks, and what the signature says about the body. Set by auth. */
struct sg_req_auth {
    struct sg_auth_claim claim;
    const struct sg_credential *who; /* NULL until authenticated */
    enum sg_payload payload;
    struct sg_bytes payload_hash; /* the x-amz-content-sha256 value that was signed */
    struct sg_bytes amz_date;     /* 20130524T000000Z */
    struct sgs_scope scope;
    struct sg_bytes seed_signature; /* hex; start of the chunk chain */
    struct sgc_secret signing_key;  /* set for signed chunks only */
};

/* For the log line. */
struct sg_req_stats {
    uint64_t begin_ms;
    uint64_t bytes_in;    /* plaintext of the request body */
    uint64_t bytes_out;   /* plaintext of the reply body */
    uint64_t upstream_ms; /* until the upstream's head */
    int upstream_status;
};

/* One exchange with the upstream. The operation fills in what to ask and reads the answer; the rest is the engine's. */
struct sg_exchange {
    struct sgs_plan plan;
    struct sg_bytes send;       /* a body that lies in memory; empty: the body comes from req->up, or there is none */
    uint64_t skip;              /* bytes of the answer's body that come before those wanted; set by head() */
    int status;                 /* of the answer */
    struct sgs_headers headers; /* of the answer */
    struct sgc_buf collected;   /* the answer's body, when it is not streamed */

    struct sgs_transfer *transfer; /* while it is under way */
    uint64_t sent;                 /* bytes of `send` that are on their way */
    uint64_t begin_ms;
};

struct sg_req {
    const struct sg_env *env;
    struct sg_client *client; /* NULL once the client is gone */
    struct sg_arena arena;
    char id[SG_REQUEST_ID_LEN + 1];

    struct sg_req_head head;
    struct sg_target target;
    struct sg_req_auth auth;
    const struct sg_op *op;
    struct sg_req_stats stats;

    /* --- the engine's --- */
    unsigned step;
    sg_err failure; /* the first one */
    struct sg_err_site failure_site;
    struct sg_pipe *up;      /* request body -> upstream, or collected */
    struct sg_pipe *down;    /* upstream -> reply body */
    struct sgc_buf body;     /* a request body that is read whole (XML), verified */
    struct sg_exchange main; /* the exchange at hand */
    struct sg_exchange side; /* one that is asked while `main` is held: see SG_NEXT_SIDE */
    uint64_t reserved;       /* bytes of the budget */

    /* --- the reply, built by ops --- */
    struct sgs_headers reply_headers;
    int reply_status;
    struct sg_bytes reply_code; /* S3 code of an error reply, such as NoSuchKey; for the log */
    uint64_t
        reply_len; /* of a streamed body, or of what GET would have had (HEAD); else the length of reply_body counts */
    struct sgc_buf reply_body; /* for replies that are not streamed */
    bool reply_started;

    void *op_state; /* the operation's own, in the arena; op->clear() ends it */
};

#endif
