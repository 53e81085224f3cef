#!/bin/sh
# usage: style.sh SOURCE: gofmt and go vet find nothing, and everything public has a comment.
set -eu
. "$(dirname "$0")/tools.sh"
cd "$1"
fail() {
  echo "style.sh: $1" >&2
  exit 1
}
unformatted=$(gofmt -l capi/go tests/interop/go)
[ -z "$unformatted" ] || fail "gofmt would change $unformatted"
(cd capi/go && go vet ./...)
for program in interop.go example.go; do
  (cd tests/interop/go && go vet $program)
done

# Functions, methods, types, variables and groups of constants whose names begin with a capital letter. In a group or a struct
# a comment of each line follows it, or the lines have comments before them.
uncommented=$(awk '
  FNR == 1 { before = "" }
  /^(func (\([a-z]+ [*]?[A-Z][^)]*\) )?[A-Z]|type [A-Z]|const |var [A-Z])/ && before !~ /^\/\// { print FILENAME ":" FNR ": " $0 }
  { before = $0 }' $(find capi/go -name '*.go' ! -name '*_test.go'))
[ -z "$uncommented" ] || fail "these have no comment:
$uncommented"
