#!/bin/sh
# Runs one litmus test.
#
#   run.sh genmc FILE MODEL MUTANT EXPECTATION [-DNAME[=VALUE]...]
#   run.sh herd FILE EXPECTATION
#
# FILE         a file in genmc or herd
# MODEL        rc11 or imm
# MUTANT       none, or a seeded mistake: the file is built with -D<mutant>
# EXPECTATION  holds: the search is complete and finds nothing
#              found: the search finds the mistake
# Exit code 0: as expected; 1: not; 2: could not be checked; 77: the tool is not there.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
fail() {
  echo "run.sh: $2" >&2
  exit "$1"
}
need() {
  command -v "$1" >/dev/null || {
    echo "SKIPPED: no $1"
    exit 77
  }
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 2' HUP INT TERM

tool=$1 file=$2
case $tool in
  genmc)
    model=$3 mutant=$4 expectation=$5
    shift 5
    [ -f "$here/genmc/$file.c" ] || fail 2 "no file genmc/$file.c"
    if [ "$mutant" != none ]; then
      # A mutant that the file does not know would be the file itself.
      grep -qE "(ifdef|ifndef|defined\()[ ]*$mutant\b" "$here/genmc/$file.c" || fail 2 "$file has no mutant $mutant"
      set -- "$@" "-D$mutant"
    fi
    need genmc
    genmc "--$model" --disable-estimation -- "$@" -I"$here/genmc" "$here/genmc/$file.c" >"$log" 2>&1 || true
    result=$(sed -n -e 's/^.*\(No errors were detected\).*/holds/p' -e 's/^Error\( detected\)*: Safety violation.*/found/p' "$log" | head -n 1)
    what="$file.c $model $mutant $*"
    ;;
  herd)
    expectation=$3
    [ -f "$here/herd/$file.litmus" ] || fail 2 "no file herd/$file.litmus"
    need herd7
    model=
    case $file in
      *.c11) model="-model rc11.cat" ;;
      nt_*) model="-I $here/herd -model x86_streaming.cat" ;; # herd's own x86 model knows no streaming stores
      *mixed*) model="-variant mixed" ;;
    esac
    # shellcheck disable=SC2086 # two words, or none
    herd7 $model "$here/herd/$file.litmus" >"$log" 2>&1 || true
    result=$(sed -n -e 's/^Observation .* Never .*/holds/p' -e 's/^Observation .* \(Sometimes\|Always\) .*/found/p' "$log" | head -n 1)
    what="$file.litmus"
    ;;
  *) fail 2 "no tool $tool" ;;
esac
echo "$what: ${result:-?}"
[ -n "$result" ] || {
  cat "$log" >&2
  fail 2 "$tool said neither"
}
[ "$result" = "$expectation" ] || {
  cat "$log" >&2
  fail 1 "expected: $expectation"
}
