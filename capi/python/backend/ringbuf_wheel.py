"""Builds the package's wheel and its sdist (PEP 517), with the library libringbuf inside the wheel.

The backend is part of the tree and needs nothing but Python's own library, CMake, a C++20 compiler and fmt, so that
`pip install ./capi/python` works in a new virtual environment without an index. The same files give the same bytes.

Settings (pip's --config-settings KEY=VALUE):
  library=FILE    put this libringbuf into the wheel; none is built
  platform=TAG    the wheel's platform, for example manylinux_2_28_x86_64; default: this machine's
"""

import base64
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sysconfig
import tarfile
import tempfile
import time
import zipfile

NAME = "ringbuf"
HERE = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = HERE / NAME
# The C++ sources: in an sdist inside it, else the tree that the package stands in.
INSIDE = HERE / "native"
NATIVE = INSIDE if INSIDE.exists() else HERE.parent.parent
NATIVE_FILES = ("CMakeLists.txt", "LICENSE", "ringbuf.pc.in", "README.md")
NATIVE_FOLDERS = ("capi", "cmake", "include", "src")
NATIVE_OMITTED = ("capi/node", "capi/python", "capi/tools")
NATIVE_KINDS = (".c", ".cmake", ".cpp", ".h", ".hpp", ".in", ".map")

# What the library is called beside the package, by the beginning of the platform's tag; ringbuf/_library.py looks for it.
LIBRARIES = {"win": "ringbuf.dll", "macosx": "libringbuf.1.dylib", "": "libringbuf.so.1"}


class BuildError(SystemExit):
    """What pip shows of a build that cannot be; it shows the text alone."""


# --- what is in the package ------------------------------------------------------------------------------------------


def version():
    text = (PACKAGE / "_version.py").read_text(encoding="utf-8")
    return re.search(r'__version__ = "([^"]+)"', text).group(1)


def metadata():
    head = (HERE / "backend" / "METADATA.in").read_text(encoding="utf-8").replace("@VERSION@", version())
    return head + "\n" + (HERE / "README.md").read_text(encoding="utf-8")


def package_files():
    return sorted(path for path in PACKAGE.iterdir() if path.suffix in (".py", ".typed"))


def moment():
    """The time that all files have: SOURCE_DATE_EPOCH, or the first that a ZIP file can hold."""
    return max(int(os.environ.get("SOURCE_DATE_EPOCH", 0)), 315532800)


# --- the library -----------------------------------------------------------------------------------------------------


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}")


def build_library(directory):
    """Builds libringbuf in `directory` and returns its file."""
    if not (NATIVE / "CMakeLists.txt").exists():
        raise BuildError(
            f"the C++ sources of ringbuf are not at {NATIVE}: expected the package in its source tree. pip before 21.3 "
            "copies the package alone; use a newer one, or --use-feature=in-tree-build"
        )
    if shutil.which("cmake") is None:
        raise BuildError(
            "there is no cmake: to build libringbuf takes CMake, a C++20 compiler and fmt. Debian has them: "
            "apt-get install cmake g++ libfmt-dev"
        )
    configure = ["cmake", "-S", NATIVE, "-B", directory, "-DCMAKE_BUILD_TYPE=Release"]
    configure += ["-DRINGBUF_TESTS=OFF", "-DRINGBUF_DEMO=OFF"]
    if os.name != "nt":
        configure.append("-DCMAKE_UNITY_BUILD=ON")  # several files in a unit compile in half of the time
    fmt = HERE / "fmt"
    if fmt.exists():
        configure.append(f"-Dfmt_DIR={fmt}")
    if shutil.which("ninja"):
        configure += ["-G", "Ninja"]
    run(*configure)
    run("cmake", "--build", directory, "--config", "Release", "--target", NAME, "--parallel", str(os.cpu_count() or 1))
    run("cmake", "--install", directory, "--component", "runtime", "--strip", "--prefix", f"{directory}/installed")
    built = [path for path in pathlib.Path(directory, "installed").rglob("*ringbuf*") if path.is_file() and not path.is_symlink()]
    libraries = [path for path in built if re.search(r"\.(so|dylib|dll)(\.|$)", path.name)]
    if len(libraries) != 1:
        raise BuildError(f"the build made {[path.name for path in built]}, expected one library")
    return libraries[0]


# --- the wheel -------------------------------------------------------------------------------------------------------


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    settings = config_settings or {}
    unknown = set(settings) - {"library", "platform"}
    if unknown:
        raise BuildError(f"unknown settings {sorted(unknown)}, expected library and platform")
    platform = settings.get("platform") or re.sub(r"[-.]", "_", sysconfig.get_platform())
    inside = next(file for begin, file in LIBRARIES.items() if platform.startswith(begin))
    tag = f"py3-none-{platform}"
    information = f"{NAME}-{version()}.dist-info"
    contents = {f"{NAME}/{path.name}": (path.read_bytes(), 0o644) for path in package_files()}
    with tempfile.TemporaryDirectory() as directory:
        library = settings.get("library") or build_library(directory)
        if not pathlib.Path(library).is_file():
            raise BuildError(f"library is {library}, expected a file")
        contents[f"{NAME}/{inside}"] = (pathlib.Path(library).read_bytes(), 0o755)
    contents[f"{information}/METADATA"] = (metadata().encode(), 0o644)
    license_file = NATIVE / "LICENSE"
    if license_file.exists():
        contents[f"{information}/LICENSE"] = (license_file.read_bytes(), 0o644)
    wheel = f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: false\nTag: {tag}\n"
    contents[f"{information}/WHEEL"] = (wheel.encode(), 0o644)
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, (data, _) in contents.items())
    contents[f"{information}/RECORD"] = (f"{record}{information}/RECORD,,\n".encode(), 0o644)

    file = f"{NAME}-{version()}-{tag}.whl"
    date = time.gmtime(moment())[:6]
    with zipfile.ZipFile(os.path.join(wheel_directory, file), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, mode) in contents.items():
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on every system
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, data)
    return file


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def install(directory):
    """Installs the package alone in `directory`, for a system that has libringbuf in a package of its own (cmake/debian)."""
    information = pathlib.Path(directory, f"{NAME}-{version()}.dist-info")
    package = pathlib.Path(directory, NAME)
    for made in (information, package):
        made.mkdir(parents=True)
    for path in package_files():
        shutil.copyfile(path, package / path.name)
    (information / "METADATA").write_text(metadata(), encoding="utf-8")


# --- the sdist -------------------------------------------------------------------------------------------------------


def native_files():
    files = [NATIVE / name for name in NATIVE_FILES]
    for folder in NATIVE_FOLDERS:
        files += (path for path in (NATIVE / folder).rglob("*") if path.suffix in NATIVE_KINDS)
    return [path for path in files if path.is_file() and not path.relative_to(NATIVE).as_posix().startswith(NATIVE_OMITTED)]


def fmt_headers():
    """The headers of fmt that this machine has: (name, file)."""
    for root in (HERE / "fmt" / "include", "/usr/include", "/usr/local/include", "/opt/homebrew/include"):
        found = sorted(pathlib.Path(root, "fmt").glob("*.h"))
        if found:
            return [(f"fmt/include/fmt/{path.name}", path) for path in found]
    raise BuildError("fmt's headers are not in /usr/include/fmt: the sdist brings them along. Debian: apt-get install libfmt-dev")


# Says where fmt's headers are, to CMake's find_package.
FMT_CONFIG = """add_library(fmt::fmt-header-only INTERFACE IMPORTED)
set_target_properties(fmt::fmt-header-only PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_CURRENT_LIST_DIR}/include"
  INTERFACE_COMPILE_DEFINITIONS "FMT_HEADER_ONLY=1")
"""


def build_sdist(sdist_directory, config_settings=None):
    base = f"{NAME}-{version()}"
    files = [(str(path.relative_to(HERE)), path.read_bytes()) for path in package_files()]
    for name in ("README.md", "pyproject.toml", "backend/METADATA.in", "backend/ringbuf_wheel.py"):
        files.append((name, (HERE / name).read_bytes()))
    files.append(("PKG-INFO", metadata().encode()))
    files += ((f"native/{path.relative_to(NATIVE).as_posix()}", path.read_bytes()) for path in native_files())
    files += ((name, path.read_bytes()) for name, path in fmt_headers())
    files.append(("fmt/fmtConfig.cmake", FMT_CONFIG.encode()))
    file = f"{base}.tar.gz"
    with open(os.path.join(sdist_directory, file), "wb") as out:
        with gzip.GzipFile("", "wb", fileobj=out, mtime=moment()) as packed:
            with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for name, data in sorted(files):
                    entry = tarfile.TarInfo(f"{base}/{name}")
                    entry.size, entry.mtime, entry.mode = len(data), moment(), 0o644
                    archive.addfile(entry, io.BytesIO(data))
    return file


def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_sdist(config_settings=None):
    return []
