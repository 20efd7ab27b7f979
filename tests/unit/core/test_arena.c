/* Does request memory stay apart, zeroed and bounded, and go all at once? */
#include "support/check_main.h"

#include "core/arena.h"

#include "common/banned.h"

START_TEST(memory_is_zeroed_aligned_and_apart)
{
    struct sg_arena arena = {0};
    uint8_t *before = NULL;
    for (size_t size = 0; size < 300; size++) {
        void *ptr;
        ck_ok(sg_arena_alloc(&arena, size, &ptr));
        ck_assert_uint_eq((uintptr_t)ptr % _Alignof(max_align_t), 0);
        uint8_t *bytes = ptr;
        ck_assert_ptr_ne(bytes, before);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(bytes[i], 0);
        memset(bytes, 0xff, size);
        before = bytes;
    }
    sg_arena_clear(&arena);
}
END_TEST

START_TEST(what_does_not_fit_is_refused_and_the_rest_still_fits)
{
    struct sg_arena arena = {0};
    void *ptr;
    ck_fails(sg_arena_alloc(&arena, SIZE_MAX, &ptr), LIMIT);
    ck_fails(sg_arena_alloc(&arena, SG_ARENA_MAX + 1, &ptr), LIMIT);
    ck_ok(sg_arena_alloc(&arena, SG_ARENA_MAX - 1000, &ptr));
    ck_fails(sg_arena_alloc(&arena, 1008, &ptr), LIMIT);
    ck_ok(sg_arena_alloc(&arena, 900, &ptr));
    memset(ptr, 1, 900);
    ck_fails(sg_arena_alloc(&arena, 200, &ptr), LIMIT);
    sg_arena_clear(&arena);
    ck_ok(sg_arena_alloc(&arena, SG_ARENA_MAX, &ptr));
    sg_arena_clear(&arena);
}
END_TEST

START_TEST(many_small_pieces_reach_the_limit_and_not_more)
{
    struct sg_arena arena = {0};
    size_t count = 0;
    void *ptr;
    while (sg_is_ok(sg_arena_alloc(&arena, 64, &ptr)))
        count++;
    ck_assert_uint_eq(count, SG_ARENA_MAX / 64);
    sg_arena_clear(&arena);
}
END_TEST

START_TEST(copies_are_terminated)
{
    struct sg_arena arena = {0};
    struct sg_bytes copy, printed;
    ck_ok(sg_arena_copy(&arena, SG_BYTES_LIT("bucket"), &copy));
    ck_ok(sg_arena_printf(&arena, &printed, "%s-%d", "part", 10000));
    ck_assert_str_eq((const char *)copy.ptr, "bucket");
    ck_assert_str_eq((const char *)printed.ptr, "part-10000");
    ck_assert_uint_eq(printed.len, 10);
    ck_ok(sg_arena_copy(&arena, SG_BYTES_NONE, &copy));
    ck_assert_uint_eq(copy.len, 0);
    ck_assert_str_eq((const char *)copy.ptr, "");
    sg_arena_clear(&arena);
    sg_arena_clear(&arena);
}
END_TEST

SG_TEST_MAIN("core/arena", TEST(memory_is_zeroed_aligned_and_apart),
             TEST(what_does_not_fit_is_refused_and_the_rest_still_fits),
             TEST(many_small_pieces_reach_the_limit_and_not_more), TEST(copies_are_terminated))
