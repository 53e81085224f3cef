"""RingBuffer in the place of the class of old: what its documentation says, line by line."""

import ctypes
import logging
import mmap
import pickle
from multiprocessing import Array, sharedctypes

import pytest

import ringbuf
from ringbuf import BufferError, RingBuffer

np = pytest.importorskip("numpy")


@pytest.fixture
def buffer():
    with RingBuffer() as buffer:
        buffer.initialize(2, 15, 3)
        yield buffer


def rows(start, stop, channels=2):
    """What sample i holds: i in the first channel, 100 + i in the second one, ..."""
    return (np.arange(start, stop)[:, None] + 100 * np.arange(channels)).astype("float32")


def code_of(call, *arguments, **options):
    with pytest.raises(BufferError) as caught:
        call(*arguments, **options)
    return caught.value.code


# --- Before it is initialized ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [
        "nChannels",
        "bufSize",
        "pocketSize",
        "nptype",
        "raw",
        "nSamplesWritten",
        "writePtr",
        "__str__()",
        "get_data(0, 1)",
        "get_data(0, 1, False)",
        "put_data(np.zeros((1, 1)))",
        "check_availablility(0, 1)",
        "check_availability(0, 0)",
        "wait(0)",
    ],
)
def test_not_initialized(what):
    buffer = RingBuffer()
    assert buffer.is_initialized is False
    with pytest.raises(BufferError) as caught:
        eval(f"buffer.{what}", {"buffer": buffer, "np": np})
    assert caught.value.code == 1
    buffer.initialize(1, 10)
    buffer.close()
    with pytest.raises(BufferError) as caught:
        eval(f"buffer.{what}", {"buffer": buffer, "np": np})
    assert caught.value.code == 1
    assert buffer.is_initialized is False


# --- Attributes ------------------------------------------------------------------------------------------------------


def test_attributes(buffer):
    assert buffer.is_initialized is True
    assert (buffer.nChannels, buffer.bufSize, buffer.pocketSize, buffer.nptype) == (2, 15, 3, "float32")
    assert (buffer.nSamplesWritten, buffer.writePtr) == (0, 0)
    buffer.put_data(rows(0, 10))
    assert (buffer.nSamplesWritten, buffer.writePtr) == (10, 10)
    buffer.put_data(rows(10, 20))
    assert (buffer.nSamplesWritten, buffer.writePtr) == (20, 5)


@pytest.mark.parametrize(
    "name", ["is_initialized", "nChannels", "bufSize", "pocketSize", "nptype", "raw", "writePtr", "nSamplesWritten"]
)
def test_attributes_are_read_only(buffer, name):
    with pytest.raises(AttributeError):
        setattr(buffer, name, getattr(buffer, name))


def test_defaults():
    with RingBuffer() as buffer:
        buffer.initialize(3, 7)
        assert (buffer.nChannels, buffer.bufSize, buffer.pocketSize, buffer.nptype) == (3, 7, 1, "float32")
        assert buffer.get_data(0, 0).dtype == np.float32


def test_sizes_below_1_are_1(caplog):
    with RingBuffer() as buffer, caplog.at_level(logging.WARNING, "ringbuf"):
        buffer.initialize(0, -5, 0)
        assert (buffer.nChannels, buffer.bufSize, buffer.pocketSize) == (1, 1, 1)
    assert [record.getMessage().split()[0] for record in caplog.records] == ["nChannels", "nSamples", "windowSize"]


def test_initialized_anew(buffer):
    buffer.put_data(rows(0, 10))
    old = buffer.get_data(0, 10)
    buffer.initialize(1, 5, nptype="int16")
    assert (buffer.nChannels, buffer.bufSize, buffer.nptype, buffer.nSamplesWritten) == (1, 5, "int16", 0)
    buffer.put_data(np.ones(5))
    assert (old == rows(0, 10)).all()


def test_str_shows_data_and_pocket(buffer):
    buffer.put_data(rows(1, 3))
    data, pocket = np.zeros((2, 15), "float32"), np.zeros((2, 3), "float32")
    data[:, :2] = pocket[:, :2] = rows(1, 3).T
    assert str(buffer) == f"{data}\n{pocket}"


@pytest.mark.parametrize("sizes", [(1, 2**44), (1, 10, 11), (2**40, 1), (1, 2**62)])
def test_sizes_that_cannot_be(sizes):
    with RingBuffer() as buffer:
        assert code_of(buffer.initialize, *sizes) in (6, 20, 21)
        assert buffer.is_initialized is False


# --- Types -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nptype", [*ringbuf.datatypes.types.values(), "datetime64[ns]", "bool", "S5", "longdouble"])
def test_types(nptype):
    with RingBuffer() as buffer, RingBuffer() as other:
        buffer.initialize(2, 10, 3, nptype)
        data = np.arange(24).reshape(12, 2).astype(nptype)
        buffer.put_data(data)
        other.initialize_from_raw(buffer.raw)
        for b in (buffer, other):
            assert b.nptype == np.dtype(nptype).name
            assert b.get_data(4, 12).dtype == np.dtype(nptype)
            assert (b.get_data(4, 12) == data[4:]).all()


def test_a_type_with_fields():
    nptype = np.dtype([("time", "f8"), ("spectrum", "f4", (3,)), ("name", "S4")])
    with RingBuffer() as buffer, RingBuffer() as other:
        buffer.initialize(1, 10, 3, nptype)
        data = np.zeros(4, nptype)
        data["time"] = range(4)
        data["spectrum"][2] = 5
        data["name"][3] = b"abc"
        buffer.put_data(data)
        other.initialize_from_raw(buffer.raw)
        assert other.get_data(0, 4).dtype == nptype
        assert (other.get_data(0, 4)[:, 0] == data).all()


def test_datatypes():
    types = ringbuf.datatypes
    assert (types.types[0], types.types[1]) == ("float32", "int16")
    assert (types.get_type(0), types.get_type(1)) == ("float32", "int16")
    assert (types.get_code("float32"), types.get_code("int16")) == (0, 1)
    assert types.get_code(np.dtype("float64")) == types.get_code(np.float64) == types.get_code("float64") == 2
    for code, name in types.types.items():
        assert types.get_code(types.get_type(code)) == code
        assert types.get_type(types.get_code(name)) == name
    with pytest.raises(ValueError):
        types.get_code("nothing")
    with pytest.raises(KeyError):
        types.get_type(200)


def test_datatypes_can_be_added(monkeypatch):
    monkeypatch.setitem(ringbuf.datatypes.types, 100, "datetime64[ns]")
    assert ringbuf.datatypes.get_code("datetime64[ns]") == 100
    assert ringbuf.datatypes.get_type(100) == "datetime64[ns]"


# --- The raw array ---------------------------------------------------------------------------------------------------


def test_raw_is_the_whole_buffer(buffer):
    buffer.put_data(rows(0, 4))
    header = ringbuf.BufferHeader.from_buffer(buffer.raw)
    assert (header.bufSizeBytes, header.pocketSizeBytes, header.dataType) == (15 * 8, 3 * 8, 0)
    assert (header.nChannels, header.nSamplesWritten) == (2, 4)
    assert len(buffer.raw) == ctypes.sizeof(buffer.raw) >= ctypes.sizeof(header) + 18 * 8
    assert rows(0, 4).tobytes() in buffer.raw.raw
    buffer.put_data(rows(4, 6))
    assert header.nSamplesWritten == 6
    assert buffer.raw is buffer.raw


def test_another_object_of_the_same_raw_array(buffer):
    other = RingBuffer()
    other.initialize_from_raw(buffer.raw)
    assert (other.nChannels, other.bufSize, other.pocketSize, other.nptype) == (2, 15, 3, "float32")
    buffer.put_data(rows(0, 20))
    assert (other.get_data(5, 20) == rows(5, 20)).all()
    third = RingBuffer()
    third.initialize_from_raw(other.raw)
    buffer.close()
    other.close()
    assert (third.get_data(5, 20) == rows(5, 20)).all()
    third.close()


def test_the_raw_array_outlives_its_buffer():
    buffer = RingBuffer()
    buffer.initialize(2, 15, 3)
    buffer.put_data(rows(0, 5))
    raw = buffer.raw
    buffer.close()
    del buffer
    with RingBuffer() as other:
        other.initialize_from_raw(raw)
        assert (other.get_data(0, 5) == rows(0, 5)).all()
        other.put_data(rows(5, 6))  # its writer is gone
        assert other.nSamplesWritten == 6


SIZE = 1 << 16


@pytest.mark.parametrize(
    "memory",
    [
        lambda: sharedctypes.RawArray("c", SIZE),
        lambda: Array("c", SIZE),
        lambda: mmap.mmap(-1, SIZE),
        lambda: bytearray(SIZE),
        lambda: np.zeros(SIZE, "uint8"),
        lambda: memoryview(np.zeros(SIZE // 8, "float64")),
    ],
    ids=["RawArray", "Array", "mmap", "bytearray", "ndarray", "memoryview"],
)
def test_external_memory(memory):
    raw = memory()
    plain = raw.get_obj() if hasattr(raw, "get_obj") else raw
    with RingBuffer() as buffer:
        assert code_of(buffer.initialize_from_raw, raw) == 1
        writer = ringbuf.Writer.create_raw(plain, capacity=100, channels=2, window=10)
        buffer.initialize_from_raw(raw)
        assert (buffer.nChannels, buffer.bufSize, buffer.pocketSize) == (2, 100, 10)
        writer.put(rows(0, 105))
        assert (buffer.get_data(95, 105) == rows(95, 105)).all()
        assert code_of(buffer.put_data, rows(0, 1)) == 11
        writer.close()
        buffer.put_data(rows(105, 107))
        assert (buffer.get_data(100, 107) == rows(100, 107)).all()
        assert buffer.raw is plain
        data = buffer.get_data(104, 107)
    del writer, buffer
    assert (data == rows(104, 107)).all()


def test_external_memory_that_is_read_only():
    memory = mmap.mmap(-1, SIZE)
    writer = ringbuf.Writer.create_raw(memory, capacity=100, channels=2)
    writer.put(rows(0, 50))
    with RingBuffer() as buffer:
        buffer.initialize_from_raw(memoryview(memory).toreadonly())
        assert (buffer.get_data(0, 50) == rows(0, 50)).all()
        with pytest.raises(TypeError, match="read-only"):
            buffer.put_data(rows(0, 1))
    writer.close()


def test_raw_that_is_no_buffer():
    with RingBuffer() as buffer:
        assert code_of(buffer.initialize_from_raw, bytearray(SIZE)) == 1
        assert code_of(buffer.initialize_from_raw, bytearray(b"x" * SIZE)) == 18
        assert code_of(buffer.initialize_from_raw, bytearray(8)) == 6
        assert buffer.is_initialized is False


def test_a_ring_made_anew_in_the_same_memory():
    memory = bytearray(SIZE)
    writer = ringbuf.Writer.create_raw(memory, capacity=100, channels=2)
    writer.put(rows(0, 50))
    with RingBuffer() as buffer:
        buffer.initialize_from_raw(memory)
        assert (buffer.get_data(0, 50) == rows(0, 50)).all()
        writer.close()
        writer = ringbuf.Writer.create_raw(memory, capacity=100, channels=2)
        writer.put(rows(50, 100))
        assert code_of(buffer.get_data, 0, 50) == 16
        writer.close()


# --- Availability ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", ["check_availablility", "check_availability"])
def test_availability(buffer, check):
    check = getattr(buffer, check)
    assert check(0, 1) == 3
    buffer.put_data(rows(0, 10))
    assert check(0, 10) == 0
    assert check(sampleStart=9, sampleEnd=11) == 3
    buffer.put_data(rows(10, 25))
    assert check(10, 25) == 0
    assert check(9, 12) == 2
    assert check(9, 26) == 3
    assert check(-1, 5) == 5
    assert check(12, 11) == 5


@pytest.mark.parametrize("huge", [2**63 - 1, 2**63, 2**64, 2**64 + 10, 2**200])
def test_indices_do_not_come_round(buffer, huge):
    buffer.put_data(rows(0, 15))
    assert buffer.check_availability(0, huge) == 3
    assert buffer.check_availability(huge, huge) == 3
    assert buffer.check_availability(-huge, 5) == 5
    assert code_of(buffer.get_data, huge, huge + 2) == 3


# --- Getting data ----------------------------------------------------------------------------------------------------


def test_data_are_a_view(buffer):
    buffer.put_data(rows(0, 10))
    data = buffer.get_data(2, 7)
    assert data.shape == (5, 2) and (data == rows(2, 7)).all()
    buffer.put_data(rows(10, 18))
    assert (data[0] == rows(17, 18)).all()  # the same memory


def test_across_the_end_without_a_copy(buffer):
    buffer.put_data(rows(0, 18))
    data = buffer.get_data(12, 18)
    assert (data == rows(12, 18)).all()
    for first in range(3, 16):
        for last in range(first, 19):
            data = buffer.get_data(first, last)
            assert (data == rows(first, last)).all()
            assert not data.flags.owndata and np.shares_memory(data, buffer._ring._samples) == (last > first)


def test_longer_than_the_pocket_is_a_copy(buffer):
    buffer.put_data(rows(0, 25))
    data = buffer.get_data(12, 22)
    assert (data == rows(12, 22)).all()
    assert not np.shares_memory(data, buffer._ring._samples)
    assert not data.flags.writeable
    assert (buffer.get_data(10, 25) == rows(10, 25)).all()


def test_data_are_protected(buffer):
    buffer.put_data(rows(0, 10))
    for data in (buffer.get_data(0, 10), buffer.get_data(0, 10, wprotect=True)):
        with pytest.raises(ValueError):
            data[0, 0] = 1
        with pytest.raises(ValueError):
            data.flags.writeable = True


def test_data_that_are_not_available(buffer):
    assert code_of(buffer.get_data, 0, 1) == 3
    buffer.put_data(rows(0, 20))
    assert code_of(buffer.get_data, 4, 6) == 2
    assert code_of(buffer.get_data, 18, 21) == 3
    assert code_of(buffer.get_data, -3, 2) == 5
    assert code_of(buffer.get_data, 8, 7) == 5
    for wrong in (4, 6), (18, 21), (-3, 2), (8, 7):
        assert code_of(buffer.get_data, *wrong, wprotect=False) == buffer.check_availability(*wrong)


def test_numpy_integers_as_indices(buffer):
    buffer.put_data(rows(0, 20))
    assert (buffer.get_data(np.int64(6), np.uint16(9)) == rows(6, 9)).all()
    assert buffer.check_availability(np.int32(4), np.int64(9)) == 2
    assert (buffer.get_data(np.int64(8), np.int64(20)) == rows(8, 20)).all()


# --- Putting data ----------------------------------------------------------------------------------------------------


def test_data_of_another_shape(buffer):
    for wrong in np.zeros((4, 3)), np.zeros(4), np.zeros((4, 1)), np.zeros((2, 2, 2)), np.zeros(()):
        assert code_of(buffer.put_data, wrong) == 4
    assert buffer.nSamplesWritten == 0


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_channel_takes_both_shapes(shape):
    with RingBuffer() as buffer:
        buffer.initialize(1, 10)
        buffer.put_data(np.arange(4, dtype="float32").reshape(shape))
        buffer.put_data(np.arange(4).reshape(shape))
        assert buffer.get_data(0, 8)[:, 0].tolist() == [0, 1, 2, 3] * 2


def test_other_types_are_converted_as_by_assignment(buffer):
    buffer.put_data(np.array([[1, 2], [3, 4]]))
    buffer.put_data(np.array([[1.5, 2.5]]))
    buffer.put_data([[7, 8]])
    assert buffer.get_data(0, 4).tolist() == [[1, 2], [3, 4], [1.5, 2.5], [7, 8]]
    with RingBuffer() as integers:
        integers.initialize(1, 10, nptype="int16")
        integers.put_data(np.array([1.9, -1.9]))
        assert integers.get_data(0, 2).tolist() == [[1], [-1]]
        assert code_of(integers.put_data, np.array(["a", "b"])) == 4
        assert code_of(integers.put_data, np.array([object()])) == 4


def test_any_memory_order(buffer):
    big = rows(0, 40, 4)
    buffer.put_data(big[::4, ::2])
    assert (buffer.get_data(0, 10) == big[::4, ::2]).all()
    with RingBuffer() as other:
        other.initialize(2, 100)
        other.put_data(np.asfortranarray(rows(0, 20)))
        other.put_data(rows(20, 30)[::-1])
        protected = rows(30, 40)
        protected.flags.writeable = False
        other.put_data(protected)
        other.put_data(rows(40, 50).astype(">f4"))
        assert (other.get_data(0, 20) == rows(0, 20)).all()
        assert (other.get_data(20, 30) == rows(20, 30)[::-1]).all()
        assert (other.get_data(30, 50) == rows(30, 50)).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_more_than_the_capacity(buffer, dtype):
    buffer.put_data(rows(0, 100).astype(dtype))
    assert buffer.nSamplesWritten == 100
    assert (buffer.get_data(85, 100) == rows(85, 100)).all()
    assert buffer.check_availability(84, 100) == 2


def test_megabytes():
    with RingBuffer() as buffer:
        buffer.initialize(4, 100_000)
        for data in rows(0, 100_000, 4), rows(100_000, 150_000, 4).astype("float64"):
            buffer.put_data(data)
        assert (buffer.get_data(50_000, 150_000) == rows(50_000, 150_000, 4)).all()


def test_nothing(buffer):
    buffer.put_data(np.zeros((0, 2), "float32"))
    buffer.put_data(np.zeros((0, 2)))
    assert buffer.nSamplesWritten == 0
    assert buffer.get_data(0, 0).shape == (0, 2)


def test_one_writer(buffer):
    other = RingBuffer()
    other.initialize_from_raw(buffer.raw)
    other.put_data(rows(0, 1))  # whoever puts first
    assert code_of(buffer.put_data, rows(1, 2)) == 11
    other.close()
    buffer.put_data(rows(1, 2))
    assert (buffer.get_data(0, 2) == rows(0, 2)).all()


# --- By name ---------------------------------------------------------------------------------------------------------


def test_by_name(name):
    buffer = RingBuffer.create(name, 2, 15, 3)
    other = RingBuffer.open(name)
    buffer.put_data(rows(0, 18))
    assert (other.get_data(12, 18) == rows(12, 18)).all()
    assert code_of(other.put_data, rows(0, 1)) == 9
    assert code_of(other.get_data, 12, 18, wprotect=False) == 9
    assert code_of(RingBuffer.create, name, 1, 1) == 7
    assert code_of(RingBuffer.open, name, writer=True) == 11
    buffer.close()
    assert code_of(RingBuffer.open, name) == 8
    assert (other.get_data(12, 18) == rows(12, 18)).all()
    assert code_of(other.wait, 19) == 15
    other.close()


def test_raw_of_one_with_a_name(name):
    with RingBuffer.create(name, 2, 15, 3) as buffer, RingBuffer() as other:
        other.initialize_from_raw(buffer.raw)
        buffer.put_data(rows(0, 18))
        assert (other.get_data(12, 18) == rows(12, 18)).all()
        assert code_of(other.put_data, rows(0, 1)) == 11


# --- Against a model -------------------------------------------------------------------------------------------------


def test_random_operations(rng):
    for _ in range(30):
        channels, capacity = rng.randint(1, 3), rng.randint(1, 20)
        window = rng.randint(1, capacity)
        nptype = rng.choice(list(ringbuf.datatypes.types.values())[:10])
        written = np.zeros((0, channels), nptype)
        with RingBuffer() as buffer:
            buffer.initialize(channels, capacity, window, nptype)
            for _ in range(100):
                count = rng.choice([0, 1, rng.randint(0, capacity), rng.randint(0, 3 * capacity)])
                data = np.array([rng.randint(0, 100) for _ in range(count * channels)], nptype)
                buffer.put_data(data.reshape(count, channels))
                written = np.concatenate([written, data.reshape(count, channels)])
                total = len(written)
                assert (buffer.nSamplesWritten, buffer.writePtr) == (total, total % capacity)
                start = rng.randint(total - capacity - 2, total + 2)
                end = start + rng.randint(-1, capacity + 1)
                expected = (
                    5 if start < 0 or end < start else 3 if end > total else 2 if total - start > capacity else 0
                )
                assert buffer.check_availablility(start, end) == expected
                if expected:
                    assert code_of(buffer.get_data, start, end) == expected
                else:
                    got = buffer.get_data(start, end)
                    assert (got == written[start:end]).all()
                    beyond = start % capacity + end - start - capacity
                    assert np.shares_memory(got, buffer._ring._samples) == (end > start and beyond <= window)


def test_an_unknown_attribute():
    """Before there is a buffer it is the original's BufferError 1, whatever is asked; afterwards Python's error."""
    buffer = RingBuffer()
    for name in "nChannels", "raw", "hdr", "nothing_like_that", "_private":
        with pytest.raises(ringbuf.BufferError) as caught:
            getattr(buffer, name)
        assert caught.value.code == 1
    assert not hasattr(buffer, "nothing_like_that") and not hasattr(buffer, "__array__")
    assert "nothing_like_that" in str(pytest.raises(ringbuf.BufferError, getattr, buffer, "nothing_like_that").value)
    error = pytest.raises(ringbuf.BufferError, getattr, buffer, "x").value
    assert pickle.loads(pickle.dumps(error)).code == 1
    buffer.initialize(1, 10)
    for _ in range(2):
        with pytest.raises(AttributeError) as unknown:
            buffer.nothing_like_that
        assert not isinstance(unknown.value, ringbuf.BufferError)
    buffer.close()
    assert pytest.raises(ringbuf.BufferError, getattr, buffer, "x").value.code == 1


def test_who_changes_the_import_is_warned():
    text = " ".join(RingBuffer.__doc__.split())
    assert "once more after the last use" in text and "check_availablility(start, end) == 0" in text
