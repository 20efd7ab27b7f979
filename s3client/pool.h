/*
 * pool.h - libcurl handles with the options that every exchange has, and the list of transfers to clear away.
 *
 * Ownership  The pool owns its multi and its spare handles; a handle that was taken is owned by its transfer until it
 *            is given back.
 * Threads    One pool, one thread.
 * Not here   What differs from request to request (wire.h), the exchange itself (transfer.c).
 * Tests      tests/unit/s3client/test_transfer.c
 */
#ifndef SG_S3CLIENT_POOL_H
#define SG_S3CLIENT_POOL_H

#include "s3client/multi.h"
#include "s3client/transfer.h"

struct sgs_pool {
    struct sgs_multi multi;
    struct sgs_pool_options options; /* ca_file is never NULL here */
    struct sgc_buf ca_file;
    CURL **spare; /* room for max_connections */
    size_t spare_count;
    size_t live_count;             /* transfers not yet released */
    unsigned silent_count;         /* large uploads in a row that had to do without "100 Continue" */
    struct sgs_transfer *given_up; /* cancelled while libcurl was on the stack; linked by the transfers */
};

SG_MUST sg_err sgs_pool_take_easy(struct sgs_pool *pool, CURL **out);
/* Not while it is added to the multi. */
void sgs_pool_give_easy(struct sgs_pool *pool, CURL *easy);

/* The hooks of the multi; transfer.c. */
void sgs_transfer_on_left(void *pool);
void sgs_transfer_on_ended(void *pool, CURL *easy, CURLcode code);

#endif
