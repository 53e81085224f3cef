"""A ring here has what a ring there has, at the same indices."""

import re
import signal
import subprocess

import numpy as np
import pytest
import ringbuf
from conftest import DEAD, ERROR, LOST, NOT_FOUND, OK, USAGE, tool, tool_json
from origins import Feeder, check, origin, put, samples, wait_for_index, written
from servers import wait_until

WAIT = ("--wait", "1h")


def ended(process, status=OK):
    assert process.wait() == status
    return process


def refused(status, server, *words):
    """What `ringbuf nats` says when it refuses."""
    return tool("nats", *words, "--server", server.url, status=status)[1]


def entries(server, stream):
    """The number of the last entry of a stream."""
    return next(each["last"] for each in tool_json("nats", "list", "--json", "--server", server.url) if each["stream"] == stream)


@pytest.mark.parametrize("lossless", [False, True])
def test_bytes_indices_gaps_and_metadata(lossless, server, nats, names, rng):
    here, there = names(), names()
    metadata = {"kind": "eeg", "channels": [{"name": each} for each in "abcd"]}
    with origin(here, lossless=lossless, first_index=12345, metadata=metadata) as writer:
        push = nats(server, "push", here)
        with Feeder(writer, rng):
            wait_for_index(here, 20000, push)
            pull = nats(server, "pull", here, there, "--keep", *WAIT)
            wait_for_index(there, 60000, push, pull)
        writer.metadata = {**metadata, "kind": "ecg"}
        put(writer, 1000)
        wait_for_index(there, writer.written, push, pull)
        with ringbuf.Reader(there, observer=True) as reader:
            wait_until(lambda: reader.metadata["kind"] == "ecg")
            relay = reader.metadata["relay"]
            assert {**reader.metadata, "relay": 0} == {**writer.metadata, "relay": 0}
            assert relay["ring"] == here and relay["stream"] == here
            a, b = reader.info(), writer.info()
            assert (a.type_name, a.channels, a.capacity, a.window, a.sample_rate, a.lossless, a.max_readers) == (
                b.type_name, b.channels, b.capacity, b.window, b.sample_rate, b.lossless, b.max_readers)
        gaps, end = writer.gaps(), writer.written
    ended(push), ended(pull)
    assert check(there, gaps=gaps, first=12345, written=end) == end - 12345 - sum(b - a for a, b in gaps)
    with ringbuf.Reader(there, observer=True) as reader:
        assert reader.info().state == ringbuf.State.CLOSED
    ringbuf.unlink(there)


@pytest.mark.parametrize("lossless", [False, True])
def test_a_gap_that_no_sample_follows(lossless, server, nats, names):
    """It is told all the same. A ring that loses nothing has the room of it back."""
    here, there = names(), names()
    with origin(here, capacity=1000, lossless=lossless) as writer:
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there, *WAIT)
        put(writer, 100)
        wait_for_index(there, 100, push, pull)
        writer.skip(900)
        wait_for_index(there, 1000, push, pull)
        put(writer, 200)
        wait_for_index(there, 1200, push, pull)
        assert check(there, gaps=[(100, 1000)], written=1200)
    ended(push), ended(pull)


def test_a_description_after_a_gap(server, nats, names):
    here, there = names(), names()
    with origin(here, metadata={"kind": "eeg"}) as writer:
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there, *WAIT)
        put(writer, 1000)
        wait_for_index(there, 1000, push, pull)
        writer.skip(10)
        writer.metadata = {"kind": "ecg"}
        with ringbuf.Reader(there, observer=True) as reader:
            wait_until(lambda: reader.metadata["kind"] == "ecg")
        put(writer, 100)
        wait_for_index(there, 1110, push, pull)
        assert check(there, gaps=writer.gaps(), written=1110) == 1100
    ended(push), ended(pull)


@pytest.mark.parametrize("words", [("float64", 2), ("complex64", 3), ("uint8", 1), ("bytes", 2, "--item-size", 12)])
def test_types(words, server, nats, names, rng):
    here, there = names(), names()
    data = rng.randbytes(24 * 100)
    tool("put", here, "--keep", "--capacity", 5000, "--type", words[0], "--channels", *words[1:], stdin=data)
    ended(nats(server, "push", here))
    ended(nats(server, "pull", here, there, "--keep"))
    with ringbuf.Reader(there, observer=True) as reader, ringbuf.Reader(here, observer=True) as original:
        assert reader.written == original.written
        assert reader.read(0, reader.written).tobytes() == original.read(0, reader.written).tobytes() == data
    ringbuf.unlink(here), ringbuf.unlink(there)


@pytest.mark.parametrize("rest", [0, 5000])
def test_where_to_begin(rest, server, nats, names):
    """By index, by time, at the oldest and at the newest sample; the stream may hold more than the ring."""
    here = names()
    with origin(here, capacity=20_000, rate=1000) as writer:
        base = 1_700_000_000_000_000_000
        for block in range(10):
            put(writer, 1000)
            for index in (block * 1000, block * 1000 + 999):
                writer.stamp(index, 10**9 + index * 10**6, base + index * 10**6)
        put(writer, rest)
        push = nats(server, "push", here, "--block", 16 * 1000)
        everything = names()
        whole = nats(server, "pull", here, everything, *WAIT)
        wait_for_index(everything, writer.written, push, whole)
        places = {"0": 0, "3210": 3210, "oldest": 0, "newest": writer.written, str(writer.written + 5): writer.written}
        if not rest:
            places.update({"2023-11-14T22:13:25.5Z": 5500, "2023-11-14T22:13:20Z": 0, "2024-01-01T00:00:00Z": writer.written})
        pulled = []
        for place, index in places.items():
            there = names()
            pulled.append((there, index, nats(server, "pull", here, there, "--from", place)))
        for there, index, pull in pulled:
            wait_until(lambda: written(there) >= 0)
            with ringbuf.Reader(there, observer=True) as reader:
                assert reader.first_index == index
        put(writer, 10)
        for there, index, pull in pulled:
            wait_for_index(there, writer.written, push, pull)
            check(there, first=index, gaps=[])
    for process in [push, whole, *(pull for _, _, pull in pulled)]:
        ended(process)


def test_times_are_those_of_the_origin(server, nats, names):
    """Within a block, pauses included."""
    here, there = names(), names()
    # Without a rate: with one, a ring corrects its times as long as later samples show that earlier ones were put late.
    with origin(here, rate=0, capacity=1000) as writer:
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there, *WAIT)
        for _ in range(30):
            put(writer, 20)
            wait_for_index(there, writer.written, push, pull)  # one block after another, and pauses
        with ringbuf.Reader(there, observer=True) as copy, ringbuf.Reader(here, observer=True) as original:
            for index in range(0, writer.written, 7):
                found, expected = copy.time_at(index), original.time_at(index)
                # The times of a block, of which only its end was put at a known time, and of its neighbours.
                begin, end = max(0, index // 20 * 20 - 1), min(index // 20 * 20 + 20, writer.written - 1)
                tolerance = original.time_at(end).monotonic_ns - original.time_at(begin).monotonic_ns
                assert abs(found.monotonic_ns - expected.monotonic_ns) <= tolerance, index
                assert abs(found.realtime_ns - expected.realtime_ns) <= tolerance, index
    ended(push), ended(pull)


def test_restarted_they_resume(server, nats, names, rng):
    here, there = names(), names()
    with origin(here) as writer:
        with Feeder(writer, rng):
            for _ in range(3):
                push = nats(server, "push", here)
                pull = nats(server, "pull", here, there, *WAIT)
                wait_for_index(there, writer.written + 2000, push, pull)
                push.kill(), pull.kill()
                push.wait(), pull.wait()
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there)
        wait_for_index(there, writer.written, push, pull)
        check(there, gaps=writer.gaps(), first=0, written=writer.written)
        with ringbuf.Reader(there, observer=True) as reader:
            assert reader.info().generation == 4
    ended(push), ended(pull)


def test_top_and_status_show_where_it_comes_from(server, nats, names):
    here, there = names(), names()
    with origin(here, rate=1000) as writer:
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there, *WAIT)
        put(writer, 1000)
        wait_for_index(there, 1000, push, pull)
        (row,) = [row for row in tool_json("top", "--once", "--json", "--interval", "1ms")["rings"] if row["name"] == there]
        assert (row["relay"]["ring"], row["relay"]["stream"]) == (here, here) and row["relay"]["delay_seconds"] >= 0
        lines = tool("top", "--once", "--interval", "1ms")[0].splitlines()
        (at,) = [k for k, line in enumerate(lines) if line.startswith(there + " ")]
        assert re.match(rf"  from .*:{here}, stream {here}, .* behind", lines[at + 1])
        (status,) = tool_json("nats", "status", here, "--json", "--server", server.url)
        assert (status["state"], status["written"], status["type"], status["channels"]) == ("open", 1000, "int32", 4)
        (one,), (other,) = status["push"], status["pull"]
        assert (one["pid"], one["ring"], one["stored"], one["lag"], one["lost"], one["trouble"]) == (push.pid, here, 1000, 0, 0, "")
        assert (other["pid"], other["ring"], other["at"], other["lag"], other["lag_seconds"]) == (pull.pid, there, 1000, 0, 0)
        assert (other["gaps"], other["duplicates"], other["lost"]) == (0, 0, 0) and other["origin"].endswith(":" + here)
        pull.send_signal(signal.SIGSTOP)
        put(writer, 500)
        assert f"{here}  open" in tool("nats", "status", "--server", server.url)[0]
        pull.send_signal(signal.SIGCONT)
        wait_for_index(there, 1500, push, pull)
        text = tool("nats", "status", here, "--server", server.url)[0]
        assert f":{there} pid {pull.pid}" in text and "lag 0 samples, 0" in text and "redelivered 0" in text, text
    ended(push), ended(pull)


def test_the_death_of_the_origin_is_a_death_there(server, nats, names, start):
    here, there = names(), names()
    gen = start("gen", here, "counter", "--type", "int32", "--channels", 4, "--rate", 1000)
    wait_until(lambda: written(here) > 100)
    push = nats(server, "push", here)
    pull = nats(server, "pull", here, there, "--keep", *WAIT)
    wait_for_index(there, 300, push, pull)
    reader = ringbuf.Reader(there, observer=True)
    gen.kill()
    ended(push, DEAD), ended(pull, DEAD)
    assert reader.info().state == ringbuf.State.DEAD
    assert reader.written == written(here)
    with pytest.raises(ringbuf.StaleError):
        reader.wait(reader.written + 1)
    # Both again: nothing more to say.
    ended(nats(server, "push", here), DEAD), ended(nats(server, "pull", here, there), DEAD)
    before = entries(server, here)
    # Another writer resumes the ring: push and pull go on.
    with ringbuf.Writer.resume(here) as writer:
        put(writer, 500)
        push = nats(server, "push", here)
        wait_until(lambda: entries(server, here) > before)
        pull = nats(server, "pull", here, there)
        wait_for_index(there, writer.written, push, pull)
        end = writer.written
    ended(push), ended(pull)
    check(there, gaps=[], written=end)
    reader.close()
    ringbuf.unlink(there)


def test_a_new_ring_of_the_same_name(server, nats, names):
    here, there = names(), names()
    push = pull = None
    for life in range(3):
        with origin(here, first_index=life * 10) as writer:
            put(writer, 1000)
            if not push:
                push = nats(server, "push", here, "--follow")
                pull = nats(server, "pull", here, there, "--follow", *WAIT)
            wait_until(lambda: written(there) == writer.written)
            check(there, first=life * 10)
        wait_until(lambda: written(there) == -1)
    for process in push, pull:
        process.send_signal(signal.SIGTERM)
        ended(process)


def test_a_ring_that_has_ended_and_goes_on(server, nats, names):
    """--follow waits for the next ring, and leaves the one that has ended as it is until its writer goes on."""
    here, there = names(), names()
    with origin(here, keep=True) as writer:
        put(writer, 1000)
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there, "--follow", "--keep", *WAIT, stderr=subprocess.PIPE, text=True)
        wait_for_index(there, 1000, push, pull)
    ended(push)
    seen = iter(pull.stderr.readline, "")
    assert any("has ended its stream" in line for line in seen)
    server.restart()
    assert any("goes on" in line for line in seen)  # it has read the end once more
    check(there, first=0, written=1000, gaps=[])
    with ringbuf.Writer.resume(here) as writer:
        put(writer, 1000)
        push = nats(server, "push", here)
        wait_for_index(there, 2000, push, pull)
    ended(push)
    assert any("has ended its stream" in line for line in seen)
    check(there, first=0, written=2000, gaps=[])
    pull.send_signal(signal.SIGTERM)
    ended(pull)
    ringbuf.unlink(here), ringbuf.unlink(there)


def test_one_origin(server, nats, names):
    here, other = names(), names()
    with origin(here) as writer, origin(other) as second:
        put(writer, 100), put(second, 100)
        there = names()
        push = nats(server, "push", here, "--stream", "shared")
        pull = nats(server, "pull", "shared", there, *WAIT)
        wait_for_index(there, 100, push, pull)
        assert f'pushes ring "{here}"' in refused(ERROR, server, "push", other, "--stream", "shared")
        assert f'pushes ring "{here}"' in refused(ERROR, server, "push", here, "--stream", "shared")
        push.send_signal(signal.SIGINT)
        ended(push)
        assert f'is that of ring "{here}"' in refused(ERROR, server, "push", other, "--stream", "shared")
        # One that nobody has told of the second one: the server refuses what it publishes.
        push = nats(server, "push", here, "--stream", "shared", stderr=subprocess.PIPE, text=True)
        put(writer, 100)
        wait_for_index(there, 200, push, pull)
        push.send_signal(signal.SIGSTOP)
        usurper = nats(server, "push", here, "--stream", "shared")
        put(writer, 100)
        wait_for_index(there, 300, usurper, pull)
        push.send_signal(signal.SIGCONT)
        put(writer, 100)
        assert push.wait() == ERROR and "another process pushes into it" in push.stderr.read()
        wait_for_index(there, 400, usurper, pull)
        check(there, gaps=[], written=400)
    ended(usurper), ended(pull)


def test_what_the_ring_has_lost_is_a_gap(server, nats, names):
    """The broker is away for more than the ring holds: that is told at both ends, and the rest is right."""
    here, there = names(), names()
    with origin(here, capacity=10_000) as writer:
        push = nats(server, "push", here, stderr=-1, text=True)
        pull = nats(server, "pull", here, there, "--capacity", 200_000, "--keep", *WAIT, stderr=-1, text=True)
        put(writer, 5000)
        wait_for_index(there, 5000, push, pull)
        server.kill()
        put(writer, 60_000)  # at once: of many puts the pusher sees some
        server.start()
        wait_for_index(there, writer.written, push, pull)
        end = writer.written
    assert push.wait() == OK and pull.wait() == LOST
    with ringbuf.Reader(there, observer=True) as reader:
        gaps = reader.gaps()
    assert len(gaps) == 1 and gaps[0][0] == 5000 and gaps[0][1] >= 55_000
    check(there, first=0, written=end)
    assert "were overwritten before they could be published" in push.stderr.read()
    said = re.findall(r"(\d+) samples before index (\d+) were lost before they were published", pull.stderr.read())
    assert [(int(index) - int(count), int(index)) for count, index in said] == gaps
    ringbuf.unlink(there)


def test_what_the_stream_has_discarded_is_a_gap(server, nats, names):
    """A puller that is away for longer than the stream holds."""
    here, there = names(), names()
    with origin(here, capacity=1_000_000) as writer:
        push = nats(server, "push", here, "--size", "1MiB", "--block", 16_000)
        pull = nats(server, "pull", here, there, "--keep", *WAIT)
        put(writer, 5000)
        wait_for_index(there, 5000, push, pull)
        pull.kill(), pull.wait()
        put(writer, 200_000)
        wait_until(lambda: tool_json("nats", "status", here, "--json", "--server", server.url)[0]["written"] == writer.written)
        pull = nats(server, "pull", here, there)
        wait_for_index(there, writer.written, push, pull)
        with ringbuf.Reader(there, observer=True) as reader:
            (gap,) = reader.gaps()
            assert gap[0] == 5000 and writer.written - 2**20 // 16 < gap[1] < writer.written
        check(there, first=0)
        # A new one begins at what there is, although the first description is gone.
        later = names()
        new = nats(server, "pull", here, later)
        wait_for_index(later, writer.written, push, new)
        with ringbuf.Reader(later, observer=True) as reader:
            assert writer.written - 2**20 // 16 < reader.first_index < writer.written - 2**20 // 32
        check(later, gaps=[])
    ended(push), ended(pull, LOST), ended(new)
    ringbuf.unlink(there)


def test_lossless_from_end_to_end(server, nats, names, rng):
    """The far reader holds back its ring, that the stream, that the origin's writer; nothing is lost."""
    here, there = names(), names()
    with origin(here, capacity=10_000, lossless=True) as writer:
        put(writer, 100)
        push = nats(server, "push", here, "--size", "1MiB", "--block", 16_000)
        pull = nats(server, "pull", here, there, *WAIT)
        wait_for_index(there, 100, push, pull)
        reader = ringbuf.Reader(there)
        assert reader.position == 0
        with Feeder(writer, rng, pause=0, skips=False, most=3000):
            # 10000 in each ring, 65536 in the stream: then the writer waits.
            wait_until(lambda: written(there) == 10_000)
            wait_until(lambda: writer.space() < 3000 and writer.written > 60_000 or push.poll() is not None)
            before = writer.written
            assert before < 10_000 * 2 + 2**20 // 16 + 64 * 1000
            # It goes on as the far reader does.
            at = 0
            while at < 200_000:
                block = reader.next(1000, 1000)
                np.testing.assert_array_equal(block, samples(at, 1000))
                at += 1000
        while at < writer.written:
            count = min(1000, writer.written - at)
            np.testing.assert_array_equal(reader.next(count, count), samples(at, count))
            at += count
        assert reader.lost == 0
        reader.close()
        assert "takes its samples" in refused(ERROR, server, "pull", here, names())
    ended(push), ended(pull)


def test_what_is_refused_in_words(server, nats, names, start):
    here = names()
    with origin(here) as writer:
        put(writer, 10)
        assert "RINGBUF_NATS_USER" in tool("nats", "push", here, "--server", "nats://me:secret@127.0.0.1:1", status=USAGE)[1]
        assert "no stream \"nothing\"" in refused(NOT_FOUND, server, "pull", "nothing")
        assert "--stream is \"a.b\"" in refused(USAGE, server, "push", here, "--stream", "a.b")
        assert "--from is \"yesterday\"" in refused(USAGE, server, "pull", "x", "--from", "yesterday")
        assert "is nats-server running" in tool("nats", "push", here, "--server", "nats://127.0.0.1:1", status=ERROR)[1]
        assert "no" + here in refused(NOT_FOUND, server, "push", "no" + here)
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, names(), *WAIT)
        there = names()
        with origin(there):
            wait_until(lambda: "is here already" in refused(ERROR, server, "pull", here, there, *WAIT))
        tool("put", there, "--keep", stdin=b"abc")
        assert "was not pulled from stream" in refused(ERROR, server, "pull", here, there)
        ringbuf.unlink(there)
        push.terminate(), pull.terminate()
        ended(push), ended(pull)
    with ringbuf.Writer(here, capacity=1000, messages=True):
        assert "ring of messages" in refused(USAGE, server, "push", here)
