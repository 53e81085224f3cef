"""`ringbuf trigger`: what triggers, what is saved, and what is said of samples that are gone."""

import json
import os
import signal

import numpy as np
import pytest
import ringbuf
from conftest import DEAD, ERROR, LOST, NOT_FOUND, OK, USAGE, tool
from recordings import check_counter, counter, files, indices, samples, sidecar, wait_for_line, wait_until
from test_record import dying  # noqa: F401  (a fixture)

MS = 1_000_000
BASE = 10**10  # when sample 0 was taken


def put(writer, values, rate=1000):
    """Puts samples of a device whose clock begins at BASE."""
    first = writer.written
    writer.put(np.asarray(values))
    period = 10**9 // rate
    if first == 0:
        writer.stamp(0, BASE)
    writer.stamp(writer.written - 1, BASE + (writer.written - 1) * period)


def lines(err):
    return [line for line in err.splitlines() if line.startswith("event ")]


def triggered(name, path, *words, status=OK):
    """Of a stream that has ended: the files, as stdout names them."""
    out, err = tool("trigger", name, "-o", path, "--from", "oldest", *words, status=status)
    return out.split(), err


@pytest.fixture
def signal_ring(name):
    """A ring of 1000 samples a second in two channels, which is over and stays: makes it of channel 0."""
    made = []

    def make(values, dtype="float32", **options):
        metadata = options.pop("metadata", {"channels": [{"name": "Fz"}, {"name": "a, b"}]})
        options.setdefault("capacity", max(16, len(values)))
        with ringbuf.Writer(name, channels=2, dtype=dtype, sample_rate=1000, keep=True, metadata=metadata, **options) as writer:
            data = np.zeros((len(values), 2), dtype)
            data[:, 0] = values
            data[:, 1] = np.arange(len(values)) % 100
            put(writer, data)
        made.append(name)
        return data

    yield make
    for each in made:
        ringbuf.unlink(each)


def pulses(count, *places, height=1.0):
    values = np.zeros(count)
    for place in places:
        values[place] = height
    return values


@pytest.mark.parametrize("ending", [".npy", ".sigmf-data", ".csv", ".raw", ".wav"])
def test_what_was_before_and_after(ending, name, signal_ring, tmp_path):
    data = signal_ring(pulses(5000, 1500, 3000))
    found, err = triggered(name, tmp_path / f"e{ending}", "--when", "ch0 > 0.5", "--pre", "300ms", "--post", "200ms")
    assert found == [str(tmp_path / f"e-000{k}{ending}") for k in (1, 2)]
    for path, place in zip(found, (1500, 3000)):
        got = samples(path)
        np.testing.assert_array_equal(got, data[place - 300:place + 200])
        index = indices(path, len(got))
        assert (index[0], index[-1]) == (place - 300, place + 199)
    assert len(lines(err)) == 4 and f"ch0 > 0.5 at sample 1500 of {name}, " in err and err.count("; none lost") == 2


def spans(name, path, *words):
    """The events, as (first index, end)."""
    out, _ = tool("trigger", name, "-o", path, "--from", "oldest", "--pre", "10ms", "--post", "20ms", "--json", *words)
    return [(each["first_index"], each["end_index"]) for each in map(json.loads, out.splitlines())]


@pytest.mark.parametrize("condition, expected", [
    ("ch0 > 1", [(290, 419)]),
    ("ch0>=1", [(190, 519)]),
    ("ch0 rising 1", [(190, 220)]),
    ("ch0 falling 1", [(390, 420)]),
    ("ch0 < -2.5", [(690, 720)]),
    ("ch0 <= -3", [(690, 720)]),
    ("abs(ch0) >= 3", [(690, 720)]),
    ("abs( Fz ) rising 3", [(690, 720)]),
    ("Fz < -2.5", [(690, 720)]),
    ("rms(ch0, 100) >= 2", [(389, 419)]),
    ("rms(ch0, 100ms) rising 2", [(389, 419)]),
    ('"a, b" > 98.5', [(99 + 100 * k - 10, 99 + 100 * k + 20) for k in range(10)]),
    ("ch1 > 98.5", [(99 + 100 * k - 10, 99 + 100 * k + 20) for k in range(10)]),
])
def test_conditions(condition, expected, name, signal_ring, tmp_path):
    values = np.zeros(1000)
    values[200:500] = 1
    values[300:400] = 2
    values[700] = -3
    signal_ring(values)
    if "98.5" in condition:
        expected = [(max(0, a), min(1000, b)) for a, b in expected]
    got = spans(name, tmp_path / "e.npy", "--when", condition)
    assert got == expected


def test_rms_is_exact_after_a_large_value_and_a_nan(name, signal_ring, tmp_path):
    values = np.zeros(1000)
    values[100] = 1e9
    values[300] = np.nan
    values[700:800] = 1e-3
    signal_ring(values)
    assert spans(name, tmp_path / "e.npy", "--when", "rms(ch0, 50) > 0.0009999") == [(90, 169), (739, 819)]


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int32", "int64", "float16", "float64"])
def test_values_are_those_of_the_elements(dtype, name, signal_ring, tmp_path):
    signal_ring(pulses(100, 50, height=100), dtype, metadata={"channels": [{"name": "Fz", "scale": 0.001}, {}]})
    assert spans(name, tmp_path / "e.npy", "--when", "ch0 > 99.5") == [(40, 70)]


def test_complex_numbers_have_a_magnitude_alone(name, signal_ring, tmp_path):
    signal_ring(np.where(np.arange(100) == 50, 3 - 4j, 0), "complex64")
    assert spans(name, tmp_path / "e.npy", "--when", "abs(ch0) >= 5") == [(40, 70)]
    _, err = triggered(name, tmp_path / "f.npy", "--when", "ch0 > 1", status=USAGE)
    assert "abs()" in err


def test_overlapping_events_join(name, signal_ring, tmp_path):
    signal_ring(pulses(3000, 500, 700, 880, 1500))
    words = ("--when", "ch0 rising 1", "--pre", "100ms", "--post", "100ms")
    found, err = triggered(name, tmp_path / "e.npy", *words)
    got = [(s["core:global_index"], len(samples(path))) for path in found for s in sidecar(path)["captures"][:1]]
    assert got == [(400, 580), (1400, 200)] and len(lines(err)) == 4
    found, _ = triggered(name, tmp_path / "n.npy", *words, "--count", 1)
    assert len(found) == 1


def test_a_gap_and_the_ends_of_the_stream(name, tmp_path):
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1000, sample_rate=1000, keep=True) as writer:
        put(writer, counter(0, 50, 3, "int16"))
        writer.skip(20)
        put(writer, counter(70, 50, 3, "int16"))
    try:
        found, _ = triggered(name, tmp_path / "e.sigmf-data", "--when", "ch0 rising 120", "--pre", "1s", "--post", "1s")
        index = check_counter(found[0])
        assert list(index) == [*range(50), *range(70, 120)]
        assert [c["ringbuf:gap"] for c in sidecar(found[0])["captures"] if "ringbuf:gap" in c] == [20]
        # No edge across the gap: 147 and 210 are not neighbours.
        assert triggered(name, tmp_path / "f.npy", "--when", "ch0 rising 200")[0] == []
    finally:
        ringbuf.unlink(name)


def test_several_rings_are_cut_at_the_same_instant(names, tmp_path):
    slow, fast = names(), names()
    with ringbuf.Writer(slow, dtype="int16", capacity=500, sample_rate=100, keep=True) as a, \
            ringbuf.Writer(fast, dtype="int16", capacity=5000, sample_rate=1000, keep=True) as b:
        put(a, np.arange(500, dtype="int16"), 100)
        put(b, np.arange(5000, dtype="int16"), 1000)
    try:
        out, _ = tool("trigger", fast, slow, "-o", tmp_path / "e.npy", "--from", "oldest", "--when", f"{slow}/ch0 rising 200",
                      "--pre", "1s", "--post", "500ms")
        assert out.split() == [str(tmp_path / f"e-{each}-0001.npy") for each in (fast, slow)]
        np.testing.assert_array_equal(np.load(tmp_path / f"e-{slow}-0001.npy")[:, 0], np.arange(100, 250))
        np.testing.assert_array_equal(np.load(tmp_path / f"e-{fast}-0001.npy")[:, 0], np.arange(1000, 2500))
    finally:
        ringbuf.unlink(slow)
        ringbuf.unlink(fast)


@pytest.mark.parametrize("known", [True, False])
def test_what_is_overwritten_is_said_and_marked(known, name, tmp_path, start):
    """The ring holds 1 s, and 3 s are wanted: by the times that were seen, or by the rate."""
    path = tmp_path / "e.sigmf-data"
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=1000, sample_rate=1000, keep=True) as writer:
        words = ["trigger", name, "-o", path, "--on-signal", "--when", "ch0 rising 14970", "--pre", "3s", "--post", "100ms", "--count", 1]
        if known:
            process = start(*words, "--from", "oldest")
            wait_for_line(process, "holds 1.0 s, less than --pre 3.0 s")
            wait_for_line(process, "waits for")
        for first in range(0, 4980, 10):
            put(writer, counter(first, 10, 3, "int16"))
        if not known:
            process = start(*words)
            wait_for_line(process, "waits for")
        put(writer, counter(4980, 120, 3, "int16"))  # ch0 of sample 4990 is 14970
        put(writer, counter(5100, 10, 3, "int16"))
        out, err = process.communicate()
    ringbuf.unlink(name)
    assert process.returncode == LOST, err
    index = check_counter(tmp_path / "e-0001.sigmf-data")
    assert index[-1] == 5089 and index[0] >= 4110 and list(index) == list(range(index[0], 5090))
    first = sidecar(tmp_path / "e-0001.sigmf-data")["captures"]
    lost = [capture for capture in first if "ringbuf:lost" in capture]
    assert first[0]["core:global_index"] == 1990 and lost[0]["ringbuf:lost"] == index[0] - 1990
    assert f"{name}: lost {index[0] - 1990} samples, [1990, {index[0]}), from 20".encode() in err and b"Z to 20" in err


def test_a_signal_triggers(name, tmp_path, start):
    with ringbuf.Writer(name, dtype="int16", capacity=100_000, sample_rate=1000, lossless=True) as writer:
        process = start("trigger", name, "-o", tmp_path / "e.npy", "--on-signal", "--pre", "1h", "--post", "1h", "--json")
        wait_for_line(process, f"SIGUSR1 to process {process.pid}")
        assert writer.info().readers == 0  # an observer: nobody waits for it
        writer.put(np.arange(50, dtype="int16"))
        process.send_signal(signal.SIGUSR1)
        wait_for_line(process, "event 1: SIGUSR1")
        writer.put(np.arange(50, 100, dtype="int16"))
    found = json.loads(process.stdout.readline())
    assert process.wait() == OK
    assert (found["event"], found["ring"], found["samples"], found["lost"]) == (1, name, 100, 0) and found["why"] == "SIGUSR1"
    np.testing.assert_array_equal(np.load(found["file"])[:, 0], np.arange(100))


def test_an_interrupt_ends_the_event_with_what_is_there(name, tmp_path, start):
    with ringbuf.Writer(name, dtype="int16", capacity=1000, sample_rate=1000) as writer:
        writer.put(np.arange(50, dtype="int16"))
        process = start("trigger", name, "-o", tmp_path / "e.npy", "--on-signal", "--post", "1h")
        wait_for_line(process, "waits for")
        process.send_signal(signal.SIGUSR1)
        wait_for_line(process, "event 1")
        wait_until(lambda: (tmp_path / "e-0001.npy").stat().st_size >= 100)
        process.send_signal(signal.SIGINT)
        assert process.wait() == OK
    np.testing.assert_array_equal(np.load(tmp_path / "e-0001.npy")[:, 0], np.arange(50))
    assert "ringbuf:samples" in sidecar(tmp_path / "e-0001.npy")["global"]


@pytest.mark.parametrize("kinds, events", [([], 3), ([7], 1), ([7, 9], 2), ([8], 0)])
def test_messages_trigger(kinds, events, name, names, tmp_path, start):
    marks = names()
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=10_000, sample_rate=1000) as writer, \
            ringbuf.Writer(marks, messages=True, capacity=4096, metadata={"beside": name}) as events_ring:
        put(writer, counter(0, 5000, 3, "int16"))
        process = start("trigger", name, "-o", tmp_path / "e.npy", "--on-message", marks, "--pre", "100ms", "--post", "100ms", "--json",
                        *[word for kind in kinds for word in ("--kind", kind)])
        wait_for_line(process, f"messages of {marks}")
        for kind, tag in ((7, 1000), (9, 2000), (10, 3000)):
            events_ring.send(b"here", kind=kind, tag=tag)
        events_ring.close()
        out, err = process.communicate()
    assert process.returncode == OK, err
    found = [json.loads(line) for line in out.splitlines()]
    tags = {7: 1000, 9: 2000, 10: 3000}
    wanted = [tags[kind] for kind in (kinds or tags) if kind in tags]
    assert [each["first_index"] for each in found] == [tag - 100 for tag in wanted] and len(found) == events
    for each in found:
        assert each["event_index"] == each["first_index"] + 100
        assert list(check_counter(each["file"])) == list(range(each["first_index"], each["first_index"] + 200))


def test_the_last_seconds_of_a_writer_that_died(name, names, tmp_path, start, dying):  # noqa: F811
    other = names()
    with ringbuf.Writer(other, dtype="int16", capacity=1000, sample_rate=1000) as writer:
        writer.put(np.arange(10, dtype="int16"))
        victim = dying(name)
        victim.put(300)
        process = start("trigger", name, other, "-o", tmp_path / "e.npy", "--on-death", "--pre", "1h", "--post", "0s", "--count", 1)
        wait_for_line(process, "the death of a writer")
        victim.put(200)
        victim.die()
        out, err = process.communicate()
        assert process.returncode == OK, err
        assert f"the writer of {name} died after sample 499" in err.decode() and len(out.split()) == 2
        assert list(check_counter(tmp_path / f"e-{name}-0001.npy")) == list(range(500))
    # One that is dead already: its last seconds are still there. Its number is the next one that is free.
    out, _ = tool("trigger", name, "-o", tmp_path / "e.npy", "--on-death", "--time-names")
    assert len(check_counter(out.strip())) == 500 and out.strip().endswith("Z.npy")
    tool("trigger", name, "-o", tmp_path / "e.npy", "--on-signal", status=DEAD)
    tool("rm", name)


def test_numbers_go_on(name, signal_ring, tmp_path):
    signal_ring(pulses(100, 50))
    for expected in ("e-0001.npy", "e-0002.npy"):
        assert triggered(name, tmp_path / "e.npy", "--when", "ch0 > 0")[0] == [str(tmp_path / expected)]
    (tmp_path / "e-0001.npy").unlink()
    (tmp_path / "e-0002.npy").write_text("mine")
    _, err = triggered(name, tmp_path / "e.npy", "--when", "ch0 > 0", status=ERROR)  # the description is still there
    assert "--overwrite" in err and (tmp_path / "e-0002.npy").read_text() == "mine"
    assert triggered(name, tmp_path / "e.npy", "--when", "ch0 > 0", "--overwrite")[0] == [str(tmp_path / "e-0001.npy")]


@pytest.mark.parametrize("condition, at, text", [
    ("", 1, "a channel"),
    ("ch0", 4, "one of >"),
    ("ch0 >> 1", 6, "a number"),
    ("ch0 > loud", 7, "a number"),
    ("ch0 > 1 V", 9, "nothing after the number"),
    ("ch0 = 1", 5, "rising"),
    ("max(ch0) > 1", 1, "abs(CHANNEL)"),
    ("abs(ch0 > 1", 9, "a closing bracket"),
    ("rms(ch0) > 1", 8, "a comma and the window"),
    ("rms(ch0, soon) > 1", 10, "100ms"),
    ("rms(ch0, 0) > 1", 10, "100ms"),
    ('"Fz > 1', 1, "quotation mark"),
    ("/ch0 > 1", 1, "the name of a ring"),
    ("ch0 > inf", 7, "a number"),
])
def test_conditions_that_do_not_parse(condition, at, text, name, tmp_path):
    _, err = tool("trigger", name, "-o", tmp_path / "e.npy", "--when", condition, status=USAGE)
    assert f"character {at}: found " in err and text in err.split("expected", 1)[1]


def test_wrong_words(name, names, tmp_path):
    marks = names()
    with ringbuf.Writer(name, channels=2, dtype="int16", capacity=100) as writer, \
            ringbuf.Writer(marks, messages=True, capacity=4096):
        out = ("-o", tmp_path / "e.npy")
        for words, text in (
            ((name, *out), "nothing triggers"),
            ((name, *out, "--when", "ch2 > 1"), 'no channel "ch2", expected ch0 to ch1'),
            ((name, *out, "--when", "Cz > 1"), 'no channel "Cz"'),
            ((name, *out, "--when", "other/ch0 > 1"), "other is none of the rings"),
            ((name, *out, "--when", "rms(ch0, 1s) > 1"), "no sample rate"),
            ((name, *out, "--on-death", "--kind", "3"), "--on-message"),
            ((name, *out, "--on-message", name), "ring of samples"),
            ((name, name, *out, "--on-death"), "twice"),
            ((name, "-o", tmp_path / "e.xyz", "--on-death"), "sigmf"),
            ((name, "-o", tmp_path / "e.flac", "--on-death"), "unknown"),
            ((marks, *out, "--on-death"), "messages"),
            ((name, *out, "--on-death", "--pre", "soon"), "--pre"),
            ((name, "--on-death"), "-o"),
        ):
            assert text in tool("trigger", *words, status=USAGE)[1], text
        assert "none/" in tool("trigger", name, "-o", tmp_path / "none" / "e.npy", "--on-death", status=ERROR)[1]
        assert f'mean "{name}"' in tool("trigger", name[:-1] + "x", *out, "--on-death", status=NOT_FOUND)[1]
        assert writer.info().readers == 0
    assert files(tmp_path) == []


def test_a_full_disk_leaves_what_fits(name, signal_ring, tmp_path):
    import resource

    signal_ring(pulses(40_000, 39_000))

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    out, err = tool("trigger", name, "-o", tmp_path / "e.npy", "--from", "oldest", "--when", "ch0 > 0", "--pre", "1h", status=ERROR,
                    preexec_fn=limited)
    assert "ulimit -f" in err and out == str(tmp_path / "e-0001.npy\n")
    assert len(np.load(tmp_path / "e-0001.npy")) > 5000


@pytest.mark.skipif(not os.path.exists("/proc"), reason="no /proc")
def test_the_writer_never_waits(name, tmp_path, start):
    with ringbuf.Writer(name, dtype="int16", capacity=1000, lossless=True, sample_rate=1000) as writer:
        process = start("trigger", name, "-o", tmp_path / "e.npy", "--on-signal", "--when", "ch0 > 32000")
        wait_for_line(process, "waits for")
        process.send_signal(signal.SIGSTOP)
        for _ in range(10):
            writer.put(np.zeros(1000, "int16"))  # a reader for which it waits would make this FULL
        process.send_signal(signal.SIGCONT)
        wait_for_line(process, "were overwritten before --when could look at them")
    assert process.wait() == LOST


def test_reconnect(dying, name, tmp_path, start):  # noqa: F811
    """A writer that is resumed, then another ring of the name: conditions go on, and the command ends only with --count."""
    writer = dying(name)  # of a counter: channel 0 of sample i is 3 * i
    try:
        process = start("trigger", name, "--when", "ch0 rising 12", "--when", "ch0 rising 39", "--on-death", "--reconnect",
                        "--wait", "1h", "--pre", "0s", "--post", "0s", "--from", "oldest", "-o", tmp_path / "event.npy",
                        "--count", 5, "--json")

        def event(number, text):
            assert text in wait_for_line(process, f"event {number}:")
            wait_for_line(process, f"event {number}:")  # its file is whole

        wait_for_line(process, "waits for")
        writer.put(10)
        event(1, "sample 4 ")
        writer.die()
        event(2, "died after sample 9\n")
        writer = dying(name, "resume")  # the same ring
        writer.put(10)
        event(3, "sample 13 ")
        writer.die()
        event(4, "died after sample 19\n")
        writer = dying(name)  # another ring: also what it has before the command sees it
        writer.put(8)
        event(5, "sample 4 ")
        out, _ = process.communicate()
        assert process.returncode == OK
        writer.die()
    finally:
        ringbuf.unlink(name)
    found = [json.loads(line) for line in out.splitlines()]
    assert [each["event_index"] for each in found] == [each["first_index"] for each in found] == [4, 9, 13, 19, 4]
    assert {each["lost"] for each in found} == {0}
    for each in found:
        check_counter(each["file"])


def test_reconnect_takes_rings_of_that_shape(dying, name, tmp_path, start):  # noqa: F811
    writer = dying(name)
    try:
        process = start("trigger", name, "--on-death", "--reconnect", "--wait", "1h", "--pre", "1s", "--post", "0s", "-o",
                        tmp_path / "e.npy")
        wait_for_line(process, "waits for")
        writer.put(5)
        writer.die()
        wait_for_line(process, "event 1: the writer")
        wait_for_line(process, "event 1:")
        writer = dying(name, channels=2)
        _, err = process.communicate()
        assert process.returncode == ERROR and b"channels" in err and b"command of its own" in err
        writer.die()
    finally:
        ringbuf.unlink(name)


def test_reconnect_of_messages(names, tmp_path, start):
    """The ring of messages may come and go; without --reconnect its end is the end."""
    name, events = names(), names()
    with ringbuf.Writer(name, channels=1, capacity=1000, sample_rate=1000) as writer:
        writer.put(np.zeros((10, 1), "float32"))
        process = None
        for number in (1, 2, 3):
            with ringbuf.Writer(events, capacity=4096, window=64, messages=True) as messages:
                if process is None:
                    process = start("trigger", name, "--on-message", events, "--reconnect", "--pre", "1s", "--post", "0s",
                                    "-o", tmp_path / "e.npy")
                    wait_for_line(process, "waits for")
                messages.send(b"now", kind=number)
                assert f"kind {number}" in wait_for_line(process, f"event {number}: a message")
                wait_for_line(process, f"event {number}:")
        process.send_signal(signal.SIGINT)
        assert process.wait() == OK
    assert files(tmp_path) == sorted(f"e-000{i}.npy{end}" for i in (1, 2, 3) for end in ("", ".json"))
