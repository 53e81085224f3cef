# Sourced: installs the build $build by the program $cmake in $work/prefix, with all that programs are built with, and lets
# programs find it there. Makes $work, which is removed at the end.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for component in runtime development; do
  "$cmake" --install "$build" --prefix "$work/prefix" --component $component >/dev/null
done
pc=$(find "$work/prefix" -name ringbuf.pc)
export PKG_CONFIG_PATH="${pc%/*}" LD_LIBRARY_PATH="${pc%/pkgconfig/*}"
