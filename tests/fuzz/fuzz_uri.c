/* Percent coding and queries: decoding is undone by encoding, and the canonical form of a query is a fixed point. */
#include "s3client/uri.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_coding(struct sg_bytes text, sg_err (*decode)(struct sg_bytes, struct sgc_buf *))
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf decoded = SGC_BUF_INIT(SG_LIMIT_TARGET);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf encoded = SGC_BUF_INIT(4 * SG_LIMIT_TARGET);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SG_LIMIT_TARGET);
    if (!sg_is_ok(decode(text, &decoded))) {
        sg_assert(decoded.len == 0);
        return;
    }
    sg_assert(decoded.len <= text.len && sg_bytes_find(sgc_buf_view(&decoded), 0) == decoded.len);
    sg_assert(sg_is_ok(sgs_uri_encode(sgc_buf_view(&decoded), text.len % 2 == 0, &encoded)));
    sg_assert(sg_is_ok(decode(sgc_buf_view(&encoded), &again)));
    sg_assert(sg_bytes_eq(sgc_buf_view(&decoded), sgc_buf_view(&again)));
}

static void check_query(struct sg_bytes text)
{
    SG_CLEANUP(sgs_query_clear) struct sgs_query query = SGS_QUERY_NONE;
    SG_CLEANUP(sgs_query_clear) struct sgs_query second = SGS_QUERY_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf canonical = SGC_BUF_INIT(SG_LIMIT_TARGET);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SG_LIMIT_TARGET);
    if (!sg_is_ok(sgs_query_parse(text, &query))) {
        sg_assert(query.count == 0);
        return;
    }
    /* The printed form can be longer than a request may be; then there is nothing to compare. */
    if (!sg_is_ok(sgs_query_print(&query, NULL, &canonical)))
        return;
    sg_assert(sg_is_ok(sgs_query_parse(sgc_buf_view(&canonical), &second)));
    sg_assert(second.count == query.count);
    sg_assert(sg_is_ok(sgs_query_print(&second, NULL, &again)));
    sg_assert(sg_bytes_eq(sgc_buf_view(&canonical), sgc_buf_view(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_bytes text = sg_bytes(data, size);
    check_coding(text, sgs_uri_decode);
    check_coding(text, sgs_uri_decode_query);
    check_query(text);
    return 0;
}
