#!/bin/sh
# usage: tests/interop/windows/run.sh DIRECTORY DLL
#
# Runs under Wine, with the DLL given, the programs that test the Python package without NumPy. Python for Windows is built in
# DIRECTORY, by python.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
mkdir -p "$1"
made=$(cd "$1" && pwd)
dll=$(readlink -f "$2")
export WINEPREFIX="${WINEPREFIX:-$made/wine}" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='

in_wine() { echo "Z:$1" | tr / '\134'; }
passed=0

# The last line that a program writes is the one expected, where all has gone well. Wine's Python takes no file for its output.
run() { # run WHAT EXPECTED PROGRAM ARGUMENT...
  what=$1 expected=$2
  shift 2
  timeout 300 wine "$@" </dev/null 2>&1 | tr -d '\r' >"$made/output"
  if [ "$(tail -n 1 "$made/output")" != "$expected" ]; then
    echo "run.sh: $what failed:" >&2
    cat "$made/output" >&2
    exit 1
  fi
  echo "$what: passed"
  passed=$((passed + 1))
}

python=$("$here/python.sh" "$made/python")
RINGBUF_LIBRARY=$(in_wine "$dll")
PYTHONHOME=$(in_wine "$made/python/source/python")
PYTHONPATH=$(in_wine "$root/capi/python")
export RINGBUF_LIBRARY PYTHONHOME PYTHONPATH PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
for program in without_numpy spawned; do
  run "Python: $program" 'all of it' "$python" "$(in_wine "$root/capi/python/tests/$program.py")" "ringbuf-test-$$"
done
echo "$passed passed, 0 failed"
