/*
 * The body of a failed request comes from another program and ends up in our log and in the choice of our answer, so it
 * is read like anything else from outside: through the bounded reader, into fields of fixed size, without control
 * characters. What was read before a body breaks off is kept; an answer cut short still says its code.
 */
#include "s3client/s3_error.h"

#include "common/limits.h"
#include "s3client/xml_read.h"

#include "common/banned.h"

/* Cuts at a character's beginning, so that what is left is UTF-8 as the reader gave it. */
static size_t cut_len(struct sg_bytes text, size_t max)
{
    if (text.len <= max)
        return text.len;
    while (max > 0 && (text.ptr[max] & 0xC0) == 0x80)
        max--;
    return max;
}

/* The first element of a name counts. */
static void copy_once(char *field, size_t size, struct sg_bytes text)
{
    if (field[0] != '\0')
        return;
    size_t len = cut_len(text, size - 1);
    for (size_t i = 0; i < len; i++)
        field[i] = (char)(text.ptr[i] < 0x20 || text.ptr[i] == 0x7F ? ' ' : text.ptr[i]);
    field[len] = '\0';
}

static sg_err on_text(void *ctx, struct sg_bytes path, struct sg_bytes text)
{
    struct sgs_s3_error *out = ctx;
    if (sg_bytes_eq_str(path, "Error/Code"))
        copy_once(out->code, sizeof(out->code), text);
    if (sg_bytes_eq_str(path, "Error/Message"))
        copy_once(out->message, sizeof(out->message), text);
    if (sg_bytes_eq_str(path, "Error/RequestId"))
        copy_once(out->request_id, sizeof(out->request_id), text);
    return SG_OK;
}

void sgs_s3_error_parse(struct sg_bytes body, struct sgs_s3_error *out)
{
    static const struct sgs_xml_events events = {.on_text = on_text};
    struct sgs_xml_reader *reader = NULL;
    *out = (struct sgs_s3_error){.code = ""};
    if (!sg_is_ok(sgs_xml_reader_new(&events, out, SG_LIMIT_ERROR_BODY, &reader)))
        return;
    /* No finish(): whether the body is complete changes nothing. */
    sg_err err = sgs_xml_reader_feed(reader, sg_bytes_slice(body, 0, SG_LIMIT_ERROR_BODY));
    SG_UNUSED(err);
    sgs_xml_reader_free(reader);
}
