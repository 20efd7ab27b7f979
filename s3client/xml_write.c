/*
 * Text is copied in runs; only what must not stand as it is, is replaced. Three kinds are: the characters of markup,
 * the control characters (a parser would drop or change some of them, and keys may hold any), and bytes that are not
 * UTF-8, one of which would make the whole document unreadable for a strict client.
 */
#include "s3client/xml_write.h"

#include "common/banned.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* How many bytes a well-formed UTF-8 sequence that begins with `lead` has; 0 when none does. */
static size_t sequence_len(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* The character at the beginning of `text` (which is not empty) and its bytes; false when they are not UTF-8. */
static bool take_char(struct sg_bytes text, uint32_t *code_out, size_t *len_out)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint8_t lead_bits[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t len = sequence_len(text.ptr[0]);
    *len_out = 1;
    if (len == 0 || len > text.len)
        return false;
    uint32_t code = text.ptr[0] & lead_bits[len];
    for (size_t i = 1; i < len; i++) {
        if ((text.ptr[i] & 0xC0) != 0x80)
            return false;
        code = code << 6 | (text.ptr[i] & 0x3Fu);
    }
    if (code < smallest[len] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    *code_out = code;
    *len_out = len;
    return true;
}

static const char *entity_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return NULL;
    }
}

static bool is_reference(uint32_t code)
{
    return code < 0x20 || code == 0x7F || code == 0xFFFE || code == 0xFFFF;
}

sg_err sgs_xml_text(struct sgc_buf *out, struct sg_bytes text)
{
    size_t run = 0; /* bytes at the beginning of `text` that are copied as they are */
    while (run < text.len) {
        uint32_t code = 0;
        size_t len;
        bool is_utf8 = take_char(sg_bytes_skip(text, run), &code, &len);
        const char *entity = is_utf8 ? entity_of(code) : REPLACEMENT;
        if (entity == NULL && !is_reference(code)) {
            run += len;
            continue;
        }
        SG_TRY(sgc_buf_append(out, sg_bytes_slice(text, 0, run)));
        SG_TRY(entity != NULL ? sgc_buf_append_str(out, entity) : sgc_buf_appendf(out, "&#%u;", (unsigned)code));
        text = sg_bytes_skip(text, run + len);
        run = 0;
    }
    return sgc_buf_append(out, text);
}

sg_err sgs_xml_begin(struct sgc_buf *out, const char *root, const char *ns)
{
    SG_TRY(sgc_buf_append_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    return ns == NULL ? sgs_xml_open(out, root) : sgc_buf_appendf(out, "<%s xmlns=\"%s\">", root, ns);
}

sg_err sgs_xml_open(struct sgc_buf *out, const char *name)
{
    return sgc_buf_appendf(out, "<%s>", name);
}

sg_err sgs_xml_close(struct sgc_buf *out, const char *name)
{
    return sgc_buf_appendf(out, "</%s>", name);
}

sg_err sgs_xml_leaf(struct sgc_buf *out, const char *name, struct sg_bytes text)
{
    SG_TRY(sgs_xml_open(out, name));
    SG_TRY(sgs_xml_text(out, text));
    return sgs_xml_close(out, name);
}

sg_err sgs_xml_leaf_u64(struct sgc_buf *out, const char *name, uint64_t value)
{
    return sgc_buf_appendf(out, "<%s>%llu</%s>", name, (unsigned long long)value, name);
}
