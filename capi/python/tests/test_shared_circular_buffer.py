"""SharedCircularBuffer in the place of the class of old: what its documentation says, line by line."""

import inspect
import os
import signal

import pytest
from conftest import interpret, run

import ringbuf
from ringbuf import SharedCircularBuffer


@pytest.fixture
def pair(name):
    """Makes a writer and a reader, and cleans them up."""
    made = []

    def make(**options):
        made.append(SharedCircularBuffer(name, create=True, **options))
        made.append(SharedCircularBuffer(name, **options))
        return made[-2:]

    yield make
    for buffer in made:
        buffer.cleanup()


def test_signature():
    signature = inspect.signature(SharedCircularBuffer)
    assert [(p.name, p.kind.name, p.default) for p in signature.parameters.values()] == [
        ("name", "POSITIONAL_OR_KEYWORD", inspect.Parameter.empty),
        ("create", "KEYWORD_ONLY", False),
        ("item_size", "KEYWORD_ONLY", 1),
        ("length", "KEYWORD_ONLY", 2),
    ]


def test_attributes(name, pair):
    for buffer in pair(item_size=3, length=7):
        assert (buffer.name, buffer.item_size, buffer.length) == (name, 3, 7)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("wrong", [{"length": 1}, {"length": 0}, {"length": -5}, {"item_size": 0}, {"item_size": -1}])
def test_sizes_that_cannot_be(name, create, wrong):
    with pytest.raises(ValueError):
        SharedCircularBuffer(name, create=create, **wrong)


def test_names_that_cannot_be():
    with pytest.raises(ValueError):
        SharedCircularBuffer("a/b", create=True)


def test_nothing_to_link_to(name):
    with pytest.raises(FileNotFoundError):
        SharedCircularBuffer(name)


def test_created_already(name, pair):
    pair()
    with pytest.raises(ringbuf.BufferAlreadyCreated):
        SharedCircularBuffer(name, create=True)


def test_a_buffer_whose_writer_died_is_replaced(name):
    code = "import sys, os, ringbuf; ringbuf.SharedCircularBuffer(sys.argv[1], create=True); os.kill(os.getpid(), 9)"
    assert interpret(code, name).returncode == -signal.SIGKILL
    with SharedCircularBuffer(name, create=True), SharedCircularBuffer(name):
        pass


def test_roles(pair):
    writer, reader = pair()
    with pytest.raises(ringbuf.WriteOperationsForbidden):
        reader.push(10)
    with pytest.raises(ringbuf.ReadOperationsForbidden):
        writer.popitem()
    for n in 2, 0:
        with pytest.raises(ringbuf.ReadOperationsForbidden):
            writer.popmany(n)


def test_the_example_of_old(pair):
    writer, reader = pair(length=5)
    for item in 50, 10, 20, 30:
        writer.push(item)
    assert reader.popitem() == 50
    assert reader.popmany(3) == [10, 20, 30]
    assert reader.popitem() is None
    assert reader.popmany(3) == []


def test_popmany_gives_a_list_of_what_is_there(pair):
    writer, reader = pair(length=10)
    for item in range(7):
        writer.push(item)
    assert reader.popmany(0) == reader.popmany(-3) == []
    got = reader.popmany(2)
    assert isinstance(got, list) and all(type(item) is int for item in got)
    assert got == [0, 1]
    assert reader.popmany(100) == [2, 3, 4, 5, 6]


def test_exactly_length_items_are_there(pair):
    writer, reader = pair(length=5)
    for item in range(5):
        writer.push(item)
    assert reader.usage == 5  # which the class of old took for none
    assert reader.popmany(9) == [0, 1, 2, 3, 4]


def test_whole_laps_are_dropped(pair):
    writer, reader = pair()
    for item in 10, 10, 50:
        writer.push(item)
    assert reader.usage == 1
    assert reader.popitem() == 50
    assert reader.popitem() is None


def test_who_comes_late_begins_where_one_would_be_that_came_first(name, pair):
    writer, reader = pair(length=5)
    for item in range(12):
        writer.push(item)
    late = SharedCircularBuffer(name)
    assert late.usage == reader.usage == 2
    assert late.popmany(9) == reader.popmany(9) == [10, 11]
    late.cleanup()


@pytest.mark.parametrize("item_size", [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 40])
def test_unsigned_big_endian_integers(pair, rng, item_size):
    writer, reader = pair(item_size=item_size, length=300)
    items = [0, 1, 255, 256**item_size - 1, 256**item_size // 2] + [rng.randrange(256**item_size) for _ in range(200)]
    for item in items:
        writer.push(item)
    with ringbuf.Reader(reader.name, observer=True) as bare:
        assert [bytes(row) for row in bare.read(0, len(items))] == [i.to_bytes(item_size, "big") for i in items]
    assert [reader.popitem() for _ in range(100)] == items[:100]
    assert reader.popmany(1000) == items[100:]


@pytest.mark.parametrize("item", [-1, 256, 2**64])
def test_items_that_do_not_fit(pair, item):
    writer, reader = pair()
    with pytest.raises(OverflowError):
        writer.push(item)
    assert reader.popitem() is None


def test_items_that_are_no_integers(pair):
    writer, reader = pair()
    for item in "1", b"1", 1.0, None:
        with pytest.raises(TypeError):
            writer.push(item)
    assert reader.popitem() is None
    writer.push(True)
    assert reader.popitem() == 1


def test_numpy_integers(pair):
    np = pytest.importorskip("numpy")
    writer, reader = pair(item_size=2)
    writer.push(np.int64(500))
    assert reader.popitem() == 500


def test_usage(pair):
    writer, reader = pair(length=4)
    usages = []
    for item in range(10):
        writer.push(item)
        usages.append((writer.usage, reader.usage))
    assert usages == [(1, 1), (2, 2), (3, 3), (4, 4), (4, 1), (4, 2), (4, 3), (4, 4), (4, 1), (4, 2)]
    reader.popitem()
    assert reader.usage == 1


def test_str(name, pair):
    writer, reader = pair(length=3)
    assert str(writer) == f"SharedCircularBuffer ({name})"
    assert str(reader) == f"SharedCircularBuffer ({name}) (0.00% full)"
    writer.push(1)
    assert str(reader) == f"SharedCircularBuffer ({name}) (33.33% full)"


def test_readers_each_have_their_position(name, pair):
    writer, reader = pair(length=300)
    readers = [reader] + [SharedCircularBuffer(name) for _ in range(100)]  # more than places in the reader table
    for item in range(200):
        writer.push(item)
    for number, buffer in enumerate(readers):
        assert buffer.popmany(number) == list(range(number))
    for number, buffer in enumerate(readers):
        assert buffer.usage == 200 - number
        assert buffer.popitem() == number
    for buffer in readers[1:]:
        buffer.cleanup()


def test_sizes_come_from_the_buffer(name):
    with SharedCircularBuffer(name, create=True, item_size=4, length=10) as writer:
        with SharedCircularBuffer(name) as reader:
            assert (reader.item_size, reader.length) == (4, 10)
            writer.push(1 << 30)
            assert reader.popitem() == 1 << 30


def test_cleanup(name, pair):
    writer, reader = pair()
    assert name in os.listdir("/dev/shm")
    reader.cleanup()
    assert name in os.listdir("/dev/shm")
    writer.push(1)
    writer.cleanup()
    assert name not in os.listdir("/dev/shm")
    writer.cleanup()
    reader.cleanup()
    for use in lambda: writer.push(1), reader.popitem, lambda: reader.popmany(1), lambda: writer.usage:
        with pytest.raises(ringbuf.NotInitializedError):
            use()


def test_what_is_left_is_read_after_the_writers_cleanup(pair):
    writer, reader = pair()
    writer.push(1)
    writer.cleanup()
    assert reader.popmany(5) == [1]
    assert reader.popitem() is None
    assert reader.popmany(5) == []


def test_a_writer_lives_without_a_variable(name):
    SharedCircularBuffer(name, create=True)
    reader = SharedCircularBuffer(name)
    assert reader.usage == 0
    next(buffer for buffer in ringbuf.buffer._writing if buffer.name == name).cleanup()
    reader.cleanup()


def test_cleaned_up_at_exit(name):
    code = "import sys, ringbuf; ringbuf.SharedCircularBuffer(sys.argv[1], create=True).push(1)"
    run(code, name)
    assert name not in os.listdir("/dev/shm")


@pytest.mark.parametrize("orderly", [True, False])
def test_goes_over_to_the_next_buffer_of_the_name(name, orderly):
    code = """
import os, sys, ringbuf
first = ringbuf.SharedCircularBuffer(sys.argv[1], create=True, length=5)
first.push(1); first.push(2)
print("ready", flush=True)
sys.stdin.readline()
if sys.argv[2] == "True":
    first.cleanup()
else:
    os.kill(os.getpid(), 9)
"""
    import subprocess
    import sys

    from conftest import environment

    child = subprocess.Popen(
        [sys.executable, "-c", code, name, str(orderly)], env=environment(), stdin=-1, stdout=-1, text=True
    )
    assert child.stdout.readline() == "ready\n"
    with SharedCircularBuffer(name) as reader:
        assert reader.popitem() == 1
        child.communicate("\n")
        with SharedCircularBuffer(name, create=True, item_size=2, length=9) as second:
            second.push(3)
            assert [reader.popitem() for _ in range(3)] == [2, 3, None]
            assert (reader.item_size, reader.length) == (2, 9)
            second.push(1000)
            second.push(1001)
            assert reader.popmany(7) == [1000, 1001]


def test_a_dead_buffer_is_read_only_once(name):
    code = """
import os, sys, ringbuf
buffer = ringbuf.SharedCircularBuffer(sys.argv[1], create=True, length=5)
buffer.push(1)
print("ready", flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""
    import subprocess
    import sys

    from conftest import environment

    child = subprocess.Popen([sys.executable, "-c", code, name], env=environment(), stdin=-1, stdout=-1, text=True)
    assert child.stdout.readline() == "ready\n"
    with SharedCircularBuffer(name) as reader:
        child.communicate("\n")
        assert [reader.popitem() for _ in range(3)] == [1, None, None]
    ringbuf.unlink(name)


class Model:
    """The buffer as its documentation has it: items pushed, and a position that drops whole laps."""

    def __init__(self, length):
        self.length, self.items, self.positions = length, [], []

    def unread(self, reader):
        while len(self.items) - self.positions[reader] > self.length:
            self.positions[reader] += self.length
        return len(self.items) - self.positions[reader]

    def pop(self, reader, n):
        n = min(n, self.unread(reader))
        start = self.positions[reader]
        self.positions[reader] += n
        return self.items[start : start + n]


def test_random_operations(name, direct, rng):
    for round in range(20):
        length, item_size = rng.randint(2, 12), rng.randint(1, 9)
        model = Model(length)
        with SharedCircularBuffer(f"{name}-{round}", create=True, item_size=item_size, length=length) as writer:
            readers = []
            for _ in range(300):
                action = rng.random()
                if action < 0.45:
                    item = rng.randrange(256**item_size)
                    writer.push(item)
                    model.items.append(item)
                elif action < 0.5 and len(readers) < 5:
                    readers.append(SharedCircularBuffer(writer.name))
                    model.positions.append(0)
                elif readers:
                    which = rng.randrange(len(readers))
                    reader = readers[which]
                    assert reader.usage == model.unread(which)
                    if action < 0.8:
                        assert reader.popitem() == next(iter(model.pop(which, 1)), None)
                    else:
                        n = rng.randint(0, 2 * length)
                        assert reader.popmany(n) == model.pop(which, n)
                assert writer.usage == min(len(model.items), length)
            for reader in readers:
                reader.cleanup()
