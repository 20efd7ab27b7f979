/*
 * GetObject and HeadObject. A range is asked for without knowing the object's size: whole segments around it, whose
 * place follows from the plaintext offset alone; the size comes with the answer. Only where the answer shows that more
 * is needed (a suffix whose guess was short, a range that selects nothing, an object that is not sealed) is there a
 * second request.
 *
 * Tests: tests/unit/engine/test_download.c, tests/unit/engine/test_many.c
 */
#include "ops/body_facts.h"
#include "ops/exchange.h"
#include "ops/header_policy.h"
#include "ops/part_table.h"
#include "ops/range.h"
#include "ops/sealed.h"

#include "core/reply.h"

#include "common/banned.h"

/* A suffix range is asked for with this much room for a footer; longer ones need a second request. */
#define SUFFIX_FOOTER_GUESS 4096u

enum ask { ASK_GUESS, ASK_EXACT, ASK_SIZE, ASK_FOOTER, ASK_FOREIGN };

/* What the upstream sends of the stored object. */
struct window {
    uint64_t first, len, stored;
};

struct get_state {
    struct sg_pipe_facts facts;
    struct sg_sealed sealed;
    struct sg_range range;
    enum ask ask;
    struct window window; /* of the answer at hand */
};

static bool is_head(const struct sg_req *req)
{
    return sg_bytes_eq_str(req->head.method, "HEAD");
}

/* Whole segments. FMT-46 */
static sg_err add_stored_range(struct sg_req *req, const struct sg_range *range)
{
    struct sgs_headers *out = &req->main.plan.headers;
    uint64_t from = range->first / SGC_SEGMENT_PLAIN * SGC_SEGMENT_SEALED;
    uint64_t last = range->last < SGC_PLAIN_MAX ? range->last : SGC_PLAIN_MAX;
    uint64_t count = range->count < SGC_PLAIN_MAX ? range->count : SGC_PLAIN_MAX;
    switch (range->form) {
    case SG_RANGE_NONE:
        return SG_OK;
    case SG_RANGE_CLOSED:
        return sgs_headers_addf(out, "Range", "bytes=%llu-%llu", (unsigned long long)from,
                                (unsigned long long)((last / SGC_SEGMENT_PLAIN + 1) * SGC_SEGMENT_SEALED - 1));
    case SG_RANGE_OPEN:
        return sgs_headers_addf(out, "Range", "bytes=%llu-", (unsigned long long)from);
    case SG_RANGE_SUFFIX:
        return sgs_headers_addf(out, "Range", "bytes=-%llu",
                                (unsigned long long)(sgc_layout_body_sealed(count) + SGC_SEGMENT_EXTRA +
                                                     SGC_SEGMENT_PLAIN + SUFFIX_FOOTER_GUESS));
    }
    return SG_OK;
}

/* Ranges of which one knows beforehand that they select nothing; the size is still needed for the answer. */
static bool selects_nothing(const struct sg_range *range)
{
    switch (range->form) {
    case SG_RANGE_CLOSED:
        return range->last < range->first || range->first >= SGC_PLAIN_MAX;
    case SG_RANGE_OPEN:
        return range->first >= SGC_PLAIN_MAX;
    case SG_RANGE_SUFFIX:
        return range->count == 0;
    case SG_RANGE_NONE:
        break;
    }
    return false;
}

static sg_err plan_size(struct sg_req *req, struct get_state *state, enum sg_next *next)
{
    state->ask = ASK_SIZE;
    *next = SG_NEXT_ASK;
    return sg_exchange_plan(req, "HEAD");
}

static sg_err plan(struct sg_req *req, enum sg_next *next)
{
    struct sg_bytes value;
    SG_TRY(sg_exchange_state(req, sizeof(struct get_state)));
    struct get_state *state = req->op_state;
    state->sealed = SG_SEALED_NONE;
    state->facts.req = req;
    if (sgs_headers_count_of(&req->head.headers, "range") == 1 && sgs_headers_find(&req->head.headers, "range", &value))
        state->range = sg_range_parse(value);
    if (is_head(req) || selects_nothing(&state->range))
        return plan_size(req, state, next);
    *next = SG_NEXT_ASK;
    state->ask = ASK_GUESS;
    SG_TRY(sg_exchange_plan(req, "GET"));
    return add_stored_range(req, &state->range);
}

static sg_err plan_again(struct sg_req *req, struct get_state *state, enum ask ask, const struct sgc_span *span,
                         enum sg_next *next)
{
    struct sg_bytes range;
    /* One second request is enough for everything; a store that makes us ask a third time is playing games. */
    SG_CHECK(state->ask == ASK_GUESS, UPSTREAM_PROTOCOL);
    state->ask = ask;
    *next = SG_NEXT_ASK;
    SG_TRY(sg_exchange_plan(req, "GET"));
    SG_TRY(sg_exchange_pin(req, &req->main.plan));
    if (span != NULL)
        return sgs_headers_addf(&req->main.plan.headers, "Range", "bytes=%llu-%llu",
                                (unsigned long long)span->sealed_from,
                                (unsigned long long)(span->sealed_from + span->sealed_len - 1));
    if (sgs_headers_find(&req->head.headers, "range", &range))
        return sgs_headers_add(&req->main.plan.headers, SG_BYTES_LIT("Range"), range);
    return SG_OK;
}

static sg_err read_window(const struct sg_req *req, struct window *out)
{
    struct sg_bytes text;
    struct sg_content_range range;
    if (req->main.status == 206) {
        SG_CHECK(sgs_headers_find(&req->main.headers, "content-range", &text), UPSTREAM_PROTOCOL);
        SG_CHECK(sg_content_range_parse(text, &range), UPSTREAM_PROTOCOL);
        *out = (struct window){range.first, range.last - range.first + 1, range.size};
        return SG_OK;
    }
    SG_CHECK(sgs_headers_find(&req->main.headers, "content-length", &text), UPSTREAM_PROTOCOL);
    SG_CHECK(sg_bytes_to_u64(text, &out->stored), UPSTREAM_PROTOCOL);
    out->first = 0;
    out->len = out->stored;
    return SG_OK;
}

static sg_err reply_unsatisfiable(struct sg_req *req, const struct get_state *state, enum sg_next *next)
{
    struct sg_bytes asked = SG_BYTES_NONE, size, content_range;
    unsigned long long plain = state->sealed.plain;
    *next = SG_NEXT_REPLY;
    if (!sgs_headers_find(&req->head.headers, "range", &asked))
        SG_FAIL(INTERNAL);
    SG_TRY(sg_arena_printf(&req->arena, &size, "%llu", plain));
    SG_TRY(sg_arena_printf(&req->arena, &content_range, "bytes */%llu", plain));
    const struct sg_reply_detail details[] = {{"ActualObjectSize", size}, {"RangeRequested", asked}};
    SG_TRY(sg_reply_error(req, SG_ERR_OF(INVALID_RANGE), details, SG_COUNT_OF(details)));
    return sgs_headers_add(&req->reply_headers, SG_BYTES_LIT("Content-Range"), content_range);
}

/* A checksum of the whole object goes with the whole object only: SDKs verify it over whatever they get. */
static sg_err reply_checksum(struct sg_req *req, const struct get_state *state)
{
    struct sg_bytes mode, value;
    if (!sgs_headers_find(&req->head.headers, "x-amz-checksum-mode", &mode) || state->range.form != SG_RANGE_NONE ||
        !sg_bytes_eq_nocase(sg_bytes_trim(mode), SG_BYTES_LIT("ENABLED")))
        return SG_OK;
    for (int alg = SGC_CHECKSUM_CRC32; alg <= SGC_CHECKSUM_SHA512; alg++) {
        const struct sgc_checksum_row *row = sgc_checksum_row((enum sgc_checksum_alg)alg);
        if (row == NULL || row->header == NULL ||
            !sgc_metadata_find(&state->sealed.metadata, SGC_METADATA_CHECKSUM, sg_bytes_str(row->name), &value))
            continue;
        SG_TRY(sgs_headers_add(&req->reply_headers, sg_bytes_str(row->header), value));
        SG_TRY(sgs_headers_add_str(&req->reply_headers, "x-amz-checksum-type", "FULL_OBJECT"));
    }
    return SG_OK;
}

static sg_err reply_head(struct sg_req *req, const struct get_state *state, uint64_t from, uint64_t len)
{
    bool partial = state->range.form != SG_RANGE_NONE;
    struct sg_bytes present;
    SG_TRY(sg_reply_common(req));
    SG_TRY(sg_headers_reply(req));
    SG_TRY(sg_sealed_reply(req, &state->sealed));
    SG_TRY(sg_headers_reply_overrides(req));
    if (!sgs_headers_find(&req->reply_headers, "content-type", &present))
        SG_TRY(sgs_headers_add_str(&req->reply_headers, "Content-Type", "binary/octet-stream"));
    SG_TRY(sgs_headers_add_str(&req->reply_headers, "Accept-Ranges", "bytes"));
    if (!state->sealed.foreign)
        SG_TRY(sg_exchange_reply_encrypted(req));
    if (partial)
        SG_TRY(sgs_headers_addf(&req->reply_headers, "Content-Range", "bytes %llu-%llu/%llu", (unsigned long long)from,
                                (unsigned long long)(from + len - 1), (unsigned long long)state->sealed.plain));
    SG_TRY(reply_checksum(req, state));
    req->reply_status = partial ? 206 : 200;
    req->reply_len = len;
    return SG_OK;
}

/* Objects that a rule lets through: what the upstream sent is what the client gets. */
static sg_err stream_foreign(struct sg_req *req, struct get_state *state, const struct window *w, enum sg_next *next)
{
    if (state->ask == ASK_GUESS && state->range.form != SG_RANGE_NONE)
        return plan_again(req, state, ASK_FOREIGN, NULL, next);
    if (req->main.status == 200)
        state->range.form = SG_RANGE_NONE;
    SG_TRY(reply_head(req, state, w->first, w->len));
    return sg_pipe_new(&sg_pipe_pass, &state->facts, SGC_SEGMENT_PLAIN, false, &req->down);
}

static sg_err find_span(const struct sg_sealed *s, uint64_t from, uint64_t len, struct sgc_span *out)
{
    *out = (struct sgc_span){.take_plain = 0};
    if (len == 0)
        return SG_OK;
    bool found = s->many ? sgc_layout_parts_span(s->parts, s->part_count, from, len, out)
                         : sgc_layout_span(s->plain, from, len, out);
    SG_CHECK(found, INTERNAL);
    return SG_OK;
}

static sg_err stream_sealed(struct sg_req *req, struct get_state *state, enum sg_next *next)
{
    struct sg_pipe_facts *facts = &state->facts;
    const struct window *w = &state->window;
    uint64_t from, len, plain = state->sealed.plain;
    if (!sg_range_resolve(&state->range, plain, &from, &len))
        return reply_unsatisfiable(req, state, next);
    facts->keys = &state->sealed.keys;
    facts->object_plain = plain;
    facts->parts = state->sealed.parts;
    facts->part_count = state->sealed.part_count;
    /* FMT-48; the footer of an object from parts was read first. */
    facts->whole = state->range.form == SG_RANGE_NONE && !state->sealed.many;
    SG_TRY(find_span(&state->sealed, from, len, &facts->span));
    uint64_t end = facts->span.sealed_from + facts->span.sealed_len;
    SG_CHECK(end <= w->stored, OBJECT_TRUNCATED);
    if (w->first > facts->span.sealed_from || end > w->first + w->len)
        return plan_again(req, state, ASK_EXACT, &facts->span, next);
    SG_CHECK(!facts->whole || (w->first == 0 && w->len == w->stored), UPSTREAM_PROTOCOL);
    req->main.skip = facts->span.sealed_from - w->first;
    SG_TRY(reply_head(req, state, from, len));
    size_t block = plain < SGC_SEGMENT_PLAIN ? (size_t)plain + 1 : SGC_SEGMENT_PLAIN;
    return sg_pipe_new(&sg_pipe_download, facts, block, false, &req->down);
}

/* The envelope, and what is known of the parts; a part table that is not known must be read first. FMT-46, FMT-49 */
static sg_err open_object(struct sg_req *req, struct get_state *state)
{
    sg_sealed_clear(&state->sealed);
    state->sealed = SG_SEALED_NONE;
    SG_TRY(read_window(req, &state->window));
    SG_TRY(sg_sealed_open(req, state->window.stored, &state->sealed));
    return sg_part_table_find(req, &state->sealed);
}

static bool lacks_parts(const struct get_state *state)
{
    return state->sealed.many && state->sealed.parts == NULL;
}

static sg_err head(struct sg_req *req, enum sg_next *next)
{
    struct get_state *state = req->op_state;
    *next = SG_NEXT_GO;
    if (req->main.status == 416 && state->ask == ASK_GUESS)
        return plan_size(req, state, next);
    if (sg_exchange_has_failed(req) || state->ask == ASK_SIZE || state->ask == ASK_FOOTER)
        return SG_OK;
    SG_TRY(open_object(req, state));
    if (lacks_parts(state)) {
        *next = SG_NEXT_SIDE;
        return sg_part_table_plan(req, &state->sealed, &req->side);
    }
    return state->sealed.foreign ? stream_foreign(req, state, &state->window, next) : stream_sealed(req, state, next);
}

static sg_err side(struct sg_req *req, enum sg_next *next)
{
    struct get_state *state = req->op_state;
    *next = SG_NEXT_GO;
    SG_TRY(sg_part_table_read(req, &req->side, &state->sealed));
    sgc_buf_clear(&req->side.collected); /* before the queue takes its place */
    return stream_sealed(req, state, next);
}

/* The answer is known without a byte of the body: HeadObject, and GetObject for ranges that select nothing. */
static sg_err reply_without_body(struct sg_req *req, struct get_state *state, enum sg_next *next)
{
    uint64_t from, len;
    *next = SG_NEXT_REPLY;
    if (!sg_range_resolve(&state->range, state->sealed.plain, &from, &len))
        return reply_unsatisfiable(req, state, next);
    SG_CHECK(is_head(req), UPSTREAM_PROTOCOL);
    return reply_head(req, state, from, len);
}

/* A further request that found another object, or none: the condition was ours, not the client's. */
static bool has_lost_its_object(const struct sg_req *req, const struct get_state *state)
{
    bool is_further = state->ask != ASK_GUESS && state->ask != ASK_SIZE;
    return is_further && req->main.status == 412 && sgs_headers_count_of(&req->head.headers, "if-match") == 0;
}

static sg_err done(struct sg_req *req, enum sg_next *next)
{
    struct get_state *state = req->op_state;
    *next = SG_NEXT_REPLY;
    SG_CHECK(!has_lost_its_object(req, state), SLOW_DOWN);
    if (sg_exchange_has_failed(req))
        return sg_exchange_reply_error(req);
    SG_CHECK(state->ask == ASK_SIZE || state->ask == ASK_FOOTER, INTERNAL);
    SG_TRY(open_object(req, state));
    if (lacks_parts(state) && state->ask == ASK_SIZE) {
        state->ask = ASK_FOOTER;
        *next = SG_NEXT_ASK;
        return sg_part_table_plan(req, &state->sealed, &req->main);
    }
    if (lacks_parts(state))
        SG_TRY(sg_part_table_read(req, &req->main, &state->sealed));
    return reply_without_body(req, state, next);
}

static void clear(struct sg_req *req)
{
    struct get_state *state = req->op_state;
    sg_sealed_clear(&state->sealed);
}

const struct sg_op_fns sg_fns_get_object = {.plan = plan, .head = head, .side = side, .done = done, .clear = clear};
const struct sg_op_fns sg_fns_head_object = {.plan = plan, .head = head, .done = done, .clear = clear};
