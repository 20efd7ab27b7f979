/* Is a signature's syntax read exactly, and everything else refused? */
#include "rig.h"

#include "auth/sigv4_parse.h"
#include "core/target.h"

#include "common/banned.h"

#define SCOPE     "20130524/us-east-1/s3/aws4_request"
#define CRED      "Credential=AKID/" SCOPE
#define HEADERS   "SignedHeaders=host;x-amz-date"
#define HEX       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
#define SIGNATURE "Signature=" HEX
#define V4        "AWS4-HMAC-SHA256 "

static sg_err parse_header(struct fake_req *f, const char *authorization, struct sg_sigv4 *out)
{
    fake_req_init(f, "GET", "/bucket/key");
    fake_req_header(f, "Host", "localhost");
    fake_req_header(f, "Authorization", authorization);
    fake_req_header(f, "x-amz-date", RIG_DATE);
    fake_req_header(f, "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    return sg_sigv4_parse_header(&f->req, out);
}

static sg_err parse_query(struct fake_req *f, const char *target, struct sg_sigv4 *out)
{
    fake_req_init(f, "GET", target);
    fake_req_header(f, "Host", "localhost");
    SG_TRY(sg_target_parse(&f->req));
    return sg_sigv4_parse_query(&f->req, out);
}

/* --- Authorization header --- */

static const struct {
    const char *text, *id, *region;
} good[] = {
    {V4 CRED ", " HEADERS ", " SIGNATURE, "AKID", "us-east-1"},
    {V4 CRED "," HEADERS "," SIGNATURE, "AKID", "us-east-1"},
    {V4 CRED " ,  " HEADERS "\t, " SIGNATURE " ", "AKID", "us-east-1"},
    {"AWS4-HMAC-SHA256   " CRED "," HEADERS "," SIGNATURE, "AKID", "us-east-1"},
    {V4 SIGNATURE ", " HEADERS ", " CRED, "AKID", "us-east-1"},
    {V4 "Credential=a/b//c/" SCOPE ", " HEADERS ", " SIGNATURE, "a/b//c", "us-east-1"},
    {V4 "Credential=a=b/" SCOPE ", " HEADERS ", " SIGNATURE, "a=b", "us-east-1"},
    {V4 "Credential=/" SCOPE "/" SCOPE ", " HEADERS ", " SIGNATURE, "/" SCOPE, "us-east-1"},
    {V4 "Credential=AKID/20130524//s3/aws4_request, " HEADERS ", " SIGNATURE, "AKID", ""},
    {V4 "Credential=AKID/20130524/auto/s3/aws4_request, " HEADERS ", " SIGNATURE, "AKID", "auto"},
    {V4 "Credential=AKID/20130524/My_Region.1/s3/aws4_request, " HEADERS ", " SIGNATURE, "AKID", "My_Region.1"},
};

START_TEST(good_headers_are_read)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    ck_ok(parse_header(&f, good[_i].text, &sig));
    ck_assert(!sig.presigned);
    ck_assert(sg_bytes_eq_str(sig.access_key_id, good[_i].id));
    ck_assert(sg_bytes_eq_str(sig.scope.region, good[_i].region));
    ck_assert(sg_bytes_eq_str(sig.scope.date, "20130524"));
    ck_assert(sg_bytes_eq_str(sig.signed_headers, "host;x-amz-date"));
    ck_assert(sg_bytes_eq_str(sig.signature, HEX));
    ck_assert(sg_bytes_eq_str(sig.amz_date, RIG_DATE));
    ck_assert_int_eq(sig.time_s, FAKE_REQ_WALL_S);
    ck_assert_int_eq(sig.payload, SG_PAYLOAD_UNSIGNED);
    ck_assert(sg_bytes_eq_str(f.req.auth.claim.access_key_id, good[_i].id));
    fake_req_clear(&f);
}
END_TEST

#define K64  "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
#define K128 K64 K64

static const char *const bad[] = {
    /* the scheme and its fields */
    "AWS4-HMAC-SHA256",
    V4,
    "AWS4-HMAC-SHA256" CRED ", " HEADERS ", " SIGNATURE,
    "AWS4-HMAC-SHA256, " CRED ", " HEADERS ", " SIGNATURE,
    "AWS4-HMAC-SHA2567 " CRED ", " HEADERS ", " SIGNATURE,
    V4 CRED,
    V4 CRED ", " HEADERS,
    V4 CRED ", " SIGNATURE,
    V4 HEADERS ", " SIGNATURE,
    V4 CRED " " HEADERS " " SIGNATURE,
    V4 CRED "; " HEADERS "; " SIGNATURE,
    V4 CRED ", " HEADERS ", " SIGNATURE ",",
    V4 "," CRED ", " HEADERS ", " SIGNATURE,
    V4 CRED ",, " HEADERS ", " SIGNATURE,
    V4 CRED ", " HEADERS ", " SIGNATURE ", Extra=1",
    V4 CRED ", " CRED ", " HEADERS ", " SIGNATURE,
    V4 CRED ", " HEADERS ", " HEADERS,
    V4 CRED ", " SIGNATURE ", " SIGNATURE,
    V4 CRED ", " HEADERS ", " SIGNATURE ", " SIGNATURE,
    V4 "credential=AKID/" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 CRED ", signedheaders=host, " SIGNATURE,
    V4 CRED ", " HEADERS ", signature=" HEX,
    V4 "Credential AKID/" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 "Credential = AKID/" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 "Credential=, " HEADERS ", " SIGNATURE,
    V4 CRED ", SignedHeaders=, " SIGNATURE,
    V4 CRED ", " HEADERS ", Signature=",
    V4 CRED ", " HEADERS ", Signature",
    /* the credential */
    V4 "Credential=" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 "Credential=/" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1/s3, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1/s3/aws4_request/, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1/s3/aws4_requests, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1/s3/AWS4_REQUEST, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1/ec2/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1/S3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1/s3express/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us-east-1//aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us east/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/us\teast/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/r\xc3\xa9gion/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130524/" K64 "/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/2013052/us-east-1/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/201305245/us-east-1/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/2013052x/us-east-1/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID//us-east-1/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130525/us-east-1/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=AKID/20130523/us-east-1/s3/aws4_request, " HEADERS ", " SIGNATURE,
    V4 "Credential=" K128 "k/" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 "Credential=AK ID/" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 "Credential=AK\x01ID/" SCOPE ", " HEADERS ", " SIGNATURE,
    V4 "Credential=AK\xc3\xa9/" SCOPE ", " HEADERS ", " SIGNATURE,
    /* the signed headers */
    V4 CRED ", SignedHeaders=Host;x-amz-date, " SIGNATURE,
    V4 CRED ", SignedHeaders=x-amz-date;host, " SIGNATURE,
    V4 CRED ", SignedHeaders=host;host, " SIGNATURE,
    V4 CRED ", SignedHeaders=host;;x-amz-date, " SIGNATURE,
    V4 CRED ", SignedHeaders=;host, " SIGNATURE,
    V4 CRED ", SignedHeaders=host;, " SIGNATURE,
    V4 CRED ", SignedHeaders=;, " SIGNATURE,
    V4 CRED ", SignedHeaders=host; x-amz-date, " SIGNATURE,
    V4 CRED ", SignedHeaders=host:x;x-amz-date, " SIGNATURE,
    V4 CRED ", SignedHeaders=host;x-amz-\xc3\xa9, " SIGNATURE,
};

START_TEST(bad_headers_are_refused)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    sg_err err = parse_header(&f, bad[_i], &sig);
    ck_assert_msg(sg_is(err, AUTH_MALFORMED), "%s gave %s", bad[_i], sg_err_row(err)->name);
    fake_req_clear(&f);
}
END_TEST

START_TEST(the_longest_id_fits)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    ck_ok(parse_header(&f, V4 "Credential=" K128 "/" SCOPE ", " HEADERS ", " SIGNATURE, &sig));
    fake_req_clear(&f);
}
END_TEST

START_TEST(too_many_signed_headers_are_refused)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(4096);
    ck_ok(sgc_buf_append_str(&text, V4 CRED ", " SIGNATURE ", SignedHeaders=h000"));
    for (unsigned i = 1; i <= SG_LIMIT_HEADER_COUNT; i++)
        ck_ok(sgc_buf_appendf(&text, ";h%03u", i));
    ck_ok(sgc_buf_append_u8(&text, 0));
    ck_fails(parse_header(&f, (const char *)text.ptr, &sig), AUTH_MALFORMED);
    fake_req_clear(&f);
}
END_TEST

static const char *const twice[] = {"Authorization", "x-amz-date", "x-amz-content-sha256"};

START_TEST(a_header_that_matters_stands_once)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    ck_ok(parse_header(&f, V4 CRED "," HEADERS "," SIGNATURE, &sig));
    struct sg_bytes value;
    ck_assert(sgs_headers_find(&f.req.head.headers, twice[_i], &value));
    struct sg_bytes copy;
    ck_ok(sg_arena_copy(&f.req.arena, value, &copy));
    ck_ok(sgs_headers_add(&f.req.head.headers, sg_bytes_str(twice[_i]), copy));
    ck_assert(!sg_is_ok(sg_sigv4_parse_header(&f.req, &sig)));
    fake_req_clear(&f);
}
END_TEST

/* --- dates --- */

static const struct {
    const char *amz_date, *date;
    enum sg_code code;
} dates[] = {
    {RIG_DATE, NULL, SG_CODE_OK},
    {RIG_DATE, "Sat, 01 Jan 2000 00:00:00 GMT", SG_CODE_OK},
    {RIG_DATE, "nonsense", SG_CODE_OK},
    {NULL, "Fri, 24 May 2013 00:00:00 GMT", SG_CODE_OK},
    {NULL, RIG_DATE, SG_CODE_OK},
    {NULL, NULL, SG_CODE_DATE_MISSING},
    {"", "Fri, 24 May 2013 00:00:00 GMT", SG_CODE_DATE_MISSING},
    {"Fri, 24 May 2013 00:00:00 GMT", NULL, SG_CODE_DATE_MISSING},
    {"2013-05-24T00:00:00Z", NULL, SG_CODE_DATE_MISSING},
    {"20130524T000000", NULL, SG_CODE_DATE_MISSING},
    {"20130524T000000z", NULL, SG_CODE_DATE_MISSING},
    {"20130524T240000Z", NULL, SG_CODE_DATE_MISSING},
    {"20130532T000000Z", NULL, SG_CODE_DATE_MISSING},
    {"1369353600", NULL, SG_CODE_DATE_MISSING},
    {NULL, "Thu, 24 May 2013 00:00:00 GMT", SG_CODE_DATE_MISSING},
    {NULL, "Fri, 24 May 2013 00:00:00 +0000", SG_CODE_DATE_MISSING},
    {NULL, "", SG_CODE_DATE_MISSING},
    {NULL, "Sat, 25 May 2013 00:00:00 GMT", SG_CODE_AUTH_MALFORMED},
    {"20130525T000000Z", NULL, SG_CODE_AUTH_MALFORMED},
};

START_TEST(x_amz_date_wins_over_date)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    fake_req_init(&f, "GET", "/bucket/key");
    fake_req_header(&f, "Authorization", V4 CRED "," HEADERS "," SIGNATURE);
    fake_req_header(&f, "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    if (dates[_i].amz_date != NULL)
        fake_req_header(&f, "X-Amz-Date", dates[_i].amz_date);
    if (dates[_i].date != NULL)
        fake_req_header(&f, "Date", dates[_i].date);
    sg_err err = sg_sigv4_parse_header(&f.req, &sig);
    ck_assert_msg(err.code == dates[_i].code, "%d: %s", _i, sg_err_row(err)->name);
    if (sg_is_ok(err)) {
        ck_assert(sg_bytes_eq_str(sig.amz_date, RIG_DATE));
        ck_assert_int_eq(sig.time_s, FAKE_REQ_WALL_S);
    }
    fake_req_clear(&f);
}
END_TEST

/* --- payload hashes --- */

static const struct {
    const char *value;
    enum sg_code code;
    enum sg_payload payload;
} payloads[] = {
    {SGS_EMPTY_SHA256, SG_CODE_OK, SG_PAYLOAD_SHA256},
    {"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", SG_CODE_OK, SG_PAYLOAD_SHA256},
    {" UNSIGNED-PAYLOAD ", SG_CODE_OK, SG_PAYLOAD_UNSIGNED},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SG_CODE_OK, SG_PAYLOAD_CHUNKED_SIGNED},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", SG_CODE_OK, SG_PAYLOAD_CHUNKED_SIGNED_TRAILER},
    {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", SG_CODE_OK, SG_PAYLOAD_CHUNKED_TRAILER},
    {NULL, SG_CODE_SHA256_MISSING, SG_PAYLOAD_SHA256},
    {"", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"unsigned-payload", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"UNSIGNED-PAYLOAD2", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"STREAMING-UNSIGNED-PAYLOAD", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILERS", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"STREAMING-AWS4-HMAC-SHA256-EVENTS", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", SG_CODE_SHA256_INVALID, SG_PAYLOAD_SHA256},
    {"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", SG_CODE_NOT_IMPLEMENTED, SG_PAYLOAD_SHA256},
    {"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER", SG_CODE_NOT_IMPLEMENTED, SG_PAYLOAD_SHA256},
};

START_TEST(payload_values_are_known_or_refused)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    fake_req_init(&f, "PUT", "/bucket/key");
    fake_req_header(&f, "Authorization", V4 CRED "," HEADERS "," SIGNATURE);
    fake_req_header(&f, "x-amz-date", RIG_DATE);
    if (payloads[_i].value != NULL)
        fake_req_header(&f, "x-amz-content-sha256", payloads[_i].value);
    sg_err err = sg_sigv4_parse_header(&f.req, &sig);
    ck_assert_msg(err.code == payloads[_i].code, "%s: %s", payloads[_i].value, sg_err_row(err)->name);
    if (sg_is_ok(err))
        ck_assert_int_eq(sig.payload, payloads[_i].payload);
    fake_req_clear(&f);
}
END_TEST

/* --- query --- */

#define Q_ALG  "X-Amz-Algorithm=AWS4-HMAC-SHA256"
#define Q_CRED "&X-Amz-Credential=AKID%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
#define Q_DATE "&X-Amz-Date=" RIG_DATE
#define Q_EXP  "&X-Amz-Expires=86400"
#define Q_HEAD "&X-Amz-SignedHeaders=host%3Bx-amz-date"
#define Q_SIG  "&X-Amz-Signature=" HEX
#define Q_ALL  Q_ALG Q_CRED Q_DATE Q_EXP Q_HEAD Q_SIG

static const struct {
    const char *query;
    uint64_t expires_s;
} good_queries[] = {
    {Q_ALL, 86400},
    {"prefix=a&" Q_ALL "&x-id=GetObject", 86400},
    {"X-Amz-Signature=" HEX "&" Q_ALG Q_CRED Q_DATE Q_EXP Q_HEAD, 86400},
    {Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=604800" Q_HEAD Q_SIG, 604800},
    {Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=1" Q_HEAD Q_SIG, 1},
    {Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=0" Q_HEAD Q_SIG, 0},
    {Q_ALG "&X-Amz-Credential=AKID/20130524/us-east-1/s3/aws4_request" Q_DATE Q_EXP Q_HEAD Q_SIG, 86400},
    {Q_ALL "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD", 86400},
};

START_TEST(good_queries_are_read)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    char target[1024];
    (void)snprintf(target, sizeof(target), "/bucket/key?%s", good_queries[_i].query);
    ck_ok(parse_query(&f, target, &sig));
    ck_assert(sig.presigned);
    ck_assert(sg_bytes_eq_str(sig.access_key_id, "AKID"));
    ck_assert_uint_eq(sig.expires_s, good_queries[_i].expires_s);
    ck_assert_int_eq(sig.payload, SG_PAYLOAD_UNSIGNED);
    ck_assert(sg_bytes_eq_str(sig.signature, HEX));
    fake_req_clear(&f);
}
END_TEST

static const char *const bad_queries[] = {
    /* missing */
    Q_CRED Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_EXP Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_EXP Q_HEAD,
    /* repeated */
    Q_ALL "&" Q_ALG,
    Q_ALL Q_CRED,
    Q_ALL Q_DATE,
    Q_ALL Q_EXP,
    Q_ALL Q_HEAD,
    Q_ALL Q_SIG,
    Q_ALL "&X-Amz-Signature=",
    Q_ALL "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD",
    /* empty, or under another name */
    "X-Amz-Algorithm=" Q_CRED Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG "&X-Amz-Credential" Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_EXP Q_HEAD "&X-Amz-Signature=",
    Q_ALG Q_CRED Q_DATE Q_EXP Q_HEAD "&x-amz-signature=" HEX,
    "x-amz-algorithm=AWS4-HMAC-SHA256" Q_CRED Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_CRED "&X-AMZ-DATE=" RIG_DATE Q_EXP Q_HEAD Q_SIG,
    /* values */
    "X-Amz-Algorithm=AWS4-HMAC-SHA1" Q_CRED Q_DATE Q_EXP Q_HEAD Q_SIG,
    "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256" Q_CRED Q_DATE Q_EXP Q_HEAD Q_SIG,
    "X-Amz-Algorithm=aws4-hmac-sha256" Q_CRED Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG "&X-Amz-Credential=AKID" Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG "&X-Amz-Credential=AKID/20130524/us-east-1/s3express/aws4_request" Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG "&X-Amz-Credential=AKID/20130525/us-east-1/s3/aws4_request" Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG "&X-Amz-Credential=A%0AB/20130524/us-east-1/s3/aws4_request" Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG "&X-Amz-Credential=AKID/20130524/us%0Aeast/s3/aws4_request" Q_DATE Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_CRED "&X-Amz-Date=20130524" Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_CRED "&X-Amz-Date=Fri,+24+May+2013+00:00:00+GMT" Q_EXP Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=604801" Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=-1" Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=+60" Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=60s" Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=0x10" Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=6.0" Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE "&X-Amz-Expires=18446744073709551617" Q_HEAD Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_EXP "&X-Amz-SignedHeaders=Host" Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_EXP "&X-Amz-SignedHeaders=host%0Ax" Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_EXP "&X-Amz-SignedHeaders=x-amz-date;host" Q_SIG,
    Q_ALG Q_CRED Q_DATE Q_EXP "&X-Amz-SignedHeaders=;" Q_SIG,
};

START_TEST(bad_queries_are_refused)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    char target[2048];
    (void)snprintf(target, sizeof(target), "/bucket/key?%s", bad_queries[_i]);
    sg_err err = parse_query(&f, target, &sig);
    ck_assert_msg(sg_is(err, AUTH_QUERY_MALFORMED), "%s gave %s", bad_queries[_i], sg_err_row(err)->name);
    fake_req_clear(&f);
}
END_TEST

static const struct {
    const char *in_query, *in_header;
    enum sg_code code;
    enum sg_payload payload;
} presigned_payloads[] = {
    {NULL, NULL, SG_CODE_OK, SG_PAYLOAD_UNSIGNED},
    {SGS_EMPTY_SHA256, NULL, SG_CODE_OK, SG_PAYLOAD_SHA256},
    {NULL, SGS_EMPTY_SHA256, SG_CODE_OK, SG_PAYLOAD_SHA256},
    {SGS_EMPTY_SHA256, SGS_EMPTY_SHA256, SG_CODE_OK, SG_PAYLOAD_SHA256},
    {"UNSIGNED-PAYLOAD", SGS_EMPTY_SHA256, SG_CODE_SHA256_INVALID, SG_PAYLOAD_UNSIGNED},
    {SGS_EMPTY_SHA256, "UNSIGNED-PAYLOAD", SG_CODE_SHA256_INVALID, SG_PAYLOAD_UNSIGNED},
    {"", NULL, SG_CODE_SHA256_INVALID, SG_PAYLOAD_UNSIGNED},
    {"nonsense", NULL, SG_CODE_SHA256_INVALID, SG_PAYLOAD_UNSIGNED},
    {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", NULL, SG_CODE_SHA256_NOT_STREAMABLE, SG_PAYLOAD_UNSIGNED},
    {NULL, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", SG_CODE_SHA256_NOT_STREAMABLE, SG_PAYLOAD_UNSIGNED},
    {NULL, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SG_CODE_SHA256_NOT_STREAMABLE, SG_PAYLOAD_UNSIGNED},
};

START_TEST(a_presigned_payload_is_unsigned_unless_it_says_otherwise)
{
    struct fake_req f;
    struct sg_sigv4 sig;
    char target[1024];
    bool in_query = presigned_payloads[_i].in_query != NULL;
    (void)snprintf(target, sizeof(target), "/bucket/key?%s%s%s", Q_ALL, in_query ? "&X-Amz-Content-Sha256=" : "",
                   in_query ? presigned_payloads[_i].in_query : "");
    fake_req_init(&f, "PUT", target);
    fake_req_header(&f, "Host", "localhost");
    if (presigned_payloads[_i].in_header != NULL)
        fake_req_header(&f, "x-amz-content-sha256", presigned_payloads[_i].in_header);
    ck_ok(sg_target_parse(&f.req));
    sg_err err = sg_sigv4_parse_query(&f.req, &sig);
    ck_assert_msg(err.code == presigned_payloads[_i].code, "%d: %s", _i, sg_err_row(err)->name);
    if (sg_is_ok(err))
        ck_assert_int_eq(sig.payload, presigned_payloads[_i].payload);
    fake_req_clear(&f);
}
END_TEST

START_TEST(signed_headers_are_found_whole_and_in_any_case)
{
    struct sg_sigv4 sig = {.signed_headers = SG_BYTES_LIT("host;x-amz-date")};
    ck_assert(sg_sigv4_is_signed(&sig, SG_BYTES_LIT("Host")));
    ck_assert(sg_sigv4_is_signed(&sig, SG_BYTES_LIT("X-Amz-Date")));
    ck_assert(!sg_sigv4_is_signed(&sig, SG_BYTES_LIT("x-amz-dat")));
    ck_assert(!sg_sigv4_is_signed(&sig, SG_BYTES_LIT("host;x-amz-date")));
    ck_assert(!sg_sigv4_is_signed(&sig, SG_BYTES_LIT("")));
}
END_TEST

SG_TEST_MAIN("auth/sigv4_parse", TEST_LOOP(good_headers_are_read, SG_COUNT_OF(good)),
             TEST_LOOP(bad_headers_are_refused, SG_COUNT_OF(bad)), TEST(the_longest_id_fits),
             TEST(too_many_signed_headers_are_refused),
             TEST_LOOP(a_header_that_matters_stands_once, SG_COUNT_OF(twice)),
             TEST_LOOP(x_amz_date_wins_over_date, SG_COUNT_OF(dates)),
             TEST_LOOP(payload_values_are_known_or_refused, SG_COUNT_OF(payloads)),
             TEST_LOOP(good_queries_are_read, SG_COUNT_OF(good_queries)),
             TEST_LOOP(bad_queries_are_refused, SG_COUNT_OF(bad_queries)),
             TEST_LOOP(a_presigned_payload_is_unsigned_unless_it_says_otherwise, SG_COUNT_OF(presigned_payloads)),
             TEST(signed_headers_are_found_whole_and_in_any_case))
