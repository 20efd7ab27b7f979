/*
 * The integrity headers of a request, read strictly: what cannot be understood is refused, because a check that is
 * silently skipped is worse than none.
 */
#include "ops/body_facts.h"

#include "crypto/codec.h"

#include "common/banned.h"

#define CHECKSUM_PREFIX "x-amz-checksum-"

sg_err sg_body_plain_len(const struct sg_req *req, uint64_t *out)
{
    struct sg_bytes text;
    *out = req->head.has_body ? req->head.content_length : 0;
    if (!sg_payload_is_chunked(req->auth.payload))
        return SG_OK;
    *out = SG_LENGTH_UNKNOWN;
    if (!sgs_headers_find(&req->head.headers, "x-amz-decoded-content-length", &text))
        return SG_OK;
    SG_CHECK(sgs_headers_count_of(&req->head.headers, "x-amz-decoded-content-length") == 1, INVALID_ARGUMENT);
    SG_CHECK(sg_bytes_to_u64(sg_bytes_trim(text), out) && *out < SG_LENGTH_UNKNOWN, INVALID_ARGUMENT);
    return SG_OK;
}

static sg_err md5_facts(const struct sgs_headers *headers, struct sg_pipe_facts *out)
{
    struct sg_bytes text;
    size_t len;
    if (!sgs_headers_find(headers, "content-md5", &text))
        return SG_OK;
    SG_CHECK(sgs_headers_count_of(headers, "content-md5") == 1, INVALID_DIGEST);
    SG_CHECK(sg_is_ok(sgc_base64_decode(sg_bytes_trim(text), out->md5, sizeof(out->md5), &len)), INVALID_DIGEST);
    SG_CHECK(len == sizeof(out->md5), INVALID_DIGEST);
    out->has_md5 = true;
    return SG_OK;
}

/* x-amz-checksum-crc32 and its kin; x-amz-checksum-type, -mode and -algorithm are no values. */
static bool is_checksum_value(struct sg_bytes name)
{
    static const char *const others[] = {"x-amz-checksum-type", "x-amz-checksum-mode", "x-amz-checksum-algorithm"};
    for (size_t i = 0; i < SG_COUNT_OF(others); i++) {
        if (sg_bytes_eq_nocase(name, sg_bytes_str(others[i])))
            return false;
    }
    return sg_bytes_has_prefix_nocase(name, SG_BYTES_LIT(CHECKSUM_PREFIX));
}

static sg_err header_checksum(const struct sgs_header *header, struct sg_pipe_facts *out)
{
    size_t len;
    SG_CHECK(out->checksum == NULL, CHECKSUM_MULTIPLE);
    out->checksum = sgc_checksum_by_header(header->name);
    SG_CHECK(out->checksum != NULL, CHECKSUM_UNKNOWN);
    SG_CHECK(sg_is_ok(sgc_base64_decode(sg_bytes_trim(header->value), out->checksum_value, sizeof(out->checksum_value),
                                        &len)),
             CHECKSUM_INVALID);
    SG_CHECK(len == out->checksum->len, CHECKSUM_INVALID);
    return SG_OK;
}

static sg_err trailer_checksum(const struct sg_req *req, struct sg_pipe_facts *out)
{
    struct sg_bytes name;
    if (!sgs_headers_find(&req->head.headers, "x-amz-trailer", &name))
        return SG_OK;
    enum sg_payload payload = req->auth.payload;
    SG_CHECK(sgs_headers_count_of(&req->head.headers, "x-amz-trailer") == 1, MALFORMED_TRAILER);
    SG_CHECK(payload == SG_PAYLOAD_CHUNKED_TRAILER || payload == SG_PAYLOAD_CHUNKED_SIGNED_TRAILER, MALFORMED_TRAILER);
    SG_CHECK(out->checksum == NULL, CHECKSUM_MULTIPLE);
    out->checksum = sgc_checksum_by_header(sg_bytes_trim(name));
    SG_CHECK(out->checksum != NULL, CHECKSUM_UNKNOWN);
    out->checksum_in_trailer = true;
    return SG_OK;
}

/* x-amz-sdk-checksum-algorithm must not contradict the value that is sent. */
static sg_err check_algorithm_header(const struct sgs_headers *headers, const struct sg_pipe_facts *facts)
{
    struct sg_bytes name;
    if (!sgs_headers_find(headers, "x-amz-sdk-checksum-algorithm", &name))
        return SG_OK;
    const struct sgc_checksum_row *row = sgc_checksum_by_name(sg_bytes_trim(name));
    SG_CHECK(row != NULL, CHECKSUM_UNKNOWN);
    SG_CHECK(facts->checksum == NULL || facts->checksum == row, CHECKSUM_INVALID);
    return SG_OK;
}

sg_err sg_body_facts(const struct sg_req *req, uint64_t plain_max, bool length_required, struct sg_pipe_facts *out)
{
    const struct sgs_headers *headers = &req->head.headers;
    out->req = req;
    out->plain_max = plain_max;
    SG_TRY(sg_body_plain_len(req, &out->plain_len));
    SG_CHECK(out->plain_len != SG_LENGTH_UNKNOWN || !length_required, MISSING_LENGTH);
    SG_CHECK(out->plain_len == SG_LENGTH_UNKNOWN || out->plain_len <= plain_max, ENTITY_TOO_LARGE);
    SG_TRY(md5_facts(headers, out));
    for (size_t i = 0; i < headers->count; i++) {
        struct sgs_header header = sgs_headers_at(headers, i);
        if (is_checksum_value(header.name))
            SG_TRY(header_checksum(&header, out));
    }
    SG_TRY(trailer_checksum(req, out));
    return check_algorithm_header(headers, out);
}

bool sg_body_has_integrity(const struct sg_pipe_facts *facts)
{
    return facts->has_md5 || facts->checksum != NULL;
}

sg_err sg_body_echo_checksum(struct sg_req *req, const struct sg_pipe_facts *facts)
{
    char text[SGC_BASE64_LEN(SGC_CHECKSUM_MAX_LEN) + 1] = {0};
    if (facts->checksum == NULL || !facts->checksum_verified)
        return SG_OK;
    sgc_base64_encode(sg_bytes(facts->checksum_value, facts->checksum->len), text);
    SG_TRY(sgs_headers_add_str(&req->reply_headers, facts->checksum->header, text));
    return sgs_headers_add_str(&req->reply_headers, "x-amz-checksum-type", "FULL_OBJECT");
}
