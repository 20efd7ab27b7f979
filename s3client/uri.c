/*
 * Percent coding in two passes: the first checks the text and counts, the second writes into room of exactly that size.
 * So nothing is written of a text that is refused, and a text is only too long when its decoded form is.
 *
 * A query keeps its decoded names and values in one buffer with offsets, like a header list. Its canonical form is the
 * one that SigV4 signs; requests to the upstream send that very form, so that what is signed is what is sent.
 */
#include "s3client/uri.h"

#include "common/banned.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    uint8_t lower = sg_ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte that stands at the beginning of `text` and how many characters it takes; false for a bad escape or a NUL. */
static bool decode_one(struct sg_bytes text, uint8_t *byte_out, size_t *taken_out)
{
    *byte_out = text.ptr[0];
    *taken_out = 1;
    if (text.ptr[0] == '%') {
        int high = text.len >= 3 ? hex_value(text.ptr[1]) : -1;
        int low = text.len >= 3 ? hex_value(text.ptr[2]) : -1;
        if (high < 0 || low < 0)
            return false;
        *byte_out = (uint8_t)(high * 16 + low);
        *taken_out = 3;
    }
    return *byte_out != 0;
}

static bool decoded_len(struct sg_bytes text, size_t *len_out)
{
    uint8_t byte;
    size_t taken;
    *len_out = 0;
    for (; text.len > 0; text = sg_bytes_skip(text, taken)) {
        if (!decode_one(text, &byte, &taken))
            return false;
        *len_out += 1;
    }
    return true;
}

static sg_err decode(struct sg_bytes text, bool plus_is_blank, struct sgc_buf *out)
{
    size_t len;
    uint8_t *room;
    SG_CHECK(decoded_len(text, &len), INVALID_URI);
    SG_CHECK(sg_is_ok(sgc_buf_reserve(out, len, &room)), INVALID_URI);
    for (size_t taken; text.len > 0; text = sg_bytes_skip(text, taken), room++) {
        bool is_blank = plus_is_blank && text.ptr[0] == '+';
        (void)decode_one(text, room, &taken);
        if (is_blank)
            *room = ' ';
    }
    sgc_buf_commit(out, len);
    return SG_OK;
}

sg_err sgs_uri_decode(struct sg_bytes text, struct sgc_buf *out)
{
    return decode(text, false, out);
}

sg_err sgs_uri_decode_query(struct sg_bytes text, struct sgc_buf *out)
{
    return decode(text, true, out);
}

static bool is_unreserved(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

sg_err sgs_uri_encode(struct sg_bytes bytes, bool keep_slash, struct sgc_buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i++)
        len += is_unreserved(bytes.ptr[i]) || (keep_slash && bytes.ptr[i] == '/') ? 1 : 3;
    uint8_t *at;
    SG_TRY(sgc_buf_reserve(out, len, &at));
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.ptr[i];
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            *at++ = c;
            continue;
        }
        *at++ = '%';
        *at++ = (uint8_t)digits[c >> 4];
        *at++ = (uint8_t)digits[c & 15];
    }
    sgc_buf_commit(out, len);
    return SG_OK;
}

/* The parameter's decoded bytes must already stand at the end of q->bytes: the name from `name_at`, then the value. */
static void record(struct sgs_query *q, size_t name_at, size_t value_at)
{
    q->spans[q->count].name_at = (uint32_t)name_at;
    q->spans[q->count].name_len = (uint32_t)(value_at - name_at);
    q->spans[q->count].value_at = (uint32_t)value_at;
    q->spans[q->count].value_len = (uint32_t)(q->bytes.len - value_at);
    q->count++;
}

static sg_err parse_param(struct sg_bytes piece, struct sgs_query *out)
{
    SG_CHECK(out->count < SG_LIMIT_QUERY_COUNT, INVALID_URI);
    size_t equals = sg_bytes_find(piece, '=');
    size_t name_at = out->bytes.len;
    SG_TRY(sgs_uri_decode_query(sg_bytes_slice(piece, 0, equals), &out->bytes));
    size_t value_at = out->bytes.len;
    SG_TRY(sgs_uri_decode_query(sg_bytes_skip(piece, equals + 1), &out->bytes));
    record(out, name_at, value_at);
    return SG_OK;
}

sg_err sgs_query_parse(struct sg_bytes text, struct sgs_query *out)
{
    sgs_query_clear(out);
    SG_CHECK(text.len <= SG_LIMIT_TARGET, INVALID_URI);
    while (text.len > 0) {
        size_t end = sg_bytes_find(text, '&');
        sg_err err = end == 0 ? SG_OK : parse_param(sg_bytes_slice(text, 0, end), out);
        if (!sg_is_ok(err)) {
            sgs_query_clear(out);
            return err;
        }
        text = sg_bytes_skip(text, end + 1);
    }
    return SG_OK;
}

static sg_err append_both(struct sgc_buf *out, struct sg_bytes name, struct sg_bytes value)
{
    SG_TRY(sgc_buf_append(out, name));
    return sgc_buf_append(out, value);
}

sg_err sgs_query_add(struct sgs_query *q, struct sg_bytes name, struct sg_bytes value)
{
    SG_CHECK(q->count < SG_LIMIT_QUERY_COUNT, LIMIT);
    size_t at = q->bytes.len;
    sg_err err = append_both(&q->bytes, name, value);
    if (!sg_is_ok(err)) {
        sgc_buf_truncate(&q->bytes, at);
        return err;
    }
    record(q, at, at + name.len);
    return SG_OK;
}

struct sgs_param sgs_query_at(const struct sgs_query *q, size_t index)
{
    sg_assert(index < q->count);
    struct sg_bytes all = sgc_buf_view(&q->bytes);
    return (struct sgs_param){
        .name = sg_bytes_slice(all, q->spans[index].name_at, q->spans[index].name_len),
        .value = sg_bytes_slice(all, q->spans[index].value_at, q->spans[index].value_len),
    };
}

bool sgs_query_find(const struct sgs_query *q, const char *name, struct sg_bytes *value_out)
{
    for (size_t i = 0; i < q->count; i++) {
        struct sgs_param param = sgs_query_at(q, i);
        if (sg_bytes_eq_str(param.name, name)) {
            *value_out = param.value;
            return true;
        }
    }
    return false;
}

size_t sgs_query_count_of(const struct sgs_query *q, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < q->count; i++)
        count += sg_bytes_eq_str(sgs_query_at(q, i).name, name) ? 1 : 0;
    return count;
}

/* The encoded parameters of a query in `encoded`, as another query, so that they have an order and bounds. */
static sg_err encode_params(const struct sgs_query *q, const char *skip, struct sgs_query *encoded)
{
    for (size_t i = 0; i < q->count; i++) {
        struct sgs_param param = sgs_query_at(q, i);
        if (skip != NULL && sg_bytes_eq_str(param.name, skip))
            continue;
        size_t name_at = encoded->bytes.len;
        SG_TRY(sgs_uri_encode(param.name, false, &encoded->bytes));
        size_t value_at = encoded->bytes.len;
        SG_TRY(sgs_uri_encode(param.value, false, &encoded->bytes));
        record(encoded, name_at, value_at);
    }
    return SG_OK;
}

static int compare_params(struct sgs_param a, struct sgs_param b)
{
    int order = sg_bytes_cmp(a.name, b.name);
    return order != 0 ? order : sg_bytes_cmp(a.value, b.value);
}

/* Insertion sort: at most SG_LIMIT_QUERY_COUNT, and most clients send them sorted. */
static void sort_params(const struct sgs_query *encoded, struct sgs_param sorted[SG_LIMIT_QUERY_COUNT])
{
    for (size_t i = 0; i < encoded->count; i++) {
        struct sgs_param param = sgs_query_at(encoded, i);
        size_t at = i;
        for (; at > 0 && compare_params(sorted[at - 1], param) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = param;
    }
}

sg_err sgs_query_print(const struct sgs_query *q, const char *skip, struct sgc_buf *out)
{
    /* Every byte can become three. */
    SG_CLEANUP(sgs_query_clear) struct sgs_query encoded = {.bytes = SGC_BUF_INIT(q->bytes.len * 3 + 1)};
    struct sgs_param sorted[SG_LIMIT_QUERY_COUNT];
    SG_TRY(encode_params(q, skip, &encoded));
    sort_params(&encoded, sorted);
    for (size_t i = 0; i < encoded.count; i++) {
        SG_TRY(i == 0 ? SG_OK : sgc_buf_append_u8(out, '&'));
        SG_TRY(sgc_buf_append(out, sorted[i].name));
        /* Also an empty value has its '=': "acl" is signed as "acl=". */
        SG_TRY(sgc_buf_append_u8(out, '='));
        SG_TRY(sgc_buf_append(out, sorted[i].value));
    }
    return SG_OK;
}

void sgs_query_clear(struct sgs_query *q)
{
    sgc_buf_clear(&q->bytes);
    q->count = 0;
}
