"""What an object that is open takes of the system, and what it is not."""

import asyncio
import ctypes
import gc
import os
import select
import selectors

import pytest
from conftest import interpret, run

import ringbuf
from ringbuf import Reader, SharedCircularBuffer, Writer, _mapping


def descriptors():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not _mapping._libc, reason="only where mappings are made from mappings")
def test_one_descriptor_for_each(name):
    before = descriptors()
    with Writer(name, capacity=10) as writer:
        assert descriptors() == before + 1
        with Reader(name) as reader, Reader(name, observer=True):
            assert descriptors() == before + 3
            writer.put(bytes(4 * 5))
            window = reader.view(0, 5)
        assert descriptors() == before + 1
        assert bytes(window) == bytes(20)  # still there
    assert descriptors() == before


@pytest.mark.skipif(not _mapping._libc, reason="only where mappings are made from mappings")
def test_other_threads_run_while_it_is_mapped():
    assert not isinstance(_mapping._libc, ctypes.PyDLL)  # which would keep the interpreter's lock


@pytest.mark.parametrize("cls", [Reader, Writer])
def test_event_loops_are_not_lured(name, cls):
    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        ring = {Writer: writer, Reader: reader}[cls]
        assert not hasattr(ring, "fileno")
        with pytest.raises(TypeError):
            select.select([ring], [], [], 0)
        with pytest.raises(TypeError):
            select.poll().register(ring, select.POLLIN)
        with pytest.raises(ValueError):
            selectors.SelectSelector().register(ring, selectors.EVENT_READ)

        async def add():
            asyncio.get_running_loop().add_reader(ring, print)

        with pytest.raises(ValueError):
            asyncio.run(add())
        with Reader(fd=ring.memory_fd()) as other:
            assert other.capacity == 10


def test_no_class_has_a_fileno(name):
    for thing in vars(ringbuf).values():
        if isinstance(thing, type) and not issubclass(thing, OSError):
            assert not hasattr(thing, "fileno")


def test_a_closed_one_says_so(name):
    with Writer(name, capacity=10) as writer:
        reader = Reader(name)
        writer.put(bytes(4 * 5))
    reader.close()
    for call in (
        lambda: reader.view(0, 1),
        lambda: reader.read(0, 1),
        lambda: reader.next(1),
        lambda: reader.memory_fd(),
        lambda: reader.info(),
        lambda: reader.position,
        lambda: reader.pop(),
    ):
        with pytest.raises(ringbuf.NotInitializedError):
            call()


def test_memory_of_the_callers_is_let_go_of(name):
    memory = bytearray(1 << 16)
    with Writer.create_raw(memory, capacity=10), Reader(raw=memory):
        with pytest.raises(BufferError):
            memory.append(0)
    gc.collect()
    memory.append(0)


def test_a_buffer_lets_go_of_its_descriptors(name):
    before = descriptors()
    with SharedCircularBuffer(name, create=True) as writer, SharedCircularBuffer(name) as reader:
        writer.push(1)
        assert reader.popitem() == 1
    assert descriptors() == before


def test_where_mappings_are_not_made_from_mappings(name, monkeypatch):
    monkeypatch.setattr(_mapping, "_libc", None)
    before = descriptors()
    with Writer(name, capacity=10) as writer, Reader(name) as reader, Reader(name, observer=True):
        writer.put(bytes(20))
        with writer.reserve(2) as block:
            block[:] = 5
        assert bytes(reader.view(4, 6)) == bytes(4) + bytes(writer.view(5, 6))
    del block, writer  # which keep the mapping, and that has a descriptor there
    assert descriptors() == before


def test_no_room_for_a_second_mapping():
    """Each limit is an error of ours, and leaves nothing."""
    code = """
import os, resource, sys, ringbuf
writer = ringbuf.Writer(None, capacity=64 << 20, dtype="uint8")
fd = writer.memory_fd()
before = len(os.listdir("/proc/self/fd"))
seen = set()
for extra in range(0, 1000, 8):
    used = int(open("/proc/self/statm").read().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (used + (extra << 20), -1))
    try:
        ringbuf.Reader(fd=fd).close()
        seen.add("opened")
    except ringbuf.NoMemoryError:
        seen.add("no memory")
    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    assert len(os.listdir("/proc/self/fd")) == before
    if "opened" in seen:
        break
print(sorted(seen))
"""
    assert run(code) == "['no memory', 'opened']\n"


OPEN_AND_CLOSE = """
import sys, threading
from ringbuf import Reader, Writer

def work():
    for _ in range(50):
        Reader(sys.argv[1]).close()

sys.setswitchinterval(1e-6)
with Writer(sys.argv[1], capacity=16, max_readers=16, lossless=True) as writer:
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(writer.info().readers)
"""


def test_threads_open_while_others_close(name):
    """In a process of its own: a weak reference that went while its callback ran has crashed the interpreter."""
    done = interpret(OPEN_AND_CLOSE, name)
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr


IN_A_CYCLE = """
import gc, sys
import numpy as np
from ringbuf import Reader, Writer

class Last:
    def __del__(self):
        seen.append((self.reader.position, self.reader.read(0, 3)[:, 0].tolist()))

for _ in range(100):
    seen = []
    writer = Writer(sys.argv[1], capacity=10, window=4)
    writer.put(np.arange(10))
    last = Last()
    last.reader = Reader(sys.argv[1])
    last.reader.pop()
    writer.cycle = last.cycle = [writer, last, writer.edit(0, 2)]
    del writer, last
    gc.collect()
    assert seen == [(1, [0, 1, 2])], seen
    others = [Writer(None, capacity=10) for _ in range(3)]
print("all of them")
"""


def test_a_ring_is_closed_after_the_last_use_in_a_cycle(name):
    """In a process of its own: use after the close has corrupted the heap."""
    done = interpret(IN_A_CYCLE, name)
    assert (done.returncode, done.stdout) == (0, "all of them\n"), done.stderr
