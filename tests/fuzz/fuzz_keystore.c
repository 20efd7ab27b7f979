/* The credentials file: a mistake gives a message that begins with its line; of a good file every id is found. */
#include "core/keystore.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sg_keystore *store)
{
    sg_assert(sg_keystore_count(store) > 0);
    for (size_t i = 0; i < sg_keystore_count(store); i++) {
        const struct sg_credential *credential = sg_keystore_at(store, i);
        sg_assert(sg_keystore_find(store, sg_bytes_str(credential->access_key_id)) == credential);
        sg_assert(credential->secret_access_key.len >= SG_CLIENT_SECRET_MIN);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(200);
    struct sg_credential one = {.access_key_id = ""};
    struct sg_keystore *store = NULL;
    sg_err err = sg_keystore_parse(sg_bytes(data, size), &store, &message);
    sg_assert(sg_is_ok(err) == (store != NULL));
    sg_assert(sg_is_ok(err) || sg_bytes_has_prefix(sgc_buf_view(&message), SG_BYTES_LIT("line ")));
    if (store != NULL)
        check(store);
    sg_keystore_free(store);
    err = sg_credential_parse(sg_bytes(data, size), &one, NULL);
    sg_assert(sg_is_ok(err) == sgc_secret_is_set(&one.secret_access_key));
    sg_credential_clear(&one);
    return 0;
}
