"""top and hz."""

import json
import os
import signal

import numpy as np
import pytest
import ringbuf
from conftest import DEAD, NOT_FOUND, OK, USAGE, tool, tool_json


@pytest.fixture
def writer(name):
    with ringbuf.Writer(name, dtype="int16", capacity=1000, sample_rate=1000) as writer:
        writer.put(np.zeros(100, np.int16))
        yield writer


def row_of(line, name):
    (row,) = [row for row in json.loads(line)["rings"] if row["name"] == name]
    return row


def test_top_once(writer, name):
    with ringbuf.Reader(name) as reader:
        reader.pop_many(30)
        row = row_of(tool("top", "--once", "--json", "--interval", "1ms")[0], name)
        assert (row["state"], row["samples_per_second"], row["lag"], row["lost"]) == ("live", 0, 70, 0)
        assert row["reader_list"][0]["pid"] == os.getpid()
        lines = tool("top", "--once", "--interval", "1ms")[0].splitlines()
        (at,) = [k for k, line in enumerate(lines) if line.startswith(name + " ")]
        assert "70 ms" in lines[at] and f"pid {os.getpid()}" in lines[at + 1]


def test_top_counts_samples_and_losses(writer, name, start):
    top = start("top", "--json", "--interval", "100ms")
    with ringbuf.Reader(name) as reader:
        row_of(top.stdout.readline(), name)
        writer.put(np.zeros(1500, np.int16))
        while True:
            try:
                reader.pop()
            except ringbuf.OverwrittenError:
                break
        lost = reader.info().lost
        assert lost > 0
        for line in top.stdout:
            row = row_of(line, name)
            if row["samples_per_second"] > 0:  # one of the looks has seen it
                assert row["bytes_per_second"] == pytest.approx(2 * row["samples_per_second"])
            if row["lost"] == lost:
                break
    top.send_signal(signal.SIGTERM)
    assert top.wait(60) == OK


def test_top_takes_a_terminal():
    assert "no terminal" in tool("top", status=USAGE)[1]


def test_the_screen_of_top(writer, name, start):
    terminal = pytest.importorskip("terminal").Terminal(start, "top", "--interval", "100ms")
    try:
        terminal.until(lambda lines: any(line.startswith(name[:24]) for line in lines))
        assert "by name" in terminal.screen.display[0] and "q quit" in terminal.screen.display[1]
        for key, order in (("r", "by rate"), ("b", "by bytes"), ("l", "by lag"), ("x", "by lost"), ("s", "by state"), ("n", "by name")):
            terminal.press(key)
            terminal.until(lambda lines, order=order: order in lines[0])
        terminal.resize(60, 10, signal.SIGWINCH)
        terminal.until(lambda lines: len(lines) == 10 and "SAMPLES/S" in lines[2])
        terminal.press("q")
        assert terminal.process.wait(60) == OK
    finally:
        assert terminal.close()


def test_a_signal_ends_the_screen_and_restores_the_terminal(start):
    terminal = pytest.importorskip("terminal").Terminal(start, "top")
    try:
        terminal.until(lambda lines: "ringbuf top" in lines[0])
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(60) == OK
    finally:
        assert terminal.close()


def test_an_unknown_terminal(start):
    terminal = pytest.importorskip("terminal").Terminal(start, "top", TERM="no-such-terminal")
    try:
        assert terminal.process.wait(60) == 1 and b'TERM is "no-such-terminal"' in terminal.process.stderr.read()
    finally:
        assert terminal.close()


def test_hz_finds_the_rate(name, start):
    gen = start("gen", name, "counter", "--rate", 5000, "--type", "int16", "--block", "10ms")
    tool("wait", name, "--timeout", "60s")
    hz = start("hz", name, "--interval", "200ms", "--json")
    for line in hz.stdout:  # a busy machine may need a few
        found = json.loads(line)
        assert found["nominal_hz"] == 5000 and found["gaps"] == 0
        if found["hz"] and found["hz"] == pytest.approx(5000, rel=0.02) and abs(found["off_ppm"]) < 20000:
            break
    assert found["block"] >= 50 and found["puts_with_time"] >= 2
    for each in (hz, gen):
        each.send_signal(signal.SIGINT)
        assert each.wait(60) == OK


def test_hz_tells_of_gaps(writer, name, start):
    hz = start("hz", name, "--interval", "50ms", "--json")
    assert json.loads(hz.stdout.readline())["samples"] == 0
    writer.skip(5)
    writer.put(np.zeros(7, np.int16))
    samples = gaps = skipped = 0
    while samples < 12:
        found = json.loads(hz.stdout.readline())
        samples += found["samples"]
        gaps += found["gaps"]
        skipped += found["skipped"]
    assert (samples, gaps, skipped) == (12, 1, 5)


def test_hz_of_several_ends_with_the_last_stream(name, names, start):
    other = names()
    with ringbuf.Writer(name, capacity=10), ringbuf.Writer(other, capacity=10):
        hz = start("hz", name, other, "--interval", "20ms")
        assert hz.stdout.readline().startswith(b"NAME")
        assert hz.stdout.readline().startswith(name.encode())
    assert hz.wait(60) == OK


def test_hz_says_that_the_writer_died(name, start):
    gen = start("gen", name)
    tool("wait", name, "--timeout", "60s")
    hz = start("hz", name, "--interval", "20ms")
    hz.stdout.readline()
    gen.kill()
    assert hz.wait(60) == DEAD
    tool("rm", name)


def test_hz_of_a_name_that_is_not_there(name):
    tool("hz", name, status=NOT_FOUND)


def test_hz_count(writer, name):
    assert len(tool("hz", name, "--count", 3, "--interval", "1ms", "--json")[0].splitlines()) == 3
    assert tool_json("hz", name, "--count", 1, "--interval", "1ms", "--json")["hz"] is None
