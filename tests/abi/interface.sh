#!/bin/sh
# usage: interface.sh HEADER MAP SONAME LIBRARY
#
# Makes LIBRARY: functions without content, of the types that the header declares, with debug information, exported as the
# version script says. It has what a binary interface consists of, and nothing else of library, compiler or system. (That
# the real functions have these types, the compiler sees to: it compiles them with the header.)
set -eu
header=$1 map=$2 soname=$3 library=$4
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$header" "$work/ringbuf.h"
{
  echo '#include "ringbuf.h"'
  awk '/^RINGBUF_API / { on = 1 } on { print } on && /;$/ { on = 0 }' "$header" |
    sed 's/^RINGBUF_API //; s/;$/ { return 0; }/'
} >"$work/interface.c"
map=$(cd "$(dirname "$map")" && pwd)/$(basename "$map")
(
  cd "$work"
  # No path of this machine may get into the debug information.
  ${CC:-cc} -std=c11 -w -g -O0 -fno-eliminate-unused-debug-types -fPIC -nostdinc -isystem "$here/include" \
    "-ffile-prefix-map=$work=." "-ffile-prefix-map=$here=." -shared -nostdlib "-Wl,-soname,$soname" \
    "-Wl,--version-script=$map" interface.c -o interface.so
)
cp "$work/interface.so" "$library"
