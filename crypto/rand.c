/*
 * Random bytes straight from the kernel: no generator of our own that could be seeded badly, cloned by a fork or by a
 * snapshot of the machine, or read out of memory.
 */
#include "crypto/rand.h"

#include <errno.h>
#include <sys/random.h>

#include "crypto/secret.h"

#include "common/banned.h"

sg_err sgc_rand(uint8_t *out, size_t len)
{
    size_t have = 0;
    while (have < len) {
        ssize_t got = getrandom(out + have, len - have, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            sgc_wipe(out, len);
            SG_FAIL(CRYPTO);
        }
        have += (size_t)got;
    }
    return SG_OK;
}
