#!/bin/sh
# usage: installed.sh SOURCE CMAKE BUILD WRITER: installs the build, makes an empty project that depends on the crate by its
# path, as docs/other-languages.md says, and lets the example there read what WRITER writes.
set -eu
tools=''
. "$(dirname "$0")/tools.sh"
source=$1 cmake=$2 build=$3 writer=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for component in runtime development; do
  "$cmake" --install "$build" --prefix "$work/prefix" --component $component >/dev/null
done
pc=$(find "$work/prefix" -name ringbuf.pc)
export PKG_CONFIG_PATH="${pc%/*}" LD_LIBRARY_PATH="${pc%/pkgconfig/*}" CARGO_TARGET_DIR="$work/target"

mkdir "$work/example"
cd "$work/example"
cargo init --vcs none
cargo add --path "$source/capi/rust"
cp "$source/tests/interop/rust/example.rs" src/main.rs
cargo build
"$source/tests/consumer/examples/stream.sh" ringbuf-test-rust-installed "$writer" "$work/target/debug/example"
