"""Rings whose samples tell their index, so that any copy of them can be checked."""

import contextlib
import threading
import time

import numpy as np
import ringbuf
from servers import wait_until

CHANNELS = 4
ENDLESS = 4_000_000  # samples, so that a ring holds all that a test puts
ROW = np.arange(CHANNELS, dtype="int64")


def samples(start, count):
    """Sample i has in channel c the number i * 4 + c, modulo 2^32."""
    return ((np.arange(start, start + count, dtype="int64")[:, None] * CHANNELS) + ROW).astype("int32")


@contextlib.contextmanager
def origin(name, *, capacity=1_000_000, rate=100_000, **options):
    with ringbuf.Writer(name, channels=CHANNELS, dtype="int32", capacity=capacity, sample_rate=rate, **options) as writer:
        yield writer


class Feeder:
    """Puts samples into a ring from a thread, in blocks of random sizes, until it is stopped. `skips`: it leaves indices out, too."""

    def __init__(self, writer, rng, *, pause=0.001, most=400, skips=True):
        self.writer, self.rng, self.pause, self.most, self.skips = writer, rng, pause, most, skips
        self._ended = threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._ended.set()
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self):
        try:
            while not self._ended.is_set():
                put(self.writer, self.rng.randrange(1, self.most), self._ended)
                if self.skips and self.rng.random() < 0.002:
                    self.writer.skip(self.rng.randrange(1, 50))
                if self.pause:
                    time.sleep(self.pause * self.rng.random() * 2)
        except BaseException as error:  # pylint: disable=broad-except
            self._error = error


def put(writer, count, ended=None):
    """On a lossless ring it waits for room, or until it is told to end."""
    block = samples(writer.written, count)
    while True:
        try:
            writer.put(block, timeout=0.1)
            return
        except (ringbuf.FullError, ringbuf.BufferTimeoutError):
            if ended and ended.is_set():
                return


def pieces(reader, start=None, end=None):
    """The ranges of indices that the ring has, without its gaps."""
    at = reader.info().oldest if start is None else start
    end = reader.written if end is None else end
    for first, last in [*reader.gaps(), (end, end)]:
        if at < min(first, end):
            yield at, min(first, end)
        at = max(at, last)


def check(name, *, gaps=None, first=None, written=None, oldest=0):
    """All that a ring grants is what its origin had at that index. `gaps` are compared from `oldest` on. Returns how many samples
    that are."""
    found = 0
    with ringbuf.Reader(name, observer=True) as reader:
        for start, end in pieces(reader):
            for at in range(start, end, 100_000):
                last = min(at + 100_000, end)
                np.testing.assert_array_equal(reader.read(at, last), samples(at, last - at), err_msg=f"{name}: {at} to {last}")
            found += end - start
        if gaps is not None:
            oldest = max(oldest, reader.info().oldest)  # rings that are full remember theirs for different times
            assert [gap for gap in reader.gaps() if gap[0] >= oldest] == [gap for gap in gaps if gap[0] >= oldest]
        if first is not None:
            assert reader.first_index == first
        if written is not None:
            assert reader.written == written
    return found


def written(name):
    """Of a ring; -1 if there is none."""
    try:
        with ringbuf.Reader(name, observer=True) as reader:
            return reader.written
    except ringbuf.BufferError:
        return -1


def wait_for_index(name, index, *processes):
    """Until the ring has all samples before the index; the processes that bring them must live."""

    def there():
        for process in processes:
            assert process.poll() is None, f"{process.args}: exit status {process.returncode}"
        return written(name) >= index

    wait_until(there)
