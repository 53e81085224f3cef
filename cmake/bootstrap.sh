#!/bin/sh
# From a fresh machine to a running demo or a tested library; see usage below.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'USAGE'
usage: cmake/bootstrap.sh demo [file.wav ...]   build and run the demo, on these recordings if any are given
       cmake/bootstrap.sh demo --web [OPTION ...]
                                                run it until Ctrl-C, with its signals in the browser: prints the URL;
                                                the options are those of `ringbuf web`
       cmake/bootstrap.sh test                  build the library and run its tests
       cmake/bootstrap.sh bench                 build the benchmark and run it
       cmake/bootstrap.sh packages [GROUP ...]  only install packages; groups: demo, test (the default), interop, bench,
                                                tools, nats, web, deb, rpm, windows, ci

Installs what is missing with the system's package manager (apt-get, through sudo if need be), and says what.
Does nothing of the kind where all is there. For the group interop, npm puts koffi into build/interop and TypeScript into build/node;
for web, what the page is made of into build/web; for ci, also Zig's compiler into build/macos, the readers of MCAP into build/mcap, a
client of NATS into build/nats, and what drives a browser into build/web-tests.
USAGE
}

# Debian's packages of a group.
group() {
  case $1 in
    demo)
      echo "g++ cmake ninja-build pkg-config libfmt-dev libsndfile1-dev nlohmann-json3-dev zlib1g-dev alsa-utils"
      ;;
    test) echo "$(group demo) libgtest-dev make" ;;
    windows) echo "cmake ninja-build libfmt-dev googletest g++-mingw-w64-x86-64-posix wine wine64 dpkg-dev make python3" ;;
    interop)
      echo "g++ pkg-config luajit golang-go rustc cargo rustfmt rust-clippy default-jdk-headless libjna-java libffi-platypus-perl"
      echo "python3 python3-numpy python3-pytest python3-cffi"
      # A Node.js from elsewhere has its own npm, which Debian's package does not go with.
      command -v npm >/dev/null || echo "nodejs npm"
      ;;
    bench)
      echo "g++ cmake ninja-build pkg-config libfmt-dev nlohmann-json3-dev"
      echo "libboost-dev libjack-jackd2-dev libck-dev libdpdk-dev libqb-dev libreaderwriterqueue-dev"
      ;;
    tools)
      echo "g++ cmake ninja-build pkg-config libfmt-dev libcli11-dev nlohmann-json3-dev"
      echo "libsndfile1-dev libncurses-dev libfftw3-dev zlib1g-dev"
      ;;
    nats) echo "$(group tools) libnats-dev" ;;
    web)
      echo "$(group tools) libboost-dev"
      command -v npm >/dev/null || echo "nodejs npm"
      ;;
    deb) echo "$(group nats) build-essential debhelper dh-python doxygen python3" ;;
    rpm) echo "$(group nats) $(group web) rpm" ;;
    ci)
      echo "$(group test) $(group interop) $(group bench) $(group windows) git spin clang clang-format clang-tidy libclang-rt-dev"
      echo "g++-aarch64-linux-gnu g++-i686-linux-gnu qemu-user googletest"
      echo "$(group deb) $(group rpm) abigail-tools lintian mandoc"
      echo "python3-matplotlib python3-pip python3-venv mypy"
      echo "libuv1-dev libglib2.0-dev"
      echo "$(group web) chromium"
      echo "nats-server openssl python3-pyte tmux bash-completion zsh fish"
      echo "python3-jsonschema python3-soundfile python3-scipy sox libsox-fmt-base libedf-dev"
      echo "ccache debootstrap debian-archive-keyring strace mount util-linux file llvm"
      ;;
    *)
      echo "bootstrap.sh: no such group: $1" >&2
      return 2
      ;;
  esac
}

hint() {
  cat >&2 <<'HINT'
bootstrap.sh: no Debian-like system, nothing installed. Needed are a C++20 compiler, CMake 3.18 or newer, Ninja and
fmt; for the tests GoogleTest, for all of them CMake 3.25; for the demo pkg-config, libsndfile, nlohmann-json and
zlib, and WAV files if you have some:
  dnf install gcc-c++ cmake ninja-build fmt-devel gtest-devel pkgconf libsndfile-devel json-devel zlib-devel
  pacman -S gcc cmake ninja fmt gtest pkgconf libsndfile nlohmann-json zlib
  brew install cmake ninja fmt googletest pkg-config libsndfile nlohmann-json
HINT
}

# Whether a package is installed: all of it, and for this machine or for every one. dpkg also knows packages of which it has
# only heard (not-installed), those of which the configuration is left (config-files), those that it has not finished
# (half-installed, unpacked, half-configured, triggers-awaited, triggers-pending) or that are broken (reinstreq), and the
# same package for another machine. One that is to be removed some day (deinstall) is still there.
installed() {
  dpkg-query --show --showformat='${db:Status-Status} ${db:Status-Eflag} ${Architecture}\n' "$1" 2>/dev/null |
    grep -qxE "installed ok ($(dpkg --print-architecture)|all)"
}

# Installs those of the given packages that are missing.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    hint
    return 0
  fi
  missing=
  for package in "$@"; do
    installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0

  echo "bootstrap.sh: installing$missing"
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "bootstrap.sh: neither root nor sudo; as root: apt-get install$missing" >&2
      return 1
    fi
    as_root=sudo
  fi
  # The network may fail for a moment, and another may be installing.
  apt="apt-get -o Acquire::Retries=5 -o DPkg::Lock::Timeout=600"
  # shellcheck disable=SC2086 # one word an option, one word a package
  {
    $as_root $apt update
    $as_root env DEBIAN_FRONTEND=noninteractive $apt install --yes --no-install-recommends $missing
  }
}

# install_node_modules DIRECTORY MODULES: npm's packages in MODULES, of the version, and with the checksums, that the lock file
# in DIRECTORY has.
install_node_modules() {
  lock=$root/$1/package-lock.json modules=$root/$2
  if [ -d "$modules/node_modules" ] && cmp -s "$lock" "$modules/package-lock.json"; then
    return 0
  fi
  echo "bootstrap.sh: npm installs what $1 asks for in $modules"
  mkdir -p "$modules"
  cp "$root/$1/package.json" "$lock" "$modules"
  (cd "$modules" && npm ci --fetch-retries=5 --ignore-scripts --no-audit --no-fund) || {
    rm -rf "$modules"
    return 1
  }
}

has_presets() { (cd "$root" && cmake --workflow --list-presets >/dev/null 2>&1); }

# The demo, configured as its preset has it, also where CMake is older than presets.
configure_demo() {
  if has_presets; then
    (cd "$root" && cmake --preset demo)
  else
    cmake -S "$root" -B "$root/build/demo" -G Ninja -DCMAKE_BUILD_TYPE=Release -DRINGBUF_TESTS=OFF
  fi
}

workflow() {
  cd "$root"
  if has_presets; then
    cmake --workflow --preset "$1"
    return
  fi
  version=$(cmake --version | head -n 1)
  case $1 in
    demo)
      configure_demo
      cmake --build build/demo --target demo
      ;;
    test)
      echo "bootstrap.sh: $version has no workflows: only the tests unit and capi, all of them take CMake 3.25"
      cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release -DRINGBUF_DEMO=OFF \
        '-DRINGBUF_TEST_DIRECTORIES=unit;capi;consumer/examples'
      cmake --build build/release
      (cd build/release && ctest -L '^(unit|capi)$' --output-on-failure --no-tests=error -j 2)
      ;;
    *)
      echo "bootstrap.sh: CMake 3.25 or newer is needed; here is: $version" >&2
      return 1
      ;;
  esac
}

# demo_in_browser [OPTION ...]: the demo in real time, and `ringbuf web` on its ring.
demo_in_browser() {
  build=$root/build/demo-web
  # shellcheck disable=SC2046 # one word a package
  install_packages $(group demo) $(group web)
  install_node_modules capi/tools/web/page build/web
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DRINGBUF_TESTS=OFF -DRINGBUF_TOOLS=ON -DRINGBUF_WEB=ON
  cmake --build "$build" --target ringbuf_demo ringbuf_web_tool
  run=demo-$$
  "$build/tests/demo/ringbuf_demo" --name "$run" --speed 1 --capacity 30 --repeat 1000000 >"$build/demo.log" 2>&1 &
  demo=$!
  trap 'kill "$demo" 2>/dev/null && wait "$demo" || true' EXIT
  trap 'exit 130' INT TERM
  until [ -e "/dev/shm/$run.samples" ]; do
    if ! kill -0 "$demo" 2>/dev/null; then
      cat "$build/demo.log" >&2
      return 1
    fi
    sleep 0.1
  done
  echo "bootstrap.sh: open this in a browser; Ctrl-C ends it"
  "$build/capi/tools/ringbuf-web" "$run.samples" "$@" &
  web=$!
  trap 'kill "$web" "$demo" 2>/dev/null; wait || true' EXIT
  wait "$web"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  demo)
    if [ "${1:-}" = --web ]; then
      shift
      demo_in_browser "$@"
      exit
    fi
    # shellcheck disable=SC2046 # one word a package
    install_packages $(group demo)
    if [ $# -eq 0 ]; then
      workflow demo
    else
      # From here, since the file names are relative to here.
      configure_demo
      cmake --build "$root/build/demo" --target ringbuf_demo
      exec "$root/build/demo/tests/demo/ringbuf_demo" "$@"
    fi
    ;;
  test)
    if [ $# -ne 0 ]; then
      usage >&2
      exit 2
    fi
    # shellcheck disable=SC2046
    install_packages $(group test)
    workflow test
    tests/support/left_out.sh build/release/Testing/Temporary/LastTest.log
    ;;
  bench)
    if [ $# -ne 0 ]; then
      usage >&2
      exit 2
    fi
    # shellcheck disable=SC2046
    install_packages $(group bench)
    workflow bench
    ;;
  packages)
    [ $# -ne 0 ] || set -- test
    packages=
    for name in "$@"; do
      list=$(group "$name")
      packages="$packages $list"
    done
    # shellcheck disable=SC2086
    install_packages $packages
    case " $* " in
      *" interop "* | *" ci "*)
        install_node_modules tests/interop/node build/interop
        install_node_modules tests/node build/node
        ;;
    esac
    case " $* " in
      *" web "* | *" ci "*) install_node_modules capi/tools/web/page build/web ;;
    esac
    case " $* " in
      *" ci "*)
        install_node_modules cmake/toolchains/zig build/macos
        install_node_modules tests/tools/mcap build/mcap
        install_node_modules tests/nats/node build/nats
        install_node_modules tests/web/node build/web-tests
        ;;
    esac
    ;;
  -h | --help | help)
    usage
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
