/*
 * Keccak as FIPS 202 describes it, step by step and without tricks. The library could compute SHAKE128 too, but only
 * gives its whole output at once, and OpenSSL stays out of the tests. The round constants come from the LFSR of
 * section 3.2.5, the offsets from the walk of section 3.2.2.
 */
#include "support/shake128.h"

#include "common/banned.h"

enum { RATE = 168, ROUND_COUNT = 24 };

static uint64_t rotate(uint64_t value, unsigned count)
{
    return count == 0 ? value : value << count | value >> (64 - count);
}

static void theta(uint64_t a[25])
{
    uint64_t parity[5];
    for (unsigned x = 0; x < 5; x++)
        parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (unsigned i = 0; i < 25; i++)
        a[i] ^= parity[(i + 4) % 5] ^ rotate(parity[(i + 1) % 5], 1);
}

static void rho_and_pi(uint64_t a[25])
{
    unsigned x = 1, y = 0;
    uint64_t moved = a[x + 5 * y];
    for (unsigned t = 0; t < 24; t++) {
        uint64_t rotated = rotate(moved, (t + 1) * (t + 2) / 2 % 64);
        unsigned next_y = (2 * x + 3 * y) % 5;
        x = y;
        y = next_y;
        moved = a[x + 5 * y];
        a[x + 5 * y] = rotated;
    }
}

static void chi(uint64_t a[25])
{
    for (unsigned y = 0; y < 25; y += 5) {
        uint64_t row[5];
        memcpy(row, a + y, sizeof(row));
        for (unsigned x = 0; x < 5; x++)
            a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

static void iota(uint64_t a[25], unsigned *lfsr)
{
    for (unsigned j = 0; j < 7; j++) {
        if ((*lfsr & 1) != 0)
            a[0] ^= 1ULL << ((1u << j) - 1);
        *lfsr = (*lfsr & 0x80) != 0 ? (*lfsr << 1 ^ 0x171) : *lfsr << 1;
    }
}

static void permute(uint64_t a[25])
{
    unsigned lfsr = 1;
    for (unsigned round = 0; round < ROUND_COUNT; round++) {
        theta(a);
        rho_and_pi(a);
        chi(a);
        iota(a, &lfsr);
    }
}

static void add_byte(struct sg_shake128 *shake, size_t at, uint8_t byte)
{
    shake->lanes[at / 8] ^= (uint64_t)byte << at % 8 * 8;
}

void sg_shake128_absorb(struct sg_shake128 *shake, struct sg_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        add_byte(shake, shake->at++, bytes.ptr[i]);
        if (shake->at == RATE) {
            permute(shake->lanes);
            shake->at = 0;
        }
    }
}

void sg_shake128_squeeze(struct sg_shake128 *shake, uint8_t *out, size_t len)
{
    if (!shake->squeezing) {
        add_byte(shake, shake->at, 0x1f);
        add_byte(shake, RATE - 1, 0x80);
        shake->at = RATE;
        shake->squeezing = true;
    }
    for (size_t i = 0; i < len; i++) {
        if (shake->at == RATE) {
            permute(shake->lanes);
            shake->at = 0;
        }
        out[i] = (uint8_t)(shake->lanes[shake->at / 8] >> shake->at % 8 * 8);
        shake->at++;
    }
}
