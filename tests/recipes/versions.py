"""versions.py SOURCE VERSION: what carries the version besides ringbuf.h has the same one, and vcpkg.json is what vcpkg takes."""

import json
import re
import sys
from pathlib import Path

SOURCE, VERSION = Path(sys.argv[1]), sys.argv[2]


def manifest():
    """vcpkg.json, by the rules of its reference; what has no rule here is refused."""
    port = json.loads((SOURCE / "cmake/vcpkg/vcpkg.json").read_text())
    kinds = {"name": str, "version": str, "description": str, "license": str, "supports": str, "dependencies": list}
    for key, value in port.items():
        assert key in kinds and isinstance(value, kinds[key]), key
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", port["name"])
    assert re.fullmatch(r"\d+(\.\d+)*", port["version"])  # relaxed: numbers and dots
    words = set(re.findall("[a-z0-9]+", port["supports"]))
    assert words <= {"linux", "osx", "windows", "mingw", "x64", "x86", "arm64"} and "&&" not in port["supports"], words
    for dependency in port["dependencies"]:
        if isinstance(dependency, dict):
            assert set(dependency) <= {"name", "host"} and isinstance(dependency["host"], bool), dependency
            dependency = dependency["name"]
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", dependency), dependency
    return port["version"]


def only(pattern, path):
    (found,) = re.findall(pattern, (SOURCE / path).read_text(), re.MULTILINE)
    return found


def main():
    versions = {
        "cmake/vcpkg/vcpkg.json": manifest(),
        "cmake/debian/changelog": re.match(r"ringbuf \((.*)-\d+\) ", (SOURCE / "cmake/debian/changelog").read_text())[1],
        "capi/rust/Cargo.toml": only('^version = "(.*)"$', "capi/rust/Cargo.toml"),
        "capi/rust/Cargo.lock": only('name = "ringbuf"\nversion = "(.*)"$', "capi/rust/Cargo.lock"),
        "tests/interop/rust/Cargo.lock": only('name = "ringbuf"\nversion = "(.*)"$', "tests/interop/rust/Cargo.lock"),
    }
    wrong = {path: version for path, version in versions.items() if version != VERSION}
    for path, version in wrong.items():
        print(f"{path} has the version {version}, ringbuf.h {VERSION}", file=sys.stderr)
    print(f"{len(versions)} files have the version {VERSION}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
