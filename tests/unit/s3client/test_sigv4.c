/* Do we sign what independent signers sign, and does every difference of a request change its canonical form? */
#include "s3client/sigv4.h"

#include <dirent.h>

#include "support/check_main.h"
#include "support/vectors.h"

#include "common/banned.h"

#define BUF(name, max) SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(max)
#define SECRET(name)   SG_CLEANUP(sgc_secret_clear) struct sgc_secret name = SGC_SECRET_NONE

/* A received request, as tests/vectors/sigv4/generate.py writes it. */
struct request {
    struct sg_bytes method;
    struct sgc_buf path; /* canonical */
    struct sgs_query query;
    struct sgs_headers headers;
};

static void request_clear(struct request *r)
{
    sgc_buf_clear(&r->path);
    sgs_query_clear(&r->query);
    sgs_headers_clear(&r->headers);
}

static void read_file(const char *name, const char *file, struct sgc_buf *out)
{
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/tests/vectors/sigv4/%s/%s", SG_SOURCE_DIR, name, file);
    FILE *stream = fopen(path, "rb");
    ck_assert_msg(stream != NULL, "no %s", path);
    for (int c; (c = fgetc(stream)) != EOF;)
        ck_ok(sgc_buf_append_u8(out, (uint8_t)c));
    (void)fclose(stream);
}

static void read_target(struct sg_bytes target, struct request *out)
{
    BUF(key, SG_LIMIT_TARGET);
    size_t mark = sg_bytes_find(target, '?');
    ck_ok(sgs_uri_decode(sg_bytes_slice(target, 0, mark), &key));
    ck_ok(sgs_uri_encode(sgc_buf_view(&key), true, &out->path));
    ck_ok(sgs_query_parse(sg_bytes_skip(target, mark + 1), &out->query));
}

static void read_request(struct sg_bytes text, struct request *out)
{
    struct sg_cursor lines = sg_cursor(text);
    struct sg_bytes line, target;
    ck_assert(sg_cursor_until(&lines, '\n', &line));
    struct sg_cursor words = sg_cursor(line);
    ck_assert(sg_cursor_until(&words, ' ', &out->method));
    ck_assert(sg_cursor_until(&words, ' ', &target));
    read_target(target, out);
    while (sg_cursor_until(&lines, '\n', &line)) {
        size_t colon = sg_bytes_find(line, ':');
        ck_ok(sgs_headers_add(&out->headers, sg_bytes_slice(line, 0, colon), sg_bytes_skip(line, colon + 1)));
    }
}

static void sign(const struct sgs_scope *scope, struct sg_bytes secret_access_key, struct sg_bytes text, char *out)
{
    SECRET(secret);
    SECRET(key);
    ck_ok(sgc_secret_copy(&secret, secret_access_key));
    ck_ok(sgs_sigv4_signing_key(&secret, scope, &key));
    ck_ok(sgs_sigv4_signature(&key, text, out));
}

static void check_file(const char *name, const char *file, struct sg_bytes ours)
{
    BUF(expected, 64 * SG_KIB);
    read_file(name, file, &expected);
    ck_assert_msg(sg_bytes_eq(sgc_buf_view(&expected), ours), "%s/%s: ours is\n%.*s", name, file, SG_BYTES_FMT(ours));
}

static void check_case(const char *name)
{
    BUF(head, 64 * SG_KIB);
    BUF(canonical, 64 * SG_KIB);
    BUF(to_sign, SG_KIB);
    SG_CLEANUP(request_clear)
    struct request r = {.path = SGC_BUF_INIT(SG_LIMIT_TARGET), .query = SGS_QUERY_NONE, .headers = SGS_HEADERS_NONE};
    char path[512], signature[SGS_SIGNATURE_LEN];
    (void)snprintf(path, sizeof(path), "sigv4/%s/context", name);
    struct sg_vectors *context = sg_vectors_open(path);
    ck_assert(sg_vectors_next(context));
    read_file(name, "request", &head);
    read_request(sgc_buf_view(&head), &r);
    struct sg_bytes date = sg_vectors_text(context, "amz_date");
    struct sgs_scope scope = {sg_bytes_slice(date, 0, 8), sg_vectors_text(context, "region")};
    struct sgs_canonical in = {
        .method = r.method,
        .path = sgc_buf_view(&r.path),
        .query = &r.query,
        .skip_param = sg_vectors_has(context, "skip_param") ? "X-Amz-Signature" : NULL,
        .headers = &r.headers,
        .signed_headers = sg_vectors_text(context, "signed_headers"),
        .payload_hash = sg_vectors_text(context, "payload_hash"),
    };
    ck_ok(sgs_sigv4_canonical_request(&in, &canonical));
    ck_ok(sgs_sigv4_string_to_sign(date, &scope, sgc_buf_view(&canonical), &to_sign));
    sign(&scope, sg_vectors_text(context, "secret_access_key"), sgc_buf_view(&to_sign), signature);
    check_file(name, "canonical", sgc_buf_view(&canonical));
    check_file(name, "string_to_sign", sgc_buf_view(&to_sign));
    check_file(name, "signature", SG_BYTES_ARRAY(signature));
    sg_vectors_close(context);
}

START_TEST(every_vector_is_signed_alike)
{
    int count = 0;
    DIR *folder = opendir(SG_SOURCE_DIR "/tests/vectors/sigv4");
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.' || strchr(entry->d_name, '.') != NULL)
            continue;
        check_case(entry->d_name);
        count++;
    }
    (void)closedir(folder);
    ck_assert_int_ge(count, 70);
}
END_TEST

/* --- canonicalisation by hand --- */

static const struct {
    const char *value, *canonical;
} values[] = {
    {"", ""},
    {" ", ""},
    {" \t ", ""},
    {"a", "a"},
    {"  a  ", "a"},
    {"a  b", "a b"},
    {"\ta\t\tb \t c\t", "a b c"},
    {"\"a  b\"", "\"a b\""},
    {"a,  b,c", "a, b,c"},
    {"A  B", "A B"},
    {"\xC2\xA0 x", "\xC2\xA0 x"}, /* a no-break space is no blank */
};

START_TEST(blanks_of_values_are_collapsed)
{
    SG_CLEANUP(sgs_headers_clear) struct sgs_headers headers = SGS_HEADERS_NONE;
    BUF(out, SG_KIB);
    BUF(expected, SG_KIB);
    ck_ok(sgs_headers_add_str(&headers, "X-A", values[_i].value));
    struct sgs_canonical in = {
        .method = SG_BYTES_LIT("GET"),
        .path = SG_BYTES_LIT("/"),
        .headers = &headers,
        .signed_headers = SG_BYTES_LIT("x-a"),
        .payload_hash = SG_BYTES_LIT("UNSIGNED-PAYLOAD"),
    };
    ck_ok(sgs_sigv4_canonical_request(&in, &out));
    ck_ok(sgc_buf_appendf(&expected, "GET\n/\n\nx-a:%s\n\nx-a\nUNSIGNED-PAYLOAD", values[_i].canonical));
    ck_assert_msg(sg_bytes_eq(sgc_buf_view(&out), sgc_buf_view(&expected)), "%.*s", SG_BYTES_FMT(sgc_buf_view(&out)));
}
END_TEST

static struct sgs_canonical plain(const struct sgs_headers *headers)
{
    return (struct sgs_canonical){
        .method = SG_BYTES_LIT("GET"),
        .path = SG_BYTES_LIT("/b/k"),
        .headers = headers,
        .signed_headers = SG_BYTES_LIT("host;x-amz-date"),
        .payload_hash = SG_BYTES_LIT(SGS_EMPTY_SHA256),
    };
}

START_TEST(signed_headers_that_are_missing_count_as_empty)
{
    SG_CLEANUP(sgs_headers_clear) struct sgs_headers headers = SGS_HEADERS_NONE;
    BUF(out, SG_KIB);
    ck_ok(sgs_headers_add_str(&headers, "HOST", "h"));
    ck_ok(sgs_headers_add_str(&headers, "not-signed", "1"));
    struct sgs_canonical in = plain(&headers);
    ck_ok(sgs_sigv4_canonical_request(&in, &out));
    ck_assert(
        sg_bytes_eq_str(sgc_buf_view(&out), "GET\n/b/k\n\nhost:h\nx-amz-date:\n\nhost;x-amz-date\n" SGS_EMPTY_SHA256));
}
END_TEST

START_TEST(no_input_may_bring_a_line_of_its_own)
{
    SG_CLEANUP(sgs_headers_clear) struct sgs_headers headers = SGS_HEADERS_NONE;
    BUF(out, SG_KIB);
    struct sg_bytes evil = SG_BYTES_LIT("host\nx");
    struct sgs_canonical in = plain(&headers);
    ck_ok(sgs_sigv4_canonical_request(&in, &out));
    struct sgs_canonical changed = in;
    changed.method = evil;
    ck_fails(sgs_sigv4_canonical_request(&changed, &out), INVALID_ARGUMENT);
    changed = in;
    changed.path = evil;
    ck_fails(sgs_sigv4_canonical_request(&changed, &out), INVALID_ARGUMENT);
    changed = in;
    changed.signed_headers = evil;
    ck_fails(sgs_sigv4_canonical_request(&changed, &out), INVALID_ARGUMENT);
    changed = in;
    changed.payload_hash = evil;
    ck_fails(sgs_sigv4_canonical_request(&changed, &out), INVALID_ARGUMENT);

    struct sgs_scope scope = {SG_BYTES_LIT("20130524"), SG_BYTES_LIT("us-east-1")};
    struct sgs_scope evil_region = {SG_BYTES_LIT("20130524"), evil}, evil_date = {evil, SG_BYTES_LIT("us-east-1")};
    struct sg_bytes date = SG_BYTES_LIT("20130524T000000Z");
    ck_fails(sgs_sigv4_string_to_sign(evil, &scope, date, &out), INVALID_ARGUMENT);
    ck_fails(sgs_sigv4_string_to_sign(date, &evil_region, date, &out), INVALID_ARGUMENT);
    ck_fails(sgs_sigv4_string_to_sign(date, &evil_date, date, &out), INVALID_ARGUMENT);
    ck_fails(sgs_sigv4_scope_print(&evil_region, &out), INVALID_ARGUMENT);
}
END_TEST

START_TEST(a_line_feed_in_the_query_stays_in_its_line)
{
    SG_CLEANUP(sgs_headers_clear) struct sgs_headers headers = SGS_HEADERS_NONE;
    SG_CLEANUP(sgs_query_clear) struct sgs_query query = SGS_QUERY_NONE;
    BUF(out, SG_KIB);
    struct sgs_canonical in = plain(&headers);
    in.query = &query;
    ck_ok(sgs_query_parse(SG_BYTES_LIT("a=%0Ahost:x&%0a=1"), &query));
    ck_ok(sgs_sigv4_canonical_request(&in, &out));
    ck_assert(sg_bytes_has_prefix(sgc_buf_view(&out), SG_BYTES_LIT("GET\n/b/k\n%0A=1&a=%0Ahost%3Ax\nhost:\n")));
}
END_TEST

START_TEST(the_list_of_signed_headers_is_bounded)
{
    SG_CLEANUP(sgs_headers_clear) struct sgs_headers headers = SGS_HEADERS_NONE;
    BUF(out, 64 * SG_KIB);
    BUF(names, SG_KIB);
    struct sgs_canonical in = plain(&headers);
    for (int i = 0; i < SG_LIMIT_HEADER_COUNT; i++)
        ck_ok(sgc_buf_append_str(&names, "a;"));
    in.signed_headers = sgc_buf_view(&names);
    ck_ok(sgs_sigv4_canonical_request(&in, &out));
    ck_ok(sgc_buf_append_str(&names, "a"));
    in.signed_headers = sgc_buf_view(&names);
    ck_fails(sgs_sigv4_canonical_request(&in, &out), LIMIT);
}
END_TEST

START_TEST(small_buffers_are_limits)
{
    SG_CLEANUP(sgs_headers_clear) struct sgs_headers headers = SGS_HEADERS_NONE;
    struct sgs_canonical in = plain(&headers);
    struct sgs_scope scope = {SG_BYTES_LIT("20130524"), SG_BYTES_NONE};
    BUF(whole, SG_KIB);
    ck_ok(sgs_sigv4_canonical_request(&in, &whole));
    for (size_t max = 0; max < whole.len; max++) {
        BUF(out, max);
        ck_fails(sgs_sigv4_canonical_request(&in, &out), LIMIT);
    }
    BUF(small, 100);
    ck_fails(sgs_sigv4_string_to_sign(SG_BYTES_LIT("20130524T000000Z"), &scope, SG_BYTES_NONE, &small), LIMIT);
}
END_TEST

START_TEST(a_scope_may_lack_its_region)
{
    BUF(out, SG_KIB);
    struct sgs_scope scope = {SG_BYTES_LIT("20130524"), SG_BYTES_NONE};
    ck_ok(sgs_sigv4_scope_print(&scope, &out));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "20130524//s3/aws4_request"));
}
END_TEST

START_TEST(the_longest_secret_makes_a_key)
{
    SECRET(secret);
    SECRET(key);
    char signature[SGS_SIGNATURE_LEN];
    struct sgs_scope scope = {SG_BYTES_LIT("20130524"), SG_BYTES_LIT("us-east-1")};
    ck_ok(sgc_secret_init(&secret, SGC_SECRET_MAX, NULL, NULL));
    ck_ok(sgs_sigv4_signing_key(&secret, &scope, &key));
    ck_assert_uint_eq(key.len, SGC_SHA256_LEN);
    ck_ok(sgs_sigv4_signature(&key, SG_BYTES_LIT("text"), signature));
}
END_TEST

SG_TEST_MAIN("s3client/sigv4", TEST(every_vector_is_signed_alike),
             TEST_LOOP(blanks_of_values_are_collapsed, SG_COUNT_OF(values)),
             TEST(signed_headers_that_are_missing_count_as_empty), TEST(no_input_may_bring_a_line_of_its_own),
             TEST(a_line_feed_in_the_query_stays_in_its_line), TEST(the_list_of_signed_headers_is_bounded),
             TEST(small_buffers_are_limits), TEST(a_scope_may_lack_its_region), TEST(the_longest_secret_makes_a_key))
