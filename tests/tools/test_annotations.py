"""Messages beside samples: `record --annotations` keeps them in every format but MCAP, and `replay --messages` makes a ring of
them again."""

import json
import re

import pytest
import ringbuf
from conftest import ERROR, USAGE, tool, tool_json
from recordings import FORMATS, counter, described, kept_ring, sidecar, sidecar_path, wait_until
from test_record import record

ENDINGS = {**FORMATS, "flac": ".flac", "edf": ".edf", "bdf": ".bdf"}
del ENDINGS["mcap"]
RATE = 8000
# (tag, kind, message). Text that begins like a kind, other bytes, and nothing at all.
EVENTS = [(0, 0, b"start"), (5, 7, "Reiz µ".encode()), (5, 0, b"12: no kind"), (4001, 2**31 - 1, b"a\nb\tc"),
          (7999, 1, b"x" * 90)]
BYTES = [(8000, 3, b"\xff\x00\xfe"), (8001, 0, b""), (8002, 0, b"\x01")]


def send(events, messages, **options):
    with ringbuf.Writer(events, capacity=65536, window=100, messages=True, keep=True, **options) as writer:
        for tag, kind, text in messages:
            writer.send(text, tag=tag, kind=kind)


def received(events):
    """(tag, kind, message) of each message of a ring."""
    with ringbuf.Reader(events, observer=True) as reader:
        found = []
        try:
            while True:
                message = reader.receive(timeout=0)
                found.append((message.tag, message.kind, bytes(message.data)))
        except (ringbuf.ClosedError, ringbuf.BufferTimeoutError):
            return found


@pytest.fixture
def replayed(names):
    """Replays a file into two rings that stay until the end: run(path, ...) is their names."""
    made = []

    def run(path, *words):
        name, events = names(), names()
        out = tool("replay", path, "--name", name, "--messages", events, "--keep", "--as-fast-as-possible", *words)[1]
        made.extend([name, events])
        assert f"{events}: " in out
        return name, events

    yield run
    for name in made:
        ringbuf.unlink(name)


@pytest.fixture
def take(names, tmp_path):
    """Records samples with messages beside them: take(form, parts, messages) is the path."""

    def make(form, parts, messages, *words, first=0):
        name, events, path = names(), names(), tmp_path / f"take{ENDINGS[form]}"
        with kept_ring(name, parts, sample_rate=float(RATE), first_index=first):
            send(events, messages, metadata={"beside": name})
            try:
                record(name, path, "--annotations", events, *words)
            finally:
                ringbuf.unlink(events)
        return path

    return make


@pytest.mark.parametrize("form", ENDINGS)
def test_they_come_back_as_they_were(form, take, replayed):
    """Kinds, tags and bytes; EDF and BDF have text only."""
    messages = EVENTS if form in ("edf", "bdf") else EVENTS + BYTES
    path = take(form, [9000], messages)
    name, events = replayed(path)
    assert received(events) == messages
    with ringbuf.Reader(events, observer=True) as reader:
        assert reader.metadata == {"beside": name}
    with ringbuf.Reader(name, observer=True) as reader:
        for tag, _, _ in messages:
            assert reader.time_at(tag).realtime_ns > 0
    again = path.with_name(f"again{ENDINGS[form]}")
    record(name, again, "--annotations", events)
    assert sidecar(again)["annotations"] == sidecar(path)["annotations"]
    other, more = replayed(again)
    assert received(more) == messages and other != name
    assert "--messages" in tool("replay", path, "--name", f"{name}x", "--as-fast-as-possible")[1]


def test_what_edf_cannot_say(take, replayed):
    """Bytes that are no text are digits, control characters are spaces."""
    _, events = replayed(take("edf", [9000], [(1, 3, b"\xff\x00\xfe"), (2, 0, b"a\x14\x01b")]))
    assert received(events) == [(1, 3, b"ff00fe"), (2, 0, b"a  b")]


@pytest.mark.parametrize("form", ["sigmf", "raw", "csv"])
def test_beside_gaps(form, take, replayed):
    """Before the first sample, in gaps, and after the end."""
    messages = [(100, 1, b"first"), (149, 1, b"last before"), (150, 1, b"in"), (199, 1, b"in too"), (200, 1, b"after"),
                (250, 1, b"next gap"), (275, 1, b"end"), (300, 1, b"behind")]
    path = take(form, [50, -50, 50, -10, 15], messages, first=100)
    starts = [each["core:sample_start"] for each in sidecar(path)["annotations"]]
    assert starts == [0, 49, 50, 50, 50, 100, 115, 140] == sorted(starts)
    _, events = replayed(path)
    assert received(events) == messages
    _, events = replayed(path, "--from", 199)  # in the gap: after it
    assert received(events) == messages[4:]


def test_edf_with_an_index_that_does_not_begin_at_0(take, replayed):
    messages = [(107, 0, b"one"), (8106, 5, b"two")]
    _, events = replayed(take("edf", [8000], messages, first=107))
    assert received(events) == messages


def test_the_index_goes_on_in_a_loop(take, names, start):
    path = take("sigmf", [100], [(10, 1, b"a"), (99, 2, b"b")])
    name, events = names(), names()
    process = start("replay", path, "--name", name, "--messages", events, "--loop", "--lossless", "--as-fast-as-possible",
                    "--wait-readers", 1)
    with ringbuf.Reader.open_wait(events, start="oldest") as reader, ringbuf.Reader.open_wait(name, start="oldest") as samples:
        got = []
        while len(got) < 5:
            samples.next(100, timeout=None)
            while len(got) < 5 and (message := next_message(reader)):
                got.append(message)
    assert got == [(10, b"a"), (99, b"b"), (110, b"a"), (199, b"b"), (210, b"a")]
    process.terminate()
    assert process.wait() == 0


def next_message(reader):
    try:
        message = reader.receive(timeout=0)
    except ringbuf.BufferTimeoutError:
        return None
    return message.tag, bytes(message.data)


def test_a_message_comes_after_its_sample(take, names, start):
    path = take("raw", [4000], [(i * 100, 1, b"m") for i in range(40)])
    name, events = names(), names()
    process = start("replay", path, "--name", name, "--messages", events)
    with ringbuf.Reader.open_wait(name, observer=True) as samples, \
            ringbuf.Reader.open_wait(events, observer=True, start="oldest") as reader:
        for i in range(40):
            message = reader.receive(timeout=None)
            assert message.tag == i * 100 and samples.written > message.tag
    assert process.wait() == 0


def test_a_killed_recorder_keeps_them(names, tmp_path, start, replayed):
    name, events, path = names(), names(), tmp_path / "take.sigmf-data"
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=20_000, sample_rate=1000) as writer, \
            ringbuf.Writer(events, capacity=65536, window=100, messages=True, metadata={"beside": name}) as messages:
        process = start("record", name, "-o", path, "--annotations", events)
        wait_until(lambda: described(path))
        writer.put(counter(0, 1000, 3, "int16"))
        for i in range(50):
            messages.send(b"%d" % i, tag=i * 10, kind=i)
        wait_until(lambda: len(sidecar(path)["annotations"]) == 50)
        process.kill()
        process.wait()
    sent = [(i * 10, i, b"%d" % i) for i in range(50)]
    assert received(replayed(path)[1]) == sent
    tool("verify", path, "--repair")
    assert received(replayed(path)[1]) == sent and sidecar(path)["global"]["ringbuf:samples"] == 1000


def test_annotations_of_others(tmp_path, replayed):
    (tmp_path / "a.sigmf-data").write_bytes(bytes(2000))
    (tmp_path / "a.sigmf-meta").write_text(json.dumps({
        "global": {"core:datatype": "ri16_le", "core:version": "1.0.0", "core:sample_rate": 1000},
        "captures": [{"core:sample_start": 0}],
        "annotations": [{"core:sample_start": 700, "core:sample_count": 5, "core:label": "b"},
                        {"core:sample_start": 3, "core:label": "l", "core:comment": "longer"}, {"core:sample_start": 5}]}))
    assert received(replayed(tmp_path / "a.sigmf-meta")[1]) == [(3, 0, b"longer"), (5, 0, b""), (700, 0, b"b")]


def test_edf_of_others(take, replayed):
    """Durations, several texts at one time, and no kinds."""
    path = take("edf", [8000], [(i * 100, 7, b"........................") for i in range(20)])
    data = path.read_bytes()
    second = list(re.finditer(rb"(\+[\d.]+)\x147: [.]+\x14", data))[1]
    changed = (second[1] + b"\x151.5\x147: a\x14b\x14").ljust(len(second[0]), b"\0")
    path.write_bytes(data[:second.start()] + changed + data[second.end():])
    sidecar_path(path).unlink()
    found = received(replayed(path)[1])
    assert found[:3] == [(0, 0, b"7: " + b"." * 24), (100, 0, b"7: a"), (100, 0, b"b")] and len(found) == 21


def test_broken_annotations(take, name):
    path = take("raw", [10], [(3, 1, b"a")])
    whole = sidecar(path)
    for change in ({}, {"core:sample_start": "x"}, {"core:sample_start": 1, "ringbuf:hex": "zz"}, 5,
                   {"core:sample_start": 1, "core:label": 5}):
        sidecar_path(path).write_text(json.dumps({**whole, "annotations": [change]}))
        _, err = tool("replay", path, "--name", name, "--as-fast-as-possible", status=ERROR)
        assert "take.raw.json" in err, change


def test_both_rings_or_none(take, names):
    path = take("raw", [10], [(3, 1, b"a")])
    name, events = names(), names()
    with ringbuf.Writer(events, capacity=8):
        _, err = tool("replay", path, "--name", name, "--messages", events, "--keep", status=ERROR)
        assert events in err
    _, err = tool("replay", path, "--name", name, "--messages", name, "--keep", status=ERROR)
    assert name in err
    tool("replay", path, "--name", name, "--messages", "a/b", "--keep", status=USAGE)
    assert name not in {ring["name"] for ring in tool_json("list", "--json")}
