#!/bin/sh
# usage: tests/interop/windows/python.sh DIRECTORY
#
# Builds Python for Windows in DIRECTORY with mingw-w64, from Debian 12's source packages of Python and libffi, and prints its
# python.exe. It is for Wine, and for the tests of the Python package alone: all modules are in the program, those that take
# libraries of others (zlib, OpenSSL) and NumPy are not there. Python itself is built for Windows by another compiler, whose
# header is made do here by compiler.h. A second run finds what the first has built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
made=$(cd "$1" && pwd)
if [ ! -e "$made/python.exe" ]; then
  rm -rf "$made/apt" "$made/source" "$made/objects"
  mkdir -p "$made/apt/lists/partial" "$made/apt/parts" "$made/source/python" "$made/source/libffi"
  exec 3>&1 4>&2 >"$made/log" 2>&1
  trap 'tail -n 40 "$made/log" >&4' EXIT
  # The sources of the packages that this machine has, in lists of our own.
  for list in /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$list" ] || sed 's/^Types: deb$/Types: deb-src/' "$list" >"$made/apt/parts/$(basename "$list")"
  done
  [ ! -e /etc/apt/sources.list ] || sed 's/^deb /deb-src /' /etc/apt/sources.list >"$made/apt/parts/machine.list"
  printf 'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "%s";\nDir::State::lists "%s";\n' \
    "$made/apt/parts" "$made/apt/lists" >"$made/apt/conf"
  export APT_CONFIG="$made/apt/conf"
  apt-get -o Acquire::Retries=5 update || true # a list that is not Debian's may have no sources
  # As their authors have released them, without Debian's changes.
  (cd "$made/source" && apt-get -o Acquire::Retries=5 source --download-only --tar-only python3.11 libffi)
  tar -C "$made/source/python" --strip-components 1 -xf "$made"/source/python3.11_*.orig.tar.*
  tar -C "$made/source/libffi" --strip-components 1 -xf "$made"/source/libffi_*.orig.tar.*
  (cd "$made/source/libffi" && ./configure --host=x86_64-w64-mingw32 --disable-shared --disable-docs --prefix="$made/libffi" \
    --disable-multi-os-directory && make -j"$(nproc)" install)
  (cd "$made/source/python" && /usr/bin/python3 -B "$here/python.py" "$made" "$here")
  ninja -C "$made/source/python" -f "$made/build.ninja"
  trap - EXIT
  exec >&3 2>&4
fi
echo "$made/python.exe"
