#!/bin/sh
# usage: parent.sh CMAKE SOURCE CC CXX WAY
#
# ringbuf as a part of another project, and fmt as a part of ringbuf. Nothing comes from another machine: FetchContent is
# told where the source is, and fmt's is a stand-in. So the commits that are pinned are not tested here.
set -eu
cmake=$1 source=$2 cc=$3 cxx=$4 way=$5
here=$(cd "$(dirname "$0")" && pwd)
fail() {
  echo "parent.sh: $1" >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ring=ringbuf-test-parent-$$
unset DESTDIR CFLAGS CXXFLAGS LDFLAGS

configure() { # SOURCE [OPTION...]
  tree=$1
  shift
  # Without a build type, which has to stay so; and so without optimization, which would only take time.
  "$cmake" -S "$tree" -B "$work/build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" "$@"
}
without_fmt="-DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON -DFETCHCONTENT_FULLY_DISCONNECTED=ON"

only_the_parents_tests() {
  count=$("$cmake" -E chdir "$work/build" ctest -N | sed -n 's/^Total Tests: //p')
  [ "$count" = 2 ] || fail "there are $count tests, the parent has 2"
}

case $way in
  add_subdirectory)
    configure "$here/parent" -DWAY=add_subdirectory -DRINGBUF="$source" -DPROGRAMS="$source/tests/consumer/examples" \
      -DCMAKE_UNITY_BUILD=ON >"$work/log" # which compiles faster
    only_the_parents_tests
    "$cmake" --build "$work/build" -j 2 >"$work/log" 2>&1 || {
      cat "$work/log" >&2
      fail "it does not build"
    }
    "$work/build/queue"
    "$work/build/interface_17"
    "$work/build/levels" "$ring"
    "$cmake" --install "$work/build" --prefix "$work/prefix" >/dev/null
    installed=$(cd "$work/prefix" && find . -type f)
    [ "$installed" = ./bin/queue ] || fail "installed is more than the parent's: $installed"
    ;;
  fetch_content) # and ringbuf fetches fmt; only configured, since the rest is as above
    # shellcheck disable=SC2086 # several words
    configure "$here/parent" -DWAY=fetch_content -DFETCHCONTENT_SOURCE_DIR_RINGBUF="$source" \
      -DPROGRAMS="$source/tests/consumer/examples" $without_fmt -DFETCHCONTENT_SOURCE_DIR_FMT="$here/fmt" >"$work/log"
    grep -q "fmt: the stand-in" "$work/log" || fail "fmt came from somewhere else"
    only_the_parents_tests
    ;;
  without_fmt) # at top level, where ringbuf is installed and must not drag fmt along
    # shellcheck disable=SC2086
    configure "$source" $without_fmt -DFETCHCONTENT_SOURCE_DIR_FMT="$here/fmt" -DRINGBUF_TESTS=OFF -DRINGBUF_DEMO=OFF \
      >"$work/log"
    grep -q "fmt: the stand-in" "$work/log" || fail "fmt came from somewhere else"
    ! grep -rl 'fmt' "$work/build/CMakeFiles/Export" "$work/build/ringbuf.pc" || fail "these name fmt"
    ! grep -r 'DESTINATION.*fmt' "$work/build" --include=cmake_install.cmake || fail "fmt would be installed"
    ;;
  download) # the way that is cut short above
    command -v git >/dev/null || {
      echo "SKIPPED: no git"
      exit 77
    }
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
    cp -R "$here/fmt" "$work/fmt"
    git -C "$work/fmt" init -q
    git -C "$work/fmt" add .
    git -C "$work/fmt" -c user.name=test -c user.email=test@localhost commit -qm "The commit that is pinned"
    commit=$(git -C "$work/fmt" rev-parse HEAD)
    echo 'message(FATAL_ERROR "this is not the commit that is pinned")' >"$work/fmt/CMakeLists.txt"
    git -C "$work/fmt" -c user.name=test -c user.email=test@localhost commit -qam "A later one"
    configure "$here/download" -DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON -DREPOSITORY="file://$work/fmt" -DCOMMIT="$commit" \
      -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >"$work/log"
    grep -q "fmt: the stand-in" "$work/log" || fail "fmt came from somewhere else"
    grep -q -e "-isystem [^ ]*/include" "$work/build/compile_commands.json" || fail "warnings in fmt would be ours"
    ;;
  refused) # nothing is downloaded if that is not wanted; what would be is one commit, not a branch or tag
    # shellcheck disable=SC2086
    ! configure "$source" $without_fmt -DRINGBUF_FETCH_DEPENDENCIES=OFF -DRINGBUF_TESTS=OFF -DRINGBUF_DEMO=OFF \
      >"$work/log" 2>&1 || fail "without fmt it configures"
    grep -q 'fmt' "$work/log" || fail "fmt is not what is missing"
    [ ! -e "$work/build/_deps/fmt-src" ] || fail "fmt was downloaded"
    pins=$(grep -rhoE '^ *https://[^ ]+\.git [0-9a-f]{40}\)' "$source/CMakeLists.txt" "$source/tests/CMakeLists.txt" | wc -l)
    uses=$(grep -rhE '^ *ringbuf_dependency\(' "$source/CMakeLists.txt" "$source/tests/CMakeLists.txt" | wc -l)
    [ "$pins" -eq "$uses" ] || fail "$uses dependencies, but $pins are pinned to a commit"
    ;;
  *)
    fail "no such way: $way"
    ;;
esac
