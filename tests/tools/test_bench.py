"""`ringbuf bench`: that it measures, ends, and leaves nothing. What it measures is for people."""

import os

import pytest
from conftest import USAGE, tool, tool_json

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
