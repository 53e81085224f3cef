#!/bin/sh
# usage: stream.sh NAME WRITER READER [COMMAND...]
#
# Runs writer.c and reader.c as README.md does, on a ring whose name begins with NAME, and looks at what the reader prints.
# COMMAND is run with the ring's name as its last argument while both are there. Nothing here depends on time.
set -eu
name=$1-$$ writer=$2 reader=$3
shift 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "stream.sh: $1" >&2
  exit 1
}

mkfifo "$work/keys"
"$writer" "$name" <"$work/keys" &
writer_id=$!
exec 3>"$work/keys"
awk 'BEGIN { for (i = 0; i < 300; ++i) print "" }' >&3
until [ -e "/dev/shm/$name" ]; do
  kill -0 $writer_id 2>/dev/null || fail "the writer has ended"
  sleep 0.01
done

"$reader" "$name" >"$work/output" 3>&- &
reader_id=$!
# Output comes in blocks; there are more windows than fit into one.
until [ -s "$work/output" ]; do
  kill -0 $reader_id 2>/dev/null || fail "the reader has ended"
  sleep 0.01
done

if [ $# -ne 0 ]; then
  "$@" "$name" 3>&-
fi

exec 3>&-
wait $writer_id || fail "the writer: exit status $?"
wait $reader_id || fail "the reader: exit status $?"
[ ! -e "/dev/shm/$name" ] || fail "/dev/shm/$name is still there"

awk 'BEGIN {
  for (start = 0; start + 480 <= 144000; start += 240) printf "%d: %d %d\n", start, start, 2 * start
  print "the writer has ended the stream"
}' >"$work/expected"
diff "$work/expected" "$work/output" >&2 || fail "the reader printed something else"
tail -n 2 "$work/output"
