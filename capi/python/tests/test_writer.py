"""Writer."""

import array
import os
import pickle

import pytest

import ringbuf
from ringbuf import Reader, Writer

np = pytest.importorskip("numpy")


def test_what_was_asked_for(name):
    with Writer(
        name,
        capacity=100,
        channels=3,
        dtype="int16",
        window=10,
        lossless=True,
        keep=True,
        max_readers=5,
        mode=0o640,
        metadata={"unit": "V"},
        metadata_bytes=100,
        sample_rate=48000.0,
    ) as writer:
        info = writer.info()
        assert (info.capacity, info.channels, info.type_name, info.item_size) == (100, 3, "int16", 2)
        assert (info.sample_bytes, info.window, info.lossless, info.keep) == (6, 10, True, True)
        assert (info.max_readers, info.sample_rate, info.state) == (5, 48000.0, ringbuf.State.LIVE)
        assert (info.written, info.oldest, info.write_ptr, info.position, info.anchor) == (0, 0, 0, 0, None)
        assert (writer.capacity, writer.channels, writer.dtype, writer.window) == (100, 3, np.dtype("int16"), 10)
        assert (writer.lossless, writer.sample_rate, writer.name, writer.closed) == (True, 48000.0, name, False)
        assert writer.metadata == {"unit": "V"}
        assert os.stat(f"/dev/shm/{name}").st_mode & 0o777 == 0o640
        assert name in repr(writer) and "100 samples of 3 int16" in repr(writer)
    assert writer.closed and "closed" in repr(writer)
    ringbuf.unlink(name)


def test_defaults(name):
    with Writer(name, capacity=10) as writer:
        info = writer.info()
        assert (info.channels, info.type_name, info.window, info.lossless, info.keep) == (1, "float32", 1, False, False)
        assert os.stat(f"/dev/shm/{name}").st_mode & 0o777 == 0o600


def test_the_default_pocket():
    for dtype in "float64", ">f8", [("a", "f8")]:
        for capacity, window in (4, 1), (800, 100), (10**5, 4096):
            with Writer(None, capacity=capacity, channels=2, dtype=dtype) as writer:
                assert writer.window == window
            size = Writer.raw_size(capacity=capacity, channels=2, dtype=dtype)
            assert size == Writer.raw_size(capacity=capacity, channels=2, dtype=dtype, window=window)
    with Writer(None, capacity=800, item_size=8) as writer:
        assert writer.window == 1


@pytest.mark.parametrize(
    "data",
    [
        np.arange(8, dtype="float32").reshape(4, 2),
        np.arange(8, dtype="float64").reshape(4, 2),
        np.arange(8).reshape(4, 2),
        np.arange(8, dtype=">f4").reshape(4, 2),
        np.arange(16, dtype="float32").reshape(4, 4)[:, ::2] / 2,
        np.asfortranarray(np.arange(8, dtype="float32").reshape(4, 2)),
        [[0, 1], [2, 3], [4, 5], [6, 7]],
        np.arange(8, dtype="float32").tobytes(),
        bytearray(np.arange(8, dtype="float32")),
        memoryview(np.arange(8, dtype="float32").reshape(4, 2)),
        memoryview(np.arange(8, dtype="float32").reshape(4, 2)).toreadonly(),
    ],
    ids=["as it is", "float64", "int", "big", "strided", "fortran", "list", "bytes", "bytearray", "view", "readonly"],
)
def test_put(data):
    with Writer(None, capacity=10, channels=2) as writer:
        writer.put(data)
        assert writer.written == 4
        expected = np.arange(8).reshape(4, 2)
        if isinstance(data, np.ndarray):
            expected = data
        assert (writer.view(0, 4) == expected).all()


@pytest.mark.parametrize(
    "dtype, data",
    [
        ("float32", np.zeros((4, 3))),
        ("float32", np.zeros(4)),
        ("float32", np.zeros((4, 2, 1))),
        ("float32", bytes(9)),
        ("float32", np.zeros((4, 2), complex)),
        ("int16", np.zeros((4, 2))),
        ("int16", [[1, 40000]]),
        ("uint8", [[1, -1]]),
        ("uint8", np.array([[1, 256]])),
        ("uint64", np.array([[1, -1]])),
        ("float32", [["a", "b"]]),
        ("float32", [[1, 2], [3]]),
    ],
)
def test_data_that_do_not_fit(dtype, data):
    with Writer(None, capacity=10, channels=2, dtype=dtype) as writer:
        with pytest.raises((ringbuf.IncompatibleError, ValueError)) as caught:
            writer.put(data)
        assert getattr(caught.value, "code", 4) == 4
        assert writer.written == 0


def test_integers_that_fit():
    with Writer(None, capacity=10, dtype="uint16") as writer:
        writer.put([0, 65535])
        writer.put(np.array([7, 8], "int64"))
        assert writer.view(0, 4)[:, 0].tolist() == [0, 65535, 7, 8]


def test_opaque_items():
    with Writer(None, capacity=10, item_size=4) as writer, Reader(fd=writer.memory_fd()) as reader:
        writer.put(b"abcdefgh")
        writer.push(b"ijkl")
        writer.put(np.frombuffer(b"mnop", "uint8"))
        writer.put(array.array("I", [7, 8]))
        writer.push(np.frombuffer(b"qrst", "uint8"))
        assert writer.dtype == np.dtype("V4")
        assert [reader.pop() for _ in range(4)] == [b"abcd", b"efgh", b"ijkl", b"mnop"]
        assert reader.pop_many(2).view("uint32").tolist() == [[7], [8]]
        assert reader.view(6, 7).tobytes() == b"qrst"
        for wrong in b"abc", b"abcde":
            with pytest.raises(ringbuf.IncompatibleError):
                writer.push(wrong)
        with pytest.raises(ringbuf.IncompatibleError):
            writer.put(b"abcde")


def test_push_of_a_row():
    with Writer(None, capacity=10, channels=2) as writer:
        writer.push([1, 2])
        writer.push(np.array([3.0, 4.0]))
        writer.push(np.array([5, 6], "float32").tobytes())
        assert writer.view(0, 3).tolist() == [[1, 2], [3, 4], [5, 6]]
        for wrong in [1], [1, 2, 3], b"1234567":
            with pytest.raises(ringbuf.IncompatibleError):
                writer.push(wrong)
        assert writer.written == 3


def test_dtype_with_fields(name):
    dtype = np.dtype([("time", "<i8"), ("xy", "<f4", (2,)), ("inner", [("a", "u1"), ("b", "S3")])])
    with Writer(name, capacity=10, dtype=dtype, metadata={"unit": "mm"}) as writer, Reader(name) as reader:
        data = np.zeros(3, dtype)
        data["time"], data["xy"][1], data["inner"]["b"] = [1, 2, 3], [4, 5], b"xyz"
        writer.put(data)
        assert reader.dtype == writer.dtype == dtype
        assert (reader.view(0, 3)[:, 0] == data).all()
        assert reader.pop()["time"].tolist() == [1]
        writer.metadata = {"unit": "m"}
        with Reader(name) as later:
            assert later.dtype == dtype
            assert later.metadata["unit"] == "m"


DTYPES = [
    *"?bBhHiIlLqQefdgFDG",
    *(f">{code}" for code in "hHiIqQefdFD"),
    "S1", "S7", "U1", "U7", ">U7", "V5",
    "M8", "M8[Y]", "M8[M]", "M8[W]", "M8[D]", "M8[25ms]", "M8[us]", ">M8[ns]", "m8", "m8[s]", "m8[7D]", "m8[as]",
    "f4,i2,S3",
    [("a", "i4"), ("b", ">f4", (2, 3)), ("c", "S0"), ("d", "f4", (1,)), ("e", "f4", (0,)), ("f", "V3")],
    [("größe", "f4"), ("a b", "i2"), (" ", "u1"), ("", "u1"), ("\n", "u1")],
    [(("title", "name"), "f4"), (("Länge", "l"), "f8", (2,))],
    [("inner", [("x", ">i2"), ("y", [("z", "S3")], (2,))]), ("t", "M8[25ms]")],
    np.dtype([("a", "i1"), ("b", "i8"), ("c", "i1")], align=True),
    np.dtype([("a", "i1"), ("b", [("c", "i1"), ("d", "f8")], (2,))], align=True),
    [("a", "i1"), ("b", np.dtype([("c", "i1"), ("d", "f8")], align=True))],
    {"names": ["b", "a"], "formats": ["i4", "i2"], "offsets": [4, 0], "itemsize": 12},
    {"names": ["a", "b"], "formats": ["i4", "i2"], "offsets": [0, 2]},
    {"names": ["a"], "formats": ["f4"], "offsets": [8], "titles": ["t"], "itemsize": 16},
    {"names": ["a"], "formats": [("f4", (2,))], "offsets": [8]},
    {"names": [], "formats": [], "itemsize": 8},
    np.dtype((np.record, [("a", "i4"), ("b", "f4")])),
    np.dtype("f8", metadata={"unit": "V"}),
    np.dtype([("a", "f8")], metadata={"unit": "V"}),
    float, int, bool, complex, np.float16, np.datetime64,
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=repr)
def test_readers_see_the_dtype(name, dtype):
    dtype = np.dtype(dtype)
    data = np.frombuffer(bytes(range(1, 1 + 3 * dtype.itemsize)), dtype) if dtype.kind not in "?U" else np.zeros(3, dtype)
    with Writer(name, capacity=10, dtype=dtype, keep=True) as writer, Reader(name) as reader:
        for ring in writer, reader:
            assert ring.dtype == dtype and ring.dtype.isnative == dtype.isnative
            assert ring.dtype.isalignedstruct == dtype.isalignedstruct
            assert ring.dtype.fields == dtype.fields and ring.dtype.names == dtype.names
        writer.put(data)
        assert reader.view(0, 3)[:, 0].tobytes() == data.tobytes()
        writer.metadata = {"unit": "V"}
        with Reader(name) as later:
            assert later.dtype == dtype
    with Writer.resume(name) as writer:
        assert writer.dtype == dtype
    ringbuf.unlink(name)


@pytest.mark.parametrize(
    "dtype",
    [
        ("f4", (3,)),
        object,
        [("a", object)],
        [("a", [("b", object)])],
        "S0",
        "U0",
        str,
        bytes,
        [],
        {"names": ["a"], "formats": ["f4"], "titles": [("not", "text")]},
    ],
    ids=repr,
)
def test_dtypes_that_readers_would_not_see(name, dtype):
    with pytest.raises(TypeError, match="dtype is .*"):
        Writer(name, capacity=1, dtype=dtype)
    assert not os.path.exists(f"/dev/shm/{name}")


def test_dtypes_that_cannot_be(name):
    for wrong in object, "nothing", [("a", object)], 3.5, ("f4", "nothing"):
        with pytest.raises((TypeError, ValueError), match=r"^dtype is .*, expected "):
            Writer(name, capacity=1, dtype=wrong)
    with pytest.raises(ValueError):
        Writer(name, capacity=1, dtype=[("a", "i4")], item_size=5)
    with pytest.raises(ValueError):
        Writer(name, capacity=1, dtype="float32", item_size=5)


def test_reserve():
    with Writer(None, capacity=10, window=4, channels=2) as writer:
        with writer.reserve(8) as block:
            assert block.shape == (8, 2)
            block[:] = np.arange(16).reshape(8, 2)
            assert writer.written == 0
        assert writer.written == 8
        with writer.reserve(6) as block:  # over the end, through the pocket
            block[:] = 7
        assert (writer.view(8, 14) == 7).all() and (writer.view(10, 14) == 7).all()
        reservation = writer.reserve(4)
        reservation.block[:2] = 8
        reservation.commit(2)
        assert writer.written == 16 and (writer.view(14, 16) == 8).all()
        with pytest.raises(ringbuf.InvalidArgumentError):
            reservation.commit(1)


def test_reserve_given_up():
    with Writer(None, capacity=10, window=4) as writer:
        with pytest.raises(ZeroDivisionError):
            with writer.reserve(3) as block:
                block[:] = 1 / 0
        assert writer.written == 0
        writer.put(np.arange(3))
        assert writer.view(0, 3)[:, 0].tolist() == [0, 1, 2]
        with pytest.raises(ZeroDivisionError):
            with writer.reserve(3):
                writer.close()
                1 / 0


@pytest.mark.parametrize("drop", ["put", "put of another type", "push", "reserve", "reserve and put"])
def test_a_reservation_that_was_dropped(drop):
    with Writer(None, capacity=100, window=20) as writer:
        writer.put([7.0] * 100)
        first = writer.reserve(5)
        first.block[:] = 1
        second = None
        if drop == "push":
            writer.push([2])
        elif drop != "reserve":
            writer.put(np.full(3, 2, "float32" if drop == "put" else "float64"))
        if drop.startswith("reserve"):
            second = writer.reserve(10)
        written = writer.written
        for count in 5, 0, 3:
            with pytest.raises(ringbuf.InvalidArgumentError, match="dropped"):
                first.commit(count)
        assert writer.written == written
        with pytest.raises(ValueError):
            first.block[:] = 3  # it is somebody else's
        with pytest.raises(ringbuf.InvalidArgumentError), first:
            pass
        with pytest.raises(ZeroDivisionError), first:
            1 / 0
        if second is not None:
            second.block[:] = 4
            second.commit(10)
            assert (writer.latest(10) == 4).all()
            assert writer.written == written + 10
            with pytest.raises(ValueError):
                second.block[:] = 3


def test_a_commit_that_is_refused_changes_nothing():
    with Writer(None, capacity=100, window=20) as writer:
        reservation = writer.reserve(5)
        for wrong in 6, -1, 2**64, 2**64 + 3, 3.0, None, "3":
            with pytest.raises(ringbuf.InvalidArgumentError):
                reservation.commit(wrong)
        assert writer.written == 0
        reservation.block[:] = 3
        writer.put([])  # nothing drops nothing
        with pytest.raises(ringbuf.IncompatibleError):
            writer.put([1j])
        reservation.commit(np.uint8(5))
        assert writer.written == 5 and (writer.view(0, 5) == 3).all()
        with pytest.raises(ringbuf.InvalidArgumentError, match="committed already"):
            reservation.commit(1)


@pytest.mark.parametrize("count, error", [(0, 6), (11, 6), (-1, 6), (2**64 + 1, 6), (9, 17)])
def test_reserve_refused(count, error):
    with Writer(None, capacity=10, window=4) as writer:
        writer.put(np.zeros(6))
        with pytest.raises(ringbuf.BufferError) as caught:
            writer.reserve(count)
        assert caught.value.code == error


def test_lossless_and_full(name):
    with Writer(name, capacity=10, lossless=True) as writer:
        for _ in range(3):
            writer.put(np.zeros(8))  # nobody to wait for
        with Reader(name, start="newest") as reader:
            writer.put(np.arange(10))
            assert writer.space() == 0
            for put in (
                lambda: writer.put(np.zeros(1)),
                lambda: writer.put(np.zeros(1), timeout=0.01),
                lambda: writer.put(np.zeros(1, "float32"), timeout=0.01),
                lambda: writer.put(np.zeros(11), timeout=None),
                lambda: writer.push(bytes(4)),
                lambda: writer.reserve(1),
            ):
                with pytest.raises(ringbuf.FullError):
                    put()
            assert writer.wait_space(1, 0) is False
            assert writer.wait_space(1, 0.01) is False
            reader.pop_many(4)
            assert writer.space() == 4
            assert writer.wait_space(4, 0) is True
            writer.put(np.zeros(4), timeout=None)
            with pytest.raises(ringbuf.InvalidArgumentError):
                writer.wait_space(11)


def test_of_an_overwriting_ring_all_is_space():
    with Writer(None, capacity=10) as writer:
        writer.put(np.zeros(25))
        assert writer.space() == 10
        assert writer.wait_space(10, 0) is True


def test_resume(name):
    writer = Writer(name, capacity=10, keep=True)
    writer.put(np.arange(7))
    with pytest.raises(ringbuf.BusyError):
        Writer.resume(name)
    writer.close()
    with Writer.resume(name) as writer:
        assert writer.written == 7
        writer.put([7])
        assert writer.read(0, 8)[:, 0].tolist() == list(range(8))
        assert writer.info().generation == 2
    with Reader(name) as reader:
        with Writer.resume(fd=reader.memory_fd()) as writer:
            writer.put([8])
        assert reader.written == 9
    ringbuf.unlink(name)
    with pytest.raises(ringbuf.NotFoundError):
        Writer.resume(name)
    for wrong in {}, {"name": name, "fd": 0}, {"fd": 0, "raw": b""}:
        with pytest.raises(TypeError):
            Writer.resume(**wrong)


def test_closing_ends_the_stream_and_removes_the_name(name):
    with Writer(name, capacity=10) as writer, Reader(name) as reader:
        writer.put(np.zeros(3))
        writer.close()
        writer.close()
        assert name not in os.listdir("/dev/shm")
        assert reader.info().state == ringbuf.State.CLOSED
        for use in (
            lambda: writer.put(np.zeros(1, "float32")),
            lambda: writer.put(np.zeros(1)),
            lambda: writer.push(bytes(4)),
            lambda: writer.space(),
            lambda: writer.reserve(1),
            lambda: writer.view(0, 1),
            lambda: writer.read(0, 1),
            lambda: writer.wait(5),
            lambda: writer.info(),
            lambda: writer.metadata,
            lambda: writer.memory_fd(),
            lambda: writer.written,
            lambda: writer.edit(0, 1),
        ):
            with pytest.raises(ringbuf.NotInitializedError):
                use()


def test_gone_with_its_object(name):
    Writer(name, capacity=10)
    assert name not in os.listdir("/dev/shm")


def test_a_writer_stays_where_it_is(name):
    with Writer(name, capacity=10) as writer:
        with pytest.raises(TypeError, match="Writer.resume"):
            pickle.dumps(writer)


def test_in_memory_of_the_callers():
    size = Writer.raw_size(capacity=100, channels=2, window=5, metadata={"a": 1})
    memory = bytearray(size)
    with Writer.create_raw(memory, capacity=100, channels=2, window=5, metadata={"a": 1}) as writer:
        assert (writer.capacity, writer.channels, writer.window, writer.metadata) == (100, 2, 5, {"a": 1})
        with pytest.raises(ringbuf.UnsupportedError):
            writer.memory_fd()
        with pytest.raises(ringbuf.ExistsError):
            Writer.create_raw(memory, capacity=100)
        with Reader(raw=memory) as reader:
            writer.put(np.ones((103, 2)))
            assert (reader.view(98, 103) == 1).all()
            with writer.reserve(3) as block:
                block[:] = 2
            assert reader.view(103, 106).tolist() == [[2, 2]] * 3
    with pytest.raises(ringbuf.InvalidArgumentError):
        Writer.create_raw(bytearray(size - 1), capacity=100, channels=2, window=5)
    with pytest.raises(TypeError, match="read-only"):
        Writer.create_raw(bytes(size), capacity=100)
    with pytest.raises(TypeError, match="unexpected options: keep"):
        Writer.create_raw(memory, capacity=100, keep=True)


def test_rings(name):
    with Writer(name, capacity=10, channels=2) as writer:
        writer.put(np.zeros((3, 2)))
        found = dict(ringbuf.rings())[name]
        assert (found.capacity, found.channels, found.written, found.state) == (10, 2, 3, ringbuf.State.LIVE)
    assert name not in dict(ringbuf.rings())


def test_unlink(name):
    with Writer(name, capacity=10):
        ringbuf.unlink(name)
        assert name not in os.listdir("/dev/shm")
        with pytest.raises(FileNotFoundError):
            ringbuf.unlink(name)


def test_metadata(name):
    with Writer(name, capacity=10, metadata_bytes=60) as writer, Reader(name) as reader:
        assert reader.metadata == {} and reader.metadata_bytes == b""
        writer.metadata = {"unit": "µV", "gain": 1.5, "names": ["a", "b"]}
        assert reader.metadata == writer.metadata == {"unit": "µV", "gain": 1.5, "names": ["a", "b"]}
        with pytest.raises(ringbuf.InvalidArgumentError):
            writer.metadata = {"text": "x" * 100}
        for wrong in object(), float("nan"):
            with pytest.raises((TypeError, ValueError)):
                writer.metadata = {"thing": wrong}
        assert reader.metadata["gain"] == 1.5
        with pytest.raises(AttributeError):
            reader.metadata = {}


UNSUITABLE = [
    {"metadata": {"channels": [f"electrode {i}" for i in range(1000)]}},
    {"metadata": {"text": "x" * 90}, "metadata_bytes": 100},
    {"metadata": {"text": "µ" * 50}, "metadata_bytes": 100},
    {"metadata": {"gain": np.float32(2)}},
    {"metadata": {"offset": float("nan")}},
    {"metadata": {"text": "\udcff"}},
    {"metadata": {("a", "b"): 1}},
    {"metadata": 5},
    {"metadata": "unit"},
    {"metadata": {}, "metadata_bytes": 20, "dtype": [(f"field{i}", "f4") for i in range(20)]},
    {"dtype": [(f"field{i}", "f4") for i in range(1000)]},
    {"dtype": "nothing"},
    {"dtype": object},
    {"dtype": ("f4", (3,))},
    {"dtype": [("a", "f4")], "item_size": 5},
    {"item_size": 2**32},
    {"sample_rate": "fast"},
    {"window": 1000},
]


@pytest.mark.parametrize("options", UNSUITABLE, ids=lambda options: repr(options)[:50])
@pytest.mark.parametrize("keep", [False, True])
def test_a_writer_that_fails_leaves_nothing(name, options, keep):
    with pytest.raises((ValueError, TypeError)) as caught:
        Writer(name, capacity=100, keep=keep, **options)
    assert not os.path.exists(f"/dev/shm/{name}")  # while the exception, and so its frames, are still there
    with Writer(name, capacity=100):
        pass
    del caught


@pytest.mark.parametrize("options", UNSUITABLE[:13], ids=lambda options: repr(options)[:50])
def test_a_writer_that_fails_leaves_what_was_there(name, options):
    with Writer(name, capacity=10, keep=True) as writer:
        writer.put([1, 2, 3])
    with pytest.raises((ValueError, TypeError)):
        Writer(name, capacity=100, **options)
    with Writer.resume(name) as writer:
        assert writer.read(0, 3)[:, 0].tolist() == [1, 2, 3]
    memory = bytearray(Writer.raw_size(capacity=10))
    Writer.create_raw(memory, capacity=10).close()
    before = bytes(memory)
    with pytest.raises((ValueError, TypeError)):
        Writer.create_raw(memory, capacity=10, **options)
    assert memory == before
    ringbuf.unlink(name)


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("step", ["Memory", "ask", "Edits"])
@pytest.mark.parametrize("keep", [False, True])
def test_whatever_fails_after_the_ring_is_made(name, monkeypatch, error, step, keep):
    def fails(*_):
        raise error

    def makers():
        yield lambda: Writer(name, capacity=10, keep=keep, metadata={"unit": "V"})
        yield lambda: ringbuf.RingBuffer.create(name, 1, 10)
        yield lambda: ringbuf.SharedCircularBuffer(name, create=True)
        yield lambda: ringbuf.RingBuffer().initialize(1, 10)

    for make in makers():
        with monkeypatch.context() as patch:
            if step == "Edits":
                patch.setattr(ringbuf.RingBuffer, "_attach", fails)
                patch.setattr(ringbuf.SharedCircularBuffer, "_attach", fails)
                patch.setattr(ringbuf.Ring, "__init__", fails)
            else:
                patch.setattr(f"ringbuf._ring.{step}", fails)
            with pytest.raises(error) as caught:
                make()
            assert name not in dict(ringbuf.rings())
        with Writer(name, capacity=10):
            pass
        del caught


def test_metadata_that_are_large(name):
    with Writer(name, capacity=10, metadata_bytes=100_000, metadata={"text": "x" * 90_000}), Reader(name) as reader:
        assert len(reader.metadata["text"]) == 90_000


@pytest.mark.parametrize("strange", [b"[1, 2]", b"not JSON", b"\xff\xfe", b'{"dtype": [["a"]]}', b'{"dtype": "O"}'])
def test_metadata_of_somebody_elses(name, strange):
    from ringbuf._library import held

    with Writer(name, capacity=10, item_size=8) as writer:
        assert held.ringbuf_set_metadata(writer._handle.pointer, strange, len(strange)) == 0
        with Reader(name) as reader:
            assert reader.metadata_bytes == strange
            assert reader.dtype == np.dtype("V8")
            if not strange.startswith(b"{"):
                with pytest.raises(ValueError):
                    reader.metadata
