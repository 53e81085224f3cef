"""The package's tests, example and benchmark run from its tree."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SOURCE, environment

import ringbuf

sources = pytest.mark.skipif(not (SOURCE / "pyproject.toml").exists(), reason="installed without the sources")


def missing(*modules):
    return [module for module in modules if importlib.util.find_spec(module) is None]


@sources
def test_tests_find_the_package_beside_them():
    """As docs/testing.md has it, `python3 -m pytest capi/python`, with nothing installed and nothing in the environment."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "capi/python"],
        env=environment(PYTHONPATH=None),
        cwd=SOURCE.parent.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_package.py::test_live_plot" in done.stdout


@sources
@pytest.mark.skipif(bool(missing("numpy", "matplotlib")), reason="NumPy or matplotlib is missing")
def test_live_plot(tmp_path):
    picture = tmp_path / "live.png"
    command = [sys.executable, SOURCE / "examples" / "live_plot.py", "--frames=2", "--seconds=0.5"]
    env = environment(MPLCONFIGDIR=str(tmp_path))
    done = subprocess.run([*command, f"--output={picture}"], env=env, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 frames, the last one up to sample ")
    assert list(tmp_path.glob("live*")) == [picture]
    import matplotlib.image

    pixels = matplotlib.image.imread(picture)
    assert pixels.shape[:2] == (450, 800)
    line = (abs(pixels[..., :3] - [0x1F / 255, 0x77 / 255, 0xB4 / 255]) < 0.02).all(axis=-1)
    assert line.any(axis=0).sum() > 400  # the curves go from one side to the other


@sources
@pytest.mark.skipif(bool(missing("numpy")), reason="NumPy is missing")
def test_bench():
    done = subprocess.run(
        [sys.executable, SOURCE / "bench" / "bench.py", "--quick"],
        env=environment(),
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for what in "Reader.view ", "Writer.put(8 KiB) ", "popmany(1000)", "multiprocessing.Queue", "plain numpy ring":
        assert what in done.stdout


def test_a_type_checker_finds_the_types():
    assert (Path(ringbuf.__file__).parent / "py.typed").exists()
