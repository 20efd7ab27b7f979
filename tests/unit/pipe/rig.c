/*
 * Both ends of a pipe, played by one loop: the source pushes when it may, the sink drinks when it was woken, and
 * neither is ever called from inside the other.
 */
#include "unit/pipe/rig.h"

#include "crypto/secret.h"

#include "common/banned.h"

void rig_init(struct rig *rig)
{
    uint8_t dek[SGC_DEK_LEN];
    struct sgc_secret secret = SGC_SECRET_NONE;
    *rig = (struct rig){.keys = SGC_OBJECT_KEYS_NONE, .dice = 88172645463325252ULL};
    fake_loop_init(&rig->loop);
    rig->env.loop = &rig->loop.loop;
    rig->req = sgc_xalloc(sizeof(*rig->req));
    rig->req->env = &rig->env;
    rig->req->head.headers = SGS_HEADERS_NONE;
    rig->req->auth.payload = SG_PAYLOAD_UNSIGNED;
    rig_fill(dek, sizeof(dek), 7);
    ck_ok(sgc_secret_copy(&secret, SG_BYTES_ARRAY(dek)));
    ck_ok(sgc_object_keys_init(&rig->keys, &secret));
    sgc_secret_clear(&secret);
    rig->facts.req = rig->req;
    rig->facts.keys = &rig->keys;
}

void rig_clear(struct rig *rig)
{
    sgs_headers_clear(&rig->req->head.headers);
    sgc_secret_clear(&rig->req->auth.signing_key);
    sgc_xfree(rig->req);
    sgc_object_keys_clear(&rig->keys);
    fake_loop_clear(&rig->loop);
}

uint32_t rig_random(struct rig *rig, uint32_t below)
{
    rig->dice ^= rig->dice << 13;
    rig->dice ^= rig->dice >> 7;
    rig->dice ^= rig->dice << 17;
    return (uint32_t)((rig->dice >> 16) % below);
}

void rig_fill(uint8_t *out, size_t len, uint64_t from)
{
    for (size_t i = 0; i < len; i++) {
        uint64_t at = (from + i) * 0x9e3779b97f4a7c15ULL;
        out[i] = (uint8_t)(at >> 32 ^ at >> 56);
    }
}

struct sink {
    struct rig *rig;
    struct sg_queue *queue;
    struct sgc_buf *out;
    bool source_woken;
    bool running;
};

static size_t some(struct rig *rig, size_t most, size_t len)
{
    if (most == 0)
        return len;
    size_t want = 1 + rig_random(rig, (uint32_t)most);
    return want < len ? want : len;
}

static void on_sink(void *ctx)
{
    struct sink *sink = ctx;
    ck_quick(!sink->running);
    sink->running = true;
    if (sink->queue->count > sink->rig->blocks_max)
        sink->rig->blocks_max = sink->queue->count;
    /* A lazy sink leaves something behind and comes back later. */
    unsigned sips = sink->rig->sip_max == 0 ? UINT32_MAX : 1 + rig_random(sink->rig, 4);
    for (; sips > 0; sips--) {
        struct sg_bytes front = sg_queue_front(sink->queue);
        if (front.len == 0)
            break;
        size_t len = some(sink->rig, sink->rig->sip_max, front.len);
        ck_quick(sg_is_ok(sgc_buf_append(sink->out, sg_bytes(front.ptr, len))));
        sg_queue_consume(sink->queue, len);
    }
    if (sg_queue_front(sink->queue).len > 0)
        sg_job_post(&sink->rig->loop.loop, &sink->queue->wake_sink);
    sink->running = false;
}

static void on_source(void *ctx)
{
    struct sink *sink = ctx;
    ck_quick(!sink->running);
    sink->source_woken = true;
}

static sg_err push_all(struct rig *rig, struct sg_pipe *pipe, struct sg_bytes in, struct sink *sink)
{
    while (in.len > 0) {
        size_t len = some(rig, rig->piece_max, in.len), taken;
        SG_TRY(sg_pipe_push(pipe, sg_bytes(in.ptr, len), &taken));
        in = sg_bytes_skip(in, taken);
        if (taken == len) {
            if (rig_random(rig, 2) == 0)
                (void)fake_loop_turn(&rig->loop);
            continue;
        }
        rig->source_blocked++;
        for (sink->source_woken = false; !sink->source_woken;)
            ck_quick(fake_loop_turn(&rig->loop) > 0);
    }
    return SG_OK;
}

static size_t block_size(const struct sg_pipeline *pipeline, const struct sg_pipe_facts *facts)
{
    uint64_t most = SGC_SEGMENT_PLAIN;
    if (pipeline == &sg_pipe_upload)
        most = sgc_layout_sealed(facts->plain_len) < SGC_SEGMENT_SEALED ? sgc_layout_sealed(facts->plain_len)
                                                                        : SGC_SEGMENT_SEALED;
    if (pipeline == &sg_pipe_download && facts->object_plain < SGC_SEGMENT_PLAIN)
        most = facts->object_plain + 1;
    return (size_t)most;
}

sg_err rig_run(struct rig *rig, const struct sg_pipeline *pipeline, struct sg_bytes in, struct sgc_buf *out)
{
    struct sg_pipe *pipe;
    SG_TRY(sg_pipe_new(pipeline, &rig->facts, block_size(pipeline, &rig->facts), false, &pipe));
    struct sg_queue *queue = sg_pipe_queue(pipe);
    struct sink sink = {rig, queue, out, false, false};
    queue->wake_sink.fn = on_sink;
    queue->wake_source.fn = on_source;
    queue->wake_sink.ctx = queue->wake_source.ctx = &sink;
    sg_err err = push_all(rig, pipe, in, &sink);
    if (sg_is_ok(err))
        err = sg_pipe_finish(pipe);
    (void)fake_loop_run(&rig->loop);
    ck_assert_int_eq(queue->end, sg_is_ok(err) ? SG_QUEUE_CLOSED : SG_QUEUE_FAILED);
    ck_assert(!sg_is_ok(err) || sg_queue_is_done(queue));
    sg_pipe_free(pipe);
    return err;
}

sg_err rig_collect(struct rig *rig, const struct sg_pipeline *pipeline, struct sg_bytes in, struct sgc_buf *out)
{
    struct sg_pipe *pipe;
    struct sink unused = {.rig = rig};
    SG_TRY(sg_pipe_new_collecting(pipeline, &rig->facts, out, &pipe));
    ck_assert_ptr_null(sg_pipe_queue(pipe));
    sg_err err = push_all(rig, pipe, in, &unused);
    if (sg_is_ok(err))
        err = sg_pipe_finish(pipe);
    sg_pipe_free(pipe);
    return err;
}

void rig_facts_upload(struct rig *rig, uint64_t len)
{
    rig->facts = (struct sg_pipe_facts){.req = rig->req, .keys = &rig->keys, .plain_len = len};
}

void rig_facts_whole(struct rig *rig, uint64_t object_plain)
{
    rig_facts_range(rig, object_plain, 0, object_plain);
    rig->facts.whole = true;
}

void rig_facts_range(struct rig *rig, uint64_t object_plain, uint64_t from, uint64_t len)
{
    rig->facts = (struct sg_pipe_facts){.req = rig->req, .keys = &rig->keys, .object_plain = object_plain};
    if (len > 0)
        ck_assert(sgc_layout_span(object_plain, from, len, &rig->facts.span));
}

void rig_seal(struct rig *rig, size_t len, struct sgc_buf *out)
{
    uint8_t *plain = sgc_xalloc(len + 1);
    rig_fill(plain, len, 0);
    rig_facts_upload(rig, len);
    ck_ok(rig_run(rig, &sg_pipe_upload, sg_bytes(plain, len), out));
    ck_assert_uint_eq(out->len, sgc_layout_sealed(len));
    sgc_xfree(plain);
}
