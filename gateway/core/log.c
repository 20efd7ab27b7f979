/*
 * Idea: a line is built in memory and leaves by one write(2) to a descriptor opened for appending, so that lines of
 * several threads and processes never mix. A line that cannot be written is counted and forgotten: the log never fails
 * a request.
 */
#include "core/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/json_write.h"
#include "crypto/codec.h"
#include "crypto/hash.h"
#include "s3client/amztime.h"

#include "common/banned.h"

#define LINE_MAX_BYTES (16u * SG_KIB) /* a key of 1,024 bytes, each escaped to six, and the rest */

struct sg_log {
    int access_fd; /* -1 = none */
    bool owns_fd;
    bool hash_keys;
    atomic_uint_fast64_t failure_count;
};

static const char *const level_names[] = {[SG_LOG_ERROR] = "error", [SG_LOG_WARN] = "warn", [SG_LOG_INFO] = "info"};

/* --- life --- */

sg_err sg_log_new(const char *access_path, bool hash_keys, struct sg_log **out)
{
    int fd = -1;
    bool is_file = access_path != NULL && strcmp(access_path, "-") != 0;
    if (is_file) {
        fd = open(access_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
        SG_CHECK(fd >= 0, IO);
    }
    struct sg_log *log = sgc_xalloc(sizeof(*log));
    log->access_fd = access_path != NULL && !is_file ? STDOUT_FILENO : fd;
    log->owns_fd = is_file;
    log->hash_keys = hash_keys;
    *out = log;
    return SG_OK;
}

void sg_log_free(struct sg_log *log)
{
    if (log == NULL)
        return;
    if (log->owns_fd)
        (void)close(log->access_fd);
    sgc_xfree(log);
}

uint64_t sg_log_failure_count(const struct sg_log *log)
{
    return atomic_load_explicit(&log->failure_count, memory_order_relaxed);
}

static void count_failure(struct sg_log *log)
{
    if (log != NULL)
        (void)atomic_fetch_add_explicit(&log->failure_count, 1, memory_order_relaxed);
}

static void write_line(struct sg_log *log, int fd, sg_err built, const struct sgc_buf *line)
{
    if (!sg_is_ok(built) || write(fd, line->ptr, line->len) != (ssize_t)line->len)
        count_failure(log);
}

/* --- pieces of a line --- */

static sg_err add_time(struct sgc_buf *line)
{
    struct timespec now;
    char text[SGS_ISO_DATE_SIZE];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    sgs_iso_date_print((int64_t)now.tv_sec, text);
    /* The printed form ends in ".000Z". */
    unsigned ms = (unsigned)(now.tv_nsec / 1000000);
    char *digits = text + SGS_ISO_DATE_SIZE - 1 - 4;
    digits[0] = (char)('0' + ms / 100);
    digits[1] = (char)('0' + ms / 10 % 10);
    digits[2] = (char)('0' + ms % 10);
    return sg_json_str(line, "time", text);
}

static sg_err add_optional(struct sgc_buf *line, const char *name, struct sg_bytes value)
{
    return value.len == 0 ? SG_OK : sg_json_bytes(line, name, value);
}

static sg_err add_key(const struct sg_log *log, struct sgc_buf *line, struct sg_bytes key)
{
    if (key.len == 0 || !log->hash_keys)
        return add_optional(line, "key", key);
    uint8_t digest[SGC_SHA256_LEN];
    char hex[SGC_HEX_LEN(SGC_SHA256_LEN)];
    SG_TRY(sgc_sha256(key, digest));
    sgc_hex_encode(SG_BYTES_ARRAY(digest), hex);
    return sg_json_bytes(line, "key_sha256", SG_BYTES_ARRAY(hex));
}

/* An id that was only claimed stands under another name: nobody proved it. */
static sg_err add_access_key(struct sgc_buf *line, const struct sg_req_auth *auth)
{
    if (auth->who != NULL)
        return sg_json_str(line, "access_key", auth->who->access_key_id);
    return add_optional(line, "access_key_claimed", sg_bytes_slice(auth->claim.access_key_id, 0, SG_LIMIT_ACCESS_KEY));
}

static sg_err add_site(struct sgc_buf *line, const struct sg_req *req)
{
    const char *file = req->failure_site.file;
    if (sg_err_row(req->failure)->class_ != SG_CLASS_INTERNAL || file == NULL)
        return SG_OK;
    char site[80];
    const char *slash = strrchr(file, '/');
    (void)snprintf(site, sizeof(site), "%s:%d", slash == NULL ? file : slash + 1, req->failure_site.line);
    return sg_json_str(line, "site", site);
}

static sg_err add_failure(struct sgc_buf *line, const struct sg_req *req)
{
    if (sg_is_ok(req->failure))
        return SG_OK;
    SG_TRY(sg_json_str(line, "error", sg_err_row(req->failure)->name));
    return add_site(line, req);
}

/* --- lines --- */

static sg_err build_event(struct sgc_buf *line, enum sg_log_level level, const char *event, va_list args)
{
    SG_TRY(sg_json_begin(line));
    SG_TRY(add_time(line));
    SG_TRY(sg_json_str(line, "level", level_names[level]));
    SG_TRY(sg_json_str(line, "event", event));
    for (const char *name; (name = va_arg(args, const char *)) != NULL;) {
        const char *value = va_arg(args, const char *);
        SG_TRY(sg_json_str(line, name, value == NULL ? "" : value));
    }
    return sg_json_end(line);
}

void sg_log_event(struct sg_log *log, enum sg_log_level level, const char *event, ...)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf line = SGC_BUF_INIT(LINE_MAX_BYTES);
    va_list args;
    va_start(args, event);
    sg_err built = build_event(&line, level, event, args);
    va_end(args);
    write_line(log, STDERR_FILENO, built, &line);
}

static sg_err build_audit(const struct sg_log *log, struct sgc_buf *line, const struct sg_req *req,
                          const char *operation)
{
    SG_TRY(sg_json_begin(line));
    SG_TRY(add_time(line));
    SG_TRY(sg_json_str(line, "level", level_names[SG_LOG_WARN]));
    SG_TRY(sg_json_str(line, "event", "audit"));
    SG_TRY(sg_json_str(line, "id", req->id));
    SG_TRY(add_failure(line, req));
    SG_TRY(add_optional(line, "op", sg_bytes_str(operation)));
    SG_TRY(add_optional(line, "bucket", req->target.bucket));
    SG_TRY(add_key(log, line, req->target.key));
    SG_TRY(add_access_key(line, &req->auth));
    SG_TRY(sg_json_str(line, "peer", req->head.peer));
    return sg_json_end(line);
}

static sg_err add_upstream(struct sgc_buf *line, const struct sg_req_stats *stats)
{
    if (stats->upstream_status == 0)
        return SG_OK;
    SG_TRY(sg_json_u64(line, "upstream_ms", stats->upstream_ms));
    return sg_json_u64(line, "upstream_status", (uint64_t)stats->upstream_status);
}

static sg_err build_access(const struct sg_log *log, struct sgc_buf *line, const struct sg_req *req,
                           const char *operation)
{
    SG_TRY(sg_json_begin(line));
    SG_TRY(add_time(line));
    SG_TRY(sg_json_str(line, "id", req->id));
    SG_TRY(add_optional(line, "op", sg_bytes_str(operation)));
    SG_TRY(sg_json_bytes(line, "method", sg_bytes_slice(req->head.method, 0, 32)));
    SG_TRY(add_optional(line, "bucket", req->target.bucket));
    SG_TRY(add_key(log, line, req->target.key));
    SG_TRY(sg_json_u64(line, "status", (uint64_t)req->reply_status));
    SG_TRY(add_optional(line, "code", req->reply_code));
    SG_TRY(sg_json_u64(line, "bytes_in", req->stats.bytes_in));
    SG_TRY(sg_json_u64(line, "bytes_out", req->stats.bytes_out));
    SG_TRY(sg_json_u64(line, "ms", sg_loop_now_ms(req->env->loop) - req->stats.begin_ms));
    SG_TRY(add_upstream(line, &req->stats));
    SG_TRY(add_access_key(line, &req->auth));
    SG_TRY(sg_json_str(line, "tls", req->head.tls));
    SG_TRY(sg_json_str(line, "peer", req->head.peer));
    SG_TRY(add_failure(line, req));
    return sg_json_end(line);
}

static bool is_audited(sg_err err)
{
    enum sg_err_class class_ = sg_err_row(err)->class_;
    return !sg_is_ok(err) && (class_ == SG_CLASS_AUTH || class_ == SG_CLASS_INTEGRITY);
}

void sg_log_request(struct sg_log *log, const struct sg_req *req, const char *operation)
{
    if (log == NULL)
        return;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf line = SGC_BUF_INIT(LINE_MAX_BYTES);
    if (is_audited(req->failure)) {
        sg_err built = build_audit(log, &line, req, operation);
        write_line(log, STDERR_FILENO, built, &line);
        sgc_buf_truncate(&line, 0);
    }
    if (log->access_fd < 0)
        return;
    sg_err built = build_access(log, &line, req, operation);
    write_line(log, log->access_fd, built, &line);
}
