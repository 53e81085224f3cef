#!/bin/sh
# usage: check.sh HEADER MAP LIBRARY BASELINE
#
# Compares the binary interface of header and version script with the baseline: fails if a program that was built with the
# baseline would not work any more, unless LIBRARY has another SONAME. Before that compares what LIBRARY exports,
# versions included, with what header and version script say.
set -eu
header=$1 map=$2 library=$3 baseline=$4
here=$(cd "$(dirname "$0")" && pwd)
for tool in abidiff readelf nm; do
  command -v $tool >/dev/null || {
    echo "SKIPPED: no $tool"
    exit 77
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

soname=$(readelf -d "$library" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')

# Structs with a struct_size may grow at their end: what stands behind the last field of 1.0 is not compared.
awk '
  /^typedef struct ringbuf_options / { last = " first_index;" }
  /^typedef struct ringbuf_info / { last = " ring_id[16];" }
  /^typedef struct ringbuf_message / { last = " monotonic_ns;" }
  /^}/ { grown = 0 }
  grown { next }
  { print }
  last != "" && index($0, last) { grown = 1; last = "" }' "$header" >"$work/ringbuf.h"
"$here/interface.sh" "$work/ringbuf.h" "$map" "$soname" "$work/interface.so"

exported() { nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort; }
exported "$work/interface.so" >"$work/declared"
exported "$library" >"$work/exported"
diff "$work/declared" "$work/exported" >&2 || {
  echo "check.sh: header and version script (<) and library (>) differ" >&2
  exit 1
}

old_soname=$(sed -n "s/^<abi-corpus .*soname='\([^']*\)'.*/\1/p" "$baseline")
if [ "$soname" != "$old_soname" ]; then
  echo "$soname is another library than $old_soname: nothing is promised"
  exit 0
fi
# The baseline has this name, too, but abidiff takes one that only a callback mentions for added. The struct is compared.
cat >"$work/suppressions" <<'END'
[suppress_type]
  type_kind = typedef
  name = ringbuf_reader_info_t
END
abidiff --no-architecture --non-reachable-types --no-added-syms --suppressions "$work/suppressions" "$baseline" \
  "$work/interface.so" || {
  echo "check.sh: the binary interface of $soname has changed in a way that programs notice" >&2
  exit 1
}
