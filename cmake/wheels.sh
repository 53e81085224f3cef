#!/bin/sh
# usage: cmake/wheels.sh [DIRECTORY [MACHINE...]]
#
# Builds what is released of the Python package in DIRECTORY (dist): the sdist, and a wheel for each MACHINE, by default all that
# cmake/prebuilt.sh builds the library for. Two runs give the same bytes.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
directory=${1:-$root/dist}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- linux-x86_64 linux-aarch64 macos-arm64 macos-x86_64 windows-x86_64
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)

backend() { # backend CALL: what a hook of the package's own backend does
  (cd "$root/capi/python" && PYTHONPATH=backend python3 -B -c "import ringbuf_wheel; print(ringbuf_wheel.$1)")
}

for machine; do
  library=$("$root/cmake/prebuilt.sh" "$machine")
  case $machine in
    linux-*) platform=manylinux_2_28_${machine#*-} ;;
    macos-arm64) platform=macosx_11_0_arm64 ;;
    macos-x86_64) platform=macosx_11_0_x86_64 ;;
    windows-x86_64) platform=win_amd64 ;;
  esac
  backend "build_wheel('$directory', {'library': '$library', 'platform': '$platform'})"
done
backend "build_sdist('$directory')"
