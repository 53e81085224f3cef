#!/bin/sh
# usage: install_windows.sh CMAKE BUILD_DIRECTORY CC TOOLCHAIN_FILE EMULATOR
#
# Installs the cross build into a prefix of its own, moves that somewhere else, and builds and runs the examples against it
# as docs/windows.md does: by hand, with find_package, by LoadLibrary.
set -eu
cmake=$1 build=$2 cc=$3 toolchain=$4 run=$5
examples=$(cd "$(dirname "$0")" && pwd)
: "${WINEPREFIX:=$build/wine}"
export WINEPREFIX

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { echo "--- $1"; }
fail() {
  echo "install_windows.sh: $1" >&2
  exit 1
}

step "install"
unset DESTDIR
"$cmake" --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix" # what is installed knows no absolute path
PREFIX=$work/prefix
export PREFIX

mkdir "$work/bin" "$work/src"
ln -s "$cc" "$work/bin/gcc"
PATH=$work/bin:$PATH
cp "$examples"/*.c "$examples"/*.cpp "$work/src"
cp "$examples/consumer.cmake" "$work/src/CMakeLists.txt"
cd "$work/src"
warnings="-Wall -Wextra -Wpedantic -Werror"

# stream WRITER READER: as README.md does; the reader ends with the writer, which ends with its input.
stream() {
  mkfifo keys
  "$run" "$1" ringbuf-test-install <keys &
  writer=$!
  exec 3>keys
  awk 'BEGIN { for (i = 0; i < 300; ++i) print "" }' >&3
  : >output
  # Only ringbuf knows when the ring is there, so the reader is started until it finds it. Its output comes in blocks;
  # there are more windows than fit into one.
  reader=
  until [ -s output ] && ! grep -q "no ring" output; do
    kill -0 $writer 2>/dev/null || fail "the writer has ended"
    if [ -z "$reader" ] || ! kill -0 "$reader" 2>/dev/null; then
      "$run" "$2" ringbuf-test-install >output 3>&- &
      reader=$!
    fi
    sleep 0.01
  done
  exec 3>&-
  wait $writer || fail "the writer: exit status $?"
  wait "$reader" || fail "the reader: exit status $?"
  rm keys
  awk 'BEGIN {
    for (start = 0; start + 480 <= 144000; start += 240) printf "%d: %d %d\n", start, start, 2 * start
    print "the writer has ended the stream"
  }' >expected
  tr -d '\r' <output | diff expected - >&2 || fail "the reader printed something else"
  tail -n 2 output
}

step "by hand"
sh -e "$examples/by_hand_windows.sh"
stream ./writer.exe ./reader.exe

step "every function"
# shellcheck disable=SC2086 # several words
gcc -std=c11 $warnings -o every.exe "$examples/../../capi/c11.c" -I"$PREFIX/include" -L"$PREFIX/lib" -lringbuf
"$run" ./every.exe

step "LoadLibrary"
"$run" ./loadlibrary.exe

step "find_package"
"$cmake" -S . -B build -G Ninja -DCMAKE_TOOLCHAIN_FILE="$toolchain" \
  -Dringbuf_DIR="$(dirname "$(find "$PREFIX" -name ringbufConfig.cmake)")" \
  -DCMAKE_C_FLAGS="$warnings" -DCMAKE_CXX_FLAGS="$warnings" >/dev/null
"$cmake" --build build >/dev/null
"$run" build/levels.exe ringbuf-test-install # the static library: it needs no DLL
cp ringbuf.dll build
stream build/writer.exe ./reader.exe
