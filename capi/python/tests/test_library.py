"""Finding the library, and saying what was tried."""

import ctypes.util
import shutil
from pathlib import Path

import pytest
from conftest import interpret, run

import ringbuf
from ringbuf import _library

PACKAGE = Path(ringbuf.__file__).parent
FOUND = Path(ringbuf.library_path)
ELSEWHERE = pytest.mark.skipif(
    ctypes.util.find_library("ringbuf") is not None or not FOUND.is_absolute(),
    reason="the system's loader finds a library",
)
WHERE = "import ringbuf; print(ringbuf.library_path)"


def fails(**changes):
    done = interpret("import ringbuf", **changes)
    assert done.returncode == 1
    assert "LibraryNotFoundError" in done.stderr
    return done.stderr


@pytest.fixture
def copy(tmp_path):
    """The package somewhere else, without a library."""
    shutil.copytree(PACKAGE, tmp_path / "ringbuf", ignore=shutil.ignore_patterns("*.so*", "__pycache__"))
    return tmp_path


def test_the_variable_is_the_only_place_looked_at(tmp_path):
    text = fails(RINGBUF_LIBRARY=str(tmp_path / "nothing.so"), LD_LIBRARY_PATH=str(FOUND.parent))
    assert f"{tmp_path}/nothing.so (the environment variable RINGBUF_LIBRARY)" in text
    assert "cannot open shared object file" in text
    assert "loader)" not in text


def test_another_library_is_refused():
    libc = ctypes.util.find_library("c")
    text = fails(RINGBUF_LIBRARY=libc)
    assert f"{libc} (the environment variable RINGBUF_LIBRARY)" in text
    assert "undefined symbol" in text


@ELSEWHERE
def test_beside_the_package(copy):
    shutil.copy(FOUND, copy / "ringbuf" / "libringbuf.so.1")
    assert run(WHERE, PYTHONPATH=str(copy), RINGBUF_LIBRARY=None).strip() == str(copy / "ringbuf" / "libringbuf.so.1")


@ELSEWHERE
def test_by_the_loader(copy):
    (copy / "lib").mkdir()
    shutil.copy(FOUND, copy / "lib" / "libringbuf.so.1")
    out = run(WHERE, PYTHONPATH=str(copy), RINGBUF_LIBRARY=None, LD_LIBRARY_PATH=str(copy / "lib"))
    assert out.strip() == "libringbuf.so.1"


@ELSEWHERE
def test_nowhere(copy):
    text = fails(PYTHONPATH=str(copy), RINGBUF_LIBRARY=None, LD_LIBRARY_PATH=None)
    assert "libringbuf.so.1 (the system's loader): " in text
    assert f"put it into {copy / 'ringbuf'}" in text
    assert "set RINGBUF_LIBRARY" in text


@pytest.mark.parametrize("needed", [(2, 0), (1, 99)])
def test_another_version_is_refused(monkeypatch, needed):
    monkeypatch.setattr(_library, "NEEDED", needed)
    with pytest.raises(ImportError, match=rf"it is version 1\.\d+\.\d+, needed is {needed[0]}\.{needed[1]}"):
        _library._load()


def test_of_the_same_interface():
    assert ringbuf.library_version.split(".")[0] == ringbuf.__version__.split(".")[0]
