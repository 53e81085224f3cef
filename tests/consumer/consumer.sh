#!/bin/sh
# usage: consumer.sh CMAKE PREFIX gcc|clang CASE
#
# Builds and runs programs against the ringbuf that is installed in PREFIX, in one of the ways below, with that compiler.
set -eu
cmake=$1 prefix=$2 compiler=$3 way=$4
tests=$(cd "$(dirname "$0")/.." && pwd)
examples=$tests/consumer/examples here=$tests/consumer

skip() {
  echo "SKIPPED: no $1"
  exit 77
}
fail() {
  echo "consumer.sh: $1" >&2
  exit 1
}
case $compiler in
  gcc) cc=gcc cxx=g++ ;;
  clang) cc=clang cxx=clang++ ;;
  *) fail "no such compiler: $compiler" ;;
esac
for tool in $cc $cxx make pkg-config readelf; do
  command -v "$tool" >/dev/null || skip "$tool"
done

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name ringbuf.pc)")
libraries=$(dirname "$PKG_CONFIG_PATH")
LD_LIBRARY_PATH=$libraries
export PKG_CONFIG_PATH LD_LIBRARY_PATH
unset CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS MAKEFLAGS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ring=ringbuf-test-consumer-$$
mkdir "$work/bin" "$work/src"
ln -s "$(command -v $cc)" "$work/bin/cc"
ln -s "$(command -v $cxx)" "$work/bin/c++"
PATH=$work/bin:$PATH
cd "$work/src"
cp "$examples"/*.c "$examples"/*.cpp "$examples/Makefile" "$tests/capi/c11.c" .
warnings="-Wall -Wextra -Wpedantic -Werror"

stream() { "$examples/stream.sh" "$ring" "$@"; }
is_static() {
  ! readelf -d "$1" | grep -q NEEDED || fail "$1 is not static"
}
needs() { # PROGRAM LIBRARY: by its SONAME
  readelf -d "$1" | grep -qF "[$2]" || fail "$1 does not need $2"
}
needs_not() {
  ! readelf -d "$1" | grep -qF "[$2]" || fail "$1 needs $2"
}
configure() { # DIRECTORY [OPTION...]
  source=$1
  shift
  "$cmake" -S "$source" -B build -DCMAKE_C_COMPILER=$cc -DCMAKE_CXX_COMPILER=$cxx -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_FLAGS="$warnings" -DCMAKE_CXX_FLAGS="$warnings" "$@"
}

wants() { # VERSION: makes a project of that
  printf 'cmake_minimum_required(VERSION 3.20)\nproject(p C)\nfind_package(ringbuf %s REQUIRED)\n' "$1" >CMakeLists.txt
}

case $way in
  by_hand) # the commands of README.md and docs/guide-cpp.md
    sh -e "$examples/by_hand.sh"
    needs writer libringbuf.so.1
    stream ./writer ./reader
    sh -e "$examples/by_hand_static.sh"
    needs_not levels libringbuf.so.1
    needs_not queue libringbuf.so.1
    env -u LD_LIBRARY_PATH ./levels "$ring"
    env -u LD_LIBRARY_PATH ./queue
    ;;
  make) # docs/guide-c.md's Makefile
    make --no-print-directory CFLAGS="-std=c11 -O2 $warnings"
    needs queue libringbuf.so.1
    stream ./writer ./reader
    ./queue
    ;;
  static) # what pkg-config --static says, for programs without any shared library, and where only libringbuf.a is there
    make --no-print-directory -f "$here/static.mk" CFLAGS="-std=c11 -O2 $warnings" LDFLAGS=-static
    is_static queue
    is_static c11
    env -u LD_LIBRARY_PATH ./queue
    env -u LD_LIBRARY_PATH ./c11
    make --no-print-directory -f "$here/static.mk" clean
    cp -R "$prefix" "$work/archive_only"
    find "$work/archive_only" -name 'libringbuf.so*' -delete
    PKG_CONFIG_PATH=$(dirname "$(find "$work/archive_only" -name ringbuf.pc)")
    make --no-print-directory -f "$here/static.mk" CFLAGS="-std=c11 -O2 $warnings"
    needs_not queue libringbuf.so.1
    env -u LD_LIBRARY_PATH ./queue
    env -u LD_LIBRARY_PATH ./c11
    ;;
  dialects) # the C header, first and alone; the C++ headers, all of them
    flags=$(pkg-config --cflags ringbuf)
    # shellcheck disable=SC2086 # several words
    for standard in c11 c17; do
      cc -std=$standard $warnings $flags -fsyntax-only "$tests/capi/header_layout.c"
    done
    # shellcheck disable=SC2086
    for standard in c++17 c++20; do
      c++ -x c++ -std=$standard $warnings -Wundef $flags -fsyntax-only "$tests/capi/header_layout.c"
    done
    for header in "$prefix"/include/ringbuf/*.hpp; do
      echo "#include <ringbuf/${header##*/}>"
    done >headers.cpp
    # shellcheck disable=SC2086
    c++ -std=c++20 $warnings -Wundef $flags -fsyntax-only headers.cpp
    ;;
  flags) # what the headers are does not depend on a program's flags
    flags=$(pkg-config --cflags ringbuf)
    sh "$here/flags.sh" "$prefix" "$flags" "$libraries/libringbuf.a"
    ;;
  dlopen)
    # shellcheck disable=SC2046,SC2086
    cc -std=c11 $warnings -o dlopen dlopen.c $(pkg-config --cflags ringbuf) -ldl
    needs_not dlopen libringbuf.so.1
    ./dlopen
    ;;
  find_package_c) # a project that has no C++ at all
    configure "$here/c" -DPROGRAMS="$work/src" >configured
    "$cmake" --build build >/dev/null
    needs build/queue libringbuf.so.1
    build/c11
    build/queue
    ;;
  find_package_cpp) # README.md's, then C++20 with the core and C++17 with the C interface
    cp "$examples/consumer.cmake" CMakeLists.txt
    configure . >configured
    "$cmake" --build build >/dev/null
    needs build/writer libringbuf.so.1
    sh -e "$examples/by_hand.sh"
    stream build/writer ./reader
    needs_not build/levels libringbuf.so.1
    build/levels "$ring"
    rm -rf build
    configure "$here/cpp" -DPROGRAMS="$work/src" >configured
    "$cmake" --build build >/dev/null
    needs_not build/levels libringbuf.so.1
    needs build/interface_17 libringbuf.so.1
    env -u LD_LIBRARY_PATH build/levels "$ring"
    build/interface_17
    env -u LD_LIBRARY_PATH build/c11_static
    ;;
  version) # the header's macros, the library, its file, ringbuf.pc and the CMake package agree; the SONAME is apart
    printf '#include <ringbuf.h>\n#include <stdio.h>\n%s\n' \
      'int main(void) { return printf("%d.%d.%d %s\n", RINGBUF_VERSION_MAJOR, RINGBUF_VERSION_MINOR,
         RINGBUF_VERSION_PATCH, ringbuf_version()) < 0; }' >version.c
    # shellcheck disable=SC2046
    cc -o version version.c $(pkg-config --cflags --libs ringbuf)
    version=$(pkg-config --modversion ringbuf)
    [ "$(./version)" = "$version $version" ] || fail "pkg-config says $version, header and library say $(./version)"
    [ -f "$libraries/libringbuf.so.$version" ] || fail "no libringbuf.so.$version"
    readelf -d "$libraries/libringbuf.so" | grep -qF 'soname: [libringbuf.so.1]' || fail "another SONAME"
    major=${version%%.*}
    for wanted in "$version EXACT" "$major" "$major.0"; do
      wants "$wanted"
      configure . >configured 2>&1 || fail "find_package(ringbuf $wanted) fails"
    done
    for wanted in $((major + 1)) $((major - 1)) $major.999; do
      wants "$wanted"
      rm -rf build
      ! configure . >configured 2>&1 || fail "find_package(ringbuf $wanted) finds $version"
      grep -q "version: $version" configured || fail "find_package(ringbuf $wanted) fails for another reason"
    done
    echo "$version"
    ;;
  *)
    fail "no such case: $way"
    ;;
esac
