/*
 * One SSL_CTX, set up strictly. Read-ahead stays off: libh2o asks OpenSSL for more only while it has bytes of its own
 * or SSL_pending() is not zero, so records that OpenSSL had read ahead would never be delivered.
 */
#include "server/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "common/banned.h"

#define SUITES_TLS13 "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define SUITES_TLS12                                                                                                   \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                                                       \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                                       \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

enum { ALERT_HANDSHAKE_FAILURE = 40, ALERT_PROTOCOL_VERSION = 70, ALERT_NO_APPLICATION_PROTOCOL = 120, TICKETS = 1 };

struct sg_tls {
    SSL_CTX *ctx;
};

/* A client that speaks ALPN but not HTTP/1.1 is turned away, so that it does not send us another protocol. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                   unsigned int in_len, void *ctx)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    SG_UNUSED(ssl);
    SG_UNUSED(ctx);
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* Nobody is there to type one. */
static int on_passphrase(char *buf, int size, int writing, void *ctx)
{
    SG_UNUSED(buf);
    SG_UNUSED(size);
    SG_UNUSED(writing);
    SG_UNUSED(ctx);
    return -1;
}

static const char *last_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == NULL ? "unknown reason" : reason;
}

static sg_err set_rules(SSL_CTX *ctx)
{
    char curves[] = "X25519:P-256:P-384"; /* a macro of OpenSSL casts to char * */
    SG_CHECK(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1, CRYPTO);
    SG_CHECK(SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1, CRYPTO);
    SG_CHECK(SSL_CTX_set_cipher_list(ctx, SUITES_TLS12) == 1, CRYPTO);
    SG_CHECK(SSL_CTX_set_ciphersuites(ctx, SUITES_TLS13) == 1, CRYPTO);
    SG_CHECK(SSL_CTX_set1_groups_list(ctx, curves) == 1, CRYPTO);
    SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    /* An idle connection then holds no record buffers. */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SG_CHECK(SSL_CTX_set_num_tickets(ctx, TICKETS) == 1, CRYPTO);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
    SSL_CTX_set_default_passwd_cb(ctx, on_passphrase);
    return SG_OK;
}

static sg_err refuse(struct sgc_buf *message, const char *file, const char *what)
{
    SG_TRY(sgc_buf_appendf(message, "%s: %s (%s)", file, what, last_reason()));
    SG_FAIL(CONFIG);
}

static sg_err check_readable(struct sgc_buf *message, const char *file)
{
    if (access(file, R_OK) == 0)
        return SG_OK;
    SG_TRY(sgc_buf_appendf(message, "%s: cannot be read: %s", file, strerror(errno)));
    SG_FAIL(CONFIG);
}

static sg_err check_dates(const SSL_CTX *ctx, const char *certificate, struct sgc_buf *message)
{
    const X509 *leaf = SSL_CTX_get0_certificate(ctx);
    SG_CHECK(leaf != NULL, INTERNAL);
    if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
        SG_TRY(sgc_buf_appendf(message, "%s: the certificate has expired; renew it", certificate));
        SG_FAIL(CONFIG);
    }
    if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0) {
        SG_TRY(sgc_buf_appendf(message, "%s: the certificate is not valid yet; check the clock", certificate));
        SG_FAIL(CONFIG);
    }
    return SG_OK;
}

static sg_err load(SSL_CTX *ctx, const char *certificate, const char *key, struct sgc_buf *message)
{
    SG_TRY(check_readable(message, certificate));
    SG_TRY(check_readable(message, key));
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
        return refuse(message, certificate, "cannot be used as a PEM certificate chain");
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        return refuse(message, key, "cannot be used as a PEM private key without passphrase for that certificate");
    if (SSL_CTX_check_private_key(ctx) != 1)
        return refuse(message, key, "does not belong to the certificate");
    return check_dates(ctx, certificate, message);
}

sg_err sg_tls_new(const char *certificate, const char *key, struct sg_tls **out, struct sgc_buf *message)
{
    struct sg_tls *tls = sgc_xalloc(sizeof(*tls));
    tls->ctx = SSL_CTX_new(TLS_server_method());
    sg_err err = tls->ctx == NULL ? SG_ERR_OF(CRYPTO) : set_rules(tls->ctx);
    if (sg_is_ok(err))
        err = load(tls->ctx, certificate, key, message);
    ERR_clear_error();
    if (!sg_is_ok(err)) {
        sg_tls_free(tls);
        return err;
    }
    *out = tls;
    return SG_OK;
}

void sg_tls_free(struct sg_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->ctx);
    sgc_xfree(tls);
}

struct ssl_ctx_st *sg_tls_context(const struct sg_tls *tls)
{
    return tls->ctx;
}

/* Failures that come before any key is agreed: the alert can be sent in the clear. */
static uint8_t alert_for(int reason)
{
    switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
        return ALERT_PROTOCOL_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_GROUPS:
        return ALERT_HANDSHAKE_FAILURE;
    case SSL_R_NO_APPLICATION_PROTOCOL:
        return ALERT_NO_APPLICATION_PROTOCOL;
    default:
        return 0;
    }
}

void sg_tls_failure_take(struct sg_tls_failure *out)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    *out = (struct sg_tls_failure){.alert_len = 0};
    (void)snprintf(out->reason, sizeof(out->reason), "%s", reason == NULL ? "connection lost" : reason);
    uint8_t alert = ERR_GET_LIB(code) == ERR_LIB_SSL ? alert_for(ERR_GET_REASON(code)) : 0;
    ERR_clear_error();
    if (alert == 0)
        return;
    const uint8_t record[] = {21, 3, 3, 0, 2, 2, alert}; /* alert, TLS 1.2, two bytes: fatal, which */
    memcpy(out->alert, record, sizeof(record));
    out->alert_len = sizeof(record);
}
