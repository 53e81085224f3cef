#!/bin/sh
# usage: style.sh SOURCE: rustfmt, clippy and rustdoc find nothing; the crate itself denies what is public without a comment.
set -eu
tools='cargo-fmt cargo-clippy rustdoc'
. "$(dirname "$0")/tools.sh"
for package in capi/rust tests/interop/rust; do
  cd "$1/$package"
  cargo fmt -- --check
  cargo clippy --locked --all-targets -- -D warnings
done
cd "$1/capi/rust"
RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps
