/*
 * The longest footer that an object of this size can have is asked for in one go; where it really begins is told by its
 * last four bytes, and whether that is true by its tag.
 */
#include "ops/part_table.h"

#include "crypto/footer.h"
#include "ops/exchange.h"
#include "ops/range.h"

#include "common/banned.h"

/* Asked for only once the envelope of this request has been opened. FMT-22 */
sg_err sg_part_table_find(struct sg_req *req, struct sg_sealed *s)
{
    if (!s->many)
        return SG_OK;
    return sg_part_cache_find(req->env->part_cache, &s->part_key, &req->arena, &s->parts, &s->part_count);
}

/* FMT-49 */
sg_err sg_part_table_plan(const struct sg_req *req, const struct sg_sealed *s, struct sg_exchange *x)
{
    uint64_t longest = sgc_layout_footer_one(s->plain);
    x->collected.max = SGC_FOOTER_MAX;
    SG_TRY(sg_exchange_plan_for(req, "GET", &x->plan));
    SG_TRY(sg_exchange_pin(req, &x->plan));
    return sgs_headers_addf(&x->plan.headers, "Range", "bytes=-%llu", (unsigned long long)longest);
}

/* The footer within the bytes that came: they end where the object ends. */
static sg_err cut_footer(const struct sg_exchange *x, uint64_t stored, struct sg_bytes *out)
{
    struct sg_bytes text, body = sgc_buf_view(&x->collected);
    struct sg_content_range range = {0, stored - 1, stored}; /* an answer of 200: an object that is all end */
    uint32_t len;
    /* Overwritten or deleted since the first answer: the client finds out what there is now. */
    SG_CHECK(x->status != 412 && x->status != 404, SLOW_DOWN);
    SG_CHECK(x->status == 206 || x->status == 200, UPSTREAM_PROTOCOL);
    if (x->status == 206) {
        SG_CHECK(sgs_headers_find(&x->headers, "content-range", &text), UPSTREAM_PROTOCOL);
        SG_CHECK(sg_content_range_parse(text, &range), UPSTREAM_PROTOCOL);
    }
    SG_CHECK(range.size == stored && range.last == stored - 1, UPSTREAM_PROTOCOL);
    SG_CHECK(body.len == range.last - range.first + 1 && body.len >= sizeof(len), OBJECT_TRUNCATED);
    struct sg_cursor c = sg_cursor(sg_bytes_skip(body, body.len - sizeof(len)));
    SG_CHECK(sg_cursor_u32be(&c, &len) && len <= body.len, FOOTER_INVALID);
    *out = sg_bytes_skip(body, body.len - len);
    return SG_OK;
}

/* The table is kept, the footer is not. FMT-51 */
sg_err sg_part_table_read(struct sg_req *req, const struct sg_exchange *x, struct sg_sealed *s)
{
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer footer = SGC_FOOTER_NONE;
    struct sg_bytes sealed;
    void *parts;
    SG_TRY(cut_footer(x, s->part_key.stored, &sealed));
    SG_TRY(sgc_footer_open(sealed, &s->keys, s->plain, true, &footer));
    size_t size = footer.part_count * sizeof(struct sgc_part);
    SG_TRY(sg_arena_alloc(&req->arena, size, &parts));
    memcpy(parts, footer.parts, size);
    s->parts = parts;
    s->part_count = footer.part_count;
    sg_part_cache_add(req->env->part_cache, &s->part_key, s->parts, s->part_count);
    return SG_OK;
}
