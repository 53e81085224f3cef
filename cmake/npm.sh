#!/bin/sh
# usage: cmake/npm.sh [DIRECTORY [MACHINE[=LIBRARY]...]]
#
# Makes the npm package in DIRECTORY (dist): a copy of capi/node with the library for each MACHINE (linux-x86_64 linux-aarch64), by
# default as cmake/prebuilt.sh builds it. Two runs give the same bytes.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
directory=${1:-$root/dist}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- linux-x86_64 linux-aarch64
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
  case $argument in # Node.js has names of its own for processors
    linux-x86_64*) name=linux-x64 ;;
    linux-aarch64*) name=linux-arm64 ;;
    *)
      echo "npm.sh: machine is $argument, expected linux-x86_64 or linux-aarch64" >&2
      exit 2
      ;;
  esac
  case $argument in
    *=*) library=${argument#*=} ;;
    *) library=$("$root/cmake/prebuilt.sh" "$argument") ;;
  esac
  mkdir -p "$package/prebuilt/$name"
  cp "$library" "$package/prebuilt/$name/libringbuf.so.1"
done
find "$package" -type f -exec chmod 644 {} +
cd "$package"
file=$(npm pack --ignore-scripts --offline --silent --pack-destination "$directory" | tail -n 1)
echo "$directory/$file"
