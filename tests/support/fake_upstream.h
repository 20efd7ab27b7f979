/*
 * fake_upstream.h - a TLS server on loopback that follows a script, step by step, and remembers what it was sent.
 *
 * Idea       Each accepted connection takes the next script (the last one serves all further connections) and a thread
 *            of its own. Certificates are made in memory; the CA that clients should trust is a file. Nothing here is
 *            shared with the code under test, so that both cannot be wrong in the same way.
 * Ownership  The server owns its threads, sockets and the CA file until free(). Scripts must outlive it.
 * Threads    The functions may be called from the thread of the test at any time.
 * Usage      static const struct fake_step script[] = {{.kind = FAKE_HEAD}, {FAKE_SEND, .text = "HTTP/1.1 ..."}};
 */
#ifndef SG_TESTS_FAKE_UPSTREAM_H
#define SG_TESTS_FAKE_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_step_kind {
    FAKE_END,       /* close, politely */
    FAKE_HEAD,      /* read the head of a request; the script ends when the client closes instead */
    FAKE_BODY,      /* read the rest of the body that the head announced */
    FAKE_BODY_PART, /* read `count` bytes of it */
    FAKE_BODY_SLOW, /* like BODY, with `count` ms of sleep before each piece of at most 16 KiB */
    FAKE_SEND,      /* send `text`, `count` times (0 counts as once); the script ends when the client is gone */
    FAKE_SEND_DATA, /* send `count` bytes of the pattern, from where the last SEND_DATA ended */
    FAKE_SLEEP,     /* `count` ms */
    FAKE_DRAIN,     /* read until the client closes */
    FAKE_CUT,       /* close without a word of TLS */
    FAKE_RESET,     /* RST */
    FAKE_AGAIN,     /* from the first step on, on the same connection */
};

struct fake_step {
    enum fake_step_kind kind;
    const char *text;
    size_t count;
};

enum fake_identity {
    FAKE_GOOD,       /* 127.0.0.1 and localhost, signed by the CA of the file */
    FAKE_OTHER_NAME, /* signed, for another name */
    FAKE_OTHER_CA,   /* signed by a CA that is not in the file */
    FAKE_SELF_SIGNED,
    FAKE_EXPIRED,
};

struct fake_upstream_options {
    enum fake_identity identity;
    bool tls_1_1_only;
    bool cbc_only; /* TLS 1.2 with suites that are not AEAD */
    bool plain;    /* no TLS at all */
};

struct fake_upstream;

struct fake_upstream *fake_upstream_new(const struct fake_upstream_options *options);
void fake_upstream_free(struct fake_upstream *up);
/* To be called before connections come; up to 8 scripts. */
void fake_upstream_script(struct fake_upstream *up, const struct fake_step *script);

unsigned fake_upstream_port(const struct fake_upstream *up);
const char *fake_upstream_ca_file(const struct fake_upstream *up);

/* What was seen. */
unsigned fake_upstream_connections(struct fake_upstream *up);
unsigned fake_upstream_max_parallel(struct fake_upstream *up);
unsigned fake_upstream_requests(struct fake_upstream *up);
/* The last head, terminated, valid until the next call. */
const char *fake_upstream_head(struct fake_upstream *up);
/* Of the last request: bytes of its body, and whether they are the pattern from its beginning. */
uint64_t fake_upstream_body_len(struct fake_upstream *up);
bool fake_upstream_body_is_pattern(struct fake_upstream *up);

/* The byte at `at` of the pattern that both sides send as content. */
static inline uint8_t fake_pattern(uint64_t at)
{
    return (uint8_t)((at * 131) ^ (at >> 8) ^ (at >> 16) ^ (at >> 24));
}

#endif
