"""MCAP of a ring of messages: what @mcap/core reads, its replay, recorders that are killed, and files that are damaged."""

import os
import signal
import struct
import time

import pytest
import ringbuf
from conftest import ERROR, LOST, OK, USAGE, tool, tool_json
from mcap_files import have_node, read, sidecar, values
from recordings import FORMATS, files, kept_ring, wait_until
from test_mcap import CHUNK, records
from test_record import record

pytestmark = pytest.mark.skipif(not have_node(), reason="no @mcap/core: cmake/bootstrap.sh packages ci")
FIRST = 81_920
KILLS = int(os.environ.get("RINGBUF_KILLS") or 5)
MESSAGES = [(0, 0, b""), (7, -5, b"one"), (2**31 - 1, 2**63 - 1, bytes(range(256)) * 3), (1, -(2**63), "µ".encode()),
            (0, 12, b"8 bytes!")]


class Sent:
    """A ring of messages that stays until the end, and what was sent there: (index, kind, tag, bytes, monotonic_ns)."""

    def __init__(self, name, **options):
        options = {"capacity": 65536, "window": 1024, **options}
        self.writer = ringbuf.Writer(name, messages=True, keep=True, **options)
        self.name, self.sent = name, []

    def send(self, kind, tag, data):
        index = self.writer.written + 24
        self.writer.send(data, tag=tag, kind=kind)
        self.sent.append((index, kind, tag, bytes(data), self.writer.message(index).monotonic_ns))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.writer.close()
        ringbuf.unlink(self.name)


def in_file(path, mode="stream"):
    """The messages of a file as (index, kind, tag, bytes, monotonic_ns), by @mcap/core, and what else it has read."""
    found, data = read(path, mode)
    messages, at = [], 0
    for block in found["blocks"]:
        messages.append((int(block["index"]), block["kind"], int(block["tag"]), data[at:at + block["elements"]],
                         int(block["monotonic_ns"])))
        at += block["elements"]
    assert at == len(data)
    return messages, found


def in_ring(name):
    with ringbuf.Reader(name, observer=True) as reader:
        found = []
        while True:
            try:
                message = reader.receive(timeout=0)
            except ringbuf.OverwrittenError:
                continue  # a gap
            except (ringbuf.ClosedError, ringbuf.BufferTimeoutError):
                return found, reader.gaps(), reader.written
            found.append((message.start, message.kind, message.tag, bytes(message.data)))


def without_times(messages):
    return [message[:4] for message in messages]


@pytest.fixture
def replayed(names):
    """Replays a file into a ring that stays until the end: run(path, ...) is its name."""
    made = []

    def run(path, *words):
        made.append(names())
        tool("replay", path, "--name", made[-1], "--keep", "--as-fast-as-possible", "-q", *words)
        return made[-1]

    yield run
    for name in made:
        ringbuf.unlink(name)


def test_by_the_index_and_from_the_beginning(name, tmp_path):
    """Index, kind, tag, bytes and times, with gaps between and at the end."""
    path = tmp_path / "take.mcap"
    with Sent(name, first_index=FIRST, metadata={"beside": "eeg"}) as ring:
        for kind, tag, data in MESSAGES[:3]:
            ring.send(kind, tag, data)
        ring.writer.skip(1024)
        for kind, tag, data in MESSAGES[3:]:
            ring.send(kind, tag, data)
        ring.writer.skip(8)
        end = ring.writer.written
        ring.writer.close()
        _, err = tool("record", name, "-o", path, "--from", "oldest")
        assert f"{len(MESSAGES)} messages of [{FIRST}, {end})" in err and "none lost" in err
    for mode in "stream", "indexed":
        messages, found = in_file(path, mode)
        assert messages == ring.sent and found["done"]
        assert found["topics"] == {name: "ringbuf_msgs/msg/Message"}
        assert found["statistics"] is None or found["statistics"]["messages"] == len(MESSAGES)
        for block, (*_, monotonic) in zip(found["blocks"], ring.sent):
            now = time.time_ns() - time.monotonic_ns()
            assert abs(int(block["log_time"]) - (monotonic + now)) < 10**9
            assert block["stamp"].replace(".", "") == block["log_time"]
    description = sidecar(found)["global"]
    assert description["ringbuf:metadata"] == '{"beside": "eeg"}' and description["ringbuf:samples"] == len(MESSAGES)
    gaps = "".join(gap["start_end_lost"] for gap in values(found, "ringbuf.gaps")).split()
    assert gaps[1::3] == [str(messages[3][0] - 24), str(end)] and gaps[2::3] == ["0", "0"]


def test_a_replay_is_the_ring(name, tmp_path, replayed):
    """Indices, gaps, kinds, tags, bytes, metadata and shape; and its recording is the recording, but for times."""
    path, again = tmp_path / "take.mcap", tmp_path / "again.mcap"
    with Sent(name, first_index=FIRST, metadata={"beside": "eeg", "x": "µ"}, lossless=True) as ring:
        for repeat in range(20):
            for kind, tag, data in MESSAGES:
                ring.send(kind, tag, data)
            if repeat % 3 == 0:
                ring.writer.skip(8 * repeat + 8)
        ring.writer.close()
        tool("record", name, "-o", path, "--from", "oldest", "-q")
        expected, info = in_ring(name), tool_json("info", name, "--json")
        bytes_of_ring = [ringbuf_bytes(name, start, size) for start, size in ((m[0], len(m[3])) for m in expected[0])]
    copy = replayed(path)
    assert in_ring(copy) == expected and expected[0] == without_times(ring.sent)
    assert [ringbuf_bytes(copy, m[0], len(m[3])) for m in expected[0]] == bytes_of_ring
    other = tool_json("info", copy, "--json")
    for key in "type", "capacity", "window", "lossless", "first_index", "oldest", "written", "metadata", "gaps":
        assert other[key] == info[key], key
    tool("record", copy, "-o", again, "--from", "oldest", "-q")
    assert without_times(in_file(again)[0]) == without_times(in_file(path)[0]) == expected[0]


def ringbuf_bytes(name, start, size):
    with ringbuf.Reader(name, observer=True) as reader:
        return bytes(reader.read(start, start + size))


def test_several_chunks_and_split_files(names, tmp_path, replayed, rng):
    with Sent(names(), capacity=1 << 23, window=1 << 20) as ring:
        for i in range(60):
            ring.send(i, i, rng.randbytes(rng.choice([0, 100, 100_000, 1 << 20])))
            ring.writer.skip(8 * rng.randrange(3))
        for words, least in ((), 1), (("--split", "2MB"), 3):
            path = tmp_path / f"take{len(words)}.mcap"
            process_files = record_of(ring.name, path, words)
            assert len(process_files) >= least
            found, copies = [], []
            for file in process_files:
                messages, description = in_file(file, "indexed")
                found += messages
                copies += in_ring(replayed(file))[0]
                assert description["statistics"]["messages"] == len(messages) and file.stat().st_size < 2_000_000 or least == 1
            oldest = found[0][0]
            assert found == [message for message in ring.sent if message[0] >= oldest]
            assert copies == without_times(found)


def record_of(name, path, words):
    tool("record", name, "-o", path, "--from", "oldest", "-q", *words, "--samples", count_of(name))
    return sorted(path.parent.glob(f"{path.stem}*.mcap"))


def count_of(name):
    return len(in_ring(name)[0])


def test_limits_and_one_clock(names, tmp_path, start):
    """--samples counts messages; the recording begins with the first message after the command did."""
    with Sent(names()) as ring:
        ring.send(1, 1, b"before")
        process = start("record", ring.name, "-o", tmp_path / "a.mcap", "--samples", 3)
        wait_until((tmp_path / "a.mcap").exists)
        for i in range(5):
            ring.send(2, i, b"after")
        assert process.wait() == 0
        assert in_file(tmp_path / "a.mcap")[0] == ring.sent[1:4]
        tool("record", ring.name, "-o", tmp_path / "b.mcap", "--duration", "50ms", "-q")
        assert in_file(tmp_path / "b.mcap", "indexed")[0] == []
        assert tool_json("verify", tmp_path / "b.mcap", "--json")["samples"] == 0


def test_losses_are_told(name, tmp_path, start):
    path = tmp_path / "take.mcap"
    with Sent(name, capacity=4096, window=64) as ring:
        ring.send(0, 0, b"first")
        process = start("record", name, "-o", path, "-q", "--from", "oldest")
        wait_until(lambda: path.exists() and in_file(path)[0] != [])
        process.send_signal(signal.SIGSTOP)
        for i in range(1000):
            ring.send(1, i, b"x" * (i % 64))
        process.send_signal(signal.SIGCONT)
        ring.writer.close()
        assert process.wait() == LOST
        err = process.stderr.read().decode()
    messages, found = in_file(path)
    assert messages == ring.sent[:1] + ring.sent[len(ring.sent) - len(messages) + 1:] and len(messages) < 200
    lost = messages[1][0] - 24 - (messages[0][0] + 8)
    assert f"lost {lost} bytes of messages" in err
    assert [gap["start_end_lost"].split()[2] for gap in values(found, "ringbuf.gaps")] == [str(lost)]
    assert tool_json("verify", path, "--json", status=LOST)["lost"] == lost


def test_killed_at_any_moment(names, tmp_path, start, rng, replayed):
    """What is left is read by others and by us; --repair makes it whole, and twice changes nothing."""
    for kill in range(KILLS):
        path = tmp_path / f"take{kill}.mcap"
        with Sent(names(), capacity=1 << 22, window=4096) as ring:
            process = start("record", ring.name, "-o", path, "-q")
            wait_until(path.exists)
            end = time.monotonic() + rng.random() * rng.choice([0.01, 0.1, 1.5])
            skips = 62  # a ring tells of no more, and what it does not tell of counts as lost
            while time.monotonic() < end:
                ring.send(rng.randrange(9), rng.randrange(10**9), bytes(rng.choice([0, 5, 4096])))
                if skips > 0 and rng.random() < 0.05:
                    ring.writer.skip(8 * rng.randrange(1, 100))
                    skips -= 1
            process.kill()
            process.wait()
        if path.stat().st_size == 0:
            continue  # killed before it had begun
        messages = in_file(path)[0]
        kept = {message[0] for message in messages}  # the writer may have been too fast for the recorder
        assert messages == [message for message in ring.sent if message[0] in kept]
        again = in_ring(replayed(path))[0]  # the ring has no room for more
        assert again == without_times(messages)[len(messages) - len(again):] and bool(again) == bool(messages)
        assert "--repair makes it whole" in tool("verify", path, status=ERROR)[1]
        some_lost = any(messages and messages[0][0] < message[0] < messages[-1][0] and message[0] not in kept
                        for message in ring.sent)
        status = LOST if some_lost else OK
        out, _ = tool("verify", path, "--repair", status=status)
        assert f"{len(messages)} messages, and the recording has ended" in out
        for mode in "stream", "indexed":
            assert in_file(path, mode)[0] == messages
        found = tool_json("verify", path, "--repair", "--json", status=status)
        assert found["whole"] and found["changes"] == [] and found["samples"] == len(messages) and found["messages"]


def test_what_came_a_while_ago_is_in_the_file(name, tmp_path, start):
    path = tmp_path / "take.mcap"
    with Sent(name) as ring:
        process = start("record", name, "-o", path)
        wait_until(path.exists)
        ring.send(1, 2, b"now")
        wait_until(lambda: in_file(path)[0] == ring.sent)
        process.kill()
        process.wait()
    assert in_file(path, "indexed")[0] == ring.sent


def test_its_timing(name, names, tmp_path, replayed):
    path = tmp_path / "take.mcap"
    with Sent(name, first_index=FIRST) as ring:
        for i in range(3):
            ring.send(0, i, b"m")
            time.sleep(0.1)
        ring.writer.close()
        tool("record", name, "-o", path, "--from", "oldest", "-q")
    took = ring.sent[-1][4] - ring.sent[0][4]
    for words, speed in ((), 1), (("--speed", 4), 4):
        begin = time.monotonic_ns()
        tool("replay", path, "--name", names(), *words)
        assert time.monotonic_ns() - begin >= took / speed
    for where, count in (("0.05s", 2), (str(ring.sent[1][0]), 1), (str(FIRST), 3), (str(ring.sent[2][0] - 24), 1)):
        assert len(in_ring(replayed(path, "--from", where))[0]) == count
    for where in "9s", "10000", "soon", "-8":
        assert "--from" in tool("replay", path, "--name", names(), f"--from={where}", status=USAGE)[1]


def test_loop(name, names, tmp_path, start):
    path, other = tmp_path / "take.mcap", names()
    with Sent(name) as ring:
        ring.send(1, 5, b"a")
        ring.send(2, 6, b"longer than eight")
        ring.writer.skip(16)
        ring.writer.close()
        tool("record", name, "-o", path, "--from", "oldest", "-q")
    process = start("replay", path, "--name", other, "--loop", "--lossless", "--wait-readers", 1, "--as-fast-as-possible")
    got = []
    with ringbuf.Reader.open_wait(other, start="oldest") as reader:
        while len(got) < 5:
            try:
                message = reader.receive(timeout=None)
            except ringbuf.OverwrittenError:
                continue
            got.append((message.start, message.kind, message.data))
    process.terminate()
    assert process.wait() == 0
    assert got == [(24 + 96 * (i // 2) + 32 * (i % 2), 1 + i % 2, b"longer than eight" if i % 2 else b"a") for i in range(5)]


def test_reconnect(name, tmp_path, start):
    """The next ring of the name gets a file of its own."""
    path = tmp_path / "take.mcap"
    sent = []
    process = start("record", name, "-o", path, "--reconnect", "--wait", "1h", "-q")
    for part in "", "-0002":
        file = tmp_path / f"take{part}.mcap"
        with ringbuf.Writer(name, messages=True, capacity=4096, window=64) as writer:
            if part == "":
                wait_until(file.exists)
            writer.send(part.encode(), kind=3)
            wait_until(lambda: file.exists() and len(in_file(file)[0]) == 1)
            sent.append(in_file(file)[0][0][3])
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0 and sent == [b"", b"-0002"]


def test_what_is_refused(names, tmp_path):
    name, samples = names(), names()
    with Sent(name) as ring, kept_ring(samples, [10]):
        ring.writer.close()
        for form, ending in {**FORMATS, "flac": ".flac", "edf": ".edf"}.items():
            if form != "mcap":
                assert "--format mcap" in record(name, tmp_path / f"take{ending}", status=USAGE)[1]
        assert "record" in tool("trigger", name, "--on-signal", "-o", tmp_path / "t.mcap", status=USAGE)[1]
        assert files(tmp_path) == []
        record(name, tmp_path / "take.mcap")
        for words, text in ((("--messages", "x"), "--name"), (("--rate", 5), "--rate"), (("--capacity", "5s"), "bytes")):
            assert text in tool("replay", tmp_path / "take.mcap", *words, status=USAGE)[1]
        assert "messages" in tool("verify", tmp_path / "take.mcap", "--counter", status=USAGE)[1]


def test_damaged_files(name, tmp_path):
    path = tmp_path / "take.mcap"
    with Sent(name) as ring:
        for kind, tag, data in MESSAGES:
            ring.send(kind, tag, data)
        ring.writer.close()
        tool("record", name, "-o", path, "--from", "oldest", "-q")
    data = path.read_bytes()
    chunk = next(at for at, kind, _ in records(data) if kind == CHUNK)
    message = chunk + 9 + 40  # the first one, which has no bytes
    content = message + 9 + 22
    last = data.rindex(b"8 bytes!", 0, len(data) - 8)
    for at, change, text in (
        (last, b"9", "CRC"),
        (content + 4 + 36, struct.pack("<I", 5), "length"),
        (content + 4 + 8, struct.pack("<q", 8), "length"),
        (content + 4 + 8, struct.pack("<q", 4096), "go back"),
    ):
        path.write_bytes(data[:at] + change + data[at + len(change):])
        _, err = tool("verify", path, status=ERROR)
        assert text in err and "take.mcap" in err
    path.write_bytes(data.replace(b"msg/Message", b"msg/Samples"))
    assert "schema" in tool("verify", path, status=ERROR)[1]


def test_a_full_disk_keeps_whole_messages(name, tmp_path, start):
    path = tmp_path / "take.mcap"
    limit = 300_000
    with Sent(name, capacity=1 << 20, window=8192) as ring:
        for i in range(80):
            ring.send(1, i, bytes(8000))
        ring.writer.close()
        _, err = tool("record", name, "-o", path, "--from", "oldest", status=ERROR,
                      preexec_fn=lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_FSIZE, (limit, limit)))
    messages = in_file(path, "indexed")[0]
    assert messages == ring.sent[:len(messages)] and 20 < len(messages) < 38
    assert f"{80 - len(messages)} messages could not be written" in err and f"{len(messages)} messages of" in err
    assert tool_json("verify", path, "--json")["samples"] == len(messages)
