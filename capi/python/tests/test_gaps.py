"""Indices that a writer leaves out."""

import random

import pytest

import ringbuf
from ringbuf import Code, Reader, Writer

np = pytest.importorskip("numpy")

FIRST = [0, 10**12]
RULES = ["middle", "newest", "lap", "oldest"]


def put(writer, count):
    writer.put(np.arange(writer.written, writer.written + count))


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("first", FIRST)
def test_indices_of_a_gap_are_no_samples(name, first, lossless):
    with Writer(name, capacity=16, window=4, dtype="int64", first_index=first, lossless=lossless) as writer:
        with Reader(name) as reader:
            put(writer, 5)
            writer.skip(3)
            put(writer, 4)
            assert writer.written == first + 12
            assert reader.gaps() == writer.gaps() == [(first + 5, first + 8)]
            for i in range(12):
                right = Code.GAP if 5 <= i < 8 else Code.OK
                assert reader.check(first + i, first + i + 1) == right
            for call in (reader.view, reader.read):
                assert call(first, first + 5).ravel().tolist() == list(range(first, first + 5))
                assert call(first + 8, first + 12).ravel().tolist() == list(range(first + 8, first + 12))
                with pytest.raises(ringbuf.GapError, match=f"{first + 5}, {first + 8}"):
                    call(first + 4, first + 6)
            assert reader.wait(first + 7, 0)
            with pytest.raises(ringbuf.GapError):
                reader.seek(first + 6)
            assert reader.pop_many(16).ravel().tolist() == list(range(first, first + 5))
            with pytest.raises(ringbuf.OverwrittenError):
                reader.pop_many(16)
            assert (reader.position, reader.lost, reader.overruns) == (first + 8, 3, 1)
            assert reader.next(4).ravel().tolist() == list(range(first + 8, first + 12))


@pytest.mark.parametrize("lossless", [False, True])
def test_windows_pass_a_gap(name, lossless):
    with Writer(name, capacity=64, window=4, dtype="int64", lossless=lossless) as writer, Reader(name) as reader:
        put(writer, 10)
        writer.skip(2)
        put(writer, 9)
        writer.skip(1)
        put(writer, 4)
        starts = []
        for window in reader.windows(4, timeout=0, skip_overruns=True):
            assert window.ravel().tolist() == list(range(reader.start, reader.start + 4))
            starts.append(reader.start)
            if reader.start == 22:
                break
        assert starts == [0, 4, 12, 16, 22]
        assert (reader.lost, reader.overruns) == (4 + 2, 2)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("lossless", [False, True])
def test_whoever_consumes_gets_or_loses_every_index(name, rule, lossless):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    with Writer(name, capacity=200, window=8, dtype="int64", lossless=lossless) as writer:
        with Reader(name, after_overrun=rule) as reader, Reader(name, observer=True) as other:
            there = set()
            got = 0
            for _ in range(3000):
                kind = chance.randrange(4)
                try:
                    if kind == 0:
                        writer.skip(chance.choice([0, 1, 2, 3, 250]))
                    elif kind == 1:
                        before, count = writer.written, chance.randrange(9)
                        put(writer, count)
                        there.update(range(before, before + count))
                    elif kind == 2:
                        window = reader.next(5, timeout=0)
                        assert window.ravel().tolist() == list(range(reader.start, reader.start + 5))
                        assert there.issuperset(range(reader.start, reader.start + 5))
                        got += 5
                    else:
                        items = reader.pop_many(chance.randrange(8)).ravel().tolist()
                        assert items == list(range(reader.position - len(items), reader.position))
                        assert there.issuperset(items)
                        got += len(items)
                except (ringbuf.FullError, ringbuf.OverwrittenError, ringbuf.BufferTimeoutError):
                    pass
                assert reader.position == got + reader.lost
                # The short way and the library agree.
                i = chance.randrange(max(0, writer.written - 210), writer.written + 2)
                held = ringbuf._library.held.ringbuf_check(other._handle.pointer, i, i + 1)
                assert reader.check(i, i + 1) == held
                assert (held == Code.GAP) <= (i not in there)
            assert writer.info().oldest == reader.info().oldest


def test_refused_calls(name):
    with Writer(name, capacity=16, dtype="int64", lossless=True) as writer, Reader(name) as reader:
        put(writer, 10)
        with pytest.raises(ringbuf.FullError):
            writer.skip(7)
        assert (writer.written, writer.gaps()) == (10, [])
        for bad in (-1, 1 << 64, 1 << 63):
            with pytest.raises(ringbuf.InvalidArgumentError):
                writer.skip(bad)
        with pytest.raises(TypeError):
            writer.skip(1.5)
        reservation = writer.reserve(2)
        writer.skip(1)
        with pytest.raises(ringbuf.InvalidArgumentError):
            reservation.commit(2)
    with pytest.raises(ringbuf.NotInitializedError):
        reader.gaps()
    with pytest.raises(ringbuf.NotInitializedError):
        writer.skip(1)
