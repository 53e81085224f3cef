#!/bin/sh
# usage: tests.sh SOURCE: the crate's own tests, those in its documentation included.
set -eu
tools=''
. "$(dirname "$0")/tools.sh"
cd "$1/capi/rust"
exec cargo test --locked
