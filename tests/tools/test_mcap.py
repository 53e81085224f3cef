"""MCAP: what @mcap/core reads by the index and from the beginning, and what is said of files that are not ours or not whole."""

import struct
import zlib

import numpy as np
import pytest
import ringbuf
from conftest import ERROR, tool
from mcap_files import blocks, have_node, indices, read, samples, values
from recordings import METADATA, counter, kept_ring
from test_record import record

pytestmark = pytest.mark.skipif(not have_node(), reason="no @mcap/core: cmake/bootstrap.sh packages ci")
CHUNK = 6  # the kind of a record


def records(data):
    """(offset, kind, content) of each record of a file's bytes."""
    at = 8
    while at + 9 <= len(data) - 8:
        kind, length = struct.unpack_from("<BQ", data, at)
        yield at, kind, data[at + 9:at + 9 + length]
        at += 9 + length


def test_by_the_index_and_from_the_beginning(name, tmp_path):
    """Several chunks, blocks and gaps; both ways give the same."""
    path = tmp_path / "take.mcap"
    parts = [300_000, -7, 100_000, -1, 3]
    # Without a rate, which the puts here do not keep to: the times grow with the indices.
    with kept_ring(name, parts, first_index=5, sample_rate=0) as index:
        record(name, path)
    stream, indexed = read(path), read(path, "indexed")
    assert stream[0]["done"] and indexed[0]["done"] and indexed[0]["chunks"] == 3
    assert stream[1] == indexed[1]
    for found, data in stream, indexed:
        np.testing.assert_array_equal(indices(found), index)
        np.testing.assert_array_equal(samples(found, data), counter(0, index[-1] + 1, 3, "int16")[index])
        assert found["topics"] == {name: "ringbuf_msgs/msg/Samples"}
        assert [block["sequence"] for block in found["blocks"]] == list(range(len(found["blocks"])))
        assert {block["channels"] for block in found["blocks"]} == {3}
    assert indexed[0]["statistics"] == {"messages": len(stream[0]["blocks"]), "chunks": 3}
    assert values(indexed[0], "ringbuf.end") == [{"samples": str(len(index))}]
    assert indexed[0]["library"].startswith("ringbuf ")


def test_times_are_those_of_the_ring(name, tmp_path):
    base = 1_700_000_000_123_456_789
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=2000, sample_rate=1000, metadata=METADATA, keep=True) as writer:
        writer.put(counter(0, 100, 3, "int16"))
        writer.skip(900)
        writer.put(counter(1000, 100, 3, "int16"))
        for index in (0, 99, 1000, 1099):
            writer.stamp(index, 10**9 + index * 10**6, base + index * 10**6)
    try:
        record(name, tmp_path / "take.mcap")
    finally:
        ringbuf.unlink(name)
    found, _ = read(tmp_path / "take.mcap")
    assert blocks(found) == [(0, 100), (1000, 100)]
    assert [int(block["log_time"]) for block in found["blocks"]] == [base, base + 10**9]
    assert [block["stamp"] for block in found["blocks"]] == ["1700000000.123456789", "1700000001.123456789"]
    assert "ringbuf:channels" in values(found, "ringbuf")[0]["description"]


def test_checksums_are_zlibs(name, tmp_path):
    with kept_ring(name, [20_000]):
        record(name, tmp_path / "take.mcap")
    data = (tmp_path / "take.mcap").read_bytes()
    chunks = [content for _, kind, content in records(data) if kind == CHUNK]
    assert len(chunks) == 1
    assert struct.unpack_from("<I", chunks[0], 24)[0] == zlib.crc32(chunks[0][40:])
    footer = len(data) - 8 - 29
    begin = struct.unpack_from("<Q", data, footer + 9)[0]
    assert struct.unpack_from("<I", data, footer + 25)[0] == zlib.crc32(data[begin:footer + 25])


def test_cut_off_anywhere(name, tmp_path, rng):
    """Whatever is left of a file is read up to its last whole chunk, by others and by us, or refused with a reason."""
    path = tmp_path / "take.mcap"
    with kept_ring(name, [200_000, -5, 200_000]) as index:
        record(name, path)
    data = path.read_bytes()
    ends = [at for at, kind, _ in records(data) if kind in (7, 15)]
    for cut in [*(rng.randrange(4000, len(data)) for _ in range(4)), *ends]:
        path.write_bytes(data[:cut])
        found, bytes_read = read(path)
        ours = tool("replay", path, "--name", name, "--as-fast-as-possible", "--keep", "-q", "--capacity", len(index) + 10)[1]
        assert ours == ""
        try:
            with ringbuf.Reader(name, observer=True) as reader:
                assert reader.written == (indices(found)[-1] + 1 if bytes_read else 0)
        finally:
            ringbuf.unlink(name)
    for cut in (0, 7, 60):
        path.write_bytes(data[:cut])
        assert "take.mcap" in tool("replay", path, "--name", name, status=ERROR)[1]


def test_files_that_are_none_of_ours(name, tmp_path):
    path = tmp_path / "take.mcap"
    with kept_ring(name, [100]):
        record(name, path)
    data = path.read_bytes()
    chunk = next(at for at, kind, _ in records(data) if kind == CHUNK)
    for change, text in (
        (b"RIFF" + data[4:], "no MCAP file"),
        (data.replace(b"ringbuf_msgs/msg/Samples", b"ringbuf_msgs/msg/Others"), "no recording of ringbuf"),
        (data[:chunk + 9 + 28] + struct.pack("<I", 3) + b"lz4" + data[chunk + 9 + 35:], "compressed"),
        (data[:chunk] + b"\0" + data[chunk + 1:], f"byte {chunk}"),
    ):
        path.write_bytes(change)
        assert text in tool("replay", path, "--name", name, status=ERROR)[1]
