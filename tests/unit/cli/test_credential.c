/* Are credentials made, added and kept quiet about? */
#include "rig.h"

#include <string.h>
#include <sys/stat.h>

#include "core/keystore.h"

#include "common/banned.h"

START_TEST(credentials_are_added_and_the_secret_is_not_shown)
{
    struct rig rig;
    char text[1024], id[64];
    struct stat info;
    struct sg_keystore *store;
    rig_init(&rig);
    const char *file = rig_path(&rig, "credentials");
    ck_assert_int_eq(rig_run(&rig, "credential", "new", "--credentials", file), 0);
    ck_assert_int_eq(sscanf(rig.out, "access key id: %63s", id), 1);
    ck_assert_uint_eq(strlen(id), 20);
    ck_contains(rig.out, "/credentials, behind the id");
    rig_get(&rig, "credentials", text, sizeof(text));
    ck_assert_int_eq(strncmp(text, id, 20), 0);
    ck_assert_uint_eq(strlen(text), 20 + 1 + 40 + 1);
    text[61] = '\0';
    ck_lacks(rig.out, text + 21);
    ck_lacks(rig.err, text + 21);

    ck_assert_int_eq(rig_run(&rig, "credential", "new", "--credentials", file), 0);
    rig_get(&rig, "credentials", text, sizeof(text));
    ck_ok(sg_keystore_parse(sg_bytes_str(text), &store, NULL));
    ck_assert_uint_eq(sg_keystore_count(store), 2);
    sg_keystore_free(store);
    ck_assert_int_eq(stat(file, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    rig_clear(&rig);
}
END_TEST

START_TEST(the_secret_is_shown_when_asked_for)
{
    struct rig rig;
    char text[1024], secret[64];
    rig_init(&rig);
    ck_assert_int_eq(rig_run(&rig, "credential", "new", "--show", "--credentials", rig_path(&rig, "c")), 0);
    ck_assert_int_eq(sscanf(strstr(rig.out, "secret access key: "), "secret access key: %63s", secret), 1);
    ck_contains(rig_get(&rig, "c", text, sizeof(text)), secret);
    rig_clear(&rig);
}
END_TEST

START_TEST(what_is_in_the_file_stays)
{
    struct rig rig;
    char text[1024];
    rig_init(&rig);
    rig_put_text(&rig, "c", "# clients\nother a-secret-of-some-length", 0600);
    ck_assert_int_eq(rig_run(&rig, "credential", "new", "--credentials", rig_path(&rig, "c")), 0);
    rig_get(&rig, "c", text, sizeof(text));
    ck_assert_int_eq(strncmp(text, "# clients\nother a-secret-of-some-length\nSG", 42), 0);
    rig_clear(&rig);
}
END_TEST

START_TEST(a_broken_or_open_file_is_not_touched)
{
    struct rig rig;
    char text[1024];
    rig_init(&rig);
    rig_put_text(&rig, "broken", "no-secret\n", 0600);
    rig_put_text(&rig, "open", "", 0640);
    ck_assert_int_eq(rig_run(&rig, "credential", "new", "--credentials", rig_path(&rig, "broken")), 1);
    ck_contains(rig.err, "line 1: the secret is missing");
    ck_assert_str_eq(rig_get(&rig, "broken", text, sizeof(text)), "no-secret\n");
    ck_assert_int_eq(rig_run(&rig, "credential", "new", "--credentials", rig_path(&rig, "open")), 1);
    ck_contains(rig.err, "run: chmod 600");
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/credential", TEST(credentials_are_added_and_the_secret_is_not_shown),
             TEST(the_secret_is_shown_when_asked_for), TEST(what_is_in_the_file_stays),
             TEST(a_broken_or_open_file_is_not_touched))
