#!/bin/sh
# lint.sh MANDOC DIRECTORY: fails on whatever mandoc finds in the man pages. Two things are none of theirs: that .Os names
# what they belong to, and that the pages they refer to are not installed here (man_pages.py knows whether they exist).
set -eu
not_ours='STYLE: (operating system explicitly specified|referenced manual not found):'
found=$("$1" -T lint "$2"/man*/* | grep -vE "$not_ours" || true)
if [ -n "$found" ]; then
  echo "$found" >&2
  exit 1
fi
