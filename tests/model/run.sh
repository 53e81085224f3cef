#!/bin/sh
# Checks a model with SPIN.
#
#   run.sh MODEL MUTANT EXPECTATION [-DNAME[=VALUE]...]
#
# MODEL        a file here, without .pml
# MUTANT       none, or the name of a seeded mistake (the model is built with -DMUTANT_<name>)
# EXPECTATION  holds: the search is exhaustive and finds no error
#              anything else: the search finds an error whose message contains this text, for example the condition
#              of an assertion, "invalid end state" or "non-progress cycle"
# With -DPROGRESS the search is for cycles without progress under weak fairness, else for violated assertions and
# invalid end states. Prints states, depth and the error. Exit code 0: as expected; 1: not; 2: could not be checked.
#
# SPIN, CC: the programs; MODEL_MEGABYTES and MODEL_SECONDS: limits of a search (2000, 240); MODEL_TRAIL=1 prints the trail
# of an error.
set -eu

usage() {
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
[ $# -ge 3 ] || usage
model=$1
mutant=$2
expectation=$3
shift 3

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ -f "$here/$model.pml" ] || { echo "run.sh: no model $model" >&2; exit 2; }

spin_flags=$*
kind=safety
for flag in "$@"; do
  case $flag in
    -DPROGRESS) kind=progress ;;
    -D*) ;;
    *) usage ;;
  esac
done
if [ "$mutant" != none ]; then
  # A mutant that the model does not know would be the model itself.
  grep -q "MUTANT_$mutant\b" "$here/$model.pml" || { echo "run.sh: $model has no mutant $mutant" >&2; exit 2; }
  spin_flags="$spin_flags -DMUTANT_$mutant"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/ringbuf-model.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
cp "$here/$model.pml" "$work"
cd "$work"

cannot() {
  echo "run.sh: $1" >&2
  cat "$2" >&2
  exit 2
}

# The flags are words without spaces.
# shellcheck disable=SC2086
"${SPIN:-spin}" $spin_flags -a "$model.pml" >spin.log 2>&1 || cannot "spin failed" spin.log
[ -f pan.c ] || cannot "spin made no pan.c" spin.log
if [ $kind = progress ]; then
  cc_flags="-DNP -DNFAIR=3"
  pan_flags="-l -f"
else
  cc_flags=-DSAFETY
  pan_flags=
fi
# A search that ends at an error takes less time than an optimizing compiler.
optimize=-O1
[ "$expectation" = holds ] || optimize=-O0
# shellcheck disable=SC2086
"${CC:-cc}" $optimize -w $cc_flags -DCOLLAPSE -DVECTORSZ=2048 -DMEMLIM="${MODEL_MEGABYTES:-2000}" -o pan pan.c >cc.log 2>&1 ||
  cannot "cc failed" cc.log
# pan's exit code says nothing about errors found; what it prints does.
# shellcheck disable=SC2086
timeout "${MODEL_SECONDS:-240}" ./pan $pan_flags -m1000000 -w22 >pan.log 2>&1 || true

found=$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth .*/\1/p' pan.log | head -n 1)
states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log | head -n 1)
depth=$(sed -n 's/.*depth reached \([0-9]*\),.*/\1/p' pan.log | head -n 1)
errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log | head -n 1)
seconds=$(sed -n 's/^pan: elapsed time \([0-9.e+-]*\) seconds.*/\1/p' pan.log | head -n 1)
megabytes=$(sed -n 's/^ *\([0-9.]*\).*total actual memory usage.*/\1/p' pan.log | head -n 1)
echo "$model, mutant $mutant, $kind $*: ${states:-?} states, depth ${depth:-?}, ${seconds:-?} s, ${megabytes:-?} MB;" \
  "error: ${found:-none}"

[ -n "$errors" ] && [ -n "$states" ] || cannot "the search did not end" pan.log
if [ -n "${MODEL_TRAIL:-}" ] && [ -n "$found" ]; then
  # shellcheck disable=SC2086
  "${SPIN:-spin}" $spin_flags -t -p -g -l "$model.pml" || true
fi
if [ "$expectation" = holds ]; then
  if grep -q -e 'max search depth too small' -e 'Search not completed' -e 'out of memory' -e 'MEMLIM' pan.log &&
    [ "$errors" = 0 ]; then
    cannot "the search was not exhaustive" pan.log
  fi
  [ "$errors" = 0 ] && exit 0
  echo "run.sh: expected no error" >&2
  exit 1
fi
case $found in
  *"$expectation"*) exit 0 ;;
esac
echo "run.sh: expected an error with \"$expectation\"" >&2
exit 1
