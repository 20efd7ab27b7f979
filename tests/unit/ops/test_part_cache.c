/* The cache keeps its bounds, forgets the oldest first, and never answers for another key. */
#include "ops/part_cache.h"

#include "support/check_main.h"

#include "common/banned.h"

#define TABLE 10u

static struct sg_part_key key_of(unsigned number)
{
    struct sg_part_key key = {.stored = 1000};
    key.commitment[0] = (uint8_t)number;
    key.commitment[1] = (uint8_t)(number >> 8);
    return key;
}

static void add(struct sg_part_cache *cache, unsigned number, size_t count)
{
    struct sgc_part parts[100] = {{0}};
    struct sg_part_key key = key_of(number);
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct sgc_part){.number = (uint32_t)i + 1, .plain = number};
    sg_part_cache_add(cache, &key, parts, count);
}

static size_t find(struct sg_part_cache *cache, const struct sg_part_key *key)
{
    struct sg_arena arena = {NULL, 0};
    const struct sgc_part *parts;
    size_t count;
    ck_ok(sg_part_cache_find(cache, key, &arena, &parts, &count));
    for (size_t i = 0; i < count; i++)
        ck_assert(parts[i].number == i + 1 &&
                  parts[i].plain == (unsigned)(key->commitment[0] | key->commitment[1] << 8));
    sg_arena_clear(&arena);
    return count;
}

static bool has(struct sg_part_cache *cache, unsigned number)
{
    struct sg_part_key key = key_of(number);
    return find(cache, &key) > 0;
}

START_TEST(what_was_added_is_found)
{
    struct sg_part_cache *cache = sg_part_cache_new(1 << 20, 10);
    add(cache, 1, TABLE);
    add(cache, 2, 1);
    ck_assert(has(cache, 1) && has(cache, 2) && !has(cache, 3));
    sg_part_cache_free(cache);
}
END_TEST

START_TEST(another_size_or_commitment_is_another_object) /* FMT-22 */
{
    struct sg_part_cache *cache = sg_part_cache_new(1 << 20, 10);
    struct sg_part_key key = key_of(1);
    add(cache, 1, TABLE);
    key.stored++;
    ck_assert_uint_eq(find(cache, &key), 0);
    key = key_of(1);
    key.commitment[SGC_COMMITMENT_LEN - 1] ^= 1;
    ck_assert_uint_eq(find(cache, &key), 0);
    sg_part_cache_free(cache);
}
END_TEST

START_TEST(the_least_recently_used_goes_first)
{
    struct sg_part_cache *cache = sg_part_cache_new(1 << 20, 3);
    for (unsigned i = 1; i <= 3; i++)
        add(cache, i, TABLE);
    ck_assert(has(cache, 1));
    add(cache, 4, TABLE);
    ck_assert(has(cache, 1) && !has(cache, 2) && has(cache, 3) && has(cache, 4));
    sg_part_cache_free(cache);
}
END_TEST

START_TEST(bytes_are_bounded)
{
    struct sg_part_cache *cache = sg_part_cache_new(4096, 1000);
    unsigned kept = 0;
    for (unsigned i = 1; i <= 200; i++)
        add(cache, i, TABLE);
    for (unsigned i = 1; i <= 200; i++)
        kept += has(cache, i);
    ck_assert(kept > 5 && kept * TABLE * sizeof(struct sgc_part) <= 4096);
    sg_part_cache_free(cache);
}
END_TEST

START_TEST(what_is_larger_than_the_cache_is_not_kept)
{
    struct sg_part_cache *cache = sg_part_cache_new(1000, 10);
    add(cache, 1, TABLE);
    add(cache, 2, 100);
    ck_assert(has(cache, 1) && !has(cache, 2));
    sg_part_cache_free(cache);
}
END_TEST

START_TEST(a_cache_of_nothing_and_no_cache_are_accepted)
{
    struct sg_part_cache *cache = sg_part_cache_new(0, 0);
    add(cache, 1, TABLE);
    add(NULL, 1, TABLE);
    ck_assert(!has(cache, 1) && !has(NULL, 1));
    sg_part_cache_free(cache);
    sg_part_cache_free(NULL);
}
END_TEST

START_TEST(adding_again_replaces)
{
    struct sg_part_cache *cache = sg_part_cache_new(1 << 20, 2);
    struct sg_part_key key = key_of(1);
    add(cache, 1, TABLE);
    add(cache, 1, 3);
    ck_assert_uint_eq(find(cache, &key), 3);
    add(cache, 2, 1);
    ck_assert(has(cache, 1) && has(cache, 2));
    sg_part_cache_free(cache);
}
END_TEST

SG_TEST_MAIN("ops/part_cache", TEST(what_was_added_is_found), TEST(another_size_or_commitment_is_another_object),
             TEST(the_least_recently_used_goes_first), TEST(bytes_are_bounded),
             TEST(what_is_larger_than_the_cache_is_not_kept), TEST(a_cache_of_nothing_and_no_cache_are_accepted),
             TEST(adding_again_replaces))
