"""`ringbuf record`: what is in the files, what is refused, and what is said when things go wrong."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import ringbuf
import sigmf_rules
from conftest import DEAD, ERROR, LOST, NOT_FOUND, SOURCE, USAGE, tool
from recordings import (
    FORMATS, METADATA, REFUSED, SOUND, TYPES, check_counter, counter, described,
    files, indices, kept_ring, samples, sidecar, sidecar_path, wait_until,
)


def record(name, path, *words, **options):
    return tool("record", name, "-o", path, "--from", "oldest", *words, **options)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("form", [*FORMATS, "flac"])
def test_every_type(form, dtype, name, tmp_path):
    path = tmp_path / f"take{FORMATS.get(form, '.flac')}"
    rate = 48000 if form == "flac" else 1000
    with kept_ring(name, [1000, -50, 24], dtype=dtype, first_index=7, sample_rate=rate) as index:
        refused, other = REFUSED.get(form, ((), ""))
        if dtype in refused:
            out, err = record(name, path, status=USAGE)
            assert dtype in err and f"--format {other}" in err and out == "" and files(tmp_path) == []
            return
        out, err = record(name, path)
        assert out == "" and "1024 samples of [7, 1081)" in err and "none lost" in err
    np.testing.assert_array_equal(check_counter(path, dtype), index)
    glob = sidecar(path)["global"]
    assert json.loads(glob["ringbuf:metadata"]) == METADATA
    assert glob["ringbuf:channels"][0] == {"name": "Fz", "unit": "uV", "scale": 0.5, "offset": 0}
    assert glob["ringbuf:samples"] == 1024 and glob["ringbuf:sample_rate"] == rate
    assert [path.suffix == ".partial" for path in tmp_path.iterdir()].count(True) == 0


@pytest.mark.parametrize("form", ["npy", "raw"])
def test_opaque_items(form, name, tmp_path):
    path = tmp_path / f"take{FORMATS[form]}"
    with ringbuf.Writer(name, capacity=16, item_size=5, keep=True) as writer:
        for i in range(10):
            writer.push(bytes([i] * 5))
    try:
        record(name, path)
        _, err = record(name, tmp_path / "take.csv", status=USAGE)
        assert "opaque" in err and "npy" in err
    finally:
        ringbuf.unlink(name)
    data = np.load(path) if form == "npy" else np.fromfile(path, "V5").reshape(-1, 1)
    assert data.tobytes() == bytes(i for i in range(10) for _ in range(5))


def test_messages_are_refused_but_by_mcap(name, tmp_path):
    with ringbuf.Writer(name, capacity=4096, messages=True):
        for ending in FORMATS.values():
            if ending != ".mcap":
                _, err = record(name, tmp_path / f"take{ending}", status=USAGE)
                assert "messages" in err and "--format mcap" in err
    assert files(tmp_path) == []


def test_sample_rates_that_sigmf_has_not(name, tmp_path):
    with kept_ring(name, [5], sample_rate=0.5):
        _, err = record(name, tmp_path / "take.sigmf-data", status=USAGE)
        assert "0.5 Hz" in err and "--format raw" in err and files(tmp_path) == []
        record(name, tmp_path / "take", "--format", "raw")
        assert files(tmp_path) == ["take.raw", "take.raw.json"]
    with kept_ring(name, [5], sample_rate=0):
        record(name, tmp_path / "unknown.sigmf-data")
        assert "core:sample_rate" not in sidecar(tmp_path / "unknown.sigmf-data")["global"]


@pytest.mark.parametrize("form", SOUND)
def test_what_sound_files_are_not_for(form, name, tmp_path):
    path = tmp_path / f"take.{form}"
    for rate, channels, text in ((0, 3, "unknown"), (1000.5, 3, "1000.5 Hz"), (48000, 1025, "1025")) + (
            ((1000, 3, "--format wav"), (700000, 3, "--format wav"), (48000, 9, "--format wav")) if form == "flac" else ()):
        with kept_ring(name, [5], sample_rate=rate, channels=channels):
            _, err = record(name, path, status=USAGE)
            assert text in err and "--format" in err
    assert files(tmp_path) == []


@pytest.mark.parametrize("form", SOUND)
def test_other_readers_of_sound(form, name, tmp_path):
    path = tmp_path / f"take.{form}"
    with kept_ring(name, [9000], sample_rate=48000, channels=2) as index:
        record(name, path)
    expected = counter(0, len(index), 2, "int16")
    if shutil.which("sox"):
        kind = "wav" if form == "rf64" else form
        raw = subprocess.run(["sox", "-t", kind, path, "-t", "raw", "-e", "signed-integer", "-b", "16", "-L", "-"],
                             capture_output=True, check=True)
        np.testing.assert_array_equal(np.frombuffer(raw.stdout, "<i2").reshape(-1, 2), expected)
    if form == "wav":
        wavfile = pytest.importorskip("scipy.io.wavfile")
        rate, data = wavfile.read(path)
        assert rate == 48000
        np.testing.assert_array_equal(data, expected)


def test_sigmf_keeps_to_its_rules(name, names, tmp_path):
    pytest.importorskip("jsonschema")
    path = tmp_path / "take.sigmf-data"
    events = names()
    with ringbuf.Writer(events, capacity=4096, window=100, messages=True, metadata={"beside": name}, keep=True) as writer:
        for tag, text in ((12, b"in the gap"), (3, b"short"), (24, b"x" * 50), (20, b"\xff")):
            writer.send(text, tag=tag, kind=tag)
    try:
        for dtype in TYPES:
            if dtype in REFUSED["sigmf"][0]:
                continue
            with kept_ring(name, [10, -5, 10], dtype=dtype):
                record(name, path, "--overwrite", "--annotations", events)
            meta = sidecar(path)
            assert len(meta["annotations"]) == 4 and len(meta["captures"]) >= 2
            sigmf_rules.check(meta, path)
    finally:
        ringbuf.unlink(events)


def set_in(*place):
    *path, key, value = place

    def change(meta):
        for each in path:
            meta = meta[each]
        meta[key] = value

    return change


@pytest.mark.parametrize("change", [
    set_in("global", "core:sample_rate", 0.5), set_in("global", "core:datatype", "ri64_le"),
    set_in("global", "core:datatype", "ri16"), set_in("global", "core:channels", 3), set_in("global", "core:extensions", []),
    set_in("global", "core:num_channels", 0), set_in("global", "other:key", 1), set_in("captures", 0, "core:sample_start", 1),
    set_in("captures", 1, "core:sample_start", -1), set_in("captures", 1, "core:global_index", 3),
    set_in("captures", 0, "core:datetime", "2026-11-26 09:00:00"), set_in("annotations", [{"core:sample_start": 99}]),
    set_in("annotations", [{"core:sample_start": 5}, {"core:sample_start": 4}]), set_in("annotations", [{"core:label": "a"}]),
    set_in("more", {})])
def test_rules_of_sigmf_that_are_broken(change, name, tmp_path):
    """The check finds each of them."""
    jsonschema = pytest.importorskip("jsonschema")
    path = tmp_path / "take.sigmf-data"
    with kept_ring(name, [10, -5, 10]):
        record(name, path)
    meta = sidecar(path)
    sigmf_rules.check(meta, path)
    change(meta)
    with pytest.raises((AssertionError, jsonschema.ValidationError)):
        sigmf_rules.check(meta, path)


def test_times_are_marked_at_the_ends_of_pauses_and_gaps(name, tmp_path):
    base = 5_000_000_000
    with ringbuf.Writer(name, channels=1, dtype="int16", capacity=1000, sample_rate=1000, keep=True) as writer:
        writer.put(np.zeros(100, "int16"))
        stamps = {0: base, 99: base + 99_000_000, 100: base + 2_100_000_000, 199: base + 2_199_000_000}
        writer.put(np.zeros(100, "int16"))
        for index, time in stamps.items():
            writer.stamp(index, time, 1_000_000_000_000 + time)
    try:
        record(name, tmp_path / "take.sigmf-data")
    finally:
        ringbuf.unlink(name)
    marks = {capture["core:global_index"]: capture["ringbuf:monotonic_ns"] for capture in
             sidecar(tmp_path / "take.sigmf-data")["captures"] if "ringbuf:monotonic_ns" in capture}
    assert marks == stamps
    assert sidecar(tmp_path / "take.sigmf-data")["captures"][0]["core:datetime"] == "1970-01-01T00:16:45.000000000Z"


def test_samples_and_splits(name, tmp_path):
    with kept_ring(name, [1000]):
        record(name, tmp_path / "a.npy", "--samples", 123)
        assert len(samples(tmp_path / "a.npy")) == 123
        record(name, tmp_path / "b.raw", "--split", "2400")  # bytes; a sample has 6
        parts = [tmp_path / f"b-000{i}.raw" for i in (1, 2, 3)]
        assert [len(samples(part)) for part in parts] == [400, 400, 200]
        np.testing.assert_array_equal(np.concatenate([check_counter(part) for part in parts]), np.arange(1000))


def test_splits_and_durations_are_exact_in_time(name, tmp_path):
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=10000, sample_rate=1000, keep=True) as writer:
        for start in range(0, 5000, 1000):
            writer.put(counter(start, 1000, 3, "int16"))
            writer.stamp(start, 10**10 + start * 10**6)
        writer.stamp(4999, 10**10 + 4999 * 10**6)
    try:
        record(name, tmp_path / "s.npy", "--split", "2s")
        parts = [check_counter(tmp_path / f"s-000{i}.npy") for i in (1, 2, 3)]
        assert [(part[0], part[-1]) for part in parts] == [(0, 1999), (2000, 3999), (4000, 4999)]
        record(name, tmp_path / "d.npy", "--duration", "1.5s")
        assert check_counter(tmp_path / "d.npy")[-1] == 1499
    finally:
        ringbuf.unlink(name)


def test_several_rings_begin_at_the_same_moment(names, tmp_path, start):
    left, right = names(), names()
    with ringbuf.Writer(left, channels=3, dtype="int16", capacity=1000) as a, \
            ringbuf.Writer(right, channels=3, dtype="int16", capacity=1000, first_index=500) as b:
        a.put(counter(0, 10, 3, "int16"))
        process = start("record", left, right, "-o", tmp_path / "both.npy")
        paths = [tmp_path / f"both-{each}.npy" for each in (left, right)]
        wait_until(lambda: all(path.exists() and (Path(f"{path}.json")).exists() for path in paths))
        a.put(counter(10, 100, 3, "int16"))
        b.put(counter(500, 100, 3, "int16"))
    assert process.wait() == 0
    np.testing.assert_array_equal(check_counter(paths[0]), np.arange(10, 110))
    np.testing.assert_array_equal(check_counter(paths[1]), np.arange(500, 600))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("form", FORMATS)
def test_a_signal_ends_it_with_all_that_was_there(form, number, name, tmp_path, start):
    path = tmp_path / f"take{FORMATS[form]}"
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1000, sample_rate=1000) as writer:
        process = start("record", name, "-o", path)
        wait_until(lambda: described(path))
        writer.put(counter(0, 50, 3, "int16"))
        wait_until(lambda: path.stat().st_size >= 50 * 6 and len(samples(path)) == 50)  # while it runs
        writer.put(counter(50, 50, 3, "int16"))
        process.send_signal(number)
        assert process.wait() == 0
    assert len(check_counter(path)) >= 50 and "ringbuf:samples" in sidecar(path)["global"]


def test_losses_are_counted_and_marked(name, tmp_path, start):
    path = tmp_path / "take.sigmf-data"
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1000, sample_rate=1000) as writer:
        process = start("record", name, "-o", path)
        wait_until(lambda: described(path))
        writer.put(counter(0, 100, 3, "int16"))
        wait_until(lambda: path.stat().st_size == 600)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        for first in range(100, 5100, 100):
            writer.put(counter(first, 100, 3, "int16"))
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: path.stat().st_size > 600)
        writer.put(counter(5100, 10, 3, "int16"))
    out, err = process.communicate()
    assert process.returncode == LOST and b"lost" in err and out == b""
    index = check_counter(path)
    gap = [capture for capture in sidecar(path)["captures"] if "ringbuf:lost" in capture]
    assert len(gap) == 1 and gap[0]["ringbuf:lost"] == gap[0]["ringbuf:gap"] == 5110 - len(index)
    assert f"{gap[0]['ringbuf:lost']} lost" in err.decode() and index[-1] == 5109


def test_it_is_an_observer_unless_it_is_registered(name, tmp_path, start):
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1000, lossless=True) as writer:
        for words, readers in ([], 0), (["--registered"], 1):
            path = tmp_path / f"take{readers}.npy"
            process = start("record", name, "-o", path, *words)
            wait_until(lambda: described(path))
            assert writer.info().readers == readers
            process.send_signal(signal.SIGINT)
            assert process.wait() == 0


def test_files_that_exist_are_left_alone(name, tmp_path):
    with kept_ring(name, [10]):
        for form, ending in FORMATS.items():
            path = tmp_path / f"take{ending}"
            record(name, path)
            before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
            _, err = record(name, path, status=ERROR)
            assert "--overwrite" in err, form
            if sidecar_path(path).exists():
                path.unlink()
                _, err = record(name, path, status=ERROR)  # the sidecar
                assert "--overwrite" in err and not path.exists(), form
            record(name, path, "--overwrite")
            assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before, form


def test_none_of_several_files_is_made_if_one_exists(names, tmp_path):
    left, right = names(), names()
    with kept_ring(left, [10]), kept_ring(right, [10]):
        (tmp_path / f"both-{right}.npy").write_text("mine")
        _, err = tool("record", left, right, "-o", tmp_path / "both.npy", status=ERROR)
        assert "--overwrite" in err and files(tmp_path) == [f"both-{right}.npy"]
        assert (tmp_path / f"both-{right}.npy").read_text() == "mine"


def test_wrong_words(name, tmp_path):
    with kept_ring(name, [10]):
        for words, text in (
            ((name, "-o", tmp_path / "take.xyz"), "sigmf"),
            ((name, "-o", tmp_path / "take.npy", "--format", "mp3"), "npy"),
            ((name, "-o", tmp_path / "take.npy", "--duration", "soon"), "--duration"),
            ((name, "-o", tmp_path / "take.npy", "--split", "0"), "--split"),
            ((name, name, "-o", tmp_path / "take.npy"), "twice"),
            ((name,), "-o"),
        ):
            assert text in tool("record", *words, status=USAGE)[1]
        _, err = tool("record", name[:-1] + "x", "-o", tmp_path / "take.npy", status=NOT_FOUND)
        assert f'did you mean "{name}"?' in err
        _, err = tool("record", name, "-o", tmp_path / "none" / "take.npy", status=ERROR)
        assert "none/take.npy" in err
    assert files(tmp_path) == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_what_fits(form, name, tmp_path):
    path = tmp_path / f"take{FORMATS[form]}"
    limit = 50_000

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with kept_ring(name, [40_000]):
        _, err = record(name, path, status=ERROR, preexec_fn=limited)
    assert "ulimit -f" in err and path.stat().st_size <= limit
    index = check_counter(path)
    assert len(index) > limit / 60
    assert f"{len(index)} samples of [0, {len(index)})" in err
    assert not [each for each in files(tmp_path) if each.endswith(".partial")]


DYING = """
import sys, os
sys.path.insert(0, sys.argv[3])
import numpy as np, ringbuf
writer = (ringbuf.Writer.resume(sys.argv[1]) if sys.argv[4] == "resume" else
          ringbuf.Writer(sys.argv[1], channels=int(sys.argv[5]), dtype="int16", capacity=1000, sample_rate=1000))
sys.path.insert(0, sys.argv[2])
from recordings import counter
for line in sys.stdin:
    first = writer.written
    writer.put(counter(first, int(line), writer.channels, "int16"))
    print(flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def dying(start):
    """Starts a writer that puts as many samples as each line says, and dies without closing its ring."""

    class Dying:
        def __init__(self, name, how="create", channels=3):
            self.process = start("-c", DYING, name, str(Path(__file__).parent), str(SOURCE / "capi" / "python"), how, channels,
                                 program=sys.executable, stdin=subprocess.PIPE)

        def put(self, count):
            self.process.stdin.write(f"{count}\n".encode())
            self.process.stdin.flush()
            assert self.process.stdout.readline() == b"\n"

        def die(self):
            self.process.stdin.close()
            assert self.process.wait() == -signal.SIGKILL
            self.process.stdin = None

    return Dying


def test_a_writer_that_dies(name, tmp_path, start, dying):
    writer = dying(name)
    writer.put(10)
    try:
        path = tmp_path / "take.npy"
        process = start("record", name, "-o", path, "--from", "oldest")
        wait_until(lambda: described(path) and len(samples(path)) == 10)
        writer.put(20)
        writer.die()
        _, err = process.communicate()
        assert process.returncode == DEAD and b"died" in err
        np.testing.assert_array_equal(check_counter(path), np.arange(30))
    finally:
        ringbuf.unlink(name)


def test_a_writer_that_comes_back(name, tmp_path, start, dying):
    writer = dying(name)
    writer.put(10)
    try:
        path = tmp_path / "take.npy"
        process = start("record", name, "-o", path, "--from", "oldest", "--reconnect")
        writer.die()
        writer = dying(name, "resume")  # the same ring: the same file
        writer.put(20)
        wait_until(lambda: described(path) and len(samples(path)) == 30)
        writer.die()
        writer = dying(name)  # another ring of that shape: a file of its own
        writer.put(5)
        second = tmp_path / "take-0002.npy"
        wait_until(lambda: described(second) and len(samples(second)) == 5)
        writer.die()
        writer = dying(name, channels=2)  # another shape
        writer.put(5)
        _, err = process.communicate()
        assert process.returncode == ERROR and b"channels" in err and b"file of its own" in err
        writer.die()
    finally:
        ringbuf.unlink(name)
    np.testing.assert_array_equal(check_counter(path), np.arange(30))
    np.testing.assert_array_equal(check_counter(second), np.arange(5))
    assert files(tmp_path) == ["take-0002.npy", "take-0002.npy.json", "take.npy", "take.npy.json"]


def test_progress(name, tmp_path, start):
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1000, sample_rate=1000) as writer:
        process = start("record", name, "-o", tmp_path / "take.npy", "--progress")
        wait_until(lambda: described(tmp_path / "take.npy"))
        writer.put(counter(0, 50, 3, "int16"))
        line = process.stderr.readline().decode()
        assert "samples" in line and "lag" in line and "lost 0" in line and "free" in line
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0


def test_it_waits_for_a_ring(name, tmp_path, start):
    process = start("record", name, "-o", tmp_path / "take.npy", "--wait", "1h", "--from", "oldest")
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1000) as writer:
        writer.put(counter(0, 50, 3, "int16"))
        wait_until(lambda: described(tmp_path / "take.npy"))
    assert process.wait() == 0
    assert len(indices(tmp_path / "take.npy", 50)) == len(check_counter(tmp_path / "take.npy")) == 50
