/*
 * keyring.c - the key file: one line, one key.
 *
 * A key is decoded from the line straight into its slot of locked memory and never lies anywhere else. Messages name
 * the line and what to do, and repeat nothing of it: a key that stands in the wrong field must not end in a log.
 *
 * Whether two keys are equal is looked at for every pair; with at most SG_LIMIT_KEYRING_COUNT keys that takes some
 * milliseconds, once.
 */
#include "crypto/keyring.h"

#include "common/limits.h"
#include "crypto/append.h"
#include "crypto/ct.h"

#include "common/banned.h"

struct sgc_keyring {
    struct sgc_kek *keks;
    size_t count;
};

static const char *const state_names[] = {
    [SGC_KEK_ACTIVE] = "active",
    [SGC_KEK_DECRYPT_ONLY] = "decrypt-only",
    [SGC_KEK_DISABLED] = "disabled",
};

/* Where the parser is, for its messages. */
struct reader {
    struct sgc_keyring *keyring;
    struct sgc_buf *message;
    size_t line;
};

static sg_err refuse(const struct reader *r, const char *what)
{
    if (r->message != NULL) {
        sgc_buf_clear(r->message);
        /* The refusal counts, also where its text does not fit. */
        sg_err err = sgc_buf_appendf(r->message, "line %zu: %s", r->line, what);
        SG_UNUSED(err);
    }
    SG_FAIL(CONFIG);
}

/* --- ids and states --- */

static bool is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* FMT-8 */
bool sgc_kek_id_is_valid(struct sg_bytes id)
{
    struct sg_bytes name = sg_bytes_slice(id, 0, sg_bytes_find(id, ':'));
    struct sg_bytes version = sg_bytes_skip(id, name.len + 1);
    if (name.len < 1 || name.len > SGC_KEK_NAME_MAX || version.len < 1 || version.len > SGC_KEK_VERSION_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (!is_name_char(name.ptr[i]))
            return false;
    }
    for (size_t i = 0; i < version.len; i++) {
        if (version.ptr[i] < '0' || version.ptr[i] > '9')
            return false;
    }
    return version.ptr[0] != '0';
}

const char *sgc_kek_state_name(enum sgc_kek_state state)
{
    sg_assert((size_t)state < SG_COUNT_OF(state_names));
    return state_names[state];
}

static bool state_of(struct sg_bytes name, enum sgc_kek_state *out)
{
    for (size_t i = 0; i < SG_COUNT_OF(state_names); i++) {
        if (sg_bytes_eq_str(name, state_names[i])) {
            *out = (enum sgc_kek_state)i;
            return true;
        }
    }
    return false;
}

/* The NAME of NAME:VERSION. */
static struct sg_bytes name_of(const struct sgc_kek *kek)
{
    struct sg_bytes id = sg_bytes_str(kek->id);
    return sg_bytes_slice(id, 0, sg_bytes_find(id, ':'));
}

/* --- keys --- */

static sg_err fill_from_text(void *ctx, uint8_t *slot, size_t len)
{
    const struct sg_bytes *text = ctx;
    size_t decoded;
    SG_TRY(sgc_base64url_decode(*text, slot, len, &decoded));
    SG_CHECK(decoded == len, INVALID_ARGUMENT);
    SG_CHECK(!sgc_ct_is_zero(sg_bytes(slot, len)), INVALID_ARGUMENT);
    return SG_OK;
}

struct comparison {
    const struct sgc_secret *other;
    struct sg_bytes first;
    bool equal;
};

static sg_err compare_second(void *ctx, struct sg_bytes second)
{
    struct comparison *c = ctx;
    c->equal = sgc_ct_equal(c->first, second);
    return SG_OK;
}

static sg_err compare_first(void *ctx, struct sg_bytes first)
{
    struct comparison *c = ctx;
    c->first = first;
    return sgc_secret_use(c->other, compare_second, c);
}

static sg_err keys_equal(const struct sgc_secret *a, const struct sgc_secret *b, bool *out)
{
    struct comparison c = {b, SG_BYTES_NONE, false};
    SG_TRY(sgc_secret_use(a, compare_first, &c));
    *out = c.equal;
    return SG_OK;
}

/* --- parsing --- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* The next field of a line; empty at its end. */
static struct sg_bytes next_field(struct sg_bytes *line)
{
    *line = sg_bytes_trim(*line);
    size_t len = 0;
    while (len < line->len && !is_blank(line->ptr[len]))
        len++;
    struct sg_bytes field = sg_bytes_slice(*line, 0, len);
    *line = sg_bytes_skip(*line, len);
    return field;
}

static bool is_skipped(struct sg_bytes line)
{
    struct sg_bytes text = sg_bytes_trim(line);
    return text.len == 0 || text.ptr[0] == '#';
}

static bool next_line(struct sg_bytes *rest, struct sg_bytes *line)
{
    if (rest->len == 0)
        return false;
    *line = sg_bytes_slice(*rest, 0, sg_bytes_find(*rest, '\n'));
    *rest = sg_bytes_skip(*rest, line->len + 1);
    return true;
}

/* The key that was just read against those before it. FMT-64 */
static sg_err check_unique(const struct reader *r, const struct sgc_kek *new)
{
    for (size_t i = 0; i < r->keyring->count; i++) {
        const struct sgc_kek *old = &r->keyring->keks[i];
        bool equal;
        if (strcmp(old->id, new->id) == 0)
            return refuse(r, "this NAME:VERSION stands twice; give the new key a higher version");
        SG_TRY(keys_equal(&old->key, &new->key, &equal));
        if (equal)
            return refuse(r, "this key stands twice; make a new one with `sealgate key new`");
        if (old->state == SGC_KEK_ACTIVE && new->state == SGC_KEK_ACTIVE && sg_bytes_eq(name_of(old), name_of(new)))
            return refuse(r, "a second active version of this name; set the older one to decrypt-only");
    }
    return SG_OK;
}

/* FMT-63 */
static sg_err parse_line(const struct reader *r, struct sg_bytes line, struct sgc_kek *out)
{
    struct sg_bytes id = next_field(&line);
    struct sg_bytes state = next_field(&line);
    struct sg_bytes key = next_field(&line);
    if (key.len == 0 || next_field(&line).len != 0)
        return refuse(r, "a line is NAME:VERSION STATE KEY");
    if (!sgc_kek_id_is_valid(id))
        return refuse(r, "NAME:VERSION is 1 to 32 of a-z 0-9 . _ - , a colon and a number without leading zero");
    if (!state_of(state, &out->state))
        return refuse(r, "STATE is one of active, decrypt-only, disabled");
    memcpy(out->id, id.ptr, id.len);
    out->id[id.len] = '\0';
    sg_err err = sgc_secret_init(&out->key, SGC_KEK_LEN, fill_from_text, &key);
    if (sg_is(err, INVALID_ARGUMENT))
        return refuse(r, "KEY is 32 bytes, not all zero, in base64url without padding: 43 characters");
    SG_TRY(err);
    return check_unique(r, out);
}

static sg_err parse_lines(struct reader *r, struct sg_bytes text)
{
    struct sg_bytes line;
    while (next_line(&text, &line)) {
        r->line++;
        if (is_skipped(line))
            continue;
        if (r->keyring->count == SG_LIMIT_KEYRING_COUNT)
            return refuse(r, "too many keys; split them over several gateways");
        struct sgc_kek *kek = &r->keyring->keks[r->keyring->count];
        sg_err err = parse_line(r, line, kek);
        if (!sg_is_ok(err)) {
            sgc_secret_clear(&kek->key);
            return err;
        }
        r->keyring->count++;
    }
    return SG_OK;
}

/* An upper bound, so that the table never has to move. */
static size_t count_lines(struct sg_bytes text)
{
    struct sg_bytes line;
    size_t count = 0;
    while (next_line(&text, &line))
        count += !is_skipped(line);
    return count < SG_LIMIT_KEYRING_COUNT ? count : SG_LIMIT_KEYRING_COUNT;
}

sg_err sgc_keyring_parse(struct sg_bytes text, struct sgc_keyring **out, struct sgc_buf *message)
{
    struct sgc_keyring *keyring = sgc_xalloc(sizeof(*keyring));
    struct reader r = {keyring, message, 0};
    keyring->keks = sgc_xalloc(count_lines(text) * sizeof(*keyring->keks));
    sg_err err = parse_lines(&r, text);
    if (!sg_is_ok(err)) {
        sgc_keyring_free(keyring);
        return err;
    }
    *out = keyring;
    return SG_OK;
}

void sgc_keyring_free(struct sgc_keyring *keyring)
{
    if (keyring == NULL)
        return;
    for (size_t i = 0; i < keyring->count; i++)
        sgc_secret_clear(&keyring->keks[i].key);
    sgc_xfree(keyring->keks);
    sgc_xfree(keyring);
}

/* --- reading --- */

size_t sgc_keyring_count(const struct sgc_keyring *keyring)
{
    return keyring->count;
}

const struct sgc_kek *sgc_keyring_at(const struct sgc_keyring *keyring, size_t index)
{
    sg_assert(index < keyring->count);
    return &keyring->keks[index];
}

const struct sgc_kek *sgc_keyring_find(const struct sgc_keyring *keyring, struct sg_bytes id)
{
    for (size_t i = 0; i < keyring->count; i++) {
        if (sg_bytes_eq_str(id, keyring->keks[i].id))
            return &keyring->keks[i];
    }
    return NULL;
}

static sg_err print_key(void *ctx, struct sg_bytes key)
{
    return sgc_append_base64url(ctx, key);
}

sg_err sgc_keyring_print_line(const struct sgc_kek *kek, struct sgc_buf *out)
{
    SG_CHECK(sgc_kek_id_is_valid(sg_bytes_str(kek->id)) && kek->key.len == SGC_KEK_LEN, INTERNAL);
    SG_TRY(sgc_buf_appendf(out, "%s %s ", kek->id, sgc_kek_state_name(kek->state)));
    SG_TRY(sgc_secret_use(&kek->key, print_key, out));
    return sgc_buf_append_str(out, "\n");
}
