"""What the tests of the `ringbuf` command have in common: the program of a build, names that nobody else has, processes that end
with the test, and the check that no test leaves a ring behind."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = SOURCE / "build" / "release"
os.environ.setdefault("RINGBUF_TOOL", str(BUILD / "capi" / "tools" / "ringbuf"))
os.environ.setdefault("RINGBUF_LIBRARY", str(BUILD / "libringbuf.so.1"))
TOOL = os.environ["RINGBUF_TOOL"]
sys.path.insert(0, str(SOURCE / "capi" / "python"))

PREFIX = f"ringbuf-test-tools-{os.getpid()}-"
_numbers = itertools.count()

OK, ERROR, USAGE, NOT_FOUND, TIMEOUT, DEAD, LOST = range(7)


@pytest.fixture
def name():
    """A name for a ring."""
    return f"{PREFIX}{next(_numbers)}"


@pytest.fixture
def names():
    """Makes names for rings."""
    return lambda: f"{PREFIX}{next(_numbers)}"


@pytest.fixture(autouse=True)
def nothing_left():
    """Fails a test that leaves a ring, and removes it."""
    yield
    left = [entry for entry in os.listdir("/dev/shm") if entry.startswith(PREFIX)]
    for entry in left:
        os.unlink(f"/dev/shm/{entry}")
    assert not left


@pytest.fixture
def start(nothing_left):
    """Starts `ringbuf WORD...` and kills it at the end of the test, if it still runs. stdin, stdout and stderr are pipes unless
    given."""
    running = []

    def begin(*words, program=TOOL, **options):
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen([program, *map(str, words)], **{**pipes, **options})
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()


def tool(*words, status=OK, stdin=b"", **options):
    """Runs `ringbuf WORD...`, compares the exit status, and returns stdout and stderr, as text."""
    done = raw_tool(*words, status=status, stdin=stdin, **options)
    return done.stdout.decode(), done.stderr.decode()


def raw_tool(*words, status=OK, stdin=b"", **options):
    done = subprocess.run([TOOL, *map(str, words)], input=stdin, capture_output=True, timeout=120, check=False, **options)
    assert done.returncode == status, f"{words}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}"
    return done


def tool_json(*words, **options):
    return json.loads(tool(*words, **options)[0])


@pytest.fixture
def rng():
    """Random numbers of a seed that is printed; RINGBUF_SEED runs the same again."""
    seed = int(os.environ.get("RINGBUF_SEED") or random.randrange(2**32))
    print(f"RINGBUF_SEED={seed}")
    return random.Random(seed)
