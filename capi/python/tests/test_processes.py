"""Several processes, started by fork and by spawn."""

import gc
import multiprocessing
import os
import pickle
import signal
from multiprocessing import sharedctypes

import pytest
from conftest import interpret, run

import ringbuf
from ringbuf import Reader, RingBuffer, SharedCircularBuffer, Writer

np = pytest.importorskip("numpy")


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def context(request):
    return multiprocessing.get_context(request.param)


def in_a_process(context, target, *arguments):
    """Runs it in a process of its own and returns what it sends."""
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there, *arguments))
    process.start()
    there.close()
    try:
        answer = here.recv()
    finally:
        process.join()
    assert process.exitcode == 0
    return answer


def rows(start, stop):
    return np.arange(start, stop)[:, None] * [1.0, -1.0]


# --- RingBuffer: its raw array handed over, as it was meant ----------------------------------------------------------


def writes(pipe, raw, count):
    buffer = RingBuffer()
    buffer.initialize_from_raw(raw)
    for start in range(0, count, 10):
        buffer.put_data(rows(start, start + 10))
    pipe.send(buffer.nSamplesWritten)


def reads(pipe, raw, start, end):
    buffer = RingBuffer()
    buffer.initialize_from_raw(raw)
    buffer.wait(end)
    pipe.send(buffer.get_data(start, end).copy())


def test_a_child_writes(context):
    with RingBuffer() as buffer:
        buffer.initialize(2, 100, 20)
        assert in_a_process(context, writes, buffer.raw, 250) == 250
        assert (buffer.get_data(150, 250) == rows(150, 250)).all()
        buffer.put_data(rows(250, 260))  # the child has ended
        assert (buffer.get_data(240, 260) == rows(240, 260)).all()


def test_a_child_reads(context):
    with RingBuffer() as buffer:
        buffer.initialize(2, 100, 20)
        buffer.put_data(rows(0, 110))
        assert (in_a_process(context, reads, buffer.raw, 95, 110) == rows(95, 110)).all()


def test_external_memory_in_a_child(context):
    raw = sharedctypes.RawArray("c", 1 << 16)
    with Writer.create_raw(raw, capacity=100, channels=2, window=20) as writer:
        writer.put(rows(0, 110))
        assert (in_a_process(context, reads, raw, 95, 110) == rows(95, 110)).all()
    assert in_a_process(context, writes, raw, 50) == 160


def use_buffer(pipe, buffer):
    before = buffer.get_data(0, 10).copy()
    buffer.put_data(rows(10, 20))
    pipe.send((before, buffer.get_data(5, 20).copy()))


def test_a_buffer_handed_over(context):
    with RingBuffer() as buffer:
        buffer.initialize(2, 100, 20)
        with RingBuffer() as other:
            other.initialize_from_raw(buffer.raw)
            other.put_data(rows(0, 10))
        before, after = in_a_process(context, use_buffer, buffer)
        assert (before == rows(0, 10)).all() and (after == rows(5, 20)).all()
        assert (buffer.get_data(0, 20) == rows(0, 20)).all()


def put_once(pipe, buffer):
    try:
        buffer.put_data(rows(0, 1))
        pipe.send(0)
    except ringbuf.BufferError as error:
        pipe.send(error.code)


def test_one_process_writes(context):
    with RingBuffer() as buffer:
        buffer.initialize(2, 100)
        buffer.put_data(rows(0, 1))
        assert in_a_process(context, put_once, buffer) == 11
        buffer.put_data(rows(1, 2))
        assert buffer.nSamplesWritten == 2


def test_one_with_a_name_handed_over(context, name):
    with RingBuffer.create(name, 2, 100) as buffer:
        assert in_a_process(context, put_once, buffer) in (9, 25)
        buffer.put_data(rows(0, 110))
        assert (in_a_process(context, get_latest, buffer) == rows(100, 110)).all()


def get_latest(pipe, buffer):
    pipe.send(buffer.get_data(buffer.nSamplesWritten - 10, buffer.nSamplesWritten).copy())


# --- Reader ----------------------------------------------------------------------------------------------------------


def consume(pipe, reader):
    got = [reader.next(3).copy(), reader.pop(), reader.pop_many(2), reader.view(0, 2).copy()]
    reader.seek(9)
    pipe.send((got, reader.position, reader.pop(), reader.lost))


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("lossless", [True, False])
def test_a_reader_handed_over(context, name, named, lossless):
    with Writer(name if named else None, capacity=20, window=5, channels=2, lossless=lossless) as writer:
        with Reader(name) if named else Reader(fd=writer.memory_fd()) as reader:
            writer.put(rows(0, 20))
            reader.next(2)
            got, position, popped, lost = in_a_process(context, consume, reader)
            for part, first, last in zip(got, [2, 5, 6, 0], [5, 6, 8, 2]):
                assert (np.reshape(part, (-1, 2)) == rows(first, last)).all()
            assert (position, popped.tolist(), lost) == (9, [9, -9], 0)
            assert reader.position == 2 and (reader.next(2) == rows(2, 4)).all()
    assert name not in os.listdir("/dev/shm")


def overrun(pipe, reader, go_on):
    go_on.wait()
    try:
        reader.pop()
        pipe.send(None)
    except ringbuf.OverwrittenError:
        pipe.send((reader.pop().tolist(), reader.overruns, reader.lost))


def test_what_a_child_was_too_late_for_is_told(context, name):
    with Writer(name, capacity=20, channels=2) as writer, Reader(name, after_overrun="oldest") as reader:
        writer.put(rows(0, 10))
        reader.next(4, 5)
        here, there = context.Pipe()
        go_on = context.Event()
        process = context.Process(target=overrun, args=(there, reader, go_on))
        process.start()
        writer.put(rows(10, 40))
        go_on.set()
        assert here.recv() == ([20, -20], 1, 15)
        process.join()


def test_what_a_reader_of_a_lossless_ring_lost_on_its_way_is_told(name, direct):
    with Writer(name, capacity=10, lossless=True) as writer:
        with Reader(name) as reader:
            sent = pickle.dumps(reader)
        for _ in range(3):
            writer.put(np.arange(8))  # nobody holds it back meanwhile
        with pickle.loads(sent) as arrived:
            with pytest.raises(ringbuf.OverwrittenError):
                arrived.pop()
            lost = arrived.lost
            assert lost >= 14 and arrived.overruns == 1
            assert arrived.pop()[0] == lost % 8 and arrived.position == lost + 1


def race(pipe, name):
    """Puts blocks of equal elements as fast as it can, until the parent says so."""
    with Writer(name, capacity=400, window=200, channels=4, dtype="int64") as writer:
        pipe.send("ready")
        while not pipe.poll():
            for _ in range(100):
                start = writer.written
                writer.put(np.repeat(np.arange(start, start + 90), 4).reshape(90, 4))


def test_no_torn_sample_is_taken_for_whole(name, direct):
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=race, args=(there, name))
    process.start()
    assert here.recv() == "ready"
    counts = {"read": 0, "copied": 0, "validated": 0, "pop_many": 0, "too late": 0}
    with Reader(name) as reader, RingBuffer.open(name) as buffer:
        while min(counts.values()) < 30:
            end = reader.written
            start = max(0, end - 390)
            expected = np.repeat(np.arange(start, end), 4).reshape(-1, 4)
            try:
                got = reader.read(start, end)
                assert (got == expected).all()
                counts["read"] += 1
                got = buffer.get_data(start, end)
                if not np.shares_memory(got, buffer._ring._samples):
                    assert (got == expected).all()
                    counts["copied"] += 1
                got = reader.view(end - 190, end).copy()
                if reader.validate():
                    assert (got == expected[-190:]).all()
                    counts["validated"] += 1
                position = reader.position
                got = reader.pop_many(390)
                assert (got == np.repeat(np.arange(position, position + len(got)), 4).reshape(-1, 4)).all()
                counts["pop_many"] += len(got) > 0
            except ringbuf.OverwrittenError:
                counts["too late"] += 1
            except ringbuf.BadIndexError:
                pass  # at the very beginning
    here.send("stop")
    process.join()
    assert process.exitcode == 0
    print(counts)


def stream(pipe, name, total):
    with Writer(name, capacity=1000, window=100, channels=2, lossless=True) as writer:
        pipe.send("ready")
        pipe.recv()
        for start in range(0, total, 50):
            writer.put(rows(start, start + 50), timeout=None)
        while writer.info().readers:
            pass
    pipe.send("done")


def test_a_stream_from_another_process(context, name):
    here, there = context.Pipe()
    process = context.Process(target=stream, args=(there, name, 20_000))
    process.start()
    assert here.recv() == "ready"
    with Reader(name) as reader:
        here.send("go")
        expected = 0
        for window in reader.windows(100, 50, skip_overruns=False):
            assert reader.start == expected and (window == rows(expected, expected + 100)).all()
            expected += 50
            if expected > 19_900:
                break
    assert here.recv() == "done"
    process.join()
    assert process.exitcode == 0


# --- SharedCircularBuffer --------------------------------------------------------------------------------------------


def pops(pipe, buffer):
    pipe.send((buffer.usage, buffer.popitem(), buffer.popmany(10), str(buffer)))


def test_a_circular_buffer_handed_over(context, name):
    with SharedCircularBuffer(name, create=True, length=5) as writer, SharedCircularBuffer(name) as reader:
        for item in range(9):
            writer.push(item)
        assert reader.popitem() == 5
        for _ in range(2):
            answer = in_a_process(context, pops, reader)
            assert answer == (3, 6, [7, 8], f"SharedCircularBuffer ({name}) (0.00% full)")
        assert reader.popmany(9) == [6, 7, 8]


def pushes(pipe, name, items):
    buffer = SharedCircularBuffer(name, create=True, length=50)
    for item in items:
        buffer.push(item)
    pipe.send("pushed")
    pipe.recv()


def test_a_child_pushes(context, name):
    here, there = context.Pipe()
    process = context.Process(target=pushes, args=(there, name, range(30)))
    process.start()
    there.close()
    assert here.recv() == "pushed"
    reader = SharedCircularBuffer(name)
    here.send("end")
    process.join()
    assert name not in os.listdir("/dev/shm")  # without a cleanup() of its own
    assert reader.popmany(100) == list(range(30))
    reader.cleanup()


def push_the_parents(pipe, buffer):
    try:
        buffer.push(1)
    except ringbuf.WriteOperationsForbidden as error:
        pipe.send(str(error))


def test_the_parents_writer_in_a_forked_child(name):
    with SharedCircularBuffer(name, create=True) as writer:
        text = in_a_process(multiprocessing.get_context("fork"), push_the_parents, writer)
        assert "parent" in text
        assert name in os.listdir("/dev/shm")  # whose end has not cleaned up
        writer.push(5)
        with SharedCircularBuffer(name) as reader:
            assert reader.popitem() == 5


# --- Beginning and end -----------------------------------------------------------------------------------------------


def make_and_leave(pipe, name):
    writer = Writer(name, capacity=10)
    writer.put([1, 2, 3])
    globals()["kept"] = writer
    pipe.send("ready")
    pipe.recv()


def test_what_a_child_leaves_open_is_closed(context, name):
    here, there = context.Pipe()
    process = context.Process(target=make_and_leave, args=(there, name))
    process.start()
    assert here.recv() == "ready"
    with Reader(name) as reader:
        here.send("end")
        process.join()
        assert reader.info().state == ringbuf.State.CLOSED  # not DEAD
        assert len(reader.pop_many(5)) == 3


def open_and_leave(pipe, name):
    globals()["kept"] = Reader(name), RingBuffer.open(name), SharedCircularBuffer(name)
    pipe.send("opened")


def test_attaching_never_unlinks(context, name):
    with Writer(name, capacity=10, dtype="bytes"):
        for _ in range(3):
            assert in_a_process(context, open_and_leave, name) == "opened"
            assert name in os.listdir("/dev/shm")
        run("import sys, ringbuf; kept = ringbuf.Reader(sys.argv[1])", name)
        code = "import sys, os, ringbuf; kept = ringbuf.Reader(sys.argv[1]); os.kill(os.getpid(), 9)"
        assert interpret(code, name).returncode == -signal.SIGKILL
        gc.collect()
        assert name in os.listdir("/dev/shm")


def test_at_exit(name):
    run("import sys, ringbuf; kept = ringbuf.Writer(sys.argv[1], capacity=10)", name)
    run(
        "import sys, ringbuf\nb = ringbuf.RingBuffer(); b.initialize(1, 5); b.put_data([1.0])\n"
        "view = b.get_data(0, 1, False)\nraw = b.raw",
        name,
    )
    run(
        "import sys, ringbuf, multiprocessing.sharedctypes as s\nraw = s.RawArray('c', 1 << 16)\n"
        "w = ringbuf.Writer.create_raw(raw, capacity=9)\nr = ringbuf.Reader(raw=raw)\nw.put([1.0])",
    )
    code = "import sys, ringbuf; kept = ringbuf.Writer(sys.argv[1], capacity=10); raise SystemExit(3)"
    assert interpret(code, name).returncode == 3
    assert name not in os.listdir("/dev/shm")


def test_at_exit_while_a_thread_waits(name):
    code = """
import sys, threading, ringbuf
writer = ringbuf.Writer(sys.argv[1], capacity=10)
reader = ringbuf.Reader(sys.argv[1])
started = threading.Event()
def wait():
    started.set()
    reader.wait(1)
threading.Thread(target=wait, daemon=True).start()
started.wait()
"""
    assert interpret(code, name).returncode == 0
    assert name not in os.listdir("/dev/shm")


def test_a_writer_that_is_killed_and_started_again(name):
    code = """
import sys, os, ringbuf
writer = ringbuf.Writer(sys.argv[1], capacity=10) if sys.argv[2] == "new" else ringbuf.Writer.resume(sys.argv[1])
writer.put([float(writer.written)])
os.kill(os.getpid(), 9)
"""
    assert interpret(code, name, "new").returncode == -signal.SIGKILL
    with Reader(name) as reader:
        assert reader.info().state == ringbuf.State.DEAD
        for _ in range(2):
            assert interpret(code, name, "resume").returncode == -signal.SIGKILL
        assert reader.pop_many(9)[:, 0].tolist() == [0, 1, 2]
        with pytest.raises(ringbuf.StaleError):
            reader.pop()
        assert interpret(code, name, "new").returncode == -signal.SIGKILL
        assert reader.info().state == ringbuf.State.SUPERSEDED
    ringbuf.unlink(name)
