"""Reader: by index, from a position, and what becomes of windows."""

import gc
import mmap
import pickle

import pytest

import ringbuf
from ringbuf import Reader, Writer

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.usefixtures("direct")


@pytest.fixture
def writer(name):
    with Writer(name, capacity=20, window=6, channels=2, dtype="int32") as writer:
        yield writer


@pytest.fixture
def reader(writer):
    with Reader(writer.name, after_overrun="oldest") as reader:
        yield reader


def rows(start, stop):
    return np.arange(start, stop)[:, None] * [1, -1]


# --- By index --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["reader", "writer"])
def test_by_index(writer, reader, who):
    ring = {"reader": reader, "writer": writer}[who]
    writer.put(rows(0, 33))
    assert ring.written == 33
    assert (ring.view(13, 26) == rows(13, 26)).all()
    assert ring.validate()
    assert (ring.latest(8) == rows(25, 33)).all()
    assert ring.validate() and ring.validate(25, 33) and not ring.validate(12, 20)
    assert (ring.read(13, 33) == rows(13, 33)).all()
    assert ring.read(13, 33).flags.writeable
    assert ring.read(20, 20).shape == (0, 2)
    assert [ring.check(*r) for r in [(13, 33), (12, 33), (13, 34), (-1, 5), (15, 14)]] == [0, 2, 3, 5, 5]
    for call in ring.view, ring.read:
        for wrong, code in ((12, 33), 2), ((13, 34), 3), ((-1, 5), 5), ((15, 14), 5), ((2**64 + 13, 2**64 + 14), 3):
            with pytest.raises(ringbuf.BufferError) as caught:
                call(*wrong)
            assert caught.value.code == code
    with pytest.raises(ringbuf.NotContiguousError):
        ring.view(14, 27)  # 7 beyond the end, the pocket has 6


def test_megabytes_are_read(name):
    with Writer(name, capacity=100_000, dtype="int64") as writer, Reader(name) as reader:
        writer.put(np.arange(150_000))
        assert (reader.read(50_000, 150_000)[:, 0] == np.arange(50_000, 150_000)).all()


def test_latest(writer, reader):
    with pytest.raises(ringbuf.NotYetError):
        reader.latest(1)
    assert reader.latest(0).shape == (0, 2)
    writer.put(rows(0, 3))
    assert (reader.latest(3) == rows(0, 3)).all() and reader.start == 0
    with pytest.raises(ringbuf.NotYetError):
        reader.latest(4)
    writer.put(rows(3, 100))
    assert (reader.latest(5) == rows(95, 100)).all() and reader.start == 95
    with pytest.raises(ringbuf.OverwrittenError):
        reader.latest(21)


def test_a_window_that_has_been_overwritten(writer, reader):
    writer.put(rows(0, 20))
    reader.view(0, 5)
    assert reader.validate()
    writer.put(rows(20, 21))
    assert not reader.validate()
    assert not reader.validate(0, 5) and reader.validate(1, 5)


def test_windows_are_read_only(writer, reader):
    writer.put(rows(0, 20))
    for window in reader.view(0, 5), reader.next(5), writer.view(0, 5), reader.latest(5):
        assert not window.flags.writeable
        with pytest.raises(ValueError):
            window.flags.writeable = True
        assert memoryview(window).readonly


def test_windows_outlive_what_they_are_of(name):
    writer = Writer(name, capacity=20, window=6, channels=2)
    reader = Reader(name)
    writer.put(rows(0, 20))
    windows = [reader.view(3, 7), writer.view(3, 7), reader.next(4)]
    writer.close()
    reader.close()
    del writer, reader
    gc.collect()
    assert [window[0, 0] for window in windows] == [3, 3, 0]


def test_the_buffer_protocol_and_dlpack(writer, reader):
    writer.put(rows(0, 23))
    window = reader.view(18, 23)  # over the end
    assert memoryview(window).tolist() == rows(18, 23).tolist()
    assert (np.asarray(window) == rows(18, 23)).all() and np.shares_memory(np.asarray(window), window)
    with writer.reserve(3) as block:
        taken = np.from_dlpack(block)
        assert np.shares_memory(taken, block)
        block[:] = rows(23, 26)
        assert (taken == rows(23, 26)).all()
    assert (np.from_dlpack(reader.read(20, 26)) == rows(20, 26)).all()
    if tuple(map(int, np.__version__.split(".")[:2])) >= (2, 1):  # before, DLPack knew nothing of read-only
        assert np.shares_memory(np.from_dlpack(window), window)


# --- Sliding windows -------------------------------------------------------------------------------------------------


def test_next(writer, reader):
    writer.put(rows(0, 12))
    assert (reader.next(4) == rows(0, 4)).all() and reader.start == 0 and reader.position == 4
    assert (reader.next(4, 2) == rows(4, 8)).all() and reader.start == 4 and reader.position == 6
    assert (reader.next(window=6, step=6, timeout=0) == rows(6, 12)).all() and reader.validate()
    with pytest.raises(ringbuf.BufferTimeoutError):
        reader.next(1, timeout=0)
    with pytest.raises(TimeoutError):
        reader.next(1, timeout=0.01)
    assert reader.position == 12
    writer.put(rows(12, 24))
    assert (reader.next(12) == rows(12, 24)).all()


@pytest.mark.parametrize("wrong", [{"window": 0}, {"window": 21}, {"window": -1}, {"window": 2, "step": -1}])
def test_next_refused(writer, reader, wrong):
    writer.put(rows(0, 20))
    with pytest.raises(ringbuf.InvalidArgumentError):
        reader.next(**wrong)
    with pytest.raises(ringbuf.InvalidArgumentError):
        next(reader.windows(**wrong))
    assert reader.position == 0


@pytest.mark.parametrize("lossless", [True, False])
def test_next_that_is_not_contiguous_is_copied(name, lossless, direct):
    """It worked until the ring came round for the first time, and failed for ever from then on."""
    with Writer(name, capacity=30, channels=2, window=6, lossless=lossless) as writer, Reader(name) as reader:
        copies = 0
        for start in range(0, 1300, 13):
            writer.put(rows(start, start + 13))
            window = reader.next(13)
            assert reader.start == start and reader.position == start + 13
            assert window.shape == (13, 2) and (window == rows(start, start + 13)).all()
            assert not window.flags.writeable and reader.validate()
            copies += not np.shares_memory(window, reader._samples)
        assert copies == sum(start % 30 + 13 > 36 for start in range(0, 1300, 13)) > 0


def test_a_window_that_was_copied_stays_whole(name, direct):
    with Writer(name, capacity=20, window=1) as writer, Reader(name) as reader:
        writer.put(np.arange(30))
        reader.seek(15)
        window = reader.next(10)
        writer.put(np.arange(100))
        assert reader.validate() and window[:, 0].tolist() == list(range(15, 25))
        reader.seek(120)
        reader.next(5)
        writer.put(np.arange(100))
        assert not reader.validate()


@pytest.mark.parametrize("lossless", [True, False])
def test_windows_that_are_not_contiguous_are_copied(name, lossless, direct):
    with Writer(name, capacity=20, channels=2, window=1, lossless=lossless) as writer, Reader(name) as reader:
        windows = reader.windows(17, 3, timeout=0)
        writer.put(rows(0, 17))
        for start in range(0, 300, 3):
            window = next(windows)
            assert reader.start == start and (window == rows(start, start + 17)).all() and reader.validate()
            writer.put(rows(start + 17, start + 20))


def test_a_window_that_is_overrun_while_it_would_be_copied(name, direct):
    with Writer(name, capacity=20, window=1) as writer, Reader(name) as reader:
        writer.put(np.arange(15))
        reader.next(15)
        writer.put(np.arange(40))
        with pytest.raises(ringbuf.OverwrittenError):
            reader.next(10)
        assert reader.position == 45 and reader.lost == 30  # the middle
        assert reader.next(10)[0, 0] == 30 and reader.position == 55


def test_windows_slide(writer, reader):
    windows = reader.windows(5, 2, timeout=0)
    got = []
    for start in range(0, 100, 7):
        writer.put(rows(start, start + 7))
        try:
            for window in windows:
                assert (window == rows(reader.start, reader.start + 5)).all()
                got.append(reader.start)
        except TimeoutError:
            windows = reader.windows(5, 2, timeout=0)
    assert got == list(range(0, 101, 2))
    assert reader.lost == 0


def test_a_reader_is_iterable(writer, reader):
    writer.put(rows(0, 17))
    writer.close()
    assert [(reader.start, len(window)) for window in reader] == [(0, 6), (6, 6)]
    assert reader.position == 12
    assert (reader.pop_many(100) == rows(12, 17)).all()
    with pytest.raises(ringbuf.ClosedError):
        reader.pop_many(1)
    with pytest.raises(ringbuf.ClosedError):
        reader.next(1)


def test_steps_longer_than_the_window(writer, reader):
    windows = reader.windows(2, 5, timeout=0)
    writer.put(rows(0, 7))
    assert [next(windows)[0, 0] for _ in range(2)] == [0, 5]
    assert reader.position == 10 and reader.usage == 0  # ahead of what there is
    assert reader.pop() is None
    assert len(reader.pop_many(5, timeout=0.01)) == 0
    writer.put(rows(7, 12))
    assert reader.usage == 2
    assert reader.pop().tolist() == [10, -10]
    writer.close()
    assert reader.pop().tolist() == [11, -11]


def test_the_end_ahead_of_the_stream(writer, reader):
    writer.put(rows(0, 2))
    reader.next(2, 10)
    writer.close()
    with pytest.raises(ringbuf.ClosedError):
        reader.pop()


def test_an_overrun_is_told_once(writer, reader):
    writer.put(rows(0, 10))
    reader.next(5)
    writer.put(rows(10, 33))
    with pytest.raises(ringbuf.OverwrittenError):
        reader.next(5)
    assert (reader.overruns, reader.lost, reader.position) == (1, 8, 13)
    assert (reader.next(5) == rows(13, 18)).all()
    info = reader.info()
    assert (info.overruns, info.lost, info.position) == (1, 8, 18)


@pytest.mark.parametrize("after, position", [("middle", 23), ("newest", 33), ("lap", 25), ("oldest", 13)])
@pytest.mark.parametrize("how", ["next", "windows", "pop", "pop_many"])
def test_where_to_go_on(writer, after, position, how):
    writer.put(rows(0, 10))
    with Reader(writer.name, after_overrun=after) as reader:
        reader.next(5)
        writer.put(rows(10, 33))
        with pytest.raises(ringbuf.OverwrittenError):
            if how == "windows":
                next(reader.windows(5))
            else:
                getattr(reader, how)(*{"next": [5], "pop": [], "pop_many": [3]}[how])
        assert (reader.position, reader.overruns, reader.lost) == (position, 1, position - 5)
        if position == 33:
            writer.put(rows(33, 34))
        assert reader.pop()[0] == position


def test_overruns_can_be_skipped(writer, reader):
    starts = []
    writer.put(rows(0, 10))
    for window in reader.windows(4, timeout=0, skip_overruns=True):
        starts.append(reader.start)
        writer.put(rows(writer.written, writer.written + 18))
        if len(starts) == 4:
            break
    assert starts == [0, 8, 26, 44]
    assert (reader.overruns, reader.lost) == (3, 4 + 14 + 14)


def test_an_overrun_leaves_the_loop_and_a_new_one_goes_on(writer, reader):
    writer.put(rows(0, 10))
    windows = reader.windows(4)
    next(windows)
    writer.put(rows(10, 40))
    with pytest.raises(ringbuf.OverwrittenError):
        next(windows)
    with pytest.raises(StopIteration):
        next(windows)
    assert (next(reader.windows(4)) == rows(20, 24)).all()


def test_the_loop_may_move_the_position(writer, reader):
    writer.put(rows(0, 20))
    starts = []
    for window in reader.windows(2, timeout=0):
        starts.append(reader.start)
        if reader.start == 4:
            reader.seek(10)
        elif reader.start == 12:
            assert reader.pop_many(3)[0, 0] == 14
            break
    assert starts == [0, 2, 4, 10, 12] and reader.position == 17


# --- Items -----------------------------------------------------------------------------------------------------------


def test_pop(writer, reader):
    assert reader.pop() is None
    assert reader.pop(timeout=0.01) is None
    writer.put(rows(0, 5))
    assert reader.pop().tolist() == [0, 0]
    assert reader.pop().tolist() == [1, -1]
    assert reader.usage == 3
    got = reader.pop_many(100)
    assert got.shape == (3, 2) and (got == rows(2, 5)).all() and got.flags.writeable
    assert reader.pop_many(5).shape == (0, 2)
    assert reader.pop_many(0).shape == (0, 2)
    assert reader.pop_many(-1).shape == (0, 2)
    writer.close()
    for use in reader.pop, lambda: reader.pop_many(1), lambda: reader.pop(timeout=None):
        with pytest.raises(ringbuf.ClosedError):
            use()


def test_many_are_popped(name):
    with Writer(name, capacity=100_000, dtype="int64") as writer, Reader(name) as reader:
        writer.put(np.arange(100_000))
        assert (reader.pop_many(10**9)[:, 0] == np.arange(100_000)).all()


def test_seek(writer, reader):
    writer.put(rows(0, 33))
    for position in 13, 20, 33, np.int64(14):
        reader.seek(position)
        assert reader.position == position
    for wrong, code in (-1, 5), (12, 2), (34, 3), (2**64 + 15, 3):
        with pytest.raises(ringbuf.BufferError) as caught:
            reader.seek(wrong)
        assert caught.value.code == code
        assert reader.position == 14
    assert reader.pop()[0] == 14


@pytest.mark.parametrize("start, position", [("oldest", 15), ("newest", 33)])
def test_where_to_start(writer, start, position):
    writer.put(rows(0, 33))
    with Reader(writer.name, start=start) as reader:
        assert reader.position == position and reader.usage == 33 - position


@pytest.mark.parametrize("wrong", [{"start": "first"}, {"after_overrun": "first"}])
def test_options_that_cannot_be(writer, wrong):
    with pytest.raises(ValueError):
        Reader(writer.name, **wrong)
    with pytest.raises(TypeError):
        Reader()
    with pytest.raises(TypeError):
        Reader(writer.name, fd=3)


# --- Kinds of rings --------------------------------------------------------------------------------------------------


def test_a_lossless_ring_keeps_a_window(name):
    with Writer(name, capacity=10, window=4, lossless=True) as writer, Reader(name) as reader:
        writer.put(np.arange(10))
        for start, window in zip(range(0, 100, 4), reader.windows(4, timeout=0)):
            assert window[:, 0].tolist() == list(range(start, start + 4))
            space = writer.space()
            with pytest.raises(ringbuf.FullError):
                writer.put(np.zeros(space + 1))
            assert window[0, 0] == start
            writer.put(np.arange(writer.written, writer.written + space))
        assert reader.lost == 0


def test_readers_are_counted_and_observers_are_not(name):
    with Writer(name, capacity=10, lossless=True, max_readers=1) as writer:
        with Reader(name, observer=True) as observer:
            assert writer.info().readers == 0
            with Reader(name):
                assert writer.info().readers == 1
                with pytest.raises(ringbuf.TooManyReadersError):
                    Reader(name)
            writer.put(np.arange(10))
            writer.put(np.arange(10))
            with pytest.raises(ringbuf.OverwrittenError):
                observer.pop()


def test_without_a_name():
    with Writer(None, capacity=20, window=6, channels=2) as writer:
        with Reader(fd=writer.memory_fd()) as reader:
            writer.put(rows(0, 23))
            assert (reader.view(18, 23) == rows(18, 23)).all()
            assert reader.name is None


def test_in_memory_of_the_callers():
    memory = mmap.mmap(-1, 1 << 16)
    with Writer.create_raw(memory, capacity=20, window=6, channels=2) as writer:
        for raw in memory, memoryview(memory).toreadonly():
            with Reader(raw=raw, start="newest") as reader:
                first = reader.position
                writer.put(rows(first, first + 10))
                assert (reader.next(4) == rows(first, first + 4)).all()
                assert (reader.pop_many(6) == rows(first + 4, first + 10)).all()
                with pytest.raises(ringbuf.BufferTimeoutError):
                    reader.next(4, timeout=0.01)


def test_a_reader_does_not_write(writer, reader):
    assert not hasattr(reader, "put")
    assert ringbuf._library.held.ringbuf_push(reader._handle.pointer, bytes(8)) == 9


def test_pickled(writer, reader):
    writer.put(rows(0, 10))
    reader.next(4)
    copy = pickle.loads(pickle.dumps(reader))
    with copy:
        assert copy.position == 4
        assert (copy.next(3) == rows(4, 7)).all()
        assert reader.position == 4
        copy.seek(10)
        writer.put(rows(10, 33))
        late = pickle.loads(pickle.dumps(copy))
    with late, pytest.raises(ringbuf.OverwrittenError):
        late.next(1)
    assert (late.lost, late.position) if not late.closed else True


# --- Everything at random: counters read directly and the library have to answer the same ---------------------------


def test_random_operations_answer_as_the_library_does(rng, monkeypatch):
    from ringbuf import _protocol

    def outcome(call):
        try:
            result = call()
        except ringbuf.BufferError as error:
            return type(error).__name__
        if isinstance(result, np.ndarray):
            return result.tolist()
        return result

    for _ in range(30):
        capacity = rng.randint(1, 12)
        window = rng.randint(1, capacity)
        after = rng.choice(["middle", "newest", "lap", "oldest"])
        with Writer(None, capacity=capacity, window=window, dtype="int64") as writer:
            readers = []
            for direct in False, True:
                monkeypatch.setattr(_protocol, "DIRECT", direct)
                readers.append(Reader(fd=writer.memory_fd(), after_overrun=after))
            for _ in range(150):
                action = rng.random()
                if action < 0.3:
                    count = rng.choice([1, rng.randint(0, capacity), rng.randint(0, 2 * capacity)])
                    writer.put(np.arange(writer.written, writer.written + count))
                    continue
                size, step = rng.randint(1, capacity), rng.randint(0, capacity + 2)
                index = rng.randint(writer.written - capacity - 2, writer.written + 2)
                call = rng.choice(
                    [
                        lambda r: r.next(size, step, 0),
                        lambda r: next(r.windows(size, step, 0)),
                        lambda r: next(r.windows(size, step, 0, skip_overruns=True)),
                        lambda r: r.pop(),
                        lambda r: r.pop_many(size),
                        lambda r: r.seek(index),
                        lambda r: r.usage,
                        lambda r: r.view(index, index + size),
                        lambda r: r.read(index, index + size),
                        lambda r: r.check(index, index + size),
                        lambda r: r.latest(size),
                        lambda r: r.validate(),
                    ]
                )
                expected, got = (outcome(lambda: call(reader)) for reader in readers)
                assert got == expected
                a, b = (reader.info()._replace(anchor=None, readers=0) for reader in readers)
                assert a == b
                assert [r.lost for r in readers] == [a.lost] * 2 and [r.overruns for r in readers] == [a.overruns] * 2
                assert [r.position for r in readers] == [a.position] * 2
            for reader in readers:
                reader.close()
