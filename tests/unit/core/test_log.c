/* Is every line one line of JSON, with what an operator needs and nothing secret? */
#include "support/check_main.h"
#include "support/fake_req.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

#include "common/banned.h"

#define KEY_SHA256 "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683" /* of "key" */

static char folder[] = "/tmp/sealgate-log-XXXXXX";

struct rig {
    struct fake_req f;
    struct sg_log *log;
    char path[64];
    int saved_stderr, stderr_file;
};

/* Standard error goes to a file meanwhile, because events go there. */
static void start(struct rig *rig, bool hash_keys)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(rig->path, sizeof(rig->path), "%s/access.log", folder);
    ck_ok(sg_log_new(rig->path, hash_keys, &rig->log));
    fake_req_init(&rig->f, "PUT", "/bucket/key?X-Amz-Signature=SECRET");
    struct sg_req *req = &rig->f.req;
    req->target.bucket = SG_BYTES_LIT("bucket");
    req->target.key = SG_BYTES_LIT("key");
    req->reply_status = 200;
    req->stats = (struct sg_req_stats){.begin_ms = 900, .bytes_in = 5, .bytes_out = 7};
    (void)snprintf(req->head.peer, sizeof(req->head.peer), "127.0.0.1:5");
    (void)snprintf(req->head.tls, sizeof(req->head.tls), "TLSv1.3");
    rig->saved_stderr = dup(STDERR_FILENO);
    rig->stderr_file = open(folder, O_TMPFILE | O_RDWR, 0600);
    ck_assert_int_ge(rig->stderr_file, 0);
    ck_assert_int_ge(dup2(rig->stderr_file, STDERR_FILENO), 0);
}

/* What was written to the access log, or to standard error, so far. */
static const char *text_of(int fd, char *room, size_t size)
{
    ssize_t len = pread(fd, room, size - 1, 0);
    ck_assert_int_ge(len, 0);
    room[len] = '\0';
    return room;
}

static const char *access_text(struct rig *rig, char *room, size_t size)
{
    int fd = open(rig->path, O_RDONLY);
    const char *text = text_of(fd, room, size);
    (void)close(fd);
    return text;
}

static void end(struct rig *rig)
{
    (void)dup2(rig->saved_stderr, STDERR_FILENO);
    (void)close(rig->saved_stderr);
    (void)close(rig->stderr_file);
    sg_log_free(rig->log);
    (void)unlink(rig->path);
    (void)rmdir(folder);
    memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
    fake_req_clear(&rig->f);
}

START_TEST(a_request_is_one_line)
{
    struct rig rig;
    char room[4096];
    start(&rig, false);
    static const struct sg_credential who = {.access_key_id = "AKID"};
    rig.f.req.auth.who = &who;
    rig.f.req.stats.upstream_status = 200;
    rig.f.req.stats.upstream_ms = 42;
    sg_log_request(rig.log, &rig.f.req, "PutObject");
    const char *text = access_text(&rig, room, sizeof(room));
    const char *rest = strchr(text, ',');
    ck_assert_ptr_nonnull(rest);
    ck_assert_str_eq(rest,
                     ",\"id\":\"" FAKE_REQ_ID "\",\"op\":\"PutObject\",\"method\":\"PUT\",\"bucket\":\"bucket\","
                     "\"key\":\"key\",\"status\":200,\"bytes_in\":5,\"bytes_out\":7,\"ms\":100,\"upstream_ms\":42,"
                     "\"upstream_status\":200,\"access_key\":\"AKID\",\"tls\":\"TLSv1.3\","
                     "\"peer\":\"127.0.0.1:5\"}\n");
    ck_assert_int_eq(strncmp(text, "{\"time\":\"20", 11), 0);
    ck_assert_str_eq(text_of(rig.stderr_file, room, sizeof(room)), "");
    end(&rig);
}
END_TEST

START_TEST(keys_can_be_hashed)
{
    struct rig rig;
    char room[4096];
    start(&rig, true);
    rig.f.req.failure = (sg_err){SG_CODE_TAG_MISMATCH};
    sg_log_request(rig.log, &rig.f.req, "GetObject");
    ck_assert_ptr_nonnull(strstr(access_text(&rig, room, sizeof(room)), "\"key_sha256\":\"" KEY_SHA256 "\""));
    ck_assert_ptr_null(strstr(room, "\"key\""));
    ck_assert_ptr_nonnull(strstr(text_of(rig.stderr_file, room, sizeof(room)), "\"key_sha256\":\"" KEY_SHA256 "\""));
    ck_assert_ptr_null(strstr(room, "\"key\""));
    end(&rig);
}
END_TEST

static const struct {
    enum sg_code code;
    bool audited, has_site;
} failure_rows[] = {
    {SG_CODE_NO_SUCH_KEY, false, false},
    {SG_CODE_UPSTREAM_LOST, false, false},
    {SG_CODE_SLOW_DOWN, false, false},
    {SG_CODE_INTERNAL, false, true},
    {SG_CODE_LIMIT, false, true},
    {SG_CODE_SIGNATURE_MISMATCH, true, false},
    {SG_CODE_UNKNOWN_ACCESS_KEY, true, false},
    {SG_CODE_ACCESS_DENIED, true, false},
    {SG_CODE_TAG_MISMATCH, true, false},
    {SG_CODE_NOT_SEALED, true, false},
};

START_TEST(a_failure_names_its_row)
{
    struct rig rig;
    char room[4096], expected[80];
    start(&rig, false);
    rig.f.req.failure = (sg_err){failure_rows[_i].code};
    rig.f.req.failure_site = (struct sg_err_site){"some/folder/file.c", 12};
    rig.f.req.auth.claim.access_key_id = SG_BYTES_LIT("CLAIMED\"\n");
    rig.f.req.reply_code = SG_BYTES_LIT("NoSuchKey");
    (void)snprintf(expected, sizeof(expected), "\"error\":\"%s\"", sg_err_row(rig.f.req.failure)->name);
    sg_log_request(rig.log, &rig.f.req, NULL);
    access_text(&rig, room, sizeof(room));
    ck_assert_ptr_nonnull(strstr(room, expected));
    ck_assert_ptr_nonnull(strstr(room, "\"code\":\"NoSuchKey\""));
    ck_assert_int_eq(strstr(room, "\"site\":\"file.c:12\"") != NULL, failure_rows[_i].has_site);
    ck_assert_ptr_nonnull(strstr(room, "\"access_key_claimed\":\"CLAIMED\\u0022\\u000a\""));
    ck_assert_ptr_null(strstr(room, "\"access_key\""));
    ck_assert_ptr_null(strstr(room, "\"op\""));
    text_of(rig.stderr_file, room, sizeof(room));
    ck_assert_int_eq(strstr(room, "\"event\":\"audit\"") != NULL, failure_rows[_i].audited);
    ck_assert_int_eq(strstr(room, expected) != NULL, failure_rows[_i].audited);
    end(&rig);
}
END_TEST

START_TEST(the_query_and_hostile_bytes_never_get_out)
{
    struct rig rig;
    char room[8192];
    start(&rig, false);
    rig.f.req.target.key = SG_BYTES_LIT("a\"},\r\n{\"forged\":\"\xff\x1b");
    rig.f.req.head.method = SG_BYTES_LIT("G\nT");
    sg_log_request(rig.log, &rig.f.req, "GetObject");
    access_text(&rig, room, sizeof(room));
    ck_assert_ptr_null(strstr(room, "SECRET"));
    ck_assert_ptr_eq(strchr(room, '\n'), room + strlen(room) - 1);
    ck_assert_ptr_nonnull(strstr(room, "a\\u0022},\\u000d\\u000a{\\u0022forged\\u0022:\\u0022\\u00ff\\u001b"));
    end(&rig);
}
END_TEST

START_TEST(the_longest_key_fits)
{
    struct rig rig;
    char room[16384];
    uint8_t key[SG_LIMIT_KEY];
    memset(key, 1, sizeof(key));
    start(&rig, false);
    rig.f.req.target.key = SG_BYTES_ARRAY(key);
    sg_log_request(rig.log, &rig.f.req, "GetObject");
    access_text(&rig, room, sizeof(room));
    ck_assert_ptr_nonnull(strstr(room, "\"peer\""));
    ck_assert_uint_eq(sg_log_failure_count(rig.log), 0);
    end(&rig);
}
END_TEST

START_TEST(events_have_names_and_values)
{
    struct rig rig;
    char room[4096];
    start(&rig, false);
    sg_log_event(rig.log, SG_LOG_INFO, "listening", "address", "127.0.0.1:1", "note", "a\nb", NULL);
    sg_log_event(NULL, SG_LOG_ERROR, "broken", NULL);
    text_of(rig.stderr_file, room, sizeof(room));
    ck_assert_ptr_nonnull(strstr(
        room, "\"level\":\"info\",\"event\":\"listening\",\"address\":\"127.0.0.1:1\",\"note\":\"a\\u000ab\"}\n"));
    ck_assert_ptr_nonnull(strstr(room, "\"level\":\"error\",\"event\":\"broken\"}\n"));
    ck_assert_str_eq(access_text(&rig, room, sizeof(room)), "");
    end(&rig);
}
END_TEST

START_TEST(a_log_that_cannot_be_written_is_counted)
{
    struct rig rig;
    struct sg_log *full;
    start(&rig, false);
    ck_ok(sg_log_new("/dev/full", false, &full));
    sg_log_request(full, &rig.f.req, "GetObject");
    sg_log_request(full, &rig.f.req, "GetObject");
    ck_assert_uint_eq(sg_log_failure_count(full), 2);
    sg_log_free(full);
    end(&rig);
}
END_TEST

START_TEST(a_log_may_be_off_or_impossible)
{
    struct rig rig;
    struct sg_log *none;
    char room[64];
    start(&rig, false);
    ck_ok(sg_log_new(NULL, false, &none));
    sg_log_request(none, &rig.f.req, "GetObject");
    sg_log_request(NULL, &rig.f.req, "GetObject");
    sg_log_free(none);
    sg_log_free(NULL);
    ck_fails(sg_log_new("/nonexistent/access.log", false, &none), IO);
    ck_assert_str_eq(text_of(rig.stderr_file, room, sizeof(room)), "");
    end(&rig);
}
END_TEST

START_TEST(lines_are_appended_and_the_file_is_not_for_everybody)
{
    struct rig rig;
    struct sg_log *second;
    struct stat info;
    char room[4096];
    start(&rig, false);
    ck_ok(sg_log_new(rig.path, false, &second));
    sg_log_request(rig.log, &rig.f.req, "One");
    sg_log_request(second, &rig.f.req, "Two");
    sg_log_request(rig.log, &rig.f.req, "Three");
    access_text(&rig, room, sizeof(room));
    ck_assert(strstr(room, "One") < strstr(room, "Two"));
    ck_assert(strstr(room, "Two") < strstr(room, "Three"));
    ck_assert_int_eq(stat(rig.path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0027, 0);
    sg_log_free(second);
    end(&rig);
}
END_TEST

SG_TEST_MAIN("core/log", TEST(a_request_is_one_line), TEST(keys_can_be_hashed),
             TEST_LOOP(a_failure_names_its_row, SG_COUNT_OF(failure_rows)),
             TEST(the_query_and_hostile_bytes_never_get_out), TEST(the_longest_key_fits),
             TEST(events_have_names_and_values), TEST(a_log_that_cannot_be_written_is_counted),
             TEST(a_log_may_be_off_or_impossible), TEST(lines_are_appended_and_the_file_is_not_for_everybody))
