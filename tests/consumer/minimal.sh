#!/usr/bin/env bash
# usage: minimal.sh DIRECTORY SUITE[+heard-of]...      for example: minimal.sh build/minimal bullseye bookworm+heard-of
#
# Runs README.md's first two commands as a newcomer does, on a Debian of these suites that has nothing but what debootstrap
# calls minimal, and from Debian 12 on installs the Debian packages in another one, which has nothing yet: all suites at once,
# each with mounts, processes and a /dev/shm of its own. With +heard-of, dpkg has heard of a package that is needed, which is
# not installed. Takes root, and a network. The logs stay in DIRECTORY, and nothing else: neither a mount nor a process nor the
# system, whether it passes, fails or is interrupted.
set -euo pipefail
fail() {
  echo "minimal.sh: $1" >&2
  exit 1
}

source=$(cd "$(dirname "$0")/../.." && pwd)
if [[ ${1-} != --inside ]]; then
  (($# >= 2)) || fail "usage: minimal.sh DIRECTORY SUITE[+heard-of]..."
  mkdir -p "$1"
  directory=$(cd "$1" && pwd)
  shift
  [[ $(id -u) == 0 ]] || fail "takes root, for debootstrap, unshare and chroot"
  for tool in debootstrap unshare chroot; do
    command -v $tool >/dev/null || fail "there is no $tool"
  done
  unshare --mount --pid --fork true || fail "unshare is refused here: no mounts and processes of our own, so nothing was tried"

  declare -A running=()
  clean_up() {
    for pid in "${!running[@]}"; do # what runs in there is killed with it, and its mounts go
      kill -KILL "$pid" 2>/dev/null || true
      wait "$pid" 2>/dev/null || true
    done
    for ((tries = 0; tries < 50; ++tries)); do
      rm -rf --one-file-system "$directory"/*.root 2>/dev/null && return 0
      sleep 0.1 # what was killed may not have ended yet
    done
    echo "minimal.sh: left behind: $directory/*.root" >&2
  }
  trap clean_up EXIT
  trap 'exit 1' INT TERM HUP

  for suite in "$@"; do
    rm -rf --one-file-system "$directory/$suite.root"
    setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child \
      "$0" --inside "$directory/$suite.root" "$suite" >"$directory/$suite.log" 2>&1 </dev/null &
    running[$!]=$suite
  done
  failed=0
  for pid in "${!running[@]}"; do
    suite=${running[$pid]} status=0
    wait "$pid" || status=$?
    unset "running[$pid]"
    if ((status == 0)); then
      sed -n 's/^minimal.sh: //p' "$directory/$suite.log" | sed "s/^/$suite: /"
    else
      tail -n 200 "$directory/$suite.log" >&2
      echo "minimal.sh: $suite failed; $directory/$suite.log has it all" >&2
      failed=1
    fi
  done
  exit $failed
fi

# --- in there --------------------------------------------------------------------------------------------------------
root=$2 suite=${3%%+*} heard_of=
[[ $3 == *+heard-of ]] && heard_of=alsa-utils
phase() { # ends the phase that runs and begins the next
  [[ -z ${phase-} ]] || echo "minimal.sh: $phase, $((SECONDS - phase_start)) s"
  phase=$1 phase_start=$SECONDS
}

phase debootstrap
for try in 1 2 3; do # the network may fail for a moment
  debootstrap --variant=minbase "$suite" "$root" && break
  ((try < 3)) || fail "debootstrap has failed three times"
  umount -R "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root"
done
# Another one, for the packages.
bare=
if [[ $suite != bullseye ]]; then
  bare=${root%.root}.bare.root
  rm -rf --one-file-system "$bare"
  cp -a --one-file-system "$root" "$bare"
fi
set_up() { # set_up ROOT: what a running system has
  mount -t proc proc "$1/proc"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$1/dev/pts"
  mkdir -p "$1/dev/shm"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$1/dev/shm"
  # The network as it is here: names, and how apt goes about it.
  cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
  apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|Check-)' >"$1/etc/apt/apt.conf.d/90network" || true
  # What is installed there need not survive a power cut.
  echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/unsafe-io"
}
set_up "$root"
[[ -z $bare ]] || set_up "$bare"
# At the same place as here: what a compiler sees of a place is the same then, so that its cache serves both.
tree=$root$source
mkdir -p "$tree"
git -C "$source" -c safe.directory="$source" ls-files -z | tar -C "$source" --null -T - -cf - | tar -C "$tree" -xf -

# The cache of this machine's compilations, used by this machine's ccache: in there nothing is installed for it.
# Races, soak and stress run for long elsewhere, and kills at every step.
environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
  RINGBUF_RACE_SECONDS=1 RINGBUF_SOAK_SECONDS=2 RINGBUF_STRESS_SAMPLES=300000 RINGBUF_OPS=20000
  'GTEST_FILTER=-*/Death.AtEveryPoint/*')
for name in http_proxy https_proxy no_proxy; do
  [[ -z ${!name-} ]] || environment+=("$name=${!name}")
done
if command -v ccache >/dev/null; then
  cache=$(ccache --get-config cache_dir)
  mkdir -p "$root/opt/ccache/lib" "$root/opt/ccache/cache" "$cache"
  mount --bind "$cache" "$root/opt/ccache/cache"
  cp "$(command -v ccache)" "$root/opt/ccache/lib/ccache"
  ldd "$(command -v ccache)" | grep -oE '/[^ ]+' | xargs -I{} cp -L {} "$root/opt/ccache/lib"
  cat >"$root/opt/ccache/ccache" <<'CCACHE'
#!/bin/sh
exec /opt/ccache/lib/ld-linux* --library-path /opt/ccache/lib /opt/ccache/lib/ccache "$@"
CCACHE
  chmod +x "$root/opt/ccache/ccache"
  # What the demo and the tests compile alike is compiled once; with the compiler of this machine not even that, if its tests
  # were built with the same settings (.ci/run). Its build takes warnings for errors; so do those in there, for both reasons.
  environment+=(CCACHE_DIR=/opt/ccache/cache CCACHE_BASEDIR="$source" CCACHE_NOHASHDIR=yes CCACHE_COMPILERCHECK=content
    CCACHE_SLOPPINESS=locale CCACHE_STATSLOG=/opt/ccache/log
    CMAKE_C_COMPILER_LAUNCHER=/opt/ccache/ccache CMAKE_CXX_COMPILER_LAUNCHER=/opt/ccache/ccache)
fi
for build in demo release; do
  mkdir -p "$tree/build/$build"
  echo RINGBUF_WERROR:BOOL=ON >"$tree/build/$build/CMakeCache.txt"
done
# shellcheck disable=SC1091
this_suite=$(. /etc/os-release; echo "$VERSION_CODENAME")
if [[ $suite != "$this_suite" ]]; then # the demo's build has the library optimized; of the tests, -O1 takes half of the time
  echo 'CMAKE_CXX_FLAGS_RELEASE:STRING=-O1 -DNDEBUG' >>"$tree/build/release/CMakeCache.txt"
fi
inside() { # runs it there, as a user does who has just got the sources
  chroot "$root" env -i "${environment[@]}" sh -ec "cd '$source'; $1" </dev/null
}
status_of() {
  # shellcheck disable=SC2016 # it is for dpkg-query
  chroot "$root" dpkg-query --show --showformat='${db:Status-Status}' "$1" || true
}

if [[ -n $heard_of ]]; then
  phase "a package is heard of"
  # What was installed along with it suggests it, and stays.
  inside "export DEBIAN_FRONTEND=noninteractive; apt-get -o Acquire::Retries=5 update
    apt-get -o Acquire::Retries=5 --yes --no-install-recommends install $heard_of; apt-get --yes purge $heard_of"
  [[ $(status_of "$heard_of") == not-installed ]] || fail "void: dpkg says '$(status_of "$heard_of")' of $heard_of"
fi

phase "cmake/bootstrap.sh demo"
inside 'cmake/bootstrap.sh demo' | tee "$root/root/demo.log"
grep -q '^OK ' "$root/root/demo.log" || fail "the demo does not say OK"
! grep -q 'generated' "$root/root/demo.log" || fail "the demo has found no recording"

phase "cmake/bootstrap.sh test"
inside 'cmake/bootstrap.sh test'
phase "what was left out"
cat >"$root/allowed" <<'ALLOWED'
# What the command does not install, and docs/building.md says so: the languages besides C and C++, the other compiler, the
# comparison of binary interfaces, event loops; git, from which one test downloads; model checkers, strace.
: no Python with pytest$
: go: no go$
: rust: no cargo$
: no Node\.js with koffi: cmake/bootstrap\.sh packages interop$
: no clang$
: no abidiff$
: no git$
: no strace$
: no (libuv|glib) for this build
# There is no /sys.
: needs root, and a memory control group that it may make
^litmus.*: no (genmc|herd7?)$
ALLOWED
[[ $suite != bullseye ]] || echo '^examples\.pages: pages and commands take CMake 3.25$' >>"$root/allowed"
"$source/tests/support/left_out.sh" "$tree/build/release/Testing/Temporary/LastTest.log" "$root/allowed" |
  sed 's/^/minimal.sh: /'
if [[ -n $bare ]]; then
  phase "Debian packages"
  packages=$source/build/dist
  if ! compgen -G "$packages/*.deb" >/dev/null || [[ $suite != "$this_suite" ]]; then
    # Not optimized: the programs are to be built there, and to run.
    inside 'cmake/bootstrap.sh packages deb && DEB_BUILD_OPTIONS=noopt cmake/deb.sh build/deb'
    packages=$tree/build/deb
  fi
  mkdir "$bare/root/packages"
  cp "$packages"/*.deb "$source"/tests/consumer/examples/{queue.c,installed.sh} "$bare/root/packages"
  chroot "$bare" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb DEBIAN_FRONTEND=noninteractive \
    sh /root/packages/installed.sh </dev/null
fi
phase end
if [[ -e $root/opt/ccache/log ]]; then
  CCACHE_STATSLOG=$root/opt/ccache/log ccache --show-log-stats | sed -n 's/^ *\(Hits\|Misses\):/minimal.sh: compilations: \1/p'
fi
for each in "$root" $bare; do
  [[ -z $(ls -A "$each/dev/shm") ]] || fail "left in /dev/shm: $(ls -A "$each/dev/shm")"
done
