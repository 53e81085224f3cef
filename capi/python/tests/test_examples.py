"""The programs of docs/guide-python.md and docs/porting.md that run on their own."""

import subprocess
import sys

import pytest
from conftest import SOURCE, environment

EXAMPLES = SOURCE.parent.parent / "tests" / "consumer" / "examples"

pytest.importorskip("numpy")


@pytest.mark.skipif(not EXAMPLES.exists(), reason="installed without the sources")
@pytest.mark.parametrize(
    "program, expected",
    [
        (
            "tour.py",
            """\
V 48000.0 601
[[996, 997], [998, 999], [1000, 1001], [-1, -1]]
[[-1, -1], [-1, -1]] True
False
(480, 2) 0 240
[480, 481] 360
RINGBUF_OVERWRITTEN 26000
""",
        ),
        ("messages.py", "3 48000 electrode 7 is loose\n0 True\n[b'last']\n"),
        ("replaced.py", "2500 400.0 0\n2\n50 0 [1, 2, 3]\n"),
    ],
)
def test_program(name, program, expected):
    command = [sys.executable, EXAMPLES / program, name]
    done = subprocess.run(command, env=environment(), cwd="/", capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
