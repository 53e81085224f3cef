"""put and push store the values that they are given, or nothing."""

import warnings

import pytest
import values
from conftest import HERE, run

import ringbuf
from ringbuf import Reader, Writer

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.filterwarnings("error")
MASKED = np.ma.masked_array([1.0, -999.0], mask=[False, True])
POINT = [("x", "f4"), ("y", "f4")]


@pytest.mark.parametrize("case", values.CASES, ids=repr)
def test_table(case):
    values.check(*case)


def test_table_without_numpy():
    assert run((HERE / "values.py").read_text()) == f"{len(values.CASES)} cases, 0 failed\n"


# Type of the ring, data, elements of the first sample, or the words that the refusal has to have.
ARRAYS = [
    ("i2", np.array([70000]), "70000 at [0, 0], expected int16 (-32768 to 32767)"),
    ("i2", np.array([1, 2, -70000]), "-70000 at [2, 0]"),
    ("u1", np.array([[3], [-1]]), "-1 at [1, 0], expected uint8 (0 to 255)"),
    ("i8", np.array([2**63], "u8"), "9223372036854775808"),
    ("u8", np.array([-1]), "-1"),
    ("i2", np.zeros(0), []),
    ("i2", np.zeros((0, 1), complex), []),
    ("i2", np.array([7], ">i8"), [7]),
    ("f4", np.array([7], ">i8"), [7]),
    ("f4", np.array([0.5], ">f8"), [0.5]),
    (">f4", np.array([0.5]), [0.5]),
    (">i4", np.array([2**31]), "2147483648"),
    ("?", np.array([True]), [True]),
    ("?", np.array([1]), "expected bool"),
    ("?", np.array([2], "u1"), "expected bool"),
    ("?", [True, 2], "expected bool"),
    ("f4", np.array([2**24 + 1]), "16777217 at [0, 0], expected float32"),
    ("f4", np.array([-(2**24) - 1]), "-16777217"),
    ("f4", np.array([2**63 + 2**40], "u8"), [2**63 + 2**40]),
    ("f8", np.array([2**64 - 1], "u8"), "18446744073709551615"),
    ("f8", np.array([-(2**63), 2**62]), [-(2.0**63)]),
    ("f2", np.array([1e6]), "1000000.0 at [0, 0], expected float16"),
    ("f2", np.array([65536]), "65536"),
    ("f4", np.array([np.inf, np.nan]), [np.inf]),
    ("f4", np.array([1, 1e39], "g"), "at [1, 0], expected float32"),
    ("f4", np.array([1j]), "elements of complex128, expected float32"),
    ("c8", np.array([1e300]), "1e+300"),
    ("c8", np.array([complex(np.inf, 1)]), [complex(np.inf, 1)]),
    ("c8", np.array([complex(np.inf, 1e300)]), "at [0, 0], expected complex64"),
    ("c8", np.array([2**24 + 1]), "16777217"),
    ("i4", np.array([1.0]), "elements of float64, expected int32"),
    ("i4", np.array([np.nan]), "elements of float64"),
    ("i4", np.array(["1"]), "elements of str of at most 1, expected int32"),
    ("i4", np.array([1], "m8[s]"), "elements of timedelta64[s]"),
    ("i4", np.array([5], object), [5]),
    ("i4", np.array([5, None], object), "a NoneType at [1, 0]"),
    ("i4", np.array([5, 2.0], object), "at [1, 0], expected int32"),
    ("i4", np.array([2**70], object), "1180591620717411303424 at [0, 0]"),
    ("f8", [np.array([2**53 + 1]), np.array([0.5])], "9007199254740993 at [0, 0]"),
    ("f8", [np.int64(2**53 + 1), np.float64(0.5)], "9007199254740993 at [0]"),
    ("f8", [np.float32(0.5), np.int8(3)], [0.5]),
    ("f8", [np.array([0.5]), [3]], [0.5]),
    # Masked elements have no value.
    ("f4", MASKED, "masked elements, the first one at [1]"),
    ("f4", MASKED[:1], [1.0]),
    ("f4", [MASKED[:1], MASKED[1:]], "masked elements, the first one at [1, 0]"),
    ("f4", [1.0, np.ma.masked], "masked"),
    ("i4", [1, np.ma.masked], "masked"),
    (POINT, np.ma.masked_array([(1, 2)], mask=[(False, True)], dtype=POINT), "masked"),
    ("V4", np.ma.masked_array([1], mask=[True], dtype="i4"), "masked"),
    # Strings.
    ("U3", np.array(["abc"]), ["abc"]),
    ("U3", np.array(["abcdef"]), "'abcdef' at [0, 0], expected str of at most 3"),
    ("U3", ["ab", "abcd"], "'abcd' at [1, 0]"),
    ("U3", np.array(["ab"], "U9"), ["ab"]),
    ("U3", [1], "expected str of at most 3"),
    ("U3", ["a", 1], "expected str of at most 3"),
    ("U3", ["a", None], "expected str of at most 3"),
    ("U3", np.array([b"ab"]), "elements of bytes of at most 2"),
    ("S3", np.array([b"abc"]), [b"abc"]),
    ("S3", np.array([b"abcdef"]), "b'abcdef' at [0, 0]"),
    ("S3", np.array(["abc"]), "elements of str"),
    ("S3", np.array([1]), "elements of int64"),
    # Moments.
    ("M8[ns]", np.array(["3020-01-01"], "M8[D]"), "3020-01-01 at [0, 0], expected datetime64[ns]"),
    ("M8[ns]", np.array(["1500-01-01"], "M8[D]"), "1500-01-01"),
    ("M8[ns]", np.array(["2020-01-01", "NaT"], "M8[D]"), [np.datetime64("2020-01-01", "ns")]),
    ("M8[s]", np.array(["2020-01-01T00:00:00.5"], "M8[ms]"), "2020-01-01T00:00:00.500 at [0, 0]"),
    ("M8[s]", np.array(["2020-01-01T00:00:01"], "M8[ms]"), [np.datetime64("2020-01-01T00:00:01")]),
    ("M8[25ms]", np.array([50], "M8[ms]"), [np.datetime64(50, "ms")]),
    ("M8[25ms]", np.array([51], "M8[ms]"), "at [0, 0], expected datetime64[25ms]"),
    ("M8[Y]", np.array(["2020-05"], "M8[M]"), "2020-05"),
    ("M8[ns]", [np.datetime64("3020", "Y"), np.datetime64(1, "ns")], "3020"),
    ("M8[ns]", np.array([5]), "elements of int64"),
    ("M8[ns]", np.array([5], "m8[ns]"), "elements of timedelta64[ns]"),
    ("m8[ns]", np.array([5], "m8[D]"), [np.timedelta64(5, "D")]),
    ("m8[ns]", np.array([10**6], "m8[D]"), "1000000 days"),
    ("m8[D]", np.array([5], "m8[M]"), "elements of timedelta64[M]"),
    ("m8[s]", np.array([5], "m8"), "5"),
    ("m8[s]", np.array([5]), "elements of int64"),
    (">M8[ns]", np.array([5], "M8[us]"), [np.datetime64(5, "us")]),
    # Fields.
    ([("n", "i2")], np.array([(70000,)], [("n", "i8")]), "in field 'n' 70000 at [0, 0], expected int16"),
    ([("n", "u1")], np.array([(-1,)], [("n", "i8")]), "in field 'n' -1"),
    ([("n", "u1")], np.array([(1,)], [("n", "i8")]), [(1,)]),
    (POINT, np.array([(1, 2)], [("x", "i4"), ("y", "f8")]), [(1, 2)]),
    (POINT, np.array([(1, 2)], [("y", "f4"), ("x", "f4")]), "fields in another order: y, x; expected x, y"),
    (POINT, np.array([(1, 2)], [("lat", "f4"), ("lon", "f4")]), "no field 'x'"),
    (POINT, np.array([(1,)], [("x", "f4")]), "no field 'y'"),
    (POINT, np.array([(1, 2, 3)], [*POINT, ("z", "f4")]), "a field that the ring has not, 'z'"),
    (POINT, np.array([[1, 2]], "f4"), "shape"),
    (POINT, np.array([1], "f8"), "elements of float64, expected fields (x, y)"),
    (POINT, [(1, 2)], "a list, expected an array with fields (x, y)"),
    (POINT, np.array([(1, 2)], np.dtype(POINT, align=True)), [(1, 2)]),
    (POINT, np.array([(1, 2)], {"names": ["x", "y"], "formats": ["f4", "f4"], "offsets": [4, 0]}), [(1, 2)]),
    (POINT, np.array([(1, 2)], POINT).view(np.recarray), [(1, 2)]),
    ("f4", np.array([(1, 2)], POINT), "elements of fields (x, y), expected float32"),
    ([("a", "f4", (2,))], np.array([([1, 2],)], [("a", "i2", (2,))]), [([1, 2],)]),
    ([("a", "f4", (2,))], np.array([([1, 2, 3],)], [("a", "f4", (3,))]), "field 'a' of shape (3,), expected (2,)"),
    ([("a", "f4", (2,))], np.array([(1,)], [("a", "f4")]), "field 'a' of shape (), expected (2,)"),
    ([("a", "f2", (2,))], np.array([([1, 1e6],)], [("a", "f8", (2,))]), "in field 'a' 1000000.0 at [0, 0, 1]"),
    ([("p", POINT)], np.array([((1, 2),)], [("p", [("y", "f4"), ("x", "f4")])]), "in field 'p' its fields in another order"),
    ([("p", POINT)], np.array([((1, 1e300),)], [("p", [("x", "f4"), ("y", "f8")])]), "in field 'p' in field 'y' 1e+300"),
    # Opaque items.
    ("V4", np.array([b"abcd"]), [np.void(b"abcd")]),
    ("V4", np.frombuffer(b"abcdefgh", "u1"), [np.void(b"abcd")]),
    ("V4", np.array([object()]), "Python objects"),
    ("V4", np.zeros((1, 2), "f4"), "shape"),
    ("V4", np.array([1], "u1"), "1 bytes, expected a multiple of 4"),
]


def stored(dtype, data, method="put"):
    with Writer(None, capacity=10, dtype=dtype) as writer:
        try:
            getattr(writer, method)(data)
        except ringbuf.IncompatibleError as error:
            assert writer.written == 0
            return error.detail
        return writer.read(0, writer.written)[:, 0]


@pytest.mark.parametrize("dtype, data, expected", ARRAYS, ids=lambda value: repr(value)[:60])
def test_arrays(dtype, data, expected):
    got = stored(dtype, data)
    if isinstance(expected, str):
        assert isinstance(got, str), f"stored {got}"
        assert got.startswith("data has ") and expected in got
    else:
        assert not isinstance(got, str), got
        wanted = np.array(expected, dtype)
        assert got[: len(wanted)].tobytes() == wanted.tobytes() or (got[:1] == wanted[:1]).all()


@pytest.mark.parametrize("dtype, data, expected", ARRAYS, ids=lambda value: repr(value)[:60])
def test_an_element_is_pushed_like_that(dtype, data, expected):
    if not isinstance(data, np.ndarray) or data.shape != (1,) or isinstance(data, np.ma.MaskedArray) or dtype == "V4":
        return
    for item in data, data.reshape(1, 1), data[0]:
        got = stored(dtype, item, "push")
        assert isinstance(got, str) == isinstance(expected, str), got
        if not isinstance(got, str):
            assert got.tobytes() == stored(dtype, data).tobytes()


def test_bytes_pushed_to_a_ring_of_strings():
    with Writer(None, capacity=10, dtype="S3", channels=2) as writer:
        writer.push(b"abcdef")
        for wrong in b"abc", b"abcdefg":
            with pytest.raises(ringbuf.IncompatibleError):
                writer.push(wrong)
        assert writer.view(0, 1).tolist() == [[b"abc", b"def"]]
    assert stored("S3", b"ab", "push").tolist() == [b"ab"]
    assert "at most 3" in stored("S3", b"abcd", "push")


def test_a_masked_element_is_not_pushed():
    for item in MASKED[1:], np.ma.masked:
        assert "masked" in stored("f4", item, "push")


def test_large_arrays():
    with Writer(None, capacity=100_000, dtype="int32") as writer:
        data = np.arange(50_000)
        writer.put(data)
        assert (writer.view(0, 50_000)[:, 0] == data).all()
        data[43_210] = 2**31
        with pytest.raises(ringbuf.IncompatibleError, match=r"2147483648 at \[43210, 0\]"):
            writer.put(data)
        assert writer.written == 50_000


def test_put_of_the_rings_own_samples():
    for capacity, count in (1000, 800), (100_000, 80_000):
        with Writer(None, capacity=capacity, window=capacity, dtype="int32") as writer:
            writer.put(np.arange(capacity, dtype="int32"))
            with Reader(fd=writer.memory_fd()) as reader:
                for ring in writer, reader:
                    wanted = ring.latest(count).copy()
                    writer.put(ring.latest(count))
                    assert (writer.latest(count) == wanted).all()
                    assert (writer._samples[:capacity] == writer._samples[capacity:]).all()
            for start in 0, 7, capacity // 2:
                first = writer.written - capacity + start
                view = writer.edit(first, first + capacity // 2)
                wanted = view.copy()
                writer.put(view)
                assert (writer.latest(capacity // 2) == wanted).all()
                assert (writer._samples[:capacity] == writer._samples[capacity:]).all()


@pytest.mark.parametrize("count", [800, 80_000])
def test_put_of_the_own_samples_of_a_ring_in_memory_of_the_callers(count):
    options = {"capacity": count // 4 * 5, "window": count, "dtype": "int32"}
    memory = bytearray(Writer.raw_size(**options))
    with Writer.create_raw(memory, **options) as writer, Reader(raw=memory) as reader:
        writer.put(np.arange(count // 4 * 5))
        for ring in writer, reader, writer:
            wanted = ring.latest(count).copy()
            writer.put(ring.latest(count))
            assert (writer.latest(count) == wanted).all()
            assert (writer._samples[:count] == writer._samples[count // 4 * 5 :]).all()
    with pytest.raises(ringbuf.NotInitializedError):
        writer.put(np.zeros(4, int))


def test_put_data_takes_no_other_fields_and_no_masked_elements():
    with ringbuf.RingBuffer() as buffer:
        buffer.initialize(1, 10, nptype=POINT)
        for wrong in np.array([(1, 2)], POINT[::-1]), np.ma.masked_array([(1, 2)], mask=True, dtype=POINT):
            with pytest.raises(ringbuf.BufferError) as caught:
                buffer.put_data(wrong)
            assert caught.value.code == 4 and buffer.nSamplesWritten == 0


NUMBERS = [*"?bBhHiIqQefdgFD", ">i4", ">f8", ">c16"]
OTHERS = ["S2", "S5", "U2", "U5", "M8[ns]", "M8[s]", "M8[D]", "m8[ns]", "m8[25ms]", "m8[7D]"]


def extremes(dtype, rng):
    """Values at and around the limits of all types, as far as this one has them."""
    dtype = np.dtype(dtype)
    if dtype.kind in "biu":
        limits = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
        bits = 0, 7, 8, 11, 15, 16, 24, 31, 32, 53, 63, 64
        near = {sign * 2**bit + d for bit in bits for d in (-1, 0, 1) for sign in (1, -1)} | set(limits)
        return np.array([v for v in sorted(near) if limits[0] <= v <= limits[1]], dtype)
    if dtype.kind in "fc":
        tops = [float(np.finfo(t).max) for t in "efd"]
        near = [0.0, -0.0, 0.1, 1.5, np.inf, -np.inf, np.nan, 1e-300, 65519.9, 65520.0]
        near += [t * f for t in tops for f in (1, -1, 1 + 1e-9, 1 + 1e-3, 0.999) if np.isfinite(t * f)]
        with np.errstate(all="ignore"):
            parts = np.array(near, "d").astype(dtype)
        if dtype.kind == "f":
            return parts
        both = np.zeros(2 * len(parts), dtype)
        both.real[: len(parts)] = both.imag[len(parts) :] = parts.real
        return both
    if dtype.kind in "SU":
        texts = ["", "a", "ab", "abc", "abcde"] + (["ü"] if dtype.kind == "U" else [])
        return np.array(texts).astype(dtype)
    ticks = [0, 1, -1, 7, 86400, 10**9, 86400 * 10**9, 2**62, -(2**62), 500, 1051, rng.randrange(-(2**63) + 1, 2**63)]
    return np.array([*ticks, np.iinfo("i8").min], "i8").view(dtype)


def same(value, other):
    """Whether two elements are the same value, seen without NumPy's conversions."""
    if isinstance(value, (np.datetime64, np.timedelta64)):
        if np.isnat(value) or np.isnat(other):
            return np.isnat(value) and np.isnat(other)
        return moment(value) == moment(other)
    if isinstance(value, np.inexact):
        if np.isnan(value):
            return bool(np.isnan(other))
        if isinstance(value, np.complexfloating) or isinstance(other, np.complexfloating):
            return rounded(value.real, other.real) and rounded(value.imag, other.imag)
        return rounded(value, other)
    if isinstance(value, (np.integer, np.bool_)):
        if isinstance(other, np.inexact):
            return bool(np.isfinite(other)) and int(other.real) == int(value)
        return int(value) == int(other)
    return value == other


def rounded(value, other):
    """The same float, or the nearest one of a shorter type, which is finite if it was."""
    if np.isnan(value) or np.isinf(value) or np.isinf(other):
        return str(value) == str(other) and np.isnan(value) == np.isnan(other)
    limits = np.finfo(type(other))
    return abs(np.longdouble(value) - other) <= max(abs(np.longdouble(value)) * limits.eps, limits.tiny)


def moment(value):
    """In nanoseconds."""
    unit, steps = np.datetime_data(value.dtype)
    return int(value.view("i8")) * steps * {"D": 86400 * 10**9, "s": 10**9, "ms": 10**6, "ns": 1}[unit]


def convertible(source, target):
    """Whether elements of one type are ever taken for another one."""
    ranks = [next((i for i, kinds in enumerate("b iu f c".split()) if d.kind in kinds), None) for d in (source, target)]
    if None in ranks:
        return source.kind == target.kind
    return ranks[0] <= ranks[1]


@pytest.mark.parametrize("to", [*NUMBERS, *OTHERS])
def test_all_pairs_of_types(to, rng):
    """Each value alone: stored as NumPy converts it if that is the same value, else refused."""
    target = np.dtype(to)
    with Writer(None, capacity=4, dtype=to) as writer:
        for of in [*NUMBERS, *OTHERS]:
            data = extremes(of, rng)
            for one in (data[i : i + 1] for i in range(len(data))):
                wanted = None
                if convertible(np.dtype(of), target):
                    with np.errstate(all="ignore"), warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        wanted = one.astype(target)
                    if not same(one[0], wanted[0]):
                        wanted = None
                for put, item in (writer.put, one), (writer.push, one[0]), (writer.put, list(one)):
                    before = writer.written
                    try:
                        put(item)
                    except ringbuf.IncompatibleError as error:
                        assert wanted is None, f"{one!r} into {to}: {error}"
                        assert writer.written == before
                    else:
                        assert wanted is not None, f"{one!r} into {to}: stored {writer.latest(1)}"
                        assert writer.written == before + 1
                        got = writer.latest(1)[0]
                        assert str(got) == str(wanted), f"{one!r} into {to}"
