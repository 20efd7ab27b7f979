/*
 * The upstream's address is written by an operator, but the bucket and key that go with it come from clients: whatever
 * they hold, they must not be able to name another host. So the key is always percent-encoded, and a bucket becomes
 * part of a host name only when all its characters may stand in one.
 */
#include "s3client/endpoint.h"

#include <arpa/inet.h>

#include "common/limits.h"
#include "s3client/uri.h"

#include "common/banned.h"

#define HTTPS "https://"

static bool is_label_char(uint8_t c)
{
    /* Underscores are no part of Internet host names, but of those that container networks give. */
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_label(struct sg_bytes label)
{
    if (label.len == 0 || label.len > SG_LIMIT_DNS_LABEL || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!is_label_char(label.ptr[i]))
            return false;
    }
    return true;
}

/* Labels with dots between them, no empty one. */
static bool is_host_name(struct sg_bytes host)
{
    if (host.len > SG_LIMIT_DNS_NAME)
        return false;
    for (;;) {
        size_t end = sg_bytes_find(host, '.');
        if (!is_label(sg_bytes_slice(host, 0, end)))
            return false;
        if (end == host.len)
            return true;
        host = sg_bytes_skip(host, end + 1);
    }
}

static bool is_address(int family, struct sg_bytes text)
{
    char string[INET6_ADDRSTRLEN];
    struct in6_addr address; /* large enough for both families */
    if (text.len == 0 || text.len >= sizeof(string) || sg_bytes_find(text, '\0') != text.len)
        return false;
    memcpy(string, text.ptr, text.len);
    string[text.len] = '\0';
    return inet_pton(family, string, &address) == 1;
}

/* "443" is left out: a Host header without it is what every client sends and signs. */
static sg_err append_port(struct sgc_buf *out, struct sg_bytes text)
{
    uint64_t port = 0;
    SG_CHECK(text.len <= 5 && sg_bytes_to_u64(text, &port), CONFIG);
    SG_CHECK(port >= 1 && port <= UINT16_MAX, CONFIG);
    return port == 443 ? SG_OK : sgc_buf_appendf(out, ":%u", (unsigned)port);
}

/* Splits "[::1]:9000" or "host:9000"; the host is without brackets, *has_port_out says whether there was a colon. */
static sg_err split_authority(struct sg_bytes authority, bool *is_v6_out, struct sg_bytes *host_out,
                              struct sg_bytes *port_out, bool *has_port_out)
{
    *is_v6_out = authority.len > 0 && authority.ptr[0] == '[';
    size_t end = sg_bytes_find(authority, *is_v6_out ? ']' : ':');
    struct sg_bytes behind = sg_bytes_skip(authority, *is_v6_out ? end + 1 : end);
    SG_CHECK(!*is_v6_out || end < authority.len, CONFIG);
    SG_CHECK(behind.len == 0 || behind.ptr[0] == ':', CONFIG);
    *host_out = *is_v6_out ? sg_bytes_slice(authority, 1, end - 1) : sg_bytes_slice(authority, 0, end);
    *has_port_out = behind.len > 0;
    *port_out = sg_bytes_skip(behind, 1);
    return SG_OK;
}

static sg_err append_authority(struct sgc_buf *out, struct sg_bytes authority, bool virtual_host)
{
    struct sg_bytes host, port;
    bool is_v6, has_port;
    SG_TRY(split_authority(authority, &is_v6, &host, &port, &has_port));
    SG_CHECK(is_v6 ? is_address(AF_INET6, host) : is_host_name(host), CONFIG);
    /* There is no such name as bucket.192.0.2.1. */
    SG_CHECK(!virtual_host || (!is_v6 && !is_address(AF_INET, host)), CONFIG);
    SG_TRY(is_v6 ? sgc_buf_append_u8(out, '[') : SG_OK);
    for (size_t i = 0; i < host.len; i++)
        SG_TRY(sgc_buf_append_u8(out, sg_ascii_lower(host.ptr[i])));
    SG_TRY(is_v6 ? sgc_buf_append_u8(out, ']') : SG_OK);
    return has_port ? append_port(out, port) : SG_OK;
}

sg_err sgs_endpoint_parse(struct sg_bytes url, bool virtual_host, struct sgs_endpoint *out)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf authority = SGC_BUF_INIT(sizeof(out->authority) - 1);
    *out = (struct sgs_endpoint){.virtual_host = virtual_host};
    /* The only scheme there is: no setting sends data or credentials in the clear. */
    SG_CHECK(sg_bytes_has_prefix(url, SG_BYTES_LIT(HTTPS)), CONFIG);
    SG_TRY(append_authority(&authority, sg_bytes_skip(url, sizeof(HTTPS) - 1), virtual_host));
    memcpy(out->authority, authority.ptr, authority.len);
    return SG_OK;
}

static bool may_be_in_host(struct sg_bytes bucket)
{
    for (size_t i = 0; i < bucket.len; i++) {
        if (!is_label_char(bucket.ptr[i]) && bucket.ptr[i] != '.')
            return false;
    }
    return true;
}

sg_err sgs_endpoint_host(const struct sgs_endpoint *e, struct sg_bytes bucket, struct sgc_buf *out)
{
    if (e->virtual_host && bucket.len > 0) {
        SG_CHECK(may_be_in_host(bucket), INVALID_BUCKET_NAME);
        SG_TRY(sgc_buf_append(out, bucket));
        SG_TRY(sgc_buf_append_u8(out, '.'));
    }
    return sgc_buf_append_str(out, e->authority);
}

sg_err sgs_endpoint_path(const struct sgs_endpoint *e, struct sg_bytes bucket, struct sg_bytes key, struct sgc_buf *out)
{
    bool has_bucket = !e->virtual_host && bucket.len > 0;
    SG_TRY(sgc_buf_append_u8(out, '/'));
    if (has_bucket)
        SG_TRY(sgs_uri_encode(bucket, false, out));
    if (has_bucket && key.len > 0)
        SG_TRY(sgc_buf_append_u8(out, '/'));
    return sgs_uri_encode(key, true, out);
}
