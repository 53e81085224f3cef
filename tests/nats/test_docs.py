"""docs/network.md: its commands run as they stand there, from two terminals to three servers. Only the names of machines, ports and
rings are others."""

import os
import re
import subprocess

from conftest import PREFIX, SOURCE, tool
from servers import PROGRAM, free_port

PAGE = (SOURCE / "docs" / "network.md").read_text(encoding="utf-8")


def test_the_commands_run(tmp_path):
    files = re.findall(r"^```text\n# (\w+\.conf)\n(.*?)^```", PAGE, re.M | re.S)
    assert [name for name, _ in files] == ["hub.conf", "s1.conf", "s2.conf", "s3.conf"]
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
    assert len(blocks) >= 6
    ports = {}

    def here(text):
        """Each HOST:PORT of the page is one of this machine."""
        return re.sub(r"\b(hub|s\d):\d+", lambda match: ports.setdefault(match[0], f"127.0.0.1:{free_port()}"), text)

    for name, content in files:
        (tmp_path / name).write_text(here(content))
    port = free_port()
    script = "set -e -o pipefail\ntrap 'kill -KILL $(jobs -p) 2>/dev/null || true' EXIT\n" + here("".join(blocks))
    script = script.replace("nats-server -a 127.0.0.1", f"{PROGRAM} -a 127.0.0.1 -p {port}").replace("nats-server -c", f"{PROGRAM} -c")
    script = re.sub(r"\b(hello|copy|far|third)\b", lambda match: PREFIX + match[1], script)
    env = {**os.environ, "NATS_URL": f"nats://127.0.0.1:{port}"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, check=False, timeout=250, text=True)
    left = [entry for entry in os.listdir("/dev/shm") if entry.startswith(PREFIX)]
    for entry in left:  # of the writers that were killed
        os.unlink(f"/dev/shm/{entry}")
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert f"{PREFIX}hello" in done.stdout and " push " in done.stdout and " pull " in done.stdout


def test_the_table_has_the_options_of_push():
    options = set(re.findall(r"^  (--[a-z-]+)", tool("nats", "help", "push")[0], re.M))
    table = set(re.findall(r"^\| `(--[a-z-]+)` \|", PAGE, re.M))
    assert table and table < options
    for option in options - {"--help"}:
        assert f"`{option}" in PAGE, option


def test_the_headers_are_those_of_the_source():
    source = (SOURCE / "capi" / "tools" / "nats" / "entry.cpp").read_text(encoding="utf-8")
    assert set(re.findall(r'"(Ringbuf-\w+)"', source)) == set(re.findall(r"`(Ringbuf-\w+)`", PAGE))
