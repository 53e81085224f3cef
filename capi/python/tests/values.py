"""What put and push make of values, with NumPy and without: one table, which test_values.py runs both ways.

Run as a program it does so without NumPy.
"""

import array
import ctypes
import decimal
import enum
import fractions
import sys

if __name__ == "__main__":
    sys.modules["numpy"] = None  # what makes `import numpy` fail

import ringbuf

REFUSED = None
NAN, INF = float("nan"), float("inf")


class Whole:
    """Stands for an integer."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Half:
    """Could be made a float, but is none."""

    def __float__(self):
        return 0.5


class Level(enum.IntEnum):
    HIGH = 3


def two_rows(format, *values):
    """A buffer of shape (2, n)."""
    view = memoryview(array.array(format, values))
    return view.cast("B").cast(format, [2, len(values) // 2])


# Type, channels, data, what the ring holds then: rows of values, or REFUSED.
PUTS = [
    ("float32", 1, [], []),
    ("int16", 1, [], []),
    ("int16", 2, [], []),
    ("int16", 1, (), []),
    ("int16", 1, array.array("d"), []),
    ("int16", 1, b"", []),
    ("int16", 1, bytearray(), []),
    ("complex64", 3, [], []),
    ("int16", 1, [1, -2], [[1], [-2]]),
    ("int16", 1, (1, -2), [[1], [-2]]),
    ("int16", 1, range(3), [[0], [1], [2]]),
    ("int16", 2, [[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ("int16", 2, [array.array("h", [1, 2]), [3, 4]], [[1, 2], [3, 4]]),
    ("int16", 2, [1, 2], REFUSED),
    ("int16", 2, [[1, 2], [3]], REFUSED),
    ("int16", 2, [[[1, 2]]], REFUSED),
    ("int16", 1, [[1, 2]], REFUSED),
    ("int16", 1, 5, REFUSED),
    ("int16", 1, None, REFUSED),
    ("int16", 1, [None], REFUSED),
    ("int16", 1, "12", REFUSED),
    ("int16", 1, ["1"], REFUSED),
    ("int16", 1, [b"1"], REFUSED),
    ("int16", 1, [bytearray(b"1")], REFUSED),
    ("int16", 2, [b"12", b"34"], REFUSED),
    ("int16", 2, [bytearray(b"12"), bytearray(b"34")], REFUSED),
    ("int16", 2, [memoryview(b"12"), memoryview(b"34")], [[49, 50], [51, 52]]),
    ("int16", 1, {1: 2}, REFUSED),
    ("int16", 1, [32767, -32768], [[32767], [-32768]]),
    ("int16", 1, [1, 32768], REFUSED),
    ("int16", 1, [1, -32769], REFUSED),
    ("int16", 1, [70000], REFUSED),
    ("int8", 1, [-129], REFUSED),
    ("uint8", 1, [-1], REFUSED),
    ("uint8", 1, [256], REFUSED),
    ("uint8", 1, [True, False], [[1], [0]]),
    ("uint8", 1, [Level.HIGH], [[3]]),
    ("uint8", 1, [Whole(200)], [[200]]),
    ("uint8", 1, [Whole(300)], REFUSED),
    ("uint8", 1, [1.0], REFUSED),
    ("uint8", 1, [1, 2.0], REFUSED),
    ("uint8", 1, [Half()], REFUSED),
    ("uint8", 1, [NAN], REFUSED),
    ("int64", 1, [INF], REFUSED),
    ("int64", 1, [1j], REFUSED),
    ("int64", 1, [decimal.Decimal(1)], REFUSED),
    ("int64", 1, [fractions.Fraction(1)], REFUSED),
    ("int64", 1, [2**63 - 1, -(2**63)], [[2**63 - 1], [-(2**63)]]),
    ("int64", 1, [2**63], REFUSED),
    ("int64", 1, [2**63, -1], REFUSED),
    ("uint64", 1, [2**64 - 1, 0], [[2**64 - 1], [0]]),
    ("uint64", 1, [2**64], REFUSED),
    ("uint64", 1, [2**63, -1], REFUSED),
    ("uint64", 1, [2**200], REFUSED),
    ("float32", 1, [0.5, -1], [[0.5], [-1]]),
    ("float32", 1, [0.1], [[0.10000000149011612]]),
    ("float32", 1, [INF, -INF], [[INF], [-INF]]),
    ("float32", 1, [-0.0], [[-0.0]]),
    ("float32", 1, [NAN], [[NAN]]),
    ("float32", 1, [1e300], REFUSED),
    ("float32", 1, [-3.5e38], REFUSED),
    ("float32", 1, [1e-300], [[0.0]]),
    ("float32", 1, [2**24], [[2**24]]),
    ("float32", 1, [2**24 + 1], REFUSED),
    ("float32", 1, [2**24 + 1, 0.5], REFUSED),
    ("float32", 1, [2**24 + 2], [[2**24 + 2]]),
    ("float32", 1, [2**100], [[2**100]]),
    ("float32", 1, [2**100 + 1], REFUSED),
    ("float32", 1, [2**200], REFUSED),
    ("float32", 1, [True], [[1]]),
    ("float32", 1, [Whole(2**24 + 1)], REFUSED),
    ("float32", 1, [1j], REFUSED),
    ("float32", 1, [decimal.Decimal("0.1")], REFUSED),
    ("float32", 1, [fractions.Fraction(1, 3)], REFUSED),
    ("float32", 1, [Half()], REFUSED),
    ("float32", 1, ["0.5"], REFUSED),
    ("float64", 1, [2**53], [[2**53]]),
    ("float64", 1, [2**53 + 1], REFUSED),
    ("float64", 1, [2**53 + 1, 0.5], REFUSED),
    ("float64", 1, [[2**53 + 1], [0.5]], REFUSED),
    ("float64", 1, [2**63 + 1, 0.5], REFUSED),
    ("float64", 1, [2**64, 0.5], [[2**64], [0.5]]),
    ("float64", 1, [2**63, -1], [[2**63], [-1]]),
    ("float64", 1, [-(2**63)], [[-(2**63)]]),
    ("float64", 1, [10**400], REFUSED),
    ("float64", 1, [1e300, INF], [[1e300], [INF]]),
    ("float16", 1, [65504], [[65504]]),
    ("float16", 1, [65519.9], [[65504]]),
    ("float16", 1, [65520.0], REFUSED),
    ("float16", 1, [1e6], REFUSED),
    ("float16", 1, [2048, -2048], [[2048], [-2048]]),
    ("float16", 1, [2049], REFUSED),
    ("float16", 1, [65536], REFUSED),
    ("complex64", 1, [1 + 2j, 0.5, 3], [[1 + 2j], [0.5], [3]]),
    ("complex64", 1, [complex(1e300, 0)], REFUSED),
    ("complex64", 1, [complex(0, 1e300)], REFUSED),
    ("complex64", 1, [2**24 + 1], REFUSED),
    ("complex128", 1, [complex(NAN, INF)], [[complex(NAN, INF)]]),
    ("complex128", 1, [2**53 + 1, 1j], REFUSED),
    # Other buffers are values, too.
    ("int16", 1, array.array("h", [1, -2]), [[1], [-2]]),
    ("int16", 1, array.array("i", [1, -2]), [[1], [-2]]),
    ("int16", 1, array.array("i", [70000]), REFUSED),
    ("int16", 1, array.array("B", [1, 255]), [[1], [255]]),
    ("int16", 1, array.array("f", [1]), REFUSED),
    ("int16", 1, memoryview(b"\1\2\3\4"), [[1], [2], [3], [4]]),
    ("int16", 2, two_rows("h", 1, 2, 3, 4), [[1, 2], [3, 4]]),
    ("int16", 2, two_rows("b", 1, 2, 3, 4), [[1, 2], [3, 4]]),
    ("int16", 2, two_rows("h", 1, 2, 3, 4, 5, 6), REFUSED),
    ("int16", 1, memoryview(array.array("h", [1, 2, 3, 4]))[::2], [[1], [3]]),
    ("int16", 1, memoryview(array.array("h", [1, 2, 3, 4]))[::-1], [[4], [3], [2], [1]]),
    ("int16", 1, memoryview(array.array("h", [1, 2])).toreadonly(), [[1], [2]]),
    ("int16", 1, (ctypes.c_int32 * 2)(1, -2), [[1], [-2]]),
    ("int16", 1, (ctypes.c_int16.__ctype_be__ * 2)(1, -2), [[1], [-2]]),
    ("int16", 1, (ctypes.c_int32 * 1)(70000), REFUSED),
    ("float32", 1, array.array("i", [1]), [[1]]),
    ("float32", 1, array.array("i", [2**24 + 1]), REFUSED),
    ("float32", 1, array.array("d", [0.5]), [[0.5]]),
    ("float32", 1, array.array("d", [1e300]), REFUSED),
    ("float32", 1, (ctypes.c_float * 2)(1, 2), [[1], [2]]),
    ("float32", 1, (ctypes.c_char * 4)(), REFUSED),
    ("float32", 1, (ctypes.c_void_p * 1)(), REFUSED),
    ("float64", 1, array.array("l", [2**53 + 1]), REFUSED),
    ("uint64", 1, array.array("l", [7]), [[7]]),
    ("uint64", 1, array.array("l", [-7]), REFUSED),
    ("int64", 1, array.array("l", [-7]), [[-7]]),
    # Bytes are samples as they lie in memory.
    ("int16", 2, array.array("h", [1, 2, 3, 4]).tobytes(), [[1, 2], [3, 4]]),
    ("int16", 2, bytearray(array.array("h", [1, 2, 3, 4])), [[1, 2], [3, 4]]),
    ("int16", 2, b"123", REFUSED),
    # Opaque items are bytes, whole ones.
    (4, 1, b"abcdefgh", [b"abcd", b"efgh"]),
    (4, 1, bytearray(b"abcd"), [b"abcd"]),
    (4, 1, memoryview(b"abcd"), [b"abcd"]),
    (4, 1, memoryview(b"a.b.c.d.")[::2], [b"abcd"]),
    (4, 1, array.array("B", b"abcdefgh"), [b"abcd", b"efgh"]),
    (4, 1, array.array("H", [0x6161, 0x6262]), [b"aabb"]),
    (4, 1, [b"abcd", bytearray(b"efgh")], [b"abcd", b"efgh"]),
    (4, 1, [], []),
    (4, 1, [b"abc"], REFUSED),
    (4, 1, [b"abcd", b"ab"], REFUSED),
    (4, 1, b"abc", REFUSED),
    (4, 1, "abcd", REFUSED),
    (4, 1, 4, REFUSED),
    (4, 1, [1, 2, 3, 4], REFUSED),
    (1, 1, [1, 2], REFUSED),
    (4, 1, None, REFUSED),
]

PUSHES = [
    ("int32", 1, 4, [[4]]),
    ("int32", 1, [4], [[4]]),
    ("int32", 1, [[4]], [[4]]),
    ("int32", 1, True, [[1]]),
    ("int32", 1, Whole(4), [[4]]),
    ("int32", 1, 2**31, REFUSED),
    ("int32", 1, 2**64, REFUSED),
    ("int32", 1, 4.0, REFUSED),
    ("int32", 1, NAN, REFUSED),
    ("int32", 1, None, REFUSED),
    ("int32", 1, "four", REFUSED),
    ("int32", 1, [], REFUSED),
    ("int32", 1, [1, 2], REFUSED),
    ("int32", 1, decimal.Decimal(4), REFUSED),
    ("int16", 1, [5, 6], REFUSED),
    ("int16", 1, 2, [[2]]),
    ("int16", 2, [5, 6], [[5, 6]]),
    ("int16", 2, [[5, 6]], [[5, 6]]),
    ("int16", 2, [[5], [6]], REFUSED),
    ("int16", 2, [5, 70000], REFUSED),
    ("int16", 2, 5, REFUSED),
    ("int16", 2, 0x00060005, REFUSED),
    ("int16", 2, range(5, 7), [[5, 6]]),
    ("int16", 2, array.array("h", [5, 6]), [[5, 6]]),
    ("int16", 2, array.array("b", [5, 6]), [[5, 6]]),
    ("int16", 2, array.array("i", [5]), REFUSED),
    ("int16", 2, memoryview(array.array("i", [5])), REFUSED),
    ("int16", 2, memoryview(array.array("h", [5, 6])), [[5, 6]]),
    ("int16", 2, array.array("h", [5, 6]).tobytes(), [[5, 6]]),
    ("int16", 2, bytearray(array.array("h", [5, 6])), [[5, 6]]),
    ("int16", 2, b"abc", REFUSED),
    ("float32", 1, 0.5, [[0.5]]),
    ("float32", 1, 1e300, REFUSED),
    ("float32", 1, 2**24 + 1, REFUSED),
    ("float32", 1, memoryview(array.array("i", [1])), [[1]]),
    ("float32", 1, array.array("i", [1]), [[1]]),
    ("float32", 1, memoryview(bytes(4)), REFUSED),
    ("float32", 1, (ctypes.c_int32 * 1)(1), [[1]]),
    ("float64", 1, 2**53 + 1, REFUSED),
    ("float16", 1, 1e6, REFUSED),
    ("complex64", 1, 1 + 2j, [[1 + 2j]]),
    ("uint8", 4, 1, REFUSED),
    ("uint8", 4, [1, 2, 3, 4], [[1, 2, 3, 4]]),
    (4, 1, b"abcd", [b"abcd"]),
    (4, 1, bytearray(b"abcd"), [b"abcd"]),
    (4, 1, memoryview(b"abcd"), [b"abcd"]),
    (4, 1, array.array("H", [0x6161, 0x6262]), [b"aabb"]),
    (4, 1, b"abc", REFUSED),
    (4, 1, b"abcde", REFUSED),
    (4, 1, 4, REFUSED),
    (4, 1, [1, 2, 3, 4], REFUSED),
    (4, 1, "abcd", REFUSED),
    (1, 1, 0, REFUSED),
]

CASES = [("put", *case) for case in PUTS] + [("push", *case) for case in PUSHES]


def rows_of(ring, dtype):
    """What is in it, from the bytes, so that both ways are looked at alike."""
    import struct

    count = ring.written
    data = bytes(memoryview(ring.read(0, count)).cast("B")) if count else b""
    if isinstance(dtype, int):
        return [data[i : i + dtype] for i in range(0, len(data), dtype)]
    format = {"float16": "e", "float32": "f", "float64": "d", "complex64": "ff", "complex128": "dd"}.get(dtype)
    if format is None:
        format = {1: "b", 2: "h", 4: "i", 8: "q"}[ring.sample_bytes // ring.channels]
        format = format.upper() if dtype.startswith("u") else format
    values = [complex(*v) if len(v) == 2 else v[0] for v in struct.iter_unpack("=" + format, data)]
    return [values[i : i + ring.channels] for i in range(0, len(values), ring.channels)]


def check(method, dtype, channels, data, expected):
    options = {"item_size": dtype} if isinstance(dtype, int) else {"dtype": dtype}
    with ringbuf.Writer(None, capacity=10, channels=channels, **options) as writer:
        try:
            getattr(writer, method)(data)
        except ringbuf.IncompatibleError as error:
            assert expected is REFUSED, f"{error}, expected {expected}"
            assert error.code == 4 and error.detail.startswith("data has ")
            assert writer.written == 0
        else:
            assert expected is not REFUSED, f"stored {rows_of(writer, dtype)}"
            # As texts, since not-a-number is not equal to itself, and -0.0 is equal to 0.0.
            number = complex if str(dtype).startswith("complex") else float if str(dtype).startswith("float") else int
            as_wanted = [row if isinstance(row, bytes) else [number(v) for v in row] for row in expected]
            assert repr(rows_of(writer, dtype)) == repr(as_wanted)


if __name__ == "__main__":
    failed = 0
    for case in CASES:
        try:
            check(*case)
        except Exception as error:
            failed += 1
            print(case, f"{type(error).__name__}: {error}")
    assert sys.modules["numpy"] is None
    print(f"{len(CASES)} cases, {failed} failed")
