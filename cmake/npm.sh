#!/bin/sh
# usage: cmake/npm.sh [DIRECTORY [MACHINE[=LIBRARY]...]]
#
# Makes the npm package in DIRECTORY (dist): a copy of capi/node with the library for each MACHINE, by default all that
# cmake/prebuilt.sh builds the library for, and as it does. Two runs give the same bytes.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
directory=${1:-$root/dist}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- linux-x86_64 linux-aarch64 macos-arm64 macos-x86_64 windows-x86_64
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

package=$work/ringbuf
cp -R "$root/capi/node" "$package"
cp "$root/LICENSE" "$package"
# What links lead to, outside of the package, is not there.
sed -i 's/\[\([^]]*\)\](\.\.[^)]*)/\1/g' "$package/README.md"
for argument; do
  case ${argument%%=*} in # Node.js has names of its own for systems and processors
    linux-x86_64) name=linux-x64 file=libringbuf.so.1 ;;
    linux-aarch64) name=linux-arm64 file=libringbuf.so.1 ;;
    macos-arm64) name=darwin-arm64 file=libringbuf.1.dylib ;;
    macos-x86_64) name=darwin-x64 file=libringbuf.1.dylib ;;
    windows-x86_64) name=win32-x64 file=ringbuf.dll ;;
    *)
      echo "npm.sh: machine is $argument, expected linux-x86_64, linux-aarch64, macos-arm64, macos-x86_64 or windows-x86_64" >&2
      exit 2
      ;;
  esac
  case $argument in
    *=*) library=${argument#*=} ;;
    *) library=$("$root/cmake/prebuilt.sh" "$argument") ;;
  esac
  mkdir -p "$package/prebuilt/$name"
  cp "$library" "$package/prebuilt/$name/$file"
done
find "$package" -type f -exec chmod 644 {} +
cd "$package"
file=$(npm pack --ignore-scripts --offline --silent --pack-destination "$directory" | tail -n 1)
echo "$directory/$file"
