"""Completion of three shells, and man pages: both come from the options themselves."""

import os
import shlex
import shutil
import subprocess

import pytest
import ringbuf
from conftest import TOOL, tool

NAMES = [line.split()[0] for line in tool("help")[0].split("Commands:\n")[1].split("\n\n")[0].splitlines()]


@pytest.fixture
def path():
    """An environment in which `ringbuf` is the program of this build."""
    return {**os.environ, "PATH": f"{os.path.dirname(TOOL)}:{os.environ['PATH']}"}


def shell(words, env):
    return subprocess.run(words, env=env, capture_output=True, check=True, timeout=120, text=True).stdout.split()


def bash(line, env):
    """What bash would offer for the last word of the line."""
    words = line.split(" ")
    script = f"eval \"$(ringbuf completion bash)\"; COMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}; "
    return shell(["bash", "-c", script + '_ringbuf; printf "%s\\n" "${COMPREPLY[@]}"'], env)


def fish(line, env):
    script = f"ringbuf completion fish | source; complete -C {shlex.quote(line)}"
    done = subprocess.run(["fish", "--no-config", "-c", script], env=env, capture_output=True, check=True, timeout=120, text=True)
    return [found.split("\t")[0] for found in done.stdout.splitlines()]


ASK = [bash, pytest.param(fish, marks=pytest.mark.skipif(shutil.which("fish") is None, reason="no fish"))]


@pytest.mark.parametrize("ask", ASK)
def test_commands(ask, path):
    assert set(ask("ringbuf ", path)) == {"help", *NAMES}
    assert set(ask("ringbuf re", path)) == {name for name in NAMES if name.startswith("re")}


@pytest.mark.parametrize("ask", ASK)
def test_options(ask, path):
    assert set(ask("ringbuf list --", path)) == {"--help", "--json", "--watch"}
    assert "--framed" in ask("ringbuf cat hello --f", path)


@pytest.mark.parametrize("ask", ASK)
def test_choices(ask, path):
    assert "complex64" in ask("ringbuf put hello --type c", path)
    assert {"sine", "silence"} <= set(ask("ringbuf gen hello s", path))


@pytest.mark.parametrize("ask", ASK)
def test_names_of_rings(ask, path, name):
    with ringbuf.Writer(name, capacity=10):
        for command in ("info", "cat", "rm", "hz"):
            assert ask(f"ringbuf {command} {name[:-1]}", path) == [name]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh")
def test_zsh_reads_its_script(tmp_path):
    script = tmp_path / "_ringbuf"
    script.write_text(tool("completion", "zsh")[0])
    subprocess.run(["zsh", "-n", script], check=True, timeout=120)
    text = script.read_text()
    for name in NAMES:
        assert f"'{name}:" in text and f"    {name})" in text
    # It loads, and defines the function that it is named for.
    load = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -D; print -r -- $_comps[ringbuf]"
    assert shell(["zsh", "-f", "-c", load], None) == ["_ringbuf"]


@pytest.mark.parametrize("name", ["", *NAMES])
def test_man_pages(name, tmp_path):
    page = tmp_path / "page.1"
    page.write_text(tool("help", "--man", *([name] if name else []))[0])
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, check=False, timeout=120, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    for option in [line.split()[0] for line in tool("help", name)[0].splitlines() if line.startswith("  --")] if name else []:
        assert f'.It Fl "{option[1:]}"'.replace("-", "\\-") in page.read_text().replace("\\\\-", "\\-"), option
