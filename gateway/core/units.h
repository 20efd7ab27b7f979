/*
 * units.h - numbers as people write them: 512MiB, 30s, 500ms, 10000, yes.
 *
 * Units      Sizes come out in bytes, durations in milliseconds.
 * Errors     False for anything but a decimal number and one of the units, without blanks, signs or fractions. A
 *            duration needs its unit unless it is 0: a bare 30 could mean too many things.
 * Tests      tests/unit/core/test_units.c
 */
#ifndef SG_CORE_UNITS_H
#define SG_CORE_UNITS_H

#include "common/bytes.h"

SG_MUST bool sg_units_parse_count(struct sg_bytes text, uint64_t *out);
/* Bare numbers are bytes; units are KiB, MiB, GiB, TiB. */
SG_MUST bool sg_units_parse_size(struct sg_bytes text, uint64_t *out);
/* Units are ms, s, m, h. */
SG_MUST bool sg_units_parse_duration(struct sg_bytes text, uint64_t *out_ms);
/* yes, no, true, false. */
SG_MUST bool sg_units_parse_yes_no(struct sg_bytes text, bool *out);

#endif
