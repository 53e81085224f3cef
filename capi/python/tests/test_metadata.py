"""What the examples set as metadata is as docs/metadata.md has it."""

import ast
import json
import re
from typing import Any, Dict, List

import pytest
from conftest import SOURCE

ROOT = SOURCE.parent.parent
PAGE = ROOT / "docs" / "metadata.md"
GUIDES = sorted(str(page.relative_to(ROOT)) for page in PAGE.parent.glob("*.md"))
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="installed without the sources")

OBJECT = {"kind": str, "device": str, "start": str, "channels": list, "dtype": object}
CHANNEL = {"name": str, "unit": str, "scale": (int, float), "offset": (int, float)}


def mistakes(metadata: Any) -> List[str]:
    """Where metadata are not as the page has them."""
    found = []
    if not isinstance(metadata, dict):
        return [f"{metadata!r} is no object"]
    objects = [(metadata, OBJECT)]
    if isinstance(metadata.get("channels"), list):
        objects += [(channel, CHANNEL) for channel in metadata["channels"]]
    for entry, known in objects:
        if not isinstance(entry, dict):
            found.append(f"{entry!r} is no object")
            continue
        for key, value in entry.items():
            if key not in known:
                if ":" not in key:
                    found.append(f"{key}: not on the page, and no name with a colon")
            elif not isinstance(value, known[key]) or isinstance(value, bool):
                found.append(f"{key}: {value!r}")
    if isinstance(metadata.get("kind"), str) and not re.fullmatch(r"[a-z][a-z0-9_-]*", metadata["kind"]):
        found.append(f"kind: {metadata['kind']!r}")
    start = metadata.get("start", "2026-11-26T09:00:00Z")
    if isinstance(start, str) and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", start):
        found.append(f"start: {start!r}")
    return found


def in_python(text: str) -> List[Dict[str, Any]]:
    """What a program assigns to `metadata`, or passes as it."""
    values = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "metadata":
            values.append(node.value)
        if isinstance(node, ast.keyword) and node.arg == "metadata":
            values.append(node.value)
    return [ast.literal_eval(value) for value in values if isinstance(value, ast.Dict)]


def blocks(path: Any, language: str) -> List[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)


def test_the_page():
    found = [json.loads(block) for block in blocks(PAGE, "json")]
    assert len(found) == 3
    found += [metadata for block in blocks(PAGE, "python") for metadata in in_python(block)]
    c_text = "".join(re.findall(r'text = ("(?:[^"\\]|\\.)*")', blocks(PAGE, "c")[0]))
    found.append(json.loads(ast.literal_eval(c_text)))
    assert len(found) == 5
    for metadata in found:
        assert mistakes(metadata) == []


@pytest.mark.parametrize("path", ["tests/consumer/examples", "capi/python/examples", "README.md", "capi/python/README.md", *GUIDES])
def test_the_examples(path):
    if path.endswith(".md"):
        texts = blocks(ROOT / path, "python")
    else:
        texts = [file.read_text() for file in sorted((ROOT / path).glob("*.py"))]
        assert texts
    for text in texts:
        for metadata in in_python(text):
            assert mistakes(metadata) == []


def test_the_examples_have_some():
    assert in_python((ROOT / "tests/consumer/examples/tour.py").read_text())
    assert in_python((ROOT / "capi/python/examples/live_plot.py").read_text())


@pytest.mark.parametrize(
    "metadata",
    [[], {"channels": ["left"]}, {"unit": "V"}, {"channels": [{"scale": "2"}]}, {"start": "yesterday"}, {"kind": "A b"}],
)
def test_what_is_wrong(metadata):
    assert mistakes(metadata)
