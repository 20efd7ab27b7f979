/*
 * retry.h - what a failure of libcurl means to us, and whether the request may be sent once more.
 *
 * Threads    No state.
 * Not here   Whether the body can be given again: only its owner knows (on_rewind).
 * Tests      tests/unit/s3client/test_retry.c
 */
#ifndef SG_S3CLIENT_RETRY_H
#define SG_S3CLIENT_RETRY_H

#include <curl/curl.h>
#include <stdbool.h>

#include "common/err.h"

/* Where an exchange was when it failed. */
struct sgs_attempt {
    CURLcode code;
    bool is_sent;     /* a connection was there and the request was about to go out */
    bool is_answered; /* at least one line of an answer has come */
    bool is_again;    /* this was the second attempt already */
};

/* `attempt->code` is not CURLE_OK. */
SG_MUST sg_err sgs_retry_err(const struct sgs_attempt *attempt);
SG_MUST bool sgs_retry_may(const struct sgs_attempt *attempt);

#endif
