#!/bin/sh
# usage: installed.sh SOURCE CMAKE BUILD WRITER: installs the build, makes an empty project that depends on the crate by its
# path, as docs/other-languages.md says, and lets the example there read what WRITER writes.
set -eu
tools=''
. "$(dirname "$0")/tools.sh"
source=$1 cmake=$2 build=$3 writer=$4
. "$source/tests/support/installed.sh"
export CARGO_TARGET_DIR="$work/target"

mkdir "$work/example"
cd "$work/example"
cargo init --vcs none
cargo add --path "$source/capi/rust"
cp "$source/tests/interop/rust/example.rs" src/main.rs
cargo build
"$source/tests/consumer/examples/stream.sh" ringbuf-test-rust-installed "$writer" "$work/target/debug/example"
