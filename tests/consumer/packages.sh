#!/bin/sh
# usage: packages.sh DIRECTORY
#
# What cmake/deb.sh has made in DIRECTORY: lintian finds nothing; apt installs it into this system, as root; programs are built
# with it and run, as anybody's would be; and apt removes it again, whatever happens.
set -eu
packages=$(cd "$1" && pwd)
examples=$(cd "$(dirname "$0")/examples" && pwd)
fail() {
  echo "packages.sh: $1" >&2
  exit 1
}
all="libringbuf1 libringbuf-dev ringbuf-tools ringbuf-nats ringbuf-web python3-ringbuf"
found=$(cd "$packages" && ls -- *.deb)
[ "$(echo "$found" | sed 's/_.*//' | sort)" = "$(echo "$all" | tr ' ' '\n' | sort)" ] ||
  fail "there should be a package of each of these in $packages: $all; there are: $found"

# Nobody has asked for the package.
(cd "$packages" && LC_ALL=C lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs -- *.deb) ||
  fail "lintian finds something"

installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
for package in $all; do
  ! installed "$package" || fail "$package is installed already"
done
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 \
    "$@" >"$work/apt" 2>&1
}

install() { apt install ./"$1"_*.deb || fail "apt install $1: $(cat apt)"; }

work=$(mktemp -d)
clean_up() {
  for package in python3-ringbuf ringbuf-web ringbuf-nats ringbuf-tools libringbuf-dev libringbuf1; do
    ! installed "$package" || apt purge "$package" || cat "$work/apt" >&2
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
cd "$work"
cp "$packages"/*.deb .
chmod 755 . # apt's own user reads it

# The library alone: a program finds it, a compiler does not.
install libringbuf1
cc -std=c11 -o dlopen "$examples/dlopen.c" -I"$examples/../../../capi"
./dlopen
! echo 'int main(void) { return 0; }' | cc -x c - -lringbuf -o nothing 2>/dev/null || fail "libringbuf1 has too much"

# The command, with nothing that builds programs.
install ringbuf-tools
ring=ringbuf-test-packages-tools-$$
echo "these bytes" | ringbuf put "$ring" --keep
[ "$(ringbuf cat "$ring")" = "these bytes" ] || fail "ringbuf cat has other bytes than ringbuf put"
ringbuf rm "$ring"
ringbuf gen "$ring" --rate 1000 --frequency 125 --duration 2s --as-fast-as-possible --keep
case $(ringbuf scope "$ring" --once --spectrum) in
  *'highest 125 Hz'*) ;;
  *) fail "ringbuf scope does not find 125 Hz" ;;
esac
ringbuf rm "$ring"
[ -s /usr/share/man/man1/ringbuf-cat.1.gz ] || fail "ringbuf cat has no man page"

# Its extension.
install ringbuf-nats
case $(ringbuf nats --version) in
  'ringbuf nats '*) ;;
  *) fail "ringbuf nats does not run" ;;
esac
[ -s /usr/share/man/man1/ringbuf-nats-push.1.gz ] || fail "ringbuf nats push has no man page"

install ringbuf-web
case $(ringbuf web --version) in
  'ringbuf web '*) ;;
  *) fail "ringbuf web does not run" ;;
esac
[ -s /usr/share/man/man1/ringbuf-web.1.gz ] || fail "ringbuf web has no man page"

# The Python module, with Debian's Python.
install python3-ringbuf
(cd / && /usr/bin/python3 -B -c "import ringbuf
with ringbuf.Writer('ringbuf-test-packages-$$', item_size=16, capacity=64) as writer, ringbuf.Reader(writer.name) as reader:
    writer.push(b'sixteen bytes!!!')
    assert bytes(reader.pop()) == b'sixteen bytes!!!'
from importlib.metadata import version
assert version('ringbuf') == ringbuf.__version__") || fail "python3-ringbuf does not work"

install libringbuf-dev
cc -std=c11 -Wall -Wextra -Werror -o queue "$examples/queue.c" -lringbuf # without a word about where it is
./queue
"$examples/prose.sh" /usr/share/doc/ringbuf links
# shellcheck disable=SC2046 # several words
cc -std=c11 -o queue_pc "$examples/queue.c" $(pkg-config --cflags --libs ringbuf)
./queue_pc
c++ -std=c++20 -o levels "$examples/levels.cpp" -l:libringbuf.a
./levels "ringbuf-test-packages-$$"
mkdir project
cp "$examples/consumer.cmake" project/CMakeLists.txt
cp "$examples/writer.c" "$examples/levels.cpp" project
cmake -S project -B project/build >cmake.log || fail "find_package: $(cat cmake.log)"
cmake --build project/build >cmake.log || fail "find_package: $(cat cmake.log)"
project/build/levels "ringbuf-test-packages-$$"
depends=$(mkdir debian && echo 'Source: queue' >debian/control && dpkg-shlibdeps -O queue 2>/dev/null)
case $depends in
  *'libringbuf1 (>= '*) ;;
  *) fail "a package of a program would depend on: $depends" ;;
esac

# shellcheck disable=SC2086 # several words
dpkg-query --listfiles $all | sort -u >files
# shellcheck disable=SC2086
apt purge $all || fail "apt purge: $(cat apt)"
if ./queue 2>/dev/null; then
  fail "without the packages the program still runs"
fi
grep ringbuf files | while read -r file; do
  [ ! -e "$file" ] || fail "left behind: $file"
done
echo "installed, used and removed:" $found
