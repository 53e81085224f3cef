"""`ringbuf scope`: the picture, and the screen."""

import re
import signal

import numpy as np
import pytest
import ringbuf
from conftest import NOT_FOUND, OK, USAGE, tool

LABEL = 11
METADATA = {"channels": [{"name": "Fz"}, {"name": "Cz"}]}


@pytest.fixture
def writer(name):
    with ringbuf.Writer(name, channels=2, dtype="float32", capacity=100_000, sample_rate=1000, metadata=METADATA) as writer:
        yield writer


def put(writer, first, second=None):
    data = np.zeros((len(first), writer.channels), "float32")
    data[:, 0] = first
    if second is not None:
        data[:, 1] = second
    writer.put(data)


def dots(lines, columns):
    """The dots of a curve as rows of booleans, from the top."""
    picture = np.zeros((4 * len(lines), 2 * (columns - LABEL)), bool)
    for row, line in enumerate(lines):
        for column, character in enumerate(line[LABEL:].ljust(columns - LABEL)):
            bits = ord(character) - 0x2800 if character != " " else 0
            assert 0 <= bits < 256, line
            for bit, (x, y) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]):
                picture[4 * row + y, 2 * column + x] = bits >> bit & 1
    return picture


def once(name, *words, columns=80, rows=6):
    """Heading and dots of each channel, and the last line."""
    text, _ = tool("scope", name, "--once", "--columns", columns, "--rows", rows, *words)
    lines = text.splitlines()
    assert all(len(line) <= columns for line in lines)
    found = []
    for at in range(1, len(lines) - 1, rows + 1):
        found.append((lines[at], dots(lines[at + 1:at + 1 + rows], columns), lines[at + 1][:LABEL].strip(), lines[at + rows][:LABEL].strip()))
    return lines[0], found, lines[-1]


def test_a_spike_of_one_sample_shows(name, writer, rng):
    block = -(-80_000 // (2 * (60 - LABEL)))  # of samples in a column; where the newest has few, the oldest has left the picture
    for place in [0, 79_999, *[rng.randrange(block, 80_000) for _ in range(5)]]:
        values = np.zeros(80_000)
        values[place] = 1
        put(writer, values)
        status, channels, axis = once(name, "--span", "80s", columns=60)
        heading, picture, top, bottom = channels[0]
        assert (top, bottom) == ("1", "0") and "peak 1 " in heading and heading.startswith("ch0 Fz")
        spike = np.flatnonzero(picture[0])
        assert len(spike) >= 1 and picture[:, spike[0]].all(), place
        assert picture[-1].all()  # and zero is everywhere else
        written = writer.written
        number = (written - 80_000 + place) // block - (written - 1) // block + picture.shape[1] - 1
        assert number in spike
        assert not channels[1][1][0].any() and channels[1][2] == "1" and channels[1][3] == "-1"  # flat: in the middle


def test_levels(name, writer):
    n = np.arange(2000)
    put(writer, 3 * np.sin(2 * np.pi * n / 100), np.where(n == 1234, -5, 0.5))
    status, channels, axis = once(name)
    assert "peak 3  rms 2.121" in channels[0][0] and "peak 5  rms 0.51" in channels[1][0]
    assert name in status and "float32 x 2" in status and "1 kHz" in status and "live" in status
    assert axis.split() == ["-2.0", "s", "sample", "1999"]
    # Twenty periods, and no hole in the curve.
    picture = channels[0][1]
    assert picture.any(axis=0).all() and 38 <= np.count_nonzero(np.diff(picture[0].astype(int))) <= 40


def test_a_straight_line_rises(name, writer):
    put(writer, np.arange(2000))
    _, channels, _ = once(name)
    highest = channels[0][1].argmax(axis=0)
    assert highest[0] == 23 and highest[-1] == 0 and (np.diff(highest) <= 0).all()


def test_few_samples_many_columns(name, writer):
    put(writer, [0, 1] * 8)
    _, channels, axis = once(name, "--span", "16")
    assert "sample 15" in axis and channels[0][1].any(axis=0).all()


def test_a_gap_is_empty(name, writer):
    put(writer, np.zeros(500))
    writer.skip(1000)
    put(writer, np.ones(500))
    _, channels, _ = once(name)
    shown = channels[0][1].any(axis=0)
    width = len(shown)
    assert shown[:width // 5].all() and shown[-width // 5:].all() and not shown[3 * width // 10:7 * width // 10].any()


def test_values_that_are_not_finite(name, writer):
    put(writer, [0, 1, np.nan, np.inf, -1] * 400)
    _, channels, _ = once(name)
    assert "800 not finite" in channels[0][0] and "peak 1 " in channels[0][0] and channels[0][2:] == ("1", "-1")


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float16", "float64", "complex64"])
def test_types(dtype, name):
    with ringbuf.Writer(name, dtype=dtype, capacity=1000, sample_rate=1000) as writer:
        writer.put(np.full(500, 3 + 4j if dtype == "complex64" else 5).astype(dtype))
        _, ((heading, *_),), _ = once(name)
        assert heading.startswith("ch0  peak 5  rms 5")


def test_channels_are_chosen(name, writer):
    put(writer, np.zeros(100))
    for words, expected in (("1", ["ch1 Cz"]), ("Cz,0", ["ch1 Cz", "ch0 Fz"]), ("Fz", ["ch0 Fz"])):
        assert [heading.split("  ")[0] for heading, *_ in once(name, "--channels", words)[1]] == expected
    assert "0 to 1 or the name" in tool("scope", name, "--once", "--channels", "2", status=USAGE)[1]


@pytest.mark.parametrize("frequency, amplitude", [(125, 0.5), (400, 10), (0, 2)])
def test_the_spectrum(frequency, amplitude, name, writer):
    n = np.arange(2048)
    put(writer, amplitude * np.sin(2 * np.pi * frequency / 1000 * n) if frequency else np.full(2048, amplitude), 0 * n)
    _, channels, axis = once(name, "--spectrum", "--span", "2048")
    heading, picture, *_ = channels[0]
    assert axis.split() == ["0", "Hz", "500", "Hz"]
    found = re.search(r"highest ([\d.]+) Hz (-?[\d.]+) dB", heading)
    if frequency == 0:
        assert float(found[2]) < -100  # the mean is left out
        return
    assert abs(float(found[1]) - frequency) <= 1000 / 2048 and abs(float(found[2]) - 20 * np.log10(amplitude)) < 1.5
    place = np.flatnonzero(picture[:6].any(axis=0)) / picture.shape[1] * 500
    assert len(place) and abs(place.mean() - frequency) < 10


def test_the_spectrum_of_complex_numbers_has_two_sides(name):
    with ringbuf.Writer(name, dtype="complex64", capacity=5000, sample_rate=1000) as writer:
        writer.put(np.exp(-2j * np.pi * 0.25 * np.arange(4096)).astype("complex64"))
        _, ((heading, *_),), axis = once(name, "--spectrum", "--span", "4096")
        assert "highest -250 Hz 0.0 dB" in heading and axis.split() == ["-500", "Hz", "500", "Hz"]


def test_no_samples_and_no_rate(name):
    with ringbuf.Writer(name, dtype="int16", capacity=1000) as writer:
        for words in ((), ("--spectrum",)):
            assert "ch0  no samples" in once(name, *words)[1][0][0]
        writer.put(np.arange(100, dtype="int16"))
        status, channels, axis = once(name)
        assert axis.split() == ["-875", "samples", "sample", "99"] and "peak 99" in channels[0][0]  # as many as can be read


def test_a_ring_whose_stream_is_over(name):
    with ringbuf.Writer(name, dtype="int16", capacity=1000, keep=True) as writer:
        writer.put(np.arange(3000, dtype="int16"))
    status, channels, _ = once(name, "--span", "500")
    assert "closed" in status and channels[0][2:] == ("2999", "2500")
    tool("rm", name)


def test_wrong_words(name, names):
    other = names()
    with ringbuf.Writer(name, capacity=10, item_size=4), ringbuf.Writer(other, capacity=4096, messages=True):
        assert "opaque" in tool("scope", name, "--once", status=USAGE)[1]
        assert "messages" in tool("scope", other, "--once", status=USAGE)[1]
    with ringbuf.Writer(name, capacity=10):
        assert "no terminal; ringbuf scope --once needs none" in tool("scope", name, status=USAGE)[1]
        assert "sample rate" in tool("scope", name, "--once", "--span", "1s", status=USAGE)[1]
        assert "--once" in tool("scope", name, "--rows", "3", status=USAGE)[1]
        assert "--span" in tool("scope", name, "--once", "--span", "0", status=USAGE)[1]
    assert "no ring" in tool("scope", name, "--once", status=NOT_FOUND)[1]


def test_the_screen(name, writer, start):
    put(writer, np.sin(np.arange(2000) / 50))
    terminal = pytest.importorskip("terminal").Terminal(start, "scope", name, "--interval", "20ms", columns=110)

    def headings(lines):
        return [line.split()[0] for line in lines if re.match(r"ch\d", line)]

    try:
        terminal.until(lambda lines: headings(lines) == ["ch0", "ch1"] and "sample 1999" in lines[-2])
        assert name in terminal.screen.display[0] and "q quit" in terminal.screen.display[-1]
        assert any("\u2800" < character <= "\u28ff" for line in terminal.screen.display for character in line)
        put(writer, np.ones(100))
        terminal.until(lambda lines: "sample 2099" in lines[-2])
        terminal.press("+")
        terminal.until(lambda lines: "-1.0 s" in lines[-2])
        terminal.press("-")
        terminal.press("-")
        terminal.until(lambda lines: "-4.0 s" in lines[-2])
        terminal.press("s")
        terminal.until(lambda lines: "0 Hz" in lines[-2] and "highest" in lines[1])
        terminal.press("s")
        terminal.until(lambda lines: "-4.0 s" in lines[-2])
        terminal.press("0")
        terminal.until(lambda lines: headings(lines) == ["ch1"])
        terminal.press("1")  # one stays
        terminal.press("a")
        terminal.until(lambda lines: headings(lines) == ["ch0", "ch1"])
        terminal.press(" ")
        terminal.until(lambda lines: "PAUSED" in lines[0])
        put(writer, np.ones(100))
        terminal.press("+")
        terminal.until(lambda lines: "-2.0 s" in lines[-2])
        assert "sample 2099" in terminal.screen.display[-2]
        terminal.press("p")
        terminal.until(lambda lines: "PAUSED" not in lines[0] and "sample 2199" in lines[-2])
        terminal.resize(60, 6, signal.SIGWINCH)
        terminal.until(lambda lines: len(lines) == 6 and "1 more below" in lines[0] and "sample 2199" in lines[4])
        terminal.press("\033[B")
        terminal.until(lambda lines: headings(lines) == ["ch1"])
        terminal.press("q")
        assert terminal.process.wait(60) == OK
    finally:
        assert terminal.close()
    assert writer.info().readers == 0


def test_a_signal_ends_the_screen_and_restores_the_terminal(name, writer, start):
    terminal = pytest.importorskip("terminal").Terminal(start, "scope", name, LC_ALL="C")
    try:
        terminal.until(lambda lines: name in lines[0])
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(60) == OK
    finally:
        assert terminal.close()


@pytest.mark.parametrize("command", ["scope", "top"])
def test_a_screen_ends_with_its_terminal(command, name, writer, start):
    words = [command, name] if command == "scope" else [command]
    terminal = pytest.importorskip("terminal").Terminal(start, *words)
    terminal.until(lambda lines: any(name in line for line in lines))
    terminal.close()
    assert terminal.process.wait(60) == OK
