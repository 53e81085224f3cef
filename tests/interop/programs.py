"""programs.py DIRECTORY C_PROGRAM: builds the programs of all languages, as far as their tools are there.

Puts two commands into the directory for each, LANGUAGE and LANGUAGE-example, or else LANGUAGE.missing with the reason.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
JNA = "/usr/share/java/jna.jar"  # where Debian has it


class Missing(Exception):
    """A tool that is not there."""


def need(*probe):
    """Raises Missing unless a tool, and what it loads, is there: runs it."""
    quiet = subprocess.DEVNULL
    if not shutil.which(probe[0]):
        raise Missing(f"no {probe[0]}")
    if subprocess.run(probe, stdin=quiet, stdout=quiet, stderr=quiet).returncode:
        raise Missing(f"this fails: {' '.join(probe)}")


def build(*command, directory=None, **environment):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, cwd=directory, env={**os.environ, **environment})


def python(_):
    need(sys.executable, "-c", "import numpy")
    return [sys.executable, HERE / "python/interop.py"], None


def node(_):
    need("node", "-e", "require('koffi')")  # which capi/node takes
    return ["node", HERE / "node/interop.js"], ["node", HERE / "node/example.js"]


def lua(_):
    need("luajit", "-e", "require 'ffi'")
    need("cc", "--version")
    return ["luajit", HERE / "lua/interop.lua"], ["luajit", HERE / "lua/example.lua"]


def perl(_):
    need("perl", "-e", "use v5.36; use FFI::Platypus 2.00; use Compress::Raw::Zlib")
    return ["perl", HERE / "perl/interop.pl"], ["perl", HERE / "perl/example.pl"]


def go(directory):
    need("go", "version")
    need("cc", "--version")
    need("pkg-config", "--version")
    environment = {"CGO_ENABLED": "1", "GOCACHE": str(directory.parent / "go-cache"), "GOPROXY": "off"}
    programs = directory / "go-interop", directory / "go-sliding"
    for program, source in zip(programs, ("interop.go", "example.go")):
        build("go", "build", "-buildvcs=false", "-o", program, source, directory=HERE / "go", **environment)
    return [programs[0]], [programs[1]]


def rust(directory):
    need("cargo", "--version")
    need("rustc", "--version")
    need("cc", "--version")
    need("pkg-config", "--version")
    target = directory.parent / "rust-target"
    build("cargo", "build", "--release", "--offline", "--locked", directory=HERE / "rust", CARGO_TARGET_DIR=str(target))
    return [target / "release/interop"], [target / "release/example"]


def java(directory):
    need("javac", "--version")
    need("test", "-e", JNA)
    classes = directory / "java-classes"
    sources = (HERE / "java/Ringbuf.java", HERE / "java/Interop.java")
    build("javac", "-Xlint:all", "-Werror", "-cp", JNA, "-d", classes, *sources)
    return ["java", "-cp", f"{JNA}:{classes}", "Interop"], ["java", "-cp", JNA, HERE / "java/Example.java"]


def install(directory, name, command):
    path = directory / name
    path.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n')
    path.chmod(0o755)


def main(directory, c_program):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    install(directory, "c", [c_program])
    for language in (go, java, lua, node, perl, python, rust):
        name = language.__name__
        try:
            program, example = language(directory)
        except Missing as why:
            print(f"SKIPPED: {name}: {why}")
            (directory / f"{name}.missing").write_text(f"SKIPPED: {name}: {why}\n")
            continue
        print(f"{name}: {shlex.join(map(str, program))}")
        install(directory, name, program)
        if example:
            install(directory, f"{name}-example", example)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
