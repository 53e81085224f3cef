"""interop.py write|read NAME: see tests/interop/README.md."""

import math
import sys
import zlib

import ringbuf
import stream


def say(line):
    print(line, flush=True)


def expect_go():
    if sys.stdin.readline() != "go\n":
        sys.exit("no go")


def say_error(function, *arguments, **options):
    try:
        function(*arguments, **options).close()
    except ringbuf.BufferError as error:
        say(f"error {error.name}: {error.detail}")


def put_all(name, writer):
    data, width = stream.samples(name), stream.PUT * writer.sample_bytes
    for at in range(0, len(data), width):
        writer.wait_space(stream.PUT)
        if name == "float64":
            with writer.reserve(stream.PUT) as block:
                memoryview(block).cast("B")[:] = data[at : at + width]
        else:
            writer.put(data[at : at + width])


def write(name):
    windowed = {"channels": stream.CHANNELS, "capacity": stream.CAPACITY, "window": stream.WINDOW}
    overwritten = ringbuf.Writer(f"{name}.overwritten", dtype="int64", **windowed)
    writers = {of: ringbuf.Writer(f"{name}.{of}", dtype=of, lossless=True, **windowed) for of in stream.WINDOWED}
    items = ringbuf.Writer(
        f"{name}.items", item_size=stream.ITEM_BYTES, capacity=stream.CAPACITY, window=stream.WINDOW, lossless=True
    )
    data = stream.samples("int64")
    middle, end = stream.WINDOW * overwritten.sample_bytes, (stream.WINDOW + 200) * overwritten.sample_bytes
    overwritten.put(data[:middle])
    say_error(ringbuf.Writer, f"{name}.int64", dtype="int64", **windowed)
    say("ready")
    expect_go()
    overwritten.put(data[middle:end])
    say("overwritten")

    for of, writer in writers.items():
        put_all(of, writer)
        writer.close()
    data = stream.items()
    overwritten.close()
    for at in range(0, len(data), stream.ITEM_BYTES):
        items.wait_space(1)
        items.push(data[at : at + stream.ITEM_BYTES])
    say("done")
    sys.stdin.readline()


def read_windows(name, reader):
    expected, width = stream.samples(name), reader.sample_bytes
    windows = total = nan = minus_zero = 0
    adler32 = zlib.adler32(b"")
    for window in reader.windows(stream.WINDOW, step=stream.STEP):
        data, elements = window.tobytes(), memoryview(window).cast("B").cast(stream.WINDOWED[name][2])
        adler32 = zlib.adler32(data, adler32)
        if name == "int64":
            total += sum(elements)
        else:
            nan += sum(map(math.isnan, elements))
            minus_zero += sum(element == 0 and math.copysign(1, element) < 0 for element in elements)
        if not reader.validate():
            sys.exit(f"{name}: the window at {reader.start} is not whole")
        if data != expected[reader.start * width : (reader.start + stream.WINDOW) * width]:
            sys.exit(f"{name}: the window at {reader.start} is wrong")
        windows += 1
    figure = f"sum={(total + 2**63) % 2**64 - 2**63}" if name == "int64" else f"nan={nan} minus_zero={minus_zero}"
    say(f"{name} windows={windows} adler32={adler32:08x} {figure} end=RINGBUF_CLOSED")


def read_items(reader):
    expected = stream.items()
    popped, adler32 = 0, zlib.adler32(b"")
    try:
        while True:
            item = reader.pop(timeout=None)
            if item != expected[popped * stream.ITEM_BYTES : (popped + 1) * stream.ITEM_BYTES]:
                sys.exit(f"item {popped} is wrong")
            adler32 = zlib.adler32(item, adler32)
            popped += 1
    except (ringbuf.ClosedError, ringbuf.StaleError) as error:
        say(f"items popped={popped} adler32={adler32:08x} end={error.name}")


def read(name):
    say_error(ringbuf.Reader, f"{name}.nobody")
    say_error(ringbuf.Reader, "no/name")
    readers = {of: ringbuf.Reader(f"{name}.{of}") for of in (*stream.WINDOWED, "items", "overwritten")}
    overwritten = readers.pop("overwritten")
    overwritten.next(stream.WINDOW)
    say("ready")
    expect_go()
    code = overwritten.check(overwritten.start, overwritten.start + stream.WINDOW)
    say(f"overwritten check=RINGBUF_{ringbuf.Code(code).name}")
    items = readers.pop("items")
    for of, reader in readers.items():
        read_windows(of, reader)
    read_items(items)


{"write": write, "read": read}[sys.argv[1]](sys.argv[2])
