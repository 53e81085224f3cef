"""list, info, readers, wait, rm, sweep: what they say of live, closed and dead rings, and the exit status."""

import json
import os
import signal
import subprocess

import numpy as np
import pytest
import ringbuf
from conftest import DEAD, ERROR, LOST, NOT_FOUND, OK, TIMEOUT, TOOL, USAGE, tool, tool_json


@pytest.fixture
def writer(name):
    with ringbuf.Writer(
        name, channels=2, dtype="int16", capacity=4800, sample_rate=48000, metadata={"kind": "audio", "device": "a test"}
    ) as writer:
        writer.put(np.zeros((100, 2), np.int16))
        yield writer


@pytest.fixture
def dead(name, start):
    """The name of a ring whose writer was killed after 100 samples."""
    process = start("gen", name, "counter", "--samples-are-no-option", stderr=subprocess.DEVNULL)
    assert process.wait(60) == USAGE  # nothing is there yet
    process = start("put", name, "--type", "int16", "--rate", 1000, stdin=subprocess.PIPE)
    process.stdin.write(bytes(200))
    process.stdin.flush()
    tool("wait", name, "--index", 99, "--timeout", "60s")
    process.kill()
    process.wait()
    yield name
    if os.path.exists(f"/dev/shm/{name}"):
        os.unlink(f"/dev/shm/{name}")


def listed(name, *words):
    return [ring for ring in tool_json("list", "--json", *words) if ring["name"] == name]


def test_a_live_ring(writer, name):
    (ring,) = listed(name)
    assert (ring["state"], ring["type"], ring["channels"]) == ("live", "int16", 2)
    assert (ring["sample_rate"], ring["capacity"], ring["seconds"]) == (48000, 4800, 0.1)
    assert (ring["written"], ring["oldest"], ring["held"], ring["readers"]) == (100, 0, 100, 0)
    assert ring["writer_pid"] == os.getpid() and ring["total_bytes"] > 4 * 4800
    (line,) = [line for line in tool("list")[0].splitlines() if line.startswith(name + " ")]
    for word in ("live", "int16 x 2", "48 kHz", "100 ms", "100"):
        assert word in line


def test_a_closed_ring_is_gone(name):
    with ringbuf.Writer(name, capacity=10):
        assert listed(name)
    assert not listed(name)


def test_a_kept_ring_is_closed(name):
    tool("put", name, "--keep", stdin=b"abc")
    (ring,) = listed(name)
    assert (ring["state"], ring["written"], ring["keep"], ring["writer_pid"]) == ("closed", 3, True, 0)
    tool("rm", name)
    assert not listed(name)


def test_a_dead_ring_is_marked(dead):
    (ring,) = listed(dead)
    assert (ring["state"], ring["written"]) == ("dead", 100)
    (line,) = [line for line in tool("list")[0].splitlines() if line.startswith(dead + " ")]
    assert " DEAD " in line
    assert "DEAD" in tool("info", dead)[0]
    assert tool("cat", dead)[0] == "\0" * 200  # what is there can be read
    tool("cat", dead, "--follow", status=DEAD)
    tool("wait", dead, "--end", status=DEAD)


def test_sweep_shows_first_and_removes_then(dead):
    def swept(*words):
        return [ring for ring in tool_json("sweep", "--json", *words) if ring["name"] == dead]

    assert [ring["removed"] for ring in swept()] == [False]
    assert dead in tool("sweep")[0] and listed(dead)
    # Only this test's ring: others may be there, of tests beside this one.
    tool("rm", dead)
    assert not swept() and not listed(dead)


def test_sweep_yes_in_a_directory_of_its_own(dead, tmp_path):
    script = f"mount -t tmpfs none /mnt && cp -p /dev/shm/{dead} /mnt/ && mount --move /mnt /dev/shm && {TOOL} sweep --yes"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, check=False, timeout=120)
    if b"Operation not permitted" in done.stderr or b"permission denied" in done.stderr:
        pytest.skip("no mount namespace is to be had")
    assert done.returncode == OK, done.stderr
    assert done.stdout.startswith(b"removed") and dead.encode() in done.stdout
    assert listed(dead)  # the copy is gone, the ring here is not


def test_sweep_leaves_live_and_kept_rings(writer, name, names):
    kept = names()
    tool("put", kept, "--keep", stdin=b"abc")
    try:
        assert not {name, kept} & {ring["name"] for ring in tool_json("sweep", "--json")}
    finally:
        tool("rm", kept)


def test_info(writer, name):
    writer.skip(50)
    writer.put(np.zeros((10, 2), np.int16))
    with ringbuf.Reader(name) as reader:
        info = tool_json("info", name, "--json")
        assert info["metadata"] == {"kind": "audio", "device": "a test"}
        assert info["gaps"] == [[100, 150]] and info["written"] == 160
        (entry,) = info["reader_list"]
        assert (entry["pid"], entry["position"], entry["lost"], entry["holds_back"]) == (os.getpid(), 0, 0, False)
        assert info["newest_time"].endswith("Z") and info["oldest_time"] <= info["newest_time"]
        text = tool("info", name)[0]
        assert "gap          100 to 150" in text and '"device": "a test"' in text and f"pid {os.getpid()}" in text
        assert reader.info().readers == 1  # the command takes no slot


def test_readers(writer, name):
    assert tool_json("readers", name, "--json") == []
    with ringbuf.Reader(name) as reader:
        reader.pop_many(30)
        (entry,) = tool_json("readers", name, "--json")
        assert (entry["position"], entry["lag"], entry["lag_seconds"]) == (30, 70, pytest.approx(70 / 48000))
        assert f"pid {os.getpid()}" in tool("readers", name)[0]


@pytest.mark.parametrize("command", ["info", "readers", "cat", "verify", "rm"])
def test_a_name_that_is_not_there_gets_the_nearest_one(command, writer, name):
    wrong = name[:-1] + "x" + name[-1]
    out, err = tool(command, wrong, status=NOT_FOUND)
    assert out == "" and f'did you mean "{name}"?' in err and f"ringbuf {command}:" in err


def test_a_name_that_cannot_be():
    assert "name" in tool("info", "a/b", status=USAGE)[1]


def test_rm_refuses_a_live_ring(writer, name):
    assert "--force" in tool("rm", name, status=ERROR)[1]
    assert listed(name)
    tool("rm", "--force", name)
    assert not listed(name)


def test_rm_of_several_tries_all(names):
    there, other = names(), names()
    for each in (there, other):
        tool("put", each, "--keep", stdin=b"abc")
    tool("rm", there, names(), other, status=NOT_FOUND)
    assert not listed(there) and not listed(other)


def test_wait_for_a_ring_and_a_sample(name, start):
    waiting = start("wait", name, "--index", 5, "--timeout", "60s")
    with ringbuf.Writer(name, capacity=10) as writer:
        writer.put(np.zeros(5, np.float32))
        assert "the next is 5" in tool("wait", name, "--index", 5, "--timeout", "1ms", status=TIMEOUT)[1]
        writer.put(np.zeros(1, np.float32))
        assert waiting.wait(60) == OK
        tool("wait", name, "--end", "--timeout", "1ms", status=TIMEOUT)


def test_wait_for_a_ring_that_does_not_come(name):
    tool("wait", name, "--timeout", "1ms", status=TIMEOUT)
    assert "expected a time such as 10s" in tool("wait", name, "--timeout", "soon", status=USAGE)[1]


def test_wait_for_the_end(name, start):
    process = start("put", name, stdin=subprocess.PIPE)
    tool("wait", name, "--timeout", "60s")
    # Told by the reader slot that `cat` takes that both are there before the end.
    cat = start("cat", name, "--follow", "--registered")
    waiting = start("wait", name, "--end")
    while not tool_json("readers", name, "--json"):
        pass
    process.stdin.write(b"abc")
    process.stdin.close()
    assert process.wait(60) == OK and cat.wait(60) == OK
    assert cat.stdout.read() == b"abc"
    assert waiting.wait(60) in (OK, NOT_FOUND)  # it may have come too late


def next_event(lines, name, *events):
    for line in lines:
        event = json.loads(line)
        if event["ring"]["name"] == name:
            assert event["event"] in events, event
            return event
    raise AssertionError("the stream of events has ended")


def test_watch(name, names, start):
    first = names()
    with ringbuf.Writer(first, capacity=10):
        watch = start("list", "--watch", "--json")
        next_event(watch.stdout, first, "there")
        process = start("put", name, "--lossless", stdin=subprocess.PIPE)
        event = next_event(watch.stdout, name, "new")
        assert event["ring"]["lossless"] and event["ring"]["state"] == "live"
        process.kill()
        process.wait()
        next_event(watch.stdout, name, "dead")  # although the name stays
        tool("rm", name)
        next_event(watch.stdout, name, "gone")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(60) == OK


def test_no_ring_is_changed_by_looking(writer, name):
    with open(f"/dev/shm/{name}", "rb") as file:
        before = file.read()
        for command in ("info", "readers", "cat", "verify"):
            tool(command, name, status=OK)
        file.seek(0)
        assert file.read() == before
    assert LOST == 6  # docs/tools.md
