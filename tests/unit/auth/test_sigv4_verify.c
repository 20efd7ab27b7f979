/* Is a signature true only now, here, for this key and over everything that matters? */
#include "rig.h"

#include "s3client/sigv4_chunk.h"

#include "common/banned.h"

#define HOUR 3600

/* --- what is accepted --- */

START_TEST(a_good_request_says_who_and_how)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/a%20key?versionId=1");
    rig_sign(&rig, RIG_SIGN_DEFAULT);
    ck_ok(rig_authenticate(&rig));
    const struct sg_req_auth *auth = &rig.f.req.auth;
    ck_assert_str_eq(auth->who->access_key_id, RIG_ID);
    ck_assert_int_eq(auth->payload, SG_PAYLOAD_SHA256);
    ck_assert(sg_bytes_eq_str(auth->payload_hash, SGS_EMPTY_SHA256));
    ck_assert(sg_bytes_eq_str(auth->amz_date, RIG_DATE));
    ck_assert(sg_bytes_eq_str(auth->scope.region, "us-east-1"));
    ck_assert_uint_eq(auth->seed_signature.len, SGS_SIGNATURE_LEN);
    ck_assert(!sgc_secret_is_set(&auth->signing_key));
    rig_clear(&rig);
}
END_TEST

START_TEST(every_known_credential_works_with_its_own_secret_only)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    rig_sign(&rig, (struct rig_sign){.access_key_id = RIG_ID_2});
    ck_ok(rig_authenticate(&rig));
    ck_assert_str_eq(rig.f.req.auth.who->access_key_id, RIG_ID_2);
    rig_clear(&rig);

    rig_init(&rig, "GET", "/bucket/key");
    rig_sign(&rig, (struct rig_sign){.access_key_id = RIG_ID_2, .secret = RIG_SECRET});
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_presigned_url_is_accepted)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key?response-content-type=text%2Fplain");
    rig_presign(&rig, RIG_SIGN_DEFAULT);
    /* Headers that change no meaning may be added by whoever uses the URL. */
    rig_header(&rig, "Range", "bytes=0-9");
    rig_header(&rig, "If-Match", "\"x\"");
    ck_ok(rig_authenticate(&rig));
    ck_assert_int_eq(rig.f.req.auth.payload, SG_PAYLOAD_UNSIGNED);
    rig_clear(&rig);
}
END_TEST

/* Paths that some clients leave as they are, signed over what they send and not over its canonical form. */
static const char *const raw_paths[] = {"/bucket/a(b)!*'", "/bucket/a%7Eb", "/bucket/a%2Fb", "/bucket/%c3%a9",
                                        "/bucket/a+b"};

START_TEST(a_signature_over_the_path_as_sent_is_accepted)
{
    struct rig rig;
    rig_init(&rig, "GET", raw_paths[_i]);
    rig_sign(&rig, (struct rig_sign){.raw_path = true});
    ck_ok(rig_authenticate(&rig));
    rig_clear(&rig);

    rig_init(&rig, "GET", raw_paths[_i]);
    rig_sign(&rig, (struct rig_sign){.raw_path = true, .secret = RIG_SECRET_2});
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    rig_clear(&rig);
}
END_TEST

START_TEST(signed_chunks_get_their_key_and_others_do_not)
{
    static const struct {
        const char *hash;
        bool keyed;
    } rows[] = {
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", true},
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", true},
        {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", false},
        {"UNSIGNED-PAYLOAD", false},
    };
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        struct rig rig;
        rig_init(&rig, "PUT", "/bucket/key");
        rig_sign(&rig, (struct rig_sign){.payload_hash = rows[i].hash});
        ck_ok(rig_authenticate(&rig));
        ck_assert_int_eq(sgc_secret_is_set(&rig.f.req.auth.signing_key), rows[i].keyed);
        ck_assert(sg_bytes_eq_str(rig.f.req.auth.payload_hash, rows[i].hash));
        rig_clear(&rig);
    }
}
END_TEST

/* Published: "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks". */
START_TEST(the_published_chunked_upload_verifies_and_its_chain_goes_on)
{
    static char domain[] = "s3.amazonaws.com";
    static char *domains[] = {domain};
    struct rig rig;
    struct sgs_chunk_chain chain;
    uint8_t chunk[65536], digest[SGC_SHA256_LEN];
    char signature[SGS_SIGNATURE_LEN];
    rig_init(&rig, "PUT", "/examplebucket/chunkObject.txt");
    rig.f.config.server.domains = domains;
    rig.f.config.server.domain_count = 1;
    sgs_headers_clear(&rig.f.req.head.headers);
    rig_header(&rig, "Host", "s3.amazonaws.com");
    rig_header(&rig, "x-amz-date", RIG_DATE);
    rig_header(&rig, "x-amz-storage-class", "REDUCED_REDUNDANCY");
    rig_header(&rig, "x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    rig_header(&rig, "Content-Encoding", "aws-chunked");
    rig_header(&rig, "x-amz-decoded-content-length", "66560");
    rig_header(&rig, "Content-Length", "66824");
    rig_header(&rig, "Authorization",
               "AWS4-HMAC-SHA256 Credential=" RIG_ID "/20130524/us-east-1/s3/aws4_request,"
               "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
               "x-amz-decoded-content-length;x-amz-storage-class,"
               "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    ck_ok(rig_authenticate(&rig));
    const struct sg_req_auth *auth = &rig.f.req.auth;
    ck_ok(sgs_chunk_chain_init(&chain, &auth->signing_key, auth->amz_date, &auth->scope, auth->seed_signature));
    memset(chunk, 'a', sizeof(chunk));
    ck_ok(sgc_sha256(SG_BYTES_ARRAY(chunk), digest));
    ck_ok(sgs_chunk_chain_next(&chain, digest, signature));
    ck_assert(
        sg_bytes_eq_str(SG_BYTES_ARRAY(signature), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"));
    rig_clear(&rig);
}
END_TEST

/* --- time --- */

static const struct {
    int64_t now_offset_s;
    enum sg_code code;
} skews[] = {
    {0, SG_CODE_OK},
    {900, SG_CODE_OK},
    {-900, SG_CODE_OK},
    {901, SG_CODE_CLOCK_SKEW},
    {-901, SG_CODE_CLOCK_SKEW},
    {86400, SG_CODE_CLOCK_SKEW},
    {-86400, SG_CODE_CLOCK_SKEW},
    {400000000, SG_CODE_CLOCK_SKEW},
    {-FAKE_REQ_WALL_S, SG_CODE_CLOCK_SKEW},
};

START_TEST(clocks_may_differ_by_fifteen_minutes)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    rig_sign(&rig, RIG_SIGN_DEFAULT);
    rig.f.clock.wall_s = FAKE_REQ_WALL_S + skews[_i].now_offset_s;
    ck_assert_uint_eq(rig_authenticate(&rig).code, skews[_i].code);
    ck_assert_int_eq(rig.f.req.auth.claim.time_s, FAKE_REQ_WALL_S);
    rig_clear(&rig);
}
END_TEST

static const struct {
    const char *expires;
    int64_t now_offset_s;
    enum sg_code code;
} expiries[] = {
    {"3600", 0, SG_CODE_OK},
    {"3600", HOUR, SG_CODE_OK},
    {"3600", HOUR + 1, SG_CODE_PRESIGN_EXPIRED},
    {"3600", -900, SG_CODE_OK},
    {"3600", -901, SG_CODE_PRESIGN_NOT_YET},
    {"3600", -86400, SG_CODE_PRESIGN_NOT_YET},
    {"1", 1, SG_CODE_OK},
    {"1", 2, SG_CODE_PRESIGN_EXPIRED},
    {"0", 0, SG_CODE_OK},
    {"0", 1, SG_CODE_PRESIGN_EXPIRED},
    {"604800", 604800, SG_CODE_OK},
    {"604800", 604801, SG_CODE_PRESIGN_EXPIRED},
    {"604801", 0, SG_CODE_AUTH_QUERY_MALFORMED},
};

START_TEST(presigned_urls_live_as_long_as_they_say)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    rig_presign(&rig, (struct rig_sign){.expires = expiries[_i].expires});
    rig.f.clock.wall_s = FAKE_REQ_WALL_S + expiries[_i].now_offset_s;
    ck_assert_uint_eq(rig_authenticate(&rig).code, expiries[_i].code);
    rig_clear(&rig);
}
END_TEST

START_TEST(the_clock_is_asked_before_the_signature)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    rig_presign(&rig, (struct rig_sign){.secret = "wrong"});
    rig.f.clock.wall_s += 86400;
    ck_fails(rig_authenticate(&rig), PRESIGN_EXPIRED);
    rig_clear(&rig);
}
END_TEST

/* --- region --- */

START_TEST(any_region_will_do_unless_one_is_demanded)
{
    static const char *const regions[] = {"us-east-1", "eu-central-1", "auto", ""};
    for (size_t i = 0; i < SG_COUNT_OF(regions); i++) {
        for (int strict = 0; strict < 4; strict++) {
            struct rig rig;
            rig_init(&rig, "GET", "/bucket/key");
            rig.f.config.strict_region = strict & 1;
            struct rig_sign sign = {.region = regions[i], .no_region = regions[i][0] == '\0'};
            if (strict & 2)
                rig_presign(&rig, sign);
            else
                rig_sign(&rig, sign);
            if ((strict & 1) && i > 0)
                ck_fails(rig_authenticate(&rig), AUTH_WRONG_REGION);
            else
                ck_ok(rig_authenticate(&rig));
            ck_assert(sg_bytes_eq_str(rig.f.req.auth.claim.region, regions[i]));
            rig_clear(&rig);
        }
    }
}
END_TEST

/* --- tokens --- */

START_TEST(session_tokens_belong_to_nobody_here)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key");
    rig_header(&rig, "X-Amz-Security-Token", "token");
    rig_sign(&rig, (struct rig_sign){.signed_headers = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token"});
    ck_fails(rig_authenticate(&rig), TOKEN_INVALID);
    rig_clear(&rig);

    rig_init(&rig, "GET", "/bucket/key");
    rig_presign(&rig, (struct rig_sign){.more = "&X-Amz-Security-Token=token"});
    ck_fails(rig_authenticate(&rig), TOKEN_INVALID);
    rig_clear(&rig);

    rig_init(&rig, "GET", "/bucket/key");
    rig_header(&rig, "x-amz-s3session-token", "token");
    rig_sign(&rig, (struct rig_sign){.signed_headers = "host;x-amz-content-sha256;x-amz-date;x-amz-s3session-token"});
    ck_fails(rig_authenticate(&rig), TOKEN_INVALID);
    rig_clear(&rig);

    rig_init(&rig, "GET", "/bucket/key?x-amz-security-token=token");
    rig_sign(&rig, RIG_SIGN_DEFAULT);
    ck_fails(rig_authenticate(&rig), TOKEN_INVALID);
    rig_clear(&rig);
}
END_TEST

/* --- signed headers --- */

static const struct {
    const char *name, *signed_headers, *missing;
} unsigned_headers[] = {
    {NULL, "x-amz-content-sha256;x-amz-date", "Host"},
    {NULL, "host;x-amz-date", "x-amz-content-sha256"},
    {NULL, "host;x-amz-content-sha256", "x-amz-date"},
    {"x-amz-acl", "host;x-amz-content-sha256;x-amz-date", "x-amz-acl"},
    {"X-Amz-Meta-Name", "host;x-amz-content-sha256;x-amz-date", "X-Amz-Meta-Name"},
    {"x-amz-meta-name", "host;x-amz-content-sha256;x-amz-date;x-amz-meta-nam", "x-amz-meta-name"},
    {"x-amz-meta-name", "host;x-amz-content-sha256;x-amz-date;x-amz-meta-name2", "x-amz-meta-name"},
    {"x-amz-", "host;x-amz-content-sha256;x-amz-date", "x-amz-"},
    {"x-amz-copy-source", "date;host", "x-amz-copy-source, x-amz-date, x-amz-content-sha256"},
};

START_TEST(host_and_every_amz_header_must_be_signed)
{
    struct rig rig;
    rig_init(&rig, "PUT", "/bucket/key");
    if (unsigned_headers[_i].name != NULL)
        rig_header(&rig, unsigned_headers[_i].name, "value");
    rig_sign(&rig, (struct rig_sign){.signed_headers = unsigned_headers[_i].signed_headers});
    ck_fails(rig_authenticate(&rig), HEADERS_NOT_SIGNED);
    ck_assert_msg(sg_bytes_eq_str(rig.f.req.auth.claim.headers_not_signed, unsigned_headers[_i].missing), "%.*s",
                  SG_BYTES_FMT(rig.f.req.auth.claim.headers_not_signed));
    rig_clear(&rig);
}
END_TEST

START_TEST(a_presigned_url_takes_no_further_amz_headers)
{
    struct rig rig;
    rig_init(&rig, "PUT", "/bucket/key");
    rig_presign(&rig, RIG_SIGN_DEFAULT);
    rig_header(&rig, "x-amz-acl", "public-read");
    ck_fails(rig_authenticate(&rig), HEADERS_NOT_SIGNED);
    rig_clear(&rig);

    rig_init(&rig, "PUT", "/bucket/key");
    rig_header(&rig, "x-amz-acl", "private");
    rig_presign(&rig, (struct rig_sign){.signed_headers = "host;x-amz-acl"});
    ck_ok(rig_authenticate(&rig));
    rig_clear(&rig);
}
END_TEST

/* --- the signature --- */

START_TEST(an_unknown_id_is_unknown_whatever_the_signature)
{
    static const char *const ids[] = {"AKIAUNKNOWN", "", RIG_ID "x", "akiaiosfodnn7example"};
    for (size_t i = 0; i < SG_COUNT_OF(ids); i++) {
        struct rig rig;
        rig_init(&rig, "GET", "/bucket/key");
        rig_sign(&rig, (struct rig_sign){.access_key_id = ids[i], .secret = RIG_SECRET});
        if (ids[i][0] == '\0')
            ck_fails(rig_authenticate(&rig), AUTH_MALFORMED);
        else
            ck_fails(rig_authenticate(&rig), UNKNOWN_ACCESS_KEY);
        ck_assert_ptr_null(rig.f.req.auth.who);
        rig_clear(&rig);
    }
}
END_TEST

START_TEST(every_character_of_the_signature_counts)
{
    for (size_t i = 0; i < SGS_SIGNATURE_LEN; i++) {
        struct rig rig;
        rig_init(&rig, "GET", "/bucket/key");
        rig_presign(&rig, RIG_SIGN_DEFAULT);
        uint8_t *digit = rig.target.ptr + rig.target.len - 1 - i;
        *digit = *digit == '0' ? '1' : '0';
        ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
        rig_clear(&rig);
    }
}
END_TEST

START_TEST(a_signature_of_another_length_or_case_is_wrong)
{
    struct rig rig;
    for (size_t cut = 1; cut < SGS_SIGNATURE_LEN; cut += 9) {
        rig_init(&rig, "GET", "/bucket/key");
        rig_presign(&rig, RIG_SIGN_DEFAULT);
        sgc_buf_truncate(&rig.target, rig.target.len - cut);
        ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
        rig_clear(&rig);
    }
    rig_init(&rig, "GET", "/bucket/key");
    rig_presign(&rig, RIG_SIGN_DEFAULT);
    ck_ok(sgc_buf_append_str(&rig.target, "00"));
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    rig_clear(&rig);

    rig_init(&rig, "GET", "/bucket/key");
    rig_presign(&rig, RIG_SIGN_DEFAULT);
    for (size_t i = rig.target.len - SGS_SIGNATURE_LEN; i < rig.target.len; i++)
        rig.target.ptr[i] = (uint8_t)(rig.target.ptr[i] >= 'a' ? rig.target.ptr[i] - 32 : rig.target.ptr[i]);
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    rig_clear(&rig);
}
END_TEST

/* Each changes one thing after the signature was made. */
static void change_method(struct rig *rig)
{
    rig->f.req.head.method = SG_BYTES_LIT("PUT");
}

static void replace_in_target(struct rig *rig, char from, uint8_t to)
{
    size_t at = sg_bytes_find(sgc_buf_view(&rig->target), (uint8_t)from);
    ck_assert_uint_lt(at, rig->target.len);
    rig->target.ptr[at] = to;
}

static void change_key(struct rig *rig)
{
    replace_in_target(rig, 'y', 'Y');
}

static void change_bucket(struct rig *rig)
{
    replace_in_target(rig, 'b', 'd');
}

static void change_query(struct rig *rig)
{
    replace_in_target(rig, '7', '8');
}

static void add_query(struct rig *rig)
{
    ck_ok(sgc_buf_append_str(&rig->target, "&acl"));
}

static void drop_query(struct rig *rig)
{
    rig->target.len = sg_bytes_find(sgc_buf_view(&rig->target), '?');
}

/* Rebuilds the header list with one value changed. */
static void set_value(struct rig *rig, const char *name, const char *value)
{
    struct sgs_headers *headers = &rig->f.req.head.headers;
    struct sgs_headers old = *headers;
    *headers = SGS_HEADERS_NONE;
    for (size_t i = 0; i < old.count; i++) {
        struct sgs_header header = sgs_headers_at(&old, i);
        bool hit = sg_bytes_eq_nocase(header.name, sg_bytes_str(name));
        ck_ok(sgs_headers_add(headers, header.name, hit ? sg_bytes_str(value) : header.value));
    }
    sgs_headers_clear(&old);
}

static void change_host(struct rig *rig)
{
    set_value(rig, "Host", "localhost:9001");
}

static void change_date(struct rig *rig)
{
    set_value(rig, "x-amz-date", "20130524T000001Z");
}

static void change_hash(struct rig *rig)
{
    set_value(rig, "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
}

static void change_hash_to_streaming(struct rig *rig)
{
    set_value(rig, "x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
}

static void change_metadata(struct rig *rig)
{
    set_value(rig, "x-amz-meta-a", "other");
}

static void repeat_metadata(struct rig *rig)
{
    rig_header(rig, "x-amz-meta-a", "value");
}

static void change_signed_type(struct rig *rig)
{
    set_value(rig, "Content-Type", "text/html");
}

static void (*const changes[])(struct rig *) = {
    change_method,      change_key,  change_bucket, change_query,    add_query,       drop_query,
    change_host,        change_date, change_hash,   change_metadata, repeat_metadata, change_hash_to_streaming,
    change_signed_type,
};

START_TEST(whatever_is_signed_cannot_be_changed)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key?versionId=7");
    rig_header(&rig, "x-amz-meta-a", "value");
    rig_header(&rig, "Content-Type", "text/plain");
    rig_sign(&rig,
             (struct rig_sign){.signed_headers = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-a"});
    ck_ok(rig_authenticate(&rig));
    changes[_i](&rig);
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    rig_clear(&rig);
}
END_TEST

static const char *const presigned_changes[][2] = {
    {"X-Amz-Expires=3600", "X-Amz-Expires=3601"},
    {"20130524T000000Z", "20130524T000001Z"},
    {"versionId=7", "versionId=8"},
    {"&X-Amz-SignedHeaders=host", "&X-Amz-SignedHeaders=host;range"},
    {"/us-east-1/", "/us-east-2/"},
    {"bucket", "backet"},
    {"&X-Amz-Signature=", "&acl=&X-Amz-Signature="},
    {"&X-Amz-Signature=", "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Signature="},
};

START_TEST(nothing_of_a_presigned_url_can_be_changed)
{
    struct rig rig;
    char text[2048], changed[2048];
    rig_init(&rig, "GET", "/bucket/key?versionId=7");
    rig_presign(&rig, RIG_SIGN_DEFAULT);
    ck_ok(rig_authenticate(&rig));
    (void)snprintf(text, sizeof(text), "%.*s", SG_BYTES_FMT(sgc_buf_view(&rig.target)));
    const char *at = strstr(text, presigned_changes[_i][0]);
    ck_assert_ptr_nonnull(at);
    (void)snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, presigned_changes[_i][1],
                   at + strlen(presigned_changes[_i][0]));
    sgc_buf_truncate(&rig.target, 0);
    ck_ok(sgc_buf_append_str(&rig.target, changed));
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_header_signature_is_no_presigned_url_and_the_other_way_round)
{
    struct rig rig;
    struct sg_bytes authorization;
    char target[1024];
    rig_init(&rig, "GET", "/bucket/key");
    rig_sign(&rig, RIG_SIGN_DEFAULT);
    ck_assert(sgs_headers_find(&rig.f.req.head.headers, "Authorization", &authorization));
    struct sg_bytes hex = sg_bytes_skip(authorization, authorization.len - SGS_SIGNATURE_LEN);
    (void)snprintf(target, sizeof(target),
                   "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s/20130524/us-east-1/s3/aws4_request"
                   "&X-Amz-Date=%s&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=%.*s",
                   RIG_ID, RIG_DATE, SG_BYTES_FMT(hex));
    rig_clear(&rig);
    rig_init(&rig, "GET", target);
    ck_fails(rig_authenticate(&rig), SIGNATURE_MISMATCH);
    rig_clear(&rig);
}
END_TEST

/* A newline that a URL can spell must not become a line of the canonical request. */
START_TEST(escaped_line_feeds_stay_inside_their_parameter)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/key%0Ahost:x?prefix=a%0Ab");
    rig_sign(&rig, RIG_SIGN_DEFAULT);
    ck_ok(rig_authenticate(&rig));
    rig_clear(&rig);
}
END_TEST

/* The canonical form of the longest head must fit: a client must never get an internal error out of it. */
START_TEST(the_longest_head_is_verified)
{
    struct rig rig;
    rig_init(&rig, "GET", "/bucket/");
    for (size_t i = 0; i < SG_LIMIT_KEY; i++)
        ck_ok(sgc_buf_append_u8(&rig.target, '|'));
    ck_ok(sgc_buf_append_str(&rig.target, "?prefix="));
    while (rig.target.len < SG_LIMIT_TARGET)
        ck_ok(sgc_buf_append_u8(&rig.target, '|'));
    char value[600];
    memset(value, 'v', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    for (size_t i = 0; i < 90; i++)
        rig_header(&rig, "User-Agent", value);
    rig_sign(&rig, (struct rig_sign){.signed_headers = "host;user-agent;x-amz-content-sha256;x-amz-date"});
    ck_ok(rig_authenticate(&rig));
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("auth/sigv4_verify", TEST(the_longest_head_is_verified), TEST(a_good_request_says_who_and_how),
             TEST(every_known_credential_works_with_its_own_secret_only), TEST(a_presigned_url_is_accepted),
             TEST_LOOP(a_signature_over_the_path_as_sent_is_accepted, SG_COUNT_OF(raw_paths)),
             TEST(signed_chunks_get_their_key_and_others_do_not),
             TEST(the_published_chunked_upload_verifies_and_its_chain_goes_on),
             TEST_LOOP(clocks_may_differ_by_fifteen_minutes, SG_COUNT_OF(skews)),
             TEST_LOOP(presigned_urls_live_as_long_as_they_say, SG_COUNT_OF(expiries)),
             TEST(the_clock_is_asked_before_the_signature), TEST(any_region_will_do_unless_one_is_demanded),
             TEST(session_tokens_belong_to_nobody_here),
             TEST_LOOP(host_and_every_amz_header_must_be_signed, SG_COUNT_OF(unsigned_headers)),
             TEST(a_presigned_url_takes_no_further_amz_headers), TEST(an_unknown_id_is_unknown_whatever_the_signature),
             TEST(every_character_of_the_signature_counts), TEST(a_signature_of_another_length_or_case_is_wrong),
             TEST_LOOP(whatever_is_signed_cannot_be_changed, SG_COUNT_OF(changes)),
             TEST_LOOP(nothing_of_a_presigned_url_can_be_changed, SG_COUNT_OF(presigned_changes)),
             TEST(a_header_signature_is_no_presigned_url_and_the_other_way_round),
             TEST(escaped_line_feeds_stay_inside_their_parameter))
