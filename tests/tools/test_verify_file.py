"""`ringbuf verify FILE`: whether a recording is whole, what --repair changes, and files of another type."""

import signal

import pytest
import ringbuf
from conftest import ERROR, LOST, NOT_FOUND, USAGE, tool, tool_json
from mcap_files import have_node, read
from recordings import FORMATS, counter, described, kept_ring, wait_until
from test_record import record

ALL = {**FORMATS, "flac": ".flac", "edf": ".edf", "bdf": ".bdf"}
RATE = 20_000


def parts_of(form):
    return [9000] if form in ("edf", "bdf") else [5000, -7, 4000]


@pytest.mark.parametrize("form", ALL)
def test_a_whole_file(form, name, tmp_path):
    path = tmp_path / f"take{ALL[form]}"
    parts = parts_of(form)
    with kept_ring(name, parts, channels=2, sample_rate=RATE, first_index=3):
        record(name, path)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    found = tool_json("verify", path, "--counter", "--json")
    assert found["whole"] and found["finished"] and found["samples"] == 9000 and found["format"] == form
    assert found["counter"] is True and found["gaps"] == len(parts) // 2 and found["problems"] == found["changes"] == []
    assert (found["first_index"], found["end_index"]) == (3, 3 + sum(map(abs, parts)))
    assert tool_json("verify", path, "--repair", "--json")["changes"] == []
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


@pytest.mark.parametrize("form", ALL)
def test_a_killed_recorder(form, name, tmp_path, start):
    """verify says so, also while it runs; --repair makes the file whole and says what it has changed; twice changes nothing."""
    path = tmp_path / f"take{ALL[form]}"
    with ringbuf.Writer(name, channels=2, dtype="int16", capacity=400_000, sample_rate=RATE) as writer:
        process = start("record", name, "-o", path, "-q", "--from", "oldest")
        wait_until(lambda: described(path))
        for _ in range(60):
            writer.put(counter(writer.written, 1001, 2, "int16"))
        wait_until(lambda: path.stat().st_size > (1_000 if form == "flac" else 100_000))
        _, err = tool("verify", path, status=ERROR)
        assert "still at work" in err
        assert "still at work" in tool("verify", path, "--repair", status=ERROR)[1]
        process.kill()
        process.wait()
    _, err = tool("verify", path, "--counter", status=ERROR)
    assert "--repair makes it whole" in err
    out, _ = tool("verify", path, "--repair", "--counter")
    assert "recording has ended" in out and "finished" in out and "counter pattern: 0 samples" in out
    found = tool_json("verify", path, "--repair", "--counter", "--json")
    assert found["whole"] and found["changes"] == [] and found["samples"] > 4_000
    if form == "mcap" and have_node():
        assert len(read(path, "indexed")[1]) == found["samples"] * 4


@pytest.mark.parametrize("form", [form for form in ALL if form != "flac"])
def test_a_file_that_is_cut_off(form, name, tmp_path):
    path = tmp_path / f"take{ALL[form]}"
    with kept_ring(name, parts_of(form), channels=2, sample_rate=RATE):
        record(name, path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 + 1])
    assert path.name in tool("verify", path, status=ERROR)[1]
    if form in ("edf", "bdf"):
        return  # less than one record


def test_what_is_wrong_is_named(name, tmp_path):
    path = tmp_path / "take.mcap"
    with kept_ring(name, [9000], channels=2):
        record(name, path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "CRC" in tool("verify", path, status=ERROR)[1]
    assert "is 9000 9001" not in tool("verify", path, "--counter", status=ERROR)[0]


def test_a_counter_that_counts_wrong(name, tmp_path):
    path = tmp_path / "take.raw"
    with kept_ring(name, [900], channels=2, first_index=10):
        record(name, path)
    data = bytearray(path.read_bytes())
    data[4 * 567] ^= 1
    path.write_bytes(data)
    out, err = tool("verify", path, "--counter", status=ERROR)
    assert "1 samples are wrong" in out and "sample 577 is 1155 1155, expected 1154 1155" in err
    tool("verify", path)


def test_files_of_another_type(name, tmp_path):
    """None is taken for what its ending says."""
    made = {}
    with kept_ring(name, [9000], channels=2, sample_rate=RATE):
        for form, ending in ALL.items():
            record(name, tmp_path / f"take{ending}")
            made[form] = (tmp_path / f"take{ending}").read_bytes()
    for form, ending in ALL.items():
        for other, data in made.items():
            if form in ("raw", "sigmf") or {form, other} <= {"wav", "rf64"} or form == other:
                continue  # the description is all that says what raw bytes are
            path = tmp_path / f"take{ending}"
            path.write_bytes(data)
            for words in ((), ("--repair",)):
                _, err = tool("verify", path, *words, status=ERROR)
                assert path.name in err, (form, other)
            assert path.read_bytes() == data


def test_losses_are_told(name, tmp_path, start):
    path = tmp_path / "take.raw"
    with ringbuf.Writer(name, channels=2, dtype="int16", capacity=1000, sample_rate=RATE) as writer:
        process = start("record", name, "-o", path, "-q")
        wait_until(lambda: described(path))
        process.send_signal(signal.SIGSTOP)
        for _ in range(100):
            writer.put(counter(writer.written, 100, 2, "int16"))
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: path.stat().st_size > 0)
        writer.put(counter(writer.written, 1, 2, "int16"))
    assert process.wait() == LOST
    out, _ = tool("verify", path, "--counter", status=LOST)
    assert "1 gaps" in out and " 0 lost" not in out


def test_rings_and_files(name, tmp_path):
    with kept_ring(name, [10], channels=2):
        record(name, tmp_path / "take.npy")
        (tmp_path / name).write_bytes(b"")
        _, err = tool("verify", name, status=USAGE, cwd=tmp_path)
        assert f"./{name}" in err
        (tmp_path / name).unlink()
        tool("verify", name, cwd=tmp_path)
    tool("verify", "take.npy", cwd=tmp_path)
    tool("verify", "take-.npy", status=NOT_FOUND, cwd=tmp_path)
    assert "none.npy" in tool("verify", tmp_path / "none.npy", status=ERROR)[1]
    assert "--follow" in tool("verify", "take.npy", "--follow", status=USAGE, cwd=tmp_path)[1]
    (tmp_path / "take.npy.json").unlink()
    _, err = tool("verify", "take.npy", "--repair", status=ERROR, cwd=tmp_path)
    assert "take.npy.json" in err
