/*
 * pool.c - one table of options decides how the upstream is spoken to. Certificate and host name are verified by
 * constants of this table, not by fields anybody could set. Handles keep these options for life and are used again, so
 * that a small request costs a handful of setopt calls; connections are shared by all handles of the pool.
 */
#include "s3client/pool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/banned.h"

/* Debian's ca-certificates. A file, because libcurl keeps a parsed file but parses a directory for every connection. */
#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

/* Kernel buffers of one connection. Left alone they grow to several MB for each slow upload. */
#define SOCKET_BUFFER ((int)(512 * SG_KIB))

/* Bodies arrive in TLS records of at most 16 KiB; a larger buffer would not be filled. */
#define RECEIVE_BUFFER ((long)(16 * SG_KIB))

#define CURL_OLDEST 0x075800u /* 7.88.0 */

/* Authenticated encryption only, as on the side of the clients. */
#define TLS12_SUITES                                                                                                   \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                                                       \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                                       \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define TLS13_SUITES "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"

static const struct {
    CURLoption option;
    long value;
} number_options[] = {
    /* who may answer */
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    /* what is spoken */
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_HTTP_CONTENT_DECODING, 0},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_PATH_AS_IS, 1}, /* keys hold "..", and the path is signed */
    /* how it runs in here */
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_QUICK_EXIT, 1}, /* or giving up while a name is being resolved would block the loop until it is */
    {CURLOPT_TCP_NODELAY, 1},
    {CURLOPT_BUFFERSIZE, RECEIVE_BUFFER},
};

static const struct {
    CURLoption option;
    const char *value;
} string_options[] = {
    {CURLOPT_PROTOCOLS_STR, "https"},
    {CURLOPT_REDIR_PROTOCOLS_STR, "https"},
    {CURLOPT_SSL_CIPHER_LIST, TLS12_SUITES},
    {CURLOPT_TLS13_CIPHERS, TLS13_SUITES},
    {CURLOPT_CAPATH, NULL}, /* not Debian's default: with a directory the parsed bundle is not kept */
    {CURLOPT_PROXY, ""},    /* whatever the environment says */
    {CURLOPT_NOPROXY, "*"},
    {CURLOPT_ACCEPT_ENCODING, NULL},
};

static int on_socket_opened(void *pool, curl_socket_t fd, curlsocktype purpose)
{
    int size = SOCKET_BUFFER;
    SG_UNUSED(purpose);
    sgs_multi_socket_opened(&((struct sgs_pool *)pool)->multi, fd);
    bool is_set = setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0 &&
                  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == 0 &&
                  fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
    return is_set ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static bool set_fixed_options(CURL *easy)
{
    bool is_set = true;
    for (size_t i = 0; i < SG_COUNT_OF(number_options); i++)
        is_set &= curl_easy_setopt(easy, number_options[i].option, number_options[i].value) == CURLE_OK;
    for (size_t i = 0; i < SG_COUNT_OF(string_options); i++)
        is_set &= curl_easy_setopt(easy, string_options[i].option, string_options[i].value) == CURLE_OK;
    return is_set;
}

static bool set_pool_options(CURL *easy, struct sgs_pool *pool)
{
    const struct sgs_pool_options *o = &pool->options;
    /* libcurl counts whole seconds here, and 0 is not "never again" but its own default. */
    long max_age_s = o->idle_timeout_ms < 1000 ? 1 : (long)(o->idle_timeout_ms / 1000);
    bool is_set = true;
    is_set &= curl_easy_setopt(easy, CURLOPT_CAINFO, o->ca_file) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, max_age_s) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket_opened) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, pool) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, sgs_multi_close_socket) == CURLE_OK;
    is_set &= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &pool->multi) == CURLE_OK;
    return is_set;
}

sg_err sgs_pool_take_easy(struct sgs_pool *pool, CURL **out)
{
    if (pool->spare_count > 0) {
        *out = pool->spare[--pool->spare_count];
        return SG_OK;
    }
    CURL *easy = curl_easy_init();
    SG_CHECK(easy != NULL, INTERNAL);
    if (!set_fixed_options(easy) || !set_pool_options(easy, pool)) {
        curl_easy_cleanup(easy);
        SG_FAIL(INTERNAL);
    }
    *out = easy;
    return SG_OK;
}

void sgs_pool_give_easy(struct sgs_pool *pool, CURL *easy)
{
    if (pool->spare_count < pool->options.max_connections)
        pool->spare[pool->spare_count++] = easy;
    else
        curl_easy_cleanup(easy);
}

sg_err sgs_pool_global_init(void)
{
    SG_CHECK(unsetenv("SSLKEYLOGFILE") == 0, INTERNAL);
    SG_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, INTERNAL);
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    SG_CHECK(info->version_num >= CURL_OLDEST && (info->features & CURL_VERSION_SSL) != 0, INTERNAL);
    /* Without it every name would be resolved by a call that blocks the loop. */
    SG_CHECK((info->features & CURL_VERSION_ASYNCHDNS) != 0, INTERNAL);
    return SG_OK;
}

sg_err sgs_pool_new(struct sg_loop *loop, const struct sgs_pool_options *options, struct sgs_pool **out)
{
    static const struct sgs_multi_hooks hooks = {sgs_transfer_on_left, sgs_transfer_on_ended};
    const char *ca_file = options->ca_file != NULL ? options->ca_file : SYSTEM_CA_FILE;
    SG_CHECK(options->max_connections > 0, CONFIG);
    SG_CHECK(access(ca_file, R_OK) == 0, IO);
    struct sgs_pool *pool = sgc_xalloc(sizeof(*pool));
    size_t ca_file_size = strlen(ca_file) + 1;
    pool->options = *options;
    pool->ca_file = SGC_BUF_INIT(ca_file_size);
    pool->spare = sgc_xalloc(options->max_connections * sizeof(CURL *));
    sg_err err = sgc_buf_append(&pool->ca_file, sg_bytes(ca_file, ca_file_size));
    if (sg_is_ok(err))
        err = sgs_multi_init(&pool->multi, loop, &hooks, pool, options->max_connections);
    if (!sg_is_ok(err)) {
        sgs_pool_free(pool);
        return err;
    }
    pool->options.ca_file = (const char *)pool->ca_file.ptr;
    *out = pool;
    return SG_OK;
}

void sgs_pool_free(struct sgs_pool *pool)
{
    if (pool == NULL)
        return;
    sg_assert(pool->live_count == 0 && !sgs_multi_is_inside(&pool->multi));
    sgs_multi_clear(&pool->multi);
    while (pool->spare_count > 0)
        curl_easy_cleanup(pool->spare[--pool->spare_count]);
    sgc_xfree(pool->spare);
    sgc_buf_clear(&pool->ca_file);
    sgc_xfree(pool);
}
