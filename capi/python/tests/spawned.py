"""Readers that go to processes which are spawned, without NumPy: what test_windows.py runs here, and what to run on Windows.

usage: python spawned.py PREFIX-OF-NAMES
"""

import array
import asyncio
import gc
import multiprocessing
import os
import sys
import time

sys.modules["numpy"] = None  # what makes `import numpy` fail

import ringbuf  # noqa: E402
from ringbuf import Reader, SharedCircularBuffer, Writer  # noqa: E402

PATIENCE_S = 60


def numbers(begin, end):
    return array.array("f", range(begin, end))


def values(window):
    return [row[0] for row in window.tolist()]


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never comes"
        time.sleep(0.001)


def read_on(pipe, reader, end):
    """Reads to that index; sends where it began and what it read."""
    begin = reader.position
    read = [value for _ in range(begin, end) for value in values(reader.next(1, timeout=PATIENCE_S))]
    pipe.send((begin, read, reader.lost, reader.info().readers))
    pipe.recv()
    reader.close()
    pipe.send("closed")
    pipe.recv()


def received(pipe):
    """The same with a reader that comes through the pipe."""
    pipe.send("ready")
    read_on(pipe, pipe.recv(), pipe.recv())


class EndsProcess:
    """Ends the process that gets it, before it gets anything more."""

    def __reduce__(self):
        return os._exit, (7,)


def nothing(*_):
    pass


def process_of(target, *arguments):
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(there, *arguments))
    process.start()
    there.close()
    return process, here


def ended(process, code=0):
    process.join(PATIENCE_S)
    assert process.exitcode == code, process.exitcode


def check_handed_over(name, by_pipe):
    """On a lossless ring of 10 samples nothing is lost while the reader slot changes hands, and there is one reader at most
    that holds the writer back when it has."""
    with Writer(name, capacity=10, lossless=True, max_readers=4) as writer:
        reader = Reader(name or None) if name else Reader(fd=writer.memory_fd())
        writer.put(numbers(0, 10))
        assert values(reader.next(3)) == [0, 1, 2]
        if by_pipe:
            process, pipe = process_of(received)
            assert pipe.recv() == "ready"
            pipe.send(reader)
            pipe.send(40)
        else:
            process, pipe = process_of(read_on, reader, 40)
        reader.close()
        writer.put(numbers(10, 13), timeout=PATIENCE_S)  # the reader has read three
        for index in range(13, 40):
            writer.put(numbers(index, index + 1), timeout=PATIENCE_S)
        begin, read, lost, _ = pipe.recv()
        assert (begin, read, lost) == (3, list(range(3, 40)), 0), (begin, read, lost)
        until(lambda: writer.info().readers == 1)
        pipe.send("close it")
        assert pipe.recv() == "closed"
        until(lambda: writer.info().readers == 0)
        pipe.send("end")
        ended(process)


def check_used_again(name):
    """The sender's reader goes on where it was, with a reader slot of its own."""
    with Writer(name, capacity=10, lossless=True, max_readers=4) as writer, Reader(name) as reader:
        writer.put(numbers(0, 10))
        process, pipe = process_of(read_on, reader, 10)
        assert pipe.recv()[:2] == (0, list(range(10)))
        until(lambda: writer.info().readers == 1)
        assert values(reader.next(4)) == [0, 1, 2, 3] and writer.info().readers == 2
        for _ in range(2):
            pipe.send("")
        ended(process)


def check_receiver_that_dies(name, before):
    """It holds nothing back, whether it ends before it gets the reader or after."""
    with Writer(name, capacity=10, lossless=True) as writer, Reader(name) as reader:
        writer.put(numbers(0, 10))
        parts = (EndsProcess(), reader) if before else (reader, EndsProcess())
        process, _ = process_of(nothing, *parts)
        reader.close()
        ended(process, 7)
        until(lambda: writer.info().readers == 0)
        writer.put(numbers(10, 20))


def pop_all(pipe, buffer):
    pipe.send(buffer.popmany(10))


def check_circular(name):
    with SharedCircularBuffer(name, create=True, item_size=2, length=10) as writer:
        with SharedCircularBuffer(name) as reader:
            for item in range(8):
                writer.push(item)
            assert reader.popitem() == 0
            process, pipe = process_of(pop_all, reader)
            assert pipe.recv() == [1, 2, 3, 4, 5, 6, 7]
            ended(process)


def put_and_end(pipe, name):
    with Writer(name, capacity=100, window=10) as writer:
        pipe.send("made")
        pipe.recv()
        for begin in range(0, 100, 10):
            writer.put(numbers(begin, begin + 10))


def check_other_writer(name):
    """A process writes, this one iterates in an event loop; the last window is memory after all else has gone."""

    async def read():
        with Reader(name) as reader:
            pipe.send("go on")
            return [window async for window in reader.windows_async(20)]

    process, pipe = process_of(put_and_end, name)
    assert pipe.recv() == "made"
    windows = asyncio.run(read())
    ended(process)
    gc.collect()
    assert [values(window)[0] for window in windows] == [0, 20, 40, 60, 80]
    assert values(windows[-1]) == list(range(80, 100))


def main(prefix):
    check_handed_over(f"{prefix}-a", by_pipe=False)
    check_handed_over(f"{prefix}-b", by_pipe=True)
    check_handed_over(None, by_pipe=False)
    check_handed_over(None, by_pipe=True)
    check_used_again(f"{prefix}-c")
    check_receiver_that_dies(f"{prefix}-d", before=True)
    check_receiver_that_dies(f"{prefix}-e", before=False)
    check_circular(f"{prefix}-f")
    check_other_writer(f"{prefix}-g")
    left = [name for name, _ in ringbuf.rings() if name.startswith(prefix)]
    assert not left, left
    print("all of it")


if __name__ == "__main__":
    main(sys.argv[1])
