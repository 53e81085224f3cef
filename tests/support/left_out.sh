#!/bin/sh
# usage: left_out.sh LOG [ALLOWED]
#
# What ctest has left out, and why: a line for each test of LOG (Testing/Temporary/LastTest.log) that was skipped, or a
# part of which was. With ALLOWED, a file of extended regular expressions, one a line, fails on what none of them matches;
# lines that begin with # are words about it. An empty file allows nothing.
#
# Tests say that they skip something by a line 'SKIPPED: REASON'; GoogleTest and pytest have their own ways.
set -eu
log=$1 allowed=${2-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tr -d '\r' <"$log" | awk '
  function left_out(test, why) { if (!seen[test, why]++) print test ": " why }
  /^[0-9]+\/[0-9]+ Test: / { test = $0; sub(/^[^:]*: /, "", test); reason = "" }
  /^SKIPPED: / { left_out(test, substr($0, 10)) }
  /^SKIPPED \[[0-9]+\] / { # SKIPPED [1] file:1: reason
    why = $0; sub(/^SKIPPED \[[0-9]+\] /, "", why); sub(/^[^ ]*: /, "", why); left_out(test, why)
  }
  /[:)] Skipped$/ { reading = 1; reason = ""; next } # file:1: Skipped; then the reason, on lines of its own
  reading && (/^$/ || /^\[  SKIPPED \]/) { reading = 0 }
  reading { reason = reason (reason == "" ? "" : " ") $0 }
  /^\[  SKIPPED \] .* \([0-9]+ ms\)$/ {
    case_name = $4; sub(/,$/, "", case_name)
    left_out(index(test, case_name) ? test : test "." case_name, reason == "" ? "without a reason" : reason)
    reading = 0; reason = ""
  }
' >"$work/left_out"

if [ -s "$work/left_out" ]; then
  echo "left out:"
  sort "$work/left_out" | sed 's/^/  /'
else
  echo "nothing was left out"
fi
[ -n "$allowed" ] || exit 0
grep -vE '^(#|$)' "$allowed" >"$work/allowed" || true
if [ -s "$work/allowed" ]; then
  grep -vEf "$work/allowed" "$work/left_out" >"$work/not_allowed" || true
else
  cp "$work/left_out" "$work/not_allowed"
fi
[ ! -s "$work/not_allowed" ] || {
  echo "these may not be left out here:" >&2
  sed 's/^/  /' "$work/not_allowed" >&2
  exit 1
}
