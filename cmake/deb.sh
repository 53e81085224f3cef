#!/bin/sh
# usage: cmake/deb.sh [DIRECTORY]
#
# Builds the Debian packages in DIRECTORY (build/deb): libringbuf1, libringbuf-dev, ringbuf-tools, ringbuf-nats and
# python3-ringbuf, and ringbuf-web if the npm packages of its page are there.
# `cmake/bootstrap.sh packages deb` installs what it takes, and `cmake/bootstrap.sh packages web` what ringbuf-web takes besides.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
directory=${1:-$root/build/deb}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)

# Debian expects the folder debian at the top level, and gets it in a copy; it writes beside the tree that it builds.
work=$root/build/deb.tree
tree=$work/ringbuf
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$work"
mkdir -p "$tree"
tar -C "$root" --exclude=./build --exclude=./dist --exclude=./.git --exclude=__pycache__ -cf - . | tar -C "$tree" -xf -
ln -s cmake/debian "$tree/debian"
export RINGBUF_WEB_MODULES="$root/build/web/node_modules"
if [ -e "$RINGBUF_WEB_MODULES" ]; then
  export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES:+$DEB_BUILD_PROFILES }pkg.ringbuf.web"
fi
# Without debug information, which takes a third of the time.
(cd "$tree" && DEB_CXXFLAGS_STRIP=-g DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS:-}" \
  dpkg-buildpackage --build=binary --no-sign --no-pre-clean)
mv "$work"/*.deb "$directory"
