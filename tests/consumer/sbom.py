#!/usr/bin/env python3
"""usage: sbom.py DIRECTORY

Looks at what cmake/release.sh has made in DIRECTORY: each file is in SHA256SUMS and in sbom.spdx.json, with the right sums, and
what the list says of it names components that are described."""

import hashlib
import json
import pathlib
import sys

directory = pathlib.Path(sys.argv[1])
files = {path.name for path in directory.iterdir()}
sums = dict(reversed(line.split("  ")) for line in (directory / "SHA256SUMS").read_text().splitlines())
assert set(sums) == files - {"SHA256SUMS"}, set(sums) ^ files

document = json.loads((directory / "sbom.spdx.json").read_text())
listed = {each["fileName"][2:]: each for each in document["files"]}
assert set(listed) == files - {"SHA256SUMS", "sbom.spdx.json"}, set(listed) ^ files
for name, each in listed.items():
    data = (directory / name).read_bytes()
    assert each["checksums"], name
    for checksum in each["checksums"]:
        assert hashlib.new(checksum["algorithm"], data).hexdigest() == checksum["checksumValue"], name

identifiers = [each["SPDXID"] for each in document["packages"] + document["files"]] + ["SPDXRef-DOCUMENT"]
assert len(set(identifiers)) == len(identifiers), "two have one name"
related = {each for relation in document["relationships"] for each in (relation["spdxElementId"], relation["relatedSpdxElement"])}
assert related == set(identifiers), related ^ set(identifiers)
for kind in (".whl", ".deb", ".rpm", ".tgz", "-source.tar.gz"):
    assert any(name.endswith(kind) for name in files), f"there is no {kind}"
print(f"{len(listed)} files, {len(document['packages'])} components")
