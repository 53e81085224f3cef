"""What the tests have in common: the library of a build beside this directory, names that nobody else has, and the check
that no test leaves a ring behind."""

import gc
import itertools
import multiprocessing
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent
_BUILT = SOURCE.parent.parent / "build" / "release" / "libringbuf.so.1"
if "RINGBUF_LIBRARY" not in os.environ and _BUILT.exists():
    os.environ["RINGBUF_LIBRARY"] = str(_BUILT)

try:
    import ringbuf  # noqa: E402 - after the library is named
except ImportError as error:
    raise pytest.UsageError(
        f"{error}\nTo build it beside the package: cmake --preset release && cmake --build --preset release --target ringbuf"
    ) from None

# Rings are mapped as on Windows; see fake_windows.py.
_kernel32 = None
if "RINGBUF_TEST_VIEWS" in os.environ:
    import fake_windows

    _kernel32 = fake_windows.install(setattr)

PREFIX = f"ringbuf-test-py-{os.getpid()}-"
_numbers = itertools.count()


@pytest.fixture
def name():
    """A name for a ring."""
    return f"{PREFIX}{next(_numbers)}"


@pytest.fixture(autouse=True)
def nothing_left():
    """Fails a test that leaves a ring, and removes it; ends the processes of a test that has failed."""
    yield
    for child in multiprocessing.active_children():
        child.kill()
        child.join()
    gc.collect()
    left = [entry for entry in os.listdir("/dev/shm") if entry.startswith(PREFIX)]
    for entry in left:
        os.unlink(f"/dev/shm/{entry}")
    assert not left


@pytest.fixture(autouse=True, scope="session")
def nothing_mapped():
    """The same for the views of all tests: there a fixture or a traceback may still have a window of the test before."""
    yield
    if _kernel32:
        fake_windows.nothing_mapped(_kernel32)


@pytest.fixture
def rng():
    """Random numbers of a seed that is printed; RINGBUF_SEED runs the same again."""
    seed = int(os.environ.get("RINGBUF_SEED") or random.randrange(2**32))
    print(f"RINGBUF_SEED={seed}")
    return random.Random(seed)


def environment(**changes):
    """The environment in which another interpreter finds the same package and library."""
    env = dict(os.environ, PYTHONPATH=str(Path(ringbuf.__file__).parent.parent), PYTHONDONTWRITEBYTECODE="1")
    for key, value in changes.items():
        env.pop(key, None)
        if value is not None:
            env[key] = value
    return env


def interpret(code, *arguments, **changes):
    """Runs Python code in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment(**changes), cwd="/", capture_output=True, text=True)


def run(code, *arguments, **changes):
    """The same, when all has to go well; returns what was printed."""
    done = interpret(code, *arguments, **changes)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(params=[True, False], ids=["direct", "library"])
def direct(request, monkeypatch):
    """Counters read where they stand, and every question asked of the library."""
    from ringbuf import _protocol

    if request.param and not _protocol.DIRECT:
        pytest.skip("not on this machine")
    monkeypatch.setattr(_protocol, "DIRECT", request.param)
    return request.param
