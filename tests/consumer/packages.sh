#!/bin/sh
# usage: packages.sh DIRECTORY
#
# What `cpack -G DEB` has made in DIRECTORY: lintian finds no error; apt installs it into this system, as root; programs
# are built with it and run, as anybody's would be; and apt removes it again, whatever happens.
set -eu
packages=$(cd "$1" && pwd)
examples=$(cd "$(dirname "$0")/examples" && pwd)
fail() {
  echo "packages.sh: $1" >&2
  exit 1
}
runtime=$(find "$packages" -maxdepth 1 -name 'libringbuf1_*.deb')
development=$(find "$packages" -maxdepth 1 -name 'libringbuf-dev_*.deb')
tools=$(find "$packages" -maxdepth 1 -name 'ringbuf-tools_*.deb')
nats=$(find "$packages" -maxdepth 1 -name 'ringbuf-nats_*.deb')
[ "$(find "$packages" -maxdepth 1 -name '*.deb' | wc -l)" -eq 4 ] || fail "there should be four packages in $packages"

# Not errors but warnings: cpack's scripts call ldconfig beside the trigger that does it; nobody has asked for the package.
LC_ALL=C lintian --allow-root --fail-on error --suppress-tags maintscript-calls-ldconfig,initial-upload-closes-no-bugs \
  "$runtime" "$development" "$tools" "$nats" || fail "lintian finds errors"

installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
for package in libringbuf1 libringbuf-dev ringbuf-tools ringbuf-nats; do
  ! installed $package || fail "$package is installed already"
done
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 \
    "$@" >"$work/apt" 2>&1
}

work=$(mktemp -d)
clean_up() {
  for package in ringbuf-nats ringbuf-tools libringbuf-dev libringbuf1; do
    ! installed $package || apt purge $package || cat "$work/apt" >&2
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
cd "$work"
cp "$runtime" "$development" "$tools" "$nats" .
chmod 755 . # apt's own user reads it

# The library alone: a program finds it, a compiler does not.
apt install "./$(basename "$runtime")" || fail "apt install: $(cat apt)"
cc -std=c11 -o dlopen "$examples/dlopen.c" -I"$examples/../../../capi"
./dlopen
! echo 'int main(void) { return 0; }' | cc -x c - -lringbuf -o nothing 2>/dev/null || fail "libringbuf1 has too much"

# The command, with nothing that builds programs.
apt install "./$(basename "$tools")" || fail "apt install: $(cat apt)"
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
apt install "./$(basename "$nats")" || fail "apt install: $(cat apt)"
case $(ringbuf nats --version) in
  'ringbuf nats '*) ;;
  *) fail "ringbuf nats does not run" ;;
esac
[ -s /usr/share/man/man1/ringbuf-nats-push.1.gz ] || fail "ringbuf nats push has no man page"

apt install "./$(basename "$development")" || fail "apt install: $(cat apt)"
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

dpkg-query --listfiles libringbuf1 libringbuf-dev ringbuf-tools ringbuf-nats | sort -u >files
apt purge libringbuf1 libringbuf-dev ringbuf-tools ringbuf-nats || fail "apt purge: $(cat apt)"
if ./queue 2>/dev/null; then
  fail "without the packages the program still runs"
fi
grep ringbuf files | while read -r file; do
  [ ! -e "$file" ] || fail "left behind: $file"
done
echo "installed, used and removed: $(basename "$runtime") $(basename "$development") $(basename "$tools") $(basename "$nats")"
