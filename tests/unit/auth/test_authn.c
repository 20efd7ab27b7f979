/*
 * Who is let in? Published and independently made signatures are; everything that carries no credentials, two sets of
 * them, or a kind that is not spoken here, is not. The attacks on other gateways are here by name.
 */
#include <dirent.h>

#include "rig.h"

#include "auth/authn.h"
#include "core/target.h"

#include "common/banned.h"

/* --- the vectors of tests/vectors/sigv4, made by botocore --- */

#define VECTORS SG_SOURCE_DIR "/tests/vectors/sigv4"

struct vector {
    struct sgc_buf request, context, signature;
    struct fake_req f;
    struct sg_keystore *store;
};

static void read_file(const char *folder, const char *name, struct sgc_buf *out)
{
    char path[512];
    uint8_t *room;
    *out = SGC_BUF_INIT(64 * SG_KIB);
    ck_assert_int_lt(snprintf(path, sizeof(path), VECTORS "/%s/%s", folder, name), (int)sizeof(path));
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    ck_ok(sgc_buf_reserve(out, 32 * SG_KIB, &room));
    sgc_buf_commit(out, fread(room, 1, 32 * SG_KIB, file));
    (void)fclose(file);
}

static struct sg_bytes field(const struct sgc_buf *context, const char *name)
{
    struct sg_cursor c = sg_cursor(sgc_buf_view(context));
    struct sg_bytes line;
    while (sg_cursor_until(&c, '\n', &line)) {
        size_t equals = sg_bytes_find(line, '=');
        if (sg_bytes_eq_str(sg_bytes_trim(sg_bytes_slice(line, 0, equals)), name))
            return sg_bytes_trim(sg_bytes_skip(line, equals + 1));
    }
    return SG_BYTES_NONE;
}

static void add_credential(struct vector *v)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf line = SGC_BUF_INIT(512);
    ck_ok(sgc_buf_appendf(&line, "%.*s %.*s\n", SG_BYTES_FMT(field(&v->context, "access_key_id")),
                          SG_BYTES_FMT(field(&v->context, "secret_access_key"))));
    ck_ok(sg_keystore_parse(sgc_buf_view(&line), &v->store, NULL));
    v->f.env.keystore = v->store;
}

static void add_authorization(struct vector *v)
{
    struct sg_bytes date = field(&v->context, "amz_date");
    ck_ok(sgs_headers_addf(
        &v->f.req.head.headers, "Authorization",
        "AWS4-HMAC-SHA256 Credential=%.*s/%.*s/%.*s/s3/aws4_request, SignedHeaders=%.*s, Signature=%.*s",
        SG_BYTES_FMT(field(&v->context, "access_key_id")), SG_BYTES_FMT(sg_bytes_slice(date, 0, 8)),
        SG_BYTES_FMT(field(&v->context, "region")), SG_BYTES_FMT(field(&v->context, "signed_headers")),
        SG_BYTES_FMT(sgc_buf_view(&v->signature))));
}

static void load(struct vector *v, const char *folder)
{
    read_file(folder, "request", &v->request);
    read_file(folder, "context", &v->context);
    read_file(folder, "signature", &v->signature);
    struct sg_cursor c = sg_cursor(sgc_buf_view(&v->request));
    struct sg_bytes line;
    fake_req_init(&v->f, "", "");
    ck_assert(sg_cursor_until(&c, ' ', &v->f.req.head.method));
    ck_assert(sg_cursor_until(&c, ' ', &v->f.req.head.target));
    ck_assert(sg_cursor_until(&c, '\n', &line));
    while (sg_cursor_until(&c, '\n', &line)) {
        size_t colon = sg_bytes_find(line, ':');
        ck_ok(sgs_headers_add(&v->f.req.head.headers, sg_bytes_slice(line, 0, colon), sg_bytes_skip(line, colon + 1)));
    }
    add_credential(v);
    if (field(&v->context, "skip_param").len == 0)
        add_authorization(v);
}

static void unload(struct vector *v)
{
    sgc_buf_clear(&v->request);
    sgc_buf_clear(&v->context);
    sgc_buf_clear(&v->signature);
    sg_keystore_free(v->store);
    fake_req_clear(&v->f);
}

/* The vectors have buckets with names that no bucket can have; path and query are parsed all the same. */
static sg_err authenticate_vector(struct vector *v)
{
    sg_err err = sg_target_parse(&v->f.req);
    SG_CHECK(sg_is_ok(err) || sg_is(err, INVALID_BUCKET_NAME), INTERNAL);
    return sg_authenticate(&v->f.req);
}

static bool is_user_agent_case(const char *name)
{
    return strstr(name, "unsigned_user_agent") != NULL;
}

static void check_vector(const char *name)
{
    struct vector v;
    load(&v, name);
    sg_err err = authenticate_vector(&v);
    /* Most are signed at the clock's time; for the others the clock is put to the time that they say. */
    if (sg_is(err, CLOCK_SKEW) || sg_is(err, PRESIGN_EXPIRED) || sg_is(err, PRESIGN_NOT_YET)) {
        v.f.clock.wall_s = v.f.req.auth.claim.time_s;
        err = authenticate_vector(&v);
    }
    ck_assert_msg(sg_is_ok(err), "%s: %s", name, sg_err_row(err)->name);
    ck_assert_ptr_nonnull(v.f.req.auth.who);
    /* The same request by another method is another request. */
    v.f.req.head.method = SG_BYTES_LIT("PATCH");
    ck_fails(authenticate_vector(&v), SIGNATURE_MISMATCH);
    unload(&v);
}

START_TEST(signatures_of_others_are_accepted)
{
    DIR *folder = opendir(VECTORS);
    size_t count = 0;
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.' || strchr(entry->d_name, '.') != NULL || is_user_agent_case(entry->d_name))
            continue;
        check_vector(entry->d_name);
        count++;
    }
    (void)closedir(folder);
    ck_assert_uint_ge(count, 70);
}
END_TEST

/* --- none, two, others --- */

START_TEST(nobody_is_refused)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    ck_fails(rig_authenticate(&rig), ACCESS_DENIED);
    ck_assert_ptr_null(rig.f.req.auth.who);
    rig_clear(&rig);
}
END_TEST

static const char *const other_schemes[] = {
    "",
    "AWS " RIG_ID ":frJIUN8DYpKDtOLCwo//yllqDzg=",
    "Basic QUtJQTpzZWNyZXQ=",
    "Bearer token",
    "AWS4-ECDSA-P256-SHA256 Credential=" RIG_ID "/20130524/s3/aws4_request, SignedHeaders=host, Signature=00",
    "aws4-hmac-sha256 Credential=x, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA1 Credential=x, SignedHeaders=host, Signature=00",
    "AWS3-HTTPS AWSAccessKeyId=x",
};

START_TEST(other_schemes_are_not_spoken)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    rig_header(&rig, "Authorization", other_schemes[_i]);
    ck_fails(rig_authenticate(&rig), AUTH_UNSUPPORTED);
    rig_clear(&rig);
}
END_TEST

static const char *const v2_queries[] = {
    "/bucket/key?AWSAccessKeyId=" RIG_ID "&Expires=1&Signature=x",
    "/bucket/key?Signature=x",
    "/bucket/key?awsaccesskeyid=x",
};

START_TEST(version_2_is_not_spoken)
{
    struct rig rig;
    rig_init(&rig, "GET", v2_queries[_i]);
    ck_fails(rig_authenticate(&rig), AUTH_UNSUPPORTED);
    rig_clear(&rig);
}
END_TEST

static const char *const second_credentials[] = {
    "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256",
    "/bucket/key?X-Amz-Credential=" RIG_ID "/20130524/us-east-1/s3/aws4_request",
    "/bucket/key?X-Amz-Signature=00",
    "/bucket/key?x-amz-signature=00",
    "/bucket/key?x-amz-credential",
    "/bucket/key?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE",
    "/bucket/key?Signature=x",
    "/bucket/key?%58-Amz-Signature=00",
};

START_TEST(a_good_header_does_not_excuse_credentials_in_the_query)
{
    struct rig rig;
    rig_init(&rig, "GET", second_credentials[_i]);
    rig_sign(&rig, RIG_SIGN_DEFAULT);
    ck_fails(rig_authenticate(&rig), AUTH_AMBIGUOUS);
    ck_assert_ptr_null(rig.f.req.auth.who);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_good_presigned_url_does_not_excuse_an_authorization_header)
{
    static const char *const values[] = {"", "AWS x:y", "Bearer z", "AWS4-HMAC-SHA256 x"};
    for (size_t i = 0; i < SG_COUNT_OF(values); i++) {
        struct rig rig;
        rig_init(&rig, "GET", "/bucket/key");
        rig_presign(&rig, RIG_SIGN_DEFAULT);
        rig_header(&rig, "authorization", values[i]);
        ck_fails(rig_authenticate(&rig), AUTH_AMBIGUOUS);
        rig_clear(&rig);
    }
}
END_TEST

START_TEST(two_kinds_of_presigned_urls_in_one_are_refused)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key?AWSAccessKeyId=x&Signature=y");
    rig_presign(&rig, RIG_SIGN_DEFAULT);
    ck_fails(rig_authenticate(&rig), AUTH_AMBIGUOUS);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_failed_request_forgets_who_it_was_taken_for)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    rig_sign(&rig, RIG_SIGN_DEFAULT);
    ck_ok(rig_authenticate(&rig));
    ck_assert_ptr_nonnull(rig.f.req.auth.who);
    rig.f.clock.wall_s += 3600;
    ck_fails(rig_authenticate(&rig), CLOCK_SKEW);
    ck_assert_ptr_null(rig.f.req.auth.who);
    rig_clear(&rig);
}
END_TEST

/* --- attacks on others --- */

static const char *const streaming_values[] = {
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "UNSIGNED-PAYLOAD",
};

/* CVE-2025-31489: a streamed body was taken with any signature of a known access key. */
START_TEST(no_payload_mode_excuses_a_wrong_signature)
{
    struct rig rig;
    rig_init(&rig, "PUT", "/bucket/key");
    rig_header(&rig, "x-amz-content-sha256", streaming_values[_i]);
    rig_header(&rig, "x-amz-date", RIG_DATE);
    rig_header(&rig, "Authorization",
               "AWS4-HMAC-SHA256 Credential=" RIG_ID "/20130524/us-east-1/s3/aws4_request, "
               "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
               "Signature=0000000000000000000000000000000000000000000000000000000000000000");
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    ck_assert(!sgc_secret_is_set(&rig.f.req.auth.signing_key));
    rig_clear(&rig);
}
END_TEST

/* CVE-2026-41145: credentials in the query, while the check hung on the Authorization header. */
START_TEST(a_streamed_body_with_credentials_in_the_query_is_refused)
{
    struct rig rig;
    rig_init(&rig, "PUT", "/bucket/key?X-Amz-Credential=" RIG_ID "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request");
    rig_header(&rig, "x-amz-content-sha256", streaming_values[_i]);
    rig_header(&rig, "x-amz-date", RIG_DATE);
    ck_fails(rig_authenticate(&rig), AUTH_QUERY_MALFORMED);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_presigned_url_cannot_start_a_chain_of_signed_chunks)
{
    struct rig rig;
    rig_init(&rig, "PUT", "/bucket/key");
    rig_header(&rig, "x-amz-content-sha256", streaming_values[_i]);
    rig_presign(&rig,
                (struct rig_sign){.payload_hash = streaming_values[_i], .signed_headers = "host;x-amz-content-sha256"});
    if (strcmp(streaming_values[_i], "UNSIGNED-PAYLOAD") == 0)
        ck_ok(rig_authenticate(&rig));
    else
        ck_fails(rig_authenticate(&rig), SHA256_NOT_STREAMABLE);
    rig_clear(&rig);
}
END_TEST

/* GHSA-9c4q: a header that switched checks off; here it is one more header that must be signed. */
START_TEST(no_header_switches_the_check_off)
{
    static const char *const names[] = {"x-amz-meta-snowball-auto-extract", "X-Amz-Meta-Minio-Snowball", "x-amz-acl",
                                        "x-amz-copy-source", "x-amz-decoded-content-length"};
    for (size_t i = 0; i < SG_COUNT_OF(names); i++) {
        struct rig rig;
        rig_init(&rig, "PUT", "/bucket/key");
        rig_sign(&rig, RIG_SIGN_DEFAULT);
        rig_header(&rig, names[i], "true");
        ck_fails(rig_authenticate(&rig), HEADERS_NOT_SIGNED);
        rig_clear(&rig);
    }
}
END_TEST

SG_TEST_MAIN("auth/authn", TEST(signatures_of_others_are_accepted), TEST(nobody_is_refused),
             TEST_LOOP(other_schemes_are_not_spoken, SG_COUNT_OF(other_schemes)),
             TEST_LOOP(version_2_is_not_spoken, SG_COUNT_OF(v2_queries)),
             TEST_LOOP(a_good_header_does_not_excuse_credentials_in_the_query, SG_COUNT_OF(second_credentials)),
             TEST(a_good_presigned_url_does_not_excuse_an_authorization_header),
             TEST(two_kinds_of_presigned_urls_in_one_are_refused), TEST(a_failed_request_forgets_who_it_was_taken_for),
             TEST_LOOP(no_payload_mode_excuses_a_wrong_signature, SG_COUNT_OF(streaming_values)),
             TEST_LOOP(a_streamed_body_with_credentials_in_the_query_is_refused, SG_COUNT_OF(streaming_values)),
             TEST_LOOP(a_presigned_url_cannot_start_a_chain_of_signed_chunks, SG_COUNT_OF(streaming_values)),
             TEST(no_header_switches_the_check_off))
