"""Sizes of stored objects, written from docs/format.md alone."""

SEGMENT = 65536
OVERHEAD = 28
UNIT = 5 << 20
SLOT = 44
TAIL = 160
STORED_SEGMENT = SEGMENT + OVERHEAD


def segments(plain):
    return -(-plain // SEGMENT)


def stored_size(plain):
    """G(L)."""
    return plain + OVERHEAD * segments(plain) + SLOT * min(10000, plain // UNIT + 1) + TAIL


def footer_start(plain):
    return plain + OVERHEAD * segments(plain)
