#!/bin/sh
# usage: commands.sh SOURCE [run]
#
# Every command that README.md, CONTRIBUTING.md and docs/*.md have a user type is in the list below, and there is no other in
# it. They are the blocks of "console" and what stands between backquotes in the text. With "run", which takes builds of the
# presets release and demo, those that nothing else runs are run as they stand there.
set -eu
cd "$1"
mode=${2:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "commands.sh: $1" >&2
  exit 1
}

# Blank-separated words, without the comment.
cat README.md CONTRIBUTING.md docs/*.md >"$work/pages"
{
  awk '/^```console$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$work/pages" | sed -e 's/ *#.*//' -e '/^$/d'
  awk '/^```/ { inside = !inside; next } !inside' "$work/pages" | grep -oE '`[^`]+`' | tr -d '`' |
    grep -E '^(sudo )?(cmake|ctest|python3?|pip|\.ci/[a-z]+|cmake/[a-z.]+|build/[^ ]+|ringbuf_(demo|bench|soak|crash)) '
} | sort -u >"$work/commands"
: >"$work/list"
cmake --workflow --list-presets >"$work/presets"

here() { # COMMAND [AS IT STANDS THERE]: run by this script
  echo "${2:-$1}" >>"$work/list"
  [ "$mode" = run ] || return 0
  echo "--- $1"
  sh -ec "$1" </dev/null
}
ci() { # run by .ci/run, word for word
  echo "$1" >>"$work/list"
  grep -qE "^(.*[^a-z/])?$1( |$)" .ci/run || fail ".ci/run does not run '$1'"
}
preset() { # its steps are those of .ci/run, which names compilers or options as well; here, that there is such a workflow
  echo "cmake --workflow --preset $1" >>"$work/list"
  grep -qF "\"$1\"" "$work/presets" || fail "there is no workflow '$1'"
}
elsewhere() { # COMMAND REASON: not here
  echo "$1" >>"$work/list"
}

ci 'cmake/bootstrap.sh demo'
ci 'cmake/bootstrap.sh test'
ci 'cmake --workflow --preset docs'
preset rpm
preset demo
preset test
preset quick
preset dev
preset asan
preset tsan
here 'cmake -S . -B build/library -DRINGBUF_TESTS=OFF -DRINGBUF_DEMO=OFF'
here 'cmake --build build/library -j 4'
here 'cmake --preset release'
here 'cmake --build --preset release'
here 'ctest --preset release -L unit'
here 'ctest --preset release -R examples.stream -V'
here 'ctest --preset release --print-labels'
here 'build/demo/tests/demo/ringbuf_demo --help'
elsewhere 'build/demo/tests/demo/ringbuf_demo --name demo --speed 1' "tools.docs runs this and the next two, with a name of its own"
elsewhere 'ringbuf scope demo.samples' "likewise"
elsewhere 'ringbuf record demo.samples -o demo.wav --duration 5s' "likewise"
elsewhere 'cmake/bootstrap.sh demo a.wav b.wav' "its files are the user's; below, with such"
if [ "$mode" = run ]; then
  for channel in left right; do
    cp "/usr/share/sounds/alsa/Front_$(echo $channel | sed 's/^./\U&/').wav" "$work/$channel.wav"
  done
  (cd "$work" && "$OLDPWD/cmake/bootstrap.sh" demo left.wav right.wav)
fi
here 'cmake --install build/release --component runtime --prefix build/installed' 'cmake --install build/release --component runtime'
elsewhere 'python3 -m pytest capi/python' ".ci/run does, with the interpreter that the tests of this build have"
elsewhere 'cmake -S tests/model -B build/model && ctest --test-dir build/model' ".ci/run does, on all processors"
elsewhere 'cmake --workflow --preset windows' "its steps are those of .ci/run"
elsewhere 'cmake --install build/windows --prefix PREFIX' "examples.install_windows"
elsewhere 'cmake/bootstrap.sh packages' "changes the system; .ci/run installs the group ci"
elsewhere 'cmake/bootstrap.sh packages interop' "likewise"
elsewhere 'cmake/bootstrap.sh packages deb' "likewise"
elsewhere 'cmake/bootstrap.sh packages web' "likewise"
elsewhere 'cmake/bootstrap.sh packages windows' "likewise"
elsewhere 'cmake/bootstrap.sh packages tools' "likewise"
elsewhere 'cmake/bootstrap.sh packages nats' "likewise"
elsewhere 'cmake/bootstrap.sh demo --web' ".ci/run web does, with another port"
elsewhere 'ctest --preset quick' "the last step of that workflow"
elsewhere 'ctest --preset release -R NAME' "NAME stands for one; examples.stream, above"
elsewhere 'ctest -R unit_os' "a word about one of the tests, in the build directory"
elsewhere 'python3 reader.py hello' "examples.stream_from_c_to_python"
elsewhere 'python3 writer.py hello' "examples.stream_from_python_to_c"
elsewhere 'ringbuf_soak --seconds 60' ".ci/run does"
elsewhere 'ringbuf_soak --seconds N' "N stands for a number"
elsewhere 'build/bench/tests/bench/ringbuf_bench --seconds 250 --svg DIR' "wants minutes of a quiet machine"
elsewhere 'python3 -m venv env && . env/bin/activate' "makes a directory in the source tree"
elsewhere 'pip install ./capi/python' "python.test_wheel runs it, with a target"
elsewhere 'cmake/bootstrap.sh packages ci' "changes the system"
elsewhere 'cmake/deb.sh build/deb' "cmake/release.sh does, which .ci/run runs"
elsewhere 'cmake/deb.sh dist && sudo apt install ./dist/*.deb' "likewise; tests/consumer/packages.sh and minimal.sh install them"
elsewhere 'cmake --workflow --preset rpm && sudo rpm -i build/rpm/*.rpm' "likewise; tests/consumer/rpm.sh installs them"
ci 'cmake/release.sh build/dist'
elsewhere 'cmake/wheels.sh dist' "likewise"
go="go.installed does that in an empty project, with an installed ringbuf"
rust="rust.installed does that in an empty project, with an installed ringbuf"
interop="interop.example_LANGUAGE runs that program, where the language is, against this build"
recipes="takes vcpkg or Conan; the tests recipes run the recipes with functions and modules of the same names"
elsewhere 'vcpkg install ringbuf --overlay-ports=/path/to/ringbuf/cmake/vcpkg' "$recipes"
elsewhere 'conan create /path/to/ringbuf/cmake/conan' "$recipes"
elsewhere 'go mod init example' "$go"
elsewhere 'go mod edit -require ringbuf@v0.0.0 -replace ringbuf=/path/to/ringbuf/capi/go' "$go"
elsewhere 'go run example.go hello' "$go"
elsewhere 'java -cp /usr/share/java/jna.jar Example.java hello' "$interop"
elsewhere 'luajit example.lua hello' "$interop"
elsewhere 'cmake/npm.sh dist' ".ci/run node does, for this machine"
elsewhere 'npm install ringbuf-1.0.0.tgz' ".ci/run node does, in an empty project"
elsewhere 'node example.js hello' "$interop"
elsewhere 'perl example.pl hello' "$interop"
elsewhere 'cargo init example && cd example' "$rust"
elsewhere 'cargo add --path /path/to/ringbuf/capi/rust' "$rust"
elsewhere 'cargo run hello' "$rust"
elsewhere 'sudo cmake --install build/library' "changes the system; tests install into a prefix"
elsewhere 'sudo cmake --install build/release' "changes the system; tests install into a prefix"
elsewhere 'sudo ldconfig' "changes the system"
elsewhere '.ci/run' "runs this script"
elsewhere '.ci/run format tidy' "two of its stages"
elsewhere '.ci/run --list' "names its stages"
elsewhere 'cmake/bootstrap.sh bench' "wants minutes of a quiet machine; .ci/run runs the benchmark's short form"
elsewhere 'build/bench/tests/bench/ringbuf_bench --row queue --seconds 60' "likewise"
elsewhere 'python3 tests/tools/bench/bench.py --seconds 4 --rounds 7' "likewise; the test tools.bench runs its short form"

sort -o "$work/list" "$work/list"
diff "$work/list" "$work/commands" >"$work/differences" ||
  fail "the list here (<) and the pages (>) have different commands:
$(cat "$work/differences")"
echo "$(wc -l <"$work/commands") commands"
