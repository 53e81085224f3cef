#!/bin/sh
# usage: cmake/prebuilt.sh MACHINE...      MACHINE: linux-x86_64 linux-aarch64 macos-arm64 macos-x86_64 windows-x86_64
#
# Builds the library as packages of other languages carry it, and prints its file, one line a machine:
# build/prebuilt/MACHINE/libringbuf.so.1 (.dylib, ringbuf.dll). Linux' runs where glibc is 2.28 or newer. The compiler is Zig's,
# for Windows mingw-w64's: the DLL is the one that the tests run on. `cmake/bootstrap.sh packages ci` installs both.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ne 0 ] || { sed -n '2s/^# //p' "$0" >&2; exit 2; }

for machine; do
  made=$root/build/prebuilt/$machine
  unity=ON # several files in a unit compile faster
  case $machine in
    linux-x86_64 | linux-aarch64) toolchain=${machine#*-}-manylinux file=libringbuf.so.1 ;;
    macos-arm64 | macos-x86_64) toolchain=${machine#*-}-macos file=libringbuf.1.dylib ;;
    windows-x86_64) toolchain=x86_64-w64-mingw32 file=ringbuf.dll unity=OFF ;; # as the tests have it
    *)
      echo "prebuilt.sh: machine is $machine, expected one of $(sed -n '2s/.*MACHINE: //p' "$0")" >&2
      exit 2
      ;;
  esac
  {
    cmake -S "$root" -B "$made/build" -DCMAKE_TOOLCHAIN_FILE="$root/cmake/toolchains/$toolchain.cmake" -G Ninja \
      -DCMAKE_BUILD_TYPE=Release -DRINGBUF_WERROR=ON -DRINGBUF_TESTS=OFF -DRINGBUF_DEMO=OFF -DCMAKE_UNITY_BUILD=$unity
    cmake --build "$made/build" --target ringbuf
    library=$(find "$made/build" -name "$file")
    case $machine in
      linux-*) llvm-strip -o "$made/$file" "$library" ;;
      macos-*) cp -L "$library" "$made/$file" ;; # its signature is over all of it
      windows-*) x86_64-w64-mingw32-strip -o "$made/$file" "$library" ;;
    esac
  } >&2
  case $machine in
    linux-*)
      newest=$(objdump -T "$made/$file" | sed -n 's/.*(\{0,1\}GLIBC_\([0-9.]*\).*/\1/p' | sort -Vu | tail -n 1)
      if [ "$(printf '%s\n' "$newest" 2.28 | sort -V | tail -n 1)" != 2.28 ]; then
        echo "prebuilt.sh: the library for $machine needs glibc $newest, expected 2.28 at most" >&2
        exit 1
      fi
      ;;
  esac
  echo "$made/$file"
done
