/*
 * Sealed metadata. Input: one byte, then a header value (even) or M as it stands behind the seal (odd). Whatever parses
 * is printed as the same bytes, and survives being sealed and opened.
 */
#include "crypto/metadata.h"

#include "crypto/metadata_message.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BUCKET SG_BYTES_LIT("bucket")
#define KEY    SG_BYTES_LIT("key")

static void fixed_keys(struct sgc_object_keys *keys)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    uint8_t bytes[SGC_DEK_LEN] = {1};
    sg_assert(sg_is_ok(sgc_secret_copy(&dek, SG_BYTES_ARRAY(bytes))));
    sg_assert(sg_is_ok(sgc_object_keys_init(keys, &dek)));
}

static void check_value(const struct sgc_object_keys *keys, struct sg_bytes value)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = SGC_METADATA_NONE;
    sg_err err = sgc_metadata_open(value, keys, BUCKET, KEY, &m);
    sg_assert(sg_is_ok(err) || (sg_is(err, ENVELOPE_INVALID) && m.count == 0));
}

static void check_sealing(const struct sgc_object_keys *keys, const struct sgc_metadata *m, struct sg_bytes message)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata back = SGC_METADATA_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf value = SGC_BUF_INIT(8192);
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(16384);
    sg_err err = sgc_metadata_seal(m, keys, BUCKET, KEY, &value);
    if (sg_is(err, METADATA_TOO_LARGE))
        return;
    sg_assert(sg_is_ok(err));
    sg_assert(sg_is_ok(sgc_metadata_open(sgc_buf_view(&value), keys, BUCKET, KEY, &back)));
    sg_assert(sg_is_ok(sgc_metadata_message_print(&back, &again)));
    sg_assert(sg_bytes_eq(sgc_buf_view(&again), message));
}

/* The same entries, added backwards, give the same M. */
static void check_adding(const struct sgc_metadata *m, struct sg_bytes message)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata added = SGC_METADATA_NONE;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(16384);
    for (size_t i = m->count; i-- > 0;) {
        struct sgc_metadata_entry entry = sgc_metadata_at(m, i);
        sg_err err = sgc_metadata_add(&added, entry.kind, entry.name, entry.value);
        if (sg_is(err, METADATA_TOO_LARGE))
            return;
        sg_assert(sg_is_ok(err));
    }
    sg_assert(sg_is_ok(sgc_metadata_message_print(&added, &again)));
    sg_assert(sg_bytes_eq(sgc_buf_view(&again), message));
}

static void check_message(const struct sgc_object_keys *keys, struct sg_bytes message)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata m = SGC_METADATA_NONE;
    sg_err err = sgc_metadata_message_parse(message, &m);
    sg_assert(sg_is_ok(err) || sg_is(err, ENVELOPE_INVALID));
    if (!sg_is_ok(err))
        return;
    check_adding(&m, message);
    check_sealing(keys, &m, message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgc_object_keys_clear) struct sgc_object_keys keys = SGC_OBJECT_KEYS_NONE;
    if (size == 0)
        return 0;
    fixed_keys(&keys);
    if (data[0] % 2 == 0)
        check_value(&keys, sg_bytes(data + 1, size - 1));
    else
        check_message(&keys, sg_bytes(data + 1, size - 1));
    return 0;
}
