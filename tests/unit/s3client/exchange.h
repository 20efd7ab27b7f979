/*
 * exchange.h - a rig for tests of transfers: loop, upstream and pool, and consumers that pause, stop, cancel and count.
 *
 * Ownership  rig_clear() fails the test when a descriptor, a watch, a timer or a job was left behind.
 * Lifetime   rig_init -> exchange_start* -> exchange_wait* -> rig_clear.
 */
#ifndef SG_TESTS_EXCHANGE_H
#define SG_TESTS_EXCHANGE_H

#include "s3client/transfer.h"
#include "support/fake_upstream.h"
#include "support/poll_loop.h"

struct rig {
    struct poll_loop loop;
    struct fake_upstream *up;
    struct sgs_pool *pool;
    int fd_count; /* before */
};

#define RIG_CONNECT_MS 5000
#define RIG_STALL_MS   30000 /* a busy machine is no stalled upstream */
#define RIG_HASTY_MS   400   /* for tests that wait for a stall */

/* Shorthand for scripts. */
#define OK_EMPTY "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define HEAD                                                                                                           \
    {                                                                                                                  \
        .kind = FAKE_HEAD                                                                                              \
    }
#define BODY                                                                                                           \
    {                                                                                                                  \
        .kind = FAKE_BODY                                                                                              \
    }
#define SEND(t)                                                                                                        \
    {                                                                                                                  \
        FAKE_SEND, .text = (t)                                                                                         \
    }
#define SLEEP(ms)                                                                                                      \
    {                                                                                                                  \
        FAKE_SLEEP, .count = (ms)                                                                                      \
    }
#define RESET                                                                                                          \
    {                                                                                                                  \
        .kind = FAKE_RESET                                                                                             \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        .kind = FAKE_END                                                                                               \
    }

/* `script` may be NULL: add scripts with fake_upstream_script(). */
void rig_init(struct rig *rig, const struct fake_upstream_options *options, const struct fake_step *script);
/* As rig_init(), with options of the pool; ca_file NULL means the upstream's. */
void rig_init_pool(struct rig *rig, const struct fake_upstream_options *options, const struct fake_step *script,
                   const struct sgs_pool_options *pool);
void rig_clear(struct rig *rig);

enum place { NOWHERE, IN_HEAD, IN_BODY, IN_WANT, IN_REWIND, IN_DONE };

struct exchange {
    /* how to ask */
    const char *method;
    const char *host; /* NULL = 127.0.0.1 */
    const char *path; /* NULL = /bucket/key */
    unsigned port;    /* 0 = the upstream's */
    uint64_t body_len;
    bool has_body;
    const char *const *headers; /* name, value, ..., NULL */
    /* how to behave */
    unsigned pause_percent; /* of the calls of on_body and on_want */
    unsigned resume_ms;     /* at most so long after the pause; 0 = at once */
    bool no_resume;
    bool can_rewind;
    size_t give_max; /* bytes for each on_want; 0 = all it asks for */
    enum place cancel_in, stop_in;
    unsigned skip; /* calls of that callback to let pass first */
    /* what came of it */
    struct rig *rig;
    struct sgs_transfer *transfer;
    struct sg_timer resume_timer;
    unsigned seed;
    bool is_over; /* on_done was called, or it was cancelled */
    unsigned head_calls, done_calls, rewind_calls, want_calls, late_calls;
    sg_err err;
    int status;
    char detail[300];
    char etag[64];
    uint64_t given, got;
    bool got_pattern;
};

void exchange_start(struct rig *rig, struct exchange *x);
/* Turns the loop until it is over; fails the test after ten seconds. */
void exchange_wait(struct exchange *x);
/* Both. */
void exchange_run(struct rig *rig, struct exchange *x);
bool exchange_is_over(const void *x);

/* on_done was called once, with that error, and what had come was right. */
void exchange_check(const struct exchange *x, enum sg_code code);
#define ck_ends(x, NAME) exchange_check((x), SG_CODE_##NAME)
#define ck_success(x)    exchange_check((x), SG_CODE_OK)

#endif
