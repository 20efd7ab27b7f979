/*
 * object.h - objects for the tests of the engine: put through it once, kept as the upstream would hold them.
 */
#ifndef SG_TESTS_ENGINE_OBJECT_H
#define SG_TESTS_ENGINE_OBJECT_H

#include "unit/engine/world.h"

#define ETAG       "\"0123456789abcdef0123456789abcdef\""
#define OBJECT_MAX 300000u

/* The plaintext of every object: its first bytes. */
extern uint8_t plain[OBJECT_MAX];
/* Headers of a successful answer to a PUT. */
extern const char *const put_ok[];

struct stored {
    struct sgc_buf body;
    char envelope[3000], metadata[3000];
};

void put(struct stored *out, const char *target, size_t len, const char *const *headers);
/* Answers a GET with `len` stored bytes from `from` on, in pieces of `piece`. */
void answer_get(struct world *w, const struct stored *s, size_t from, size_t len, size_t piece);

#endif
