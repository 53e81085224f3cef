#!/bin/sh
# usage: tests/abi/regenerate.sh BUILD_DIRECTORY
#
# Makes tests/abi/1.0 anew from this tree and the library in BUILD_DIRECTORY (cmake --build BUILD_DIRECTORY --target
# abi_write_rings): header, version script, baseline of the binary interface, bytes of rings. Only while 1.0 is not
# released: afterwards what 1.0 was stays as it is. Look at the differences before you commit them.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
if ! grep -q '^## \[1\.0\.0\] - unreleased' CHANGELOG.md; then
  echo "regenerate.sh: 1.0 is released, tests/abi/1.0 does not change any more" >&2
  exit 1
fi
if [ -n "${CI:-}" ]; then
  echo "regenerate.sh: not in CI" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp capi/ringbuf.h capi/ringbuf.map tests/abi/1.0
soname=$(readelf -d "$build/libringbuf.so" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')
CC=gcc tests/abi/interface.sh capi/ringbuf.h capi/ringbuf.map "$soname" "$work/interface.so"
abidw --load-all-types --no-architecture --no-show-locs --no-corpus-path --no-comp-dir-path --no-elf-needed \
  --type-id-style hash --out-file tests/abi/1.0/interface.xml "$work/interface.so"
if grep -nE "path='[^']*/|comp-dir" tests/abi/1.0/interface.xml; then
  echo "regenerate.sh: the baseline names paths of this machine" >&2
  exit 1
fi
"$build/tests/abi/abi_write_rings" tests/abi/1.0
