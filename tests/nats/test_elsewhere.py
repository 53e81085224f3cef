"""What somebody else's client of NATS reads in a stream: `npm ci` of tests/nats/node, which cmake/bootstrap.sh does for the group
ci."""

import json

import numpy as np
import pytest
from conftest import run_node, takes_node, tool_json
from origins import ENDLESS, Feeder, origin, pieces, put, samples, wait_for_index, written
from servers import wait_until

import ringbuf

pytestmark = takes_node


def read(server, stream, path):
    """The entries of the stream, and its samples."""
    entries = json.loads(run_node("read.js", server.url, stream, path))
    return entries, np.fromfile(path, dtype="int32").reshape(-1, 4)


@pytest.mark.parametrize("broken", [False, True])
def test_the_stream_has_each_sample_once(broken, server, nats, names, rng, tmp_path):
    """Also after the broker and the pusher were killed: no entry twice, none missing, none out of place."""
    here = names()
    with origin(here, capacity=ENDLESS, metadata={"kind": "eeg"}) as writer:
        push = nats(server, "push", here)
        with Feeder(writer, rng):
            for _ in range(4):
                wait_for_index(here, written(here) + 10_000)
                if broken:
                    server.restart()
                    push.kill()
                    push.wait()
                    push = nats(server, "push", here, "--wait", "1h")
        wait_until(lambda: tool_json("nats", "list", "--json", "--server", server.url)[0]["written"] == writer.written)
        entries, data = read(server, here, tmp_path / "data")
        at, row = 0, 0
        for entry in entries:
            index, count = int(entry["Ringbuf-Index"]), int(entry["Ringbuf-Count"])
            assert entry["Ringbuf-Version"] == "1" and int(entry["Ringbuf-After"]) == at and index >= at
            assert int(entry["Nats-Expected-Last-Sequence"]) == entry["sequence"] - 1 and entry["Nats-Expected-Stream"] == here
            if index > at:
                assert entry.get("Ringbuf-Lost") is None and (at, index) in writer.gaps()
            if entry["Ringbuf-Kind"] == "samples":
                assert entry["bytes"] == count * 16 and entry["subject"] == f"ringbuf.{here}.data"
                np.testing.assert_array_equal(data[row:row + count], samples(index, count))
                row += count
            else:
                assert entry["Ringbuf-Kind"] == "ring" and count == 0 and entry["subject"] == f"ringbuf.{here}.ring"
                described = json.loads(entry["text"])
                assert (described["type"], described["channels"], described["sample_rate"]) == ("int32", 4, 100_000)
                assert json.loads(described["metadata"]) == {"kind": "eeg"}
            at = index + count
        assert at == writer.written and row == len(data)
        assert entries[0]["Ringbuf-Kind"] == "ring"
        with ringbuf.Reader(here, observer=True) as reader:
            assert row == sum(end - start for start, end in pieces(reader))
    assert push.wait() == 0
