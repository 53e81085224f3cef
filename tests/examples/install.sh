#!/bin/sh
# usage: install.sh CMAKE BUILD_DIRECTORY CC CXX
#
# Installs the build into a prefix of its own, moves that somewhere else, and builds and runs the examples against it in
# the ways of README.md: by hand, with the Makefile, with find_package, by dlopen.
set -eu
cmake=$1 build=$2 cc=$3 cxx=$4
examples=$(cd "$(dirname "$0")" && pwd)

for tool in make pkg-config; do
  if ! command -v $tool >/dev/null; then
    echo "$tool is missing"
    exit 77
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { echo "--- $1"; }

step "install"
unset DESTDIR
"$cmake" --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix" # what is installed knows no absolute path
pc=$(find "$work/prefix" -name ringbuf.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH

mkdir "$work/bin" "$work/src"
ln -s "$cc" "$work/bin/cc"
ln -s "$cxx" "$work/bin/c++"
PATH=$work/bin:$PATH
cp "$examples"/*.c "$examples"/*.cpp "$examples/Makefile" "$work/src"
cp "$examples/consumer.cmake" "$work/src/CMakeLists.txt"
cd "$work/src"
warnings="-Wall -Wextra -Wpedantic -Werror"

step "by hand"
sh -e "$examples/by_hand.sh"
"$examples/stream.sh" ringbuf-test-example-install ./writer ./reader

step "every function"
# shellcheck disable=SC2046,SC2086 # several words
cc -std=c11 $warnings -o every "$examples/../capi/c11.c" $(pkg-config --cflags --libs ringbuf)
./every

step "static"
sh -e "$examples/by_hand_static.sh"
env -u LD_LIBRARY_PATH ./levels "ringbuf-test-example-install-$$"
env -u LD_LIBRARY_PATH ./queue

step "make"
rm -f queue
make --no-print-directory clean
make --no-print-directory CFLAGS="-std=c11 -O2 $warnings"
"$examples/stream.sh" ringbuf-test-example-install ./writer ./reader
./queue

step "dlopen"
# shellcheck disable=SC2046,SC2086 # several words
cc -std=c11 $warnings -o dlopen dlopen.c $(pkg-config --cflags ringbuf) -ldl
./dlopen

step "find_package"
"$cmake" -S . -B build -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
  -DCMAKE_C_FLAGS="$warnings" -DCMAKE_CXX_FLAGS="$warnings" >/dev/null
"$cmake" --build build >/dev/null
"$examples/stream.sh" ringbuf-test-example-install build/writer ./reader
build/levels "ringbuf-test-example-install-$$"
