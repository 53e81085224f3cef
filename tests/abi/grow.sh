#!/bin/sh
# usage: grow.sh CAPI DIRECTORY
#
# A later version of the C interface, for program_1_0.c: capi/ in DIRECTORY, with a field more at the end of each struct.
# The library refuses options that have something there, and tells something there.
set -eu
capi=$1 directory=$2
mkdir -p "$directory"
cp "$capi"/*.cpp "$capi"/*.hpp "$capi"/ringbuf.h "$directory"
change() { # FILE SED
  cp "$directory/$1" "$directory/before"
  sed -E "$2" "$directory/before" >"$directory/$1"
  ! cmp -s "$directory/$1" "$directory/before" || {
    echo "grow.sh: $1 has changed, '$2' finds nothing" >&2
    exit 1
  }
  rm "$directory/before"
}
change ringbuf.h 's/^\} ringbuf_options_t;/  uint64_t more;\n&/'
change ringbuf.h 's/^\} ringbuf_info_t;/  uint64_t more;\n&/'
change ringbuf.h 's/(#define RINGBUF_VERSION_MINOR) .*/\1 99/'
change structs.cpp 's/^  taken\.sample_rate = .*/&\n  if (o.more != 0) return refuse(Status::invalid_argument, "more");/'
change structs.cpp 's/^  i\.total_bytes = .*/&\n  i.more = UINT64_MAX;/'
