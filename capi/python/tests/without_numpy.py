"""What test_without_numpy.py runs: the package where NumPy cannot be imported."""

import array
import sys

sys.modules["numpy"] = None  # what makes `import numpy` fail

import ringbuf  # noqa: E402

name = sys.argv[1]


def fails(kind, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except kind:
        return True
    raise AssertionError(f"no {kind.__name__}")


# Samples are memoryviews of the same shape.
with ringbuf.Writer(name, capacity=10, window=4, channels=2, dtype="int16", metadata={"unit": "V"}) as writer:
    with ringbuf.Reader(name) as reader:
        assert reader.metadata == {"unit": "V"} and reader.dtype == writer.dtype == "int16"
        writer.put(array.array("h", range(16)))
        writer.put(memoryview(array.array("h", range(16, 24))).toreadonly())
        writer.put(array.array("h", [24, 25]).tobytes())
        writer.put(b"")
        fails(ringbuf.IncompatibleError, writer.put, array.array("i", [1, 2]))
        fails(ringbuf.IncompatibleError, writer.put, b"123")
        window = reader.view(8, 13)  # over the end
        assert window.readonly and window.shape == (5, 2) and window.format == "h"
        assert window.tolist() == [[2 * i, 2 * i + 1] for i in range(8, 13)]
        assert len(reader.view(8, 8)) == 0
        assert reader.validate() and reader.check(2, 5) == 2
        assert reader.latest(2).tolist() == [[22, 23], [24, 25]]
        assert reader.read(4, 13).tolist() == [[2 * i, 2 * i + 1] for i in range(4, 13)]
        assert reader.read(4, 4).tolist() == []
        reader.seek(3)
        assert [w.tolist()[0][0] for _, w in zip(range(3), reader.windows(3))] == [6, 12, 18]
        assert reader.pop() == [24, 25]
        assert reader.pop() is None
        assert reader.pop_many(3).tolist() == []
        writer.push(array.array("h", [7, 8]))
        assert reader.pop_many(3).tolist() == [[7, 8]]
        with writer.reserve(2) as block:
            block[1, 0] = 5
        assert reader.pop_many(2).tolist()[1][0] == 5
        fails(ImportError, writer.edit, 10, 11)
        kept = reader.view(15, 16)
assert kept.tolist()[0][0] == 5

# Opaque items, and types that memoryview does not know.
with ringbuf.Writer(name, capacity=10, item_size=3) as writer, ringbuf.Reader(name) as reader:
    assert reader.dtype == "bytes"
    writer.push(b"abc")
    writer.put(b"defghi")
    assert bytes(reader.view(0, 2)) == b"abcdef"
    assert reader.pop() == b"abc"
    assert bytes(reader.pop_many(5)) == b"defghi"
with ringbuf.Writer(name, capacity=10, dtype="complex64") as writer, ringbuf.Reader(name) as reader:
    writer.push(bytes(range(8)))
    assert bytes(reader.next(1)) == bytes(range(8))
fails(TypeError, ringbuf.Writer, name, capacity=1, dtype="datetime64[ns]")

# Memory of the caller's.
memory = bytearray(1 << 16)
with ringbuf.Writer.create_raw(memory, capacity=10) as writer, ringbuf.Reader(raw=memory) as reader:
    writer.put(array.array("f", [1, 2]))
    assert reader.next(2).tolist() == [[1], [2]]
    fails(TypeError, ringbuf.Reader, raw=bytes(memory))

# Items.
with ringbuf.SharedCircularBuffer(name, create=True, item_size=5, length=9) as writer:
    with ringbuf.SharedCircularBuffer(name) as reader:
        for item in range(7):
            writer.push(item)
        assert reader.popitem() == 0 and reader.popmany(9) == [1, 2, 3, 4, 5, 6]

assert ringbuf.datatypes.get_code("float32") == 0 and ringbuf.datatypes.get_type(1) == "int16"
fails(ValueError, ringbuf.datatypes.get_code, "nothing")
fails(ImportError, ringbuf.RingBuffer)
assert len(ringbuf.rings()) >= 0 and sys.modules["numpy"] is None
print("all of it")
