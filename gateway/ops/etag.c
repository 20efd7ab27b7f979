/*
 * Purely syntactic, in both directions; see etag.h for why.
 */
#include "ops/etag.h"

#include "common/banned.h"

static bool is_quoted(struct sg_bytes b)
{
    return b.len >= 2 && b.ptr[0] == '"' && b.ptr[b.len - 1] == '"';
}

static struct sg_bytes unquoted(struct sg_bytes b)
{
    return is_quoted(b) ? sg_bytes_slice(b, 1, b.len - 2) : b;
}

static sg_err append_like(struct sg_bytes model, struct sg_bytes text, const char *suffix, struct sgc_buf *out)
{
    const char *quote = is_quoted(model) ? "\"" : "";
    SG_TRY(sgc_buf_append_str(out, quote));
    SG_TRY(sgc_buf_append(out, text));
    SG_TRY(sgc_buf_append_str(out, suffix));
    return sgc_buf_append_str(out, quote);
}

sg_err sg_etag_out(struct sg_bytes etag, struct sgc_buf *out)
{
    struct sg_bytes bare = unquoted(etag);
    bool has_dash = sg_bytes_find(bare, '-') < bare.len;
    return append_like(etag, bare, has_dash || bare.len == 0 ? "" : "-0", out);
}

sg_err sg_etag_in(struct sg_bytes etag, struct sgc_buf *out)
{
    /* A weak validator is compared like a strong one: S3 has no weak ETags. */
    struct sg_bytes strong = sg_bytes_has_prefix(etag, SG_BYTES_LIT("W/")) ? sg_bytes_skip(etag, 2) : etag;
    struct sg_bytes bare = unquoted(strong);
    if (sg_bytes_has_suffix(bare, SG_BYTES_LIT("-0")))
        bare.len -= 2;
    return append_like(strong, bare, "", out);
}

sg_err sg_etag_list_in(struct sg_bytes list, struct sgc_buf *out)
{
    struct sg_bytes rest = list;
    bool first = true;
    while (rest.len > 0) {
        size_t comma = sg_bytes_find(rest, ',');
        struct sg_bytes item = sg_bytes_trim(sg_bytes_slice(rest, 0, comma));
        rest = sg_bytes_skip(rest, comma + 1);
        if (item.len == 0)
            continue;
        if (!first)
            SG_TRY(sgc_buf_append_str(out, ", "));
        SG_TRY(sg_etag_in(item, out));
        first = false;
    }
    return SG_OK;
}
