/* The consumer checks the order of the callbacks as it goes: head once and first, done once and last. */
#include "exchange.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>

#include "common/banned.h"

static int count_fds(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL)
        count++;
    (void)closedir(dir);
    return count;
}

void rig_init_pool(struct rig *rig, const struct fake_upstream_options *options, const struct fake_step *script,
                   const struct sgs_pool_options *pool)
{
    struct sgs_pool_options with_ca = *pool;
    ck_assert(sg_is_ok(sgs_pool_global_init()));
    rig->fd_count = count_fds();
    poll_loop_init(&rig->loop);
    rig->up = fake_upstream_new(options);
    if (script != NULL)
        fake_upstream_script(rig->up, script);
    if (with_ca.ca_file == NULL)
        with_ca.ca_file = fake_upstream_ca_file(rig->up);
    ck_assert(sg_is_ok(sgs_pool_new(&rig->loop.fake.loop, &with_ca, &rig->pool)));
}

void rig_init(struct rig *rig, const struct fake_upstream_options *options, const struct fake_step *script)
{
    static const struct sgs_pool_options pool = {NULL, RIG_CONNECT_MS, RIG_STALL_MS, 60000, 8};
    rig_init_pool(rig, options, script, &pool);
}

void rig_clear(struct rig *rig)
{
    sgs_pool_free(rig->pool);
    fake_upstream_free(rig->up);
    poll_loop_clear(&rig->loop);
    ck_assert_int_eq(count_fds(), rig->fd_count);
}

static unsigned roll(struct exchange *x)
{
    x->seed = x->seed * 1664525u + 1013904223u;
    return x->seed >> 8;
}

static void finish(struct exchange *x)
{
    x->is_over = true;
    sg_timer_clear(&x->rig->loop.fake.loop, &x->resume_timer);
}

static bool is_time(struct exchange *x, enum place wanted, enum place place)
{
    if (wanted != place)
        return false;
    return x->skip == 0 || x->skip-- == 0;
}

static bool cancels(struct exchange *x, enum place place)
{
    if (!is_time(x, x->cancel_in, place))
        return false;
    sgs_transfer_cancel(x->transfer);
    finish(x);
    return true;
}

static bool pauses(struct exchange *x)
{
    if (roll(x) % 100 >= x->pause_percent)
        return false;
    if (x->no_resume)
        return true;
    if (x->resume_ms == 0)
        sgs_transfer_resume(x->transfer);
    else
        sg_timer_set(&x->rig->loop.fake.loop, &x->resume_timer, roll(x) % x->resume_ms);
    return true;
}

static void on_resume(void *ctx)
{
    struct exchange *x = ctx;
    sgs_transfer_resume(x->transfer);
}

static sg_err on_head(void *ctx, int status, const struct sgs_headers *headers)
{
    struct exchange *x = ctx;
    struct sg_bytes etag = SG_BYTES_NONE;
    x->late_calls += x->is_over || x->got > 0;
    x->head_calls++;
    x->status = status;
    if (sgs_headers_find(headers, "etag", &etag))
        (void)snprintf(x->etag, sizeof(x->etag), "%.*s", SG_BYTES_FMT(etag));
    if (cancels(x, IN_HEAD))
        return SG_OK;
    return is_time(x, x->stop_in, IN_HEAD) ? SG_ERR_OF(TAG_MISMATCH) : SG_OK;
}

static enum sgs_flow on_body(void *ctx, struct sg_bytes bytes, sg_err *err)
{
    struct exchange *x = ctx;
    x->late_calls += x->is_over || x->head_calls != 1;
    ck_assert_uint_gt(bytes.len, 0);
    if (cancels(x, IN_BODY))
        return SGS_FLOW_GO;
    if (is_time(x, x->stop_in, IN_BODY)) {
        *err = SG_ERR_OF(TAG_MISMATCH);
        return SGS_FLOW_STOP;
    }
    if (pauses(x))
        return SGS_FLOW_PAUSE;
    for (size_t i = 0; i < bytes.len; i++)
        x->got_pattern &= bytes.ptr[i] == fake_pattern(x->got + i);
    x->got += bytes.len;
    return SGS_FLOW_GO;
}

static enum sgs_flow on_want(void *ctx, uint8_t *room, size_t cap, size_t *len_out, sg_err *err)
{
    struct exchange *x = ctx;
    x->late_calls += x->is_over;
    x->want_calls++;
    ck_assert_uint_le(x->given + cap, x->body_len);
    if (cancels(x, IN_WANT))
        return SGS_FLOW_PAUSE;
    if (is_time(x, x->stop_in, IN_WANT)) {
        *err = SG_ERR_OF(TAG_MISMATCH);
        return SGS_FLOW_STOP;
    }
    if (pauses(x))
        return SGS_FLOW_PAUSE;
    size_t len = x->give_max == 0 ? cap : 1 + roll(x) % x->give_max;
    len = len < cap ? len : cap;
    for (size_t i = 0; i < len; i++)
        room[i] = fake_pattern(x->given + i);
    x->given += len;
    *len_out = len;
    return SGS_FLOW_GO;
}

static bool on_rewind(void *ctx)
{
    struct exchange *x = ctx;
    x->late_calls += x->is_over;
    x->rewind_calls++;
    if (cancels(x, IN_REWIND))
        return true;
    if (x->can_rewind)
        x->given = 0;
    return x->can_rewind;
}

static void on_done(void *ctx, sg_err err)
{
    struct exchange *x = ctx;
    x->late_calls += x->is_over;
    x->done_calls++;
    x->err = err;
    (void)snprintf(x->detail, sizeof(x->detail), "%s", sgs_transfer_detail(x->transfer));
    if (!cancels(x, IN_DONE))
        finish(x);
}

static void fill_request(const struct exchange *x, struct sgs_request *request)
{
    unsigned port = x->port != 0 ? x->port : fake_upstream_port(x->rig->up);
    const char *host = x->host != NULL ? x->host : "127.0.0.1";
    ck_assert(sg_is_ok(
        sgc_buf_appendf(&request->url, "https://%s:%u%s", host, port, x->path != NULL ? x->path : "/bucket/key")));
    (void)snprintf(request->method, sizeof(request->method), "%s", x->method);
    ck_assert(sg_is_ok(sgs_headers_addf(&request->headers, "Host", "%s:%u", host, port)));
    for (const char *const *h = x->headers; h != NULL && *h != NULL; h += 2)
        ck_assert(sg_is_ok(sgs_headers_add_str(&request->headers, h[0], h[1])));
    request->body_len = x->body_len;
    request->has_body = x->has_body || x->body_len > 0;
}

void exchange_start(struct rig *rig, struct exchange *x)
{
    static const struct sgs_transfer_events events = {on_head, on_body, on_want, on_rewind, on_done};
    SG_CLEANUP(sgs_request_clear) struct sgs_request request = SGS_REQUEST_NONE;
    x->rig = rig;
    x->got_pattern = true;
    x->resume_timer = (struct sg_timer){.fn = on_resume, .ctx = x};
    fill_request(x, &request);
    ck_assert(sg_is_ok(sgs_transfer_start(rig->pool, &request, &events, x, &x->transfer)));
    ck_assert_uint_eq(x->head_calls + x->done_calls + x->want_calls, 0);
}

bool exchange_is_over(const void *x)
{
    return ((const struct exchange *)x)->is_over;
}

void exchange_wait(struct exchange *x)
{
    ck_assert_msg(poll_loop_until(&x->rig->loop, exchange_is_over, x, 10000), "%s does not end", x->method);
    ck_assert_uint_eq(x->late_calls, 0);
    ck_assert_uint_le(x->head_calls, 1);
}

void exchange_run(struct rig *rig, struct exchange *x)
{
    exchange_start(rig, x);
    exchange_wait(x);
}

void exchange_check(const struct exchange *x, enum sg_code code)
{
    ck_assert_msg(x->err.code == code, "%s gave %s, not %s: %s", x->method, sg_err_row(x->err)->name,
                  sg_err_row((sg_err){code})->name, x->detail);
    ck_assert_uint_eq(x->done_calls, 1);
    ck_assert(x->got_pattern);
}
