"""When samples were put."""

import datetime
import time

import pytest

import ringbuf
from ringbuf import Clock, Reader, Writer

np = pytest.importorskip("numpy")

MS = 1_000_000
UTC = datetime.timezone.utc


@pytest.fixture
def stamped(name):
    """A second at 1 kHz, taken ten seconds ago; sample i at its i-th millisecond."""
    with Writer(name, capacity=1000, dtype="int64", sample_rate=1000) as writer, Reader(name) as reader:
        begin = (time.time_ns() // 1000 - 10_000_000) * 1000
        for block in range(10):
            writer.put(np.arange(100 * block, 100 * (block + 1)))
            writer.stamp(100 * block, 5 * 10**9 + 100 * block * MS, begin + 100 * block * MS)
        writer.stamp(999, 5 * 10**9 + 999 * MS, begin + 999 * MS)
        yield writer, reader, begin


def when(ns):
    return datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(microseconds=ns // 1000)


def test_stamps_are_exact_and_lead_back(stamped):
    writer, reader, begin = stamped
    for ring in (writer, reader):
        for i in (0, 1, 57, 500, 999):
            assert ring.time_at(i) == (5 * 10**9 + i * MS, begin + i * MS)
            assert ring.time_at(i).datetime == when(begin + i * MS)
            assert ring.index_at(5 * 10**9 + i * MS) == i
            assert ring.index_at(begin + i * MS, Clock.REALTIME) == i
        assert ring.index_at(5 * 10**9 + 3 * MS + 1) == 4
        assert ring.index_at(0) == 0
        assert ring.index_at(10**18) == 1000


def test_between_takes_datetimes(stamped):
    _, reader, begin = stamped
    for zone in (UTC, datetime.timezone(datetime.timedelta(hours=5)), None):
        first, samples = reader.between(
            when(begin + 200 * MS).astimezone(zone), when(begin + 300 * MS).astimezone(zone).replace(tzinfo=zone)
        )
        assert (first, samples.ravel().tolist()) == (200, list(range(200, 300)))
    first, samples = reader.between(begin + 990 * MS, datetime.datetime.now(UTC))
    assert (first, samples.ravel().tolist()) == (990, list(range(990, 1000)))
    assert reader.between(begin + 7 * MS, begin + 7 * MS)[1].size == 0
    assert reader.between(begin - 10 * MS, begin)[1].size == 0
    assert reader.between(10**18 * 4, 10**18 * 5)[1].size == 0
    assert reader.between(0, begin + MS)[0] == 0, "nothing has been overwritten"


def test_between_says_what_is_lost(stamped):
    writer, reader, begin = stamped
    writer.put(np.arange(1000, 1100))
    with pytest.raises(ringbuf.OverwrittenError):
        reader.between(begin + 50 * MS, begin + 150 * MS)
    with pytest.raises(ringbuf.OverwrittenError):
        reader.time_at(99)
    with pytest.raises(ringbuf.NotYetError):
        reader.time_at(1100)
    with pytest.raises(ringbuf.BadIndexError):
        reader.time_at(-1)
    writer.skip(10)
    writer.put(np.arange(10))
    writer.stamp(1119, 5 * 10**9 + 1119 * MS, begin + 1119 * MS)
    with pytest.raises(ringbuf.GapError):
        reader.between(begin + 1090 * MS, begin + 1115 * MS)


@pytest.mark.parametrize("begin, end, why", [(2, 1, "end is 1"), (1.5, 2, "begin is 1.5"), ("now", 2, "begin is 'now'"), (1, datetime.date(2026, 1, 1), "end is")])
def test_bad_times_are_refused(stamped, begin, end, why):
    with pytest.raises(ringbuf.InvalidArgumentError, match=why):
        stamped[1].between(begin, end)


def test_bad_stamps_change_nothing(stamped):
    writer, reader, begin = stamped
    before = reader.time_at(999)
    for arguments in [(999, 10**12), (1000, 10**12), (-1, 10**12), (2**70, 10**12)]:
        with pytest.raises(ringbuf.BadIndexError):
            writer.stamp(*arguments)
    writer.put([1000])
    with pytest.raises(ringbuf.InvalidArgumentError, match="monotonic_ns is 1,"):
        writer.stamp(1000, 1)
    assert reader.time_at(999) == before


def test_puts_have_times_without_stamps(name):
    with Writer(name, capacity=1000, dtype="int64") as writer, Reader(name) as reader:
        before = time.monotonic_ns()
        for i in range(50):
            writer.put([i])
        after = time.monotonic_ns()
        times = [reader.time_at(i).monotonic_ns for i in range(50)]
        assert times == sorted(times)
        assert before <= times[0] and times[-1] <= after
        assert abs(reader.time_at(49).realtime_ns - time.time_ns()) < 3600 * 10**9
