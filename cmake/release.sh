#!/bin/sh
# usage: cmake/release.sh [DIRECTORY]
#
# Builds all that a release consists of in DIRECTORY (dist), from what is committed: the sources, the Debian and the RPM
# packages, the Python wheels and sdist, and the npm package; then SHA256SUMS and sbom.spdx.json, which says what each file
# consists of. Two runs in two folders give the same bytes. `cmake/bootstrap.sh packages ci` installs what it takes.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
directory=${1:-$root/dist}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
if [ -n "$(ls -A "$directory")" ]; then
  echo "release.sh: $directory is not empty" >&2
  exit 1
fi
cd "$root"
version=$(sed -n 's/^ringbuf (\(.*\)-[0-9]*) .*/\1/p;q' cmake/debian/changelog)
# The time that all files have: that of the newest entry of the Debian changelog.
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l cmake/debian/changelog -S Timestamp)
export SOURCE_DATE_EPOCH

git archive --format=tar --prefix="ringbuf-$version/" HEAD | gzip --best --no-name \
  >"$directory/ringbuf-$version-source.tar.gz"
cmake/wheels.sh "$directory"
cmake/npm.sh "$directory"
cmake/deb.sh "$directory"
rm -rf build/rpm
# With -Werror as for the other machines; so a compiler cache that has the tests' build has this one, too.
cmake --preset rpm -DRINGBUF_WERROR=ON
cmake --build --preset rpm
cpack --preset rpm
mv build/rpm/*.rpm "$directory"

cd "$directory"
python3 -B "$root/cmake/sbom.py" "$version" >sbom.spdx.json
sha256sum -- * >SHA256SUMS
cat SHA256SUMS
