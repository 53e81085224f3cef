#!/bin/sh
# usage: follow.sh NAME WRITER READER
#
# Runs writer.c and a reader that prints what reader.c prints, each line at once, on a ring whose name begins with NAME. The
# writer puts its next block when the reader has printed all windows of the last one. So the reader has to wait for each block,
# and for the end of the stream. Nothing here depends on time.
set -eu
name=$1-$$ writer=$2 reader=$3
work=$(mktemp -d)
reader_id=
# The ring goes with its writer, which ends when its keys are gone.
trap '[ -z "$reader_id" ] || kill "$reader_id" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
fail() {
  echo "follow.sh: $1" >&2
  exit 1
}

mkfifo "$work/keys"
"$writer" "$name" <"$work/keys" &
writer_id=$!
exec 3>"$work/keys"
until [ -e "/dev/shm/$name" ]; do
  kill -0 $writer_id 2>/dev/null || fail "the writer has ended"
  sleep 0.01
done
: >"$work/output"
"$reader" "$name" >"$work/output" 3>&- &
reader_id=$!

for windows in 1 3 5 7 9 11 13 15 17 19; do # of 1 to 10 blocks
  echo >&3
  until [ "$(wc -l <"$work/output")" -ge $windows ]; do
    kill -0 $reader_id 2>/dev/null || fail "the reader has ended"
    sleep 0.01
  done
done
exec 3>&-
wait $writer_id || fail "the writer: exit status $?"
wait $reader_id || fail "the reader: exit status $?"
reader_id=
[ ! -e "/dev/shm/$name" ] || fail "/dev/shm/$name is still there"

awk 'BEGIN {
  for (start = 0; start + 480 <= 4800; start += 240) printf "%d: %d %d\n", start, start, 2 * start
  print "the writer has ended the stream"
}' >"$work/expected"
diff "$work/expected" "$work/output" >&2 || fail "the reader printed something else"
tail -n 1 "$work/output"
