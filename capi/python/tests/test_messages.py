"""Messages of any length."""

import asyncio
import multiprocessing
import os
import threading
import time

import pytest
from conftest import interpret  # noqa: F401 - names the library

import ringbuf
from ringbuf import BufferTimeoutError, ClosedError, Message, OverwrittenError, Reader, Writer

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture(params=[False, True], ids=["overwriting", "lossless"])
def pair(name, request, direct):
    with Writer(name, capacity=4096, messages=True, window=500, lossless=request.param) as writer, Reader(name) as reader:
        yield writer, reader


def body(number, size):
    return bytes((number * 31 + i * 7 + size) % 256 for i in range(size))


def test_are_received_as_they_were_sent(pair):
    writer, reader = pair
    before = time.monotonic_ns()
    writer.send(b"hello")
    writer.send(bytearray(b"you"), kind=7, tag=-5)
    writer.send(memoryview(b"there")[1:3], 1, 2**62)
    writer.send(b"")
    after = time.monotonic_ns()
    received = [reader.receive() for _ in range(4)]
    assert [(m.data, m.kind, m.tag) for m in received] == [(b"hello", 0, 0), (b"you", 7, -5), (b"he", 1, 2**62), (b"", 0, 0)]
    assert [m.start for m in received] == [24, 56, 88, 120]
    times = [m.monotonic_ns for m in received]
    assert before <= times[0] and times == sorted(times) and times[3] <= after
    for message in received:
        assert reader.message(message.start) == message == writer.message(message.start)
    with pytest.raises(BufferTimeoutError):
        reader.receive(0)
    with pytest.raises(BufferTimeoutError):
        reader.receive(0.01)
    info = reader.info()
    assert info.messages and reader.holds_messages and writer.holds_messages
    assert (info.window, info.type_name, info.sample_bytes) == (528, "bytes", 1)
    assert bytes(memoryview(reader.read(24, 29)).cast("B")) == b"hello"


def test_any_mixture(pair, rng):
    writer, reader = pair
    expected = []
    for number in range(3000):
        size = rng.choice([0, 1, 7, 8, 9, rng.randrange(501), rng.randrange(60)])
        data = body(number, size)
        while True:
            try:
                writer.send(data, tag=number)
                break
            except ringbuf.FullError:
                message = reader.receive(0)
                assert (message.data, message.tag) == expected.pop(0)
        expected.append((data, number))
        if rng.random() < 0.5 and reader.usage:
            try:
                message = reader.receive(0)
            except OverwrittenError:
                assert not writer.lossless
                continue
            while expected[0][1] != message.tag:
                assert not writer.lossless
                expected.pop(0)
            assert (message.data, message.tag) == expected.pop(0)


def test_in_place(pair):
    writer, reader = pair
    for number in range(100):
        data = body(number, number * 5)
        writer.send(data, tag=number)
        view = reader.receive_view(0)
        assert view.readonly and view == data and reader.validate()
        assert reader.message(reader.start).tag == number
    if not writer.lossless:
        for _ in range(20):
            writer.send(bytes(400))
        assert not reader.validate()


def test_a_loop_ends_with_the_stream(pair):
    writer, reader = pair
    for number in range(5):
        writer.send(body(number, number))
    writer.close()
    assert [m.data for m in reader] == [body(number, number) for number in range(5)]
    with pytest.raises(ClosedError):
        reader.receive()


def test_overruns(name):
    with Writer(name, capacity=4096, messages=True) as writer, Reader(name) as reader:
        for number in range(500):
            writer.send(body(number, 20), tag=number)
        with pytest.raises(OverwrittenError):
            next(iter(reader))
        lost = reader.lost
        assert lost > 0 and reader.position == lost
        assert reader.receive().tag == lost // 48
        for number in range(500, 1000):
            writer.send(body(number, 20), tag=number)
        writer.close()
        left = list(reader.messages(skip_overruns=True))
        assert [m.tag for m in left] == list(range(left[0].tag, 1000))
        assert all(m.data == body(m.tag, 20) for m in left)
        assert reader.overruns == 2


def test_an_overrun_in_the_middle_of_a_copy(name, monkeypatch):
    """The writer comes round between the call that finds the message and the copy of it: told, and counted."""
    from ringbuf import _receiving

    with Writer(name, capacity=1024, messages=True) as writer, Reader(name) as reader:
        writer.send(b"first")
        described = _receiving.described

        def late(handle, start):
            for _ in range(30):
                writer.send(bytes(60))
            return described(handle, start)

        monkeypatch.setattr(_receiving, "described", late)
        with pytest.raises(OverwrittenError):
            reader.receive()
        assert (reader.overruns, reader.lost, reader.position) == (1, 8, 32)


def test_what_is_refused(pair, name):
    writer, reader = pair
    with pytest.raises(ringbuf.InvalidArgumentError, match="size is 505, expected at most 504"):
        writer.send(bytes(505))
    for kind in -1, 2**31, 2**32:
        with pytest.raises(ringbuf.InvalidArgumentError, match="kind"):
            writer.send(b"", kind)
    for tag in -(2**63) - 1, 2**63:
        with pytest.raises(ringbuf.InvalidArgumentError, match="tag"):
            writer.send(b"", 0, tag)
    with pytest.raises(TypeError):
        writer.send("text")
    with pytest.raises(ringbuf.InvalidArgumentError, match="multiple of 8"):
        writer.skip(3)
    assert writer.written == 0
    writer.send(bytes(40))
    for call in (
        lambda: writer.put(b"12345678"),
        lambda: writer.push(b"1"),
        lambda: writer.reserve(8),
        lambda: reader.next(8, timeout=0),
        lambda: reader.pop(),
        lambda: reader.pop_many(8),
        lambda: next(reader.windows(8)),
    ):
        with pytest.raises(ringbuf.UnsupportedError, match="RINGBUF_MESSAGES"):
            call()
    for index in 0, 23, 25, 32:
        with pytest.raises(ringbuf.BadIndexError):
            reader.message(index)
    with pytest.raises(ringbuf.BadIndexError):
        reader.seek(8)
    with pytest.raises(ringbuf.NotYetError):
        reader.message(64 + 24)
    assert reader.position == 0
    with pytest.raises(ringbuf.InvalidArgumentError, match="LAP"):
        Reader(name, after_overrun="lap")
    with Writer(name + "-s", capacity=64) as samples, Reader(name + "-s") as other:
        assert not samples.holds_messages and not samples.info().messages
        for call in (lambda: samples.send(b""), lambda: other.receive(0), lambda: other.receive_view(0), lambda: other.message(24)):
            with pytest.raises(ringbuf.UnsupportedError):
                call()
    for wrong in dict(capacity=1001), dict(channels=2), dict(dtype="int16"), dict(item_size=8, dtype="bytes"), dict(first_index=4), dict(window=2000):
        with pytest.raises(ringbuf.InvalidArgumentError, match=next(iter(wrong)).replace("dtype", "data_type")):
            Writer(name + "-x", **{"capacity": 1024, "messages": True, **wrong})


def test_a_lossless_ring_waits(name):
    with Writer(name, capacity=512, messages=True, window=200, lossless=True) as writer, Reader(name) as reader:
        writer.send(bytes(200))
        writer.send(bytes(200))
        assert writer.space() == 40
        for timeout in 0, 0.01:
            with pytest.raises(ringbuf.FullError):
                writer.send(bytes(200), timeout=timeout)
        assert not writer.wait_space(200, 0)

        sizes = []
        thread = threading.Thread(target=lambda: sizes.extend(len(reader.receive().data) for _ in range(3)))
        thread.start()
        writer.send(bytes(199), timeout=None)
        thread.join()
        assert sizes == [200, 200, 199]


def test_options_of_all_makers(name):
    with Writer(name, capacity=1024, messages=True, keep=True) as writer:
        writer.send(b"1")
    with pytest.raises(ringbuf.IncompatibleError):
        Writer.create_or_resume(name, capacity=1024, dtype="bytes", item_size=1, window=128)
    with Writer.create_or_resume(name, capacity=1024, messages=True) as writer, Reader(name) as reader:
        writer.send(b"2")
        assert [reader.receive().data, reader.receive().data] == [b"1", b"2"]
    ringbuf.unlink(name)
    memory = bytearray(Writer.raw_size(capacity=1024, messages=True))
    with Writer.create_raw(memory, capacity=1024, messages=True) as writer, Reader(raw=memory) as reader:
        writer.send(b"raw", 3)
        assert reader.receive().data == b"raw"
        writer.send(b"view", 3)
        assert reader.receive_view() == b"view" and reader.validate()


def test_asynchronous(pair):
    writer, reader = pair
    got = []

    async def consume():
        async for message in reader.messages_async():
            got.append(message)

    async def produce():
        for number in range(300):
            while writer.space() < 300:
                await asyncio.sleep(0)
            writer.send(body(number, number), tag=number)
            if number % 7 == 0:
                await asyncio.sleep(0)
            while not writer.lossless and reader.usage > 2000:
                await asyncio.sleep(0)
        writer.close()

    async def both():
        await asyncio.wait_for(asyncio.gather(consume(), produce()), 60)

    asyncio.run(both())
    assert [(m.tag, m.data) for m in got] == [(n, body(n, n)) for n in range(300)]


def test_a_task_that_is_cancelled(pair):
    writer, reader = pair

    async def main():
        messages = reader.messages_async()
        task = asyncio.ensure_future(messages.__anext__())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        writer.send(b"later")
        async for message in reader.messages_async():
            return message.data

    assert asyncio.run(main()) == b"later"


def _take(reader, pipe):
    pipe.send([reader.receive().tag for _ in range(2)])
    pipe.close()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_reader_is_handed_over(pair, method):
    """At every place of a ring that the writer fills, also where no start is known but by the reader's position."""
    writer, reader = pair
    context = multiprocessing.get_context(method)
    number = 0
    for _ in range(3 if method == "fork" else 1):
        while writer.space() >= 37 and number - (reader.position // 64) < 60:
            writer.send(body(number, 37), tag=number)
            number += 1
        at = reader.receive().tag
        here, there = context.Pipe()
        process = context.Process(target=_take, args=(reader, there))
        process.start()
        assert here.recv() == [at + 1, at + 2]
        process.join()
        for skipped in range(40):
            assert reader.receive().tag == at + 1 + skipped


def test_a_forked_child(pair):
    writer, reader = pair
    writer.send(b"1")
    writer.send(b"2")
    assert reader.receive().data == b"1"
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(there, reader.receive().data + reader.message(24).data)
            code = 0
        finally:
            os._exit(code)
    os.close(there)
    assert os.read(here, 10) == b"21"
    os.close(here)
    assert os.waitpid(child, 0)[1] == 0
    assert reader.receive().data == b"2"


def test_ctrl_c_gets_through_and_close_ends_a_wait(pair):
    _, reader = pair
    threading.Timer(0.05, reader.close).start()
    with pytest.raises(ringbuf.NotInitializedError):
        reader.receive()


def test_damage(name):
    with Writer(name, capacity=4096, messages=True) as writer, Reader(name) as reader:
        writer.send(b"good")
        writer.send(b"bad", tag=1)
        at = writer.info().data_offset + 32
        writer._memory.writable_buffer()[at : at + 4] = b"\xff" * 4
        assert reader.receive().data == b"good"
        for _ in range(2):
            with pytest.raises(ringbuf.CorruptError, match="4294967295"):
                reader.receive()
        assert reader.position == 32
        reader.seek(reader.written)
        writer.send(b"again")
        assert reader.receive() == Message(b"again", 64 + 24, 0, 0, reader.message(64 + 24).monotonic_ns)
