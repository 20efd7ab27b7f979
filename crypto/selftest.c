/*
 * Known answers of every primitive that objects depend on. A library, a processor or a build that computes one of them
 * wrongly would write objects that nobody can open, so the program does not serve then. Results are compared as hex
 * text, which also exercises the codec.
 */
#include "crypto/selftest.h"

#include "crypto/codec.h"
#include "crypto/crc.h"
#include "crypto/ct.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/rand.h"
#include "crypto/xaes.h"

#include "common/banned.h"

enum { BYTES_MAX = 128 };

struct bytes {
    uint8_t raw[BYTES_MAX];
    struct sg_bytes view;
};

static sg_err unhex(const char *text, struct bytes *out)
{
    size_t len = strlen(text) / 2;
    SG_CHECK(len <= BYTES_MAX, CRYPTO);
    SG_TRY(sgc_hex_decode(sg_bytes_str(text), out->raw, len));
    out->view = sg_bytes(out->raw, len);
    return SG_OK;
}

static sg_err expect(struct sg_bytes result, const char *hex)
{
    char text[SGC_HEX_LEN(BYTES_MAX)];
    SG_CHECK(result.len <= BYTES_MAX, CRYPTO);
    sgc_hex_encode(result, text);
    SG_CHECK(sgc_ct_equal(sg_bytes(text, SGC_HEX_LEN(result.len)), sg_bytes_str(hex)), CRYPTO);
    return SG_OK;
}

static sg_err secret_of_hex(struct sgc_secret *secret, const char *text)
{
    struct bytes key;
    SG_TRY(unhex(text, &key));
    return sgc_secret_copy(secret, key.view);
}

/* FIPS 180-4 examples: "abc". */
static sg_err check_sha256(void)
{
    uint8_t out[SGC_SHA256_LEN];
    SG_TRY(sgc_sha256(SG_BYTES_LIT("abc"), out));
    return expect(SG_BYTES_ARRAY(out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, test case 2. */
static sg_err check_hmac(void)
{
    uint8_t out[SGC_SHA256_LEN];
    SG_TRY(sgc_hmac_sha256(SG_BYTES_LIT("Jefe"), SG_BYTES_LIT("what do ya want for nothing?"), out));
    return expect(SG_BYTES_ARRAY(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* RFC 5869, A.1. */
static sg_err check_hkdf(void)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret input = SGC_SECRET_NONE;
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret prk = SGC_SECRET_NONE;
    struct bytes salt, info;
    uint8_t out[42];
    SG_TRY(secret_of_hex(&input, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
    SG_TRY(unhex("000102030405060708090a0b0c", &salt));
    SG_TRY(unhex("f0f1f2f3f4f5f6f7f8f9", &info));
    SG_TRY(sgc_hkdf_extract(salt.view, &input, &prk));
    SG_TRY(sgc_hkdf_expand_public(&prk, info.view, out, sizeof(out)));
    return expect(SG_BYTES_ARRAY(out),
                  "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

/* McGrew and Viega, The Galois/Counter Mode of Operation, test case 16. */
static const char gcm_key[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char gcm_iv[] = "cafebabefacedbaddecaf888";
static const char gcm_aad[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char gcm_plain[] =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b5"
    "25b16aedf5aa0de657ba637b39";
static const char gcm_sealed[] =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
    "8838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b";

static sg_err gcm_begin(struct sgc_aead *aead, struct bytes *iv, struct bytes *aad)
{
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    SG_TRY(secret_of_hex(&key, gcm_key));
    SG_TRY(unhex(gcm_iv, iv));
    SG_TRY(unhex(gcm_aad, aad));
    return sgc_aead_init(aead, &key);
}

static sg_err check_gcm_seal(void)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    struct bytes iv, aad, plain;
    uint8_t out[BYTES_MAX];
    SG_TRY(gcm_begin(&aead, &iv, &aad));
    SG_TRY(unhex(gcm_plain, &plain));
    SG_TRY(sgc_aead_seal(&aead, iv.raw, aad.view, plain.view, out));
    return expect(sg_bytes(out, plain.view.len + SGC_AEAD_TAG_LEN), gcm_sealed);
}

static sg_err check_gcm_open(void)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    struct bytes iv, aad, sealed;
    uint8_t out[BYTES_MAX];
    SG_TRY(gcm_begin(&aead, &iv, &aad));
    SG_TRY(unhex(gcm_sealed, &sealed));
    SG_TRY(sgc_aead_open(&aead, iv.raw, aad.view, sealed.view, out));
    return expect(sg_bytes(out, sealed.view.len - SGC_AEAD_TAG_LEN), gcm_plain);
}

/* One bit of the tag, of the ciphertext or of the additional data makes it fail, and leaves nothing behind. */
static sg_err check_gcm_reject(void)
{
    SG_CLEANUP(sgc_aead_clear) struct sgc_aead aead = SGC_AEAD_NONE;
    struct bytes iv, aad, sealed;
    uint8_t out[BYTES_MAX] = {0};
    SG_TRY(gcm_begin(&aead, &iv, &aad));
    SG_TRY(unhex(gcm_sealed, &sealed));
    uint8_t *const places[] = {&sealed.raw[sealed.view.len - 1], &sealed.raw[0], &aad.raw[0]};
    for (size_t i = 0; i < SG_COUNT_OF(places); i++) {
        *places[i] ^= 1;
        sg_err err = sgc_aead_open(&aead, iv.raw, aad.view, sealed.view, out);
        SG_CHECK(sg_is(err, TAG_MISMATCH) && sgc_ct_is_zero(SG_BYTES_ARRAY(out)), CRYPTO);
        *places[i] ^= 1;
    }
    return SG_OK;
}

/* The second vector of the specification, whose L has its top bit set. */
static sg_err check_xaes(void)
{
    static const char sealed_hex[] = "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d";
    SG_CLEANUP(sgc_secret_clear) struct sgc_secret key = SGC_SECRET_NONE;
    const struct sg_bytes aad = SG_BYTES_LIT("c2sp.org/XAES-256-GCM"), plain = SG_BYTES_LIT("XAES-256-GCM");
    struct bytes nonce;
    uint8_t sealed[28], opened[12];
    SG_TRY(secret_of_hex(&key, "0303030303030303030303030303030303030303030303030303030303030303"));
    SG_TRY(unhex("4142434445464748494a4b4c4d4e4f505152535455565758", &nonce));
    SG_TRY(sgc_xaes_seal(&key, nonce.raw, aad, plain, sealed));
    SG_TRY(expect(SG_BYTES_ARRAY(sealed), sealed_hex));
    SG_TRY(sgc_xaes_open(&key, nonce.raw, aad, SG_BYTES_ARRAY(sealed), opened));
    SG_CHECK(sgc_ct_equal(SG_BYTES_ARRAY(opened), plain), CRYPTO);
    sealed[sizeof(sealed) - 1] ^= 1;
    SG_CHECK(sg_is(sgc_xaes_open(&key, nonce.raw, aad, SG_BYTES_ARRAY(sealed), opened), TAG_MISMATCH), CRYPTO);
    return SG_OK;
}

/* The check values of the CRC catalogue by short input, and by an input long enough for every path. */
static sg_err check_crcs(void)
{
    static const uint64_t of_digits[SGC_CRC_COUNT] = {0xcbf43926, 0xe3069283, 0xae8b14860a799888};
    uint8_t ramp[BYTES_MAX];
    for (size_t i = 0; i < sizeof(ramp); i++)
        ramp[i] = (uint8_t)i;
    for (int i = 0; i < SGC_CRC_COUNT; i++) {
        enum sgc_crc crc = (enum sgc_crc)i;
        SG_CHECK(sgc_crc_update(crc, 0, SG_BYTES_LIT("123456789")) == of_digits[i], CRYPTO);
        uint64_t by_tables = sgc_crc_update_by_tables(crc, 0, SG_BYTES_ARRAY(ramp));
        SG_CHECK(sgc_crc_update(crc, 0, SG_BYTES_ARRAY(ramp)) == by_tables, CRYPTO);
    }
    return SG_OK;
}

/* Not a test of quality: a kernel that gives the same bytes twice, or none, is broken beyond doubt. */
static sg_err check_rand(void)
{
    uint8_t first[32] = {0}, second[32] = {0};
    SG_TRY(sgc_rand(first, sizeof(first)));
    SG_TRY(sgc_rand(second, sizeof(second)));
    SG_CHECK(!sgc_ct_equal(SG_BYTES_ARRAY(first), SG_BYTES_ARRAY(second)), CRYPTO);
    SG_CHECK(!sgc_ct_is_zero(SG_BYTES_ARRAY(first)) && !sgc_ct_is_zero(SG_BYTES_ARRAY(second)), CRYPTO);
    return SG_OK;
}

static const struct {
    const char *name;
    sg_err (*run)(void);
} checks[] = {
    {"SHA-256", check_sha256},
    {"HMAC-SHA-256", check_hmac},
    {"HKDF-SHA-256", check_hkdf},
    {"AES-256-GCM, sealing", check_gcm_seal},
    {"AES-256-GCM, opening", check_gcm_open},
    {"AES-256-GCM, refusing", check_gcm_reject},
    {"XAES-256-GCM", check_xaes},
    {"CRC-32, CRC-32C, CRC-64/NVME", check_crcs},
    {"random bytes", check_rand},
};

sg_err sgc_selftest(const char **failed_out)
{
    for (size_t i = 0; i < SG_COUNT_OF(checks); i++) {
        *failed_out = checks[i].name;
        SG_CHECK(sg_is_ok(checks[i].run()), CRYPTO);
    }
    *failed_out = NULL;
    return SG_OK;
}
