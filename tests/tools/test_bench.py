"""`ringbuf bench`: that it measures, ends, and leaves nothing. What it measures is for people."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import HERE, TOOL, USAGE, tool, tool_json

BUILD = Path(TOOL).parents[2]
ROWS = ["items", "blocks", "in_place", "round_trip", "round_trip_asleep"]


@pytest.mark.parametrize("mode", ["processes", "threads"])
def test_all_rows(mode):
    found = tool_json("bench", "--json", "--time", "3ms", *(["--threads"] if mode == "threads" else []))
    assert found["mode"] == mode and found["seconds"] == 0.003 and found["processors"] >= 1
    assert list(found["rows"]) == ROWS
    for name, row in found["rows"].items():
        assert row["items_per_second"] > 0
        if name.startswith("round_trip"):
            assert row["round_trip_ns"] * row["items_per_second"] == pytest.approx(1e9)
        else:
            assert row["bytes_per_second"] == pytest.approx(row["items_per_second"] * (8 if name == "items" else 8192))


def test_for_people():
    before = set(os.listdir("/dev/shm"))
    out, err = tool("bench", "--time", "1ms")
    lines = out.splitlines()
    assert "two processes" in lines[0] and len(lines) == 2 + len(ROWS) and err == ""
    assert all(line.endswith("B/s") for line in lines[2:5]) and all(line.endswith(("ns", "us")) for line in lines[5:])
    assert not [name for name in set(os.listdir("/dev/shm")) - before if "bench" in name]


@pytest.mark.parametrize("time", ["0s", "2min", "soon"])
def test_wrong_words(time):
    assert "--time" in tool("bench", "--time", time, status=USAGE)[1]


@pytest.mark.skipif(not (BUILD / "tests" / "tools" / "tools_bench_put").exists(), reason="no tools_bench_put in this build")
def test_the_rows_of_the_benchmark(tmp_path):
    """bench/bench.py runs, and has a row for each format; the numbers are for people."""
    words = ["--build", BUILD, "--seconds", "0.2", "--rounds", "1", "--megabytes", "5", "--json", tmp_path / "rows.json",
             "--directory", tmp_path]
    done = subprocess.run([sys.executable, HERE / "bench" / "bench.py", *map(str, words)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert len(rows) == 3 + 4 + 11 and all(row["median"] > 0 for row in rows)
    assert done.stdout.decode().count("\n") == 2 + len(rows)
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.json"]
    assert not [entry for entry in os.listdir("/dev/shm") if entry.startswith("ringbuf-bench-")]
