/*
 * T of a footer, as it stands behind the seal. Input: one byte (odd: from parts), L in 8 bytes, T. Whatever parses is
 * printed as the same bytes; the same input taken as a sealed footer does not open.
 */
#include "crypto/footer.h"

#include "crypto/footer_text.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct sg_bytes text, uint64_t plain, bool many)
{
    SG_CLEANUP(sgc_footer_clear) struct sgc_footer footer = SGC_FOOTER_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SGC_FOOTER_MAX);
    sg_err err = sgc_footer_text_parse(text, plain, many, &footer);
    sg_assert(sg_is_ok(err) || sg_is(err, FOOTER_INVALID));
    if (!sg_is_ok(err))
        return;
    sg_assert(many == (footer.part_count > 0));
    sg_assert(sg_is_ok(sgc_footer_text_print(&footer, &again)));
    sg_assert(sg_bytes_eq(sgc_buf_view(&again), text));
}

static void check_sealed(struct sg_bytes sealed, uint64_t plain, bool many)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = SGC_OBJECT_KEYS_NONE;
    struct sgc_footer footer = SGC_FOOTER_NONE;
    uint8_t bytes[SGC_DEK_LEN] = {1};
    sg_assert(sg_is_ok(sgc_secret_copy(&dek, SG_BYTES_ARRAY(bytes))));
    sg_assert(sg_is_ok(sgc_object_keys_init(&keys, &dek)));
    sg_err err = sgc_footer_open(sealed, &keys, plain, many, &footer);
    sg_assert(sg_is(err, FOOTER_INVALID) || sg_is(err, TAG_MISMATCH));
    sg_assert(footer.parts == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_cursor c = sg_cursor(sg_bytes(data, size));
    uint8_t flags;
    uint64_t plain;
    if (!sg_cursor_u8(&c, &flags) || !sg_cursor_u64be(&c, &plain))
        return 0;
    check_text(c.rest, plain, flags % 2 == 1);
    check_sealed(c.rest, plain, flags % 2 == 1);
    return 0;
}
