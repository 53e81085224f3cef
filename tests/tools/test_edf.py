"""EDF+ and BDF+: what EDFlib and MNE read, what is refused, gaps, annotations, and recorders that are killed."""

import json
import os
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest
import ringbuf
from conftest import ERROR, USAGE, raw_tool, tool, tool_json
from recordings import METADATA, TYPES, counter, described, files, kept_ring, sidecar, wait_until
from test_record import record

EDF_READ = os.environ.get("RINGBUF_EDF_READ") or str(
    Path(__file__).resolve().parent.parent.parent / "build" / "release" / "tests" / "tools" / "edf_read")
needs_edflib = pytest.mark.skipif(not Path(EDF_READ).exists(), reason="no EDFlib: libedf-dev")
FITTING = {"edf": ["int8", "uint8", "int16"], "bdf": ["int8", "uint8", "int16", "uint16", "int32"]}
KILLS = int(os.environ.get("RINGBUF_KILLS") or 5)


def edflib(path):
    done = subprocess.run([EDF_READ, path], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def digital(found):
    return np.array([signal["digital"] for signal in found["signals"]]).T


def again(path, other, dtype="int16", capacity=4096):
    """The samples of a ring that is made of the file."""
    tool("replay", path, "--name", other, "--as-fast-as-possible", "--keep", "-q", "--capacity", capacity)
    try:
        assert tool_json("info", other, "--json")["type"] == dtype
        return np.frombuffer(raw_tool("cat", other, "--raw").stdout, dtype).reshape(-1, 3)
    finally:
        ringbuf.unlink(other)


@needs_edflib
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("form", FITTING)
def test_every_type(form, dtype, names, tmp_path):
    name, path = names(), tmp_path / f"take.{form}"
    with kept_ring(name, [1024], dtype=dtype, first_index=7):
        if dtype not in FITTING[form]:
            _, err = record(name, path, status=USAGE)
            assert dtype in err and f"--format {'bdf' if form == 'edf' and dtype in FITTING['bdf'] else 'sigmf'}" in err
            assert files(tmp_path) == []
            return
        record(name, path)
    found = edflib(path)
    expected = counter(7, 1024, 3, dtype)
    assert found["type"] == {"edf": 1, "bdf": 3}[form] and found["records"] == 2 and found["duration"] == 10_000_000
    np.testing.assert_array_equal(digital(found)[:1024], expected)
    np.testing.assert_array_equal(digital(found)[1024:], np.broadcast_to(expected[-1], (976, 3)))  # the record is filled up
    low, high = {"int32": (-2**23, 2**23 - 1)}.get(dtype) or (np.iinfo(dtype).min, np.iinfo(dtype).max)
    assert found["signals"][1]["limits"] == [low, high, low, high]
    assert sidecar(path)["global"]["ringbuf:samples"] == 1024
    np.testing.assert_array_equal(again(path, names(), dtype), expected)
    assert sidecar(path)["captures"][0]["core:global_index"] == 7


@needs_edflib
def test_names_units_and_calibration(name, tmp_path):
    metadata = {"channels": [{"name": "Fz", "unit": "uV", "scale": 0.1, "offset": 1}, {"name": "µ" * 20, "unit": "µV"},
                             {"unit": "V", "scale": 1.25e-8}]}
    with kept_ring(name, [1000], metadata=metadata):
        record(name, tmp_path / "take.edf")
    found = edflib(tmp_path / "take.edf")
    signals = found["signals"]
    assert [signal["label"].rstrip() for signal in signals] == ["Fz", "u" * 16, "3"]
    assert [signal["unit"].rstrip() for signal in signals] == ["uV", "uV", "uV"]
    data = counter(0, 1000, 3, "int16").astype(float)
    np.testing.assert_allclose(signals[0]["physical"], data[:, 0] * 0.1 + 1, rtol=1e-6)
    np.testing.assert_allclose(signals[1]["physical"], data[:, 1])
    np.testing.assert_allclose(signals[2]["physical"], data[:, 2] * 1.25e-2)  # V in uV
    assert found["equipment"] == "ringbuf"


@pytest.mark.parametrize("rate, channels, metadata, text", [
    (0, 3, METADATA, "sample rate"),
    (3.14159265, 3, METADATA, "3.14159"),
    (1000, 640, {}, "639"),
    (1000, 3, {"channels": [{"name": "P", "unit": "Pa", "scale": 1e5}, {}, {}]}, 'channel "P"'),
    (1000, 3, {"channels": [{}, {}, {"name": "T", "unit": "T", "scale": 1e-15}]}, 'channel "T"'),
])
def test_what_does_not_fit(rate, channels, metadata, text, name, tmp_path):
    for form in FITTING:
        with kept_ring(name, [5], sample_rate=rate, channels=channels, metadata=metadata):
            _, err = record(name, tmp_path / f"take.{form}", status=USAGE)
            assert text in err and "--format sigmf" in err and files(tmp_path) == []


@needs_edflib
@pytest.mark.parametrize("rate, in_record, duration", [
    (256, 256, 10_000_000), (0.5, 1, 20_000_000), (512.5, 512 - 512 % 41, None), (1000 / 3, 333, 9_990_000), (44100, 44100, 10_000_000)])
def test_records_are_whole(rate, in_record, duration, name, tmp_path):
    with kept_ring(name, [50_000], sample_rate=rate):
        record(name, tmp_path / "take.edf")
    found = edflib(tmp_path / "take.edf")
    assert found["signals"][0]["in_record"] == in_record
    assert found["duration"] == (duration or round(in_record / rate * 10**7))
    np.testing.assert_array_equal(digital(found)[:50_000], counter(0, 50_000, 3, "int16"))


@needs_edflib
def test_the_start_is_that_of_the_first_sample(name, tmp_path):
    base = 1_700_000_000_123_456_789
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=2000, sample_rate=1000, keep=True) as writer:
        writer.put(counter(0, 1000, 3, "int16"))
        writer.stamp(0, 10**9, base)
        writer.stamp(999, 10**9 + 999 * 10**6, base + 999 * 10**6)
    try:
        record(name, tmp_path / "take.edf")
    finally:
        ringbuf.unlink(name)
    start = datetime.fromtimestamp(base // 10**9, timezone.utc)
    assert edflib(tmp_path / "take.edf")["start"] == [*start.timetuple()[:6], 1_234_567]


@needs_edflib
def test_a_gap_starts_a_new_file(names, tmp_path):
    name = names()
    with kept_ring(name, [1500, -50, 700, -1, 3], first_index=5):
        _, err = record(name, tmp_path / "take.edf")
    assert "3 files" in err and "2203 samples" in err
    paths = [tmp_path / f"take{part}.edf" for part in ("", "-0002", "-0003")]
    for path, first, count in zip(paths, (5, 1555, 2256), (1500, 700, 3)):
        expected = counter(first, count, 3, "int16")
        np.testing.assert_array_equal(digital(edflib(path))[:count], expected)
        np.testing.assert_array_equal(again(path, names()), expected)
    gap = sidecar(paths[1])["captures"][1]
    assert gap["core:global_index"] == 1555 and gap["ringbuf:gap"] == 50 and gap["ringbuf:lost"] == 0


@needs_edflib
@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("form", FITTING)
def test_messages_are_annotations(form, beside, names, tmp_path, start):
    """Three hundred of them: there is room, and the last ones go to earlier records."""
    name, events, path = names(), names(), tmp_path / f"take.{form}"
    metadata = {"beside": name} if beside else {}
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=20_000, sample_rate=1000) as writer, \
            ringbuf.Writer(events, capacity=65536, window=100, messages=True, metadata=metadata) as messages:
        process = start("record", name, "-o", path, "--annotations", events)
        wait_until(lambda: described(path))
        for second in range(10):
            writer.put(counter(second * 1000, 1000, 3, "int16"))
            for i in range(30):
                messages.send(f"stim {second}/{i} µ".encode(), tag=second * 1000 + i, kind=0 if i else 7)
    out, err = process.communicate()
    assert process.returncode == 0, err
    found = edflib(path)
    texts = [f"{'' if i else '7: '}stim {second}/{i} µ" for second in range(10) for i in range(30)]
    assert sorted(text for _, text in found["annotations"]) == sorted(texts)
    if beside:
        onsets = {text: onset for onset, text in found["annotations"]}
        assert all(onsets[text] == (k // 30 * 1000 + k % 30) * 10_000 for k, text in enumerate(texts))
    np.testing.assert_array_equal(digital(found), counter(0, 10_000, 3, "int16"))


def test_annotations_take_a_ring_of_messages_and_a_format_that_has_them(names, tmp_path):
    name, events = names(), names()
    with kept_ring(name, [100]), kept_ring(events, [100]):
        _, err = record(name, tmp_path / "take.edf", "--annotations", events, status=USAGE)
        assert "messages" in err
        _, err = record(name, tmp_path / "take.mcap", "--annotations", events, status=USAGE)
        assert "--format sigmf" in err
    assert files(tmp_path) == []


@needs_edflib
def test_a_value_of_more_than_24_bits_ends_it(name, tmp_path):
    data = counter(0, 2500, 3, "int32")
    data[2100, 1] = 2**23
    with ringbuf.Writer(name, channels=3, dtype="int32", capacity=4000, sample_rate=1000, metadata=METADATA, keep=True) as writer:
        writer.put(data)
    try:
        _, err = record(name, tmp_path / "take.bdf", status=ERROR)
    finally:
        ringbuf.unlink(name)
    assert "8388608" in err and "sample 2100" in err and "24 bits" in err and "2100 samples of [0, 2100)" in err
    np.testing.assert_array_equal(digital(edflib(tmp_path / "take.bdf"))[:2100], data[:2100])


def test_mne_reads_them(names, tmp_path):
    mne = pytest.importorskip("mne")
    metadata = {"channels": [{"name": "Fz", "unit": "uV", "scale": 0.1}] * 3}
    for form, reader in ("edf", mne.io.read_raw_edf), ("bdf", mne.io.read_raw_bdf):
        name = names()
        with kept_ring(name, [5000], metadata=metadata):
            record(name, tmp_path / f"take.{form}")
        raw = reader(str(tmp_path / f"take.{form}"), preload=True, verbose="error")
        assert raw.info["sfreq"] == 1000
        np.testing.assert_allclose(raw.get_data().T, counter(0, 5000, 3, "int16") * 0.1e-6, atol=1e-12)


def test_files_of_others(names, tmp_path):
    """A file without a description beside it: the header tells the shape."""
    name, path = names(), tmp_path / "take.edf"
    with kept_ring(name, [3000], metadata={"channels": [{"name": "Fz", "unit": "uV", "scale": 0.5}] * 3}):
        record(name, path)
    (tmp_path / "take.edf.json").unlink()
    other = names()
    tool("replay", path, "--name", other, "--as-fast-as-possible", "--keep")
    try:
        with ringbuf.Reader(other, observer=True) as reader:
            assert reader.sample_rate == 1000 and reader.metadata["channels"][0] == {
                "name": "Fz", "unit": "uV", "scale": 0.5, "offset": 0.0}
            np.testing.assert_array_equal(reader.read(0, 3000), counter(0, 3000, 3, "int16"))
    finally:
        ringbuf.unlink(other)
    data = path.read_bytes()
    for change, text in ((b"1" + data[1:], "no file of EDF"), (data[:192] + b"EDF+D" + data[197:], "EDF+D"),
                         (data[:252] + b"5   " + data[256:], "header"), (data[:100], "ends")):
        path.write_bytes(change)
        assert text in tool("replay", path, "--name", other, status=ERROR)[1]


@needs_edflib
@pytest.mark.parametrize("form", FITTING)
def test_killed_at_any_moment(form, names, tmp_path, start, rng):
    """EDFlib opens what is left, once there is a record; at most the last second is missing."""
    for kill in range(KILLS):
        name, path = names(), tmp_path / f"take{kill}.{form}"
        with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1_000_000, sample_rate=20_000) as writer:
            process = start("record", name, "-o", path, "-q")
            wait_until(lambda: described(path))
            begin = time.monotonic()
            end = begin + rng.random() * rng.choice([0.05, 0.3, 0.7])
            while time.monotonic() < end:
                if writer.written < 400_000 * (time.monotonic() - begin):  # EDFlib's text of more takes long
                    writer.put(counter(writer.written, rng.choice([1, 100, 2000]), 3, "int16"))
            process.kill()
            process.wait()
            size = path.stat().st_size
        header = 256 * 5
        records = (size - header) // (20_000 * 3 * (2 if form == "edf" else 3) + 60)
        data = again(path, names(), capacity=records * 20_000 + 16)
        assert len(data) == records * 20_000
        if records == 0:
            continue
        found = edflib(path)
        assert found["records"] in (records, records - 1)  # killed between a record and its count
        expected = counter(sidecar(path)["captures"][0]["core:global_index"], records * 20_000, 3, "int16")
        np.testing.assert_array_equal(digital(found), expected[: found["records"] * 20_000])
        np.testing.assert_array_equal(data, expected)
