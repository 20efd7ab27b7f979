/* A request as the server would have filled it in, minus the server. */
#include "support/fake_req.h"

#include "support/check_main.h"

static char region[] = "us-east-1";

void fake_req_init(struct fake_req *f, const char *method, const char *target)
{
    *f = (struct fake_req){.req = {.id = FAKE_REQ_ID}};
    fake_loop_init(&f->loop);
    fake_clock_init(&f->clock, FAKE_REQ_WALL_S);
    f->config.region = region;
    f->env = (struct sg_env){.loop = &f->loop.loop, .clock = &f->clock.clock, .config = &f->config};
    f->req.env = &f->env;
    f->req.head.method = sg_bytes_str(method);
    f->req.head.target = sg_bytes_str(target);
    f->req.head.headers = SGS_HEADERS_NONE;
    f->req.target.query = SGS_QUERY_NONE;
    f->req.reply_headers = SGS_HEADERS_NONE;
}

void fake_req_header(struct fake_req *f, const char *name, const char *value)
{
    ck_ok(sgs_headers_add_str(&f->req.head.headers, name, value));
}

void fake_req_clear(struct fake_req *f)
{
    sgs_headers_clear(&f->req.head.headers);
    sgs_headers_clear(&f->req.reply_headers);
    sgs_query_clear(&f->req.target.query);
    sgc_buf_clear(&f->req.reply_body);
    sgc_secret_clear(&f->req.auth.signing_key);
    sg_arena_clear(&f->req.arena);
    fake_loop_clear(&f->loop);
}
