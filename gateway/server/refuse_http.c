/*
 * The head is read so that the client is ready to hear; what it says does not matter.
 */
#include "server/refuse_http.h"

#include "core/log.h"
#include "server/answer.h"

#include "common/banned.h"

enum { TIMEOUT_MS = 10000, CONNECTIONS_MAX = 256 };

static bool is_head_request(struct sg_bytes head)
{
    return sg_bytes_has_prefix(head, SG_BYTES_LIT("HEAD "));
}

static sg_err answer(const void *ctx, struct sg_bytes head, struct sgc_buf *out)
{
    const struct sg_env *env = ctx;
    char id[SG_ANSWER_ID_SIZE];
    SG_TRY(sg_answer_id(id));
    SG_TRY(sg_answer_error(out, env->clock, SG_ERR_OF(HTTPS_REQUIRED), false, id));
    if (is_head_request(head))
        sgc_buf_truncate(out, sg_answer_head_len(sgc_buf_view(out)));
    sg_log_event(env->log, SG_LOG_INFO, "plain_http_refused", "request_id", id, NULL);
    return SG_OK;
}

void sg_refuse_http_init(struct sg_plain_host *host, const struct sg_env *env)
{
    *host = (struct sg_plain_host){
        .loop = env->loop, .timeout_ms = TIMEOUT_MS, .max_count = CONNECTIONS_MAX, .answer = answer, .ctx = env};
}
