"""`ringbuf web`: what its replies have is what the ring has, by NumPy's minimum and maximum."""

import json
import struct

import numpy as np
import pytest
from conftest import tool
from ringbuf import Reader, Writer


def extremes(samples, start, end, width):
    """Least and most of columns [start, end), for each channel; samples[0] is index 0."""
    values = np.empty((samples.shape[1], 2, end - start), samples.dtype)
    for column in range(start, end):
        part = samples[column * width : (column + 1) * width]
        values[:, 0, column - start], values[:, 1, column - start] = part.min(axis=0), part.max(axis=0)
    return values


def noise(rng, shape, dtype):
    generator = np.random.default_rng(rng.randrange(2**32))
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        return generator.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return generator.standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "int16", "float64", "int8", "uint8", "uint16", "int32", "uint32", "float16"])
def test_columns_have_least_and_most(web, name, rng, dtype):
    samples = noise(rng, (10007, 3), np.dtype(dtype))
    with Writer(name, capacity=20000, channels=3, dtype=dtype) as writer:
        writer.put(samples)
        viewer = web().live()
        for width in (1, 2, 16, 64, 128, 256, 1024, 32768):
            last = -(-len(samples) // width)
            first = rng.randrange(last)
            end = rng.randrange(first, min(last, first + 2000)) + 1
            reply = viewer.settled(name, first, end, width=width, channels=[2, 0])
            assert (reply["start"], reply["count"], reply["width"]) == (first, end - first, width)
            assert reply["written"] == 10007 and reply["state"] == 1
            expected = extremes(samples.astype(np.float64), first, end, width)[[2, 0]]
            assert np.array_equal(reply.values.astype(np.float64), expected), width


def test_a_ring_that_has_wrapped_many_times(web, name, rng):
    samples = noise(rng, (100_000, 2), np.dtype("float32"))
    with Writer(name, capacity=4096, channels=2) as writer:
        viewer = web().live()
        at = 0
        while at < len(samples):
            count = rng.randrange(1, 3000)
            writer.put(samples[at : at + count])
            at = min(len(samples), at + count)
            width = 2 ** rng.randrange(9)
            end = at // width  # complete columns
            first = max(0, -(-(at - 4096) // width), end - 500)
            reply = viewer.settled(name, first, end, width=width, channels=[0, 1])
            while reply["written"] < at:
                reply = viewer.settled(name, first, end, width=width, channels=[0, 1], after=reply["written"])
            assert reply["start"] == first and reply["count"] == end - first
            assert np.array_equal(reply.values, extremes(samples, first, end, width)), (at, width)


def test_nan_is_passed_over_and_complex_numbers_are_magnitudes(web, names):
    plain, pairs = names(), names()
    with Writer(plain, capacity=1000) as writer, Writer(pairs, capacity=1000, dtype="complex64") as complex_writer:
        writer.put(np.array([np.nan, 3, np.nan, -1] + [np.nan] * 4, np.float32))
        complex_writer.put(np.array([3 + 4j, -6 + 8j], np.complex64))
        viewer = web().live()
        values = viewer.settled(plain, 0, 2, width=4).values
        assert values[0, :, 0].tolist() == [-1, 3] and np.isnan(values[0, :, 1]).all()
        assert viewer.settled(pairs, 0, 1, width=2).values[0, :, 0].tolist() == [5, 10]


@pytest.mark.parametrize("width", [1, 64, 4096])
def test_a_gap_is_empty(web, name, width):
    with Writer(name, capacity=100_000) as writer:
        writer.put(np.ones(8192, np.float32))
        writer.skip(8192)
        writer.put(np.full(8192, 2, np.float32))
        viewer = web().live()
        first, end = 8192 // width - 1, 16384 // width + 1
        end = min(end, first + 12000)
        values = viewer.settled(name, first, end, width=width).values[0]
        middle = end - first - 1
        assert values[:, 0].tolist() == [1, 1] and values[:, middle].tolist() == [2, 2]
        assert np.isnan(values[:, 1:middle]).all() and middle > 1


def test_what_was_overwritten_before_it_was_seen_is_empty(web, name):
    with Writer(name, capacity=1024) as writer:
        writer.put(np.zeros(1024, np.float32))
        viewer = web().live()
        assert viewer.settled(name, 0, 16, width=64)["written"] == 1024
        writer.put(np.ones(10_240, np.float32))  # ten laps at once
        reply = viewer.settled(name, 0, 1000, width=64)
        while reply["written"] < 11_264:
            reply = viewer.settled(name, 0, 1000, width=64, after=reply["written"])
        assert reply["lost"] >= 9 * 1024 and reply["start"] == (11_264 - 1024) // 64
        assert np.nanmin(reply.values) == 1
        assert reply["oldest"] == 10_240


def test_indices_count_from_the_first_one(web, name):
    first = 2**60
    with Writer(name, capacity=1000, first_index=first) as writer:
        writer.put(np.arange(100, dtype=np.float32))
        viewer = web().live()
        assert viewer.settled(name, 0, 100).values[0, 0].tolist() == list(range(100))
        info = viewer.ask("info", ring=name)["info"]
        assert info["first_index"] == str(first) and info["written"] == str(first + 100)


def test_pieces_and_raw_samples(web, name, rng):
    samples = noise(rng, (5000, 4), np.dtype("int16"))
    with Writer(name, capacity=8000, channels=4, dtype="int16") as writer:
        writer.put(samples)
        viewer = web().live()
        reply = viewer.ask("pieces", ring=name, start=-10, length=100, step=250, count=7, channels=[3, 1])
        for piece in range(7):
            begin = -10 + 250 * piece
            for at, channel in enumerate([3, 1]):
                values = reply.values[at, piece]
                there = samples[max(0, begin) : begin + 100, channel]
                assert np.isnan(values[: 100 - len(there)]).all()
                assert np.array_equal(values[100 - len(there) :], there.astype(np.float32))
        raw = viewer.ask("raw", ring=name, start=17, count=1000)
        assert raw.values == samples[17:1017].tobytes()
        refused = viewer.ask("raw", ring=name, start=4500, count=1000)
        assert refused["missing"] and "error" in refused


def test_times_are_the_library_s(web, name):
    with Writer(name, capacity=10_000, sample_rate=1000) as writer:
        for i in range(10):
            writer.put(np.zeros(100, np.float32))
            writer.stamp(100 * i + 99, 10**12 + i * 10**8, 1_700_000_000 * 10**9 + i * 10**8)
        viewer = web().live()
        with Reader(name) as reader:
            marks = viewer.ask("times", ring=name, start=0, end=1000, count=33)["times"]
            assert len(marks) == 33 and marks[0][0] == 0 and marks[-1][0] == 999
            for index, ms in marks:
                assert ms == pytest.approx(reader.time_at(index).realtime_ns / 1e6, abs=1e-3)
        assert viewer.ask("index", ring=name, times=[1_700_000_000_000 + 250])["indices"] == [350 - 1 + 0]


def test_messages(web, name):
    with Writer(name, capacity=65536, messages=True) as writer:
        writer.send(b"hello", kind=7, tag=2**62)
        writer.send(b"\xff\x00<b>", kind=0)
        viewer = web().live()
        reply = viewer.ask("messages", ring=name, **{"from": 0}, after=0)
        while reply["count"] < 2:
            reply = viewer.ask("messages", ring=name, **{"from": 0}, after=reply["count"])
        first, second = reply["messages"]
        assert (first["kind"], first["tag"], first["text"], first["size"]) == (7, str(2**62), "hello", 5)
        assert second["text"].endswith("<b>")
        assert "error" in viewer.ask("columns", ring=name, width=1, to=1, channels=[0], after=-1, **{"from": 0})


def test_a_request_for_what_is_new_waits_for_it(web, name):
    server = web()
    with Writer(name, capacity=1000) as writer:
        writer.put(np.zeros(10, np.float32))
        viewer, other = server.live(), server.live()
        reply = viewer.settled(name, 0, 10)
        viewer.send(json.dumps({"op": "columns", "id": 900, "ring": name, "width": 1, "from": 0, "to": 100, "channels": [0],
                                "after": 10, "epoch": reply["epoch"], "state": 1}))  # fmt: skip
        other.ask("info", ring=name)  # the server has had time for the first one
        writer.put(np.ones(5, np.float32))
        reply = viewer.reply(900)
        if reply["written"] == 10:  # half a second has passed, and nothing has come
            reply = viewer.columns(name, 0, 100, after=10, epoch=reply["epoch"])
        assert reply["written"] == 15 and reply.values[0, 0].tolist() == [0] * 10 + [1] * 5


def test_a_ring_that_is_replaced_and_one_that_is_resumed(web, name):
    viewer = web().live()
    with Writer(name, capacity=1000, keep=True) as writer:
        writer.put(np.ones(10, np.float32))
        before = viewer.settled(name, 0, 10)
    with Writer.resume(name) as writer:
        writer.put(np.full(10, 2, np.float32))
        while True:
            reply = viewer.columns(name, 0, 100)
            if reply["written"] == 20:
                break
        assert reply.values[0, 0].tolist() == [1] * 10 + [2] * 10
    with Writer(name, capacity=2000, channels=2) as writer:
        writer.put(np.full((5, 2), 3, np.float32))
        while True:
            reply = viewer.columns(name, 0, 100)
            if reply["epoch"] > before["epoch"] and reply["written"] == 5:
                break
        assert reply.values[0, 0].tolist() == [3] * 5
        assert viewer.ask("info", ring=name)["info"]["channels"] == 2


def test_the_list(web, name):
    viewer = web().live()
    with Writer(name, capacity=1000, sample_rate=100) as writer:
        writer.put(np.zeros(10, np.float32))
        number = 0
        while True:
            reply = viewer.ask("list", after=number)
            number = reply["number"]
            found = [ring for ring in reply["rings"] if ring["name"] == name]
            if found:
                break
        assert (found[0]["state"], found[0]["written"], found[0]["sample_rate"]) == ("live", "10", 100)
    while any(ring["name"] == name for ring in reply["rings"]):
        reply = viewer.ask("list", after=reply["number"])


def test_many_viewers_see_the_same(web, name, rng):
    samples = noise(rng, (50_000, 1), np.dtype("float32"))
    server = web()
    with Writer(name, capacity=100_000) as writer:
        viewers = [server.live() for _ in range(10)]
        writer.put(samples)
        for viewer in viewers:
            reply = viewer.settled(name, 0, 50_000 // 64, width=64)
            assert np.array_equal(reply.values, extremes(samples, 0, 50_000 // 64, 64))


def test_a_viewer_that_does_not_read_gets_nothing_old(web, name):
    """It has asked for much and reads nothing. The server goes on for others, and what it gets at last is new."""
    server = web()
    with Writer(name, capacity=2_000_000) as writer:
        writer.put(np.zeros(1_000_000, np.float32))
        slow, fast = server.live(), server.live()
        slow.settled(name, 0, 1, width=64)
        for number in range(100, 130):
            slow.send(json.dumps({"op": "pieces", "id": number, "ring": name, "start": 0, "length": 1 << 19, "step": 0, "count": 2,
                                  "channels": [0]}))  # fmt: skip
        fast.settled(name, 0, 1, width=64)  # the first of them are on their way by now
        writer.put(np.ones(1_000_000, np.float32))
        reply = fast.settled(name, 0, 1, width=64)
        while reply["written"] < 2_000_000:
            reply = fast.columns(name, 0, 1, width=64, after=reply["written"])
        for number in range(100, 130):
            last = slow.reply(number)
        assert last["written"] == 2_000_000


def test_the_man_page_and_the_help():
    assert "--listen" in tool("web", "--help")[0] and "--listen" in tool("web", "help")[0]
    assert tool("web", "--version")[0].startswith("ringbuf web ")
    assert struct.calcsize("<IIIIqqqqIIdIIQ") == 80
