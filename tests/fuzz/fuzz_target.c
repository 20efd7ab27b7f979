/* Host and target: what is accepted names a bucket that can be, and a key within its bounds. */
#include "core/target.h"

#include "core/bucket_name.h"
#include "core/utf8.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sg_target *target)
{
    sg_assert(target->bucket.len == 0 || sg_bucket_name_is_valid(target->bucket));
    sg_assert(target->key.len == 0 || target->bucket.len > 0);
    sg_assert(target->key.len <= SG_LIMIT_KEY && sg_utf8_is_valid(target->key));
    sg_assert(sg_bytes_find(target->key, 0) == target->key.len);
    sg_assert(sg_bytes_has_prefix(target->path_raw, SG_BYTES_LIT("/")));
}

/* The first line is the Host, the rest the target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char domain[] = "s3.test", *domains[] = {domain};
    struct sg_config config = {.server = {.domains = domains, .domain_count = 1}};
    struct sg_env env = {.config = &config};
    struct sg_req *req = sgc_xalloc(sizeof(*req));
    struct sg_bytes input = sg_bytes(data, size);
    size_t line = sg_bytes_find(input, '\n');
    req->env = &env;
    req->head.headers = SGS_HEADERS_NONE;
    req->target.query = SGS_QUERY_NONE;
    req->head.target = sg_bytes_skip(input, line + 1);
    if (sg_is_ok(sgs_headers_add(&req->head.headers, SG_BYTES_LIT("host"), sg_bytes_slice(input, 0, line))) &&
        sg_is_ok(sg_target_parse(req)))
        check(&req->target);
    sgs_headers_clear(&req->head.headers);
    sgs_query_clear(&req->target.query);
    sg_arena_clear(&req->arena);
    sgc_xfree(req);
    return 0;
}
