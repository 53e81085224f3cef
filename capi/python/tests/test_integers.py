"""Whatever `operator.index` takes is an index or a count; floats never are, and nothing comes round at 64 bits."""

import decimal

import pytest

import ringbuf
from ringbuf import Reader, RingBuffer, SharedCircularBuffer, Writer

np = pytest.importorskip("numpy")


class Whole:
    """Nothing but an index."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


KINDS = [int, Whole, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.array]
FLOATS = [float, np.float32, np.float64, str, decimal.Decimal, complex, lambda value: None, lambda value: [value]]

OPTIONS = ["capacity", "channels", "window", "item_size", "max_readers", "mode", "metadata_bytes"]
USES = {
    "check": lambda w, r, n: w.check(n(8), n(10)),
    "check of a start": lambda w, r, n: w.check(n(8), 10),
    "check of an end": lambda w, r, n: w.check(8, n(10)),
    "validate": lambda w, r, n: w.validate(n(8), n(10)),
    "view": lambda w, r, n: w.view(n(8), n(10)).tolist(),
    "view of an end": lambda w, r, n: w.view(8, n(10)).tolist(),
    "read": lambda w, r, n: w.read(n(8), n(10)).tolist(),
    "latest": lambda w, r, n: w.latest(n(2)).tolist(),
    "wait": lambda w, r, n: w.wait(n(10), 0),
    "wait_space": lambda w, r, n: w.wait_space(n(2), 0),
    "reserve": lambda w, r, n: w.reserve(n(2)).commit(n(0)),
    "edit": lambda w, r, n: w.edit(n(8), n(10)).tolist(),
    "next": lambda w, r, n: (r.seek(n(5)), r.next(n(2), n(1), 0).tolist(), r.position),
    "windows": lambda w, r, n: (r.seek(5), next(r.windows(n(2), n(1), 0)).tolist()),
    "seek": lambda w, r, n: r.seek(n(5)),
    "pop_many": lambda w, r, n: (r.seek(5), r.pop_many(n(2)).tolist()),
}


@pytest.fixture(params=[False, True], ids=["overwriting", "lossless"])
def pair(request, name):
    with Writer(name, capacity=10, window=4, lossless=request.param) as writer:
        writer.put(np.arange(5))
        with Reader(name, start="newest") as reader:
            writer.put(np.arange(5, 10))
            yield writer, reader


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_integer(pair, use, kind):
    if pair[0].lossless and use in ("reserve", "wait_space"):
        pair[1].seek(10)
    expected = USES[use](*pair, int)
    assert USES[use](*pair, kind) == expected


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", FLOATS)
def test_no_float(pair, use, kind):
    writer, reader = pair
    if kind(1) is None and use == "validate":
        return  # None asks for the window handed out last
    if writer.lossless:
        reader.seek(10)
    before = reader.position, writer.written
    with pytest.raises(TypeError) as caught:
        USES[use](writer, reader, kind)
    assert isinstance(caught.value, ringbuf.InvalidArgumentError)
    assert "expected an integer" in str(caught.value)
    assert use in ("windows", "pop_many") or (reader.position, writer.written) == before


@pytest.mark.parametrize("kind", KINDS)
def test_options(name, kind):
    options = {option: kind(4) for option in OPTIONS}
    with Writer(name, dtype="bytes", **options) as writer:
        info = writer.info()
        assert (info.capacity, info.channels, info.window, info.item_size, info.max_readers) == (4,) * 5
    with RingBuffer() as buffer:
        buffer.initialize(kind(2), kind(10), kind(3))
        assert (buffer.nChannels, buffer.bufSize, buffer.pocketSize) == (2, 10, 3)
        buffer.put_data(np.zeros((10, 2)))
        assert buffer.get_data(kind(2), kind(5)).shape == (3, 2)
        assert buffer.get_data(kind(2), kind(5), False).shape == (3, 2)
        assert buffer.check_availability(kind(2), kind(5)) == 0
        assert buffer.wait(kind(5), 0) is True
    with SharedCircularBuffer(name, create=True, item_size=kind(2), length=kind(5)) as writer:
        with SharedCircularBuffer(name) as reader:
            writer.push(kind(7))
            assert (writer.item_size, writer.length, reader.popmany(kind(3))) == (2, 5, [7])


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("kind", FLOATS)
def test_options_that_are_no_integers(name, option, kind):
    for make in lambda **o: Writer(name, **o), lambda **o: Writer.create_raw(bytearray(1 << 16), **o), Writer.raw_size:
        if option == "mode" and make is not None:
            make = lambda **o: Writer(name, **o)  # noqa: E731
        with pytest.raises(TypeError, match=rf"{option} is .*, expected an integer"):
            make(**{"capacity": 10, option: kind(4)})


@pytest.mark.parametrize("kind", FLOATS)
def test_the_classes_of_old(name, kind):
    with RingBuffer() as buffer:
        for sizes in (kind(2), 10), (2, kind(10)), (2, 10, kind(3)):
            with pytest.raises(TypeError):
                buffer.initialize(*sizes)
        assert not buffer.is_initialized
        buffer.initialize(1, 10)
        buffer.put_data(np.zeros(10))
        for use in (
            lambda: buffer.get_data(kind(2), kind(5)),
            lambda: buffer.get_data(2, kind(5)),
            lambda: buffer.get_data(kind(2), 5, False),
            lambda: buffer.check_availability(kind(2), kind(5)),
            lambda: buffer.wait(kind(5), 0),
        ):
            with pytest.raises(TypeError):
                use()
    for sizes in {"length": kind(5)}, {"item_size": kind(4)}:
        with pytest.raises(TypeError):
            SharedCircularBuffer(name, create=True, **sizes)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("value", [-1, -(2**31), 2**32 + 4, 2**64, 2**64 + 4, -(2**64) + 4, 2**200])
def test_options_do_not_come_round(name, option, value):
    if option in ("capacity", "window") and value == 2**32 + 4:
        value = 2**64 + 2**32
    with pytest.raises(ringbuf.InvalidArgumentError, match=rf"{option} is {value}"):
        Writer(name, **{"capacity": 10, option: value})


@pytest.mark.parametrize("value", [2**63, 2**64, 2**64 + 2, 2**200])
def test_nothing_comes_round(pair, value):
    writer, reader = pair
    assert writer.check(0, value) == writer.check(value, value) == 3
    assert writer.check(-value, 5) == 5 and writer.validate(0, value) is False
    for code, use in [
        (5, lambda: writer.view(-value, 2)),
        (3, lambda: writer.view(0, value)),
        (3, lambda: writer.read(0, value)),
        (3, lambda: writer.edit(0, value)),
        (3, lambda: writer.latest(value)),
        (6, lambda: writer.latest(-value)),
        (5, lambda: writer.wait(-value, 0)),
        (6, lambda: writer.wait_space(value, 0)),
        (6, lambda: writer.wait_space(-value, 0)),
        (6, lambda: writer.reserve(value)),
        (6, lambda: writer.reserve(-value)),
        (3, lambda: reader.seek(value)),
        (5, lambda: reader.seek(-value)),
        (6, lambda: reader.next(value, timeout=0)),
        (6, lambda: reader.next(1, value, timeout=0)),
        (6, lambda: Reader(fd=value + writer.memory_fd())),
        (6, lambda: Writer.resume(fd=value + writer.memory_fd())),
        (6, lambda: Reader(fd=-1)),
    ]:
        with pytest.raises(ringbuf.BufferError) as caught:
            use()
        assert caught.value.code == code
    assert writer.wait(value, 0) is False
    assert writer.written == 10


@pytest.mark.parametrize("kind", FLOATS[:-2])
def test_a_descriptor_is_an_integer(pair, kind):
    for use in lambda: Reader(fd=kind(pair[0].memory_fd())), lambda: Writer.resume(fd=kind(pair[0].memory_fd())):
        with pytest.raises(TypeError, match="fd is"):
            use()


def test_a_sample_rate_is_any_number(name):
    for rate in 48000, 48000.0, np.float32(48000), np.int64(48000), decimal.Decimal(48000), Whole(48000):
        with Writer(name, capacity=1, sample_rate=rate) as writer:
            assert writer.sample_rate == 48000.0
    for wrong in "48000", None, 1j, [1], 10**400:
        with pytest.raises(TypeError, match="sample_rate is"):
            Writer(name, capacity=1, sample_rate=wrong)


def test_true_is_1(pair):
    writer, _ = pair
    assert writer.check(False, True) == writer.check(0, 1)
