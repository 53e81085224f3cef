#!/bin/sh
# usage: rules.sh CHECK DIRECTORY
#
# Holds the check itself to its rules: changes of the header and version script in DIRECTORY (those of 1.0) that programs
# would notice are refused, others are not.
set -eu
check=$1 directory=$2
here=$(cd "$(dirname "$0")" && pwd)
command -v abidiff >/dev/null || {
  echo "SKIPPED: no abidiff"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# change EXPECTED WHAT HEADER_SED MAP_SED [SONAME]
change() {
  sed -E "$3" "$directory/ringbuf.h" >"$work/ringbuf.h"
  sed -E "$4" "$directory/ringbuf.map" >"$work/ringbuf.map"
  if [ "$2" != nothing ] && cmp -s "$work/ringbuf.h" "$directory/ringbuf.h" &&
    cmp -s "$work/ringbuf.map" "$directory/ringbuf.map"; then
    echo "$2: there is nothing left to change so" >&2
    failed=1
    return
  fi
  "$here/interface.sh" "$work/ringbuf.h" "$work/ringbuf.map" "${5:-libringbuf.so.1}" "$work/library.so"
  result=accepted
  "$check" "$work/ringbuf.h" "$work/ringbuf.map" "$work/library.so" "$directory/interface.xml" >"$work/log" 2>&1 ||
    result=refused
  # For the reason that is meant, not because something does not compile.
  if [ $result = refused ] && ! grep -qE '(has changed in a way|differ)' "$work/log"; then
    result=broken
  fi
  if [ $result != "$1" ]; then
    echo "$2: $result, expected: $1" >&2
    cat "$work/log" >&2
    failed=1
  else
    echo "$2: $result"
  fi
}

new_node='$a\
RINGBUF_1.1 {\
  global:\
    ringbuf_new;\
} RINGBUF_1.0;'
new_function='/^RINGBUF_API const char \*ringbuf_version/a\
RINGBUF_API int ringbuf_new(ringbuf_t *ring);'

change accepted "nothing" '' ''
change accepted "a new function, in a new node" "$new_function" "$new_node"
change accepted "a new code" 's/(RINGBUF_SYSTEM = 26)/\1, RINGBUF_NEW = 27/' ''
change accepted "a longer ringbuf_options" 's/^\} ringbuf_options_t;/uint64_t more;\n&/' ''
change accepted "a longer ringbuf_info" 's/^\} ringbuf_info_t;/uint64_t more;\n&/' ''
change accepted "a longer ringbuf_message" 's/^\} ringbuf_message_t;/uint64_t more;\n&/' ''
change accepted "another comment" 's/Hz/hertz/' ''

change refused "a function less" '/ringbuf_usage\(/d' '/ringbuf_usage;/d'
change refused "another name" 's/ringbuf_tell\(/ringbuf_told(/' 's/ringbuf_tell;/ringbuf_told;/'
change refused "a function in another node" '' 's/^ *ringbuf_tell;//; $a\
RINGBUF_1.1 {\
  global:\
    ringbuf_tell;\
} RINGBUF_1.0;'
change refused "another type of an argument" 's/(ringbuf_put\(.*)uint64_t count/\1uint32_t count/' ''
change refused "one argument more" 's/ringbuf_close\(ringbuf_t \*ring\)/ringbuf_close(ringbuf_t *ring, int how)/' ''
change refused "another order of arguments" 's/int64_t start, int64_t end, void \*samples/void *samples, int64_t start, int64_t end/' ''
change refused "another result" 's/RINGBUF_API int ringbuf_seek/RINGBUF_API int64_t ringbuf_seek/' ''
change refused "a field in the midst of ringbuf_options" 's/^  uint64_t capacity; .*/uint64_t more;\n&/' ''
change refused "a field in the midst of ringbuf_info" 's/^  int64_t written; .*/uint64_t more;\n&/' ''
change refused "a field less at the end" '/^typedef struct ringbuf_options \{/,/^\}/s/^  double sample_rate; .*//' ''
change refused "another type of a field, and a longer struct" \
  's/^  uint32_t mode;/  float mode;/; s/^\} ringbuf_options_t;/uint64_t more;\n&/' ''
change refused "another type of a field" 's/^  uint32_t mode;/  float mode;/' ''
change refused "two fields exchanged" 's/^  int64_t written;(.*)/  int64_t OLDEST;\1/; s/^  int64_t oldest;/  int64_t written;/; s/OLDEST/oldest/' ''
change refused "two codes exchanged" 's/RINGBUF_FULL = 12/RINGBUF_FULL = 13/; s/RINGBUF_EMPTY = 13/RINGBUF_EMPTY = 12/' ''
change refused "a code less" 's/^  RINGBUF_FORKED = 25, .*//' ''
change refused "another value of a flag" 's/RINGBUF_OBSERVER = 2/RINGBUF_OBSERVER = 32/' ''
change refused "another value of a data type" 's/RINGBUF_BYTES = 255/RINGBUF_BYTES = 254/' ''
change refused "another value of a state" 's/RINGBUF_STATE_DEAD = 4/RINGBUF_STATE_DEAD = 5/' ''

change accepted "another result, with another SONAME" 's/RINGBUF_API int ringbuf_seek/RINGBUF_API int64_t ringbuf_seek/' '' \
  libringbuf.so.2

# What the library exports is what the version script says, and in that node.
sed -E 's/RINGBUF_1.0/RINGBUF_0.9/' "$directory/ringbuf.map" >"$work/ringbuf.map"
sed -E '/ringbuf_seek;/d' "$directory/ringbuf.map" >"$work/less.map"
"$here/interface.sh" "$directory/ringbuf.h" "$directory/ringbuf.map" libringbuf.so.2 "$work/library.so"
for map in "$work/ringbuf.map" "$work/less.map"; do
  if "$check" "$directory/ringbuf.h" "$map" "$work/library.so" "$directory/interface.xml" >/dev/null 2>&1; then
    echo "a library that exports something else than the version script says: accepted, expected: refused" >&2
    failed=1
  fi
done
exit $failed
