/*
 * transfer.c - one exchange, from start() to on_done. libcurl pushes header lines and body here and pulls the upload
 * from here; a pause is passed on to libcurl and lifted by a job, because unpausing calls back at once. What the
 * library lets pass, the exchange checks: a head that frames its body without doubt, a success only after the whole
 * upload, a rewound upload before it is sent again.
 *
 * An exchange that is cancelled while libcurl is on the stack refuses every callback from then on and is released when
 * libcurl has returned.
 */
#include "s3client/transfer.h"

#include <stdio.h>

#include "s3client/answer.h"
#include "s3client/pool.h"
#include "s3client/retry.h"
#include "s3client/wire.h"

#include "common/banned.h"

#define STALL_LOOKS 4 /* how often progress is looked at within the stall timeout */

/* How long a large upload waits for "100 Continue". An upstream that knows it answers at once; one that stayed silent a
 * few times in a row does not, and is no longer given a second of every upload. */
#define CONTINUE_WAIT_MS       1000L
#define CONTINUE_WAIT_SHORT_MS 50L
#define CONTINUE_SILENT_COUNT  2

struct sgs_transfer {
    struct sgs_pool *pool;
    struct sgs_transfer *next_given_up;
    struct sgs_transfer_events events;
    void *ctx;
    CURL *easy;
    struct sgs_wire wire;
    struct sgs_answer answer;
    struct sg_job job; /* adds the handle, or lifts the pause */
    struct sg_timer stall;
    uint64_t given;       /* bytes of the upload that libcurl has got */
    uint64_t moved;       /* bytes that had crossed the network when last looked at */
    uint64_t moved_at_ms; /* when that number last changed, or somebody on our side made it stand still */
    sg_err err;           /* what a callback said */
    bool is_head_request;
    bool is_added; /* to the multi */
    bool is_sent;  /* a connection was there */
    bool is_again; /* the second attempt */
    bool is_body_paused, is_want_paused;
    bool is_head_given; /* on_head was called */
    bool is_ending;     /* our callback of the end is on the stack: it frees, whatever happens in it */
    bool is_cancelled;
    char detail[CURL_ERROR_SIZE];
};

/* An exchange that is not complete breaks its connection here. */
static void detach(struct sgs_transfer *t)
{
    if (t->is_added)
        sgs_multi_remove(&t->pool->multi, t->easy);
    t->is_added = false;
}

static void release(struct sgs_transfer *t)
{
    struct sgs_pool *pool = t->pool;
    detach(t);
    sg_timer_clear(pool->multi.loop, &t->stall);
    sg_job_cancel(pool->multi.loop, &t->job);
    sgs_wire_clear(&t->wire, t->easy);
    (void)curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, NULL);
    sgs_pool_give_easy(pool, t->easy);
    sgs_answer_clear(&t->answer);
    pool->live_count--;
    sgc_xfree(t);
}

/* Keeps the first error and its words; libcurl's own follow from it. */
static void refuse(struct sgs_transfer *t, sg_err err, const char *why)
{
    if (!sg_is_ok(t->err))
        return;
    t->err = sg_is_ok(err) ? SG_ERR_OF(INTERNAL) : err;
    (void)curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, NULL);
    (void)snprintf(t->detail, sizeof(t->detail), "%s", why);
}

static void note_progress(struct sgs_transfer *t)
{
    t->moved_at_ms = sg_loop_now_ms(t->pool->multi.loop);
}

/* --- what libcurl calls --- */

/* False when the exchange must not go on. */
static bool give_head(struct sgs_transfer *t)
{
    if (t->is_head_given)
        return true;
    t->is_head_given = true;
    sg_err err = t->events.on_head(t->ctx, t->answer.status, &t->answer.headers);
    if (t->is_cancelled)
        return false;
    if (!sg_is_ok(err))
        refuse(t, err, "");
    return sg_is_ok(err);
}

static sg_err take_line(struct sgs_transfer *t, struct sg_bytes line)
{
    SG_TRY(sgs_answer_line(&t->answer, line));
    if (t->answer.is_complete)
        SG_TRY(sgs_answer_check(&t->answer, t->is_head_request));
    return SG_OK;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx)
{
    struct sgs_transfer *t = ctx;
    size_t len = size * count;
    if (t->is_cancelled)
        return CURL_WRITEFUNC_ERROR;
    /* After the head these are trailers of a chunked body, which nobody reads; but the library keeps each of them. */
    sg_err err = t->is_head_given ? sgs_answer_skip(&t->answer, len) : take_line(t, sg_bytes(bytes, len));
    if (sg_is_ok(err))
        return len;
    refuse(t, err, t->answer.why);
    return CURL_WRITEFUNC_ERROR;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *ctx)
{
    struct sgs_transfer *t = ctx;
    size_t len = size * count;
    sg_err err = SG_OK;
    if (t->is_cancelled || !give_head(t))
        return CURL_WRITEFUNC_ERROR;
    enum sgs_flow flow = t->events.on_body(t->ctx, sg_bytes(bytes, len), &err);
    if (t->is_cancelled)
        return CURL_WRITEFUNC_ERROR;
    t->is_body_paused = flow == SGS_FLOW_PAUSE;
    if (flow == SGS_FLOW_GO)
        return len;
    if (flow == SGS_FLOW_PAUSE)
        return CURL_WRITEFUNC_PAUSE;
    refuse(t, err, "");
    return CURL_WRITEFUNC_ERROR;
}

static size_t on_read(char *room, size_t size, size_t count, void *ctx)
{
    struct sgs_transfer *t = ctx;
    uint64_t left = t->wire.body_len - t->given;
    size_t cap = size * count < left ? size * count : (size_t)left;
    size_t len = 0;
    sg_err err = SG_OK;
    if (t->is_cancelled)
        return CURL_READFUNC_ABORT;
    if (cap == 0)
        return 0;
    enum sgs_flow flow = t->events.on_want(t->ctx, (uint8_t *)room, cap, &len, &err);
    if (t->is_cancelled)
        return CURL_READFUNC_ABORT;
    t->is_want_paused = flow == SGS_FLOW_PAUSE;
    if (flow == SGS_FLOW_PAUSE)
        return CURL_READFUNC_PAUSE;
    if (flow == SGS_FLOW_GO) {
        sg_assert(len > 0 && len <= cap);
        t->given += len;
        return len;
    }
    refuse(t, err, "");
    return CURL_READFUNC_ABORT;
}

static bool rewind_body(struct sgs_transfer *t)
{
    if (t->given == 0)
        return true;
    if (t->events.on_rewind == NULL || !t->events.on_rewind(t->ctx))
        return false;
    t->given = 0;
    return !t->is_cancelled;
}

static int on_seek(void *ctx, curl_off_t offset, int origin)
{
    struct sgs_transfer *t = ctx;
    bool is_start = offset == 0 && origin == SEEK_SET;
    return !t->is_cancelled && is_start && rewind_body(t) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

/* A connection is there and the request is about to go out, perhaps not for the first time: libcurl replaces dead
 * pooled connections by itself, and asks for a rewind only when bytes of the body had been sent. Bytes that it had
 * fetched and not sent are gone as well. */
static int on_connected(void *ctx, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct sgs_transfer *t = ctx;
    SG_UNUSED(remote_ip);
    SG_UNUSED(local_ip);
    SG_UNUSED(remote_port);
    SG_UNUSED(local_port);
    if (t->is_cancelled)
        return CURL_PREREQFUNC_ABORT;
    if (!rewind_body(t)) {
        if (!t->is_cancelled)
            refuse(t, SG_ERR_OF(UPSTREAM_LOST), "the connection was dead and the body cannot be sent again");
        return CURL_PREREQFUNC_ABORT;
    }
    t->is_sent = true;
    note_progress(t);
    return CURL_PREREQFUNC_OK;
}

/* --- the end --- */

static void end(struct sgs_transfer *t, sg_err err)
{
    t->is_ending = true;
    if (!t->is_cancelled)
        t->events.on_done(t->ctx, err);
    release(t);
}

/* libcurl says OK. A server that answers early with "Connection: close" makes it stop sending and say so all the same.
 */
static sg_err conclude(struct sgs_transfer *t)
{
    curl_off_t uploaded = 0;
    bool is_success = t->answer.status >= 200 && t->answer.status <= 299;
    (void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    if (!t->answer.is_complete)
        refuse(t, SG_ERR_OF(UPSTREAM_PROTOCOL), "no head of an answer");
    else if (is_success && (uint64_t)uploaded != t->wire.body_len)
        refuse(t, SG_ERR_OF(UPSTREAM_PROTOCOL), "success was answered before the whole body was sent");
    else
        (void)give_head(t);
    if (is_success && t->wire.body_len > SG_LIMIT_REPLAY)
        t->pool->silent_count = t->answer.is_continued ? 0 : t->pool->silent_count + 1;
    return t->err;
}

static void go_again(struct sgs_transfer *t)
{
    t->is_again = true;
    t->is_sent = false;
    t->is_body_paused = t->is_want_paused = false;
    t->detail[0] = '\0';
    sgs_answer_clear(&t->answer);
    (void)curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
    sg_job_post(t->pool->multi.loop, &t->job);
}

void sgs_transfer_on_ended(void *pool, CURL *easy, CURLcode code)
{
    struct sgs_transfer *t = NULL;
    SG_UNUSED(pool);
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
    if (t->is_cancelled)
        return; /* on_left() releases it */
    struct sgs_attempt attempt = {code, t->is_sent, t->answer.bytes > 0, t->is_again};
    detach(t);
    t->is_ending = true;
    if (code != CURLE_OK && t->detail[0] == '\0')
        (void)snprintf(t->detail, sizeof(t->detail), "%s", curl_easy_strerror(code));
    if (code == CURLE_OK && sg_is_ok(t->err))
        end(t, conclude(t));
    else if (!sg_is_ok(t->err))
        end(t, t->err);
    else if (!sgs_retry_may(&attempt) || !rewind_body(t))
        end(t, sgs_retry_err(&attempt));
    else {
        t->is_ending = false;
        go_again(t);
    }
}

void sgs_transfer_on_left(void *ctx)
{
    struct sgs_pool *pool = ctx;
    while (pool->given_up != NULL) {
        struct sgs_transfer *t = pool->given_up;
        pool->given_up = t->next_given_up;
        release(t);
    }
}

/* --- what the loop calls --- */

static uint64_t count_moved(CURL *easy)
{
    curl_off_t up = 0, down = 0;
    long head = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
    (void)curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    (void)curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &head);
    return (uint64_t)up + (uint64_t)down + (uint64_t)head;
}

static void watch_stall(struct sgs_transfer *t)
{
    uint64_t every_ms = t->pool->options.stall_timeout_ms / STALL_LOOKS;
    sg_timer_set(t->pool->multi.loop, &t->stall, every_ms > 0 ? every_ms : 1);
}

/* Before there is a connection the connect timeout counts, or the transfer waits for its turn. A pause is a wait for
 * our own side, which has its own watch. */
static void on_stall_look(void *ctx)
{
    struct sgs_transfer *t = ctx;
    uint64_t timeout_ms = t->pool->options.stall_timeout_ms;
    uint64_t moved = count_moved(t->easy);
    if (!t->is_sent || t->is_body_paused || t->is_want_paused || moved != t->moved)
        note_progress(t);
    t->moved = moved;
    if (sg_loop_now_ms(t->pool->multi.loop) - t->moved_at_ms < timeout_ms) {
        watch_stall(t);
        return;
    }
    refuse(t, SG_ERR_OF(UPSTREAM_TIMEOUT), "the connection stood still");
    detach(t);
    end(t, t->err);
}

static void on_job(void *ctx)
{
    struct sgs_transfer *t = ctx;
    if (t->is_added) {
        t->is_body_paused = t->is_want_paused = false;
        sgs_multi_unpause(&t->pool->multi, t->easy);
        return;
    }
    /* The transfer may be gone when add() returns, unless add() failed. */
    t->is_added = true;
    sg_err err = sgs_multi_add(&t->pool->multi, t->easy);
    if (sg_is_ok(err))
        return;
    t->is_added = false;
    end(t, err);
}

/* --- what callers call --- */

static bool set_options(struct sgs_transfer *t)
{
    CURL *easy = t->easy;
    long wait_ms = t->pool->silent_count < CONTINUE_SILENT_COUNT ? CONTINUE_WAIT_MS : CONTINUE_WAIT_SHORT_MS;
    bool is_set = true;
    is_set &= curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, wait_ms) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_PRIVATE, t) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->detail) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 0L) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, t) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, t) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_READDATA, t) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_SEEKDATA, t) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_PREREQDATA, t) == CURLE_OK;
    return is_set;
}

sg_err sgs_transfer_start(struct sgs_pool *pool, const struct sgs_request *request,
                          const struct sgs_transfer_events *events, void *ctx, struct sgs_transfer **out)
{
    CURL *easy;
    SG_TRY(sgs_pool_take_easy(pool, &easy));
    struct sgs_transfer *t = sgc_xalloc(sizeof(*t));
    *t = (struct sgs_transfer){.pool = pool, .events = *events, .ctx = ctx, .easy = easy, .wire = SGS_WIRE_NONE};
    t->answer = SGS_ANSWER_NONE;
    t->job = (struct sg_job){.fn = on_job, .ctx = t};
    t->stall = (struct sg_timer){.fn = on_stall_look, .ctx = t};
    t->is_head_request = strcmp(request->method, "HEAD") == 0;
    sg_assert(request->body_len == 0 || !request->has_body || events->on_want != NULL);
    pool->live_count++;
    sg_err err = sgs_wire_apply(&t->wire, easy, request);
    if (sg_is_ok(err) && !set_options(t))
        err = SG_ERR_OF(INTERNAL);
    if (!sg_is_ok(err)) {
        release(t);
        return err;
    }
    note_progress(t);
    watch_stall(t);
    sg_job_post(pool->multi.loop, &t->job);
    *out = t;
    return SG_OK;
}

void sgs_transfer_resume(struct sgs_transfer *t)
{
    if (t->is_added && !t->is_cancelled && !t->is_ending)
        sg_job_post(t->pool->multi.loop, &t->job);
}

void sgs_transfer_cancel(struct sgs_transfer *t)
{
    sg_assert(!t->is_cancelled);
    t->is_cancelled = true;
    if (t->is_ending)
        return;
    if (!sgs_multi_is_inside(&t->pool->multi)) {
        release(t);
        return;
    }
    t->next_given_up = t->pool->given_up;
    t->pool->given_up = t;
}

const char *sgs_transfer_detail(const struct sgs_transfer *t)
{
    return t->detail;
}
