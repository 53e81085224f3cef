#!/bin/sh
# usage: rpm.sh DIRECTORY
#
# What `cpack -G RPM` has made in DIRECTORY, installed by rpm in an empty root: the command runs there, a program is built with
# it, and nothing is left when it is removed. What a package needs of its system is looked at only: this is no RPM system.
set -eu
packages=$(cd "$1" && pwd)
examples=$(cd "$(dirname "$0")/examples" && pwd)
fail() {
  echo "rpm.sh: $1" >&2
  exit 1
}
all="ringbuf-devel ringbuf-libs ringbuf-nats ringbuf-tools ringbuf-web"
[ "$(rpm --query --queryformat '%{NAME}\n' --package "$packages"/*.rpm | sort)" = "$(echo "$all" | tr ' ' '\n')" ] ||
  fail "there should be a package of each of these in $packages: $all"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
root=$work/root
in_root() { rpm --root "$root" "$@"; }
mkdir "$root"
in_root --initdb
in_root --install --nodeps --noscripts "$packages"/*.rpm
in_root --verify --nodeps --all || fail "rpm --verify finds a difference"

requires() { in_root --query --requires "$1"; }
for package in ringbuf-devel ringbuf-nats ringbuf-tools ringbuf-web; do
  requires $package | grep -q '^ringbuf-libs = [0-9]' || fail "$package does not take the library of its version"
done
in_root --query --provides ringbuf-libs | grep -qF 'libringbuf.so.1(RINGBUF_1.0)' || fail "ringbuf-libs does not say what it provides"
requires ringbuf-tools | grep -qF 'libringbuf.so.1(RINGBUF_1.0)' || fail "ringbuf-tools does not say what it needs"
owners=$(in_root --query --all --queryformat '[%{FILENAMES}\n]' | grep -v ringbuf || true)
[ -z "$owners" ] || fail "these belong to the system: $owners"

export LD_LIBRARY_PATH="$root/usr/lib64" PATH="$root/usr/bin:$PATH"
export PKG_CONFIG_LIBDIR="$root/usr/lib64/pkgconfig"
ring=ringbuf-test-rpm-$$
echo "these bytes" | ringbuf put "$ring" --keep
[ "$(ringbuf cat "$ring")" = "these bytes" ] || fail "ringbuf cat has other bytes than ringbuf put"
ringbuf rm "$ring"
ringbuf web --version | grep -q '^ringbuf web ' || fail "ringbuf web does not run"
ringbuf nats --version | grep -q '^ringbuf nats ' || fail "ringbuf nats does not run"
# shellcheck disable=SC2046 # several words
cc -std=c11 -Wall -Wextra -Werror -o "$work/queue" "$examples/queue.c" $(pkg-config --cflags --libs ringbuf)
"$work/queue"

# shellcheck disable=SC2086 # several words
in_root --erase --noscripts $all
left=$(find "$root" -name '*ringbuf*')
[ -z "$left" ] || fail "left behind: $left"
echo "installed, used and removed: $all"
