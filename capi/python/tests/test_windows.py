"""What the package does on Windows alone, where it stands on no call of another system: views of sections, and handles.

`fake_windows` stands in for the calls of Windows.
"""

import ctypes
import gc
import importlib
import os
import pickle
import subprocess
import sys
import time
import types

import fake_windows
import pytest
from conftest import HERE, environment

import ringbuf
from ringbuf import Reader, RingBuffer, Writer, _descriptors, _handover, _sections

np = pytest.importorskip("numpy")
PATIENCE = 30  # seconds that a test which fails takes


@pytest.fixture
def kernel32(monkeypatch):
    kernel32 = fake_windows.install(lambda *where: monkeypatch.setattr(*where, raising=False))
    yield kernel32
    fake_windows.nothing_mapped(kernel32)


# --- Views -----------------------------------------------------------------------------------------------------------


def test_each_object_has_a_view_as_long_as_it_is_open(kernel32, name):
    with Writer(name, capacity=100, window=10) as writer:
        assert len(kernel32.views) == 1
        with Reader(name) as reader:
            assert len(kernel32.views) == 2
            assert {size for size, _ in kernel32.views.values()} == {writer.info().total_bytes}
            writer.put(np.arange(50))
            assert reader.next(50)[:, 0].tolist() == list(range(50))
        assert len(kernel32.views) == 1
    assert not kernel32.views


def test_a_window_outlives_its_ring(kernel32, name):
    with Writer(name, capacity=100) as writer, Reader(name) as reader:
        writer.put(np.arange(50))
        window = reader.next(50)
        part = memoryview(window[40:])
        del window
    del reader, writer
    gc.collect()
    assert len(kernel32.views) == 1
    assert np.asarray(part)[:, 0].tolist() == list(range(40, 50))
    del part
    gc.collect()
    assert not kernel32.views


@pytest.mark.parametrize("array", [True, False])
def test_a_window_in_a_cycle_is_memory_until_the_end(kernel32, name, array):
    """The collector calls weak references back, then __del__, then it breaks the cycle. It knows memoryviews, but no arrays."""
    seen = []

    class Holder:
        def __del__(self):
            seen.append((len(kernel32.views), bytes(self.window) if kernel32.views else b""))

    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        writer.put(np.arange(3))
        holder = Holder()
        holder.me = holder
        holder.window = reader.next(3) if array else reader._memory.bytes_at(0, 12)
    del reader, writer
    gc.collect()
    del holder
    gc.collect()
    assert seen == [(1, np.arange(3, dtype="float32").tobytes())] and not kernel32.views


def test_a_writer_in_a_cycle_ends_its_edits(kernel32, name):
    """The last sync writes to the view when the collector finds a writer that was not closed."""
    with Writer(name, capacity=10, window=4, keep=True) as writer:
        writer.put(np.arange(10))
    writer = Writer.resume(name)
    writer.me = [writer, writer.edit(0, 2)]
    writer.me[1][:] = 7
    del writer
    gc.collect()
    with Reader(name) as reader:
        assert reader._samples[10:12, 0].tolist() == [7, 7]
    ringbuf.unlink(name)


def test_a_handle_with_the_right_to_read_alone(kernel32):
    with Writer(None, capacity=10) as writer:
        writer.put(np.arange(5))
        kernel32.readonly = True
        with Reader(fd=writer.memory_fd()) as reader:
            assert reader.view(0, 5)[:, 0].tolist() == list(range(5))
            accesses = sorted(access for _, access in kernel32.views.values())
            assert accesses == [fake_windows.READ, fake_windows.READ | fake_windows.WRITE]


@pytest.mark.parametrize(
    "number, kind, text",
    [
        (8, ringbuf.NoMemoryError, "Not enough memory resources are available to process this command"),
        (5, ringbuf.NotPermittedError, "Access is denied"),
        (1455, ringbuf.NoSpaceError, "Something else"),
        (6, ringbuf.SystemCallError, "The handle is invalid"),
    ],
)
def test_a_view_that_is_refused(kernel32, number, kind, text):
    with Writer(None, capacity=1000) as writer:
        size = writer.info().total_bytes
        kernel32.refuse = number
        with pytest.raises(kind) as error:
            Reader(fd=writer.memory_fd())
        assert error.value.detail == f"MapViewOfFile of {size} bytes: error {number} ({text})"
        assert writer.info().readers == 0
        kernel32.refuse = 0
        with Reader(fd=writer.memory_fd()):
            pass


def test_the_raw_array_of_a_buffer(kernel32):
    with RingBuffer() as buffer:
        buffer.initialize(1, 100)
        buffer.put_data(np.arange(50))
        raw = buffer.raw
    with RingBuffer() as other:
        other.initialize_from_raw(raw)
        assert other.get_data(40, 50)[:, 0].tolist() == list(range(40, 50))
    assert len(kernel32.views) == 1
    del raw
    del other, buffer


def test_windows_are_known_as_those_of_a_ring(kernel32, name):
    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        writer.put(np.arange(3))
        from ringbuf._memory import ring_of

        assert ring_of(reader.view(0, 3)) == writer._incarnation
        assert ring_of(np.zeros(3)) == 0
        assert isinstance(reader.view(0, 3).base.base.obj, _sections.View)


AT_EXIT = """
import fake_windows, os, ringbuf, sys
fake_windows.install(setattr)
writer = ringbuf.Writer(None, capacity=10)
writer.put(bytes(40))
class Late:
    window = writer.view(0, 10)
    def __del__(self, write=os.write, bytes=bytes):
        write(1, b"whole" if bytes(self.window) == bytes(40) else b"other")
sys.late = Late()
"""


def test_arrays_that_outlive_what_is_done_at_exit():
    command = [sys.executable, "-c", AT_EXIT]
    variables = environment()
    variables["PYTHONPATH"] += os.pathsep + str(HERE)
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "whole", "")


@pytest.mark.parametrize(
    "tests", ["reader", "writer", "ring_buffer", "edit", "gaps", "messages", "new_calls", "opening", "shared_circular_buffer"]
)
def test_all_else_with_views(tests):
    """The tests of the other files; conftest.py looks after each that nothing is left mapped."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / f"test_{tests}.py")]
    done = subprocess.run(command, env=environment(RINGBUF_TEST_VIEWS="1"), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_readers_that_go_to_processes(name):
    """What is run with the Python of Windows, too; here without anything that stands in for it."""
    command = [sys.executable, "-B", str(HERE / "spawned.py"), name]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "all of it\n"), done.stderr


# --- Handles ---------------------------------------------------------------------------------------------------------


class WinApi:
    """_winapi, msvcrt and multiprocessing.reduction, whose handles are descriptors of this process plus 1000: a handle that
    is taken for a descriptor, or the other way round, is none."""

    DUPLICATE_SAME_ACCESS = 2

    def __init__(self):
        self.open = set()

    def handle(self, fd):
        self.open.add(fd + 1000)
        return fd + 1000

    def GetCurrentProcess(self):  # noqa: N802 - its name
        return -1

    def DuplicateHandle(self, source, handle, target, access, inherits, options):  # noqa: N802 - its name
        assert (source, target, access, inherits, options) == (-1, -1, 0, False, self.DUPLICATE_SAME_ACCESS)
        return self.handle(os.dup(handle - 1000))

    def CloseHandle(self, handle):  # noqa: N802 - its name
        self.open.remove(handle)
        os.close(handle - 1000)

    def get_osfhandle(self, fd):
        return fd + 1000

    def open_osfhandle(self, handle, flags):
        assert flags == os.O_WRONLY
        self.open.remove(handle)
        return handle - 1000

    def steal_handle(self, process, handle):
        assert process == os.getpid() + 1
        self.open.remove(handle)
        return self.handle(handle - 1000)


@pytest.fixture
def winapi(monkeypatch):
    winapi = WinApi()
    monkeypatch.setattr(_descriptors, "ARE_HANDLES", True)
    monkeypatch.setattr(_descriptors, "_module", lambda name: winapi)
    yield winapi
    assert not winapi.open


def elsewhere(sent, monkeypatch):
    """What arrives in another process."""
    sent = pickle.loads(pickle.dumps(sent))
    pid = os.getpid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: pid - 1)
        return sent.detach()


def test_a_handle_is_fetched_from_the_sender(winapi, monkeypatch):
    here, there = os.pipe()
    sent = _descriptors.sent(_descriptors.of_file(there))
    os.close(there)
    arrived = _descriptors.as_file(elsewhere(sent, monkeypatch))
    os.write(arrived, b"it")
    os.close(arrived)
    assert (os.read(here, 10), os.read(here, 10)) == (b"it", b"")
    os.close(here)


def test_a_handle_that_comes_back_to_its_sender(winapi):
    here, there = os.pipe()
    sent = pickle.loads(pickle.dumps(_descriptors.sent(there + 1000)))
    os.close(there)
    _descriptors.close(sent.detach())
    assert os.read(here, 1) == b""
    os.close(here)


def test_a_handle_is_given_to_the_process_that_is_being_started(winapi, monkeypatch):
    given = []
    popen = types.SimpleNamespace(duplicate_for_child=lambda handle: given.append(handle) or 4711)
    context = importlib.import_module("multiprocessing.context")
    monkeypatch.setattr(context, "get_spawning_popen", lambda: popen)
    sent = pickle.loads(pickle.dumps(_descriptors.sent(1003)))
    assert given == [1003] and sent.detach() == 4711


def closed_later(handle):
    """Whether the handle is closed, by the thread that waits for the receiver."""
    end = time.monotonic() + PATIENCE
    while handle.pointer is not None and time.monotonic() < end:
        time.sleep(0.001)
    return handle.pointer is None


@pytest.mark.parametrize("arrives", [True, False])
def test_the_sender_is_told_that_the_receiver_has_a_slot(winapi, monkeypatch, name, arrives):
    with Writer(name, capacity=10, lossless=True) as writer, Reader(name) as reader:
        writer.put(np.arange(3))
        slot = reader._give_away()
        told = _handover.received(pickle.loads(pickle.dumps(_handover.promise(slot))))
        assert slot.pointer is not None and writer.info().readers == 1
        if arrives:
            _handover.fulfil(told)
        else:
            os.close(told)  # as the system does when the receiver ends
        assert closed_later(slot)
        assert writer.info().readers == 0


def test_a_sender_that_has_gone(winapi, monkeypatch):
    class Gone:
        def detach(self):
            raise OSError("[WinError 87] The parameter is incorrect")

    assert _handover.received(Gone()) is None


def test_the_modules_that_handles_come_from():
    """Names that exist on Windows alone are asked for there alone."""
    assert _descriptors.ARE_HANDLES == (sys.platform == "win32")
    assert _descriptors._module("multiprocessing.reduction") is importlib.import_module("multiprocessing.reduction")
