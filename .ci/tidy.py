#!/usr/bin/env python3
"""usage: tidy.py COMPILE_COMMANDS DIRECTORY JOBS

clang-tidy on each C++ file of src and capi once, although tests compile some of them again. What takes the time is to look at the
headers, the C++ library's above all. So files of one folder that are compiled alike are looked at together, as one translation
unit, where they can be: if two of them use a name for two things, the unit is divided.
"""
import itertools
import json
import os
import pathlib
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOGETHER = 8
all_commands, directory, jobs = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
root = os.getcwd()
numbers = itertools.count()


def how_compiled(command):
    """The options that matter to what the code means."""
    words = iter(shlex.split(command["command"])[1:])
    options = []
    for word in words:
        if word in ("-o", "-MF", "-MT"):
            next(words)
        elif word not in ("-c", "-MD", command["file"]) and not word.startswith("-O"):
            options.append(word)
    return tuple(options)


def unit_of(files):
    unit = directory / f"{next(numbers)}.cpp"
    unit.write_text("".join(f'#include "{file}"\n' for file in files))
    return str(unit)


def parse(file, options):
    return subprocess.run(["clang++", "-w", "-fsyntax-only", *options, file], capture_output=True).returncode == 0


def tidy(files, options):
    """The units that `files` were looked at in, and whether all is well."""
    unit, extra = files[0], []
    if len(files) > 1:
        unit = unit_of(files)
        if not parse(unit, options):
            half = len(files) // 2
            parts = [tidy(files[:half], options), tidy(files[half:], options)]
            return sum(units for units, _ in parts), all(well for _, well in parts)
        # That a file includes others of this kind, and that names of one shadow those of another, is the unit's doing.
        # The analyzer looks into files that are included only if it is told to.
        extra = ["--checks=-bugprone-suspicious-include,-clang-diagnostic-shadow",
                 "--extra-arg=-Xclang", "--extra-arg=-analyzer-opt-analyze-headers"]
    looked = subprocess.run(
        ["clang-tidy", "--quiet", "--warnings-as-errors=*", r"--header-filter=/(include/ringbuf|src|capi)/.*\.[ch]pp$", *extra, unit,
         "--", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if looked.returncode != 0:
        print(looked.stdout, flush=True)
    return 1, looked.returncode == 0


commands = {}
for command in json.load(open(all_commands)):
    if command["file"].startswith((root + "/src/", root + "/capi/")):
        commands.setdefault(command["file"], command)
alike = {}
for file, command in sorted(commands.items()):
    alike.setdefault((os.path.dirname(file), how_compiled(command)), []).append(file)
batches = [(files[i:i + TOGETHER], options)
           for (_, options), files in alike.items() for i in range(0, len(files), TOGETHER)]
with ThreadPoolExecutor(jobs) as pool:
    results = list(pool.map(lambda batch: tidy(*batch), batches))
print(f"{len(commands)} files in {sum(units for units, _ in results)} units")
sys.exit(0 if commands and all(well for _, well in results) else 1)
