"""Readers that go to another process: where they arrive, and what happens to their place meanwhile."""

import copy
import functools
import multiprocessing
import os
import pickle
import tracemalloc
from multiprocessing import sharedctypes

import pytest

import ringbuf
from ringbuf import Reader, RingBuffer, SharedCircularBuffer, Writer

np = pytest.importorskip("numpy")
PATIENCE = 30  # seconds that a test which fails takes


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def context(request):
    return multiprocessing.get_context(request.param)


# --- Never in another ring -------------------------------------------------------------------------------------------


def test_a_reader_that_arrives_in_another_ring_says_so(name):
    with Writer(name, capacity=100) as writer:
        writer.put(np.arange(50))
        with Reader(name) as reader:
            reader.seek(40)
            sent = pickle.dumps(reader)
    with Writer(name, capacity=200, dtype="int32") as writer:
        writer.put(np.arange(60))
        with pytest.raises(ringbuf.StaleError, match="another ring"):
            pickle.loads(sent)
        assert writer.info().readers == 0
    with pytest.raises(ringbuf.NotFoundError):
        pickle.loads(sent)


@pytest.mark.parametrize("lossless", [True, False])
def test_a_reader_of_a_ring_that_goes_on(name, lossless):
    with Writer(name, capacity=100, keep=True, lossless=lossless) as writer:
        writer.put(np.arange(50))
        with Reader(name) as reader:
            reader.seek(40)
            sent = pickle.dumps(reader)
    with Writer.resume(name) as writer:
        with pickle.loads(sent) as arrived:
            assert (arrived.position, arrived.pop()[0]) == (40, 40)
    ringbuf.unlink(name)


def test_a_reader_of_memory_where_there_is_another_ring_by_now():
    memory = sharedctypes.RawArray("c", 1 << 16)
    with Writer.create_raw(memory, capacity=10) as writer, Reader(raw=memory) as reader:
        writer.put(np.arange(3))
        rebuilt, state, *_ = reader.__reduce__()
        rebuilt(*state).close()
    with Writer.create_raw(memory, capacity=10) as writer:
        writer.put(np.arange(3))
        with pytest.raises(ringbuf.StaleError):
            rebuilt(*state)


def test_a_buffer_of_that_name_by_now(name):
    with RingBuffer.create(name, 1, 10) as buffer:
        sent = pickle.dumps(buffer)
        pickle.loads(sent).close()
    with RingBuffer.create(name, 1, 10), pytest.raises(ringbuf.StaleError):
        pickle.loads(sent)


@pytest.mark.parametrize("length", [5, 100])
def test_a_circular_buffer_goes_over_to_the_next_of_the_name(name, length):
    with SharedCircularBuffer(name, create=True, item_size=2, length=100) as writer:
        reader = SharedCircularBuffer(name)
        for item in range(60):
            writer.push(item)
        assert len(reader.popmany(50)) == 50
        sent = pickle.dumps(reader)
        with pickle.loads(sent) as arrived:
            assert arrived.popitem() == 50
        reader.cleanup()
    with SharedCircularBuffer(name, create=True, item_size=2, length=length) as writer:
        writer.push(777)
        with pickle.loads(sent) as arrived:
            assert (arrived.popitem(), arrived.popitem(), arrived.length) == (777, None, length)


# --- At the position that it had -------------------------------------------------------------------------------------


def in_a_child(call):
    """What it gives in a forked child; the name of the exception that it raises."""
    here, there = multiprocessing.Pipe()
    pid = os.fork()
    if pid == 0:
        try:
            there.send(call())
        except Exception as error:
            there.send(type(error).__name__)
        finally:
            os._exit(0)
    there.close()
    os.waitpid(pid, 0)
    return here.recv()


@pytest.mark.parametrize("observer", [True, False])
@pytest.mark.parametrize("lossless", [True, False])
def test_ahead_of_all_samples(name, lossless, observer, direct):
    """A step longer than the window may lead there."""
    with Writer(name, capacity=1000, lossless=lossless) as writer:
        with Reader(name, observer=observer) as reader:
            writer.put(np.arange(100))
            reader.next(10, step=200)
            sent = pickle.dumps(reader)
            with pickle.loads(sent) as arrived:
                assert arrived.position == reader.position == 200
                assert in_a_child(lambda: reader.next(10, timeout=0)) == "BufferTimeoutError"
                with pytest.raises(ringbuf.BufferTimeoutError):
                    arrived.next(10, timeout=0)
                assert arrived.position == 200 and arrived.pop() is None
                writer.put(np.arange(100, 210))
                assert in_a_child(lambda: (reader.next(10)[0, 0], reader.start)) == (200, 200)
                for each in reader, arrived:
                    assert each.next(10)[0, 0] == 200 and each.position == 210


def refused(reader):
    """Calls that are refused."""
    yield lambda: reader.next(8, timeout=0)
    yield lambda: reader.next(0, timeout=0)
    yield lambda: reader.next(-1, timeout=0)
    yield lambda: reader.next(2**64, timeout=0)
    yield lambda: reader.next(1, step=-1, timeout=0)
    yield lambda: reader.next(1, step=2**48 + 1, timeout=0)
    yield lambda: reader.next(1, step=2**70, timeout=0)
    yield lambda: reader.next(1.0, timeout=0)
    yield lambda: next(reader.windows(8, timeout=0))
    yield lambda: reader.pop_many(1.0)
    yield lambda: reader.pop_many(None)
    yield lambda: reader.pop_many("1")
    yield lambda: reader.seek(-1)
    yield lambda: reader.seek(2**63)
    yield lambda: reader.seek(1.0)
    yield lambda: reader.view(3, 2)
    yield lambda: reader.read(0, 2**63)
    yield lambda: reader.next(1, timeout=0)  # not there yet


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("step", [0, 2, 13])
def test_a_refused_call_moves_nothing(name, lossless, step, direct):
    with Writer(name, capacity=7, lossless=lossless) as writer, Reader(name) as reader:
        writer.put(np.arange(5))
        for number in range(100):
            reader.seek(4)
            reader.next(1, step=step)
            before = reader.position, reader.start, reader.lost, reader.overruns, reader.usage
            calls = list(refused(reader))
            if number == len(calls) or (step == 0 and number == len(calls) - 1):
                break
            with pytest.raises((ringbuf.BufferError, TypeError)):
                calls[number]()
            assert (reader.position, reader.start, reader.lost, reader.overruns, reader.usage) == before, number
            assert pickle.loads(pickle.dumps(reader)).position == before[0]


def test_repeated_pickling_moves_nothing(name, direct):
    for lossless in True, False:
        with Writer(name, capacity=10, lossless=lossless) as writer:
            writer.put(np.arange(8))
            reader = Reader(name)
            reader.next(2, step=3)
            for _ in range(5):
                there = pickle.loads(pickle.dumps(reader))
                assert there.position == reader.position == 3
                reader.close()
                reader = there
            assert (reader.pop()[0], reader.lost, reader.overruns) == (3, 0, 0)
            reader.close()


def test_what_was_counted_goes_with_it(name, direct):
    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        writer.put(np.arange(15))
        reader.close()
        reader = Reader(name, start="oldest")
        reader.seek(reader.info().oldest)
        writer.put(np.arange(10))
        with pytest.raises(ringbuf.OverwrittenError):
            reader.pop()
        told = reader.overruns, reader.lost
        assert told[0] == 1
        with pickle.loads(pickle.dumps(reader)) as arrived:
            assert (arrived.overruns, arrived.lost) == told
        assert in_a_child(lambda: (reader.pop() is not None, reader.overruns, reader.lost)) == (True, *told)
        reader.close()


# --- The place of a reader of a lossless ring ------------------------------------------------------------------------


def consumes(reader, go_on, pipe):
    go_on.wait()
    got = []
    try:
        while len(got) < 20:
            item = reader.pop(timeout=None)
            got.append(int(item[0]))
    except ringbuf.BufferError as error:
        got.append(repr(error))
    pipe.send((got, reader.lost))


class Consumer:
    """Whose method a process runs."""

    def __init__(self, reader):
        self.reader = reader

    def consume(self, go_on, pipe):
        consumes(self.reader, go_on, pipe)


def target_of(how, reader, go_on, pipe):
    return {
        "argument": lambda: dict(target=consumes, args=(reader, go_on, pipe)),
        "keyword": lambda: dict(target=consumes, kwargs=dict(reader=reader, go_on=go_on, pipe=pipe)),
        "partial": lambda: dict(target=functools.partial(consumes, reader), args=(go_on, pipe)),
        "method": lambda: dict(target=Consumer(reader).consume, args=(go_on, pipe)),
        "attribute": lambda: dict(target=Consumer.consume, args=(Consumer(reader), go_on, pipe)),
        "nested": lambda: dict(target=consumes_nested, args=({"readers": [(0, reader)]}, go_on, pipe)),
        "closure": lambda: dict(target=lambda: consumes(reader, go_on, pipe)),
    }[how]()


def consumes_nested(things, go_on, pipe):
    consumes(things["readers"][0][1], go_on, pipe)


@pytest.mark.parametrize("how", ["argument", "keyword", "partial", "method", "attribute", "nested"])
@pytest.mark.parametrize("close", [True, False])
@pytest.mark.parametrize("named", [True, False])
def test_a_lossless_reader_is_handed_over(context, name, how, close, named):
    hand_over(context, name, how, close, named)


@pytest.mark.parametrize("close", [True, False])
def test_a_lossless_reader_in_a_closure(name, close):
    hand_over(multiprocessing.get_context("fork"), name, "closure", close, True)


def hand_over(context, name, how, close, named):
    with Writer(name if named else None, capacity=10, dtype="int32", lossless=True) as writer:
        reader = Reader(name) if named else Reader(fd=writer.memory_fd())
        writer.put([-1, 0])
        assert reader.pop()[0] == -1
        go_on = context.Event()
        here, there = context.Pipe()
        process = context.Process(**target_of(how, reader, go_on, there))
        process.start()
        if close:
            reader.close()
        for number in range(1, 10):
            writer.push([number])
        with pytest.raises(ringbuf.FullError):  # nobody has consumed anything
            writer.push([10])
        go_on.set()
        for number in range(10, 20):
            writer.put([number], timeout=PATIENCE)  # which a place that stayed here would not allow
        assert here.recv() == (list(range(20)), 0)
        process.join()
        if not close:
            assert reader.position == 1 and reader.written == 21
            with pytest.raises(ringbuf.OverwrittenError):
                reader.pop()  # its place has gone, and with it what it had not read
            assert reader.pop() is not None and reader.info().readers >= 1
            reader.close()


@pytest.mark.parametrize("patience", [0, 1000])
def test_a_forked_child_that_takes_its_time(name, patience, monkeypatch):
    """The sender waits for it a little, and then has somebody else wait."""
    monkeypatch.setattr(ringbuf._handover, "_PATIENCE_MS", patience)
    context = multiprocessing.get_context("fork")
    with Writer(name, capacity=10, dtype="int32", lossless=True) as writer:
        reader = Reader(name)
        go_on = context.Event()
        here, there = context.Pipe()
        process = context.Process(target=consumes, args=(reader, go_on, there))
        process.start()
        reader.close()
        go_on.set()
        for number in range(20):
            writer.put([number], timeout=PATIENCE)
        assert here.recv() == (list(range(20)), 0)
        process.join()
        assert writer.info().readers == 0


def test_used_again_by_who_has_handed_it_over(name):
    with Writer(name, capacity=10, lossless=True) as writer, Reader(name) as reader:
        here, there = multiprocessing.Pipe()
        writer.put(np.arange(8))
        here.send(reader)
        with there.recv() as arrived:
            assert (reader.view(0, 3) == np.arange(3)[:, None]).all() and reader.position == 0
            while writer.info().readers != 1:
                pass  # until it has been told
            assert reader.pop()[0] == 0 and writer.info().readers == 2
            assert len(reader.pop_many(9)) == 7
            assert writer.space() == 2  # what the other one leaves
            assert len(arrived.pop_many(9)) == 8
            assert writer.space() == 10
            writer.put(np.arange(10))
            assert writer.space() == 0 and len(arrived.pop_many(10)) == 10
            assert writer.space() == 0  # it holds the writer back once more


@pytest.mark.parametrize("through", ["pipe", "queue"])
def test_through_a_pipe_and_a_queue(name, through):
    with Writer(name, capacity=10, lossless=True) as writer:
        reader = Reader(name)
        writer.put(np.arange(10))
        if through == "pipe":
            here, there = multiprocessing.Pipe()
            here.send(reader)
            receive = there.recv
        else:
            queue = multiprocessing.SimpleQueue()
            queue.put(reader)
            receive = queue.get
        reader.close()
        assert writer.space() == 0  # it is on its way
        with receive() as arrived:
            assert writer.space() == 0
            assert len(arrived.pop_many(10)) == 10
            while writer.info().readers != 1:
                pass
            assert writer.space() == 10
        assert writer.info().readers == 0


class Dies:
    """Ends the process that it arrives in."""

    def __reduce__(self):
        return os._exit, (3,)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_process_that_dies_before_it_has_taken_over_blocks_nobody(name, method):
    context = multiprocessing.get_context(method)
    with Writer(name, capacity=10, lossless=True) as writer:
        reader = Reader(name)
        writer.put(np.arange(10))
        process = context.Process(target=consumes, args=(Dies(), reader))
        process.start()
        reader.close()
        writer.put([10], timeout=PATIENCE)
        process.join()
        assert process.exitcode == 3 and writer.info().readers == 0


def is_there(pipe, name):
    pipe.send(True)
    pipe.recv()


def test_a_child_that_was_not_given_the_reader_blocks_nobody(context, name):
    with Writer(name, capacity=10, lossless=True) as writer:
        here, there = context.Pipe()
        with Reader(name) as reader:
            process = context.Process(target=is_there, args=(there, name))
            process.start()
            assert here.recv()
            writer.put(np.arange(10))
            assert len(reader.pop_many(10)) == 10
            writer.put(np.arange(10))
        writer.put(np.arange(10))
        here.send(None)
        process.join()


# --- Subclasses ------------------------------------------------------------------------------------------------------


class MyReader(Reader):
    def __init__(self, name, unit, **more):
        self.unit = unit
        super().__init__(name, **more)
        self._scale = 2

    def scaled(self):
        return self.pop() * self._scale


class SlotReader(Reader):
    __slots__ = ("unit", "__scale")

    def __init__(self, name, unit):
        super().__init__(name)
        self.unit = unit
        self.__scale = 3

    def scaled(self):
        return self.pop() * self.__scale


class StateReader(MyReader):
    def __getstate__(self):
        return (self.unit, 4)

    def __setstate__(self, state):
        self.unit, self._scale = state


class MyNumbers(SharedCircularBuffer):
    def __init__(self, name, unit):
        super().__init__(name)
        self.unit = unit


class MyBuffer(RingBuffer):
    def __init__(self, unit="?"):
        super().__init__()
        self.unit = unit


@pytest.mark.parametrize("cls, scale", [(MyReader, 2), (SlotReader, 3), (StateReader, 4)])
def test_a_subclass_of_reader(context, name, cls, scale):
    for lossless in False, True:
        with Writer(name, capacity=10, lossless=lossless) as writer, cls(name, "V") as reader:
            writer.put([1, 5])
            reader.pop()
            for copied in pickle.loads(pickle.dumps(reader)), copy.copy(reader):
                assert type(copied) is cls and copied.unit == "V" and copied.scaled() == 5 * scale
                copied.close()
            here, there = context.Pipe()
            process = context.Process(target=tells_of_itself, args=(reader, there))
            process.start()
            pickled = context.get_start_method() != "fork" or cls is not StateReader
            assert here.recv() == (cls.__name__, "V", 5 * scale if pickled else 10)
            process.join()


def tells_of_itself(reader, pipe):
    pipe.send((type(reader).__name__, reader.unit, float(reader.scaled()[0])))


def test_an_attribute_of_a_reader(name):
    with Writer(name, capacity=10), Reader(name) as reader:
        reader.unit = "V"
        with pickle.loads(pickle.dumps(reader)) as arrived:
            assert (type(arrived), arrived.unit, vars(arrived)) == (Reader, "V", {"unit": "V"})


def test_a_subclass_of_shared_circular_buffer(name):
    with SharedCircularBuffer(name, create=True) as writer, MyNumbers(name, "V") as reader:
        writer.push(5)
        with pickle.loads(pickle.dumps(reader)) as arrived:
            assert (type(arrived), arrived.unit, arrived.popitem()) == (MyNumbers, "V", 5)


def test_a_subclass_of_ring_buffer(context, name):
    for buffer in MyBuffer("V"), MyBuffer.create(name, 1, 10):
        buffer.unit = "V"
        if not buffer.is_initialized:
            assert type(pickle.loads(pickle.dumps(buffer))) is MyBuffer
            buffer.initialize(1, 10)
        buffer.put_data([[7.0]])
        here, there = context.Pipe()
        process = context.Process(target=tells_of_a_buffer, args=(buffer, there))
        process.start()
        assert here.recv() == ("MyBuffer", "V", 7.0)
        process.join()
        buffer.close()


def tells_of_a_buffer(buffer, pipe):
    pipe.send((type(buffer).__name__, buffer.unit, float(buffer.get_data(0, 1)[0, 0])))


@pytest.mark.parametrize("cls", [Writer, type("MyWriter", (Writer,), {})])
def test_a_writer_is_not_handed_over(name, cls):
    with cls(name, capacity=10) as writer, pytest.raises(TypeError, match="cannot be handed"):
        pickle.dumps(writer)


# --- What a call costs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lossless", [True, False])
def test_room_is_made_for_what_is_there(name, lossless, direct):
    with Writer(name, capacity=64 << 20, dtype="bytes", lossless=lossless) as writer:
        with Reader(name) as reader, SharedCircularBuffer(name) as numbers:
            tracemalloc.start()
            try:
                for there in range(3):
                    writer.put(bytes(there))
                    for most in 10**6, 10**9, 2**63, 2**70:
                        assert len(reader.pop_many(most)) == (there if most == 10**6 else 0)
                        assert len(numbers.popmany(most)) == (there if most == 10**6 else 0)
                assert tracemalloc.get_traced_memory()[1] < 1 << 20
            finally:
                tracemalloc.stop()


