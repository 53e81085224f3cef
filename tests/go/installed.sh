#!/bin/sh
# usage: installed.sh SOURCE CMAKE BUILD WRITER: installs the build, makes an empty project that depends on the module by its
# path, as docs/other-languages.md says, and lets the example there read what WRITER writes.
set -eu
. "$(dirname "$0")/tools.sh"
source=$1 cmake=$2 build=$3 writer=$4
. "$source/tests/support/installed.sh"

mkdir "$work/project"
cp "$source/tests/interop/go/example.go" "$work/project"
cd "$work/project"
go mod init example 2>/dev/null
go mod edit -require ringbuf@v0.0.0 -replace "ringbuf=$source/capi/go"
go build -buildvcs=false -o example example.go
"$source/tests/consumer/examples/stream.sh" ringbuf-test-go-installed "$writer" ./example
