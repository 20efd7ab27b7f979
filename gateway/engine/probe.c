/*
 * One question at a time; the next is asked some time after the answer, so that a slow upstream is not asked more often
 * than it answers.
 */
#include "engine/probe.h"

#include "core/log.h"

#include "common/banned.h"

enum { EVERY_MS = 5000 };

static const char *describe(int status)
{
    switch (status) {
    case 0:
        return "no answer";
    case 301:
        return "the state bucket is in another region";
    case 403:
        return "the upstream refuses the gateway's credentials";
    case 404:
        return "the state bucket does not exist";
    default:
        return "the upstream answers with an error";
    }
}

static void conclude(struct sg_probe *probe, const char *detail)
{
    struct sg_log *log = probe->env->log;
    bool reachable = probe->status == 200;
    if (reachable && !probe->is_reachable)
        sg_log_event(log, SG_LOG_INFO, "upstream_reachable", NULL);
    if (!reachable && (probe->is_reachable || !probe->was_asked))
        sg_log_event(log, SG_LOG_ERROR, "upstream_not_reachable", "reason", describe(probe->status), "detail", detail,
                     NULL);
    probe->is_reachable = reachable;
    probe->was_asked = true;
    sg_timer_set(probe->env->loop, &probe->timer, EVERY_MS);
}

static sg_err on_head(void *ctx, int status, const struct sgs_headers *headers)
{
    struct sg_probe *probe = ctx;
    SG_UNUSED(headers);
    probe->status = status;
    return SG_OK;
}

static enum sgs_flow on_body(void *ctx, struct sg_bytes bytes, sg_err *err)
{
    SG_UNUSED(ctx);
    SG_UNUSED(bytes);
    SG_UNUSED(err);
    return SGS_FLOW_GO;
}

static void on_done(void *ctx, sg_err err)
{
    struct sg_probe *probe = ctx;
    const char *detail = sgs_transfer_detail(probe->transfer);
    probe->transfer = NULL;
    if (!sg_is_ok(err))
        probe->status = 0;
    conclude(probe, detail);
}

static const struct sgs_transfer_events events = {.on_head = on_head, .on_body = on_body, .on_done = on_done};

static sg_err ask(struct sg_probe *probe)
{
    const struct sg_env *env = probe->env;
    SG_CLEANUP(sgs_plan_clear) struct sgs_plan plan = SGS_PLAN_NONE;
    SG_CLEANUP(sgs_request_clear) struct sgs_request request = SGS_REQUEST_NONE;
    plan.method = "HEAD";
    plan.bucket = sg_bytes_str(env->config->state_bucket);
    SG_TRY(sgs_request_build(&plan, env->upstream, env->upstream_identity, sg_clock_wall_s(env->clock), &request));
    return sgs_transfer_start(env->side_pool, &request, &events, probe, &probe->transfer);
}

static void on_timer(void *ctx)
{
    struct sg_probe *probe = ctx;
    probe->status = 0;
    sg_err err = ask(probe);
    if (!sg_is_ok(err))
        conclude(probe, sg_err_row(err)->name);
}

void sg_probe_start(struct sg_probe *probe, const struct sg_env *env)
{
    *probe = (struct sg_probe){.env = env, .timer = {.fn = on_timer, .ctx = probe}};
    on_timer(probe);
}

void sg_probe_clear(struct sg_probe *probe)
{
    if (probe->env == NULL)
        return;
    sg_timer_clear(probe->env->loop, &probe->timer);
    if (probe->transfer != NULL)
        sgs_transfer_cancel(probe->transfer);
    *probe = (struct sg_probe){.env = NULL};
}
