"""How a command is found, what is said of one that is not there, and what the exit status is."""

import os
import subprocess

import pytest
from conftest import ERROR, OK, TOOL, USAGE, tool


def test_help_names_every_command_and_goes_to_stdout():
    out, err = tool("help")
    assert "  list " in out and "Exit codes: 0 ok" in out and err == ""
    assert tool("--help")[0] == out


def commands():
    lines = tool("help")[0].split("Commands:\n")[1].split("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines]


def test_every_command_has_help_with_an_example():
    for command in commands():
        out, err = tool("help", command)
        assert f"Usage: ringbuf {command}" in out, command
        assert f"ringbuf {command}" in out.split("Examples:\n")[1], command
        assert out == tool(command, "--help")[0] and err == ""


def test_version():
    out, _ = tool("--version")
    assert out.startswith("ringbuf 1.") and out.count("\n") == 1


def test_no_command_at_all():
    out, err = tool(status=USAGE)
    assert out == "" and "`ringbuf help`" in err


@pytest.mark.parametrize("wrong, right", [("lst", "list"), ("lits", "list"), ("lis", "list"), ("hlep", "help")])
def test_a_command_that_is_not_there_gets_the_nearest_name(wrong, right):
    out, err = tool(wrong, status=USAGE)
    assert out == "" and f"did you mean `ringbuf {right}`?" in err
    if right != "help":
        assert f"did you mean `ringbuf {right}`?" in tool("help", wrong, status=USAGE)[1]


def test_a_command_like_no_other_gets_no_hint():
    assert "did you mean" not in tool("xylophone", status=USAGE)[1]


def test_an_option_before_the_command():
    assert '"--json" comes before a command' in tool("--json", "list", status=USAGE)[1]


def test_an_unknown_option_is_a_usage_error():
    err = tool("list", "--no-such-option", status=USAGE)[1]
    assert "--no-such-option" in err and "`ringbuf help list`" in err


def script(directory, name, text, mode=0o755):
    path = directory / name
    path.write_text(text)
    path.chmod(mode)


def path_with(directory):
    return {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"}


def test_a_program_of_the_path_is_a_command(tmp_path):
    script(tmp_path, "ringbuf-hello", '#!/bin/sh\nprintf "%s\\n" "$#" "$@"\nexit 42\n')
    out, _ = tool("hello", "a b", "--json", "", status=42, env=path_with(tmp_path))
    assert out == "3\na b\n--json\n\n"


def test_a_program_does_not_replace_a_command(tmp_path):
    script(tmp_path, "ringbuf-list", "#!/bin/sh\nexit 42\n")
    tool("list", status=OK, env=path_with(tmp_path))


def test_a_program_that_cannot_be_run(tmp_path):
    script(tmp_path, "ringbuf-hello", "#!/no/such/interpreter\n", 0o644)
    err = tool("hello", status=ERROR, env={"PATH": str(tmp_path)})[1]
    assert "ringbuf-hello cannot be run" in err


def test_a_full_device():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([TOOL, "help"], stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == ERROR and b"stdout cannot be written: No space left" in done.stderr
