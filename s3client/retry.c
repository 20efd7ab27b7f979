/*
 * retry.c - one row for each code of libcurl that an exchange can end with. `again` marks failures of a connection, as
 * opposed to failures that the next connection would have too: one more attempt, on a fresh connection, hides the
 * restart of one server behind a load balancer and a pooled connection that died unseen. More than one attempt would
 * multiply the load of an upstream that is already in trouble; the client's own retries take over.
 */
#include "s3client/retry.h"

#include "common/banned.h"

struct row {
    CURLcode code;
    enum sg_code err;
    bool again;
};

/* clang-format off */
static const struct row rows[] = {
    {CURLE_COULDNT_RESOLVE_HOST,     SG_CODE_UPSTREAM_CONNECT,  false}, /* the resolver has tried again */
    {CURLE_COULDNT_CONNECT,          SG_CODE_UPSTREAM_CONNECT,  true},
    {CURLE_NO_CONNECTION_AVAILABLE,  SG_CODE_UPSTREAM_CONNECT,  false},
    {CURLE_OPERATION_TIMEDOUT,       SG_CODE_UPSTREAM_TIMEOUT,  false},

    {CURLE_SSL_CONNECT_ERROR,        SG_CODE_UPSTREAM_TLS,      true}, /* also one that broke in the handshake */
    {CURLE_PEER_FAILED_VERIFICATION, SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_SSL_CERTPROBLEM,          SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_SSL_CIPHER,               SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_SSL_CACERT_BADFILE,       SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_SSL_CRL_BADFILE,          SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_SSL_ISSUER_ERROR,         SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_SSL_INVALIDCERTSTATUS,    SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, SG_CODE_UPSTREAM_TLS,      false},
    {CURLE_USE_SSL_FAILED,           SG_CODE_UPSTREAM_TLS,      false},

    {CURLE_SEND_ERROR,               SG_CODE_UPSTREAM_LOST,     true},
    {CURLE_RECV_ERROR,               SG_CODE_UPSTREAM_LOST,     true},
    {CURLE_GOT_NOTHING,              SG_CODE_UPSTREAM_LOST,     true},
    {CURLE_SEND_FAIL_REWIND,         SG_CODE_UPSTREAM_LOST,     false}, /* the body's owner has just said no */
    {CURLE_PARTIAL_FILE,             SG_CODE_UPSTREAM_LOST,     false},

    {CURLE_WEIRD_SERVER_REPLY,       SG_CODE_UPSTREAM_PROTOCOL, false},
    {CURLE_UNSUPPORTED_PROTOCOL,     SG_CODE_UPSTREAM_PROTOCOL, false}, /* a status line that is none */
    {CURLE_BAD_CONTENT_ENCODING,     SG_CODE_UPSTREAM_PROTOCOL, false},
    {CURLE_FILESIZE_EXCEEDED,        SG_CODE_UPSTREAM_PROTOCOL, false},
};
/* clang-format on */

static const struct row *find_row(CURLcode code)
{
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return NULL;
}

sg_err sgs_retry_err(const struct sgs_attempt *attempt)
{
    const struct row *row = find_row(attempt->code);
    if (row != NULL)
        return sg_err_raise(row->err, __FILE__, __LINE__);
    /* libcurl's word for a line of the answer that outgrows its buffer. */
    SG_CHECK(attempt->code != CURLE_OUT_OF_MEMORY || !attempt->is_sent, UPSTREAM_PROTOCOL);
    SG_FAIL(INTERNAL);
}

bool sgs_retry_may(const struct sgs_attempt *attempt)
{
    const struct row *row = find_row(attempt->code);
    return row != NULL && row->again && !attempt->is_answered && !attempt->is_again;
}
