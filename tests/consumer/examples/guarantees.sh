#!/bin/sh
# guarantees.sh SOURCE: every test that docs/testing.md names as program.Suite.Case is there.
set -eu
cd "$1"
missing=0
names=$(grep -oE '`[a-z_]+\.[A-Z][A-Za-z]*\.[A-Za-z_0-9]+`' docs/testing.md | tr -d '`' | sort -u)
[ -n "$names" ]
for name in $names; do
  suite=${name#*.} case=${name##*.}
  suite=${suite%.*}
  if ! grep -rqE "^[A-Z_]+\($suite, $case\)" tests --include='*.cpp'; then
    echo "docs/testing.md names $name, which is no test" >&2
    missing=1
  fi
done
[ "$missing" -eq 0 ]
