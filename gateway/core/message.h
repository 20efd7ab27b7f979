/*
 * message.h - words for the operator: what is wrong with a file, and what to do.
 *
 * Idea       A message that does not fit is cut: it explains an error and never becomes one.
 * Secrets    Never.
 * Tests      tests/unit/core/test_message.c
 */
#ifndef SG_CORE_MESSAGE_H
#define SG_CORE_MESSAGE_H

#include "crypto/buf.h"

/* Appends as much of the text as fits; `message` may be NULL. */
void sg_message_addf(struct sgc_buf *message, const char *format, ...) SG_PRINTF(2, 3);
/* Replaces what the message says. */
void sg_message_setf(struct sgc_buf *message, const char *format, ...) SG_PRINTF(2, 3);

#endif
