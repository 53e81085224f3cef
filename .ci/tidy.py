"""usage: .ci/tidy.py COMPILE_COMMANDS DIRECTORY JOBS PREFIX...

Runs clang-tidy on each source whose path begins with one of the prefixes, once, and works in DIRECTORY. Most of the time that
it takes for a file goes to the system's headers, which it looks at anew each time. So files that are compiled alike are looked at
together, in a unit that includes them. If it has a word to say of a unit, it looks at each of its files alone, and that counts.

The analyzer has its shallow mode: the other one took three times as long, and found nothing more in a file of 45 mistakes.
"""
import collections
import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys

FILES_IN_A_UNIT = 12
SHALLOW = [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")]
# What is declared at the beginning of a line, among which is all that a file has for itself.
NAME = re.compile(r"^(?!namespace|extern|template)\w[^;(={\n]*?([\w:~]+)\s*[({=]", re.MULTILINE)


def compiled_once(commands, prefixes):
    """How the library compiles each file; tests compile some of them again, for other backends and with failpoints."""
    chosen = {}
    for command in commands:
        if command["file"].startswith(tuple(prefixes)) and command["file"] not in chosen:
            words = shlex.split(command["command"])
            for option in "-o", "-c":
                at = words.index(option)
                del words[at : at + 2]
            chosen[command["file"]] = tuple(words)
    return chosen


def units_of(files):
    """Lists of the files, such that no two in a list have a name in common."""
    names = {file: set(NAME.findall(pathlib.Path(file).read_text())) for file in files}
    count = collections.Counter(name for each in names.values() for name in each)
    units = []
    for file in sorted(files, key=lambda file: -sum(count[name] - 1 for name in names[file])):  # the hardest ones first
        for unit in sorted(units, key=len):
            if len(unit) < FILES_IN_A_UNIT and names[file].isdisjoint(set().union(*(names[other] for other in unit))):
                unit.append(file)
                break
        else:
            units.append([file])
    return units


def main():
    compile_commands, directory, jobs, *prefixes = sys.argv[1:]
    directory = pathlib.Path(directory).resolve()
    chosen = compiled_once(json.loads(pathlib.Path(compile_commands).read_text()), prefixes)
    alike = collections.defaultdict(list)
    for file, words in sorted(chosen.items()):
        alike[words].append(file)
    files_of = {}
    for words, files in alike.items():
        for together in units_of(files):
            # By this name, clang's analyzer takes what is included for the source itself.
            unit = directory / f"UnifiedSource{len(files_of)}.cpp"
            unit.write_text("".join(f'#include "{file}"\n' for file in together))
            files_of[str(unit)] = together
            chosen[str(unit)] = words
    (directory / "compile_commands.json").write_text(json.dumps([
        {"directory": str(directory), "file": file, "arguments": [*words, "-c", file]} for file, words in chosen.items()]))

    def look(file, *options):
        return subprocess.run(["clang-tidy", "-p", directory, "--quiet", "--warnings-as-errors=*", *SHALLOW, *options, file],
                              capture_output=True, text=True)

    def look_at_unit(unit):  # what it includes is source, not headers
        return look(unit, "--checks=-bugprone-suspicious-include", r"--header-filter=/(include/ringbuf|src|capi)/.*\.[ch]pp$")

    failed = False
    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as pool:
        # The larger ones first, so that all processors are busy to the end.
        units = sorted(files_of, key=lambda unit: -len(files_of[unit]))
        alone = [file for unit, said in zip(units, pool.map(look_at_unit, units)) if said.returncode or said.stdout
                 for file in files_of[unit]]
        for said in pool.map(look, alone):
            print(said.stdout, end="")
            if said.returncode:
                print(said.stderr, end="")
                failed = True
    print(f"{sum(map(len, files_of.values()))} files in {len(units)} units, {len(alone)} of them alone, too")
    return failed


sys.exit(main())
