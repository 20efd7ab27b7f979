/*
 * Idea: two passes over the text, the first counts lines so that the array is allocated once. A secret goes from the
 * text, which the caller wipes, straight to its locked slot; messages know line numbers and ids, never secrets.
 */
#include "core/keystore.h"

#include "core/message.h"
#include "crypto/ct.h"

#include "common/banned.h"

#define DECOY_SECRET_LEN 40u

struct sg_keystore {
    struct sg_credential *all;
    size_t count;
    struct sg_credential decoy;
};

/* The line that is being read, and where to say what is wrong with it. */
struct reader {
    struct sg_bytes rest;
    size_t line_number;
    struct sgc_buf *message;
};

/* --- lines --- */

static sg_err refuse(const struct reader *r, const char *what)
{
    sg_message_addf(r->message, "line %zu: %s", r->line_number, what);
    SG_FAIL(CONFIG);
}

#define REQUIRE(reader, condition, what)                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return refuse((reader), (what));                                                                           \
    } while (0)

/* The next line that is neither blank nor a comment; false at the end. */
static bool next_line(struct reader *r, struct sg_bytes *out)
{
    while (r->rest.len > 0) {
        size_t end = sg_bytes_find(r->rest, '\n');
        struct sg_bytes line = sg_bytes_slice(r->rest, 0, end);
        r->rest = sg_bytes_skip(r->rest, end + 1);
        r->line_number++;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        *out = sg_bytes_trim(line);
        if (out->len > 0 && out->ptr[0] != '#')
            return true;
    }
    return false;
}

static size_t word_len(struct sg_bytes text)
{
    size_t len = 0;
    while (len < text.len && text.ptr[len] != ' ' && text.ptr[len] != '\t')
        len++;
    return len;
}

/* Comma and equals sign would end the id inside an Authorization header. */
static bool id_is_valid(struct sg_bytes id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (id.ptr[i] <= 0x20 || id.ptr[i] >= 0x7f || id.ptr[i] == ',' || id.ptr[i] == '=')
            return false;
    }
    return id.len > 0 && id.len <= SG_LIMIT_ACCESS_KEY;
}

static bool secret_is_printable(struct sg_bytes secret)
{
    bool good = true;
    for (size_t i = 0; i < secret.len; i++)
        good &= secret.ptr[i] > 0x20 && secret.ptr[i] < 0x7f;
    return good;
}

static sg_err parse_line(const struct reader *r, struct sg_bytes line, size_t secret_min, struct sg_credential *out)
{
    struct sg_bytes id = sg_bytes_slice(line, 0, word_len(line));
    struct sg_bytes secret = sg_bytes_trim(sg_bytes_skip(line, id.len));
    REQUIRE(r, id_is_valid(id), "the access key id must be 1 to 128 visible ASCII characters without ',' and '='");
    REQUIRE(r, secret.len > 0, "the secret is missing; write ACCESS_KEY_ID SECRET_ACCESS_KEY, separated by a blank");
    REQUIRE(r, secret_is_printable(secret), "the secret must be one word of visible ASCII characters");
    REQUIRE(r, secret.len <= SG_LIMIT_SECRET_KEY, "the secret is longer than 128 characters");
    REQUIRE(r, secret.len >= secret_min,
            "the secret is shorter than 16 characters; make one with: sealgate credential new");
    memcpy(out->access_key_id, id.ptr, id.len);
    out->access_key_id[id.len] = '\0';
    REQUIRE(r, sg_is_ok(sgc_secret_copy(&out->secret_access_key, secret)), "no locked memory is left for the secret");
    return SG_OK;
}

void sg_credential_clear(struct sg_credential *credential)
{
    sgc_secret_clear(&credential->secret_access_key);
    credential->access_key_id[0] = '\0';
}

sg_err sg_credential_parse(struct sg_bytes text, struct sg_credential *out, struct sgc_buf *message)
{
    struct reader r = {text, 0, message};
    struct sg_bytes line;
    *out = (struct sg_credential){.secret_access_key = SGC_SECRET_NONE};
    REQUIRE(&r, next_line(&r, &line), "there is no credential; write one line: ACCESS_KEY_ID SECRET_ACCESS_KEY");
    SG_TRY(parse_line(&r, line, 1, out));
    if (!next_line(&r, &line))
        return SG_OK;
    sg_credential_clear(out);
    return refuse(&r, "there is a second credential; this file must hold exactly one");
}

/* --- the store --- */

static size_t count_lines(struct sg_bytes text)
{
    struct reader r = {text, 0, NULL};
    struct sg_bytes line;
    size_t count = 0;
    while (next_line(&r, &line))
        count++;
    return count;
}

static sg_err fill(struct sg_keystore *store, struct reader *r)
{
    struct sg_bytes line;
    while (next_line(r, &line)) {
        REQUIRE(r, store->count < SG_CREDENTIAL_COUNT_MAX, "there are more than 4096 credentials");
        struct sg_credential *credential = &store->all[store->count];
        SG_TRY(parse_line(r, line, SG_CLIENT_SECRET_MIN, credential));
        bool known = sg_keystore_find(store, sg_bytes_str(credential->access_key_id)) != NULL;
        store->count++;
        REQUIRE(r, !known, "the access key id stands twice; remove one of the lines");
    }
    REQUIRE(r, store->count > 0, "there is no credential; make one with: sealgate credential new");
    REQUIRE(r, sg_is_ok(sgc_secret_random(&store->decoy.secret_access_key, DECOY_SECRET_LEN)),
            "no locked memory is left for the secrets");
    return SG_OK;
}

sg_err sg_keystore_parse(struct sg_bytes text, struct sg_keystore **out, struct sgc_buf *message)
{
    size_t count = count_lines(text);
    if (count > SG_CREDENTIAL_COUNT_MAX)
        count = SG_CREDENTIAL_COUNT_MAX;
    struct sg_keystore *store = sgc_xalloc(sizeof(*store));
    store->all = sgc_xalloc((count + 1) * sizeof(*store->all));
    struct reader r = {text, 0, message};
    sg_err err = fill(store, &r);
    if (!sg_is_ok(err)) {
        sg_keystore_free(store);
        return err;
    }
    *out = store;
    return SG_OK;
}

void sg_keystore_free(struct sg_keystore *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->count; i++)
        sg_credential_clear(&store->all[i]);
    sg_credential_clear(&store->decoy);
    sgc_xfree(store->all);
    sgc_xfree(store);
}

size_t sg_keystore_count(const struct sg_keystore *store)
{
    return store->count;
}

const struct sg_credential *sg_keystore_at(const struct sg_keystore *store, size_t index)
{
    sg_assert(index < store->count);
    return &store->all[index];
}

const struct sg_credential *sg_keystore_find(const struct sg_keystore *store, struct sg_bytes access_key_id)
{
    const struct sg_credential *found = NULL;
    for (size_t i = 0; i < store->count; i++) {
        if (sgc_ct_equal(sg_bytes_str(store->all[i].access_key_id), access_key_id))
            found = &store->all[i];
    }
    return found;
}

const struct sg_credential *sg_keystore_decoy(const struct sg_keystore *store)
{
    return &store->decoy;
}
