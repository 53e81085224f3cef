#!/bin/sh
# turns.sh PROGRAMS WRITER: timers of Node.js run while the example waits for samples that do not come, and it asks for none
# meanwhile. Then samples come, and the example prints all of them and ends with the stream.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
programs=$1 writer=$2
if [ ! -x "$programs/node-example" ]; then
  cat "$programs/node.missing"
  exit 77
fi
name=ringbuf-test-interop-turns-$$
work=$(mktemp -d)
reader_id=
# The ring goes with its writer, who leaves when his keys are gone.
trap '[ -z "$reader_id" ] || kill "$reader_id" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkfifo "$work/keys"
"$writer" "$name" <"$work/keys" &
writer_id=$!
exec 3>"$work/keys"
until [ -e "/dev/shm/$name" ]; do
  kill -0 $writer_id
  sleep 0.01
done
node --require "$here/turns.js" "$here/example.js" "$name" >"$work/output" 2>"$work/errors" 3>&- &
reader_id=$!
until grep -q 'timers run' "$work/errors"; do
  kill -0 $reader_id
  sleep 0.01
done
printf '\n\n\n' >&3
exec 3>&-
wait $writer_id
wait $reader_id
reader_id=
cat "$work/errors" "$work/output"
{
  printf '%d: %d %d\n' 0 0 0 240 240 480 480 480 960 720 720 1440 960 960 1920
  echo 'the writer has ended the stream'
} | diff - "$work/output"
