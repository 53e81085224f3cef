"""cat and put: every byte, index, gap and time; the forms; what is refused."""

import io
import json
import os
import signal
import subprocess

import numpy as np
import pytest
import ringbuf
from conftest import DEAD, ERROR, LOST, OK, TOOL, USAGE, raw_tool, tool, tool_json

TYPES = ("float32 int16 float64 int8 uint8 uint16 int32 uint32 int64 uint64 float16 complex64 complex128").split()


@pytest.fixture
def kept(names):
    """Makes kept rings, and removes them at the end."""
    made = []

    def make(data=b"", *words, name=None, status=OK):
        made.append(name or names())
        tool("put", made[-1], "--keep", *words, stdin=data, status=status)
        return made[-1]

    yield make
    for name in made:
        if os.path.exists(f"/dev/shm/{name}"):
            tool("rm", name)


def counter(start, end, channels=1, dtype="int16"):
    return np.arange(start * channels, end * channels).astype(dtype).reshape(-1, channels)


def test_cat_into_put_is_bit_identical(kept, rng):
    data = rng.randbytes(300000)
    first = kept(data, "--type", "int16", "--channels", 3, "--rate", 1000, "--capacity", 50000)
    assert raw_tool("cat", first).stdout == data
    second = kept(raw_tool("cat", first).stdout)
    assert raw_tool("cat", second).stdout == data


@pytest.mark.parametrize("dtype", [*TYPES, "bytes"])
def test_framed_keeps_everything(dtype, kept, names, rng):
    name = names()
    options = {"item_size": 12} if dtype == "bytes" else {"dtype": dtype}
    size = 24 if dtype == "bytes" else 2 * np.dtype(dtype).itemsize
    samples = [rng.randbytes(100 * size) for _ in range(3)]
    metadata = {"kind": "test", "device": "ä"}
    with ringbuf.Writer(
        name, channels=2, capacity=1000, window=50, sample_rate=12.5, first_index=1000, metadata=metadata, **options
    ) as writer:
        index = 1000
        for k, block in enumerate(samples):
            writer.put(block)
            index += 100
            writer.stamp(index - 100, 10**9 * (k + 1), 10**18 + 10**9 * (k + 1))
            writer.stamp(index - 1, 10**9 * (k + 1) + 10**8, 10**18 + 10**9 * (k + 1) + 10**8)
            writer.skip(k)  # one of 1, one of 2
            index += k
        frames = raw_tool("cat", name, "--framed").stdout
        copy = kept(frames, "--framed")
        a, b = tool_json("info", name, "--json"), tool_json("info", copy, "--json")
        for key in ("type", "channels", "item_size", "capacity", "window", "sample_rate", "first_index", "oldest", "metadata"):
            assert a[key] == b[key], key
        # A gap after the last sample comes with the next sample.
        assert b["gaps"] == [[1200, 1201]] and b["written"] == 1301
        assert raw_tool("cat", copy).stdout == b"".join(samples)
        with ringbuf.Reader(copy) as reader:
            for index in (1000, 1050, 1099, 1100, 1199, 1201, 1250, 1300):
                assert reader.time_at(index) == writer.time_at(index)


def test_framed_of_messages(kept, names):
    name = names()
    with ringbuf.Writer(name, messages=True, capacity=4096) as writer:
        for k, text in enumerate((b"", b"one", b"\0\xff" * 50)):
            writer.send(text, kind=k, tag=-k)
        copy = kept(raw_tool("cat", name, "--framed").stdout, "--framed")
        a, b = (
            [json.loads(line) for line in tool("cat", each, "--json")[0].splitlines()] for each in (name, copy)
        )
        for message in a + b:
            del message["time"], message["monotonic_ns"]
        assert a == b and [m["kind"] for m in a] == [0, 1, 2] and [m["tag"] for m in a] == [0, -1, -2]
        assert a[1]["text"] == "one" and a[2]["hex"] == "00ff" * 50


def test_lines_are_messages(kept):
    name = kept(b"one\n\ntwo three\nfour", "--messages", 100)
    assert tool("cat", name)[0] == "one\n\ntwo three\nfour\n"


def test_npy(kept, tmp_path):
    data = counter(0, 100, 3)
    name = kept(data.tobytes(), "--type", "int16", "--channels", 3)
    assert (np.load(io.BytesIO(raw_tool("cat", name, "--npy").stdout)) == data).all()
    path = tmp_path / "file.npy"
    with path.open("wb") as file:
        subprocess.run([TOOL, "cat", name, "--npy", "--from", "10", "--channels", "2,0"], stdout=file, check=True, timeout=120)
    loaded = np.load(path)
    assert loaded.dtype == np.int16 and (loaded == data[10:, [2, 0]]).all()


@pytest.mark.parametrize("dtype", TYPES)
def test_npy_of_every_type(dtype, kept):
    data = counter(0, 10, 2, dtype)
    name = kept(data.tobytes(), "--type", dtype, "--channels", 2)
    loaded = np.load(io.BytesIO(raw_tool("cat", name, "--npy").stdout))
    assert loaded.dtype == data.dtype and (loaded == data).all()


def rows(text):
    return [line.split(",") for line in text.split("\r\n")[:-1]]


@pytest.mark.parametrize("dtype", TYPES)
def test_csv_gives_the_same_numbers_again(dtype, kept, rng):
    if dtype.startswith(("int", "uint")):
        limits = np.iinfo(dtype)
        data = np.array([limits.min, limits.max, 0, 1, rng.randint(limits.min, limits.max)], dtype)
    else:
        data = np.array([0.1, -1e-7, 65504, 1 / 3, rng.random()], dtype)
        if dtype.startswith("complex"):
            data = (data * (1 - 0.3j)).astype(dtype)
    name = kept(data.tobytes(), "--type", dtype)
    table = rows(tool("cat", name, "--csv")[0])
    assert table[0] == ["index", "time", "1"] and [row[0] for row in table[1:]] == ["0", "1", "2", "3", "4"]
    again = [row[2].replace("i", "j") if dtype.startswith("complex") else row[2] for row in table[1:]]
    kind = complex if dtype.startswith("complex") else int if "int" in dtype else float
    assert (np.array([kind(text) for text in again], dtype) == data).all()


def test_json_and_names(kept):
    metadata = json.dumps({"channels": [{"name": "left"}, {"name": "ri,ght"}]})
    data = np.array([[1, np.nan], [0.1, -np.inf]], np.float32)
    name = kept(data.tobytes(), "--type", "float32", "--channels", 2, "--metadata", metadata)
    lines = [json.loads(line) for line in tool("cat", name, "--json")[0].splitlines()]
    assert [line["values"] for line in lines] == [[1, None], [0.1, None]] and [line["index"] for line in lines] == [0, 1]
    assert tool("cat", name, "--csv")[0].startswith('index,time,left,"ri,ght"\r\n')
    assert "left" in tool("cat", name, "--table")[0].splitlines()[0]
    one = tool("cat", name, "--channels", "left", "--csv")[0]
    assert [row[2] for row in rows(one)] == ["left", "1", "0.1"]


def test_ranges(kept):
    name = kept(counter(0, 1000).tobytes(), "--type", "int16", "--rate", 100, "--first-index", 50)

    def values(*words):
        return np.frombuffer(raw_tool("cat", name, *words).stdout, np.int16).tolist()

    assert values("--from", 60, "--to", 63) == [10, 11, 12]
    assert values("--from", "oldest", "--to", 52) == [0, 1]
    assert values("--from", 1048) == [998, 999] and values("--from", "newest") == []
    assert values("--last", 3) == [997, 998, 999]
    assert values("--last", "20ms") == [998, 999] and values("--last", "20ms", "--to", 60) == [8, 9]
    assert values("--last", 10**9) == list(range(1000))
    assert values("--from", 60, "--to", 75, "--every", 7) == [10, 17, 24]
    time = [row[1] for row in rows(tool("cat", name, "--csv")[0])][501]
    index = np.frombuffer(raw_tool("cat", name, "--from", time, "--to", 1050).stdout, np.int16)[0]
    assert [row[1] for row in rows(tool("cat", name, "--csv", "--from", 50 + int(index))[0])][1] >= time
    assert values("--from", "2000-01-01T00:00:00Z") == list(range(1000))
    assert values("--from", "2200-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "words, said",
    [
        (("--from", "soon"), '--from is "soon", expected an index'),
        (("--from", "-1"), "the first index of"),
        (("--from", "9", "--to", "5"), "--to is 5, before the first sample, 9"),
        (("--last", "5s"), "the ring has no sample rate"),
        (("--last", "5", "--from", "1"), "--from"),
        (("--channels", "0,2"), '--channels has "2", expected 0 to 1'),
        (("--channels", "left"), '--channels has "left"'),
        (("--every", "0"), "--every"),
        (("--csv", "--json"), ""),
        (("--framed", "--every", "2"), "--framed copies whole samples"),
    ],
)
def test_what_cat_refuses(words, said, kept):
    name = kept(bytes(100), "--channels", 2)
    out, err = tool("cat", name, *words, status=USAGE)
    assert out == "" and said in err


@pytest.mark.parametrize(
    "words, said, status",
    [
        (("--type", "int15"), "int15", USAGE),
        (("--capacity", "10s"), "--capacity is a time, and the ring has no sample rate", USAGE),
        (("--capacity", "many"), '--capacity is "many"', USAGE),
        (("--realtime",), "--realtime takes a --rate", USAGE),
        (("--metadata", "[1]"), "no JSON object", USAGE),
        (("--metadata", "@/no/such/file"), "cannot be read", ERROR),
        (("--channels", "0"), "--channels", USAGE),
        (("--capacity", "0"), "capacity", USAGE),
        (("--item-size", "3", "--type", "int16"), "--item-size goes with --type bytes", USAGE),
        (("--framed",), "stdin has no frames", ERROR),
    ],
)
def test_what_put_refuses(words, said, status, name):
    out, err = tool("put", name, *words, stdin=b"x" * 100, status=status)
    assert out == "" and said in err
    assert not os.path.exists(f"/dev/shm/{name}")


def test_put_refuses_a_live_ring(name):
    with ringbuf.Writer(name, capacity=10) as writer:
        writer.put(np.ones(3, np.float32))
        assert f"`ringbuf info {name}` shows it" in tool("put", name, stdin=b"abc", status=ERROR)[1]
        assert writer.info().written == 3


def test_a_sample_that_is_not_whole(kept):
    name = kept(bytes(10), "--type", "float32", status=ERROR)
    assert tool_json("info", name, "--json")["written"] == 2  # the whole ones are there


def test_frames_that_end_early(kept):
    first = kept(bytes(1000), "--type", "int16")
    frames = raw_tool("cat", first, "--framed").stdout
    for length in (20, 48 + 10, len(frames) - 48, len(frames) - 1):
        kept(frames[:length], "--framed", status=ERROR)
    damaged = bytearray(frames)
    damaged[-48] = 0
    kept(bytes(damaged), "--framed", status=ERROR)


def test_an_overrun_is_said_and_told_by_the_exit_status(name, start):
    with ringbuf.Writer(name, capacity=100, dtype="int16") as writer:
        writer.put(np.arange(150, dtype=np.int16))
        done = raw_tool("cat", name, "--from", 0, "--to", 150, status=LOST)
        first = np.frombuffer(done.stdout, np.int16)[0]
        assert f"the samples 0 to {first - 1} were overwritten" in done.stderr.decode()
        assert np.frombuffer(done.stdout, np.int16).tolist() == list(range(first, 150)) and first >= 50
        lines = [json.loads(line) for line in raw_tool("cat", name, "--from", 0, "--json", status=LOST).stdout.splitlines()]
        assert lines[0] == {"lost": [0, int(first)]}
        copied = raw_tool("cat", name, "--from", 0, "--framed", status=LOST).stdout
        copy = f"{name}-copy"
        tool("put", copy, "--framed", "--keep", stdin=copied, status=LOST)
        again = raw_tool("cat", copy, "--json").stdout
        tool("rm", copy)
        assert [json.loads(line)["index"] for line in again.splitlines()] == list(range(first, 150))


def test_gaps_are_said(name):
    with ringbuf.Writer(name, capacity=100, dtype="int16") as writer:
        writer.put(np.arange(10, dtype=np.int16))
        writer.skip(5)
        writer.put(np.arange(15, 20, dtype=np.int16))
        done = raw_tool("cat", name)
        assert np.frombuffer(done.stdout, np.int16).tolist() == [*range(10), *range(15, 20)]
        assert b"has skipped the samples 10 to 14" in done.stderr
        for place in range(10, 16):
            assert np.frombuffer(raw_tool("cat", name, "--from", place).stdout, np.int16)[0] == 15
        out = tool("cat", name, "--json", "--from", 9)[0].splitlines()
        assert json.loads(out[1]) == {"gap": [10, 15]}


def test_follow_ends_with_the_stream(name, start):
    with ringbuf.Writer(name, capacity=100, dtype="int16", lossless=True) as writer:
        cat = start("cat", name, "--follow", "--registered")
        writer.wait_readers(1)
        for k in range(50):
            writer.put(np.arange(20 * k, 20 * k + 20, dtype=np.int16), timeout=60)
    assert np.frombuffer(cat.communicate(timeout=60)[0], np.int16).tolist() == list(range(1000))
    assert cat.returncode == OK


def test_follow_says_that_the_writer_died(name, start):
    put = start("put", name, stdin=subprocess.PIPE)
    tool("wait", name, "--timeout", "60s")
    cat = start("cat", name, "--follow")
    put.stdin.write(b"abc")
    put.stdin.flush()
    assert cat.stdout.read(3) == b"abc"
    put.kill()
    assert cat.wait(60) == DEAD and b"the writer died" in cat.stderr.read()
    tool("rm", name)


def test_a_ring_that_comes_back_with_another_shape(name, start):
    put = start("put", name, stdin=subprocess.PIPE)
    tool("wait", name, "--timeout", "60s")
    cat = start("cat", name, "--follow")
    put.stdin.write(b"abc")
    put.stdin.flush()
    assert cat.stdout.read(3) == b"abc"
    cat.send_signal(signal.SIGSTOP)
    put.kill()
    put.wait()
    with ringbuf.Writer(name, capacity=10, dtype="float64", channels=3) as writer:
        writer.put(np.ones((3, 3)))
        cat.send_signal(signal.SIGCONT)
        assert cat.wait(60) == DEAD and cat.stdout.read() == b"" and b"newer ring" in cat.stderr.read()


def test_a_pipe_that_is_full_and_then_gone(kept, start):
    name = kept(bytes(1 << 20), "--capacity", 1 << 20)
    read, write = os.pipe()
    os.set_blocking(write, False)  # and full pipes are waited for all the same
    cat = start("cat", name, stdout=write)
    os.close(write)
    assert len(os.read(read, 1000)) == 1000
    os.close(read)
    assert cat.wait(60) == -signal.SIGPIPE and cat.stderr.read() == b""
    read, write = os.pipe()
    os.set_blocking(write, False)
    cat = start("cat", name, stdout=write)
    os.close(write)
    with open(read, "rb") as file:
        assert file.read() == bytes(1 << 20)
    assert cat.wait(60) == OK


def test_a_signal_ends_put_as_the_end_of_stdin_does(name, start):
    put = start("put", name, "--keep", stdin=subprocess.PIPE)
    put.stdin.write(b"abc")
    put.stdin.flush()
    tool("wait", name, "--index", 2, "--timeout", "60s")
    put.send_signal(signal.SIGTERM)
    assert put.wait(60) == OK
    info = tool_json("info", name, "--json")
    assert (info["state"], info["written"]) == ("closed", 3)
    tool("rm", name)


def test_a_signal_ends_a_lossless_put_that_waits_for_room(name, start):
    put = start("put", name, "--keep", "--lossless", "--capacity", 100, "--wait-readers", 1, stdin=subprocess.PIPE)
    tool("wait", name, "--timeout", "60s")
    with ringbuf.Reader(name) as reader:
        put.stdin.write(bytes(150))
        put.stdin.flush()
        tool("wait", name, "--index", 99, "--timeout", "60s")
        put.send_signal(signal.SIGINT)
        assert put.wait(60) == OK and reader.info().written == 100
    tool("rm", name)


def test_put_waits_for_readers_of_a_lossless_ring(name, start, rng):
    data = rng.randbytes(50000)  # fits into the pipe of cat
    put = start("put", name, "--lossless", "--capacity", 4096, "--wait-readers", 1, stdin=subprocess.PIPE)
    tool("wait", name, "--timeout", "60s")
    cat = start("cat", name, "--follow", "--registered")
    put.communicate(data, timeout=60)
    assert put.returncode == OK and cat.communicate(timeout=60)[0] == data


def test_realtime_takes_the_time(kept):
    name = kept(bytes(2 * 200), "--type", "int16", "--rate", 1000, "--realtime")
    with ringbuf.Reader(name) as reader:
        first, last = reader.time_at(0), reader.time_at(199)
    assert last.monotonic_ns - first.monotonic_ns >= 150_000_000  # no upper bound: the machine may be busy


@pytest.mark.parametrize("channels, names", [
    ([{"name": "a"}], "1,2,3"), ([{"name": "a"}] * 4, "1,2,3"), ({"name": "a"}, "1,2,3"),
    ([{"name": ""}, {"name": "b"}, 5], "1,b,3"), ([{"name": 7}, {"name": "3"}, {}], "1,3,3")])
def test_names_of_channels_are_the_same_everywhere(channels, names, name, tmp_path):
    """A list of another length is of no use; a channel without a name has its number, in cat and in recordings."""
    data = np.zeros((4, 3), "int16").tobytes()
    metadata = json.dumps({"channels": channels})
    tool("put", name, "--type", "int16", "--channels", 3, "--keep", "--metadata", metadata, stdin=data)
    try:
        assert tool("cat", name, "--csv")[0].splitlines()[0] == f"index,time,{names}"
        tool("record", name, "-o", tmp_path / "a.csv", "--from", "oldest", "-q")
        assert (tmp_path / "a.csv").read_text().splitlines()[0] == f"index,time,{names}"
        described = json.loads((tmp_path / "a.csv.json").read_text())["global"]["ringbuf:channels"]
        assert ",".join(each["name"] for each in described) == names
    finally:
        tool("rm", name)
