/*
 * log.h - JSON lines: one for each request (access), and events of the process.
 *
 * Idea       Redaction by kind of field, not by caller: an object key goes through sg_log's hash option, secrets have
 *            no function that would take them.
 * Threads    Any; a line is written by one write(2).
 * Errors     A log that cannot be written never fails a request; failures are counted.
 * Tests      tests/unit/core/test_log.c
 */
#ifndef SG_CORE_LOG_H
#define SG_CORE_LOG_H

#include "core/req.h"

enum sg_log_level { SG_LOG_ERROR, SG_LOG_WARN, SG_LOG_INFO };

struct sg_log;

/* `access_path` is a file, "-" for standard output, or NULL. Events go to standard error. */
SG_MUST sg_err sg_log_new(const char *access_path, bool hash_keys, struct sg_log **out);
void sg_log_free(struct sg_log *log);
/* Lines that could not be written, since the start. */
uint64_t sg_log_failure_count(const struct sg_log *log);

/* {"time":..., "level":..., "event":EVENT, ...} with name/value pairs of strings, ended by NULL. `log` may be NULL. */
void sg_log_event(struct sg_log *log, enum sg_log_level level, const char *event, ...) __attribute__((sentinel));
/* The access line of a request that has ended; INTEGRITY and AUTH failures also give an event "audit". `operation` may
 * be NULL when the request did not get that far; `log` may be NULL. */
void sg_log_request(struct sg_log *log, const struct sg_req *req, const char *operation);

#endif
