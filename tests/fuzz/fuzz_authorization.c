/*
 * Who is asking: nobody gets in with a signature that is not the right one. The input is a head of text lines, as in
 * tests/vectors/sigv4; the access key is the published one, at the published time.
 */
#include "auth/authn.h"
#include "core/target.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID     "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

static int64_t published_time(const struct sg_clock *clock)
{
    SG_UNUSED(clock);
    return 1369353600;
}

static bool parse_head(struct sg_bytes text, struct sg_req_head *out)
{
    struct sg_cursor c = sg_cursor(text);
    struct sg_bytes line;
    if (!sg_cursor_until(&c, ' ', &out->method) || !sg_cursor_until(&c, '\n', &out->target))
        return false;
    while (sg_cursor_until(&c, '\n', &line)) {
        size_t colon = sg_bytes_find(line, ':');
        if (!sg_is_ok(sgs_headers_add(&out->headers, sg_bytes_slice(line, 0, colon), sg_bytes_skip(line, colon + 1))))
            return false;
    }
    return true;
}

static void check(struct sg_req *req)
{
    sg_err err = sg_authenticate(req);
    sg_assert(sg_is_ok(err) == (req->auth.who != NULL));
    sg_assert(sg_err_row(err)->class_ == SG_CLASS_AUTH || sg_err_row(err)->class_ == SG_CLASS_CLIENT);
    sg_assert(!sgc_secret_is_set(&req->auth.signing_key) || sg_is_ok(err));
    if (sg_is_ok(err))
        sg_assert(req->auth.seed_signature.len == SGS_SIGNATURE_LEN && req->auth.amz_date.len == 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char region[] = "us-east-1";
    const struct sg_clock clock = {published_time};
    struct sg_config config = {.region = region, .strict_region = size % 2 == 0};
    struct sg_keystore *store = NULL;
    sg_assert(sg_is_ok(sg_keystore_parse(SG_BYTES_LIT(ID " " SECRET "\n"), &store, NULL)));
    struct sg_env env = {.config = &config, .clock = &clock, .keystore = store};
    struct sg_req *req = sgc_xalloc(sizeof(*req));
    req->env = &env;
    req->head.headers = SGS_HEADERS_NONE;
    req->target.query = SGS_QUERY_NONE;
    if (parse_head(sg_bytes(data, size), &req->head) && sg_is_ok(sg_target_parse(req)))
        check(req);
    sgc_secret_clear(&req->auth.signing_key);
    sgs_headers_clear(&req->head.headers);
    sgs_query_clear(&req->target.query);
    sg_arena_clear(&req->arena);
    sgc_xfree(req);
    sg_keystore_free(store);
    return 0;
}
