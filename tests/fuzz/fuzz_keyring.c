/* The key file: a mistake gives a message that begins with its line; a good file is printed and read again. */
#include "crypto/keyring.h"

#include "common/limits.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct sgc_keyring *keyring)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(1 << 17);
    struct sgc_keyring *again = NULL;
    for (size_t i = 0; i < sgc_keyring_count(keyring); i++) {
        const struct sgc_kek *kek = sgc_keyring_at(keyring, i);
        sg_assert(sgc_keyring_find(keyring, sg_bytes_str(kek->id)) == kek);
        sg_assert(sg_is_ok(sgc_keyring_print_line(kek, &text)));
    }
    sg_assert(sg_is_ok(sgc_keyring_parse(sgc_buf_view(&text), &again, NULL)));
    sg_assert(sgc_keyring_count(again) == sgc_keyring_count(keyring));
    sgc_keyring_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(160);
    struct sgc_keyring *keyring = NULL;
    sg_err err = sgc_keyring_parse(sg_bytes(data, size), &keyring, &message);
    if (!sg_is_ok(err)) {
        sg_assert(sg_is(err, CONFIG) && keyring == NULL);
        sg_assert(sg_bytes_has_prefix(sgc_buf_view(&message), SG_BYTES_LIT("line ")));
        return 0;
    }
    sg_assert(sgc_keyring_count(keyring) <= SG_LIMIT_KEYRING_COUNT);
    check_again(keyring);
    sgc_keyring_free(keyring);
    return 0;
}
