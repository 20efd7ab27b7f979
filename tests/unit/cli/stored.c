/* The keyring's keys are those of its text; nothing is random that matters. */
#include "stored.h"

#include "support/check_main.h"
#include "support/crypto_samples.h"

#include <string.h>

#define PLAIN_MAX (12u << 20)

static uint8_t pattern[PLAIN_MAX];

const uint8_t *stored_plain(size_t len)
{
    ck_assert_uint_le(len, PLAIN_MAX);
    if (pattern[0] == 0)
        sample_pattern(pattern, sizeof(pattern));
    return pattern;
}

void stored_seal(const char *kek_id, const size_t *part_sizes, bool many, bool with_metadata, struct format_object *out)
{
    SG_CLEANUP(sgc_metadata_clear) struct sgc_metadata metadata = SGC_METADATA_NONE;
    struct sgc_keyring *keyring;
    struct format_part parts[8];
    struct format_input in = {
        .names = {SG_BYTES_LIT(STORED_BUCKET), SG_BYTES_LIT(STORED_KEY)}, .parts = parts, .many = many};
    size_t total = 0;
    do {
        parts[in.part_count] =
            (struct format_part){.number = many ? 2 * in.part_count + 1 : 0, .plain = part_sizes[in.part_count]};
        total += part_sizes[in.part_count++];
    } while (many && part_sizes[in.part_count] != 0);
    in.plain = sg_bytes(stored_plain(total), total);
    ck_ok(sgc_metadata_add(&metadata, SGC_METADATA_USER, SG_BYTES_LIT("colour"), SG_BYTES_LIT("blue")));
    ck_ok(sgc_metadata_add(&metadata, SGC_METADATA_CONTENT, SG_BYTES_LIT("content-type"), SG_BYTES_LIT("text/plain")));
    in.metadata = with_metadata ? &metadata : NULL;
    ck_ok(sgc_keyring_parse(SG_BYTES_LIT(STORED_KEYRING), &keyring, NULL));
    const struct sgc_kek *kek = sgc_keyring_find(keyring, sg_bytes_str(kek_id));
    ck_assert_ptr_nonnull(kek);
    struct sgc_kek when_active = *kek; /* the key is the keyring's */
    when_active.state = SGC_KEK_ACTIVE;
    in.kek = &when_active;
    *out = FORMAT_OBJECT_NONE;
    ck_ok(format_object_seal(&in, out));
    sgc_keyring_free(keyring);
}

void stored_seal_one(size_t plain, struct format_object *out)
{
    const size_t sizes[] = {plain, 0};
    stored_seal("main:2", sizes, false, true, out);
}
