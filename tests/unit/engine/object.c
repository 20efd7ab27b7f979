/* Objects are put by the code under test itself; that the bytes are right is for tests/vectors to say. */
#include "unit/engine/object.h"

#include "crypto/layout.h"

#include <check.h>

#include "common/banned.h"

uint8_t plain[OBJECT_MAX];

__attribute__((constructor)) static void fill_plain(void)
{
    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = (uint8_t)(i * 7 + i / 251);
}

const char *const put_ok[] = {"ETag", ETAG, "Content-Length", "0", NULL};

static void copy_header(const struct sgs_headers *headers, const char *name, char *out, size_t cap)
{
    struct sg_bytes value = SG_BYTES_NONE;
    bool found = sgs_headers_find(headers, name, &value);
    (void)snprintf(out, cap, "%.*s", found ? (int)value.len : 0, found ? (const char *)value.ptr : "");
}

void put(struct stored *out, const char *target, size_t len, const char *const *headers)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "PUT", target, headers, len);
    if (len > 0) {
        world_body(&w, sg_bytes(plain, len));
        world_body_end(&w);
    }
    ck_assert_uint_eq(w.exchange.body_len, sgc_layout_sealed(len));
    ck_assert_uint_eq(w.exchange.body.len, w.exchange.body_len);
    world_answer_head(&w, 200, put_ok);
    world_answer_end(&w, SG_OK);
    ck_assert_int_eq(w.status, 200);
    ck_assert(w.reply_complete);
    out->body = sgc_buf_take(&w.exchange.body);
    copy_header(&w.exchange.headers, "x-amz-meta-sealgate", out->envelope, sizeof(out->envelope));
    copy_header(&w.exchange.headers, "x-amz-meta-sealgate-meta", out->metadata, sizeof(out->metadata));
    world_clear(&w);
}

void answer_get(struct world *w, const struct stored *s, size_t from, size_t len, size_t piece)
{
    char length[32], range[96];
    bool partial = len < s->body.len;
    (void)snprintf(length, sizeof(length), "%zu", len);
    (void)snprintf(range, sizeof(range), "bytes %zu-%zu/%zu", from, from + len - 1, s->body.len);
    const char *const headers[] = {"Content-Length",
                                   length,
                                   "ETag",
                                   ETAG,
                                   "x-amz-meta-sealgate",
                                   s->envelope,
                                   "X-Amz-Meta-Sealgate-Meta",
                                   s->metadata,
                                   "Content-Type",
                                   "application/octet-stream",
                                   partial ? "Content-Range" : NULL,
                                   range,
                                   NULL};
    world_answer_head(w, partial ? 206 : 200, headers);
    world_answer_body(w, sg_bytes_slice(sgc_buf_view(&s->body), from, len), piece);
    world_answer_end(w, SG_OK);
}
