/*
 * All names and values stand one behind the other in one buffer, and the list keeps offsets into it: adding is one
 * append, clearing is one wipe, and growth of the buffer never leaves a stale pointer behind.
 *
 * The one rule of content is kept here, at the door, for both directions: what could end a header line early never
 * gets into a list, so no caller can be made to split a request or an answer.
 */
#include "s3client/headers.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/banned.h"

/* RFC 9110 section 5.6.2: tchar. */
static bool is_token_char(uint8_t c)
{
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return true;
    return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct sg_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char(text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

static bool is_one_line(struct sg_bytes text)
{
    return sg_bytes_find(text, '\r') == text.len && sg_bytes_find(text, '\n') == text.len &&
           sg_bytes_find(text, '\0') == text.len;
}

static sg_err append_both(struct sgc_buf *out, struct sg_bytes name, struct sg_bytes value)
{
    SG_TRY(sgc_buf_append(out, name));
    return sgc_buf_append(out, value);
}

sg_err sgs_headers_add(struct sgs_headers *h, struct sg_bytes name, struct sg_bytes value)
{
    SG_CHECK(is_token(name) && is_one_line(value), INVALID_ARGUMENT);
    SG_CHECK(h->count < SG_LIMIT_HEADER_COUNT, LIMIT);
    SG_CHECK(h->bytes.len + name.len + value.len <= UINT32_MAX, LIMIT);
    size_t at = h->bytes.len;
    sg_err err = append_both(&h->bytes, name, value);
    if (!sg_is_ok(err)) {
        sgc_buf_truncate(&h->bytes, at);
        return err;
    }
    h->spans[h->count].name_at = (uint32_t)at;
    h->spans[h->count].name_len = (uint32_t)name.len;
    h->spans[h->count].value_at = (uint32_t)(at + name.len);
    h->spans[h->count].value_len = (uint32_t)value.len;
    h->count++;
    return SG_OK;
}

sg_err sgs_headers_add_str(struct sgs_headers *h, const char *name, const char *value)
{
    return sgs_headers_add(h, sg_bytes_str(name), sg_bytes_str(value));
}

/* Formats to a buffer of its own first: a "%c" can print a CR or a NUL, and add() looks at the result. */
sg_err sgs_headers_addf(struct sgs_headers *h, const char *name, const char *format, ...)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(h->bytes.max + 1);
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    SG_CHECK(len >= 0, INVALID_ARGUMENT);
    uint8_t *room;
    SG_TRY(sgc_buf_reserve(&value, (size_t)len + 1, &room));
    va_start(args, format);
    (void)vsnprintf((char *)room, (size_t)len + 1, format, args);
    va_end(args);
    sgc_buf_commit(&value, (size_t)len);
    return sgs_headers_add(h, sg_bytes_str(name), sgc_buf_view(&value));
}

struct sgs_header sgs_headers_at(const struct sgs_headers *h, size_t index)
{
    sg_assert(index < h->count);
    struct sg_bytes all = sgc_buf_view(&h->bytes);
    return (struct sgs_header){
        .name = sg_bytes_slice(all, h->spans[index].name_at, h->spans[index].name_len),
        .value = sg_bytes_slice(all, h->spans[index].value_at, h->spans[index].value_len),
    };
}

bool sgs_headers_find(const struct sgs_headers *h, const char *name, struct sg_bytes *value_out)
{
    for (size_t i = 0; i < h->count; i++) {
        struct sgs_header header = sgs_headers_at(h, i);
        if (sg_bytes_eq_nocase(header.name, sg_bytes_str(name))) {
            *value_out = header.value;
            return true;
        }
    }
    return false;
}

size_t sgs_headers_count_of(const struct sgs_headers *h, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < h->count; i++)
        count += sg_bytes_eq_nocase(sgs_headers_at(h, i).name, sg_bytes_str(name)) ? 1 : 0;
    return count;
}

void sgs_headers_clear(struct sgs_headers *h)
{
    sgc_buf_clear(&h->bytes);
    h->count = 0;
}
