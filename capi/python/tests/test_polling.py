"""Waiting for several rings, and for readers in event loops."""

import asyncio
import gc
import multiprocessing
import os
import select
import selectors
import signal
import threading

import pytest
from conftest import interpret

import ringbuf
from ringbuf import Reader, Writer, wait_any

np = pytest.importorskip("numpy")

FOREVER = None
# A fork beside the library's thread.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def descriptors():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def readable(fd, timeout=0):
    return bool(select.select([fd], [], [], timeout)[0])


@pytest.fixture
def pair(name):
    with Writer(name, capacity=100, window=10) as writer, Reader(name) as reader:
        yield writer, reader


@pytest.fixture
def three(name):
    writers = [Writer(f"{name}-{i}", capacity=10) for i in range(3)]
    readers = [Reader(writer.name) for writer in writers]
    yield writers, readers
    for each in writers + readers:
        each.close()


# --- wait_any ------------------------------------------------------------------------------------------------------------


def test_the_first_that_is_there(three):
    writers, readers = three
    assert wait_any(readers, [1, 1, 1], 0) is None
    assert wait_any(readers, [1, 1, 1], 0.15) is None
    for i in 2, 1, 0:
        writers[i].push([1])
        for timeout in 0, 0.01, FOREVER:
            assert wait_any(readers, (1, 1, 1), timeout) == i
    assert wait_any([*readers, writers[0]], [2, 2, 2, 1], 0) == 3


def test_wait_any_is_woken(three):
    writers, readers = three
    for i in range(3):
        thread = threading.Thread(target=writers[i].push, args=([1],))
        ends = [2 if k < i else 1 for k in range(3)]
        thread.start()
        assert wait_any(readers, ends) == i
        thread.join()


def test_wait_any_refuses(three):
    writers, readers = three
    with pytest.raises(ringbuf.InvalidArgumentError, match="2 ends"):
        wait_any(readers, [1, 1])
    with pytest.raises(ringbuf.InvalidArgumentError, match="count"):
        wait_any([], [])
    with pytest.raises(ringbuf.BadIndexError, match=r"ends\[1\]"):
        wait_any(readers, [1, -1, 1])
    with pytest.raises(ringbuf.InvalidTypeError):
        wait_any(readers, [1, 1.5, 1])
    readers[1].close()
    with pytest.raises(ringbuf.NotInitializedError):
        wait_any(readers, [1, 1, 1])


def test_wait_any_tells_whose_stream_ended(three):
    writers, readers = three
    writers[1].close()
    with pytest.raises(ringbuf.ClosedError) as raised:
        wait_any(readers, [1, 1, 1])
    assert raised.value.which == 1
    readers[2].interrupt()
    with pytest.raises(ringbuf.WaitInterruptedError) as raised:
        wait_any([readers[0], readers[2]], [1, 1])
    assert raised.value.which == 1


def test_a_ring_that_is_closed_meanwhile(three):
    _, readers = three
    thread = threading.Timer(0.05, readers[2].close)
    thread.start()
    with pytest.raises(ringbuf.NotInitializedError):
        wait_any(readers, [1, 1, 1])
    thread.join()


def test_wait_any_lets_signals_through(three):
    class Signal(Exception):
        pass

    def handler(*_):
        raise Signal

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Signal):
            wait_any(three[1], [1, 1, 1])
    finally:
        signal.signal(signal.SIGALRM, before)


# --- descriptors ---------------------------------------------------------------------------------------------------------


def test_the_descriptor(pair):
    writer, reader = pair
    with pytest.raises(ringbuf.InvalidArgumentError, match="poll_fd"):
        reader.poll_arm()
    assert reader.poll_fd() == reader.poll_fd()
    assert not os.get_inheritable(reader.poll_fd())
    with selectors.DefaultSelector() as selector:
        selector.register(reader.poll_fd(), selectors.EVENT_READ)
        for i in range(20):
            reader.poll_arm()
            assert not selector.select(0)
            writer.push([i])
            assert selector.select()
            assert reader.pop() == [i]
        reader.poll_arm(22)
        writer.push([20])
        assert not selector.select(0)
        with pytest.raises(ringbuf.BadIndexError):
            reader.poll_arm(-1)
        writer.push([21])
        assert selector.select()
        writer.close()
        reader.poll_arm(100)
        assert selector.select(0)


def test_it_is_closed_with_the_reader(pair, name):
    _, reader = pair
    before = descriptors()
    with Reader(name) as other:
        fd = other.poll_fd()
        other.poll_arm()
    assert descriptors() == before
    with pytest.raises(OSError):
        os.fstat(fd)
    with pytest.raises(ringbuf.NotInitializedError):
        other.poll_fd()


def polls_in_a_child(reader, pipe):
    fd = reader.poll_fd()
    reader.poll_arm()
    pipe.send(readable(fd))
    pipe.send(readable(fd, FOREVER))
    pipe.send(float(reader.pop()[0]))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_in_another_process(pair, method):
    writer, reader = pair
    reader.poll_fd()
    reader.poll_arm()
    context = multiprocessing.get_context(method)
    here, there = context.Pipe()
    process = context.Process(target=polls_in_a_child, args=(reader, there))
    process.start()
    assert here.recv() is False
    writer.push([7])
    assert here.recv() is True
    assert here.recv() == 7
    process.join()
    assert readable(reader.poll_fd(), FOREVER), "the parent's has stayed its own"


# --- asyncio -------------------------------------------------------------------------------------------------------------


def put(writer, first, count):
    writer.put(np.arange(first, first + count, dtype="float32"))


def test_windows_come(pair):
    writer, reader = pair

    async def consume():
        return [(reader.start, window[0, 0], len(window)) async for window in reader.windows_async(4, step=2)]

    async def produce():
        for i in range(30):
            put(writer, i, 1)
            await asyncio.sleep(0)
        writer.close()

    async def both():
        return (await asyncio.gather(consume(), produce()))[0]

    reader.poll_fd()
    before = descriptors()
    assert asyncio.run(both()) == [(i, i, 4) for i in range(0, 27, 2)]
    assert descriptors() == before - 1, "the writer's, which is closed"


def test_a_writer_in_another_thread(pair):
    writer, reader = pair
    go = threading.Semaphore(0)

    def produce():
        for i in range(200):
            go.acquire()
            put(writer, i, 1)
        go.acquire()
        writer.close()

    async def consume():
        seen = []
        go.release()
        async for window in reader.windows_async(1):
            seen.append(int(window[0, 0]))
            go.release()
        return seen

    thread = threading.Thread(target=produce)
    thread.start()
    assert asyncio.run(consume()) == list(range(200))
    thread.join()


def test_cancellation_leaves_nothing_behind(pair):
    writer, reader = pair
    reader.poll_fd()
    put(writer, 0, 5)

    async def main():
        loop = asyncio.get_running_loop()
        seen = []

        async def consume():
            async for window in reader.windows_async(2):
                seen.append(int(window[0, 0]))

        registered = len(loop._selector.get_map())
        before = descriptors()
        for _ in range(5):
            task = asyncio.create_task(consume())
            while len(loop._selector.get_map()) == registered:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(loop._selector.get_map()) == registered
            assert descriptors() == before
        assert seen == [0, 2]
        assert reader.position == 4
        put(writer, 5, 1)
        task = asyncio.create_task(consume())
        while len(seen) < 3:
            await asyncio.sleep(0)
        task.cancel()
        return seen

    assert asyncio.run(main()) == [0, 2, 4]


def test_a_time_limit(pair):
    writer, reader = pair

    async def main():
        windows = reader.windows_async(2)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(windows.__anext__(), 0.02)
        put(writer, 0, 2)
        async for window in reader.windows_async(2):
            return window[:, 0].tolist()

    assert asyncio.run(main()) == [0, 1]


@pytest.mark.parametrize("in_thread", [False, True])
def test_a_close_ends_it(pair, in_thread):
    writer, reader = pair

    async def main():
        loop = asyncio.get_running_loop()

        async def consume():
            async for _ in reader.windows_async(2):
                raise AssertionError("there is none")

        registered = len(loop._selector.get_map())
        task = asyncio.create_task(consume())
        while len(loop._selector.get_map()) == registered:
            await asyncio.sleep(0)
        if in_thread:
            await loop.run_in_executor(None, reader.close)
        else:
            reader.close()
        with pytest.raises(ringbuf.NotInitializedError):
            await task
        assert len(loop._selector.get_map()) == registered

    asyncio.run(main())


def test_an_overrun(pair):
    writer, reader = pair

    async def main():
        put(writer, 0, 500)
        with pytest.raises(ringbuf.OverwrittenError):
            async for _ in reader.windows_async(10):
                pass
        put(writer, 500, 500)
        writer.close()
        return [int(w[0, 0]) async for w in reader.windows_async(10, skip_overruns=True)]

    seen = asyncio.run(main())
    assert seen == list(range(seen[0], 1000, 10)) and seen[0] >= 900
    assert reader.lost > 0


def test_other_tasks_run_beside_a_reader_that_finds_all(pair):
    writer, reader = pair

    async def main():
        put(writer, 0, 100)
        turns = 0

        async def other():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        count = 0
        async for _ in reader.windows_async(1, step=0):
            count += 1
            if count == 500:
                break
        task.cancel()
        return turns

    assert asyncio.run(main()) >= 5


def test_without_a_descriptor(pair, monkeypatch):
    writer, reader = pair

    def none(self):
        raise ringbuf.UnsupportedError(ringbuf.Code.UNSUPPORTED, "none")

    monkeypatch.setattr(Reader, "poll_fd", none)

    async def produce():
        for i in range(4):
            put(writer, i, 1)
            await asyncio.sleep(0.003)
        writer.close()

    async def main():
        task = asyncio.create_task(produce())
        seen = [int(w[0, 0]) async for w in reader.windows_async(2)]
        await task
        return seen

    assert asyncio.run(main()) == [0, 2]


def test_many_readers_in_one_loop(name):
    writers = [Writer(f"{name}-{i}", capacity=20) for i in range(20)]
    readers = [Reader(writer.name, after_overrun="oldest") for writer in writers]

    async def consume(reader):
        return [int(w[0, 0]) async for w in reader.windows_async(1)]

    async def produce():
        for i in range(10):
            for writer in writers:
                writer.push([i])
                await asyncio.sleep(0)
        for writer in writers:
            writer.close()

    async def main():
        *seen, _ = await asyncio.gather(*map(consume, readers), produce())
        return seen

    assert asyncio.run(main()) == [list(range(10))] * 20
    for reader in readers:
        reader.close()


def test_an_exit_while_a_task_waits(name):
    code = f"""
import asyncio, ringbuf
writer = ringbuf.Writer({name!r}, capacity=10)
reader = ringbuf.Reader({name!r})
async def consume():
    async for _ in reader.windows_async(2): pass
async def main():
    asyncio.create_task(consume())
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
    done = interpret(code)
    assert (done.returncode, done.stderr) == (0, "")
