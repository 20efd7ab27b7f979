/*
 * An engine without S3: the target says what to do. It stands in place of gateway/engine at link time, and so do the
 * few functions of the upstream pool that a worker calls.
 *
 *   GET /bytes/N        N bytes of a pattern, Content-Length
 *   GET /chunked/N      the same, length not told
 *   GET /fail/N         promises N bytes, fails after half of them
 *   GET /short/N        promises N bytes, closes after half of them
 *   GET /long/N         promises N bytes, gives one more
 *   GET /wait/MS        answers after a while
 *   GET /counts         what was seen so far, as text
 *   GET /headers        the headers as received, one per line
 *   PUT /sink           takes the body, answers its length and SHA-256
 *   PUT /drop           the same, but does not look at the bytes
 *   PUT /slow           the same, a few bytes at a time
 *   PUT /late/MS        the same, begins to read after a while
 *   PUT /refuse         403 without reading
 *   PUT /early/N        403 after N bytes
 */
#include "engine/engine.h"
#include "engine/probe.h"

#include <pthread.h>

#include "crypto/buf.h"
#include "crypto/codec.h"
#include "crypto/hash.h"
#include "pipe/queue.h"

enum { BLOCK = 64 * 1024, SLOW_STEP = 4096, SLOW_MS = 1, TEXT_MAX = 256 * 1024, PERIOD = 251 };

/* Of all workers, hence the lock. */
static struct {
    pthread_mutex_t lock;
    unsigned live, done, gone, body_errors, body_ends;
} counts = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void count(unsigned *which, int by)
{
    (void)pthread_mutex_lock(&counts.lock);
    *which += (unsigned)by;
    (void)pthread_mutex_unlock(&counts.lock);
}

struct fake {
    struct sg_req req; /* first */
    struct sg_queue queue;
    struct sg_timer timer;
    struct sgc_hash hash;
    uint64_t number;  /* of the target */
    uint64_t given;   /* bytes of the pattern */
    uint64_t until;   /* where the pattern ends */
    bool fails;       /* at the end */
    bool slow, ready; /* the body is taken in steps */
    uint64_t early;   /* refuse after so many bytes; 0 = no */
    bool replied, ended;
};

static bool has_path(const struct fake *f, const char *prefix)
{
    return sg_bytes_has_prefix(f->req.head.target, sg_bytes_str(prefix));
}

static void reply(struct fake *f, int status, uint64_t len)
{
    struct sg_reply_head head = {.status = status, .headers = &f->req.reply_headers, .body_len = len};
    sg_assert(!f->replied);
    f->replied = true;
    sg_assert(sg_is_ok(sgs_headers_add_str(&f->req.reply_headers, "x-amz-request-id", f->req.id)));
    f->req.client->ops->reply(f->req.client, &head, &f->queue);
}

static void reply_text(struct fake *f, int status, struct sg_bytes text)
{
    for (struct sg_bytes rest = text; rest.len > 0; rest = sg_bytes_skip(rest, BLOCK))
        sg_assert(sg_is_ok(sg_queue_append(&f->queue, sg_bytes_slice(rest, 0, BLOCK))));
    sg_queue_close(&f->queue);
    reply(f, status, text.len);
}

/* --- giving --- */

/* Bytes of the pattern 0, 1, ... 250, 0, ... from `from` on. */
static void fill(uint8_t *out, size_t len, uint64_t from)
{
    for (size_t i = 0; i < len && i < PERIOD; i++)
        out[i] = (uint8_t)((from + i) % PERIOD);
    for (size_t done = PERIOD; done < len; done *= 2)
        memcpy(out + done, out, len - done < done ? len - done : done);
}

static void give(void *ctx)
{
    struct fake *f = ctx;
    while (f->given < f->until && sg_queue_has_room(&f->queue)) {
        uint8_t *block = sg_queue_reserve(&f->queue);
        uint64_t left = f->until - f->given;
        size_t len = left < BLOCK ? (size_t)left : BLOCK;
        fill(block, len, f->given);
        sg_assert(sg_is_ok(sg_queue_append(&f->queue, sg_bytes(block, len))));
        f->given += len;
    }
    if (f->given < f->until)
        return;
    if (f->fails)
        sg_queue_fail(&f->queue);
    else
        sg_queue_close(&f->queue);
}

static void start_giving(struct fake *f, uint64_t promised, uint64_t until, bool fails)
{
    f->until = until;
    f->fails = fails;
    f->queue.wake_source.fn = give;
    f->queue.wake_source.ctx = f;
    reply(f, 200, promised);
    give(f);
}

/* --- taking --- */

static void reply_digest(struct fake *f)
{
    uint8_t digest[SGC_SHA256_LEN];
    char text[128];
    char hex[SGC_HEX_LEN(SGC_SHA256_LEN)];
    sg_assert(sg_is_ok(sgc_hash_final(&f->hash, digest)));
    sgc_hex_encode(SG_BYTES_ARRAY(digest), hex);
    int len =
        snprintf(text, sizeof(text), "%llu %.*s\n", (unsigned long long)f->req.stats.bytes_in, (int)sizeof(hex), hex);
    reply_text(f, 200, sg_bytes(text, (size_t)len));
}

static void on_slow(void *ctx)
{
    struct fake *f = ctx;
    f->ready = true;
    f->req.client->ops->body_resume(f->req.client);
}

static void on_late(void *ctx)
{
    struct fake *f = ctx;
    f->req.client->ops->body_start(f->req.client);
}

static void start_taking(struct fake *f)
{
    sg_assert(sg_is_ok(sgc_hash_init(&f->hash, SGC_HASH_SHA256)));
    f->slow = f->ready = has_path(f, "/slow");
    f->early = has_path(f, "/early/") ? f->number : 0;
    if (!f->req.head.has_body)
        reply_digest(f);
    else if (has_path(f, "/late/"))
        sg_timer_set(f->req.env->loop, &f->timer, f->number);
    else
        f->req.client->ops->body_start(f->req.client);
}

size_t sg_engine_on_body(struct sg_req *req, struct sg_bytes bytes)
{
    struct fake *f = (struct fake *)req;
    sg_assert(!f->ended);
    if (f->replied)
        return bytes.len;
    if (f->slow && !f->ready)
        return 0;
    if (f->slow)
        bytes = sg_bytes_slice(bytes, 0, SLOW_STEP);
    if (!has_path(f, "/drop"))
        sg_assert(sg_is_ok(sgc_hash_update(&f->hash, bytes)));
    req->stats.bytes_in += bytes.len;
    if (f->early > 0 && req->stats.bytes_in >= f->early)
        reply_text(f, 403, SG_BYTES_LIT("enough\n"));
    if (f->slow) {
        f->ready = false;
        sg_timer_set(req->env->loop, &f->timer, SLOW_MS);
    }
    return bytes.len;
}

void sg_engine_on_body_end(struct sg_req *req)
{
    struct fake *f = (struct fake *)req;
    sg_assert(!f->ended && !f->replied);
    f->ended = true;
    count(&counts.body_ends, 1);
    sg_timer_clear(req->env->loop, &f->timer);
    reply_digest(f);
}

void sg_engine_on_body_error(struct sg_req *req, sg_err err)
{
    struct fake *f = (struct fake *)req;
    sg_assert(!f->ended);
    f->ended = true;
    count(&counts.body_errors, 1);
    sg_timer_clear(req->env->loop, &f->timer);
    if (!f->replied)
        reply_text(f, sg_err_row(err)->status, sg_bytes_str(sg_err_row(err)->s3_code));
}

/* --- a request's life --- */

static void on_waited(void *ctx)
{
    reply_text(ctx, 200, SG_BYTES_LIT("waited\n"));
}

struct sg_req *sg_engine_new(const struct sg_env *env)
{
    struct fake *f = sgc_xalloc(sizeof(*f));
    f->req.env = env;
    (void)snprintf(f->req.id, sizeof(f->req.id), "0123456789ABCDEF");
    f->req.reply_headers = SGS_HEADERS_NONE;
    f->timer.ctx = f;
    sg_queue_init(&f->queue, env->loop, BLOCK, false);
    count(&counts.live, 1);
    return &f->req;
}

static void forget(struct sg_req *req)
{
    struct fake *f = (struct fake *)req;
    sg_timer_clear(req->env->loop, &f->timer);
    sg_queue_clear(&f->queue);
    sgc_hash_clear(&f->hash);
    sgs_headers_clear(&req->head.headers);
    sgs_headers_clear(&req->reply_headers);
    sg_arena_clear(&req->arena);
    count(&counts.live, -1);
    sgc_xfree(f);
}

void sg_engine_on_reply_done(struct sg_req *req)
{
    count(&counts.done, 1);
    forget(req);
}

void sg_engine_on_client_gone(struct sg_req *req)
{
    count(&counts.gone, 1);
    forget(req);
}

static void reply_counts(struct fake *f)
{
    char text[160];
    (void)pthread_mutex_lock(&counts.lock);
    int len = snprintf(text, sizeof(text), "live %u\ndone %u\ngone %u\nerrors %u\nends %u\n", counts.live, counts.done,
                       counts.gone, counts.body_errors, counts.body_ends);
    (void)pthread_mutex_unlock(&counts.lock);
    reply_text(f, 200, sg_bytes(text, (size_t)len));
}

static void reply_headers(struct fake *f)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(TEXT_MAX);
    sg_assert(sg_is_ok(sgc_buf_appendf(&text, "%s %.*s\n", f->req.head.tls, SG_BYTES_FMT(f->req.head.target))));
    for (size_t i = 0; i < f->req.head.headers.count; i++) {
        struct sgs_header h = sgs_headers_at(&f->req.head.headers, i);
        sg_assert(sg_is_ok(sgc_buf_appendf(&text, "[%.*s] [%.*s]\n", SG_BYTES_FMT(h.name), SG_BYTES_FMT(h.value))));
    }
    reply_text(f, 200, sgc_buf_view(&text));
}

static uint64_t number_of(struct sg_bytes target)
{
    uint64_t number = 0;
    struct sg_bytes rest = sg_bytes_skip(target, 1);
    rest = sg_bytes_skip(rest, sg_bytes_find(rest, '/') + 1);
    return sg_bytes_to_u64(rest, &number) ? number : 0;
}

void sg_engine_start(struct sg_req *req)
{
    struct fake *f = (struct fake *)req;
    uint64_t n = f->number = number_of(req->head.target);
    f->timer.fn = has_path(f, "/wait/") ? on_waited : has_path(f, "/late/") ? on_late : on_slow;
    if (has_path(f, "/bytes/"))
        start_giving(f, n, n, false);
    else if (has_path(f, "/chunked/"))
        start_giving(f, SG_LENGTH_UNKNOWN, n, false);
    else if (has_path(f, "/fail/"))
        start_giving(f, n, n / 2, true);
    else if (has_path(f, "/short/"))
        start_giving(f, n, n / 2, false);
    else if (has_path(f, "/long/"))
        start_giving(f, n, n + 1, false);
    else if (has_path(f, "/wait/"))
        sg_timer_set(req->env->loop, &f->timer, n);
    else if (has_path(f, "/counts"))
        reply_counts(f);
    else if (has_path(f, "/headers"))
        reply_headers(f);
    else if (has_path(f, "/refuse"))
        reply_text(f, 403, SG_BYTES_LIT("no\n"));
    else if (has_path(f, "/none"))
        reply(f, 204, 0);
    else
        start_taking(f);
}

/* --- the upstream, of which there is none --- */

sg_err sgs_pool_global_init(void)
{
    return SG_OK;
}

sg_err sgs_pool_new(struct sg_loop *loop, const struct sgs_pool_options *options, struct sgs_pool **out)
{
    SG_UNUSED(loop);
    SG_UNUSED(options);
    *out = NULL;
    return SG_OK;
}

void sgs_pool_free(struct sgs_pool *pool)
{
    SG_UNUSED(pool);
}

/* There is no upstream to ask. */
void sg_probe_start(struct sg_probe *probe, const struct sg_env *env)
{
    probe->env = env;
}

void sg_probe_clear(struct sg_probe *probe)
{
    probe->env = NULL;
}
