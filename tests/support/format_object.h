/*
 * format_object.h - whole stored objects in memory, sealed and opened with the modules of crypto/ alone.
 *
 * Idea       A second user of the format beside the gateway: reads as docs/format.md tells a reader to, with nothing in
 *            between. For tests and for tests/support/format_tool.c.
 * Ownership  What is filled in belongs to the caller and is cleared by him.
 * Errors     Those of the modules; SIZE_NOT_SEALED for a stored size that is none of ours.
 */
#ifndef SG_TESTS_FORMAT_OBJECT_H
#define SG_TESTS_FORMAT_OBJECT_H

#include "crypto/envelope.h"
#include "crypto/footer.h"
#include "crypto/keyring.h"
#include "crypto/metadata.h"

#define FORMAT_OBJECT_MAX (64u << 20)

/* What goes upstream. */
struct format_object {
    struct sgc_buf body;
    struct sgc_buf envelope;
    struct sgc_buf metadata; /* empty for meta=plain */
};

#define FORMAT_OBJECT_NONE                                                                                             \
    ((struct format_object){SGC_BUF_INIT(FORMAT_OBJECT_MAX), SGC_BUF_INIT(SG_LIMIT_ENVELOPE), SGC_BUF_INIT(4096)})

struct format_names {
    struct sg_bytes bucket;
    struct sg_bytes key;
};

/* One part of the plaintext: its number (0 for a single object) and how many bytes it takes. */
struct format_part {
    uint32_t number;
    size_t plain;
};

struct format_input {
    struct format_names names;
    const struct sgc_kek *kek;
    const struct format_part *parts; /* together as long as the plaintext */
    uint32_t part_count;
    bool many;
    const struct sgc_metadata *metadata; /* NULL for meta=plain */
    struct sg_bytes upload_digest;       /* empty for zeros */
    uint8_t checksum_id;                 /* 0 for none */
    struct sg_bytes checksum;
    struct sg_bytes plain;
};

/* Draws the data key, the IV of each part that is not empty, the IV of the metadata and the nonce, in this order. */
SG_MUST sg_err format_object_seal(const struct format_input *input, struct format_object *out);
SG_MUST sg_err format_object_open(const struct format_object *object, const struct format_names *names,
                                  const struct sgc_keyring *keyring, struct sgc_buf *plain_out,
                                  struct sgc_metadata *metadata_out);
void format_object_clear(struct format_object *object);

#endif
