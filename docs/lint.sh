#!/bin/sh
# lint.sh MANDOC DIRECTORY: fails on whatever mandoc finds in the man pages, two things excepted that are none of theirs: that
# .Os names what they belong to, and that the pages they refer to are not installed on this machine (man_pages.py knows).
set -eu
found=$("$1" -T lint "$2"/man*/* | grep -vE 'STYLE: (operating system explicitly specified|referenced manual not found):' || true)
if [ -n "$found" ]; then
  echo "$found" >&2
  exit 1
fi
