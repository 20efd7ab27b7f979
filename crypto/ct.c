/*
 * Comparisons in constant time. Differences are gathered over all bytes and looked at once, at the end; the library's
 * comparison is written in assembly, so that no compiler can turn it back into an early exit.
 */
#include "crypto/ct.h"

#include <openssl/crypto.h>

#include "common/banned.h"

bool sgc_ct_equal(struct sg_bytes a, struct sg_bytes b)
{
    if (a.len != b.len)
        return false;
    if (a.len == 0)
        return true;
    return CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool sgc_ct_is_zero(struct sg_bytes a)
{
    volatile uint8_t gathered = 0;
    for (size_t i = 0; i < a.len; i++)
        gathered = (uint8_t)(gathered | a.ptr[i]);
    return gathered == 0;
}
