"""Who reads and who writes, waiting for readers, going on or making, large rings that are opened at once."""

import multiprocessing
import os
import threading

import pytest
from conftest import interpret

import ringbuf
from ringbuf import Reader, ReaderInfo, Writer

np = pytest.importorskip("numpy")


def test_who_reads(name):
    with Writer(name, capacity=10, lossless=True) as writer:
        assert writer.readers() == []
        with Reader(name) as reader, Reader(name, observer=True):
            writer.put(np.arange(5))
            reader.pop_many(2)
            expected = ReaderInfo(os.getpid(), position=2, lag=3, lost=0, overruns=0, holds_back=True)
            assert writer.readers() == reader.readers() == [expected]
        assert writer.readers() == []
    with pytest.raises(ringbuf.NotInitializedError):
        writer.readers()


def test_who_has_lost_what(name):
    with Writer(name, capacity=10) as writer, Reader(name, after_overrun="newest") as reader:
        writer.put(np.arange(25))
        with pytest.raises(ringbuf.OverwrittenError):
            reader.pop()
        reader.seek(20)  # tells the library
        (one,) = writer.readers()
        assert (one.process_id, one.holds_back, one.position, one.lag) == (os.getpid(), False, 20, 5)


def reads(name, pipe):
    with Reader(name):
        pipe.send(os.getpid())
        pipe.recv()


def test_who_reads_in_another_process(name):
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with Writer(name, capacity=10) as writer:
        process = context.Process(target=reads, args=(name, there))
        process.start()
        assert writer.wait_readers(1)
        assert [reader.process_id for reader in writer.readers()] == [here.recv()] == [process.pid]
        here.send("end")
        process.join()
        assert writer.readers() == []


def test_who_writes(name):
    with Writer(name, capacity=10, keep=True) as writer, Reader(name) as reader:
        assert writer.info().writer_pid == reader.info().writer_pid == os.getpid()
        assert dict(ringbuf.rings())[name].writer_pid == os.getpid()
        assert reader.info().data_offset % 4096 == 0 < reader.info().data_offset < reader.info().total_bytes
        writer.close()
        assert reader.info().writer_pid == 0
    ringbuf.unlink(name)


def test_a_writer_that_waits_for_readers(name):
    with Writer(name, capacity=10, lossless=True, max_readers=3) as writer:
        assert writer.wait_readers(0) is True
        assert writer.wait_readers(1, 0) is False and writer.wait_readers(1, 0.01) is False
        results = []
        thread = threading.Thread(target=lambda: results.append(writer.wait_readers(2)))
        thread.start()
        with Reader(name), Reader(name, observer=True):
            assert writer.wait_readers(1, 0) is True
            with Reader(name):
                thread.join()
        assert results == [True]
        with pytest.raises(ringbuf.InvalidArgumentError):
            writer.wait_readers(4)
        for wrong in -1, 2**32 + 1:
            with pytest.raises(ringbuf.InvalidArgumentError):
                writer.wait_readers(wrong, 0)
        with pytest.raises(TypeError):
            writer.wait_readers(1.0, 0)


def test_made_or_gone_on_with(name):
    shape = dict(capacity=10, channels=2, dtype="int16", window=3, lossless=True, keep=True)
    with Writer.create_or_resume(name, **shape, metadata={"unit": "V"}, sample_rate=5.0) as writer:
        assert (writer.info().generation, writer.metadata, writer.info().keep) == (1, {"unit": "V"}, True)
        writer.put(np.ones((4, 2), "int16"))
        with pytest.raises(ringbuf.BusyError):
            Writer.create_or_resume(name, **shape)
    with Writer.create_or_resume(name, **shape, metadata={"unit": "A"}) as writer:
        assert (writer.info().generation, writer.written, writer.metadata) == (2, 4, {"unit": "V"})
    wrong = dict(capacity=11, channels=1, dtype="uint16", window=4, lossless=False)
    for field, value in wrong.items():
        with pytest.raises(ringbuf.IncompatibleError):
            Writer.create_or_resume(name, **{**shape, field: value})
    with Reader(name) as reader:
        assert reader.info().generation == 2 and reader.info().state == ringbuf.State.CLOSED
    ringbuf.unlink(name)


def test_the_type_is_part_of_the_shape(name):
    one, other = np.dtype([("a", "i4"), ("b", "f4")]), np.dtype([("a", "f4"), ("b", "i4")])
    Writer.create_or_resume(name, capacity=10, dtype=one, keep=True).close()
    with pytest.raises(ringbuf.IncompatibleError, match="dtype"):
        Writer.create_or_resume(name, capacity=10, dtype=other, keep=True)
    with Writer.create_or_resume(name, capacity=10, dtype=one, keep=True) as writer:
        assert writer.dtype == one and writer.info().generation == 2
    ringbuf.unlink(name)


def test_gone_on_with_after_a_crash(name):
    code = """
import os, sys, ringbuf
writer = ringbuf.Writer.create_or_resume(sys.argv[1], capacity=10)
writer.push([writer.written])
os.kill(os.getpid(), 9)
"""
    for _ in range(3):
        assert interpret(code, name).returncode == -9
    with Reader(name) as reader:
        assert reader.pop_many(5)[:, 0].tolist() == [0, 1, 2]
    ringbuf.unlink(name)


def test_unexpected_options(name):
    with pytest.raises(TypeError, match="colour"):
        Writer.create_or_resume(name, capacity=10, colour=1)


def resident(pages_of):
    """KiB of the mappings of a ring that are present in this process."""
    with open("/proc/self/smaps") as smaps:
        counted, total = False, 0
        for line in smaps:
            if "-" in line.split(" ", 1)[0]:
                counted = pages_of in line
            elif counted and line.startswith("Rss:"):
                total += int(line.split()[1])
    return total


def test_lazy(name):
    """Pages are mapped as they are used; without it all of them are there at once."""
    with Writer(name, capacity=16 << 20, dtype="bytes") as writer:
        writer.put(b"abc")
        before = resident(name)
        with Reader(name, lazy=True) as reader:
            assert reader.pop() == b"a"
            lazily = resident(name) - before
            with Reader(name):
                at_once = resident(name) - before - lazily
        assert lazily < 4096 < at_once


@pytest.mark.parametrize("dtype, item_size, expected", [("float32", 0, 2048), ("int16", 0, 4096), ("bytes", 4, 1)])
def test_the_pocket_where_none_is_asked_for(name, dtype, item_size, expected):
    with Writer(name, capacity=100_000, channels=8 if item_size == 0 else 1, dtype=dtype, item_size=item_size) as writer:
        assert writer.window == expected
    with Writer(name, capacity=80, dtype="int16") as writer:
        assert writer.window == 10
    raw = bytearray(Writer.raw_size(capacity=80, dtype="int16"))
    with Writer.create_raw(raw, capacity=80, dtype="int16") as writer:
        assert writer.window == 10
