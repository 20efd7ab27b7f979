/* A client's side of aws-chunked: size lines, signatures that follow each other, and the trailers' two line ends. */
#include "unit/pipe/chunked.h"

#include "common/banned.h"

#define SECRET_KEY "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

void chunked_request(struct rig *rig, enum sg_payload mode, const char *trailer)
{
    struct sg_req_auth *auth = &rig->req->auth;
    struct sgc_secret secret = SGC_SECRET_NONE;
    auth->payload = mode;
    auth->amz_date = SG_BYTES_LIT("20130524T000000Z");
    auth->scope = (struct sgs_scope){SG_BYTES_LIT("20130524"), SG_BYTES_LIT("us-east-1")};
    auth->seed_signature = SG_BYTES_LIT(CHUNKED_SEED);
    sgc_secret_clear(&auth->signing_key);
    ck_ok(sgc_secret_copy(&secret, SG_BYTES_LIT(SECRET_KEY)));
    ck_ok(sgs_sigv4_signing_key(&secret, &auth->scope, &auth->signing_key));
    sgc_secret_clear(&secret);
    sgs_headers_clear(&rig->req->head.headers);
    rig_facts_upload(rig, SG_LENGTH_UNKNOWN);
    rig->facts.plain_max = 16 * SG_MIB;
    if (trailer == NULL)
        return;
    ck_ok(sgs_headers_add_str(&rig->req->head.headers, "x-amz-trailer", trailer));
    rig->facts.checksum = sgc_checksum_by_header(sg_bytes_str(trailer));
    rig->facts.checksum_in_trailer = true;
}

void chunked_begin(struct chunked *body, const struct rig *rig)
{
    const struct sg_req_auth *auth = &rig->req->auth;
    *body = (struct chunked){.bytes = SGC_BUF_INIT(32 * SG_MIB), .mode = auth->payload};
    ck_ok(sgs_chunk_chain_init(&body->chain, &auth->signing_key, auth->amz_date, &auth->scope, auth->seed_signature));
}

void chunked_clear(struct chunked *body)
{
    sgc_buf_clear(&body->bytes);
}

static void size_line(struct chunked *body, struct sg_bytes data)
{
    uint8_t digest[SGC_SHA256_LEN];
    char signature[SGS_SIGNATURE_LEN];
    ck_ok(sgc_buf_appendf(&body->bytes, "%zx", data.len));
    if (body->mode != SG_PAYLOAD_CHUNKED_TRAILER) {
        ck_ok(sgc_sha256(data, digest));
        ck_ok(sgs_chunk_chain_next(&body->chain, digest, signature));
        ck_ok(sgc_buf_append_str(&body->bytes, ";chunk-signature="));
        ck_ok(sgc_buf_append(&body->bytes, SG_BYTES_ARRAY(signature)));
    }
    ck_ok(sgc_buf_append_str(&body->bytes, "\r\n"));
}

void chunked_data(struct chunked *body, struct sg_bytes data)
{
    size_line(body, data);
    ck_ok(sgc_buf_append(&body->bytes, data));
    ck_ok(sgc_buf_append_str(&body->bytes, "\r\n"));
}

static void trailer_signature(struct chunked *body, struct sg_bytes canonical)
{
    char signature[SGS_SIGNATURE_LEN];
    ck_ok(sgs_chunk_chain_trailer(&body->chain, canonical, signature));
    ck_ok(sgc_buf_append_str(&body->bytes, "x-amz-trailer-signature:"));
    ck_ok(sgc_buf_append(&body->bytes, SG_BYTES_ARRAY(signature)));
    ck_ok(sgc_buf_append_str(&body->bytes, "\r\n"));
}

void chunked_end(struct chunked *body, const char *name, const char *value, bool lf)
{
    struct sgc_buf canonical = SGC_BUF_INIT(SG_LIMIT_TRAILER);
    size_line(body, SG_BYTES_NONE);
    if (value != NULL) {
        ck_ok(sgc_buf_appendf(&canonical, "%s:%s\n", name, value));
        ck_ok(sgc_buf_appendf(&body->bytes, "%s:%s%s", name, value, lf ? "\n\r\n" : "\r\n"));
    }
    if (body->mode == SG_PAYLOAD_CHUNKED_SIGNED_TRAILER)
        trailer_signature(body, sgc_buf_view(&canonical));
    ck_ok(sgc_buf_append_str(&body->bytes, "\r\n"));
    sgc_buf_clear(&canonical);
}
