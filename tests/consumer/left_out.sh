#!/bin/sh
# usage: left_out.sh SCRIPT
#
# The script tells of everything that was skipped in a log of ctest, in whichever way its test says so, and lets pass what
# is allowed alone.
set -eu
script=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "left_out.sh: $1" >&2
  exit 1
}
cat >"$work/log" <<'LOG'
1/5 Testing: races.Full.A
1/5 Test: races.Full.A
Output:
[ RUN      ] Full.A
/tests/process/races_full.cpp:21: Skipped
unshare, which takes root:
Operation not permitted

[  SKIPPED ] Full.A (0 ms)
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Full.A
2/5 Testing: python.reader
2/5 Test: python.reader
SKIPPED [3] tests/test_reader.py:14: no NumPy
1 passed, 3 skipped in 0.01s
3/5 Test: capi
[ RUN      ] All/Kept.IsRead/3
rings_test.cpp(22): Skipped

[  SKIPPED ] All/Kept.IsRead/3, where GetParam() = 7 (1 ms)
[ RUN      ] Put.A
[       OK ] Put.A (1 ms)
4/5 Test: interop.programs
SKIPPED: go: no go
SKIPPED: go: no go
5/5 Test: unit.A.B
the word SKIPPED: within a line is none
LOG
cat >"$work/expected" <<'EXPECTED'
left out:
  capi.All/Kept.IsRead/3: without a reason
  interop.programs: go: no go
  python.reader: no NumPy
  races.Full.A: unshare, which takes root: Operation not permitted
EXPECTED
"$script" "$work/log" | diff "$work/expected" - || fail "another list"
sed 's/$/\r/' "$work/log" >"$work/log.windows"
"$script" "$work/log.windows" | diff "$work/expected" - || fail "another list, where lines end as on Windows"

: >"$work/allowed"
! "$script" "$work/log" "$work/allowed" >/dev/null 2>&1 || fail "nothing is allowed, and it passes"
printf '%s\n' '# words about it' ': no NumPy$' ': go: no go$' '^capi\.' >"$work/allowed"
"$script" "$work/log" "$work/allowed" >/dev/null 2>"$work/errors" && fail "one is not allowed, and it passes"
printf '%s\n' 'these may not be left out here:' '  races.Full.A: unshare, which takes root: Operation not permitted' |
  diff - "$work/errors" || fail "it does not say what is not allowed"
echo '^races\..* takes root' >>"$work/allowed"
"$script" "$work/log" "$work/allowed" >/dev/null || fail "all are allowed, and it fails"
echo '1/1 Test: a' >"$work/log"
[ "$("$script" "$work/log" "$work/allowed")" = "nothing was left out" ] || fail "there was nothing"
