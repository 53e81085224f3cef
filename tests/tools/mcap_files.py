"""What @mcap/core reads in a recording: `npm ci` of tests/tools/mcap, which cmake/bootstrap.sh does for the group ci."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
MODULES = os.environ.get("RINGBUF_NODE_MODULES") or str(HERE.parent.parent / "build" / "mcap" / "node_modules")


def have_node():
    return shutil.which("node") is not None and (Path(MODULES) / "@mcap" / "core").is_dir()


def read(path, mode="stream"):
    """The description of the file, and the bytes of its samples. mode: stream or indexed."""
    if not have_node():
        pytest.skip("no @mcap/core: cmake/bootstrap.sh packages ci")
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(["node", HERE / "mcap" / "read.js", mode, path, out.name], capture_output=True, check=False,
                              env={**os.environ, "RINGBUF_NODE_MODULES": MODULES})
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout), Path(out.name).read_bytes()


def values(found, name):
    return [metadata for key, metadata in found["metadata"] if key == name]


def sidecar(found):
    """The description as other formats have it beside the file."""
    description = json.loads(values(found, "ringbuf")[0]["description"])
    shape = description["global"]
    for end in values(found, "ringbuf.end"):
        shape["ringbuf:samples"] = int(end["samples"])
    lost = {}
    for gaps in values(found, "ringbuf.gaps"):
        for line in gaps["start_end_lost"].splitlines():
            start, end, count = map(int, line.split())
            lost[end] = (end - start, count)
    captures, sample, expected = {}, 0, None
    for first, count in blocks(found):
        if first != expected:
            captures[sample] = {"core:sample_start": sample, "core:global_index": first}
            if first in lost:
                captures[sample]["ringbuf:gap"], captures[sample]["ringbuf:lost"] = lost[first]
        for times in values(found, "ringbuf.times"):
            for line in times["index_monotonic_realtime"].splitlines():
                index, monotonic, _ = map(int, line.split())
                if first <= index < first + count:
                    at = sample + index - first
                    captures.setdefault(at, {"core:sample_start": at, "core:global_index": index})
                    captures[at]["ringbuf:monotonic_ns"] = monotonic
        sample += count
        expected = first + count
    description["captures"] = [captures[at] for at in sorted(captures)]
    return description


def blocks(found):
    """(index, samples) of each message."""
    shape = json.loads(values(found, "ringbuf")[0]["description"])["global"]
    width = shape["core:num_channels"]
    if shape["ringbuf:data_type"].startswith("complex"):
        width *= 2
    if shape["ringbuf:data_type"] == "bytes":
        width *= shape["ringbuf:item_size"]
    return [(int(block["index"]), block["elements"] // width) for block in found["blocks"]]


def samples(found, data):
    shape = json.loads(values(found, "ringbuf")[0]["description"])["global"]
    kind = shape["ringbuf:data_type"]
    dtype = np.dtype(f"V{shape['ringbuf:item_size']}" if kind == "bytes" else kind)
    return np.frombuffer(data, dtype).reshape(-1, shape["core:num_channels"])


def indices(found):
    parts = [np.arange(first, first + count) for first, count in blocks(found)]
    return np.concatenate(parts) if parts else np.zeros(0, "int64")
