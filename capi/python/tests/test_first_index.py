"""Rings whose indices do not begin at 0."""

import pytest

import ringbuf
from ringbuf import Reader, Writer

np = pytest.importorskip("numpy")

FIRST = [1, 10**9, 2**32 - 3, 10**12, 2**62]


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("first", FIRST)
def test_indices_begin_there(name, first, lossless):
    with Writer(name, capacity=16, dtype="int64", first_index=first, lossless=lossless) as writer:
        with Reader(name) as reader:
            assert (writer.first_index, reader.first_index, reader.info().first_index) == (first, first, first)
            assert (writer.written, reader.position, reader.info().oldest) == (first, first, first)
            writer.put(np.arange(first, first + 5))
            assert reader.written == first + 5
            assert reader.view(first, first + 5).ravel().tolist() == list(range(first, first + 5))
            assert reader.check(first, first + 6) == ringbuf.Code.NOT_YET
            assert [int(reader.pop()[0]) for _ in range(5)] == list(range(first, first + 5))


@pytest.mark.parametrize("first", FIRST)
def test_no_index_is_below(name, first):
    with Writer(name, capacity=16, dtype="int64", first_index=first) as writer, Reader(name) as reader:
        for _ in range(3):
            writer.put(np.arange(16))
        for refused in (reader.view, reader.read):
            with pytest.raises(ringbuf.BadIndexError, match=str(first - 1)):
                refused(first - 1, first + 1)
        with pytest.raises(ringbuf.BadIndexError):
            reader.seek(first - 1)
        assert reader.check(first, first + 1) == ringbuf.Code.OVERWRITTEN
        with pytest.raises(ringbuf.OverwrittenError):
            reader.pop()
        assert reader.lost == reader.position - first > 0


@pytest.mark.parametrize("first", [-1, 2**63 - 16, 2**63, 2**64, 1.5, "1"])
def test_out_of_range(name, first):
    with pytest.raises((ringbuf.InvalidArgumentError, ringbuf.InvalidTypeError), match="first_index"):
        Writer(name, capacity=16, first_index=first)
    with pytest.raises(ringbuf.NotFoundError):
        Reader(name)
