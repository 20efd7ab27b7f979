/* Error bodies of an upstream: whatever comes, the fields are terminated and hold no control characters. */
#include "s3client/s3_error.h"

#include "common/err.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_field(const char *field, size_t size)
{
    size_t len = strnlen(field, size);
    sg_assert(len < size);
    for (size_t i = 0; i < len; i++)
        sg_assert((unsigned char)field[i] >= 0x20 && field[i] != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sgs_s3_error e;
    sgs_s3_error_parse(sg_bytes(data, size), &e);
    check_field(e.code, sizeof(e.code));
    check_field(e.message, sizeof(e.message));
    check_field(e.request_id, sizeof(e.request_id));
    return 0;
}
