/*
 * endpoint.h - where the upstream is, and what URL and Host a bucket and key have there.
 *
 * Ownership  Fixed-size copies.
 * Errors     CONFIG for a URL that is not https://host[:port], has a path (also a lone slash), a user or a query, or is an
 *            IP address with virtual_host. INVALID_BUCKET_NAME for a bucket that cannot be part of a host name.
 * Tests      tests/unit/s3client/test_endpoint.c
 */
#ifndef SG_S3CLIENT_ENDPOINT_H
#define SG_S3CLIENT_ENDPOINT_H

#include "crypto/buf.h"

struct sgs_endpoint {
    char authority[280]; /* host[:port], without port 443 */
    bool virtual_host;   /* bucket.host instead of host/bucket */
};

SG_MUST sg_err sgs_endpoint_parse(struct sg_bytes url, bool virtual_host, struct sgs_endpoint *out);
/* Appends the Host value for a bucket (may be empty: the service). */
SG_MUST sg_err sgs_endpoint_host(const struct sgs_endpoint *e, struct sg_bytes bucket, struct sgc_buf *out);
/* Appends the percent-encoded path for a bucket and key, each of which may be empty; begins with a slash. */
SG_MUST sg_err sgs_endpoint_path(const struct sgs_endpoint *e, struct sg_bytes bucket, struct sg_bytes key,
                                 struct sgc_buf *out);

#endif
