"""docs/tools.md: its sessions run as they stand there, its commands are those that there are."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import PREFIX, SOURCE, TOOL, tool

PAGE = (SOURCE / "docs" / "tools.md").read_text(encoding="utf-8")


def test_the_session_runs(tmp_path):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
    assert len(blocks) >= 5
    script = "set -e -o pipefail\ntrap 'kill -KILL $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(blocks)
    script = re.sub(r"\b(hello|copy|again)\b(?!\.)", lambda match: PREFIX + match[1], script)
    env = {**os.environ, "PATH": f"{os.path.dirname(TOOL)}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, check=False, timeout=250, text=True)
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert f"{PREFIX}hello" in done.stdout and " DEAD " in done.stdout
    assert (tmp_path / "hello.csv").read_text().startswith("index,time,1,4\n") and (tmp_path / "hello.npy").stat().st_size > 128


def test_the_table_has_every_command():
    listed = re.search(r"^## Commands\n(.*?)^\*\*", PAGE, re.M | re.S)[1]
    table = {name for row in re.findall(r"^\| (`.*?) \|", listed, re.M) for name in re.findall(r"`(\w+)`", row)}
    lines = tool("help")[0].split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert table == {line.split()[0] for line in lines}


def test_the_keys_are_those_of_the_command(name):
    tool("put", name, "--keep", stdin=b"abc")
    info = tool("info", name, "--json")[0]
    tool("rm", name)
    for key in re.findall(r'^  "(\w+)":', info, re.M):
        assert f"`{key}`" in PAGE, key


DEMO = Path(TOOL).parents[2] / "tests" / "demo" / "ringbuf_demo"


@pytest.mark.skipif(not DEMO.exists(), reason="no demo in this build")
def test_the_commands_of_the_first_page(tmp_path, name, start):
    """README.md: the demo, and the `ringbuf` command on its ring."""
    terminals = pytest.importorskip("terminal")
    sound = pytest.importorskip("soundfile")
    page = (SOURCE / "README.md").read_text(encoding="utf-8")
    (block,) = [block for block in re.findall(r"^```console\n(.*?)^```", page, re.M | re.S) if "ringbuf scope" in block]
    demo, scope, record = [re.sub(r"\bdemo\.samples\b", f"{name}.samples", line.split("#")[0]).split() for line in block.splitlines()]
    assert demo[:3] == ["build/demo/tests/demo/ringbuf_demo", "--name", "demo"] and scope[0] == record[0] == "ringbuf"
    running = start("--name", name, *demo[3:], program=str(DEMO), cwd=tmp_path)
    tool("wait", f"{name}.samples", "--index", 1, "--timeout", "100s")
    terminal = terminals.Terminal(start, *scope[1:], columns=100)
    try:
        terminal.until(lambda lines: f"{name}.samples" in lines[0] and "kHz" in lines[0] and lines[1].startswith("ch0 "))
        terminal.press("q")
        assert terminal.process.wait(60) == 0
    finally:
        assert terminal.close()
    tool(*record[1:], cwd=tmp_path)
    with sound.SoundFile(tmp_path / "demo.wav") as file:
        assert file.samplerate >= 8000 and file.frames > file.samplerate  # 5 s of it, on a machine that has the time
    running.terminate()
    assert running.wait(60) in (128 + 15, -15)
