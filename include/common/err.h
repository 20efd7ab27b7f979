/*
 * err.h - the one error type, and the three macros that every function body is written with.
 *
 * Idea       A function that can fail returns `sg_err`, a struct so that the compiler rejects `if (f())` and silent
 *            conversions. Rows live in err.def: name, class, HTTP status, S3 code, text for the client.
 * Threads    The site of the first failure is kept per thread, for the log line of the engine.
 * Errors     SG_OK is all zeros.
 * Source     S3 codes and statuses: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
#ifndef SG_COMMON_ERR_H
#define SG_COMMON_ERR_H

#include <stdio.h>
#include <stdlib.h>

#include "common/attrs.h"

/* The class decides log level, audit, retry, and how much the client is told. INTEGRITY and AUTH never say why. */
enum sg_err_class {
    SG_CLASS_CLIENT,
    SG_CLASS_AUTH,
    SG_CLASS_UPSTREAM,
    SG_CLASS_BUSY,
    SG_CLASS_INTEGRITY,
    SG_CLASS_INTERNAL,
};

enum sg_code {
    SG_CODE_OK = 0,
#define SG_ERR(name, class_, status, s3_code, text) SG_CODE_##name,
#include "common/err.def"
#undef SG_ERR
    SG_CODE_COUNT
};

typedef struct {
    enum sg_code code;
} sg_err;

struct sg_err_row {
    const char *name;    /* ours, for logs: "CHECKSUM_MISMATCH" */
    const char *s3_code; /* for the client: "BadDigest" */
    const char *text;    /* for the client, one sentence */
    enum sg_err_class class_;
    int status; /* HTTP */
};

/* Where the current error of this thread was first raised. Weak, so that a header-only library needs no source. */
struct sg_err_site {
    const char *file;
    int line;
};
__attribute__((weak)) _Thread_local struct sg_err_site sg_err_site;

static inline sg_err sg_err_raise(enum sg_code code, const char *file, int line)
{
    sg_err_site.file = file;
    sg_err_site.line = line;
    return (sg_err){code};
}

#define SG_OK           ((sg_err){SG_CODE_OK})
#define SG_ERR_OF(NAME) sg_err_raise(SG_CODE_##NAME, __FILE__, __LINE__)
#define SG_FAIL(NAME)   return SG_ERR_OF(NAME)

/* Returns the error of `call` to the caller, if it has one. */
#define SG_TRY(call)                                                                                                   \
    do {                                                                                                               \
        sg_err sg_try_err_ = (call);                                                                                   \
        if (sg_try_err_.code != SG_CODE_OK)                                                                            \
            return sg_try_err_;                                                                                        \
    } while (0)

/* A requirement of the function: fails with the named row unless `condition` holds. */
#define SG_CHECK(condition, NAME)                                                                                      \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            SG_FAIL(NAME);                                                                                             \
    } while (0)

#define sg_is_ok(err)    ((err).code == SG_CODE_OK)
#define sg_is(err, NAME) ((err).code == SG_CODE_##NAME)

/* The row of an error; never NULL, also for SG_OK. */
static inline const struct sg_err_row *sg_err_row(sg_err err)
{
    static const struct sg_err_row rows[SG_CODE_COUNT] = {
        [SG_CODE_OK] = {"OK", "", "", SG_CLASS_CLIENT, 200},
#define SG_ERR(name_, class__, status_, s3_code_, text_)                                                               \
    [SG_CODE_##name_] = {#name_, s3_code_, text_, SG_CLASS_##class__, status_},
#include "common/err.def"
#undef SG_ERR
    };
    return &rows[err.code < SG_CODE_COUNT ? err.code : SG_CODE_INTERNAL];
}

/* Own bugs only, never input: a gateway that lost track of its state must not touch keys. Always compiled in. */
static inline SG_NORETURN void sg_assert_failed(const char *what, const char *file, int line)
{
    (void)fprintf(stderr, "sealgate: internal error: %s (%s:%d)\n", what, file, line);
    abort();
}
#define sg_assert(condition) ((condition) ? (void)0 : sg_assert_failed(#condition, __FILE__, __LINE__))

#endif
