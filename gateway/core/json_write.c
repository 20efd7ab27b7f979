/* Idea: everything that is neither plain ASCII nor well-formed UTF-8 becomes an escape; nothing is dropped. */
#include "core/json_write.h"

#include <inttypes.h>

#include "core/utf8.h"

#include "common/banned.h"

static bool needs_escape(struct sg_bytes character)
{
    uint8_t c = character.ptr[0];
    return character.len == 1 && (c < 0x20 || c == '"' || c == '\\' || c == 0x7f);
}

/* One character, or one byte that begins none. */
static struct sg_bytes next_character(struct sg_bytes text, bool *valid)
{
    size_t len = sg_utf8_char_len(text);
    *valid = len > 0;
    return sg_bytes_slice(text, 0, len > 0 ? len : 1);
}

static sg_err append_escaped(struct sgc_buf *out, struct sg_bytes text)
{
    while (text.len > 0) {
        bool valid;
        struct sg_bytes character = next_character(text, &valid);
        if (!valid || needs_escape(character))
            SG_TRY(sgc_buf_appendf(out, "\\u%04x", (unsigned)character.ptr[0]));
        if (valid && !needs_escape(character))
            SG_TRY(sgc_buf_append(out, character));
        text = sg_bytes_skip(text, character.len);
    }
    return SG_OK;
}

/* Names are ours and need no escapes. */
static sg_err append_name(struct sgc_buf *out, const char *name)
{
    bool first = out->len > 0 && out->ptr[out->len - 1] == '{';
    return sgc_buf_appendf(out, "%s\"%s\":", first ? "" : ",", name);
}

sg_err sg_json_begin(struct sgc_buf *out)
{
    return sgc_buf_append_u8(out, '{');
}

sg_err sg_json_bytes(struct sgc_buf *out, const char *name, struct sg_bytes value)
{
    SG_TRY(append_name(out, name));
    SG_TRY(sgc_buf_append_u8(out, '"'));
    SG_TRY(append_escaped(out, value));
    return sgc_buf_append_u8(out, '"');
}

sg_err sg_json_str(struct sgc_buf *out, const char *name, const char *value)
{
    return sg_json_bytes(out, name, sg_bytes_str(value));
}

sg_err sg_json_u64(struct sgc_buf *out, const char *name, uint64_t value)
{
    SG_TRY(append_name(out, name));
    return sgc_buf_appendf(out, "%" PRIu64, value);
}

sg_err sg_json_end(struct sgc_buf *out)
{
    return sgc_buf_append_str(out, "}\n");
}
