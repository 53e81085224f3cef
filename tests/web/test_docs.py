"""docs/web.md: its commands run as they stand there, and its table has the options that there are."""

import os
import re
import subprocess

from conftest import SOURCE, TOOL, tool

PAGE = (SOURCE / "docs" / "web.md").read_text(encoding="utf-8")


def test_the_commands_run(name):
    (block,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
    script = re.sub(r"\bhello\b", name, block).replace("ringbuf web &", "exec 3< <(ringbuf web --port 0); read -r url <&3; echo $url")
    script = f"set -e\ntrap 'kill $(jobs -p) $! 2>/dev/null || true; wait' EXIT\n{script}\nringbuf wait {name} --index 1 --timeout 100s"
    env = {**os.environ, "PATH": f"{os.path.dirname(TOOL)}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, check=False, timeout=250, text=True)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", done.stdout.split("\n")[0])


def test_the_table_has_the_options():
    options = set(re.findall(r"^  (--[a-z-]+)", tool("web", "--help")[0], re.M)) - {"--help"}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.M))


def test_the_pictures_are_small():
    pictures = re.findall(r"^!\[.*?\]\((.*?)\)", PAGE, re.M)
    assert len(pictures) == 3
    for picture in pictures:
        assert (SOURCE / "docs" / picture).stat().st_size < 100_000
