"""The data of the rings, as tests/interop/README.md describes them."""

import struct

CAPACITY, WINDOW, STEP, PUT, SAMPLES, ITEM_BYTES = 97, 16, 8, 10, 1000, 13
CHANNELS = 2
INT64, FLOAT32, FLOAT64, BYTES = 8, 0, 2, 255

# name: (data type, struct's letters for the bits and for the element, what every fourth element is)
WINDOWED = {
    "int64": (INT64, "Q", "q", (
        0x8000000000000000, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 0x0020000000000001,
        0x0000000000000000, 0x0000000000000001, 0x00000000FFFFFFFF, 0xFFFFFFFF00000000)),
    "float32": (FLOAT32, "I", "f", (
        0x80000000, 0x7FC00001, 0x7F812345, 0xFFC54321, 0x7F800000, 0xFF800000, 0x00000001, 0x7F7FFFFF)),
    "float64": (FLOAT64, "Q", "d", (
        0x8000000000000000, 0x7FF8000000000001, 0x7FF0000012345678, 0xFFF8765432100001,
        0x7FF0000000000000, 0xFFF0000000000000, 0x0000000000000001, 0x7FEFFFFFFFFFFFFF)),
}  # fmt: skip


def _words(seed):
    while True:
        seed = (1664525 * seed + 1013904223) % 2**32
        yield seed


def samples(name):
    """All bytes of a ring that is read by windows."""
    data_type, bits, _, special = WINDOWED[name]
    words = _words(data_type)
    elements = []
    for i in range(SAMPLES * CHANNELS):
        element = next(words) if bits == "I" else next(words) | next(words) << 32
        elements.append(element if i % 4 else special[i // 4 % 8])
    return struct.pack(f"<{len(elements)}{bits}", *elements)


def items():
    """All bytes of the items."""
    words = _words(BYTES)
    return b"".join(struct.pack("<I", next(words)) for _ in range(SAMPLES * ITEM_BYTES // 4))
