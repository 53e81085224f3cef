"""Rings to be recorded, and what the tests of recordings ask of the files: each is read by a program that is not ours."""

import contextlib
import json
import time
from pathlib import Path

import mcap_files
import numpy as np
import ringbuf

TYPES = ["float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "complex64",
         "complex128"]
# FLAC has tests of its own besides, since its blocks of 1152 samples are written as a whole.
FORMATS = {"sigmf": ".sigmf-data", "npy": ".npy", "csv": ".csv", "raw": ".raw", "wav": ".wav", "rf64": ".rf64", "w64": ".w64",
           "mcap": ".mcap"}
SOUND = ("wav", "rf64", "w64", "flac")
# The types that a format refuses, and the format that the error names.
WAVES = {"uint8", "int16", "int32", "float32", "float64"}
REFUSED = {
    "sigmf": ({"int64", "uint64", "float16"}, "raw"),
    "wav": (set(TYPES) - WAVES, "sigmf, npy or raw"),
    "rf64": (set(TYPES) - WAVES, "sigmf, npy or raw"),
    "w64": (set(TYPES) - WAVES, "sigmf, npy or raw"),
    "flac": (set(TYPES) - {"int8", "int16"}, ""),
    "mcap": ({"float16"}, "npy or raw"),
}

METADATA = {
    "kind": "eeg",
    "channels": [{"name": "Fz", "unit": "uV", "scale": 0.5}, {"name": 'a, "b"'}, {"unit": "V", "offset": 2}],
}


def counter(first, count, channels, dtype):
    """Sample i has in channel c the number i * channels + c, as far as the type goes."""
    numbers = np.arange(first * channels, (first + count) * channels, dtype="int64").reshape(-1, channels)
    kind = np.dtype(dtype).kind
    if kind in "iu":
        return numbers.astype(dtype)  # modulo 2^bits
    if kind == "c":
        return (numbers - 1j * numbers).astype(dtype)
    return (numbers % 2048).astype(dtype)


@contextlib.contextmanager
def kept_ring(name, parts, channels=3, dtype="int16", sample_rate=1000.0, metadata=METADATA, **options):
    """A finished ring of counters, which stays until the end. `parts`: numbers of samples; a negative number is a gap.
    Yields the indices of its samples."""
    total = sum(abs(part) for part in parts)
    first = options.get("first_index", 0)
    options.setdefault("capacity", max(total, 16))
    indices = []
    options["metadata"] = metadata if channels == 3 else {}
    with ringbuf.Writer(name, channels=channels, dtype=dtype, sample_rate=sample_rate, keep=True, **options) as writer:
        at = first
        for part in parts:
            if part < 0:
                writer.skip(-part)
            else:
                writer.put(counter(at, part, channels, dtype))
                indices.extend(range(at, at + part))
            at += abs(part)
    try:
        yield np.array(indices)
    finally:
        ringbuf.unlink(name)


def sidecar_path(path):
    path = str(path)
    return Path(path[: -len("-data")] + "-meta" if path.endswith(".sigmf-data") else path + ".json")


def described(path):
    """The recorder has begun: its files are there, and all of them are whole."""
    if str(path).endswith(".mcap"):
        return Path(path).exists() and Path(path).stat().st_size > 0
    return sidecar_path(path).exists()


def sidecar(path):
    if str(path).endswith(".mcap"):
        return mcap_files.sidecar(mcap_files.read(path)[0])
    return json.loads(sidecar_path(path).read_text())


def sound(path):
    import soundfile

    glob = sidecar(path)["global"]
    dtype = glob["ringbuf:data_type"]
    if path.endswith(".flac"):
        # It opens. Before its first block it has no samples and says 1 (sound.cpp), which cannot be read.
        with soundfile.SoundFile(path) as file:
            frames = file.frames
        if frames == 1:
            try:
                soundfile.read(path, dtype="int16")
            except soundfile.SoundFileError:
                return np.zeros((0, glob["core:num_channels"]), dtype)
    bits = dtype if dtype in WAVES - {"uint8"} else "int16"
    data, _ = soundfile.read(path, dtype=bits, always_2d=True)
    if dtype in ("int8", "uint8"):  # libsndfile has these in the upper half
        data = ((data >> 8) + (128 if dtype == "uint8" else 0)).astype(dtype)
    return data


def samples(path):
    """The samples of a recording, as (samples, channels), by numpy."""
    path = str(path)
    if path.endswith(".npy"):
        return np.load(path)
    if path.endswith((".wav", ".rf64", ".w64", ".flac")):
        return sound(path)
    if path.endswith(".mcap"):
        return mcap_files.samples(*mcap_files.read(path))
    glob = sidecar(path)["global"]
    channels, dtype = glob["core:num_channels"], np.dtype(glob["ringbuf:data_type"])
    if path.endswith(".csv"):
        if dtype.kind in "iu":
            table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2, usecols=range(2, 2 + channels), dtype=dtype)
            return table.reshape(-1, channels)
        width = channels * (2 if dtype.kind == "c" else 1)
        table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2, usecols=range(2, 2 + width), dtype="float64")
        table = table.reshape(-1, width)
        return table[:, ::2].astype(dtype) + 1j * table[:, 1::2].astype(dtype) if dtype.kind == "c" else table.astype(dtype)
    if path.endswith(".sigmf-data"):
        kinds = {"r": "", "c": "c"}
        name = glob["core:datatype"].removesuffix("_le")
        size = int(name[2:]) // 8 * (2 if name[0] == "c" else 1)
        dtype = np.dtype(f"<{kinds[name[0]] or name[1]}{size}")
    data = np.fromfile(path, dtype)
    return data[: len(data) // channels * channels].reshape(-1, channels)


def indices(path, count):
    """The index of each of `count` samples, by the captures of the description."""
    if str(path).endswith(".mcap"):
        return mcap_files.indices(mcap_files.read(path)[0])[:count]
    captures = sidecar(path)["captures"]
    starts = [capture["core:sample_start"] for capture in captures] + [count]
    out = np.zeros(count, dtype="int64")
    for capture, start, end in zip(captures, starts, starts[1:]):
        out[start:end] = capture["core:global_index"] + np.arange(max(0, min(end, count) - start))
    return out


def check_counter(path, dtype="int16", channels=3):
    """Every sample of the recording is the counter's at its index. Returns the indices."""
    data = samples(path)
    assert data.dtype == np.dtype(dtype) and data.shape[1] == channels
    index = indices(path, len(data))
    if len(data) == 0:
        return index
    whole = counter(int(index[0]), int(index[-1] - index[0]) + 1, channels, dtype)
    np.testing.assert_array_equal(data, whole[index - index[0]])
    return index


def files(directory):
    return sorted(entry.name for entry in Path(directory).iterdir())


def wait_until(condition):
    """Until it holds; the time limit is that of the test."""
    while not condition():
        time.sleep(0.005)


def wait_for_line(process, text):
    """Reads stderr until a line has the text, and returns that line."""
    for line in process.stderr:
        if text in line.decode():
            return line.decode()
    raise AssertionError(f"ended without '{text}'")
