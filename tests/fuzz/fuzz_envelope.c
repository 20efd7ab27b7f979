/* The envelope's text: whatever parses is printed as the same bytes, and opens under no key of ours. */
#include "crypto/envelope.h"

#include "common/limits.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_open(const struct sgc_envelope *envelope)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret dek = SGC_SECRET_NONE;
    uint8_t bytes[SGC_KEK_LEN] = {1};
    struct sgc_binding binding = {SG_BYTES_LIT("bucket"), SG_BYTES_LIT("key"),
                                  envelope->meta_sealed ? SG_BYTES_LIT("AA") : SG_BYTES_NONE, 1};
    sg_assert(sg_is_ok(sgc_secret_copy(&key, SG_BYTES_ARRAY(bytes))));
    sg_assert(sg_is(sgc_envelope_open(envelope, &key, &binding, &dek), ENVELOPE_INVALID));
    sg_assert(!sgc_secret_is_set(&dek));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf again = SGC_BUF_INIT(SG_LIMIT_ENVELOPE);
    struct sgc_envelope envelope;
    sg_err err = sgc_envelope_parse(sg_bytes(data, size), &envelope);
    if (!sg_is_ok(err)) {
        sg_assert(sg_is(err, ENVELOPE_INVALID));
        return 0;
    }
    sg_assert(sg_is_ok(sgc_envelope_print(&envelope, &again)));
    sg_assert(sg_bytes_eq(sgc_buf_view(&again), sg_bytes(data, size)));
    check_open(&envelope);
    return 0;
}
