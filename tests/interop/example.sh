#!/bin/sh
# example.sh PROGRAMS LANGUAGE STREAM WRITER: lets STREAM run WRITER and, as its reader, the example of a language.
set -eu
if [ ! -x "$1/$2-example" ]; then
  cat "$1/$2.missing"
  exit 77
fi
exec "$3" "ringbuf-test-interop-example-$2" "$4" "$1/$2-example"
