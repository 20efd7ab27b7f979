/*
 * rig.h - runs a command in this process and keeps what it prints; a folder of its own for files.
 *
 * Usage      rig_init(&rig); ck_assert_int_eq(rig_run(&rig, "key", "list", "--keyring", rig_path(&rig, "k")), 0); look
 *            at rig.out and rig.err; rig_clear(&rig) removes the folder and what is in it.
 */
#ifndef SG_TESTS_CLI_RIG_H
#define SG_TESTS_CLI_RIG_H

#include "support/check_main.h"

#include <stdbool.h>
#include <sys/types.h>

#define RIG_WORDS_MAX 24u
#define RIG_TEXT_MAX  8192u

struct rig {
    char folder[40];
    char paths[8][128]; /* of rig_path(), used in turn */
    unsigned next_path;
    char out[RIG_TEXT_MAX], err[RIG_TEXT_MAX]; /* of the last run */
};

void rig_init(struct rig *rig);
void rig_clear(struct rig *rig);
/* FOLDER/name; valid for the next seven calls. */
const char *rig_path(struct rig *rig, const char *name);
void rig_put(struct rig *rig, const char *name, const void *contents, size_t len, mode_t mode);
void rig_put_text(struct rig *rig, const char *name, const char *text, mode_t mode);
/* The whole file, terminated, in `room`. */
const char *rig_get(struct rig *rig, const char *name, char *room, size_t size);
bool rig_has(struct rig *rig, const char *name);

/* Runs "sealgate WORD..."; gives the exit code. */
#define rig_run(rig, ...) rig_run_words((rig), (const char *const[]){"sealgate", __VA_ARGS__, NULL})
int rig_run_words(struct rig *rig, const char *const *words);

#define ck_contains(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "'%s' is not in: %s", (part), (text))
#define ck_lacks(text, part)    ck_assert_msg(strstr((text), (part)) == NULL, "'%s' is in: %s", (part), (text))

#endif
