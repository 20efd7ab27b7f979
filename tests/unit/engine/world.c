/* Everything the engine touches, turned by hand. See world.h. */
#include "unit/engine/world.h"

#include "auth/authn.h"
#include "core/log.h"
#include "crypto/keyring.h"

#include <check.h>

#include "common/banned.h"

static struct world *world; /* the test at hand */

struct sgs_transfer {
    bool is_side;
};

static struct sgs_transfer transfers[] = {{false}, {true}};
static char pools[2]; /* their addresses tell the two apart */

static struct world_exchange *exchange_of(const struct sgs_transfer *transfer)
{
    ck_assert(transfer == &transfers[0] || transfer == &transfers[1]);
    return transfer->is_side ? &world->side : &world->exchange;
}

/* --- what stands in for the layers around --- */

sg_err sg_authenticate(struct sg_req *req)
{
    struct sg_bytes value;
    req->auth.who = &world->who;
    req->auth.payload = SG_PAYLOAD_UNSIGNED;
    if (sgs_headers_find(&req->head.headers, "x-amz-content-sha256", &value) &&
        sg_bytes_eq_str(value, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"))
        req->auth.payload = SG_PAYLOAD_CHUNKED_TRAILER;
    return SG_OK;
}

static void exchange_clear(struct world_exchange *x)
{
    sgs_headers_clear(&x->headers);
    sgc_buf_clear(&x->body);
    *x = (struct world_exchange){.headers = SGS_HEADERS_NONE, .body = SGC_BUF_INIT(WORLD_MAX)};
}

sg_err sgs_transfer_start(struct sgs_pool *pool, const struct sgs_request *request,
                          const struct sgs_transfer_events *events, void *ctx, struct sgs_transfer **out)
{
    bool is_side = pool == (struct sgs_pool *)&pools[1];
    struct world_exchange *x = exchange_of(&transfers[is_side]);
    unsigned *count = is_side ? &world->side_count : &world->exchange_count;
    ck_assert(*count == 0 || x->cancelled || x->ended);
    exchange_clear(x);
    (void)snprintf(x->method, sizeof(x->method), "%s", request->method);
    (void)snprintf(x->url, sizeof(x->url), "%.*s", SG_BYTES_FMT(sgc_buf_view(&request->url)));
    for (size_t i = 0; i < request->headers.count; i++) {
        struct sgs_header h = sgs_headers_at(&request->headers, i);
        ck_assert(sg_is_ok(sgs_headers_add(&x->headers, h.name, h.value)));
    }
    x->body_len = request->body_len;
    x->events = events;
    x->ctx = ctx;
    (*count)++;
    *out = &transfers[is_side];
    return SG_OK;
}

void sgs_transfer_resume(struct sgs_transfer *transfer)
{
    struct world_exchange *x = exchange_of(transfer);
    x->paused_up = false;
    x->paused_down = false;
}

const char *sgs_transfer_detail(const struct sgs_transfer *transfer)
{
    (void)exchange_of(transfer);
    return "the upstream of the test";
}

void sgs_transfer_cancel(struct sgs_transfer *transfer)
{
    struct world_exchange *x = exchange_of(transfer);
    ck_assert(!x->cancelled && !x->ended);
    x->cancelled = true;
}

/* --- the client's connection --- */

static void body_start(struct sg_client *client)
{
    SG_UNUSED(client);
    ck_assert(!world->body_wanted);
    world->body_wanted = true;
}

static void body_resume(struct sg_client *client)
{
    SG_UNUSED(client);
    world->body_resumed = true;
}

static void reply(struct sg_client *client, const struct sg_reply_head *head, struct sg_queue *body)
{
    SG_UNUSED(client);
    ck_assert(!world->replied);
    world->replied = true;
    world->status = head->status;
    world->reply_len = head->body_len;
    world->reply_queue = body;
    for (size_t i = 0; i < head->headers->count; i++) {
        struct sgs_header h = sgs_headers_at(head->headers, i);
        ck_assert(sg_is_ok(sgs_headers_add(&world->reply_headers, h.name, h.value)));
    }
}

static const struct sg_client_ops client_ops = {.body_start = body_start, .body_resume = body_resume, .reply = reply};

/* --- setting up --- */

static char key_line[] = "main:1 active AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
static char key_id[] = "main:1", bucket[] = "bucket", pass_bucket[] = "pass", state_bucket[] = "state",
            region[] = "eu-test-1", upstream_region[] = "us-east-1";

static void init_config(struct world *w)
{
    w->keys[0] = key_id;
    w->rules[0] = (struct sg_bucket_rule){.name = bucket, .keys = w->keys, .key_count = 1, .active_key = key_id};
    w->rules[1] = w->rules[0];
    w->rules[1].name = pass_bucket;
    w->rules[1].metadata = SG_METADATA_PLAIN;
    w->rules[1].foreign = SG_FOREIGN_PASS;
    w->config.region = region;
    w->config.upstream.region = upstream_region;
    w->config.state_bucket = state_bucket;
    w->config.buckets = w->rules;
    w->config.bucket_count = 2;
}

void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    world = w;
    fake_loop_init(&w->loop);
    fake_clock_init(&w->clock, 1369353600);
    init_config(w);
    ck_assert(sg_is_ok(sgc_keyring_parse(sg_bytes_str(key_line), &w->keyring, NULL)));
    ck_assert(sg_is_ok(sgs_endpoint_parse(SG_BYTES_LIT("https://upstream:9000"), false, &w->endpoint)));
    (void)snprintf(w->identity.access_key_id, sizeof(w->identity.access_key_id), "AK");
    (void)snprintf(w->identity.region, sizeof(w->identity.region), "us-east-1");
    ck_assert(sg_is_ok(sgc_secret_copy(&w->identity.secret_access_key, SG_BYTES_LIT("secret"))));
    sg_budget_init(&w->budget, &w->loop.loop, 64 * SG_MIB, 1000);
    w->env = (struct sg_env){.loop = &w->loop.loop,
                             .clock = &w->clock.clock,
                             .config = &w->config,
                             .keyring = w->keyring,
                             .upstream = &w->endpoint,
                             .upstream_identity = &w->identity,
                             .pool = (struct sgs_pool *)&pools[0],
                             .side_pool = (struct sgs_pool *)&pools[1],
                             .budget = &w->budget};
    w->client.ops = &client_ops;
    w->reply_headers = SGS_HEADERS_NONE;
    w->reply = SGC_BUF_INIT(WORLD_MAX);
    exchange_clear(&w->exchange);
    exchange_clear(&w->side);
}

/* Every request gives back what it had reserved, so a budget in use is a request that was not freed. */
void world_clear(struct world *w)
{
    (void)fake_loop_run(&w->loop);
    ck_assert_uint_eq(w->budget.used, 0);
    ck_assert(!fake_loop_has_jobs(&w->loop));
    fake_loop_clear(&w->loop);
    exchange_clear(&w->exchange);
    exchange_clear(&w->side);
    sgs_headers_clear(&w->reply_headers);
    sgc_buf_clear(&w->reply);
    sgc_secret_clear(&w->identity.secret_access_key);
    sgc_keyring_free(w->keyring);
    world = NULL;
}

void world_ask(struct world *w, const char *method, const char *target, const char *const *headers, uint64_t body_len)
{
    w->req = sg_engine_new(&w->env);
    w->req->client = &w->client;
    w->req->head.method = sg_bytes_str(method);
    w->req->head.target = sg_bytes_str(target);
    ck_assert(sg_is_ok(sgs_headers_add_str(&w->req->head.headers, "Host", "gateway")));
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i += 2)
        ck_assert(sg_is_ok(sgs_headers_add_str(&w->req->head.headers, headers[i], headers[i + 1])));
    w->req->head.content_length = body_len;
    w->req->head.has_body = body_len > 0;
    sg_engine_start(w->req);
    world_run(w);
}

/* --- turning --- */

static bool pull_upload(struct world *w)
{
    struct world_exchange *x = &w->exchange;
    uint8_t room[10000];
    size_t len = 0;
    sg_err err = SG_OK;
    bool live = w->exchange_count > 0 && !x->cancelled && !x->ended && !x->paused_up;
    if (!live || x->body.len >= x->body_len)
        return false;
    enum sgs_flow flow = w->exchange.events->on_want(w->exchange.ctx, room, sizeof(room), &len, &err);
    x->paused_up = flow == SGS_FLOW_PAUSE;
    if (flow == SGS_FLOW_STOP)
        world_answer_end(w, err);
    if (flow == SGS_FLOW_GO)
        ck_assert(sg_is_ok(sgc_buf_append(&x->body, sg_bytes(room, len))));
    return flow == SGS_FLOW_GO;
}

static void finish_reply(struct world *w, bool broken)
{
    w->reply_broken = broken;
    w->reply_complete = !broken;
    w->reply_queue = NULL;
    if (broken)
        sg_engine_on_client_gone(w->req);
    else
        sg_engine_on_reply_done(w->req);
}

static bool drain_reply(struct world *w)
{
    if (!w->replied || w->reply_complete || w->reply_broken)
        return false;
    if (w->reply_queue != NULL && w->reply_queue->end == SG_QUEUE_FAILED) {
        finish_reply(w, true);
        return true;
    }
    if (w->reply_queue == NULL || sg_queue_is_done(w->reply_queue)) {
        finish_reply(w, false);
        return true;
    }
    struct sg_bytes front = sg_queue_front(w->reply_queue);
    ck_assert(sg_is_ok(sgc_buf_append(&w->reply, front)));
    sg_queue_consume(w->reply_queue, front.len);
    return front.len > 0;
}

void world_run(struct world *w)
{
    bool moved = true;
    while (moved) {
        moved = fake_loop_run(&w->loop) > 0;
        moved = pull_upload(w) || moved;
        moved = drain_reply(w) || moved;
    }
}

void world_body(struct world *w, struct sg_bytes bytes)
{
    ck_assert(w->body_wanted);
    while (bytes.len > 0 && !w->reply_complete) {
        size_t taken = sg_engine_on_body(w->req, bytes);
        bytes = sg_bytes_skip(bytes, taken);
        world_run(w);
    }
}

void world_body_end(struct world *w)
{
    if (!w->reply_complete)
        sg_engine_on_body_end(w->req);
    world_run(w);
}

void world_gone(struct world *w)
{
    sg_engine_on_client_gone(w->req);
    w->reply_broken = true;
    world_run(w);
}

void world_answer_head(struct world *w, int status, const char *const *headers)
{
    struct sgs_headers list = SGS_HEADERS_NONE;
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i += 2)
        ck_assert(sg_is_ok(sgs_headers_add_str(&list, headers[i], headers[i + 1])));
    sg_err err = w->exchange.events->on_head(w->exchange.ctx, status, &list);
    sgs_headers_clear(&list);
    if (!sg_is_ok(err))
        world_answer_end(w, err);
    world_run(w);
}

void world_answer_body(struct world *w, struct sg_bytes bytes, size_t piece)
{
    struct world_exchange *x = &w->exchange;
    while (bytes.len > 0 && !x->cancelled && !x->ended) {
        sg_err err = SG_OK;
        struct sg_bytes now = sg_bytes_slice(bytes, 0, piece);
        enum sgs_flow flow = w->exchange.events->on_body(w->exchange.ctx, now, &err);
        if (flow == SGS_FLOW_STOP) {
            world_answer_end(w, err);
            return;
        }
        x->paused_down = flow == SGS_FLOW_PAUSE;
        if (flow == SGS_FLOW_GO)
            bytes = sg_bytes_skip(bytes, now.len);
        world_run(w);
    }
}

void world_answer_end(struct world *w, sg_err err)
{
    if (w->exchange.cancelled || w->exchange.ended)
        return;
    w->exchange.ended = true;
    w->exchange.events->on_done(w->exchange.ctx, err);
    world_run(w);
}

void world_answer_side(struct world *w, int status, const char *const *headers, struct sg_bytes body)
{
    struct sgs_headers list = SGS_HEADERS_NONE;
    struct world_exchange *x = &w->side;
    sg_err err = SG_OK;
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i += 2)
        ck_assert(sg_is_ok(sgs_headers_add_str(&list, headers[i], headers[i + 1])));
    ck_assert(sg_is_ok(x->events->on_head(x->ctx, status, &list)));
    sgs_headers_clear(&list);
    if (body.len > 0)
        ck_assert(x->events->on_body(x->ctx, body, &err) == SGS_FLOW_GO);
    x->ended = true;
    x->events->on_done(x->ctx, SG_OK);
    world_run(w);
}

const char *world_error_code(struct world *w)
{
    char *code = w->error_code;
    const char *text = w->reply.len > 0 ? (const char *)w->reply.ptr : "";
    code[0] = '\0';
    for (size_t i = 0; i + 6 < w->reply.len; i++) {
        if (memcmp(text + i, "<Code>", 6) == 0) {
            size_t len = sg_bytes_find(sg_bytes_skip(sgc_buf_view(&w->reply), i + 6), '<');
            (void)snprintf(code, sizeof(w->error_code), "%.*s", (int)len, text + i + 6);
            break;
        }
    }
    return code;
}
