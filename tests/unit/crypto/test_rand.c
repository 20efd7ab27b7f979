/* Do random bytes come, all of them, and does a kernel that refuses leave nothing behind? */
#include "crypto/rand.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/buf.h"
#include "crypto/ct.h"

#include "support/check_main.h"

#include "common/banned.h"

START_TEST(nothing_asked_nothing_written)
{
    uint8_t out[1] = {0x5a};
    ck_ok(sgc_rand(out, 0));
    ck_ok(sgc_rand(NULL, 0));
    ck_assert_uint_eq(out[0], 0x5a);
}
END_TEST

START_TEST(exactly_the_bytes_asked_for_are_written)
{
    for (size_t len = 1; len <= 64; len++) {
        uint8_t out[80];
        size_t changed = 0;
        /* A byte that comes out as it was is no proof, in 16 draws it is. */
        for (int draw = 0; draw < 16; draw++) {
            memset(out, 0, sizeof(out));
            ck_ok(sgc_rand(out, len));
            ck_assert(sgc_ct_is_zero(sg_bytes(out + len, sizeof(out) - len)));
            changed |= (size_t)out[len - 1];
        }
        ck_assert_uint_ne(changed, 0);
    }
}
END_TEST

START_TEST(large_requests_are_filled_to_the_end)
{
    const size_t len = 1 << 20;
    uint8_t *out = sgc_xalloc(len);
    size_t empty = 0;
    ck_ok(sgc_rand(out, len));
    for (size_t at = 0; at < len; at += 16)
        empty += sgc_ct_is_zero(sg_bytes(out + at, 16)) ? 1 : 0;
    ck_assert_uint_eq(empty, 0);
    sgc_xfree(out);
}
END_TEST

START_TEST(draws_differ)
{
    uint8_t drawn[100][16];
    for (size_t i = 0; i < 100; i++) {
        ck_ok(sgc_rand(drawn[i], sizeof(drawn[i])));
        for (size_t j = 0; j < i; j++)
            ck_assert(!sgc_ct_equal(SG_BYTES_ARRAY(drawn[i]), SG_BYTES_ARRAY(drawn[j])));
    }
}
END_TEST

/* From now on getrandom() fails in this process. */
static bool forbid_getrandom(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = SG_COUNT_OF(filter), .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum { FAILED_AS_IT_SHOULD = 0, DID_NOT_FAIL = 1, COULD_NOT_TRY = 2 };

static int try_without_getrandom(void)
{
    uint8_t out[32];
    memset(out, 0x5a, sizeof(out));
    if (!forbid_getrandom())
        return COULD_NOT_TRY;
    if (!sg_is(sgc_rand(out, sizeof(out)), CRYPTO) || !sgc_ct_is_zero(SG_BYTES_ARRAY(out)))
        return DID_NOT_FAIL;
    return FAILED_AS_IT_SHOULD;
}

START_TEST(a_kernel_that_refuses_is_an_error_and_wipes)
{
    int status = 0;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(try_without_getrandom());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    /* Where filters are forbidden the case cannot be made. */
    ck_assert(WEXITSTATUS(status) == FAILED_AS_IT_SHOULD || WEXITSTATUS(status) == COULD_NOT_TRY);
}
END_TEST

SG_TEST_MAIN("crypto/rand", TEST(nothing_asked_nothing_written), TEST(exactly_the_bytes_asked_for_are_written),
             TEST(large_requests_are_filled_to_the_end), TEST(draws_differ),
             TEST(a_kernel_that_refuses_is_an_error_and_wipes))
