"""gen and verify."""

import json
import os
import signal

import numpy as np
import pytest
import ringbuf
from conftest import DEAD, ERROR, OK, USAGE, raw_tool, tool, tool_json

TYPES = "float32 int16 float64 int8 uint8 uint16 int32 uint32 int64 uint64 float16 complex64 complex128 bytes".split()
FAST = ("--as-fast-as-possible", "--keep")


@pytest.fixture
def gen(names):
    """Makes kept rings, and removes them at the end."""
    made = []

    def make(*words, status=OK):
        made.append(names())
        tool("gen", made[-1], *words, *FAST, status=status)
        return made[-1]

    yield make
    for name in made:
        if os.path.exists(f"/dev/shm/{name}"):
            tool("rm", name)


def samples(name, dtype="<f4", channels=1):
    return np.frombuffer(raw_tool("cat", name).stdout, dtype).reshape(-1, channels)


@pytest.mark.parametrize("dtype", TYPES)
def test_counter_is_found_to_be_one(dtype, gen):
    item = ("--item-size", 5) if dtype == "bytes" else ()
    name = gen("counter", "--type", dtype, "--channels", 3, "--duration", 5000, "--capacity", 3000, *item)
    result = tool_json("verify", name, "--json")
    assert result["counter"] is True and result["samples"] == 3000 and result["pocket_samples"] > 0
    if dtype not in ("bytes", "float16") and not dtype.startswith("complex"):
        expected = np.arange(2000 * 3, 5000 * 3).astype(dtype).reshape(-1, 3)
        assert (samples(name, dtype, 3) == expected).all()


def test_a_counter_that_counts_wrong(gen, names):
    good = gen("counter", "--type", "int16", "--channels", 2, "--duration", 1000)
    data = bytearray(raw_tool("cat", good).stdout)
    data[4 * 567] ^= 1
    bad = names()
    tool("put", bad, "--type", "int16", "--channels", 2, "--keep", stdin=bytes(data))
    try:
        assert tool_json("verify", bad, "--json")["counter"] is None  # nothing says that it counts
        out, err = tool("verify", bad, "--counter", status=ERROR)
        assert "1 samples are wrong" in out and "sample 567 is 1135 1135, expected 1134 1135" in err
    finally:
        tool("rm", bad)


def test_a_pocket_that_differs(gen):
    name = gen("counter", "--type", "uint8", "--duration", 1000, "--capacity", 1000, "--window", 100)
    info = tool_json("info", name, "--json")
    with open(f"/dev/shm/{name}", "r+b") as file:
        file.seek(info["data_offset"] + info["data_bytes"] + 42)
        file.write(b"\xff")
    assert "1 samples of the pocket differ" in tool("verify", name, status=ERROR)[1]


def test_gaps_count(name):
    with ringbuf.Writer(name, capacity=100, dtype="int16") as writer:
        writer.put(np.arange(10, dtype=np.int16))
        writer.skip(5)
        writer.put(np.arange(15, 30, dtype=np.int16))
        result = tool_json("verify", name, "--json", "--counter")
        assert (result["gaps"], result["skipped"], result["samples"], result["counter"]) == (1, 5, 25, True)


def test_a_ring_that_is_damaged(gen):
    name = gen("counter", "--duration", 100)
    with open(f"/dev/shm/{name}", "r+b") as file:
        file.seek(16)
        file.write(b"\xff" * 32)
    assert name in tool("verify", name, status=ERROR)[1]
    tool("rm", name)


def test_verify_of_messages(name):
    tool("put", name, "--messages", 100, "--keep", stdin=b"one\ntwo\n")
    assert tool_json("verify", name, "--json")["messages"] == 2
    tool("rm", name)


def test_verify_says_that_the_writer_died(name, start):
    gen = start("gen", name, "counter", "--type", "int16", "--rate", 1000, "--capacity", "10min")
    tool("wait", name, "--index", 10, "--timeout", "60s")
    verify = start("verify", name, "--follow", "--json")
    gen.kill()
    gen.wait()
    out, _ = verify.communicate(timeout=60)
    assert verify.returncode == DEAD and json.loads(out)["counter"] is True
    tool("rm", name)


def test_sine(gen):
    name = gen("sine", "--frequency", 1000, "--rate", 48000, "--channels", 2, "--amplitude", 0.25, "--duration", "100ms")
    data = samples(name, channels=2)
    time = np.arange(4800) / 48000
    assert len(data) == 4800
    assert np.abs(data[:, 0] - 0.25 * np.sin(2 * np.pi * 1000 * time)).max() < 1e-6
    assert np.abs(data[:, 1] - 0.25 * np.sin(2 * np.pi * 1000 * time + np.pi)).max() < 1e-6


def test_full_scale_of_integers(gen):
    data = samples(gen("sine", "--amplitude", 1, "--rate", 8000, "--frequency", 2000, "--type", "int16", "--duration", 8), "<i2")
    assert data[:, 0].tolist() == [0, 32767, 0, -32767] * 2
    data = samples(gen("silence", "--type", "uint8", "--duration", 3), "u1")
    assert data[:, 0].tolist() == [128] * 3  # half of 255, to the even number


def test_chirp_goes_from_one_frequency_to_the_other(gen):
    name = gen("chirp", "--frequency", 100, "--to", 4000, "--sweep", "1s", "--rate", 48000, "--duration", "1s")
    data = samples(name)[:, 0]

    def crossings(part):
        return np.count_nonzero(np.diff(np.signbit(part)))

    assert crossings(data[:4800]) < crossings(data[-4800:]) / 5
    assert crossings(data[-4800:]) == pytest.approx(2 * 0.1 * 3805, abs=4)


def test_noise_is_the_same_for_the_same_seed(gen):
    a, b, c = (samples(gen("noise", "--duration", 10000, "--amplitude", 0.5, "--seed", seed)) for seed in (1, 1, 2))
    assert (a == b).all() and (a != c).any()
    assert np.abs(a).max() <= 0.5 and abs(a.mean()) < 0.02


def test_the_rate_is_exact(name):
    tool("gen", name, "counter", "--rate", 1000, "--duration", "500ms", "--block", "20ms", "--keep")
    with ringbuf.Reader(name) as reader:
        # Each block is put when its last sample is due, never earlier.
        assert reader.time_at(499).monotonic_ns - reader.time_at(19).monotonic_ns >= 400_000_000
        assert reader.info().written == 500
    tool("rm", name)


def test_a_signal_ends_it(name, start):
    gen = start("gen", name, "--keep")
    tool("wait", name, "--index", 1000, "--timeout", "60s")
    gen.send_signal(signal.SIGINT)
    assert gen.wait(60) == OK
    assert tool_json("info", name, "--json")["state"] == "closed"
    tool("rm", name)


@pytest.mark.parametrize(
    "words, said",
    [
        (("square",), "square"),
        (("sine", "--type", "bytes"), "opaque bytes have no sine"),
        (("--rate", "0"), "--rate"),
        (("--duration", "-1s"), "--duration"),
    ],
)
def test_what_it_refuses(words, said, name):
    assert said in tool("gen", name, *words, *FAST, status=USAGE)[1]
    assert not os.path.exists(f"/dev/shm/{name}")
