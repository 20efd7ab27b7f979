/*
 * A blocking server: one thread accepts, one per connection follows the script. Every blocking call is bounded by the
 * sockets' timeouts and ended by shutdown(2) when the server is freed, so that a failing test ends.
 */
#include "support/fake_upstream.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/err.h"
#include "crypto/buf.h"

#include "common/banned.h"

#define SCRIPTS_MAX     8u
#define CONNECTIONS_MAX 1024u
#define HEAD_MAX        (128u * 1024u)
#define PIECE           (16u * 1024u)

struct fake_upstream {
    struct fake_upstream_options options;
    SSL_CTX *tls;
    int listener;
    unsigned port;
    char ca_file[64];
    pthread_t acceptor;
    pthread_mutex_t mutex; /* of all below */
    const struct fake_step *scripts[SCRIPTS_MAX];
    unsigned script_count;
    struct connection *connections[CONNECTIONS_MAX];
    unsigned connection_count, parallel, max_parallel, request_count;
    char head[HEAD_MAX];
    uint64_t body_len;
    bool body_is_pattern;
    char head_shown[HEAD_MAX]; /* the copy that the test looks at */
};

struct connection {
    struct fake_upstream *up;
    const struct fake_step *script;
    pthread_t thread;
    int fd;
    SSL *ssl; /* NULL = plain */
    uint8_t input[HEAD_MAX];
    size_t input_len;
    uint64_t announced, received, sent;
};

/* --- certificates --- */

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    sg_assert(extension != NULL && X509_add_ext(cert, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *new_cert(EVP_PKEY *key, const char *name, const char *alt_names, long expires_s, X509 *issuer,
                      EVP_PKEY *issuer_key)
{
    X509 *cert = X509_new();
    sg_assert(cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1);
    sg_assert(ASN1_INTEGER_set(X509_get_serialNumber(cert), alt_names == NULL ? 1 : 2) == 1);
    sg_assert(X509_gmtime_adj(X509_getm_notBefore(cert), -86400) != NULL);
    sg_assert(X509_gmtime_adj(X509_getm_notAfter(cert), expires_s) != NULL);
    sg_assert(X509_set_pubkey(cert, key) == 1);
    sg_assert(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1,
                                         0) == 1);
    sg_assert(X509_set_issuer_name(cert, X509_get_subject_name(issuer == NULL ? cert : issuer)) == 1);
    if (alt_names == NULL)
        add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    else
        add_extension(cert, NID_subject_alt_name, alt_names);
    sg_assert(X509_sign(cert, issuer_key, EVP_sha256()) > 0);
    return cert;
}

static void write_ca_file(struct fake_upstream *up, X509 *ca)
{
    (void)snprintf(up->ca_file, sizeof(up->ca_file), P_tmpdir "/fake-upstream-ca-XXXXXX");
    int fd = mkstemp(up->ca_file);
    sg_assert(fd >= 0);
    FILE *file = fdopen(fd, "w");
    sg_assert(file != NULL && PEM_write_X509(file, ca) == 1);
    sg_assert(fclose(file) == 0);
}

static void use_identity(struct fake_upstream *up)
{
    enum fake_identity identity = up->options.identity;
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *other_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *ca = new_cert(ca_key, "fake CA", NULL, 86400, NULL, ca_key);
    const char *alt_names = identity == FAKE_OTHER_NAME ? "DNS:other.example" : "IP:127.0.0.1,DNS:localhost";
    EVP_PKEY *issuer_key = identity == FAKE_OTHER_CA ? other_key : identity == FAKE_SELF_SIGNED ? key : ca_key;
    X509 *cert = new_cert(key, "127.0.0.1", alt_names, identity == FAKE_EXPIRED ? -3600 : 86400,
                          identity == FAKE_SELF_SIGNED ? NULL : ca, issuer_key);
    write_ca_file(up, ca);
    sg_assert(SSL_CTX_use_certificate(up->tls, cert) == 1 && SSL_CTX_use_PrivateKey(up->tls, key) == 1);
    X509_free(ca);
    X509_free(cert);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(other_key);
    EVP_PKEY_free(key);
}

static void use_tls(struct fake_upstream *up)
{
    up->tls = SSL_CTX_new(TLS_server_method());
    sg_assert(up->tls != NULL);
    if (up->options.tls_1_1_only) {
        SSL_CTX_set_security_level(up->tls, 0);
        sg_assert(SSL_CTX_set_min_proto_version(up->tls, TLS1_1_VERSION) == 1);
        sg_assert(SSL_CTX_set_max_proto_version(up->tls, TLS1_1_VERSION) == 1);
    }
    if (up->options.cbc_only) {
        sg_assert(SSL_CTX_set_max_proto_version(up->tls, TLS1_2_VERSION) == 1);
        sg_assert(SSL_CTX_set_cipher_list(up->tls, "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256") == 1);
    }
    use_identity(up);
}

/* --- one connection --- */

static int receive(struct connection *c, uint8_t *room, size_t cap)
{
    if (c->ssl != NULL)
        return SSL_read(c->ssl, room, (int)cap);
    return (int)recv(c->fd, room, cap, 0);
}

static bool transmit(struct connection *c, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        int piece = (int)(len < PIECE ? len : PIECE);
        int sent =
            c->ssl != NULL ? SSL_write(c->ssl, bytes, piece) : (int)send(c->fd, bytes, (size_t)piece, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void note_request(struct connection *c, size_t head_len)
{
    struct fake_upstream *up = c->up;
    char head[HEAD_MAX];
    memcpy(head, c->input, head_len);
    head[head_len] = '\0';
    const char *length = strcasestr(head, "\r\nContent-Length: ");
    c->announced = length == NULL ? 0 : strtoull(length + 18, NULL, 10);
    c->received = 0;
    c->input_len -= head_len;
    memmove(c->input, c->input + head_len, c->input_len);
    pthread_mutex_lock(&up->mutex);
    memcpy(up->head, head, head_len + 1);
    up->request_count++;
    up->body_len = 0;
    up->body_is_pattern = true;
    pthread_mutex_unlock(&up->mutex);
}

static bool read_head(struct connection *c)
{
    for (;;) {
        const uint8_t *end = memmem(c->input, c->input_len, "\r\n\r\n", 4);
        if (end != NULL) {
            note_request(c, (size_t)(end - c->input) + 4);
            return true;
        }
        int got = c->input_len + 1 < HEAD_MAX ? receive(c, c->input + c->input_len, HEAD_MAX - 1 - c->input_len) : -1;
        if (got <= 0)
            return false;
        c->input_len += (size_t)got;
    }
}

static void note_body(struct connection *c, const uint8_t *bytes, size_t len)
{
    bool is_pattern = true;
    for (size_t i = 0; i < len; i++)
        is_pattern &= bytes[i] == fake_pattern(c->received + i);
    c->received += len;
    pthread_mutex_lock(&c->up->mutex);
    c->up->body_len += len;
    c->up->body_is_pattern &= is_pattern;
    pthread_mutex_unlock(&c->up->mutex);
}

static bool read_body(struct connection *c, uint64_t count, size_t sleep_ms)
{
    uint8_t piece[PIECE];
    while (count > 0) {
        size_t cap = count < PIECE ? (size_t)count : PIECE;
        if (sleep_ms > 0)
            (void)usleep((useconds_t)(sleep_ms * 1000));
        if (c->input_len > 0) {
            size_t len = c->input_len < cap ? c->input_len : cap;
            note_body(c, c->input, len);
            c->input_len -= len;
            memmove(c->input, c->input + len, c->input_len);
            count -= len;
            continue;
        }
        int got = receive(c, piece, cap);
        if (got <= 0)
            return false;
        note_body(c, piece, (size_t)got);
        count -= (size_t)got;
    }
    return true;
}

static bool send_data(struct connection *c, size_t count)
{
    uint8_t piece[PIECE];
    while (count > 0) {
        size_t len = count < PIECE ? count : PIECE;
        for (size_t i = 0; i < len; i++)
            piece[i] = fake_pattern(c->sent + i);
        if (!transmit(c, piece, len))
            return false;
        c->sent += len;
        count -= len;
    }
    return true;
}

static bool send_text(struct connection *c, const struct fake_step *step)
{
    size_t times = step->count == 0 ? 1 : step->count;
    c->sent = 0;
    for (size_t i = 0; i < times; i++) {
        if (!transmit(c, (const uint8_t *)step->text, strlen(step->text)))
            return false;
    }
    return true;
}

static bool drain(struct connection *c)
{
    uint8_t piece[PIECE];
    while (receive(c, piece, sizeof(piece)) > 0)
        continue;
    return false;
}

static bool reset(struct connection *c)
{
    struct linger now = {1, 0};
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    return false;
}

/* False when the script is over. */
static bool follow(struct connection *c, const struct fake_step *step)
{
    switch (step->kind) {
    case FAKE_HEAD:
        return read_head(c);
    case FAKE_BODY:
        return read_body(c, c->announced - c->received, 0);
    case FAKE_BODY_PART:
        return read_body(c, step->count, 0);
    case FAKE_BODY_SLOW:
        return read_body(c, c->announced - c->received, step->count);
    case FAKE_SEND:
        return send_text(c, step);
    case FAKE_SEND_DATA:
        return send_data(c, step->count);
    case FAKE_SLEEP:
        (void)usleep((useconds_t)(step->count * 1000));
        return true;
    case FAKE_DRAIN:
        return drain(c);
    case FAKE_RESET:
        return reset(c);
    case FAKE_END:
        if (c->ssl != NULL)
            (void)SSL_shutdown(c->ssl);
        return false;
    case FAKE_CUT:
    case FAKE_AGAIN:
        break;
    }
    return false;
}

static void play(struct connection *c)
{
    const struct fake_step *step = c->script;
    while (step->kind == FAKE_AGAIN || follow(c, step))
        step = step->kind == FAKE_AGAIN ? c->script : step + 1;
}

static void *serve(void *ctx)
{
    struct connection *c = ctx;
    struct fake_upstream *up = c->up;
    bool is_open = c->ssl == NULL || SSL_accept(c->ssl) == 1;
    if (is_open)
        play(c);
    ERR_clear_error();
    pthread_mutex_lock(&up->mutex);
    up->parallel--;
    (void)close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&up->mutex);
    return NULL;
}

/* --- the server --- */

static void begin_connection(struct fake_upstream *up, int fd)
{
    struct timeval timeout = {30, 0};
    struct connection *c = sgc_xalloc(sizeof(*c));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    c->up = up;
    c->fd = fd;
    if (!up->options.plain) {
        c->ssl = SSL_new(up->tls);
        sg_assert(c->ssl != NULL && SSL_set_fd(c->ssl, fd) == 1);
    }
    pthread_mutex_lock(&up->mutex);
    unsigned n = up->connection_count++;
    sg_assert(n < CONNECTIONS_MAX && up->script_count > 0);
    up->connections[n] = c;
    c->script = up->scripts[n < up->script_count ? n : up->script_count - 1];
    up->parallel++;
    up->max_parallel = up->parallel > up->max_parallel ? up->parallel : up->max_parallel;
    sg_assert(pthread_create(&c->thread, NULL, serve, c) == 0);
    pthread_mutex_unlock(&up->mutex);
}

static void *accept_all(void *ctx)
{
    struct fake_upstream *up = ctx;
    for (;;) {
        int fd = accept(up->listener, NULL, NULL);
        if (fd < 0 && errno == EINTR)
            continue;
        if (fd < 0)
            return NULL;
        begin_connection(up, fd);
    }
}

struct fake_upstream *fake_upstream_new(const struct fake_upstream_options *options)
{
    struct fake_upstream *up = sgc_xalloc(sizeof(*up));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    (void)signal(SIGPIPE, SIG_IGN);
    up->options = *options;
    sg_assert(pthread_mutex_init(&up->mutex, NULL) == 0);
    use_tls(up);
    up->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sg_assert(up->listener >= 0 && bind(up->listener, (struct sockaddr *)&address, len) == 0);
    sg_assert(listen(up->listener, 512) == 0);
    sg_assert(getsockname(up->listener, (struct sockaddr *)&address, &len) == 0);
    up->port = ntohs(address.sin_port);
    sg_assert(pthread_create(&up->acceptor, NULL, accept_all, up) == 0);
    return up;
}

void fake_upstream_free(struct fake_upstream *up)
{
    (void)shutdown(up->listener, SHUT_RDWR);
    (void)pthread_join(up->acceptor, NULL);
    (void)close(up->listener);
    for (unsigned i = 0; i < up->connection_count; i++) {
        struct connection *c = up->connections[i];
        pthread_mutex_lock(&up->mutex);
        if (c->fd >= 0)
            (void)shutdown(c->fd, SHUT_RDWR);
        pthread_mutex_unlock(&up->mutex);
        (void)pthread_join(c->thread, NULL);
        SSL_free(c->ssl);
        sgc_xfree(c);
    }
    SSL_CTX_free(up->tls);
    (void)unlink(up->ca_file);
    (void)pthread_mutex_destroy(&up->mutex);
    sgc_xfree(up);
}

void fake_upstream_script(struct fake_upstream *up, const struct fake_step *script)
{
    pthread_mutex_lock(&up->mutex);
    sg_assert(up->script_count < SCRIPTS_MAX);
    up->scripts[up->script_count++] = script;
    pthread_mutex_unlock(&up->mutex);
}

unsigned fake_upstream_port(const struct fake_upstream *up)
{
    return up->port;
}

const char *fake_upstream_ca_file(const struct fake_upstream *up)
{
    return up->ca_file;
}

static unsigned look(struct fake_upstream *up, const unsigned *what)
{
    pthread_mutex_lock(&up->mutex);
    unsigned value = *what;
    pthread_mutex_unlock(&up->mutex);
    return value;
}

unsigned fake_upstream_connections(struct fake_upstream *up)
{
    return look(up, &up->connection_count);
}

unsigned fake_upstream_max_parallel(struct fake_upstream *up)
{
    return look(up, &up->max_parallel);
}

unsigned fake_upstream_requests(struct fake_upstream *up)
{
    return look(up, &up->request_count);
}

const char *fake_upstream_head(struct fake_upstream *up)
{
    pthread_mutex_lock(&up->mutex);
    memcpy(up->head_shown, up->head, sizeof(up->head_shown));
    pthread_mutex_unlock(&up->mutex);
    return up->head_shown;
}

uint64_t fake_upstream_body_len(struct fake_upstream *up)
{
    pthread_mutex_lock(&up->mutex);
    uint64_t len = up->body_len;
    pthread_mutex_unlock(&up->mutex);
    return len;
}

bool fake_upstream_body_is_pattern(struct fake_upstream *up)
{
    pthread_mutex_lock(&up->mutex);
    bool is_pattern = up->body_is_pattern;
    pthread_mutex_unlock(&up->mutex);
    return is_pattern;
}
