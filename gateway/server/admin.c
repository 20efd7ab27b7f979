/*
 * The same strict head parser as for S3 requests, and a table of pages.
 */
#include "server/admin.h"

#include "server/answer.h"
#include "server/http1_head.h"

#include "common/banned.h"

enum { TIMEOUT_MS = 5000, CONNECTIONS_MAX = 64 };

static sg_err page_health(const struct sg_admin *admin, struct sgc_buf *out)
{
    return sg_answer_text(out, admin->env->clock, 200, "ok\n");
}

static sg_err page_ready(const struct sg_admin *admin, struct sgc_buf *out)
{
    const struct sg_clock *clock = admin->env->clock;
    if (*admin->draining)
        return sg_answer_text(out, clock, 503, "shutting down\n");
    if (admin->ready != NULL && !admin->ready(admin->ready_ctx))
        return sg_answer_text(out, clock, 503, "upstream not reachable\n");
    return sg_answer_text(out, clock, 200, "ready\n");
}

static const struct {
    const char *path;
    sg_err (*print)(const struct sg_admin *admin, struct sgc_buf *out);
} pages[] = {
    {"/healthz", page_health},
    {"/readyz", page_ready},
};

static sg_err print_page(const struct sg_admin *admin, const struct sg_http1_head *head, struct sgc_buf *out)
{
    struct sg_bytes path = sg_bytes_slice(head->target, 0, sg_bytes_find(head->target, '?'));
    for (size_t i = 0; i < SG_COUNT_OF(pages); i++) {
        if (sg_bytes_eq_str(path, pages[i].path))
            return pages[i].print(admin, out);
    }
    return sg_answer_text(out, admin->env->clock, 404, "not found\n");
}

static sg_err answer(const void *ctx, struct sg_bytes bytes, struct sgc_buf *out)
{
    const struct sg_admin *admin = ctx;
    struct sg_http1_scan scan = {0};
    struct sg_http1_head head;
    size_t len = 0;
    bool fine = sg_is_ok(sg_http1_head_find(&scan, bytes, &len)) && len == bytes.len &&
                sg_is_ok(sg_http1_head_parse(bytes, &head));
    if (!fine)
        return sg_answer_text(out, admin->env->clock, 400, "bad request\n");
    bool is_head = sg_bytes_eq_str(head.method, "HEAD");
    if (!is_head && !sg_bytes_eq_str(head.method, "GET"))
        return sg_answer_text(out, admin->env->clock, 405, "only GET\n");
    SG_TRY(print_page(admin, &head, out));
    if (is_head)
        sgc_buf_truncate(out, sg_answer_head_len(sgc_buf_view(out)));
    return SG_OK;
}

void sg_admin_init(struct sg_plain_host *host, const struct sg_admin *admin)
{
    *host = (struct sg_plain_host){.loop = admin->env->loop,
                                   .timeout_ms = TIMEOUT_MS,
                                   .max_count = CONNECTIONS_MAX,
                                   .answer = answer,
                                   .ctx = admin};
}
