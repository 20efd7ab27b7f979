/* The XML reader: the same verdict and the same events however a document is cut, never a path or text out of bounds.
 */
#include "crypto/buf.h"
#include "s3client/xml_read.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EVENTS_MAX (16 * SG_MIB)

static sg_err note(struct sgc_buf *events, uint8_t mark, struct sg_bytes path, struct sg_bytes what)
{
    sg_assert(path.len > 0 && path.len <= SG_LIMIT_XML_DEPTH * (SG_LIMIT_XML_NAME + 1));
    sg_assert(what.len <= SG_LIMIT_XML_TEXT && sg_bytes_find(what, 0) == what.len);
    SG_TRY(sgc_buf_append_u8(events, mark));
    SG_TRY(sgc_buf_append_lp(events, path));
    return sgc_buf_append_lp(events, what);
}

static sg_err on_open(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    return note(ctx, '<', path, name);
}

static sg_err on_text(void *ctx, struct sg_bytes path, struct sg_bytes text)
{
    return note(ctx, '=', path, text);
}

static sg_err on_close(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    return note(ctx, '>', path, name);
}

static sg_err read_in_steps(struct sg_bytes document, size_t step, struct sgc_buf *out)
{
    static const struct sgs_xml_events events = {on_open, on_text, on_close};
    struct sgs_xml_reader *reader;
    sg_assert(sg_is_ok(sgs_xml_reader_new(&events, out, SG_LIMIT_XML_BODY, &reader)));
    sg_err err = SG_OK;
    for (size_t at = 0; sg_is_ok(err) && at < document.len; at += step)
        err = sgs_xml_reader_feed(reader, sg_bytes_slice(document, at, step));
    if (sg_is_ok(err))
        err = sgs_xml_reader_finish(reader);
    sgs_xml_reader_free(reader);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf whole = SGC_BUF_INIT(EVENTS_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf pieces = SGC_BUF_INIT(EVENTS_MAX);
    struct sg_bytes document = sg_bytes(data, size);
    sg_err first = read_in_steps(document, size + 1, &whole);
    sg_err second = read_in_steps(document, size % 7 + 1, &pieces);
    sg_assert(first.code == second.code);
    sg_assert(!sg_is_ok(first) || sg_bytes_eq(sgc_buf_view(&whole), sgc_buf_view(&pieces)));
    return 0;
}
