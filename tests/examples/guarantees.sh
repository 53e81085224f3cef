#!/bin/sh
# guarantees.sh SOURCE: every test that README.md names as program.Suite.Case is there.
set -eu
cd "$1"
missing=0
for name in $(grep -oE '`[a-z_]+\.[A-Z][A-Za-z]*\.[A-Za-z_0-9]+`' README.md | tr -d '`' | sort -u); do
  suite=${name#*.} case=${name##*.}
  suite=${suite%.*}
  if ! grep -rqE "^[A-Z_]+\($suite, $case\)" tests --include='*.cpp'; then
    echo "README.md names $name, which is no test" >&2
    missing=1
  fi
done
[ "$missing" -eq 0 ]
