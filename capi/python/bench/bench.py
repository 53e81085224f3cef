#!/usr/bin/env python3
"""How long the calls take, and how much goes from process to process; compared with the ways that there are otherwise.

    python3 bench.py            # everything, about half a minute
    python3 bench.py --quick    # to see that it runs

Times of calls are the best of several runs of many calls each: what the call costs when nothing else disturbs it. Before
they are believed the machine should be idle. The streams between processes move the same blocks in each way, once.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sys
import timeit
from multiprocessing import shared_memory
from time import perf_counter
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np
from seed_loop import PointerBuffer

import ringbuf

ROWS, CHANNELS = 1024, 2  # of float32: 8 KiB
BLOCK_BYTES = ROWS * CHANNELS * 4
WINDOW = 480
NAME = f"ringbuf-bench-{os.getpid()}"


class Table:
    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.times: Dict[str, float] = {}

    def call(self, label: str, statement: str, names: Dict[str, Any], count: int = 20000, per: int = 1) -> float:
        """Seconds of one statement (or of one of the `per` things it does), printed and remembered."""
        count = max(1, count // 50) if self.quick else count
        best = min(timeit.repeat(statement, globals=names, number=count, repeat=2 if self.quick else 15))
        seconds = best / count / per
        self.times[label] = seconds
        print(f"  {label:<52} {seconds * 1e6:9.3f} µs")
        return seconds

    def target(self, text: str, value: float, limit: float, at_most: bool) -> None:
        met = value <= limit if at_most else value >= limit
        sign = "<=" if at_most else ">="
        print(f"  -> {text}: {value:.2f} (target {sign} {limit:g}: {'met' if met else 'MISSED'})")


def memcpy_seconds(table: Table) -> float:
    """One 8 KiB copy on its own, without any interpreter: numpy copies 100 rows that do not touch, with a memcpy each."""
    source = np.zeros((100, BLOCK_BYTES + 64), np.uint8)[:, :BLOCK_BYTES]
    target = np.zeros((100, BLOCK_BYTES + 64), np.uint8)[:, :BLOCK_BYTES]
    source[:] = 1
    return table.call("memcpy of 8 KiB", "copy(t, s)", {"copy": np.copyto, "s": source, "t": target}, 1000, per=100)


class PlainRing:
    """A numpy array with an index: one process, no pocket, no check of any kind."""

    def __init__(self, capacity: int) -> None:
        self.data = np.zeros((capacity, CHANNELS), np.float32)
        self.written = 0

    def put(self, block: np.ndarray) -> None:
        slot = self.written % len(self.data)
        head = min(len(block), len(self.data) - slot)
        self.data[slot : slot + head] = block[:head]
        if head < len(block):
            self.data[: len(block) - head] = block[head:]
        self.written += len(block)

    def window(self, start: int, end: int) -> np.ndarray:
        slot, stop = start % len(self.data), end % len(self.data)
        if slot < stop:
            return self.data[slot:stop]
        return np.concatenate([self.data[slot:], self.data[:stop]])


def windows_and_puts(table: Table) -> None:
    print("\nWindows of 480 samples of 2 float32, and puts of 8 KiB")
    block = np.random.default_rng(1).standard_normal((ROWS, CHANNELS)).astype(np.float32)
    with ringbuf.Writer(NAME, capacity=48000, window=4800, channels=CHANNELS) as writer, ringbuf.Reader(NAME) as reader:
        memcpy = memcpy_seconds(table)
        names: Dict[str, Any] = {"writer": writer, "reader": reader, "block": block}
        put = table.call("Writer.put(8 KiB)", "writer.put(block)", names)
        table.target("put of 8 KiB over memcpy, µs", (put - memcpy) * 1e6, 1.0, True)
        table.call("Writer.put(8 KiB of float64)", "writer.put(wide)", {**names, "wide": block.astype(float)})
        end = writer.written
        names.update(start=end - WINDOW, end=end, np=np)
        view = table.call("Reader.view", "reader.view(start, end)", names)
        table.target("window as numpy view, µs", view * 1e6, 0.5, True)
        table.call("Reader.view and validate", "reader.view(start, end); reader.validate()", names)
        reader.seek(end - WINDOW)
        windows = reader.windows(WINDOW, 0)
        each = table.call("for window in Reader.windows", "next(windows)", {"windows": windows})
        table.target("window of a loop, µs", each * 1e6, 0.5, True)
        table.call("Reader.read (a copy)", "reader.read(start, end)", names)
        table.call("Reader.pop_many(480)", "reader.seek(start); reader.pop_many(480)", names)

        writer.put(np.zeros(((24000 - end) % 48000, CHANNELS)))  # so that the end of the data is far from that of the ring
        edge = writer.written // 48000 * 48000
        names.update(start=edge - WINDOW // 2, end=edge + WINDOW // 2)
        table.call("Reader.view across the end", "reader.view(start, end)", names)

    with ringbuf.RingBuffer() as buffer:
        buffer.initialize(CHANNELS, 48000, 4800)
        names = {"buffer": buffer, "block": block}
        put = table.call("RingBuffer.put_data(8 KiB)", "buffer.put_data(block)", names)
        table.target("put_data of 8 KiB over memcpy, µs", (put - memcpy) * 1e6, 1.0, True)
        end = buffer.nSamplesWritten
        names.update(start=end - WINDOW, end=end)
        view = table.call("RingBuffer.get_data", "buffer.get_data(start, end)", names)
        table.target("get_data, µs", view * 1e6, 0.5, True)

    ring = PlainRing(48000)
    names = {"ring": ring, "block": block}
    table.call("plain numpy ring: put(8 KiB)", "ring.put(block)", names)
    names.update(start=24000 - WINDOW, end=24000)
    table.call("plain numpy ring: window", "ring.window(start, end)", names)
    names.update(start=48000 - WINDOW // 2, end=48000 + WINDOW // 2)
    table.call("plain numpy ring: window across the end (copied)", "ring.window(start, end)", names)


def items(table: Table) -> None:
    print("\nItems: SharedCircularBuffer, and the loop over shared memory that it replaces")
    for size in (1, 4, 8, 16):
        value = 256**size - 7
        mine = ringbuf.SharedCircularBuffer(NAME, create=True, item_size=size, length=100_000)
        reader = ringbuf.SharedCircularBuffer(NAME)
        memory = PointerBuffer(size, 100_000)
        rounds = 2 if table.quick else 50
        spent: Dict[str, List[float]] = {"ringbuf": [], "loop": []}
        for _ in range(rounds):
            for _ in range(1000):
                mine.push(value)
                memory.push(value)
            start = perf_counter()
            got = reader.popmany(1000)
            spent["ringbuf"].append(perf_counter() - start)
            start = perf_counter()
            expected = memory.popmany(1000)
            spent["loop"].append(perf_counter() - start)
            assert got == expected and len(got) == 1000
        for label, times in spent.items():
            print(f"  {f'popmany(1000) of {size} bytes, {label}':<52} {min(times) * 1e6:9.3f} µs")
        ratio = min(spent["loop"]) / min(spent["ringbuf"])
        if size <= 8:
            table.target("popmany: times as fast", ratio, 20.0, False)
        else:  # longer integers are put together one by one
            print(f"  -> popmany: times as fast: {ratio:.2f}")
        if size == 4:
            names = {"mine": mine, "reader": reader, "memory": memory, "value": value}
            table.call("push", "mine.push(value)", names)
            table.call("push, loop", "memory.push(value)", names)
            for _ in range(90_000):  # more than are popped
                mine.push(value)
                memory.push(value)
            table.call("popitem", "reader.popitem()", names, 5000)
            table.call("popitem, loop", "memory.popitem()", names, 5000)
        reader.cleanup()
        mine.cleanup()
        memory.close()


# --- From process to process -----------------------------------------------------------------------------------------
# Each sender gets what connects it, and sends `count` blocks; each receiver adds up one element of each.


def send_ringbuf(name: str, ready: Any, count: int, block: np.ndarray) -> None:
    with ringbuf.Writer(
        name, capacity=64 * ROWS, window=ROWS, channels=CHANNELS, lossless=True
    ) as writer:
        ready.set()
        while not writer.info().readers:
            pass
        for _ in range(count):
            writer.put(block, timeout=None)


def send_queue(queue: Any, count: int, block: np.ndarray) -> None:
    for _ in range(count):
        queue.put(block)


def send_pipe(pipe: Any, count: int, block: np.ndarray) -> None:
    for _ in range(count):
        pipe.send_bytes(block)


def send_plain(name: str, count: int, block: np.ndarray) -> None:
    """A numpy array in shared memory and two counters that both sides poll: nothing orders or protects anything."""
    memory = shared_memory.SharedMemory(name)
    counters = np.ndarray(2, np.int64, memory.buf)
    data = np.ndarray((64, ROWS, CHANNELS), np.float32, memory.buf, 64)
    for number in range(count):
        while number - counters[1] >= 64:
            pass
        data[number % 64] = block
        counters[0] = number + 1
    del counters, data
    memory.close()


def receive_ringbuf(context: Any, count: int, block: np.ndarray) -> Tuple[float, float]:
    ready = context.Event()
    sender = context.Process(target=send_ringbuf, args=(NAME, ready, count, block))
    sender.start()
    while not ready.wait(0.1):
        if not sender.is_alive():
            raise SystemExit("the sender does not start")
    with ringbuf.Reader(NAME) as reader:
        total = float(next(windows := reader.windows(ROWS))[0, 0])
        start = perf_counter()
        for window in windows:
            total += window[0, 0]
        seconds = perf_counter() - start
    sender.join()
    return seconds, total


def receive_queue(context: Any, count: int, block: np.ndarray) -> Tuple[float, float]:
    queue = context.Queue(64)
    sender = context.Process(target=send_queue, args=(queue, count, block))
    sender.start()
    total = float(queue.get()[0, 0])
    start = perf_counter()
    for _ in range(count - 1):
        total += queue.get()[0, 0]
    seconds = perf_counter() - start
    sender.join()
    return seconds, total


def receive_pipe(context: Any, count: int, block: np.ndarray) -> Tuple[float, float]:
    here, there = context.Pipe(duplex=False)
    sender = context.Process(target=send_pipe, args=(there, count, block))
    sender.start()
    total = float(np.frombuffer(here.recv_bytes(), np.float32)[0])
    start = perf_counter()
    for _ in range(count - 1):
        total += np.frombuffer(here.recv_bytes(), np.float32)[0]
    seconds = perf_counter() - start
    sender.join()
    return seconds, total


def receive_plain(context: Any, count: int, block: np.ndarray) -> Tuple[float, float]:
    memory = shared_memory.SharedMemory(create=True, size=64 + 64 * BLOCK_BYTES)
    counters = np.ndarray(2, np.int64, memory.buf)
    data = np.ndarray((64, ROWS, CHANNELS), np.float32, memory.buf, 64)
    sender = context.Process(target=send_plain, args=(memory.name, count, block))
    sender.start()
    total, start = 0.0, 0.0
    for number in range(count):
        while counters[0] <= number:
            pass
        total += data[number % 64][0, 0]
        counters[1] = number + 1
        if number == 0:
            start = perf_counter()
    seconds = perf_counter() - start
    sender.join()
    del counters, data
    memory.close()
    memory.unlink()
    return seconds, total


def streams(table: Table) -> None:
    count = 200 if table.quick else 20_000
    print(f"\nFrom process to process: {count} blocks of 8 KiB, none of them lost")
    context = multiprocessing.get_context("fork")
    block = np.ones((ROWS, CHANNELS), np.float32)
    ways: List[Tuple[str, Callable[..., Tuple[float, float]]]] = [
        ("ringbuf, lossless", receive_ringbuf),
        ("multiprocessing.Pipe, bytes", receive_pipe),
        ("multiprocessing.Queue", receive_queue),
        ("plain numpy ring in shared memory, both sides poll", receive_plain),
    ]
    first: Optional[float] = None
    for label, receive in ways:
        seconds, total = receive(context, count, block)
        assert total == count, f"{label}: {total} instead of {count}"
        each = seconds / (count - 1)
        first = first or each
        rate = BLOCK_BYTES / each / 1e6
        print(f"  {label:<52} {each * 1e6:9.3f} µs a block {rate:8.0f} MB/s  {each / first:5.1f} times ringbuf's time")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few repetitions: the numbers mean nothing")
    table = Table(parser.parse_args().quick)
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, libringbuf {ringbuf.library_version}")
    print(f"{platform.platform()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.2f}")
    windows_and_puts(table)
    items(table)
    streams(table)


if __name__ == "__main__":
    main()
