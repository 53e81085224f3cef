#!/bin/sh
# usage: flags.sh PREFIX CFLAGS LIBRINGBUF_A
#
# A program's flags change nothing that the C++ headers are. Where a macro does, the program is not linked.
# shellcheck disable=SC2086 # CFLAGS are several words
set -eu
prefix=$1 flags=$2 library=$3
here=$(cd "$(dirname "$0")" && pwd)
fail() {
  echo "flags.sh: $1" >&2
  exit 1
}
tried=$(mktemp -d)
trap 'rm -rf "$tried"' EXIT

for header in "$prefix"/include/ringbuf/*.hpp; do
  echo "#include <ringbuf/${header##*/}>"
done >"$tried/headers.cpp"
# What the preprocessor leaves of ringbuf's own files.
ours() {
  c++ $flags "$@" -E "$tried/headers.cpp" |
    awk '/^# [0-9]+ "/ { ours = index($3, "/include/ringbuf/") != 0; next } ours && NF' # PREFIX/lib/../include, say
}
ours -std=c++20 >"$tried/plain"
grep -q 'class Writer' "$tried/plain" || fail "the preprocessor leaves nothing of the headers"
tries=0
for more in -fsanitize=thread -fsanitize=address -fsanitize=undefined -O0 -O3 -Os '-O2 -D_FORTIFY_SOURCE=2' -DNDEBUG \
  -DDEBUG -D_DEBUG -D_GLIBCXX_ASSERTIONS -D_GLIBCXX_DEBUG -D_GNU_SOURCE -DRINGBUF_BUILD -DRINGBUF_STATIC -march=native \
  -ffast-math -fno-exceptions -fno-rtti -fshort-enums -funsigned-char -fPIC -std=gnu++20 -std=c++2b; do
  case $more in -std*) standard= ;; *) standard=-std=c++20 ;; esac
  ours $standard $more >"$tried/other" || fail "$more: the headers do not compile"
  diff "$tried/plain" "$tried/other" >&2 || fail "$more changes the headers"
  tries=$((tries + 1))
done
echo "$tries flags change nothing"

# With ThreadSanitizer the program refers to, and defines, what it does without; and it runs.
no_aslr=
if setarch "$(uname -m)" -R true 2>/dev/null; then
  no_aslr="setarch $(uname -m) -R"
fi
names() { nm -C "$1" | sed -n 's/.* [UTWV] \(.*ringbuf::.*\)/\1/p' | LC_ALL=C sort -u; }
for more in "" -fsanitize=thread; do
  c++ -w -std=c++20 -g -O0 $flags $more -c "$here/cpp/threads.cpp" -o "$tried/threads$more.o"
  c++ $more "$tried/threads$more.o" "$library" -pthread -o "$tried/threads$more"
  names "$tried/threads$more.o" >"$tried/names$more"
done
diff "$tried/names" "$tried/names-fsanitize=thread" >&2 || fail "with -fsanitize=thread the symbols are others"
echo 'race:ringbuf::' >"$tried/suppressions" # as docs/guide-cpp.md says
"$tried/threads"
TSAN_OPTIONS="suppressions=$tried/suppressions halt_on_error=1" $no_aslr "$tried/threads-fsanitize=thread"

# What the library has to be built with is missed by the linker, which says what it is.
for more in -DRINGBUF_ATOMIC_COPIES -fpack-struct=1; do
  ! c++ -std=c++20 $flags $more "$here/cpp/threads.cpp" "$library" -pthread -o "$tried/other" 2>"$tried/said" ||
    fail "$more: linked with a library that was built without it"
  grep -qE 'CloseSegmentOf|static assertion|static_assert|packed' "$tried/said" ||
    { cat "$tried/said" >&2; fail "$more: refused for another reason"; }
done
