/*
 * A state machine with one step for each byte of framing; body bytes are never looked at. It accepts less than libh2o's
 * decoder, which lets bare line feeds, blanks after a size and any number of carriage returns pass: each of them has
 * been used to make two servers disagree about where a request ends.
 */
#include "server/http1_body.h"

#include "common/banned.h"

/* A chunk is shorter than 2^60 bytes: no sum of what is left can overflow. */
enum { DIGITS_MAX = 15 };

void sg_http1_body_init(struct sg_http1_body *body, uint64_t content_length)
{
    *body = (struct sg_http1_body){.state = SG_BODY_DONE};
    if (content_length == SG_LENGTH_UNKNOWN) {
        body->state = SG_BODY_CHUNK_SIZE;
        return;
    }
    body->left = content_length;
    if (content_length > 0)
        body->state = SG_BODY_LENGTH;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = sg_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_text(uint8_t c)
{
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

static sg_err step_size(struct sg_http1_body *body, uint8_t c)
{
    int value = hex_value(c);
    if (value >= 0) {
        SG_CHECK(++body->digits <= DIGITS_MAX, BAD_HTTP);
        body->left = body->left << 4 | (unsigned)value;
        return SG_OK;
    }
    SG_CHECK(body->digits > 0 && (c == '\r' || c == ';'), BAD_HTTP);
    body->state = c == '\r' ? SG_BODY_CHUNK_LF : SG_BODY_CHUNK_EXT;
    return SG_OK;
}

static sg_err step_text(struct sg_http1_body *body, uint8_t c, enum sg_http1_body_state line_feed)
{
    SG_CHECK(c == '\r' || is_text(c), BAD_HTTP);
    if (c == '\r')
        body->state = line_feed;
    return SG_OK;
}

static void after_size_line(struct sg_http1_body *body)
{
    body->state = body->left > 0 ? SG_BODY_CHUNK_DATA : SG_BODY_TRAILER;
    body->digits = 0;
    body->line = 0;
}

static sg_err step_trailer(struct sg_http1_body *body, uint8_t c)
{
    if (c == '\r') {
        body->state = SG_BODY_END_LF;
        return SG_OK;
    }
    SG_CHECK(is_text(c) && c != ' ' && c != '\t', BAD_HTTP);
    body->state = SG_BODY_TRAILER_LINE;
    return SG_OK;
}

/* One byte of framing. */
static sg_err step(struct sg_http1_body *body, uint8_t c)
{
    switch (body->state) {
    case SG_BODY_CHUNK_SIZE:
        return step_size(body, c);
    case SG_BODY_CHUNK_EXT:
        return step_text(body, c, SG_BODY_CHUNK_LF);
    case SG_BODY_CHUNK_LF:
        SG_CHECK(c == '\n', BAD_HTTP);
        after_size_line(body);
        return SG_OK;
    case SG_BODY_DATA_CR:
        SG_CHECK(c == '\r', BAD_HTTP);
        body->state = SG_BODY_DATA_LF;
        return SG_OK;
    case SG_BODY_DATA_LF:
        SG_CHECK(c == '\n', BAD_HTTP);
        body->state = SG_BODY_CHUNK_SIZE;
        body->line = 0;
        return SG_OK;
    case SG_BODY_TRAILER:
        return step_trailer(body, c);
    case SG_BODY_TRAILER_LINE:
        return step_text(body, c, SG_BODY_TRAILER_LF);
    case SG_BODY_TRAILER_LF:
        SG_CHECK(c == '\n', BAD_HTTP);
        body->state = SG_BODY_TRAILER;
        return SG_OK;
    case SG_BODY_END_LF:
        SG_CHECK(c == '\n', BAD_HTTP);
        body->state = SG_BODY_DONE;
        return SG_OK;
    case SG_BODY_DONE:
    case SG_BODY_LENGTH:
    case SG_BODY_CHUNK_DATA:
        break;
    }
    sg_assert(false);
    SG_FAIL(INTERNAL);
}

static bool is_framing(const struct sg_http1_body *body)
{
    return body->state != SG_BODY_DONE && body->state != SG_BODY_LENGTH && body->state != SG_BODY_CHUNK_DATA;
}

sg_err sg_http1_body_next(struct sg_http1_body *body, struct sg_bytes input, size_t *framing_out,
                          struct sg_bytes *data_out)
{
    size_t at = 0;
    for (; at < input.len && is_framing(body); at++) {
        size_t limit = SG_LIMIT_CHUNK_LINE;
        if (body->state >= SG_BODY_TRAILER)
            limit = SG_LIMIT_TRAILER;
        SG_CHECK(++body->line <= limit, HEAD_TOO_LARGE);
        SG_TRY(step(body, input.ptr[at]));
    }
    *framing_out = at;
    *data_out = SG_BYTES_NONE;
    if (body->state == SG_BODY_LENGTH || body->state == SG_BODY_CHUNK_DATA)
        *data_out = sg_bytes_slice(input, at, body->left < SIZE_MAX ? (size_t)body->left : SIZE_MAX);
    return SG_OK;
}

void sg_http1_body_taken(struct sg_http1_body *body, size_t len)
{
    sg_assert(len <= body->left);
    body->left -= len;
    if (body->left > 0 || len == 0)
        return;
    body->state = body->state == SG_BODY_LENGTH ? SG_BODY_DONE : SG_BODY_DATA_CR;
}
