/*
 * The arena of key bytes. One run of locked pages between two guard pages is cut into slots of one size; a slot is a
 * canary, the bytes, a canary. A canary depends on the slot's address and on a random number of the process, and is
 * there only while the slot is in use: a stray write, a slot given back twice and a secret that a fork has wiped are
 * all found at the next use or clear, and stop the program. When a run is full another of the same size is added.
 */
#include "crypto/secret.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crypto/rand.h"

#include "common/banned.h"

enum {
    DEFAULT_SLOTS = 64,   /* of an arena that nobody sized; 3 pages */
    SLOTS_MAX = 1u << 16, /* in one run; 10 MiB */
    RUNS_MAX = 16,
};

struct slot {
    uint64_t front;
    struct slot *next_free;
    uint8_t bytes[SGC_SECRET_MAX];
    uint64_t back;
    uint64_t unused; /* keeps slots on 32-byte bounds */
};

static struct {
    pthread_mutex_t lock;
    uint64_t canary; /* 0 = no arena yet */
    struct slot *free;
    size_t slots_per_run;
    size_t run_count;
} arena = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t fork_handlers_once = PTHREAD_ONCE_INIT;

void sgc_wipe(void *ptr, size_t len)
{
    if (len > 0)
        explicit_bzero(ptr, len);
}

/* --- slots --- */

static struct slot *slot_of(const struct sgc_secret *secret)
{
    return (struct slot *)(void *)(secret->slot - offsetof(struct slot, bytes));
}

static uint64_t canary_of(const struct slot *slot)
{
    return arena.canary ^ (uint64_t)(uintptr_t)slot;
}

static void slot_check(const struct slot *slot)
{
    sg_assert(slot->front == canary_of(slot));
    sg_assert(slot->back == canary_of(slot));
}

static void slot_give_back(struct slot *slot)
{
    (void)pthread_mutex_lock(&arena.lock);
    slot_check(slot);
    sgc_wipe(slot, sizeof(*slot));
    slot->next_free = arena.free;
    arena.free = slot;
    (void)pthread_mutex_unlock(&arena.lock);
}

/* --- runs of pages; the caller holds the lock --- */

/* Never swapped, never in a core dump, never in a child. */
static bool protect(void *pages, size_t len)
{
    if (mlock(pages, len) != 0 || madvise(pages, len, MADV_DONTDUMP) != 0)
        return false;
    /* Kernels that cannot wipe on fork can at least leave the pages out. */
    return madvise(pages, len, MADV_WIPEONFORK) == 0 || madvise(pages, len, MADV_DONTFORK) == 0;
}

static sg_err add_run(void)
{
    SG_CHECK(arena.run_count < RUNS_MAX, LIMIT);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t len = (arena.slots_per_run * sizeof(struct slot) + page - 1) / page * page;

    uint8_t *base = mmap(NULL, page + len + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SG_CHECK(base != MAP_FAILED, INTERNAL);
    if (mprotect(base + page, len, PROT_READ | PROT_WRITE) != 0 || !protect(base + page, len)) {
        (void)munmap(base, page + len + page);
        SG_FAIL(INTERNAL);
    }
    struct slot *slots = (struct slot *)(void *)(base + page);
    for (size_t i = len / sizeof(struct slot); i > 0; i--) {
        slots[i - 1].next_free = arena.free;
        arena.free = &slots[i - 1];
    }
    arena.run_count++;
    return SG_OK;
}

static sg_err arena_start(size_t slot_count)
{
    if (arena.canary != 0)
        return SG_OK;
    SG_CHECK(slot_count >= 1 && slot_count <= SLOTS_MAX, LIMIT);
    uint64_t canary;
    SG_TRY(sgc_rand((uint8_t *)&canary, sizeof(canary)));
    arena.slots_per_run = slot_count;
    SG_TRY(add_run());
    /* Odd, and slots have even addresses: never the zero that stands in a free or a wiped slot. */
    arena.canary = canary | 1u;
    return SG_OK;
}

static sg_err slot_take(struct slot **out)
{
    SG_TRY(arena_start(DEFAULT_SLOTS));
    if (arena.free == NULL)
        SG_TRY(add_run());
    sg_assert(arena.free != NULL);
    *out = arena.free;
    arena.free = (*out)->next_free;
    (*out)->next_free = NULL;
    (*out)->front = canary_of(*out);
    (*out)->back = canary_of(*out);
    return SG_OK;
}

/* --- fork --- */

static void before_fork(void)
{
    (void)pthread_mutex_lock(&arena.lock);
}

static void after_fork_in_parent(void)
{
    (void)pthread_mutex_unlock(&arena.lock);
}

/* The pages of the parent are empty here, or gone: a child starts with an arena of its own. */
static void after_fork_in_child(void)
{
    arena.canary = 0;
    arena.free = NULL;
    arena.run_count = 0;
    (void)pthread_mutex_unlock(&arena.lock);
}

static void watch_forks(void)
{
    sg_assert(pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0);
}

/* --- the public face --- */

sg_err sgc_secret_arena_init(size_t slot_count)
{
    (void)pthread_once(&fork_handlers_once, watch_forks);
    (void)pthread_mutex_lock(&arena.lock);
    sg_err err = arena_start(slot_count);
    (void)pthread_mutex_unlock(&arena.lock);
    return err;
}

sg_err sgc_secret_init(struct sgc_secret *secret, size_t len, sgc_secret_fill_fn *fill, void *ctx)
{
    struct slot *slot = NULL;
    SG_CHECK(len >= 1 && len <= SGC_SECRET_MAX, LIMIT);
    (void)pthread_once(&fork_handlers_once, watch_forks);
    (void)pthread_mutex_lock(&arena.lock);
    sg_err err = slot_take(&slot);
    (void)pthread_mutex_unlock(&arena.lock);
    SG_TRY(err);
    sg_assert(slot != NULL);

    if (fill != NULL)
        err = fill(ctx, slot->bytes, len);
    if (!sg_is_ok(err)) {
        slot_give_back(slot);
        return err;
    }
    /* Only now, because `fill` may have read the old value. */
    sgc_secret_clear(secret);
    *secret = (struct sgc_secret){slot->bytes, len};
    return SG_OK;
}

static sg_err fill_by_copy(void *ctx, uint8_t *slot, size_t len)
{
    const struct sg_bytes *bytes = ctx;
    memcpy(slot, bytes->ptr, len);
    return SG_OK;
}

sg_err sgc_secret_copy(struct sgc_secret *secret, struct sg_bytes bytes)
{
    return sgc_secret_init(secret, bytes.len, fill_by_copy, &bytes);
}

static sg_err fill_by_rand(void *ctx, uint8_t *slot, size_t len)
{
    SG_UNUSED(ctx);
    return sgc_rand(slot, len);
}

sg_err sgc_secret_random(struct sgc_secret *secret, size_t len)
{
    return sgc_secret_init(secret, len, fill_by_rand, NULL);
}

sg_err sgc_secret_use(const struct sgc_secret *secret, sgc_secret_fn *fn, void *ctx)
{
    SG_CHECK(secret->slot != NULL, INTERNAL);
    slot_check(slot_of(secret));
    return fn(ctx, sg_bytes(secret->slot, secret->len));
}

struct sgc_secret sgc_secret_take(struct sgc_secret *secret)
{
    struct sgc_secret taken = *secret;
    *secret = SGC_SECRET_NONE;
    return taken;
}

void sgc_secret_clear(struct sgc_secret *secret)
{
    if (secret->slot == NULL)
        return;
    slot_give_back(slot_of(secret));
    *secret = SGC_SECRET_NONE;
}
