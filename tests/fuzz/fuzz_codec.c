/* Hex and base64: whatever decodes, encodes back to the same text; whatever does not, leaves nothing behind. */
#include "crypto/codec.h"
#include "crypto/ct.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4096 };

static void check_hex(struct sg_bytes text)
{
    uint8_t raw[TEXT_MAX / 2] = {0};
    char again[TEXT_MAX];
    if (!sg_is_ok(sgc_hex_decode(text, raw, text.len / 2))) {
        sg_assert(sgc_ct_is_zero(SG_BYTES_ARRAY(raw)));
        return;
    }
    sgc_hex_encode(sg_bytes(raw, text.len / 2), again);
    sg_assert(sg_bytes_eq_nocase(sg_bytes(again, text.len), text));
}

static void check_base64(struct sg_bytes text, sg_err (*decode)(struct sg_bytes, uint8_t *, size_t, size_t *),
                         void (*encode)(struct sg_bytes, char *))
{
    uint8_t raw[TEXT_MAX] = {0};
    char again[TEXT_MAX + 4];
    size_t len = 0;
    if (!sg_is_ok(decode(text, raw, sizeof(raw), &len))) {
        sg_assert(sgc_ct_is_zero(SG_BYTES_ARRAY(raw)));
        return;
    }
    encode(sg_bytes(raw, len), again);
    sg_assert(sg_bytes_eq(sg_bytes(again, text.len), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_bytes text = sg_bytes(data, size);
    if (size > TEXT_MAX)
        return 0;
    check_hex(text);
    check_base64(text, sgc_base64_decode, sgc_base64_encode);
    check_base64(text, sgc_base64url_decode, sgc_base64url_encode);
    return 0;
}
