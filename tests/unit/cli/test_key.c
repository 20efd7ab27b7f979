/* What does an operator who works with keys see, and what never? */
#include "rig.h"

#include <string.h>
#include <sys/stat.h>

#include "common/banned.h"

static const char *key_of(char *line)
{
    return strrchr(line, ' ') + 1;
}

START_TEST(keys_are_made_listed_and_retired)
{
    struct rig rig;
    char text[2048], first[200];
    struct stat info;
    rig_init(&rig);
    const char *keyring = rig_path(&rig, "keyring");
    ck_assert_int_eq(rig_run(&rig, "key", "new", "--keyring", keyring, "main"), 0);
    ck_assert_str_eq(rig.out, "main:1 active\n");
    ck_contains(rig.err, "Keep a copy of ");
    ck_assert_int_eq(stat(keyring, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    rig_get(&rig, "keyring", first, sizeof(first));
    ck_lacks(rig.out, key_of(first));
    ck_lacks(rig.err, key_of(first));

    ck_assert_int_eq(rig_run(&rig, "key", "new", "main", "--keyring", keyring), 0);
    ck_assert_str_eq(rig.out, "main:2 active\nmain:1 decrypt-only\n");
    ck_contains(rig.err, "add main:2 to the keys of your buckets");
    rig_get(&rig, "keyring", text, sizeof(text));
    ck_contains(text, key_of(first));

    ck_assert_int_eq(rig_run(&rig, "key", "retire", "main:1", "--keyring", keyring), 1);
    ck_contains(rig.err, "Warning: objects and uploads under way that are sealed with main:1");
    ck_contains(rig.err, "nothing was changed");
    ck_assert_int_eq(rig_run(&rig, "key", "retire", "main:1", "--keyring", keyring, "--yes"), 0);
    ck_assert_str_eq(rig.out, "main:1 disabled\n");

    ck_assert_int_eq(rig_run(&rig, "key", "list", "--keyring", keyring), 0);
    ck_assert_str_eq(rig.out, "main:1 disabled\nmain:2 active\n");
    ck_assert_str_eq(rig.err, "");
    rig_clear(&rig);
}
END_TEST

START_TEST(what_cannot_be_done_leaves_the_keyring_alone)
{
    struct rig rig;
    char before[300], after[300];
    rig_init(&rig);
    const char *keyring = rig_path(&rig, "keyring");
    ck_assert_int_eq(rig_run(&rig, "key", "new", "--keyring", keyring, "main"), 0);
    rig_get(&rig, "keyring", before, sizeof(before));
    ck_assert_int_eq(rig_run(&rig, "key", "new", "--keyring", keyring, "Bad Name"), 1);
    ck_contains(rig.err, "'Bad Name' is not a name for a key");
    ck_assert_int_eq(rig_run(&rig, "key", "retire", "--yes", "--keyring", keyring, "main:1"), 1);
    ck_contains(rig.err, "main:1 is active");
    ck_assert_int_eq(rig_run(&rig, "key", "retire", "--yes", "--keyring", keyring, "main:2"), 1);
    ck_contains(rig.err, "there is no key 'main:2'");
    ck_assert_str_eq(rig_get(&rig, "keyring", after, sizeof(after)), before);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_keyring_that_others_can_read_is_refused)
{
    struct rig rig;
    rig_init(&rig);
    rig_put_text(&rig, "keyring", "", 0644);
    const char *keyring = rig_path(&rig, "keyring");
    ck_assert_int_eq(rig_run(&rig, "key", "new", "--keyring", keyring, "main"), 1);
    ck_contains(rig.err, "run: chmod 600 ");
    ck_assert_int_eq(rig_run(&rig, "key", "list", "--keyring", keyring), 1);
    ck_contains(rig.err, "run: chmod 600 ");
    rig_clear(&rig);
}
END_TEST

START_TEST(a_keyring_that_is_not_there_can_only_be_made)
{
    struct rig rig;
    rig_init(&rig);
    ck_assert_int_eq(rig_run(&rig, "key", "list", "--keyring", rig_path(&rig, "none")), 1);
    ck_contains(rig.err, "none: cannot be opened: No such file");
    ck_assert_int_eq(rig_run(&rig, "key", "retire", "a:1", "--yes", "--keyring", rig_path(&rig, "none")), 1);
    ck_assert(!rig_has(&rig, "none"));
    ck_assert_int_eq(rig_run(&rig, "key", "new", "a", "--keyring", rig_path(&rig, "none/none")), 1);
    ck_contains(rig.err, "its folder cannot be opened");
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/key", TEST(keys_are_made_listed_and_retired), TEST(what_cannot_be_done_leaves_the_keyring_alone),
             TEST(a_keyring_that_others_can_read_is_refused), TEST(a_keyring_that_is_not_there_can_only_be_made))
