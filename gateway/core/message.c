/* Idea: format to a buffer on the stack first, so that what does not fit is cut and not lost as a whole. */
#include "core/message.h"

#include <stdarg.h>

#include "common/banned.h"

#define MESSAGE_MAX 1024u

static void SG_PRINTF(2, 0) add(struct sgc_buf *message, const char *format, va_list args)
{
    char text[MESSAGE_MAX];
    if (message == NULL || vsnprintf(text, sizeof(text), format, args) < 0)
        return;
    struct sg_bytes all = sg_bytes_slice(sg_bytes_str(text), 0, message->max - message->len);
    if (!sg_is_ok(sgc_buf_append(message, all)))
        sgc_buf_truncate(message, 0);
}

void sg_message_addf(struct sgc_buf *message, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(message, format, args);
    va_end(args);
}

void sg_message_setf(struct sgc_buf *message, const char *format, ...)
{
    if (message != NULL)
        sgc_buf_truncate(message, 0);
    va_list args;
    va_start(args, format);
    add(message, format, args);
    va_end(args);
}
