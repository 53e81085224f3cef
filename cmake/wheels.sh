#!/bin/sh
# usage: cmake/wheels.sh [DIRECTORY [MACHINE...]]
#
# Builds what is released of the Python package in DIRECTORY (dist): the sdist, and a wheel for Linux on each MACHINE (x86_64
# aarch64), which runs where glibc is 2.28 or newer. The compiler is Zig's: cmake/bootstrap.sh packages ci.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
directory=${1:-$root/dist}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- x86_64 aarch64
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)

backend() { # backend CALL: what a hook of the package's own backend does
  (cd "$root/capi/python" && PYTHONPATH=backend python3 -B -c "import ringbuf_wheel; ringbuf_wheel.$1")
}

for machine; do
  made=$root/build/wheels/$machine
  cmake -S "$root" -B "$made" -DCMAKE_TOOLCHAIN_FILE="$root/cmake/toolchains/$machine-manylinux.cmake" -G Ninja \
    -DCMAKE_BUILD_TYPE=Release -DRINGBUF_TESTS=OFF -DRINGBUF_DEMO=OFF
  cmake --build "$made" --target ringbuf
  llvm-strip -o "$made/stripped.so" "$made/libringbuf.so.1"
  newest=$(objdump -T "$made/stripped.so" | sed -n 's/.*(\{0,1\}GLIBC_\([0-9.]*\).*/\1/p' | sort -Vu | tail -n 1)
  if [ "$(printf '%s\n' "$newest" 2.28 | sort -V | tail -n 1)" != 2.28 ]; then
    echo "wheels.sh: the library for $machine needs glibc $newest, expected 2.28 at most" >&2
    exit 1
  fi
  backend "build_wheel('$directory', {'library': '$made/stripped.so', 'platform': 'manylinux_2_28_$machine'})"
done
backend "build_sdist('$directory')"
(cd "$directory" && sha256sum -- *.whl *.tar.gz | tee SHA256SUMS)
