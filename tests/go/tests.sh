#!/bin/sh
# usage: tests.sh SOURCE: the module's own tests, once more with Go's race detector.
set -eu
. "$(dirname "$0")/tools.sh"
cd "$1/capi/go"
go test -count=1 ./...
go test -count=1 -race ./...
