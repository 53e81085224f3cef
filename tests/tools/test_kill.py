"""kill -9 of a recorder, at any moment, leaves a file that others read: 5 times a format, or RINGBUF_KILLS times."""

import os
import time

import pytest
import ringbuf
from recordings import FORMATS, check_counter, counter, described, samples, wait_until

ENDINGS = {**FORMATS, "flac": ".flac"}
KILLS = int(os.environ.get("RINGBUF_KILLS") or 5)


@pytest.mark.parametrize("form", FORMATS)
def test_what_came_a_while_ago_is_in_the_file(form, name, tmp_path, start):
    """All of it, soon, although no more comes and the recorder is not ended."""
    path = tmp_path / f"take{FORMATS[form]}"
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=10000, sample_rate=1000) as writer:
        writer.put(counter(0, 777, 3, "int16"))
        process = start("record", name, "-o", path, "--from", "oldest")
        wait_until(lambda: described(path) and path.stat().st_size > 777 and len(samples(path)) == 777)
        process.kill()
        process.wait()
    assert len(check_counter(path)) == 777


def test_blocks_of_flac_that_came_a_while_ago_are_in_the_file(name, tmp_path, start):
    path = tmp_path / "take.flac"
    with ringbuf.Writer(name, channels=3, dtype="int16", capacity=20000, sample_rate=8000) as writer:
        writer.put(counter(0, 1152 * 3 + 1, 3, "int16"))
        process = start("record", name, "-o", path, "--from", "oldest")
        wait_until(lambda: described(path) and path.stat().st_size > 86 and len(samples(path)) == 1152 * 3)
        process.kill()
        process.wait()
    assert len(check_counter(path)) == 1152 * 3


@pytest.mark.parametrize("form", [*FORMATS, "flac"])
def test_killed_at_any_moment(form, names, tmp_path, start, rng):
    for kill in range(KILLS):
        name = names()
        path = tmp_path / f"take{kill}{ENDINGS[form]}"
        again = tmp_path / f"again{kill}{ENDINGS[form]}"
        with ringbuf.Writer(name, channels=3, dtype="int16", capacity=100_000, sample_rate=100_000) as writer:
            process = start("record", name, "-o", path, "-q")
            wait_until(path.exists)
            end = time.monotonic() + rng.random() * rng.choice([0.01, 0.1, 0.7])
            while time.monotonic() < end:
                writer.put(counter(writer.written, rng.choice([1, 100, 2000]), 3, "int16"))
                if rng.random() < 0.05:
                    writer.skip(rng.randrange(1, 1000))
            process.kill()
            process.wait()
        if not described(path):
            continue  # killed before it had begun
        index = check_counter(path)
        other = names()
        replay = start("replay", path, "--name", other, "--as-fast-as-possible", "--wait-readers", 1, "--lossless", "-q")
        record = start("record", other, "-o", again, "--wait", "1h", "--registered", "--from", "oldest", "-q")
        assert replay.wait() == 0 and record.wait() == 0
        assert list(check_counter(again)) == list(index)
