/*
 * CRCs of 32 and 64 bits with one piece of code. All three are reflected, so a 32-bit CRC lives in the low half of a
 * 64-bit register and differs from a 64-bit one only in its polynomial; everything else is computed from that.
 *
 * Tables: entry [k][b] is what byte b does to the register after k more bytes, so 16 bytes are 16 independent lookups.
 *
 * Folding, after Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel,
 * 2009): 16 bytes X that stand D bits before the place where they are needed may be replaced by anything congruent to X
 * * x^D. With X = A * x^64 + B that is A * (x^(D+64) mod P) + B * (x^D mod P): two multiplications of 64 by 64 bits,
 * which fit into the 16 bytes at that place. Because bits are reflected, a product comes out one place too high, so the
 * constants are those of D - 1. The last 16 bytes go through the tables; no separate reduction is needed.
 */
#include "crypto/crc.h"

#include <endian.h>
#include <pthread.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "common/err.h"

#include "common/banned.h"

enum { SLICE_COUNT = 16, BLOCK_LEN = 16, LANE_COUNT = 4 };

static const struct {
    uint64_t polynomial; /* reflected, without the top term */
    unsigned width;
} rows[SGC_CRC_COUNT] = {
    [SGC_CRC_32] = {0xedb88320, 32},
    [SGC_CRC_32C] = {0x82f63b78, 32},
    [SGC_CRC_64NVME] = {0x9a6c9329ac4bc9b5, 64},
};

/* What to multiply with to move 16 bytes on by `lanes` times 16 bytes. */
struct step {
    uint64_t low, high;
};

/* Written once, then only read. */
static struct {
    uint64_t table[SLICE_COUNT][256];
    struct step by_one, by_all;
} made[SGC_CRC_COUNT];
static bool has_folding;
static pthread_once_t made_once = PTHREAD_ONCE_INIT;

/* --- constants --- */

/* The register times x, modulo the polynomial. */
static uint64_t times_x(enum sgc_crc crc, uint64_t value)
{
    return value >> 1 ^ (value & 1 ? rows[crc].polynomial : 0);
}

/* x^power mod P, with x^63 in bit 0 as the multiplication wants it. */
static uint64_t power_of_x(enum sgc_crc crc, unsigned power)
{
    uint64_t value = 1ULL << (rows[crc].width - 1);
    while (power-- > 0)
        value = times_x(crc, value);
    return value << (64 - rows[crc].width);
}

static struct step step_by(enum sgc_crc crc, unsigned lanes)
{
    unsigned distance = lanes * BLOCK_LEN * 8;
    return (struct step){power_of_x(crc, distance + 64 - 1), power_of_x(crc, distance - 1)};
}

static void fill_tables(enum sgc_crc crc)
{
    uint64_t(*table)[256] = made[crc].table;
    for (unsigned b = 0; b < 256; b++) {
        table[0][b] = b;
        for (int bit = 0; bit < 8; bit++)
            table[0][b] = times_x(crc, table[0][b]);
    }
    for (unsigned k = 1; k < SLICE_COUNT; k++) {
        for (unsigned b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xff];
    }
}

static void fill_all(void)
{
    for (int crc = 0; crc < SGC_CRC_COUNT; crc++) {
        fill_tables((enum sgc_crc)crc);
        made[crc].by_one = step_by((enum sgc_crc)crc, 1);
        made[crc].by_all = step_by((enum sgc_crc)crc, LANE_COUNT);
    }
#if defined(__x86_64__)
    has_folding = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
#endif
}

/* --- registers: the value before it is inverted for printing --- */

static uint64_t invert(enum sgc_crc crc, uint64_t value)
{
    return value ^ UINT64_MAX >> (64 - rows[crc].width);
}

static uint64_t load_le64(const uint8_t *ptr)
{
    uint64_t value;
    memcpy(&value, ptr, sizeof(value));
    return le64toh(value);
}

/* What the eight bytes of `word` do, `after` more bytes following them. */
static uint64_t look_up(enum sgc_crc crc, uint64_t word, size_t after)
{
    uint64_t(*table)[256] = made[crc].table + after;
    return table[7][word & 0xff] ^ table[6][word >> 8 & 0xff] ^ table[5][word >> 16 & 0xff] ^
           table[4][word >> 24 & 0xff] ^ table[3][word >> 32 & 0xff] ^ table[2][word >> 40 & 0xff] ^
           table[1][word >> 48 & 0xff] ^ table[0][word >> 56];
}

static uint64_t update_by_tables(enum sgc_crc crc, uint64_t reg, struct sg_bytes bytes)
{
    const uint8_t *at = bytes.ptr;
    size_t left = bytes.len;
    for (; left >= BLOCK_LEN; left -= BLOCK_LEN, at += BLOCK_LEN)
        reg = look_up(crc, load_le64(at) ^ reg, 8) ^ look_up(crc, load_le64(at + 8), 0);
    for (; left > 0; left--, at++)
        reg = reg >> 8 ^ made[crc].table[0][(reg ^ *at) & 0xff];
    return reg;
}

#if defined(__x86_64__)

#define FOLDING __attribute__((target("pclmul,sse4.1")))

FOLDING static inline __m128i load(const uint8_t *ptr)
{
    return _mm_loadu_si128((const __m128i *)(const void *)ptr);
}

FOLDING static inline __m128i constants(struct step step)
{
    return _mm_set_epi64x((long long)step.high, (long long)step.low);
}

/* `block` moved on to where `next` stands, and joined with it. */
FOLDING static inline __m128i fold(__m128i block, __m128i step, __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(block, step, 0x00);
    __m128i high = _mm_clmulepi64_si128(block, step, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

FOLDING static uint64_t update_by_folding(enum sgc_crc crc, uint64_t reg, struct sg_bytes bytes)
{
    const size_t stride = LANE_COUNT * BLOCK_LEN;
    if (bytes.len < stride)
        return update_by_tables(crc, reg, bytes);
    const __m128i by_all = constants(made[crc].by_all), by_one = constants(made[crc].by_one);
    const uint8_t *at = bytes.ptr;
    size_t left = bytes.len - stride;

    __m128i lane0 = _mm_xor_si128(load(at), _mm_set_epi64x(0, (long long)reg));
    __m128i lane1 = load(at + 16), lane2 = load(at + 32), lane3 = load(at + 48);
    for (at += stride; left >= stride; left -= stride, at += stride) {
        lane0 = fold(lane0, by_all, load(at));
        lane1 = fold(lane1, by_all, load(at + 16));
        lane2 = fold(lane2, by_all, load(at + 32));
        lane3 = fold(lane3, by_all, load(at + 48));
    }
    __m128i all = fold(fold(fold(lane0, by_one, lane1), by_one, lane2), by_one, lane3);
    for (; left >= BLOCK_LEN; left -= BLOCK_LEN, at += BLOCK_LEN)
        all = fold(all, by_one, load(at));

    uint8_t folded[BLOCK_LEN];
    _mm_storeu_si128((__m128i *)(void *)folded, all);
    reg = update_by_tables(crc, 0, SG_BYTES_ARRAY(folded));
    return update_by_tables(crc, reg, sg_bytes(at, left));
}

#else

static uint64_t update_by_folding(enum sgc_crc crc, uint64_t reg, struct sg_bytes bytes)
{
    return update_by_tables(crc, reg, bytes);
}

#endif

/* --- the face --- */

bool sgc_crc_has_folding(void)
{
    (void)pthread_once(&made_once, fill_all);
    return has_folding;
}

uint64_t sgc_crc_update_by_tables(enum sgc_crc crc, uint64_t value, struct sg_bytes bytes)
{
    (void)pthread_once(&made_once, fill_all);
    return invert(crc, update_by_tables(crc, invert(crc, value), bytes));
}

uint64_t sgc_crc_update_by_folding(enum sgc_crc crc, uint64_t value, struct sg_bytes bytes)
{
    sg_assert(sgc_crc_has_folding());
    return invert(crc, update_by_folding(crc, invert(crc, value), bytes));
}

uint64_t sgc_crc_update(enum sgc_crc crc, uint64_t value, struct sg_bytes bytes)
{
    return sgc_crc_has_folding() ? sgc_crc_update_by_folding(crc, value, bytes)
                                 : sgc_crc_update_by_tables(crc, value, bytes);
}
