/* Are keys kept apart, locked, wiped, and is every misuse of their memory found? */
#include "crypto/secret.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/ct.h"

#include "support/alloc_fail.h"
#include "support/check_main.h"
#include "support/det_rand.h"

#include "common/banned.h"

/* The sanitizers replace mlock() by nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCKING_IS_REAL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define LOCKING_IS_REAL 0
#endif
#endif
#ifndef LOCKING_IS_REAL
#define LOCKING_IS_REAL 1
#endif

/* --- reading --- */

struct seen {
    uint8_t bytes[SGC_SECRET_MAX];
    size_t len;
};

static sg_err look(void *ctx, struct sg_bytes secret)
{
    struct seen *seen = ctx;
    memcpy(seen->bytes, secret.ptr, secret.len);
    seen->len = secret.len;
    return SG_OK;
}

static void ck_holds(const struct sgc_secret *secret, struct sg_bytes expected)
{
    struct seen seen;
    ck_ok(sgc_secret_use(secret, look, &seen));
    ck_assert(sg_bytes_eq(sg_bytes(seen.bytes, seen.len), expected));
}

START_TEST(a_copy_holds_what_was_copied_at_every_length)
{
    uint8_t bytes[SGC_SECRET_MAX];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i + 1);
    for (size_t len = 1; len <= sizeof(bytes); len++) {
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
        ck_ok(sgc_secret_copy(&secret, sg_bytes(bytes, len)));
        ck_assert(sgc_secret_is_set(&secret));
        ck_holds(&secret, sg_bytes(bytes, len));
    }
}
END_TEST

START_TEST(without_fill_there_are_zeros)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    struct seen seen;
    /* A slot that was used before must not show through. */
    ck_ok(sgc_secret_random(&secret, SGC_SECRET_MAX));
    sgc_secret_clear(&secret);
    ck_ok(sgc_secret_init(&secret, SGC_SECRET_MAX, NULL, NULL));
    ck_ok(sgc_secret_use(&secret, look, &seen));
    ck_assert_uint_eq(seen.len, SGC_SECRET_MAX);
    ck_assert(sgc_ct_is_zero(sg_bytes(seen.bytes, seen.len)));
}
END_TEST

START_TEST(random_secrets_come_from_rand)
{
    static const uint8_t drawn[32] = {1, 2, 3};
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    sg_det_rand_seed(0);
    sg_det_rand_script(SG_BYTES_ARRAY(drawn));
    ck_ok(sgc_secret_random(&secret, sizeof(drawn)));
    ck_holds(&secret, SG_BYTES_ARRAY(drawn));
}
END_TEST

START_TEST(lengths_out_of_bounds_are_refused)
{
    static const uint8_t bytes[SGC_SECRET_MAX + 1];
    struct sgc_secret secret = SGC_SECRET_NONE;
    ck_fails(sgc_secret_init(&secret, 0, NULL, NULL), LIMIT);
    ck_fails(sgc_secret_init(&secret, SGC_SECRET_MAX + 1, NULL, NULL), LIMIT);
    ck_fails(sgc_secret_init(&secret, SIZE_MAX, NULL, NULL), LIMIT);
    ck_fails(sgc_secret_copy(&secret, SG_BYTES_NONE), LIMIT);
    ck_fails(sgc_secret_copy(&secret, SG_BYTES_ARRAY(bytes)), LIMIT);
    ck_fails(sgc_secret_random(&secret, 0), LIMIT);
    ck_assert(!sgc_secret_is_set(&secret));
}
END_TEST

static sg_err refuse(void *ctx, struct sg_bytes secret)
{
    SG_UNUSED(ctx);
    SG_UNUSED(secret);
    SG_FAIL(KEK_UNAVAILABLE);
}

START_TEST(a_reader_s_error_comes_back)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    ck_fails(sgc_secret_use(&secret, refuse, NULL), INTERNAL);
    ck_ok(sgc_secret_random(&secret, 16));
    ck_fails(sgc_secret_use(&secret, refuse, NULL), KEK_UNAVAILABLE);
}
END_TEST

/* --- life --- */

START_TEST(clear_wipes_and_may_come_twice)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    sgc_secret_clear(&secret);
    ck_ok(sgc_secret_random(&secret, 64));
    const uint8_t *slot = secret.slot;
    sgc_secret_clear(&secret);
    sgc_secret_clear(&secret);
    ck_assert(!sgc_secret_is_set(&secret));
    /* The memory is the arena's and still there. */
    ck_assert(sgc_ct_is_zero(sg_bytes(slot, 64)));
}
END_TEST

START_TEST(take_moves_a_secret)
{
    struct sgc_secret giver = SGC_SECRET_NONE;
    ck_ok(sgc_secret_copy(&giver, SG_BYTES_LIT("key")));
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret taker = sgc_secret_take(&giver);
    ck_assert(!sgc_secret_is_set(&giver));
    ck_holds(&taker, SG_BYTES_LIT("key"));
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret none = sgc_secret_take(&giver);
    ck_assert(!sgc_secret_is_set(&none));
}
END_TEST

START_TEST(init_replaces_what_was_there)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    ck_ok(sgc_secret_copy(&secret, SG_BYTES_LIT("the first")));
    const uint8_t *slot = secret.slot;
    ck_ok(sgc_secret_copy(&secret, SG_BYTES_LIT("another")));
    ck_holds(&secret, SG_BYTES_LIT("another"));
    ck_assert(sgc_ct_is_zero(sg_bytes(slot, 9)));
}
END_TEST

static sg_err fill_and_refuse(void *ctx, uint8_t *slot, size_t len)
{
    uint8_t **out = ctx;
    memset(slot, 0x5a, len);
    *out = slot;
    SG_FAIL(CRYPTO);
}

START_TEST(a_failed_fill_changes_nothing_and_leaves_nothing)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    uint8_t *slot = NULL;
    ck_ok(sgc_secret_copy(&secret, SG_BYTES_LIT("stays")));
    ck_fails(sgc_secret_init(&secret, 32, fill_and_refuse, &slot), CRYPTO);
    ck_holds(&secret, SG_BYTES_LIT("stays"));
    ck_assert(sgc_ct_is_zero(sg_bytes(slot, 32)));
}
END_TEST

static sg_err draw_three(void *ctx)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret a = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret b = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret c = SGC_SECRET_NONE;
    SG_UNUSED(ctx);
    SG_TRY(sgc_secret_random(&a, 32));
    SG_TRY(sgc_secret_random(&b, 32));
    return sgc_secret_random(&c, 32);
}

START_TEST(a_full_arena_is_a_limit_and_recovers)
{
    ck_assert_uint_eq(sg_torture_slots(draw_three, NULL), 3);
    ck_assert_uint_eq(sg_torture_slots(draw_three, NULL), 3);
    ck_ok(draw_three(NULL));
}
END_TEST

START_TEST(failing_random_bytes_lose_no_slot)
{
    sg_det_rand_seed(0);
    ck_assert_uint_eq(sg_det_rand_torture(draw_three, NULL), 3);
    ck_assert_uint_eq(sg_torture_slots(draw_three, NULL), 3);
}
END_TEST

START_TEST(secrets_do_not_overlap)
{
    struct sgc_secret secrets[500];
    for (size_t i = 0; i < SG_COUNT_OF(secrets); i++) {
        uint8_t bytes[SGC_SECRET_MAX];
        memset(bytes, (int)(i % 251), sizeof(bytes));
        secrets[i] = SGC_SECRET_NONE;
        ck_ok(sgc_secret_copy(&secrets[i], SG_BYTES_ARRAY(bytes)));
    }
    for (size_t i = 0; i < SG_COUNT_OF(secrets); i++) {
        uint8_t bytes[SGC_SECRET_MAX];
        memset(bytes, (int)(i % 251), sizeof(bytes));
        ck_holds(&secrets[i], SG_BYTES_ARRAY(bytes));
        sgc_secret_clear(&secrets[i]);
    }
}
END_TEST

START_TEST(wiping_nothing_is_allowed)
{
    uint8_t bytes[4] = {1, 2, 3, 4};
    sgc_wipe(NULL, 0);
    sgc_wipe(bytes, 0);
    ck_assert_uint_eq(bytes[0], 1);
    sgc_wipe(bytes, 3);
    ck_assert(sg_bytes_eq(SG_BYTES_ARRAY(bytes), SG_BYTES_LIT("\0\0\0\4")));
}
END_TEST

/* --- threads --- */

static void *take_and_give_back(void *ctx)
{
    size_t *wrong = ctx;
    for (int round = 0; round < 2000; round++) {
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret a = SGC_SECRET_NONE;
        SG_CLEANUP(sgc_secret_clear) struct sgc_secret b = SGC_SECRET_NONE;
        struct seen seen = {{0}, 0};
        const char *text = round % 2 == 0 ? "one key" : "another";
        if (!sg_is_ok(sgc_secret_copy(&a, sg_bytes_str(text))) || !sg_is_ok(sgc_secret_copy(&b, sg_bytes_str("b"))) ||
            !sg_is_ok(sgc_secret_use(&a, look, &seen)) || !sg_bytes_eq_str(sg_bytes(seen.bytes, seen.len), text))
            ++*wrong;
    }
    return NULL;
}

START_TEST(threads_share_the_arena)
{
    pthread_t threads[4];
    size_t wrong[SG_COUNT_OF(threads)] = {0};
    for (size_t i = 0; i < SG_COUNT_OF(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give_back, &wrong[i]), 0);
    for (size_t i = 0; i < SG_COUNT_OF(threads); i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_uint_eq(wrong[i], 0);
    }
}
END_TEST

/* --- what must stop the program: each in a child, whose arena is fresh --- */

/* The status of a child that runs `fn` and leaves with what it returns. Its words on stderr are expected and muted. */
static int status_of_child(int (*fn)(struct sgc_secret *inherited), struct sgc_secret *inherited)
{
    int status = 0;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(99);
        _exit(fn(inherited));
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static bool was_stopped(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static int overrun_behind(struct sgc_secret *inherited)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    SG_UNUSED(inherited);
    if (!sg_is_ok(sgc_secret_random(&secret, 32)))
        return 1;
    secret.slot[SGC_SECRET_MAX] ^= 1;
    sgc_secret_clear(&secret);
    return 0;
}

static int overrun_before(struct sgc_secret *inherited)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    struct seen seen;
    SG_UNUSED(inherited);
    if (!sg_is_ok(sgc_secret_random(&secret, 32)))
        return 1;
    secret.slot[-16] ^= 1;
    return sg_is_ok(sgc_secret_use(&secret, look, &seen)) ? 0 : 2;
}

static int clear_a_second_owner(struct sgc_secret *inherited)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    SG_UNUSED(inherited);
    if (!sg_is_ok(sgc_secret_random(&secret, 32)))
        return 1;
    struct sgc_secret copied_by_mistake = secret;
    sgc_secret_clear(&secret);
    sgc_secret_clear(&copied_by_mistake);
    return 0;
}

static int use_after_clear(struct sgc_secret *inherited)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    struct seen seen;
    SG_UNUSED(inherited);
    if (!sg_is_ok(sgc_secret_random(&secret, 32)))
        return 1;
    struct sgc_secret copied_by_mistake = secret;
    sgc_secret_clear(&secret);
    return sg_is_ok(sgc_secret_use(&copied_by_mistake, look, &seen)) ? 0 : 2;
}

static int use_what_the_parent_had(struct sgc_secret *inherited)
{
    struct seen seen;
    return sg_is_ok(sgc_secret_use(inherited, look, &seen)) ? 0 : 2;
}

static const struct {
    const char *what;
    int (*fn)(struct sgc_secret *inherited);
} misuses[] = {
    {"a byte written behind the slot", overrun_behind},  {"a byte written before the slot", overrun_before},
    {"a slot given back twice", clear_a_second_owner},   {"a secret read after it was cleared", use_after_clear},
    {"a secret of the parent", use_what_the_parent_had},
};

START_TEST(misuse_stops_the_program)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    ck_ok(sgc_secret_random(&secret, 32));
    ck_assert_msg(was_stopped(status_of_child(misuses[_i].fn, &secret)), "%s", misuses[_i].what);
}
END_TEST

static int find_nothing_and_start_anew(struct sgc_secret *inherited)
{
    struct sgc_secret own = SGC_SECRET_NONE;
    struct seen seen;
    if (!sgc_ct_is_zero(sg_bytes(inherited->slot, inherited->len)))
        return 1;
    if (!sg_is_ok(sgc_secret_copy(&own, SG_BYTES_LIT("own"))) || !sg_is_ok(sgc_secret_use(&own, look, &seen)))
        return 2;
    if (!sg_bytes_eq_str(sg_bytes(seen.bytes, seen.len), "own"))
        return 3;
    sgc_secret_clear(&own);
    return 0;
}

START_TEST(a_child_sees_no_secret_of_its_parent)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    ck_ok(sgc_secret_copy(&secret, SG_BYTES_LIT("the parent's")));
    ck_assert_int_eq(status_of_child(find_nothing_and_start_anew, &secret), 0);
    ck_holds(&secret, SG_BYTES_LIT("the parent's"));
}
END_TEST

static uint8_t *page_of(const struct sgc_secret *secret)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return secret->slot - (uintptr_t)secret->slot % page;
}

static int read_the_guard_page(struct sgc_secret *inherited)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    SG_UNUSED(inherited);
    /* The first slot of a fresh arena lies on its first page. */
    if (!sg_is_ok(sgc_secret_arena_init(1)) || !sg_is_ok(sgc_secret_random(&secret, 32)))
        return 0;
    const volatile uint8_t *before = page_of(&secret) - 1;
    (void)*before;
    return 0;
}

START_TEST(guard_pages_cannot_be_read)
{
    int status = status_of_child(read_the_guard_page, NULL);
    /* A sanitizer turns the signal into an exit code of its own. */
    ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}
END_TEST

/* --- what the kernel was told --- */

/* The line "VmFlags:" of the mapping that `address` lies in. */
static bool vm_flags_of(const uint8_t *address, char *out, size_t size)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    bool inside = false, found = false;
    if (maps == NULL)
        return false;
    while (!found && fgets(out, (int)size, maps) != NULL) {
        unsigned long from = 0, to = 0;
        if (sscanf(out, "%lx-%lx ", &from, &to) == 2)
            inside = from <= (uintptr_t)address && (uintptr_t)address < to;
        found = inside && strncmp(out, "VmFlags:", 8) == 0;
    }
    (void)fclose(maps);
    return found;
}

START_TEST(secrets_are_locked_undumpable_and_wiped_on_fork)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret secret = SGC_SECRET_NONE;
    char flags[512];
    ck_ok(sgc_secret_random(&secret, 32));
    ck_assert(vm_flags_of(secret.slot, flags, sizeof(flags)));
    ck_assert_ptr_nonnull(strstr(flags, " dd"));
    ck_assert_ptr_nonnull(strstr(flags, " wf"));
    if (LOCKING_IS_REAL)
        ck_assert_ptr_nonnull(strstr(flags, " lo"));
}
END_TEST

/* Root may lock what it likes, so it becomes nobody first. */
static bool limit_locked_memory(size_t bytes)
{
    struct rlimit limit = {bytes, bytes};
    return setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && (geteuid() != 0 || setresuid(65534, 65534, 65534) == 0);
}

static int ask_for_too_much(struct sgc_secret *inherited)
{
    struct sgc_secret secret = SGC_SECRET_NONE;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    SG_UNUSED(inherited);
    if (!limit_locked_memory(page))
        return 1;
    if (!sg_is(sgc_secret_arena_init(1000), INTERNAL) || !sg_is(sgc_secret_random(&secret, 32), INTERNAL))
        return 2;
    /* What fits works; the next run of pages does not, and what there was stays good. */
    if (!sg_is_ok(sgc_secret_arena_init(1)) || !sg_is_ok(sgc_secret_copy(&secret, SG_BYTES_LIT("fits"))))
        return 3;
    struct sgc_secret more[64];
    size_t count = 0;
    sg_err err = SG_OK;
    while (sg_is_ok(err) && count < SG_COUNT_OF(more)) {
        more[count] = SGC_SECRET_NONE;
        err = sgc_secret_random(&more[count++], 32);
    }
    struct seen seen;
    if (!sg_is(err, INTERNAL) || !sg_is_ok(sgc_secret_use(&secret, look, &seen)))
        return 4;
    return sg_bytes_eq_str(sg_bytes(seen.bytes, seen.len), "fits") ? 0 : 5;
}

START_TEST(memory_that_cannot_be_locked_is_not_used)
{
    if (!LOCKING_IS_REAL)
        return;
    ck_assert_int_eq(status_of_child(ask_for_too_much, NULL), 0);
}
END_TEST

static int ask_for_nonsense(struct sgc_secret *inherited)
{
    SG_UNUSED(inherited);
    if (!sg_is(sgc_secret_arena_init(0), LIMIT) || !sg_is(sgc_secret_arena_init(SIZE_MAX), LIMIT))
        return 1;
    return sg_is_ok(sgc_secret_arena_init(10)) && sg_is_ok(sgc_secret_arena_init(0)) ? 0 : 2;
}

START_TEST(arena_sizes_out_of_bounds_are_refused)
{
    ck_assert_int_eq(status_of_child(ask_for_nonsense, NULL), 0);
}
END_TEST

SG_TEST_MAIN("crypto/secret", TEST(a_copy_holds_what_was_copied_at_every_length), TEST(without_fill_there_are_zeros),
             TEST(random_secrets_come_from_rand), TEST(lengths_out_of_bounds_are_refused),
             TEST(a_reader_s_error_comes_back), TEST(clear_wipes_and_may_come_twice), TEST(take_moves_a_secret),
             TEST(init_replaces_what_was_there), TEST(a_failed_fill_changes_nothing_and_leaves_nothing),
             TEST(a_full_arena_is_a_limit_and_recovers), TEST(failing_random_bytes_lose_no_slot),
             TEST(secrets_do_not_overlap), TEST(wiping_nothing_is_allowed), TEST(threads_share_the_arena),
             TEST_LOOP(misuse_stops_the_program, SG_COUNT_OF(misuses)), TEST(a_child_sees_no_secret_of_its_parent),
             TEST(guard_pages_cannot_be_read), TEST(secrets_are_locked_undumpable_and_wiped_on_fork),
             TEST(memory_that_cannot_be_locked_is_not_used), TEST(arena_sizes_out_of_bounds_are_refused))
