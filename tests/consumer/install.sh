#!/bin/sh
# usage: install.sh CMAKE BUILD_DIRECTORY TREE
#
# Installs the build and moves it to TREE/prefix, for the other tests: what is installed knows no absolute path. Looks at
# which files belong to which component, and where the links of the pages lead.
set -eu
cmake=$1 build=$2 tree=$3
unset DESTDIR
rm -rf "$tree"
mkdir -p "$tree"
fail() {
  echo "install.sh: $1" >&2
  exit 1
}

files() { (cd "$1" && find . ! -type d | LC_ALL=C sort); }

"$cmake" --install "$build" --prefix "$tree/runtime" --component runtime >/dev/null
"$cmake" --install "$build" --prefix "$tree/development" --component development >/dev/null
for component in tools nats web; do # where the ringbuf command and its extensions are built
  mkdir "$tree/$component"
  "$cmake" --install "$build" --prefix "$tree/$component" --component $component >/dev/null
done
"$cmake" --install "$build" --prefix "$tree/first" >/dev/null

files "$tree/runtime" | sed 's:.*/::' >"$tree/runtime.names"
version=$(sed -n 's/^Version: //p' "$(find "$tree/first" -name ringbuf.pc)")
printf 'libringbuf.so.1\nlibringbuf.so.%s\n' "$version" | diff - "$tree/runtime.names" >&2 ||
  fail "the component runtime has other files"
{
  files "$tree/runtime"
  files "$tree/development"
  files "$tree/tools"
  files "$tree/nats"
  files "$tree/web"
} | LC_ALL=C sort >"$tree/components"
files "$tree/first" | diff - "$tree/components" >&2 || fail "each file should belong to one component"

mv "$tree/first" "$tree/prefix"
if grep -rlF -e "$build" -e "$tree/first" --include='*.cmake' --include='*.pc' --include='*.h' --include='*.hpp' \
  "$tree/prefix"; then
  fail "these know where they were built or installed"
fi
"$(dirname "$0")/examples/prose.sh" "$(dirname "$(find "$tree/prefix" -path '*/doc/*' -name README.md)")" links
rm -rf "$tree/runtime" "$tree/development" "$tree/tools"
if [ -e "$tree/prefix/bin/ringbuf" ]; then # it finds the library where it was moved to
  env -u LD_LIBRARY_PATH "$tree/prefix/bin/ringbuf" list >/dev/null || fail "the installed ringbuf command does not run"
fi
