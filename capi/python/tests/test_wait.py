"""Waiting: lets other threads run, ends with Ctrl-C, and learns of the writer's end."""

import signal
import subprocess
import sys
import threading

import pytest
from conftest import environment

import ringbuf
from ringbuf import Reader, Writer

np = pytest.importorskip("numpy")


@pytest.fixture(params=["wait", "next", "windows", "pop", "pop_many", "RingBuffer"])
def waiting(request):
    """Waits for sample 0 of a ring by its name, in one of the ways that there are; returns what came of it."""

    def wait(name, timeout=None):
        if request.param == "RingBuffer":
            with ringbuf.RingBuffer.open(name) as buffer:
                return buffer.wait(1, timeout)
        with Reader(name) as reader:
            if request.param == "windows":
                return len(next(reader.windows(1, timeout=timeout)))
            argument = {"wait": [1], "next": [1], "pop": [], "pop_many": [1]}[request.param]
            got = getattr(reader, request.param)(*argument, timeout=timeout)
            return got is not None and len(got) if request.param != "wait" else got

    wait.how = request.param
    return wait


def in_a_thread(call):
    """Runs it beside us; a later call gives what it has returned or raised."""
    results = []

    def run():
        try:
            results.append(call())
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def result():
        thread.join()
        return results[0]

    return result


def wait_until_asleep(writer):
    """Until somebody has announced that it waits for samples: the word at the table's begin is not 'nobody'."""
    raw = writer._memory._buffer
    offset = int.from_bytes(raw[96:104], "little")
    while int.from_bytes(raw[offset : offset + 8], "little") == 2**64 - 1:
        pass


def test_other_threads_run_meanwhile(name, waiting):
    with Writer(name, capacity=10) as writer:
        result = in_a_thread(lambda: waiting(name))
        wait_until_asleep(writer)  # we run although it waits in the library
        writer.put([1])
        assert result() == 1


def test_the_end_of_the_stream(name, waiting):
    with Writer(name, capacity=10) as writer:
        result = in_a_thread(lambda: waiting(name))
        wait_until_asleep(writer)
        writer.close()
        error = result()
        assert isinstance(error, StopIteration if waiting.how == "windows" else ringbuf.ClosedError)


def test_the_time_passes(name, waiting):
    with Writer(name, capacity=10):
        for timeout in 0, 0.01, 0.25:  # the last one takes several slices
            if waiting.how in ("next", "windows"):
                with pytest.raises(TimeoutError):
                    waiting(name, timeout)
            else:
                assert not waiting(name, timeout)


def test_what_is_there_is_not_waited_for(name, waiting):
    with Writer(name, capacity=10) as writer:
        writer.put([1])
        for timeout in 0, 0.0, 5, None:
            assert waiting(name, timeout) == 1


def test_the_writer_dies(name, waiting):
    code = """
import sys, ringbuf
writer = ringbuf.Writer(sys.argv[1], capacity=10)
print("ready", flush=True)
sys.stdin.readline()
"""
    child = subprocess.Popen([sys.executable, "-c", code, name], env=environment(), stdin=-1, stdout=-1, text=True)
    assert child.stdout.readline() == "ready\n"
    with Reader(name) as watcher:
        result = in_a_thread(lambda: waiting(name))
        wait_until_asleep(watcher)
        child.kill()
        child.communicate()
        assert isinstance(result(), ringbuf.StaleError)
        assert watcher.info().state == ringbuf.State.DEAD
    ringbuf.unlink(name)


@pytest.mark.parametrize("how", ["reader.wait(1)", "reader.next(1)", "reader.pop(None)", "writer.wait_space(5)"])
def test_ctrl_c_gets_through(name, how):
    code = f"""
import sys, ringbuf, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # which whoever runs the tests may ignore
name = sys.argv[1]
writer = ringbuf.Writer(name, capacity=5, lossless=True)
reader = ringbuf.Reader(name)
if "space" in {how!r}:
    writer.put(bytes(20))
try:
    print("ready", flush=True)
    {how}
except KeyboardInterrupt:
    print("interrupted")
"""
    child = subprocess.Popen([sys.executable, "-c", code, name], env=environment(), stdout=-1, text=True)
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGINT)  # at the latest when the wait looks
    out, _ = child.communicate()
    assert (child.returncode, out) == (0, "interrupted\n")


def test_room_on_a_lossless_ring(name):
    with Writer(name, capacity=10, lossless=True) as writer, Reader(name) as reader:
        writer.put(np.zeros(10))
        for wait in lambda: writer.wait_space(4), lambda: writer.put(np.zeros(4), timeout=None) or True:
            result = in_a_thread(wait)
            space_at = writer._memory._buffer[256 + 72 : 256 + 80]
            while bytes(space_at) == b"\xff" * 8:
                pass
            assert len(reader.pop_many(4)) == 4
            assert result() is True
            if writer.space() == 4:
                writer.put(np.zeros(4))
        assert writer.space() == 0


def test_closed_by_another_thread(name):
    with Writer(name, capacity=10) as writer:
        reader = Reader(name)
        result = in_a_thread(lambda: reader.wait(1))
        wait_until_asleep(writer)
        reader.close()
        assert isinstance(result(), ringbuf.NotInitializedError)
        assert reader.closed


WAITS = {
    "wait": lambda w, r: r.wait(5),
    "next": lambda w, r: r.next(5),
    "windows": lambda w, r: next(r.windows(5)),
    "pop": lambda w, r: r.pop(None),
    "pop_many": lambda w, r: r.pop_many(5, None),
}


@pytest.mark.parametrize("how", list(WAITS))
@pytest.mark.parametrize("lossless", [True, False])
def test_interrupted_by_another_thread(name, how, lossless, direct, monkeypatch):
    monkeypatch.setattr(ringbuf._handle, "SLICE_S", 3600)  # so that nothing else ends the call
    with Writer(name, capacity=10, lossless=lossless) as writer, Reader(name) as reader:
        for _ in range(3):
            result = in_a_thread(lambda: WAITS[how](writer, reader))
            wait_until_asleep(writer)
            reader.interrupt()
            error = result()
            assert isinstance(error, ringbuf.WaitInterruptedError) and isinstance(error, InterruptedError)
            assert error.code == 27 and (reader.position, reader.lost) == (0, 0)
        writer.put(np.arange(5))
        reader.interrupt()
        WAITS[how](writer, reader)  # what is there comes first


@pytest.mark.parametrize("how", list(WAITS))
def test_closed_while_it_waits(name, how, direct, monkeypatch):
    monkeypatch.setattr(ringbuf._handle, "SLICE_S", 3600)
    with Writer(name, capacity=10) as writer:
        reader = Reader(name)
        result = in_a_thread(lambda: WAITS[how](writer, reader))
        wait_until_asleep(writer)
        reader.close()
        assert isinstance(result(), ringbuf.NotInitializedError) and reader.closed


def test_a_writer_that_waits_for_room_is_interrupted(name, monkeypatch):
    monkeypatch.setattr(ringbuf._handle, "SLICE_S", 3600)
    with Writer(name, capacity=10, lossless=True) as writer, Reader(name):
        writer.put(np.zeros(10))
        for wait in lambda: writer.wait_space(4), lambda: writer.put(np.zeros(4), timeout=None):
            result = in_a_thread(wait)
            writer.interrupt()  # the wait under way, or the next one
            assert isinstance(result(), ringbuf.WaitInterruptedError)
            assert writer.written == 10
        result = in_a_thread(lambda: writer.wait_space(4))
        writer.close()
        assert isinstance(result(), ringbuf.NotInitializedError)


def test_a_closed_one_is_not_interrupted(name):
    writer = Writer(name, capacity=10)
    writer.close()
    with pytest.raises(ringbuf.NotInitializedError):
        writer.interrupt()


def test_a_buffer_that_nobody_has_written_to_yet():
    with ringbuf.RingBuffer() as buffer, ringbuf.RingBuffer() as other:
        buffer.initialize(1, 10)
        other.initialize_from_raw(buffer.raw)
        assert other.wait(1, 0) is False and other.wait(1, 0.02) is False
        result = in_a_thread(lambda: other.wait(1))
        buffer.put_data(np.zeros(1))
        assert result() is True
        with pytest.raises(ringbuf.BufferError) as caught:
            other.wait(-1)
        assert caught.value.code == 5
        buffer.close()
        with pytest.raises(ringbuf.ClosedError):
            other.wait(2)


def test_a_first_put_right_after_the_answer_that_there_is_no_writer(monkeypatch):
    with ringbuf.RingBuffer() as buffer, ringbuf.RingBuffer() as other:
        buffer.initialize(1, 10)
        other.initialize_from_raw(buffer.raw)
        wait = Reader.wait

        def wait_and_put(reader, end, timeout=None):
            try:
                return wait(reader, end, timeout)
            finally:
                if not buffer.nSamplesWritten:
                    buffer.put_data(np.zeros(1))

        with monkeypatch.context() as patched:
            patched.setattr(Reader, "wait", wait_and_put)
            assert other.wait(1) is True
        buffer.close()
        with pytest.raises(ringbuf.ClosedError):
            other.wait(2)
