/*
 * Each chunk's signature covers the one before it, the first one that of the request. So chunks cannot be left out, put
 * in another order or moved to another upload, and the signature of the trailer closes the chain.
 */
#include "s3client/sigv4_chunk.h"

#include "crypto/codec.h"

#include "common/banned.h"

/* What is signed: five or six short lines. */
#define STRING_TO_SIGN_MAX (8 * SGC_HEX_LEN(SGC_SHA256_LEN))

sg_err sgs_chunk_chain_init(struct sgs_chunk_chain *chain, const struct sgc_secret *signing_key,
                            struct sg_bytes amz_date, const struct sgs_scope *scope, struct sg_bytes seed)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(sizeof(chain->scope) - 1);
    *chain = (struct sgs_chunk_chain){.signing_key = signing_key};
    SG_CHECK(seed.len == SGS_SIGNATURE_LEN && amz_date.len == sizeof(chain->amz_date) - 1, INVALID_ARGUMENT);
    SG_TRY(sgs_sigv4_scope_print(scope, &text));
    memcpy(chain->scope, text.ptr, text.len);
    memcpy(chain->amz_date, amz_date.ptr, amz_date.len);
    memcpy(chain->previous, seed.ptr, seed.len);
    return SG_OK;
}

static sg_err append_hex(struct sgc_buf *out, const uint8_t sha256[SGC_SHA256_LEN])
{
    char hex[SGC_HEX_LEN(SGC_SHA256_LEN)];
    sgc_hex_encode(sg_bytes(sha256, SGC_SHA256_LEN), hex);
    return sgc_buf_append(out, SG_BYTES_ARRAY(hex));
}

/* The lines that chunks and trailers have in common. */
static sg_err append_start(struct sgc_buf *out, const char *algorithm, const struct sgs_chunk_chain *chain)
{
    SG_TRY(sgc_buf_appendf(out, "%s\n%s\n%s\n", algorithm, chain->amz_date, chain->scope));
    SG_TRY(sgc_buf_append(out, SG_BYTES_ARRAY(chain->previous)));
    return sgc_buf_append_u8(out, '\n');
}

static sg_err sign_and_advance(struct sgs_chunk_chain *chain, const struct sgc_buf *text, char out[SGS_SIGNATURE_LEN])
{
    SG_TRY(sgs_sigv4_signature(chain->signing_key, sgc_buf_view(text), out));
    memcpy(chain->previous, out, SGS_SIGNATURE_LEN);
    return SG_OK;
}

sg_err sgs_chunk_chain_next(struct sgs_chunk_chain *chain, const uint8_t sha256[SGC_SHA256_LEN],
                            char out[SGS_SIGNATURE_LEN])
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(STRING_TO_SIGN_MAX);
    SG_TRY(append_start(&text, "AWS4-HMAC-SHA256-PAYLOAD", chain));
    /* The place of headers of a chunk; there are none. */
    SG_TRY(sgc_buf_append_str(&text, SGS_EMPTY_SHA256 "\n"));
    SG_TRY(append_hex(&text, sha256));
    return sign_and_advance(chain, &text, out);
}

sg_err sgs_chunk_chain_trailer(struct sgs_chunk_chain *chain, struct sg_bytes canonical_trailers,
                               char out[SGS_SIGNATURE_LEN])
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(STRING_TO_SIGN_MAX);
    uint8_t sha256[SGC_SHA256_LEN];
    SG_TRY(sgc_sha256(canonical_trailers, sha256));
    SG_TRY(append_start(&text, "AWS4-HMAC-SHA256-TRAILER", chain));
    SG_TRY(append_hex(&text, sha256));
    return sign_and_advance(chain, &text, out);
}
