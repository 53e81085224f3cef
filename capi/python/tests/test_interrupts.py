"""A signal handler runs between any two instructions of the interpreter: it may raise an exception there, or close the
object that is being used. Here both happen at every instruction of the package, one after the other."""

import gc
import os
import pickle
import subprocess
import sys

import pytest
from conftest import environment

import ringbuf
from ringbuf import Reader, RingBuffer, SharedCircularBuffer, Writer

np = pytest.importorskip("numpy")
# What is said of an interrupt in a destructor.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PACKAGE = os.path.dirname(ringbuf.__file__)


class Interrupt(Exception):
    """What the handler raises."""


class At:
    """Does something before the n-th instruction that the package executes."""

    def __init__(self, number, action):
        self.left = number
        self.action = action

    def __enter__(self):
        sys.settrace(self.trace)

    def __exit__(self, *_):
        sys.settrace(None)

    def trace(self, frame, event, arg):
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self.instructions

    def instructions(self, frame, event, arg):
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                self.action()
        return self.instructions


def interrupt():
    raise Interrupt


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def writer(name):
    return Writer(name, capacity=10, window=2, lossless=True, metadata={"unit": "V"})


def anonymous(name):
    return Writer(None, capacity=10)


def numbers(name):
    return SharedCircularBuffer(name, create=True, length=5)


def samples(name):
    return RingBuffer.create(name, 1, 10)


def raw(name):
    buffer = RingBuffer()
    buffer.initialize(1, 10)
    return buffer


MAKERS = [writer, anonymous, numbers, samples, raw]


def end(thing):
    (thing.cleanup if hasattr(thing, "cleanup") else thing.close)()


def every_instruction(call, action=interrupt, prepare=lambda: None):
    """Prepares and calls it with an interrupt at the first instruction, at the second ... until it is through before that
    comes; gives the number each time, after the call."""
    number = 0
    at = None
    while at is None or at.left <= 0:
        number += 1
        at = At(number, action)
        prepare()
        try:
            with at:
                call()
        except Interrupt:
            pass
        yield number
    assert number > 1


@pytest.mark.parametrize("make", MAKERS)
def test_an_interrupted_constructor_leaves_nothing(name, make):
    made = []

    def call():
        made.append(make(name))

    gc.collect()
    before = descriptors()
    kept = 0
    for number in every_instruction(call):
        while made:
            end(made.pop())
        # These live whether anybody has them or not, from the last but a few instructions on.
        for buffer in [buffer for buffer in ringbuf.buffer._writing if buffer.name == name]:
            buffer.cleanup()
            kept += 1
            assert kept <= 5
        if descriptors() != before or name in os.listdir("/dev/shm"):
            gc.collect()  # a traceback may be part of a cycle
        assert (descriptors(), name in os.listdir("/dev/shm")) == (before, False), number


USES = {
    "put": lambda w, r: w.put(np.zeros(3)),
    "push": lambda w, r: w.push([1]),
    "large put": lambda w, r: w.put(np.zeros(6)),
    "wait_space": lambda w, r: w.wait_space(1, 0.001),
    "metadata": lambda w, r: w.metadata,
    "info": lambda w, r: w.info(),
    "wait": lambda w, r: r.wait(5, 0.001),
    "next": lambda w, r: r.next(3, timeout=0),
    "windows": lambda w, r: next(r.windows(3, timeout=0)),
    "pop": lambda w, r: r.pop(),
    "pop_many": lambda w, r: r.pop_many(3),
    "read": lambda w, r: r.read(0, 3),
    "seek": lambda w, r: r.seek(2),
    "pickle": lambda w, r: pickle.loads(pickle.dumps(r)).close(),
    "reader": lambda w, r: Reader(r.name).close(),
    "reader in a block": lambda w, r: [None for _ in range(1) if Reader(r.name).__enter__().__exit__(None, None, None)],
    "close": lambda w, r: (r.close(), w.close()),
}


@pytest.mark.parametrize("use", list(USES))
@pytest.mark.parametrize("lossless", [True, False])
def test_an_interrupted_call_leaves_what_can_be_closed(name, use, lossless):
    def make():
        w = Writer(name, capacity=10, lossless=lossless)
        w.put(np.arange(4))
        pair.extend([w, Reader(name)])

    pair = []
    gc.collect()
    before = descriptors()
    for number in every_instruction(lambda: USES[use](*pair), prepare=make):
        for thing in pair:
            thing.close()
            assert thing.closed, number
        pair.clear()
        if descriptors() != before:
            gc.collect()
        assert (descriptors(), name in os.listdir("/dev/shm")) == (before, False), number


@pytest.mark.parametrize("use", list(USES))
def test_closed_in_the_middle_of_a_call(name, use):
    """As by a handler of SIGINT that ends the program in good order."""
    pair = []
    gc.collect()
    before = descriptors()

    def make():
        w = Writer(name, capacity=10)
        w.put(np.arange(4))
        pair.extend([w, Reader(name)])

    def close():
        for thing in pair:
            thing.close()

    def call():
        try:
            USES[use](*pair)
        except (ringbuf.BufferError, StopIteration):
            pass

    for number in every_instruction(call, close, make):
        close()
        pair.clear()
        if descriptors() != before:
            gc.collect()
        assert (descriptors(), name in os.listdir("/dev/shm")) == (before, False), number


def in_a_block(name):
    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        writer.put(np.zeros(3))
        reader.pop()


def in_a_block_of_numbers(name):
    with SharedCircularBuffer(name, create=True, length=9) as writer, SharedCircularBuffer(name) as reader:
        for item in range(3):
            writer.push(item)
        reader.popitem()
        reader.popmany(5)
        pickle.loads(pickle.dumps(reader)).cleanup()


def in_a_block_of_samples(name):
    with RingBuffer.create(name, 1, 10, 2) as buffer:
        buffer.put_data(np.zeros(3))
        buffer.get_data(0, 2)
        buffer.get_data(0, 1, False)[0, 0] = 5
        buffer.wait(3, 0.001)
        pickle.loads(pickle.dumps(buffer)).close()


@pytest.mark.parametrize("block", [in_a_block, in_a_block_of_numbers, in_a_block_of_samples])
def test_an_interrupted_block_leaves_nothing(name, block):
    gc.collect()
    before = descriptors()
    for number in every_instruction(lambda: block(name)):
        for buffer in [buffer for buffer in ringbuf.buffer._writing if buffer.name == name]:
            buffer.cleanup()
        if descriptors() != before or name in os.listdir("/dev/shm"):
            gc.collect()
        assert (descriptors(), name in os.listdir("/dev/shm")) == (before, False), number


def test_ctrl_c_twice(name):
    """The second one comes while the handler of the first one is closing."""
    code = """
import os, signal, sys, threading, ringbuf
writer = ringbuf.Writer(sys.argv[1], capacity=256 << 20, dtype="uint8")
closing = threading.Event()
closed = []
def handler(*_):
    closing.set()
    writer.close()
    closed.append(writer.closed)
signal.signal(signal.SIGINT, handler)
def impatient():
    os.kill(os.getpid(), signal.SIGINT)
    closing.wait()
    os.kill(os.getpid(), signal.SIGINT)
thread = threading.Thread(target=impatient)
thread.start()
thread.join()
while len(closed) < 2:
    pass
print(closed, os.path.exists("/dev/shm/" + sys.argv[1]))
"""
    command = [sys.executable, "-X", "faulthandler", "-c", code, name]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[True, True] False\n", "")
