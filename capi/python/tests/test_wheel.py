"""The package is installed without a network and works with the library that its wheel brings; the same files give the same bytes."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import SOURCE, environment, run

import ringbuf

pytestmark = pytest.mark.skipif(not (SOURCE / "backend").exists(), reason="installed without the sources")
LIBRARY = Path(ringbuf.library_path).resolve()
PIP = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--root-user-action=ignore"]


def backend(hook, *arguments, tree=SOURCE, **changes):
    """What a hook of the backend does, in a process of its own."""
    code = f"import sys; sys.path.insert(0, 'backend'); import ringbuf_wheel as w; print(w.{hook}(*{arguments!r}))"
    return subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tree, env=environment(**changes), capture_output=True, text=True
    )


def file_of(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def install(what, target):
    done = subprocess.run([*PIP, "--target", target, what], env=environment(), cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def works(target, name):
    """A ring is made with what lies in `target` and nothing else."""
    out = run(
        "import sys, ringbuf, importlib.metadata as m\n"
        "with ringbuf.Writer(sys.argv[1], capacity=5) as w: w.put([1, 2])\n"
        "print(ringbuf.__file__, ringbuf.library_path, m.version('ringbuf'))",
        name,
        PYTHONPATH=str(target),
        RINGBUF_LIBRARY=None,
        LD_LIBRARY_PATH=None,
    )
    package = target / "ringbuf"
    assert out.split() == [str(package / "__init__.py"), str(package / "libringbuf.so.1"), ringbuf.__version__]


def test_the_tree_is_installed(tmp_path, name):
    install(SOURCE, tmp_path)
    here = {path.name for path in (SOURCE / "ringbuf").iterdir() if path.suffix in (".py", ".typed")}
    assert {path.name for path in (tmp_path / "ringbuf").iterdir() if path.name != "__pycache__"} == here | {"libringbuf.so.1"}
    works(tmp_path, name)


def test_the_sdist_is_installed_and_brings_the_sources(tmp_path, name):
    sdist = tmp_path / file_of(backend("build_sdist", str(tmp_path)))
    with tarfile.open(sdist) as archive:
        inside = {path.split("/", 1)[1] for path in archive.getnames()}
        archive.extractall(tmp_path)
    assert {"PKG-INFO", "pyproject.toml", "native/CMakeLists.txt", "native/src/writer.cpp", "fmt/include/fmt/format.h"} <= inside
    tree = tmp_path / f"ringbuf-{ringbuf.__version__}"
    again = tmp_path / "again"
    again.mkdir()
    file_of(backend("build_sdist", str(again), tree=tree))
    assert (again / sdist.name).read_bytes() == sdist.read_bytes()  # an sdist makes itself again
    install(sdist, tmp_path / "target")
    works(tmp_path / "target", name)


def test_the_same_files_give_the_same_wheel(tmp_path):
    settings = {"library": str(LIBRARY), "platform": "manylinux_2_28_x86_64"}
    made = []
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        made.append(tmp_path / folder / file_of(backend("build_wheel", str(tmp_path / folder), settings)))
    assert made[0].name == f"ringbuf-{ringbuf.__version__}-py3-none-manylinux_2_28_x86_64.whl"
    assert made[0].read_bytes() == made[1].read_bytes()
    with zipfile.ZipFile(made[0]) as wheel:
        assert wheel.read("ringbuf/libringbuf.so.1") == LIBRARY.read_bytes()
        text = wheel.read(f"ringbuf-{ringbuf.__version__}.dist-info/METADATA").decode()
    assert f"Version: {ringbuf.__version__}\n" in text
    assert 'Requires-Dist: numpy>=1.20; extra == "numpy"' in text


@pytest.mark.parametrize(
    ("platform", "file"), [("win_amd64", "ringbuf.dll"), ("macosx_11_0_arm64", "libringbuf.1.dylib")]
)
def test_the_library_has_the_name_that_the_package_looks_for(tmp_path, platform, file):
    wheel = file_of(backend("build_wheel", str(tmp_path), {"library": str(LIBRARY), "platform": platform}))
    assert f"ringbuf/{file}" in zipfile.ZipFile(tmp_path / wheel).namelist()


def test_a_build_that_cannot_be_says_what_is_missing(tmp_path):
    def refused(settings, **changes):
        done = backend("build_wheel", str(tmp_path), settings, **changes)
        assert done.returncode == 1
        assert not list(tmp_path.glob("*.whl"))
        return done.stderr

    assert "library is /none, expected a file" in refused({"library": "/none"})
    assert "unknown settings ['libary'], expected library and platform" in refused({"libary": "/none"})
    assert "there is no cmake" in refused({}, PATH=str(tmp_path))
    lonely = tmp_path / "lonely"
    shutil.copytree(SOURCE, lonely / "capi" / "python", ignore=shutil.ignore_patterns("__pycache__"))
    assert "expected the package in its source tree" in refused({}, tree=lonely / "capi" / "python")


def test_the_version_is_that_of_the_library():
    header = (SOURCE.parent / "ringbuf.h").read_text()
    parts = [re.search(f"#define RINGBUF_VERSION_{part} ([0-9]+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH")]
    assert ringbuf.__version__ == ".".join(parts)
    assert os.path.basename(LIBRARY) == f"libringbuf.so.{ringbuf.__version__}"
