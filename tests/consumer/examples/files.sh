#!/bin/sh
# files.sh SOURCE: the tables of docs/design.md, "The files", have a row for each file in src and include, and no other row.
# The line before a table begins with its directory; a row names its files first.
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk -F'|' '
  /^## / { in_section = $0 == "## The files" }
  !in_section { next }
  /^`/ { split($0, words, "`"); directory = words[2] }
  /^\| `/ { n = split($2, words, "`"); for (i = 2; i < n; i += 2) print directory "/" words[i] }
' docs/design.md | LC_ALL=C sort >"$work/rows"
find src include -name '*.[ch]pp' | LC_ALL=C sort >"$work/files"
if ! diff "$work/rows" "$work/files" >"$work/differences"; then
  sed -n -e 's/^< /docs\/design.md has a row for a file that is not there, or two rows: /p' \
    -e 's/^> /docs\/design.md has no row for /p' "$work/differences" >&2
  exit 1
fi
echo "$(wc -l <"$work/files") files"
