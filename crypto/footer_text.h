/*
 * footer_text.h - T of docs/format.md: the plaintext of a footer, printed and parsed.
 *
 * Idea       Apart from the sealing, so that the parser can be tested and fuzzed with any bytes.
 * Errors     FOOTER_INVALID for whatever a reader must refuse, and for what a writer must not write. After an error
 *            `out` is to be cleared.
 * Tests      tests/unit/crypto/test_footer_text.c, tests/fuzz/fuzz_footer.c
 */
#ifndef SG_CRYPTO_FOOTER_TEXT_H
#define SG_CRYPTO_FOOTER_TEXT_H

#include "crypto/footer.h"

/* What F counts besides T: IV, tag, and F itself. */
#define SGC_FOOTER_AROUND 32u

/* What the checksums take: two bytes and the value each. */
SG_MUST size_t sgc_footer_text_checksums_len(const struct sgc_footer *footer);
/* Appends sgc_footer_len() - SGC_FOOTER_AROUND bytes. */
SG_MUST sg_err sgc_footer_text_print(const struct sgc_footer *footer, struct sgc_buf *out);
/* `plain` is L as computed from the stored size. `out` must be cleared before. */
SG_MUST sg_err sgc_footer_text_parse(struct sg_bytes text, uint64_t plain, bool many, struct sgc_footer *out);

#endif
