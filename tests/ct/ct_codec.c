/*
 * Do the codecs and the comparisons take the same path whatever the secret is? Secrets are marked as undefined memory
 * and the program runs under valgrind, which reports each branch and each address that depends on undefined bytes (the
 * idea of ctgrind, by Adam Langley). What a caller may know, the result, is marked as defined before it is looked at.
 * The verdict of a decoder is the one allowed branch: see codec.supp.
 */
#include <stdio.h>
#include <valgrind/memcheck.h>

#include "crypto/codec.h"
#include "crypto/ct.h"

#include "common/banned.h"

enum { SECRET_LEN = 61 }; /* leaves a rest in groups of three bytes */

static struct sg_bytes secret(uint8_t *bytes, size_t len)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, len);
    return sg_bytes(bytes, len);
}

static void declassify(void *bytes, size_t len)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(bytes, len);
}

/* False when it failed; `err` comes from a verdict on secret text. */
static bool passed(sg_err err)
{
    declassify(&err, sizeof(err));
    return sg_is_ok(err);
}

static bool round_trips(uint8_t *key)
{
    char text[SGC_HEX_LEN(SECRET_LEN)];
    uint8_t back[SECRET_LEN];
    size_t len = 0;
    bool good = true;
    sgc_hex_encode(secret(key, SECRET_LEN), text);
    good &= passed(sgc_hex_decode(sg_bytes(text, SGC_HEX_LEN(SECRET_LEN)), back, SECRET_LEN));
    sgc_base64_encode(secret(key, SECRET_LEN), text);
    /* Whether a text ends in padding follows from its length. */
    declassify(text + SGC_BASE64_LEN(SECRET_LEN) - 2, 2);
    good &= passed(sgc_base64_decode(sg_bytes(text, SGC_BASE64_LEN(SECRET_LEN)), back, sizeof(back), &len));
    sgc_base64url_encode(secret(key, SECRET_LEN), text);
    good &= passed(sgc_base64url_decode(sg_bytes(text, SGC_BASE64URL_LEN(SECRET_LEN)), back, sizeof(back), &len));
    declassify(key, SECRET_LEN);
    declassify(back, sizeof(back));
    return good && len == SECRET_LEN && sg_bytes_eq(sg_bytes(back, len), sg_bytes(key, SECRET_LEN));
}

static bool compares(uint8_t *key, uint8_t *other, bool are_equal)
{
    struct sg_bytes a = secret(key, SECRET_LEN), b = secret(other, SECRET_LEN);
    bool equal = sgc_ct_equal(a, b), zero = sgc_ct_is_zero(a);
    declassify(&equal, sizeof(equal));
    declassify(&zero, sizeof(zero));
    declassify(key, SECRET_LEN);
    declassify(other, SECRET_LEN);
    return equal == are_equal && !zero;
}

int main(void)
{
    uint8_t key[SECRET_LEN], same[SECRET_LEN], other[SECRET_LEN];
    for (size_t i = 0; i < SECRET_LEN; i++)
        key[i] = same[i] = other[i] = (uint8_t)(i * 37 + 1);
    other[0] ^= 1;
    bool good = round_trips(key) && compares(key, same, true) && compares(key, other, false);
    (void)printf("%s\n", good ? "same results, no secret-dependent path reported" : "wrong results");
    return good ? 0 : 1;
}
