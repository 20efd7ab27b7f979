/*
 * aws-chunked bodies of every mode. The first byte of an input says how it is read (mode, announced trailer, size of
 * the pieces); the rest is the body. Whatever comes: the verdict does not depend on how the body is cut, a refused body
 * leaves nothing behind, and in the signed modes only what was really signed is accepted.
 */
#include <stdint.h>

#include "pipe/pipe.h"

#include "common/banned.h"

#define OUT_MAX SG_MIB

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum sg_payload modes[] = {SG_PAYLOAD_CHUNKED_SIGNED, SG_PAYLOAD_CHUNKED_SIGNED_TRAILER,
                                        SG_PAYLOAD_CHUNKED_TRAILER};
static const char *const trailers[] = {NULL, "x-amz-checksum-crc32", "x-amz-checksum-sha256",
                                       "x-amz-checksum-crc64nvme"};
static const size_t piece_sizes[] = {1, 2, 7, 64, 1000, 65536};
/* The corpus has signatures for these and for no others. */
static const char *const signed_bodies[] = {"", "hello", "hello, world"};

static void begin(struct sg_req *req, struct sg_pipe_facts *facts, enum sg_payload mode, const char *trailer)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    req->head.headers = SGS_HEADERS_NONE;
    req->auth.payload = mode;
    req->auth.amz_date = SG_BYTES_LIT("20130524T000000Z");
    req->auth.scope = (struct sgs_scope){SG_BYTES_LIT("20130524"), SG_BYTES_LIT("us-east-1")};
    req->auth.seed_signature = SG_BYTES_LIT("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    sg_assert(sg_is_ok(sgc_secret_copy(&secret, SG_BYTES_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))));
    sg_assert(sg_is_ok(sgs_sigv4_signing_key(&secret, &req->auth.scope, &req->auth.signing_key)));
    sgc_secret_clear(&secret);
    *facts = (struct sg_pipe_facts){.req = req, .plain_len = SG_LENGTH_UNKNOWN, .plain_max = OUT_MAX};
    if (trailer == NULL)
        return;
    sg_assert(sg_is_ok(sgs_headers_add_str(&req->head.headers, "x-amz-trailer", trailer)));
    facts->checksum = sgc_checksum_by_header(sg_bytes_str(trailer));
    facts->checksum_in_trailer = true;
}

static sg_err push_all(struct sg_pipe *pipe, struct sg_bytes body, size_t piece)
{
    size_t taken;
    for (; body.len > 0; body = sg_bytes_skip(body, piece))
        SG_TRY(sg_pipe_push(pipe, sg_bytes_slice(body, 0, piece), &taken));
    return sg_pipe_finish(pipe);
}

static sg_err decode(struct sg_pipe_facts *facts, struct sg_bytes body, size_t piece, struct sgc_buf *out)
{
    struct sg_pipe *pipe;
    facts->checksum_verified = false;
    SG_TRY(sg_pipe_new_collecting(&sg_pipe_collect, facts, out, &pipe));
    sg_err err = push_all(pipe, body, piece);
    sg_assert(sg_is_ok(err) || out->len == 0);
    sg_assert(!sg_is_ok(err) || facts->checksum_verified == (facts->checksum != NULL));
    sg_pipe_free(pipe);
    return err;
}

static bool was_signed(struct sg_bytes body)
{
    for (size_t i = 0; i < SG_COUNT_OF(signed_bodies); i++) {
        if (sg_bytes_eq_str(body, signed_bodies[i]))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf whole = SGC_BUF_INIT(OUT_MAX);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf pieces = SGC_BUF_INIT(OUT_MAX);
    if (size == 0)
        return 0;
    unsigned form = data[0];
    struct sg_bytes body = sg_bytes(data + 1, size - 1);
    enum sg_payload mode = modes[form % SG_COUNT_OF(modes)];
    form /= SG_COUNT_OF(modes);
    const char *trailer = trailers[form % SG_COUNT_OF(trailers)];
    form /= SG_COUNT_OF(trailers);
    struct sg_req *req = sgc_xalloc(sizeof(*req));
    struct sg_pipe_facts facts;
    begin(req, &facts, mode, trailer);
    sg_err err = decode(&facts, body, SG_LIMIT_PUSH, &whole);
    sg_err again = decode(&facts, body, piece_sizes[form % SG_COUNT_OF(piece_sizes)], &pieces);
    sg_assert(err.code == again.code && sg_bytes_eq(sgc_buf_view(&whole), sgc_buf_view(&pieces)));
    sg_assert(!sg_is_ok(err) || mode == SG_PAYLOAD_CHUNKED_TRAILER || was_signed(sgc_buf_view(&whole)));
    sgs_headers_clear(&req->head.headers);
    sgc_secret_clear(&req->auth.signing_key);
    sgc_xfree(req);
    return 0;
}
