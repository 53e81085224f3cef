"""What the tests of `ringbuf nats` have in common: the fixtures of tests/tools, servers that end with the test, and an origin."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent / "tools"
_specification = importlib.util.spec_from_file_location("tools_conftest", TOOLS / "conftest.py")
tools = importlib.util.module_from_spec(_specification)
sys.modules["tools_conftest"] = tools
_specification.loader.exec_module(tools)
# pylint: disable=unused-import,wrong-import-position
from tools_conftest import DEAD, ERROR, LOST, NOT_FOUND, OK, PREFIX, SOURCE, TIMEOUT, TOOL, USAGE  # noqa: E402,F401
from tools_conftest import name, names, nothing_left, raw_tool, rng, start, tool, tool_json  # noqa: E402,F401

sys.path.insert(1, str(HERE))
os.environ["PATH"] = f"{os.path.dirname(TOOL)}:{os.environ['PATH']}"  # for ringbuf-nats
for variable in ("NATS_URL", "RINGBUF_NATS_USER", "RINGBUF_NATS_PASSWORD"):
    os.environ.pop(variable, None)

from servers import Cluster, Proxy, Server  # noqa: E402

MODULES = os.environ.get("RINGBUF_NODE_MODULES") or str(SOURCE / "build" / "nats" / "node_modules")
takes_node = pytest.mark.skipif(
    shutil.which("node") is None or not (Path(MODULES) / "@nats-io" / "jetstream").is_dir(),
    reason="no @nats-io/jetstream: cmake/bootstrap.sh packages ci",
)


def run_node(script, *words):
    """Runs a script of node/, and gives what it prints."""
    command = ["node", HERE / "node" / script, *words]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env={**os.environ, "RINGBUF_NODE_MODULES": MODULES})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server(tmp_path):
    """A server with JetStream."""
    with Server(tmp_path / "server") as running:
        yield running


@pytest.fixture
def cluster(tmp_path):
    """Three servers that keep streams together."""
    with Cluster(tmp_path) as running:
        yield running


@pytest.fixture
def proxy(server):
    """What stands between a server and those who use it, and can cut and slow their connections."""
    with Proxy(server.port) as running:
        yield running


@pytest.fixture
def nats(start):
    """Starts `ringbuf nats WORD...` on a server; the words on stderr are those of the test's output, unless asked for."""

    def begin(server, *words, **options):
        return start("nats", *words, "--server", server.url, **{"stderr": None, **options})

    return begin
