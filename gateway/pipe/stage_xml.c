/*
 * A reader's events, written out again. Two things are kept: what is not emitted yet, and the place in it where a held
 * element began.
 */
#include "pipe/stage_xml.h"

#include "pipe/queue.h"
#include "s3client/xml_read.h"
#include "s3client/xml_write.h"

#include "common/banned.h"

/* Room for one piece of input and one held element; more than this in one element is not a listing. A quote that the
 * upstream did not escape makes six bytes of one: transfers give 16 KiB at once, behind a text of as many. */
#define XML_OUT_MAX   (256 * SG_KIB)
#define XML_TOTAL_MAX (64 * SG_MIB)
_Static_assert(XML_OUT_MAX <= (SG_QUEUE_RING - SG_QUEUE_BLOCK_COUNT + 1) * SGC_SEGMENT_PLAIN,
               "a queue that had room has room for all that one piece sets free");

struct xml_state {
    struct sgs_xml_reader *reader;
    struct sgc_buf out;
    size_t depth;
    size_t drop_depth; /* depth of the element being dropped; 0 = none */
    size_t hold_depth; /* depth of the element being held; 0 = none */
    size_t hold_from;  /* where it begins in `out` */
    bool hold_tested;  /* a test was asked; an element without what is tested is not shown */
    bool hold_hidden;  /* a test said no */
};

static const struct sg_xml_rule *rule_of(const struct sg_stage *stage, struct sg_bytes path)
{
    const struct sg_xml_rules *rules = stage->facts->xml_rules;
    for (size_t i = 0; i < rules->count; i++) {
        if (sg_bytes_eq_str(path, rules->rows[i].path))
            return &rules->rows[i];
    }
    return NULL;
}

static sg_err write_tag(struct sgc_buf *out, const char *before, struct sg_bytes name)
{
    SG_TRY(sgc_buf_append_str(out, before));
    SG_TRY(sgc_buf_append(out, name));
    return sgc_buf_append_str(out, ">");
}

static sg_err on_open(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    struct sg_stage *stage = ctx;
    struct xml_state *s = stage->state;
    const struct sg_xml_rule *rule = rule_of(stage, path);
    s->depth++;
    if (s->drop_depth > 0)
        return SG_OK;
    if (s->depth == 1) {
        SG_CHECK(sg_bytes_eq_str(name, stage->facts->xml_rules->root), UPSTREAM_PROTOCOL);
        return sgs_xml_begin(&s->out, stage->facts->xml_rules->root, SGS_XML_S3_NAMESPACE);
    }
    if (rule != NULL && rule->action == SG_XML_DROP) {
        s->drop_depth = s->depth;
        return SG_OK;
    }
    if (rule != NULL && rule->action == SG_XML_HOLD && s->hold_depth == 0) {
        s->hold_depth = s->depth;
        s->hold_from = s->out.len;
        s->hold_tested = false;
        s->hold_hidden = false;
    }
    return write_tag(&s->out, "<", name);
}

static sg_err on_text(void *ctx, struct sg_bytes path, struct sg_bytes text)
{
    struct sg_stage *stage = ctx;
    struct xml_state *s = stage->state;
    const struct sg_xml_rule *rule = rule_of(stage, path);
    const struct sg_req *req = stage->facts->req;
    if (s->drop_depth > 0)
        return SG_OK;
    if (rule != NULL && rule->action == SG_XML_TEST && s->hold_depth > 0) {
        s->hold_tested = true;
        s->hold_hidden = s->hold_hidden || !rule->test(req, text);
    }
    if (rule == NULL || rule->action != SG_XML_REWRITE)
        return sgs_xml_text(&s->out, text);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf changed = SGC_BUF_INIT(SG_LIMIT_XML_TEXT);
    SG_TRY(rule->rewrite(req, text, &changed));
    return sgs_xml_text(&s->out, sgc_buf_view(&changed));
}

static sg_err on_close(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    struct sg_stage *stage = ctx;
    struct xml_state *s = stage->state;
    SG_UNUSED(path);
    size_t depth = s->depth--;
    if (s->drop_depth > 0) {
        s->drop_depth = s->drop_depth == depth ? 0 : s->drop_depth;
        return SG_OK;
    }
    SG_TRY(write_tag(&s->out, "</", name));
    if (s->hold_depth == depth) {
        if (s->hold_hidden || !s->hold_tested)
            sgc_buf_truncate(&s->out, s->hold_from);
        s->hold_depth = 0;
    }
    return SG_OK;
}

static const struct sgs_xml_events events = {on_open, on_text, on_close};

static sg_err init(struct sg_stage *stage)
{
    struct xml_state *s = stage->state;
    s->out = SGC_BUF_INIT(XML_OUT_MAX);
    return sgs_xml_reader_new(&events, stage, XML_TOTAL_MAX, &s->reader);
}

/* Everything before a held element may go. */
static sg_err flush(struct sg_stage *stage)
{
    struct xml_state *s = stage->state;
    size_t ready = s->hold_depth > 0 ? s->hold_from : s->out.len;
    if (ready == 0)
        return SG_OK;
    SG_TRY(sg_stage_emit(stage, sg_bytes(s->out.ptr, ready)));
    memmove(s->out.ptr, s->out.ptr + ready, s->out.len - ready);
    sgc_buf_truncate(&s->out, s->out.len - ready);
    s->hold_from = 0;
    return SG_OK;
}

/* What is malformed here was malformed by the upstream, not by the client. */
static sg_err as_upstream_error(sg_err err)
{
    return sg_is(err, MALFORMED_XML) || sg_is(err, LIMIT) ? SG_ERR_OF(UPSTREAM_PROTOCOL) : err;
}

static sg_err write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct xml_state *s = stage->state;
    SG_TRY(as_upstream_error(sgs_xml_reader_feed(s->reader, bytes)));
    return flush(stage);
}

static sg_err finish(struct sg_stage *stage)
{
    struct xml_state *s = stage->state;
    SG_TRY(as_upstream_error(sgs_xml_reader_finish(s->reader)));
    return flush(stage);
}

static void destroy(struct sg_stage *stage)
{
    struct xml_state *s = stage->state;
    sgs_xml_reader_free(s->reader);
    sgc_buf_clear(&s->out);
}

const struct sg_stage_row sg_stage_xml = {
    .name = "xml",
    .state_size = sizeof(struct xml_state),
    .init = init,
    .write = write,
    .finish = finish,
    .destroy = destroy,
};
