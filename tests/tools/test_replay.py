"""`ringbuf replay`: a ring that is as the recorded one was, and what is said of files that are not whole."""

import json
import signal
import time

import numpy as np
import pytest
import ringbuf
from conftest import ERROR, OK, USAGE, tool
from recordings import FORMATS, METADATA, REFUSED, SOUND, TYPES, check_counter, counter, kept_ring, samples, sidecar, wait_until
from test_record import record


@pytest.fixture
def take(names, tmp_path):
    """Makes a recording: take(ending, parts, ...) is its path."""

    def make(ending, parts, stamps=(), **options):
        path = tmp_path / f"take{ending}"
        name = names()
        with kept_ring(name, parts, **options):
            if stamps:
                with ringbuf.Writer.resume(name) as writer:
                    for index, monotonic, realtime in stamps:
                        writer.stamp(index, monotonic, realtime)
            record(name, path)
        return path

    return make


@pytest.fixture
def replayed(names):
    """Replays a file into a ring that stays until the end, and opens that ring."""
    open_rings = []

    def run(path, *words):
        name = names()
        tool("replay", path, "--name", name, "--keep", "--as-fast-as-possible", *words)
        open_rings.append(name)
        return ringbuf.Reader(name, observer=True)

    yield run
    for name in open_rings:
        ringbuf.unlink(name)


def without_ring(path):
    """The description but for what another ring has of its own."""
    description = sidecar(path)
    description["global"].pop("ringbuf:ring")
    return description


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("form", [*FORMATS, "flac"])
def test_a_recording_of_a_replay_is_the_recording(form, dtype, take, replayed, tmp_path):
    if form in REFUSED and dtype in REFUSED[form][0]:
        return
    ending, rate = FORMATS.get(form, ".flac"), 48000 if form == "flac" else 1000
    first = take(ending, [500, -50, 24, -1, 1], dtype=dtype, first_index=70, sample_rate=rate)
    second = tmp_path / f"second{ending}"
    with replayed(first) as reader:
        record(reader.name, second)
        assert reader.metadata == METADATA and reader.first_index == 70 and reader.sample_rate == rate
    # Floats in sound files have the time of the peak in the header, MCAP has the description in the same file.
    if form == "mcap" or form in SOUND and dtype.startswith("float"):
        np.testing.assert_array_equal(samples(second), samples(first))
    else:
        assert second.read_bytes() == first.read_bytes()
    assert without_ring(second) == without_ring(first)


STAMPS = [(0, 10**12, 10**18), (99, 10**12 + 99 * 10**6, 10**18 + 99 * 10**6), (100, 10**12 + 5 * 10**9, 10**18 + 6 * 10**9),
          (199, 10**12 + 5 * 10**9 + 99 * 10**6, 10**18 + 6 * 10**9 + 99 * 10**6)]


@pytest.mark.parametrize("form", FORMATS)
def test_times_are_as_they_were(form, take, replayed):
    path = take(FORMATS[form], [200], stamps=STAMPS)
    with replayed(path) as reader:
        for index, monotonic, realtime in STAMPS:
            at = reader.time_at(index)
            assert (at.monotonic_ns, at.realtime_ns) == (monotonic, realtime)
        assert reader.time_at(50).monotonic_ns == 10**12 + 50 * 10**6


@pytest.mark.parametrize("where, first", [("0", 0), ("150", 150), ("250", 300), ("5s", 100), ("2001-09-09T01:46:46.010Z", 110)])
def test_from(where, first, take, replayed):
    path = take(".npy", [200, -100, 50], stamps=STAMPS)
    with replayed(path, "--from", where) as reader:
        assert reader.first_index == first and reader.written == 350
        if first < 200:
            np.testing.assert_array_equal(reader.view(first, 200), counter(first, 200 - first, 3, "int16"))
        np.testing.assert_array_equal(reader.view(300, 350), counter(300, 50, 3, "int16"))
        if first in (110, 150):
            assert reader.time_at(first).monotonic_ns == STAMPS[2][1] + (first - 100) * 10**6
            assert reader.time_at(199).monotonic_ns == STAMPS[3][1]


def test_its_timing_is_that_of_the_recording(take, name):
    path = take(".npy", [300], stamps=[(0, 10**9, 10**18), (299, 10**9 + 299 * 10**6, 10**18 + 299 * 10**6)])
    for words, least in (((), 0.299), (("--speed", 10), 0.0299)):
        begin = time.monotonic()
        tool("replay", path, "--name", name, *words)
        assert time.monotonic() - begin >= least


def test_a_pause_is_a_pause(take, name, start):
    path = take(".npy", [200], stamps=STAMPS)
    process = start("replay", path, "--name", name, "--speed", 2)
    with ringbuf.Reader.open_wait(name) as reader:
        wait_until(lambda: reader.written >= 100)
        begin = time.monotonic()
        wait_until(lambda: reader.written > 100)
        assert time.monotonic() - begin >= 2.0  # of (5 s - 0.1 s) / 2, less what this test was late
    assert process.wait() == OK


def test_loop(take, name, start, tmp_path):
    path = take(".npy", [100, -10, 100], stamps=STAMPS[:2], capacity=10000)
    process = start("replay", path, "--name", name, "--loop", "--as-fast-as-possible", "--lossless", "--wait-readers", 1)
    again = start("record", name, "-o", tmp_path / "again.npy", "--wait", "1h", "--from", "oldest", "--registered",
                  "--samples", 500)
    assert again.wait() == OK
    process.send_signal(signal.SIGINT)
    assert process.wait() == OK
    data = samples(tmp_path / "again.npy")
    once = np.load(path)
    np.testing.assert_array_equal(data, np.concatenate([once, once, once])[:500])
    captures = {capture["core:global_index"]: capture for capture in sidecar(tmp_path / "again.npy")["captures"]}
    assert {110, 320} <= set(captures) and captures[320]["ringbuf:gap"] == 10


def test_lossless_waits_for_its_readers(take, name, start):
    path = take(".raw", [5000], capacity=5000)
    process = start("replay", path, "--name", name, "--lossless", "--as-fast-as-possible", "--capacity", 64,
                    "--wait-readers", 1)
    with ringbuf.Reader.open_wait(name, start="oldest") as reader:
        np.testing.assert_array_equal(np.concatenate([np.array(reader.next(50, timeout=None)) for _ in range(100)]),
                                      counter(0, 5000, 3, "int16"))
    assert process.wait() == OK


def test_arrays_that_are_no_recordings(name, tmp_path, replayed):
    np.save(tmp_path / "a.npy", counter(0, 50, 2, "float32"))
    _, err = tool("replay", tmp_path / "a.npy", "--name", name, status=USAGE)
    assert "--rate" in err
    with replayed(tmp_path / "a.npy", "--rate", 100) as reader:
        assert reader.sample_rate == 100 and reader.dtype == np.float32
        np.testing.assert_array_equal(reader.view(0, 50), counter(0, 50, 2, "float32"))
    np.save(tmp_path / "one.npy", np.arange(5, dtype="int64"))
    with replayed(tmp_path / "one.npy") as reader:
        assert reader.channels == 1
    (tmp_path / "b.csv").write_text("index,time,a,b\n5,nan,1,2.5\n6,nan,3,4\n9,nan,5,6\n")
    with replayed(tmp_path / "b.csv") as reader:
        assert reader.first_index == 5 and reader.gaps() == [(7, 9)]
        np.testing.assert_array_equal(reader.view(9, 10), [[5, 6]])
    (tmp_path / "c.sigmf-data").write_bytes(bytes(range(12)))
    (tmp_path / "c.sigmf-meta").write_text(json.dumps(
        {"global": {"core:datatype": "cu8", "core:version": "1.0.0"}, "captures": [], "annotations": []}))
    assert "cu8" in tool("replay", tmp_path / "c.sigmf-data", "--name", name, status=ERROR)[1]
    (tmp_path / "c.sigmf-meta").write_text(json.dumps(
        {"global": {"core:datatype": "ri16_le", "core:version": "1.0.0", "core:sample_rate": 8000}, "captures": [{
            "core:sample_start": 0, "core:datetime": "2020-01-01T00:00:00Z"}], "annotations": []}))
    with replayed(tmp_path / "c.sigmf-meta") as reader:
        assert reader.written == 6 and reader.sample_rate == 8000
        assert reader.time_at(0).realtime_ns == 1577836800 * 10**9


def test_broken_recordings(name, take, tmp_path):
    whole = take(".npy", [100])

    def says(path, *texts, status=ERROR):
        _, err = tool("replay", path, "--name", name, status=status)
        assert all(text in err for text in (path.name, *texts)), err

    says(tmp_path / "none.npy", "No such file")
    data = whole.read_bytes()
    for cut in (0, 5, 100, 192, 250):
        (tmp_path / "cut.npy").write_bytes(data[:cut])
        says(tmp_path / "cut.npy")
    (tmp_path / "other.npy").write_bytes(data.replace(b"<i2", b"<U2"))
    says(tmp_path / "other.npy", "<U2")
    (tmp_path / "order.npy").write_bytes(data.replace(b"False", b"True "))
    says(tmp_path / "order.npy", "Fortran")
    (tmp_path / "deep.npy").write_bytes(data.replace(b"(100, 3)", b"(5, 5, 4)"))
    says(tmp_path / "deep.npy", "(5, 5, 4)")
    raw = take(".raw", [100])
    (tmp_path / "alone.raw").write_bytes(raw.read_bytes())
    says(tmp_path / "alone.raw", "alone.raw.json")
    for text in ("", "[]", "{", '{"global": 3}', '{"global": {"ringbuf:data_type": "int15"}}',
                 '{"global": {}, "captures": [{}]}'):
        (tmp_path / "alone.raw.json").write_text(text)
        says(tmp_path / "alone.raw", "alone.raw.json")
    csv = take(".csv", [100])
    for row in ("", "x,1,2,3,4", "5,1,2,3", "5,1,2,3,x", "5,1,2,3,70000"):
        lines = csv.read_text().splitlines(keepends=True)
        lines[6] = row + "\n"
        (tmp_path / "wrong.csv").write_text("".join(lines))
        (tmp_path / "wrong.csv.json").write_text((tmp_path / "take.csv.json").read_text())
        says(tmp_path / "wrong.csv", "5")
    (tmp_path / "names.csv").write_text("a,b\n1,2\n")
    says(tmp_path / "names.csv", "index,time")


def test_wrong_words(name, take):
    path = take(".npy", [100])
    for words, text in ((("--from", "100"), "[0, 100)"), (("--from", "soon"), "--from"), (("--speed", 0), "--speed"),
                        (("--capacity", "much"), "--capacity"), (("--format", "mp3"), "sigmf")):
        assert text in tool("replay", path, "--name", name, *words, status=ERROR if "--format" in words else USAGE)[1]
    with ringbuf.Writer(name, capacity=10):
        assert "live" in tool("replay", path, "--name", name, status=ERROR)[1]


def test_a_recording_that_is_not_finished_is_replayed_with_a_word(name, take):
    path = take(".npy", [100])
    description = json.loads((path.parent / "take.npy.json").read_text())
    del description["global"]["ringbuf:samples"]
    (path.parent / "take.npy.json").write_text(json.dumps(description))
    _, err = tool("replay", path, "--name", name, "--as-fast-as-possible")
    assert "not finished" in err and "100 samples" in err
    assert len(check_counter(path)) == 100
