/*
 * Growing bytes. The idea: memory is moved by hand instead of by realloc(), so that no copy of the contents is ever
 * left behind unwiped; and one byte more than the capacity is allocated, so that appendf() may write its terminator.
 */
#include "crypto/buf.h"

#include <stdarg.h>

#include "crypto/secret.h"

#include "common/banned.h"

enum { SMALLEST_CAPACITY = 64 };

void *sgc_xalloc(size_t size)
{
    void *ptr = calloc(1, size == 0 ? 1 : size);
    if (ptr == NULL)
        sg_assert_failed("out of memory", __FILE__, __LINE__);
    return ptr;
}

void sgc_xfree(void *ptr)
{
    free(ptr);
}

static void release(struct sgc_buf *buf)
{
    if (buf->ptr != NULL)
        sgc_wipe(buf->ptr, buf->cap + 1);
    sgc_xfree(buf->ptr);
    buf->ptr = NULL;
    buf->cap = 0;
}

void sgc_buf_clear(struct sgc_buf *buf)
{
    release(buf);
    buf->len = 0;
}

struct sgc_buf sgc_buf_take(struct sgc_buf *buf)
{
    struct sgc_buf taken = *buf;
    *buf = SGC_BUF_INIT(taken.max);
    return taken;
}

/* At least `needed`, usually twice what there was, never more than the maximum. */
static size_t next_capacity(const struct sgc_buf *buf, size_t needed)
{
    size_t doubled = buf->cap > buf->max / 2 ? buf->max : buf->cap * 2;
    size_t wanted = doubled < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : doubled;
    size_t bounded = wanted < buf->max ? wanted : buf->max;
    return bounded < needed ? needed : bounded;
}

sg_err sgc_buf_reserve(struct sgc_buf *buf, size_t len, uint8_t **out)
{
    SG_CHECK(buf->len <= buf->max && len <= buf->max - buf->len, LIMIT);
    size_t needed = buf->len + len;
    if (buf->ptr == NULL || needed > buf->cap) {
        size_t cap = next_capacity(buf, needed);
        uint8_t *grown = sgc_xalloc(cap + 1);
        if (buf->ptr != NULL)
            memcpy(grown, buf->ptr, buf->len);
        release(buf);
        buf->ptr = grown;
        buf->cap = cap;
    }
    *out = buf->ptr + buf->len;
    return SG_OK;
}

void sgc_buf_commit(struct sgc_buf *buf, size_t len)
{
    sg_assert(len <= buf->cap - buf->len);
    buf->len += len;
}

void sgc_buf_truncate(struct sgc_buf *buf, size_t len)
{
    sg_assert(len <= buf->len);
    if (len < buf->len)
        sgc_wipe(buf->ptr + len, buf->len - len);
    buf->len = len;
}

sg_err sgc_buf_append(struct sgc_buf *buf, struct sg_bytes bytes)
{
    uint8_t *room;
    SG_TRY(sgc_buf_reserve(buf, bytes.len, &room));
    if (bytes.len > 0)
        memcpy(room, bytes.ptr, bytes.len);
    sgc_buf_commit(buf, bytes.len);
    return SG_OK;
}

sg_err sgc_buf_append_str(struct sgc_buf *buf, const char *string)
{
    return sgc_buf_append(buf, sg_bytes_str(string));
}

static sg_err append_uint(struct sgc_buf *buf, uint64_t value, size_t width)
{
    uint8_t *room;
    SG_TRY(sgc_buf_reserve(buf, width, &room));
    for (size_t i = 0; i < width; i++)
        room[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    sgc_buf_commit(buf, width);
    return SG_OK;
}

sg_err sgc_buf_append_u8(struct sgc_buf *buf, uint8_t value)
{
    return append_uint(buf, value, 1);
}

sg_err sgc_buf_append_u16be(struct sgc_buf *buf, uint16_t value)
{
    return append_uint(buf, value, 2);
}

sg_err sgc_buf_append_u32be(struct sgc_buf *buf, uint32_t value)
{
    return append_uint(buf, value, 4);
}

sg_err sgc_buf_append_u64be(struct sgc_buf *buf, uint64_t value)
{
    return append_uint(buf, value, 8);
}

sg_err sgc_buf_append_lp(struct sgc_buf *buf, struct sg_bytes bytes)
{
    uint8_t *room;
    SG_CHECK(bytes.len <= UINT32_MAX, LIMIT);
    /* Both at once, so that a failure leaves no lonely length behind. */
    SG_TRY(sgc_buf_reserve(buf, 4 + bytes.len, &room));
    SG_TRY(append_uint(buf, bytes.len, 4));
    return sgc_buf_append(buf, bytes);
}

sg_err sgc_buf_appendf(struct sgc_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    SG_CHECK(len >= 0, INTERNAL);

    uint8_t *room;
    SG_TRY(sgc_buf_reserve(buf, (size_t)len, &room));
    va_start(args, format);
    int written = vsnprintf((char *)room, (size_t)len + 1, format, args);
    va_end(args);
    SG_CHECK(written == len, INTERNAL);
    sgc_buf_commit(buf, (size_t)len);
    return SG_OK;
}
