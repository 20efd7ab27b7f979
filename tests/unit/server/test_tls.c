/*
 * Certificates and keys that can be used, and all that cannot, made on the spot.
 */
#include "support/check_main.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/tls.h"

enum { DAY = 24 * 60 * 60 };

static char folder[64];

static const char *path(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *out = paths[next++ % 4];
    (void)snprintf(out, sizeof(paths[0]), "%s/%s", folder, name);
    return out;
}

static void save_certificate(const char *name, X509 *certificate)
{
    FILE *file = fopen(path(name), "w");
    ck_assert_int_eq(PEM_write_X509(file, certificate), 1);
    ck_assert_int_eq(fclose(file), 0);
}

static void save_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
    FILE *file = fopen(path(name), "w");
    const EVP_CIPHER *cipher = passphrase == NULL ? NULL : EVP_aes_256_cbc();
    const unsigned char *secret = (const unsigned char *)passphrase;
    int len = passphrase == NULL ? 0 : (int)strlen(passphrase);
    ck_assert_int_eq(PEM_write_PrivateKey(file, key, cipher, secret, len, NULL, NULL), 1);
    ck_assert_int_eq(fclose(file), 0);
}

static void save_text(const char *name, const char *text)
{
    FILE *file = fopen(path(name), "w");
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static X509 *certify(EVP_PKEY *key, long from_s, long until_s)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    ck_assert_int_eq(X509_set_version(certificate, 2), 1);
    ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(certificate), from_s));
    ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(certificate), until_s));
    ck_assert_int_eq(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0), 1);
    ck_assert_int_eq(X509_set_issuer_name(certificate, name), 1);
    ck_assert_int_eq(X509_set_pubkey(certificate, key), 1);
    ck_assert_int_gt(X509_sign(certificate, key, EVP_sha256()), 0);
    return certificate;
}

/* NAME.cert, and NAME.key where there is a key to save. */
static void write_pair(const char *name, EVP_PKEY *key, long from_s, long until_s)
{
    char file[32];
    X509 *certificate = certify(key, from_s, until_s);
    (void)snprintf(file, sizeof(file), "%s.cert", name);
    save_certificate(file, certificate);
    (void)snprintf(file, sizeof(file), "%s.key", name);
    save_key(file, key, NULL);
    if (strcmp(name, "good") == 0)
        save_key("locked.key", key, "passphrase");
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void write_files(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/test_tls.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_pair("good", EVP_EC_gen("P-256"), -DAY, DAY);
    write_pair("other", EVP_EC_gen("P-256"), -DAY, DAY);
    write_pair("rsa", EVP_RSA_gen(2048), -DAY, DAY);
    write_pair("small", EVP_RSA_gen(1024), -DAY, DAY);
    write_pair("old", EVP_EC_gen("P-256"), -2 * DAY, -DAY);
    write_pair("future", EVP_EC_gen("P-256"), DAY, 2 * DAY);
    save_text("empty", "");
    save_text("text", "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n");
}

static void remove_files(void)
{
    static const char *const names[] = {"good",   "other", "rsa",  "small", "old",
                                        "future", "empty", "text", "good",  "locked.key"};
    for (size_t i = 0; i < SG_COUNT_OF(names); i++) {
        char file[32];
        (void)unlink(path(names[i]));
        (void)snprintf(file, sizeof(file), "%s.cert", names[i]);
        (void)unlink(path(file));
        (void)snprintf(file, sizeof(file), "%s.key", names[i]);
        (void)unlink(path(file));
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(a_pair_that_matches_is_taken)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(4096);
    struct sg_tls *tls = NULL;
    write_files();
    ck_ok(sg_tls_new(path("good.cert"), path("good.key"), &tls, &message));
    ck_assert_ptr_nonnull(sg_tls_context(tls));
    sg_tls_free(tls);
    ck_ok(sg_tls_new(path("rsa.cert"), path("rsa.key"), &tls, &message));
    sg_tls_free(tls);
    ck_assert_uint_eq(message.len, 0);
    remove_files();
}
END_TEST

START_TEST(the_rules_are_set)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(4096);
    struct sg_tls *tls = NULL;
    write_files();
    ck_ok(sg_tls_new(path("good.cert"), path("good.key"), &tls, &message));
    SSL_CTX *ctx = sg_tls_context(tls);
    STACK_OF(SSL_CIPHER) *suites = SSL_CTX_get_ciphers(ctx);
    ck_assert_int_eq(SSL_CTX_get_min_proto_version(ctx), TLS1_2_VERSION);
    ck_assert_int_eq(SSL_CTX_get_read_ahead(ctx), 0);
    ck_assert_uint_eq(SSL_CTX_get_max_early_data(ctx), 0);
    ck_assert_uint_ne(SSL_CTX_get_options(ctx) & SSL_OP_NO_RENEGOTIATION, 0);
    ck_assert_uint_ne(SSL_CTX_get_options(ctx) & SSL_OP_NO_COMPRESSION, 0);
    ck_assert_uint_ne(SSL_CTX_get_options(ctx) & SSL_OP_CIPHER_SERVER_PREFERENCE, 0);
    ck_assert_int_eq(sk_SSL_CIPHER_num(suites), 9);
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
        const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);
        ck_assert_int_eq(SSL_CIPHER_is_aead(suite), 1);
        int exchange = SSL_CIPHER_get_kx_nid(suite);
        ck_assert(exchange == NID_kx_ecdhe || exchange == NID_kx_any);
    }
    sg_tls_free(tls);
    remove_files();
}
END_TEST

static const struct {
    const char *certificate, *key, *names, *says;
} bad[] = {
    {"none", "good.key", "none", "cannot be read"},
    {"good.cert", "none", "none", "cannot be read"},
    {"empty", "good.key", "empty", "cannot be used as a PEM certificate"},
    {"text", "good.key", "text", "cannot be used as a PEM certificate"},
    {"good.key", "good.key", "good.key", "cannot be used as a PEM certificate"},
    {"good.cert", "empty", "empty", "cannot be used as a PEM private key"},
    {"good.cert", "good.cert", "good.cert", "cannot be used as a PEM private key"},
    {"good.cert", "locked.key", "locked.key", "without passphrase"},
    {"good.cert", "other.key", "other.key", "private key"},
    {"good.cert", "rsa.key", "rsa.key", "does not belong to the certificate"},
    {"small.cert", "small.key", "small.cert", "too small"},
    {"old.cert", "old.key", "old.cert", "expired"},
    {"future.cert", "future.key", "future.cert", "not valid yet"},
};

START_TEST(what_cannot_be_used_is_said)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(4096);
    struct sg_tls *tls = NULL;
    write_files();
    ck_fails(sg_tls_new(path(bad[_i].certificate), path(bad[_i].key), &tls, &message), CONFIG);
    ck_assert_ptr_null(tls);
    ck_ok(sgc_buf_append_u8(&message, '\0'));
    const char *text = (const char *)message.ptr;
    ck_assert_msg(strstr(text, path(bad[_i].names)) == text, "%s", text);
    ck_assert_msg(strstr(text, bad[_i].says) != NULL, "%s", text);
    remove_files();
}
END_TEST

START_TEST(no_failure_gives_no_alert)
{
    struct sg_tls_failure failure;
    sg_tls_failure_take(&failure);
    ck_assert_uint_eq(failure.alert_len, 0);
    ck_assert_str_eq(failure.reason, "connection lost");
}
END_TEST

SG_TEST_MAIN("server/tls", TEST(a_pair_that_matches_is_taken), TEST(the_rules_are_set),
             TEST_LOOP(what_cannot_be_used_is_said, SG_COUNT_OF(bad)), TEST(no_failure_gives_no_alert))
