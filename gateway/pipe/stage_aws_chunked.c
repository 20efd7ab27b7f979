/*
 * The framing that S3 clients put around a streamed body: chunks with a size line, which may carry a signature, and
 * trailers behind the last one. Data passes through as it comes, however long its chunk is; a chunk's signature is
 * checked when the chunk ends. What has passed unverified by then is harmless, because the sealing stage behind
 * withholds the end of the object until finish().
 *
 *     <hex size>[;chunk-signature=<64 hex>] CRLF <data> CRLF  ...  0[;chunk-signature=<64 hex>] CRLF  <end>
 *
 * where <end> is CRLF in the mode without trailers, else trailer lines and an empty line.
 */
#include "pipe/stage.h"

#include "crypto/ct.h"
#include "pipe/aws_trailer.h"
#include "s3client/sigv4_chunk.h"

#include "common/banned.h"

#define SIGNATURE_EXTENSION ";chunk-signature="
#define SIZE_DIGITS_MAX     16u /* of a 64-bit number */

enum chunked_part {
    CHUNKED_SIZE, /* in a size line */
    CHUNKED_DATA,
    CHUNKED_DATA_END, /* the CRLF behind a chunk's data, or behind the final size line without trailers */
    CHUNKED_TRAILER,
    CHUNKED_DONE,
};

struct aws_chunked {
    enum chunked_part part;
    bool is_signed, has_trailer; /* of the mode */
    bool final;                  /* the chunk at hand is the last one */
    uint64_t left;               /* data of the chunk that is still to come */
    unsigned end_seen;           /* bytes of CRLF seen */
    struct sgc_buf line;
    struct sgs_chunk_chain chain;
    struct sgc_hash hash; /* of the chunk's data */
    uint8_t declared[SGS_SIGNATURE_LEN];
    struct sg_aws_trailer trailer;
};

static sg_err chunked_init(struct sg_stage *stage)
{
    struct aws_chunked *s = stage->state;
    const struct sg_req_auth *auth = &stage->facts->req->auth;
    s->is_signed = auth->payload != SG_PAYLOAD_CHUNKED_TRAILER;
    s->has_trailer = auth->payload != SG_PAYLOAD_CHUNKED_SIGNED;
    s->line = SGC_BUF_INIT(SG_LIMIT_CHUNK_LINE);
    SG_TRY(sg_aws_trailer_init(&s->trailer, stage->facts, s->is_signed));
    SG_CHECK(s->has_trailer || s->trailer.announced.len == 0, MALFORMED_TRAILER);
    if (!s->is_signed)
        return SG_OK;
    SG_TRY(sgc_hash_init(&s->hash, SGC_HASH_SHA256));
    return sgs_chunk_chain_init(&s->chain, &auth->signing_key, auth->amz_date, &auth->scope, auth->seed_signature);
}

/* The line up to and with LF goes to `line`; *complete tells whether its end has come. */
static sg_err collect_line(struct sgc_buf *line, enum sg_code too_long, struct sg_bytes *bytes, bool *complete)
{
    size_t at = sg_bytes_find(*bytes, '\n');
    *complete = at < bytes->len;
    struct sg_bytes piece = sg_bytes_slice(*bytes, 0, *complete ? at + 1 : at);
    if (piece.len > line->max - line->len)
        return sg_err_raise(too_long, __FILE__, __LINE__);
    *bytes = sg_bytes_skip(*bytes, piece.len);
    return sgc_buf_append(line, piece);
}

static bool hex_digit(uint8_t c, uint64_t *value)
{
    uint8_t lower = sg_ascii_lower(c);
    bool is_number = c >= '0' && c <= '9';
    *value = is_number ? (uint64_t)(c - '0') : (uint64_t)(lower - 'a') + 10;
    return is_number || (lower >= 'a' && lower <= 'f');
}

static sg_err parse_size(struct sg_bytes digits, uint64_t *size_out)
{
    uint64_t digit;
    *size_out = 0;
    SG_CHECK(digits.len > 0 && digits.len <= SIZE_DIGITS_MAX, INVALID_CHUNK);
    for (size_t i = 0; i < digits.len; i++) {
        SG_CHECK(hex_digit(digits.ptr[i], &digit), INVALID_CHUNK);
        *size_out = *size_out << 4 | digit;
    }
    return SG_OK;
}

static sg_err parse_size_line(struct aws_chunked *s, struct sg_bytes line)
{
    SG_CHECK(sg_bytes_has_suffix(line, SG_BYTES_LIT("\r\n")), INVALID_CHUNK);
    line.len -= 2;
    size_t digits = sg_bytes_find(line, ';');
    SG_TRY(parse_size(sg_bytes_slice(line, 0, digits), &s->left));
    struct sg_cursor extension = sg_cursor(sg_bytes_skip(line, digits));
    if (s->is_signed) {
        struct sg_bytes declared;
        SG_CHECK(sg_cursor_skip(&extension, SG_BYTES_LIT(SIGNATURE_EXTENSION)), INVALID_CHUNK);
        SG_CHECK(sg_cursor_take(&extension, sizeof(s->declared), &declared), INVALID_CHUNK);
        memcpy(s->declared, declared.ptr, declared.len);
    }
    SG_CHECK(extension.rest.len == 0, INVALID_CHUNK);
    return SG_OK;
}

static sg_err check_signature(struct aws_chunked *s)
{
    uint8_t digest[SGC_SHA256_LEN];
    char expected[SGS_SIGNATURE_LEN];
    if (!s->is_signed)
        return SG_OK;
    SG_TRY(sgc_hash_final(&s->hash, digest));
    SG_TRY(sgs_chunk_chain_next(&s->chain, digest, expected));
    SG_CHECK(sgc_ct_equal(SG_BYTES_ARRAY(expected), SG_BYTES_ARRAY(s->declared)), CHUNK_SIGNATURE_MISMATCH);
    return sgc_hash_init(&s->hash, SGC_HASH_SHA256);
}

static sg_err take_size(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct aws_chunked *s = stage->state;
    bool complete;
    SG_TRY(collect_line(&s->line, SG_CODE_INVALID_CHUNK, bytes, &complete));
    if (!complete)
        return SG_OK;
    SG_TRY(parse_size_line(s, sgc_buf_view(&s->line)));
    sgc_buf_truncate(&s->line, 0);
    s->part = CHUNKED_DATA;
    s->final = s->left == 0;
    if (s->final) {
        SG_TRY(check_signature(s));
        s->part = s->has_trailer ? CHUNKED_TRAILER : CHUNKED_DATA_END;
    }
    return SG_OK;
}

static sg_err take_data(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct aws_chunked *s = stage->state;
    struct sg_bytes piece = *bytes;
    if (piece.len > s->left)
        piece.len = (size_t)s->left;
    *bytes = sg_bytes_skip(*bytes, piece.len);
    s->left -= piece.len;
    if (s->is_signed)
        SG_TRY(sgc_hash_update(&s->hash, piece));
    if (s->left == 0) {
        SG_TRY(check_signature(s));
        s->part = CHUNKED_DATA_END;
    }
    return sg_stage_emit(stage, piece);
}

static sg_err take_data_end(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct aws_chunked *s = stage->state;
    SG_CHECK(bytes->ptr[0] == (s->end_seen == 0 ? '\r' : '\n'), INVALID_CHUNK);
    *bytes = sg_bytes_skip(*bytes, 1);
    s->end_seen++;
    if (s->end_seen == 2) {
        s->end_seen = 0;
        s->part = s->final ? CHUNKED_DONE : CHUNKED_SIZE;
    }
    return SG_OK;
}

static sg_err check_trailer_signature(struct aws_chunked *s)
{
    char expected[SGS_SIGNATURE_LEN];
    if (!s->is_signed)
        return SG_OK;
    SG_TRY(sgs_chunk_chain_trailer(&s->chain, sgc_buf_view(&s->trailer.canonical), expected));
    SG_CHECK(sgc_ct_equal(SG_BYTES_ARRAY(expected), sgc_buf_view(&s->trailer.signature)), CHUNK_SIGNATURE_MISMATCH);
    return SG_OK;
}

static sg_err take_trailer(struct sg_stage *stage, struct sg_bytes *bytes)
{
    struct aws_chunked *s = stage->state;
    bool complete, done;
    SG_TRY(collect_line(&s->line, SG_CODE_MALFORMED_TRAILER, bytes, &complete));
    if (!complete)
        return SG_OK;
    SG_TRY(sg_aws_trailer_line(&s->trailer, sgc_buf_view(&s->line), &done));
    sgc_buf_truncate(&s->line, 0);
    if (!done)
        return SG_OK;
    SG_TRY(check_trailer_signature(s));
    stage->facts->trailer_value = sgc_buf_view(&s->trailer.value);
    s->part = CHUNKED_DONE;
    return SG_OK;
}

static sg_err take_nothing(struct sg_stage *stage, struct sg_bytes *bytes)
{
    SG_UNUSED(stage);
    SG_UNUSED(bytes);
    SG_FAIL(INVALID_CHUNK);
}

/* Each takes what it wants of the bytes that have come, at least one of them. */
static sg_err (*const takers[])(struct sg_stage *stage, struct sg_bytes *bytes) = {
    [CHUNKED_SIZE] = take_size,       [CHUNKED_DATA] = take_data,    [CHUNKED_DATA_END] = take_data_end,
    [CHUNKED_TRAILER] = take_trailer, [CHUNKED_DONE] = take_nothing,
};

static sg_err chunked_write(struct sg_stage *stage, struct sg_bytes bytes)
{
    struct aws_chunked *s = stage->state;
    while (bytes.len > 0)
        SG_TRY(takers[s->part](stage, &bytes));
    return SG_OK;
}

static sg_err chunked_finish(struct sg_stage *stage)
{
    const struct aws_chunked *s = stage->state;
    SG_CHECK(s->part == CHUNKED_DONE, INCOMPLETE_BODY);
    return SG_OK;
}

static void chunked_destroy(struct sg_stage *stage)
{
    struct aws_chunked *s = stage->state;
    stage->facts->trailer_value = SG_BYTES_NONE;
    sg_aws_trailer_clear(&s->trailer);
    sgc_buf_clear(&s->line);
    sgc_hash_clear(&s->hash);
}

const struct sg_stage_row sg_stage_aws_chunked = {
    .name = "aws_chunked",
    .state_size = sizeof(struct aws_chunked),
    .init = chunked_init,
    .write = chunked_write,
    .finish = chunked_finish,
    .destroy = chunked_destroy,
};
