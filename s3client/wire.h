/*
 * wire.h - one request as options of a libcurl handle: method, URL, header lines, announced length.
 *
 * Ownership  The lines are the struct's until clear(), and the handle points to them: clear() unhooks them first.
 * Lifetime   SGS_WIRE_NONE -> apply -> clear. clear() may be called at any time, twice too.
 * Errors     INTERNAL for a request that is not https, sets its own framing, or that libcurl refuses.
 * Not here   Options that all exchanges share (pool.c), callbacks (transfer.c).
 * Tests      tests/unit/s3client/test_transfer.c
 */
#ifndef SG_S3CLIENT_WIRE_H
#define SG_S3CLIENT_WIRE_H

#include <curl/curl.h>

#include "s3client/request.h"

struct sgs_wire {
    struct sgc_buf text;      /* all lines, each terminated */
    struct curl_slist *lines; /* an array, linked from one to the next */
    uint64_t body_len;        /* as announced */
};

#define SGS_WIRE_NONE ((struct sgs_wire){.text = SGC_BUF_INIT(2 * SG_LIMIT_HEAD)})

SG_MUST sg_err sgs_wire_apply(struct sgs_wire *wire, CURL *easy, const struct sgs_request *request);
void sgs_wire_clear(struct sgs_wire *wire, CURL *easy);

#endif
