"""Who comes first: readers that wait for their writer, and go on with the next ring of a name."""

import multiprocessing
import os
import signal
import threading

import pytest
from conftest import interpret

import ringbuf
from ringbuf import Reader, Writer

np = pytest.importorskip("numpy")


def test_a_ring_that_is_there(name):
    with Writer(name, capacity=10) as writer:
        writer.put(np.arange(3))
        for timeout in 0, 0.01, None:
            with Reader.open_wait(name, timeout) as reader:
                assert (reader.name, reader.position, len(writer.readers())) == (name, 0, 1)
        with Reader.open_wait(name, 0, start="newest", after_overrun="lap", observer=True, lazy=True) as reader:
            assert (reader.position, writer.readers()) == (3, [])


@pytest.mark.parametrize("timeout", [0, 0.001, 0.25])
def test_the_time_passes(name, timeout):
    with pytest.raises(ringbuf.BufferTimeoutError, match=name):
        Reader.open_wait(name, timeout)


def test_what_is_refused(name):
    with pytest.raises(ringbuf.InvalidArgumentError, match="name"):
        Reader.open_wait("no/name")
    with pytest.raises(ValueError, match="start"):
        Reader.open_wait(name, start="middle")
    with pytest.raises(TypeError):
        Reader.open_wait(name, fd=1)


def test_a_subclass_stays_one(name):
    class Mine(Reader):
        pass

    with Writer(name, capacity=10), Mine.open_wait(name) as reader:
        assert type(reader) is Mine


def reads_first(name, pipe):
    pipe.send("begun")
    with Reader.open_wait(name) as reader:
        pipe.send(reader.pop(timeout=None).tolist())


def test_a_reader_that_starts_first(name):
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=reads_first, args=(name, there))
    process.start()
    assert here.recv() == "begun"
    with Writer(name, capacity=10, lossless=True) as writer:
        assert writer.wait_readers(1)
        writer.push([7])
        assert here.recv() == [7]
        process.join()


def test_through_a_closed_ring(name):
    with Writer(name, capacity=10, keep=True) as writer:
        writer.put(np.arange(3))
    with pytest.raises(ringbuf.BufferTimeoutError, match="closed"):
        Reader.open_wait(name, 0)
    opened = []
    thread = threading.Thread(target=lambda: opened.append(Reader.open_wait(name)))
    thread.start()
    with Writer.resume(name):
        thread.join()
        with opened[0] as reader:
            assert reader.pop_many(5)[:, 0].tolist() == [0, 1, 2]
    ringbuf.unlink(name)


@pytest.mark.parametrize("what", ["open_wait", "reopen"])
def test_ctrl_c_gets_through(name, what):
    def handler(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with Writer(name, capacity=10) as writer, Reader(name) as reader:
            writer.close()
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(KeyboardInterrupt):
                if what == "open_wait":
                    Reader.open_wait(name)
                else:
                    reader.reopen()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- reopen ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lossless", [False, True])
def test_the_same_ring_resumed(name, lossless):
    with Writer(name, capacity=10, keep=True, lossless=lossless) as writer, Reader(name) as reader:
        writer.put(np.arange(6))
        window = reader.next(2)
        writer.close()
        assert reader.reopen(0) is False and reader.reopen(0.01) is False
        with Writer.resume(name) as resumed:
            assert reader.reopen() is True
            assert (reader.position, window[:, 0].tolist(), reader.validate()) == (2, [0, 1], True)
            resumed.put(np.arange(6, 8))
            assert reader.pop_many(10)[:, 0].tolist() == [2, 3, 4, 5, 6, 7]
            assert len(resumed.readers()) == 1
    ringbuf.unlink(name)


@pytest.mark.parametrize("lossless", [False, True])
def test_another_ring(name, lossless):
    with Writer(name, capacity=10, lossless=lossless) as writer, Reader(name) as reader:
        writer.put(np.arange(6))
        window = reader.next(4)
        writer.close()
        with pytest.raises(ringbuf.ClosedError):
            reader.next(4)
        with Writer(name, capacity=10, lossless=lossless) as other:
            other.put(np.arange(100, 105))
            assert reader.reopen() is True
            assert window[:, 0].tolist() == [0, 1, 2, 3], "its memory is the old ring's"
            assert (reader.position, reader.written, reader.info().state) == (0, 5, ringbuf.State.LIVE)
            assert reader.next(3)[:, 0].tolist() == [100, 101, 102] and reader.validate()
            assert reader.read(0, 5)[:, 0].tolist() == [100, 101, 102, 103, 104]
            assert reader.pop_many(9)[:, 0].tolist() == [103, 104]
            assert [one.holds_back for one in other.readers()] == [lossless]


def test_losses_go_on_counting(name):
    with Writer(name, capacity=10) as writer, Reader(name, after_overrun="oldest") as reader:
        for losing in 1, 2:
            writer.put(np.arange(15))
            with pytest.raises(ringbuf.OverwrittenError):
                reader.next(1)
            assert (reader.overruns, reader.lost) == (losing, 5 * losing)
            assert (reader.info().overruns, reader.info().lost) == (losing, 5 * losing)
            writer.close()
            writer = Writer(name, capacity=10)
            assert reader.reopen()
        writer.close()


def test_another_shape(name):
    with Writer(name, capacity=10, channels=2) as writer, Reader(name) as reader:
        writer.put(np.ones((3, 2)))
        window = reader.view(0, 3)
        writer.close()
        with Writer(name, capacity=20, channels=3, dtype="int16") as other:
            other.put(np.full((2, 3), 5, "int16"))
            with pytest.raises(ringbuf.IncompatibleError, match="data_type"):
                reader.reopen()
            assert other.readers() == []
            assert (reader.channels, reader.dtype, len(reader.pop_many(9))) == (2, np.float32, 3)
            assert reader.reopen(any_shape=True)
            assert (reader.channels, reader.capacity, reader.dtype) == (3, 20, np.int16)
            assert reader.pop().tolist() == [5, 5, 5]
            assert window.tolist() == [[1, 1]] * 3


@pytest.mark.parametrize("end", ["again", "close"])
def test_a_ring_that_cannot_be_mapped(name, monkeypatch, end):
    def refuse(*_):
        raise ringbuf.NoMemoryError(21, "none for the test")

    with Writer(name, capacity=10, lossless=True) as writer, Reader(name) as reader:
        writer.put(np.arange(6))
        window = reader.next(4)
        writer.close()
        with Writer(name, capacity=20, lossless=True) as other:
            other.put(np.arange(100, 105))
            with monkeypatch.context() as patch:
                patch.setattr("ringbuf._memory.duplicate", refuse)
                for _ in range(2):
                    with pytest.raises(ringbuf.NoMemoryError, match="for the test"):
                        reader.reopen(any_shape=True)
                    assert reader.closed and window[:, 0].tolist() == [0, 1, 2, 3]
                    assert len(other.readers()) == 1, "its place"
            for use in (lambda: reader.next(1), reader.pop, lambda: reader.read(0, 1), reader.interrupt):
                with pytest.raises(ringbuf.NotInitializedError):
                    use()
            if end == "again":
                assert reader.reopen(any_shape=True)
                assert (reader.capacity, reader.pop_many(9)[:, 0].tolist()) == (20, [100, 101, 102, 103, 104])
            else:
                reader.close()
                with pytest.raises(ringbuf.NotInitializedError):
                    reader.reopen()
            assert len(other.readers()) == (1 if end == "again" else 0)


def test_who_may_not(name):
    with Writer(name, capacity=10) as writer, Reader(fd=writer.memory_fd()) as reader:
        with pytest.raises(ringbuf.UnsupportedError):
            reader.reopen()
    with pytest.raises(ringbuf.NotInitializedError):
        reader.reopen()


@pytest.mark.parametrize("how", ["interrupt", "close"])
def test_another_thread_ends_it(name, how):
    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        writer.close()
        thread = threading.Timer(0.02, getattr(reader, how))
        thread.start()
        with pytest.raises(ringbuf.WaitInterruptedError if how == "interrupt" else ringbuf.NotInitializedError):
            reader.reopen()
        thread.join()


def test_a_forked_child_opens_a_handle_of_its_own(name):
    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        writer.put(np.arange(3))
        pid = os.fork()
        if pid == 0:
            good = reader.reopen(0) and reader.pop_many(5)[:, 0].tolist() == [0, 1, 2]
            os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert len(reader.pop_many(5)) == 3


def test_a_writer_that_crashes_and_starts_again(name):
    code = """
import os, sys, ringbuf
writer = ringbuf.Writer(sys.argv[1], capacity=10, dtype="int32")
writer.push([int(sys.argv[2])])
os.kill(os.getpid(), 9)
"""
    assert interpret(code, name, "0").returncode == -9
    with Reader(name) as reader:
        for number in range(4):
            assert reader.pop().tolist() == [number]
            with pytest.raises(ringbuf.ClosedError if number else ringbuf.StaleError):
                reader.next(1)
            with Writer(name, capacity=10, dtype="int32") as writer:
                assert reader.reopen()
                writer.push([number + 1])
