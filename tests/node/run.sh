#!/bin/sh
# run.sh FILE: runs a test, with the garbage collector in reach; ends with 77 where what it takes is not there.
set -eu
if ! node -e "require('koffi')" 2>/dev/null; then
  echo "SKIPPED: no Node.js with koffi: cmake/bootstrap.sh packages interop"
  exit 77
fi
case $1 in
  */types.test.js)
    if [ ! -e "$(dirname "$0")/../../build/node/node_modules/typescript" ]; then
      echo "SKIPPED: no TypeScript: cmake/bootstrap.sh packages interop"
      exit 77
    fi
    ;;
esac
exec node --expose-gc "$1"
