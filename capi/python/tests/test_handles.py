"""What an object that is open takes of the system, and what it is not."""

import asyncio
import ctypes
import gc
import os
import select
import selectors

import pytest

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
