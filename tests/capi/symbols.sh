#!/bin/sh
# Compares the functions that the header declares with a list of symbols.
#   symbols.sh exported HEADER MAP LIBRARY   the version script, and what the shared library defines: neither more nor less
#   symbols.sh used HEADER PROGRAM           what a program takes from the library: all of it
set -eu
export LC_ALL=C

declared() {
  tr '\n' ' ' <"$1" | sed 's/RINGBUF_API /\n&/g' | sed -n 's/^RINGBUF_API [^(]*[ *]\(ringbuf_[a-z0-9_]*\)(.*/\1/p' | sort
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
declared "$2" >"$work/declared"
count=$(wc -l <"$work/declared")
if [ "$count" -lt 39 ]; then
  echo "only $count functions found in $2" >&2
  exit 1
fi

compare() { # what it is, its list
  if ! diff "$work/declared" "$2" >"$work/diff"; then
    echo "the header (<) and $1 (>) differ:" >&2
    cat "$work/diff" >&2
    exit 1
  fi
}

NM=${NM:-nm}
case $1 in
exported)
  sed 's:/\*.*\*/::; s/#.*//' "$3" | sed -n '/global:/,/local:/s/^ *\([A-Za-z0-9_*?]*\);.*/\1/p' | sort >"$work/map"
  compare "the version script" "$work/map"
  # All but the versions' own names, which are absolute symbols.
  "$NM" -D --defined-only "$4" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
  compare "what the library exports" "$work/exported"
  ;;
used)
  "$NM" -D --undefined-only "$3" | awk '$2 ~ /^ringbuf_/ { sub(/@.*/, "", $2); print $2 }' | sort >"$work/used"
  compare "what the program uses" "$work/used"
  ;;
*)
  echo "usage: $0 exported|used ..." >&2
  exit 2
  ;;
esac
