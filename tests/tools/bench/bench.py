#!/usr/bin/env python3
"""What the `ringbuf` command costs: rows for docs/benchmark.md, as a table, or with --json FILE as JSON besides.

    python3 tests/tools/bench/bench.py [--build build/release] [--seconds 4] [--rounds 7] [--directory DIR]

Each row is the median of the rounds, which take turns. DIR is where files are written; it counts for the rows of recordings."""

import argparse
import ctypes
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from puts import plain_reader, put_cost

SOURCE = Path(__file__).resolve().parents[3]
FORMATS = {"raw": ".raw", "sigmf": ".sigmf-data", "npy": ".npy", "csv": ".csv", "wav": ".wav", "rf64": ".rf64", "w64": ".w64",
           "flac": ".flac", "mcap": ".mcap", "edf": ".edf", "bdf": ".bdf"}


def quiet(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL, **options)


def seconds_of(*words, **options):
    begin = time.perf_counter()
    quiet(*words, **options)
    return time.perf_counter() - begin


class Bench:
    def __init__(self, options, directory):
        self.options, self.directory = options, Path(directory)
        build = Path(options.build)
        self.tool, self.put = build / "capi" / "tools" / "ringbuf", build / "tests" / "tools" / "tools_bench_put"
        for program in self.tool, self.put:
            if not program.exists():
                sys.exit(f"{program} is not there: cmake --preset release -DRINGBUF_TOOLS=ON; cmake --build --preset release")
        self.prefix = f"ringbuf-bench-{os.getpid()}"
        self.rows = []

    def row(self, what, unit, values, target=""):
        median = statistics.median(values)
        self.rows.append({"what": what, "unit": unit, "median": median, "least": min(values), "most": max(values),
                          "target": target})
        print(f"| {what} | {unit} | {median:.3g} | {min(values):.3g} to {max(values):.3g} | {target} |", flush=True)

    def remove(self, name):
        subprocess.run([self.tool, "rm", name], stdin=subprocess.DEVNULL, capture_output=True, check=False)

    # --- a put beside a recorder ---

    def recorder(self, name):
        path = self.directory / "put.raw"
        recorder = subprocess.Popen([self.tool, "record", name, "-o", path, "--overwrite", "-q"])
        while not Path(f"{path}.json").exists():
            time.sleep(0.001)
        return recorder

    def one_put(self, begin_reader):
        name = f"{self.prefix}-put"
        try:
            begin = (lambda: begin_reader(name)) if begin_reader else None
            return put_cost(self.put, self.remove, name, self.options.seconds, begin, ends=(0, 6))
        finally:
            for each in self.directory.glob("put.raw*"):
                each.unlink()

    def puts(self):
        kinds = {"nobody there": None, "beside a plain reader": lambda name: plain_reader(self.put, name),
                 "beside `ringbuf record`": self.recorder}
        found = {kind: [] for kind in kinds}
        for _ in range(self.options.rounds):
            for kind, beside in kinds.items():
                found[kind].append(self.one_put(beside))
        for kind, values in found.items():
            self.row(f"put of 512 B every 128 µs, {kind}", "ns a put", values,
                     "a tie with a plain reader" if "record" in kind else "")

    # --- all of a ring ---

    def empty_disk(self):
        """What is there of a round before goes, and no write of it is left to do."""
        for each in [self.directory / "copy", *self.directory.glob("whole.raw*")]:
            each.unlink(missing_ok=True)
        os.sync()

    def whole_ring(self):
        name, size = f"{self.prefix}-whole", self.options.megabytes * 10**6 // 16 * 16
        path = self.directory / "source"
        with open(path, "wb") as file:
            for _ in range(size // (1 << 20) + 1):
                file.write(os.urandom(1 << 20))
            file.truncate(size)
        words = ["--type", "int16", "--channels", 8, "--rate", 250_000, "--capacity", size // 16, "--keep"]
        with open(path, "rb") as file:
            subprocess.run([self.tool, "put", name, *map(str, words)], stdin=file, check=True)
        try:
            memcpy, cat, copy, raw = [], [], [], []
            source, target = ctypes.create_string_buffer(size), ctypes.create_string_buffer(size)
            for _ in range(self.options.rounds):
                begin = time.perf_counter()
                ctypes.memmove(target, source, size)
                memcpy.append(size / (time.perf_counter() - begin) / 1e9)
                with open(os.devnull, "wb") as sink:
                    cat.append(size / seconds_of(self.tool, "cat", name, stdout=sink) / 1e9)
                self.empty_disk()
                with open(self.directory / "copy", "wb") as sink:
                    copy.append(size / seconds_of("cat", path, stdout=sink) / 1e9)
                self.empty_disk()
                recording = ("record", name, "-o", self.directory / "whole.raw", "--from", "oldest", "-q")
                raw.append(size / seconds_of(self.tool, *recording) / 1e9)
            megabytes = f"{size / 1e6:.0f} MB"
            self.row(f"memcpy of {megabytes}", "GB/s", memcpy)
            self.row(f"`ringbuf cat` of {megabytes} to /dev/null", "GB/s", cat, "0.5 of memcpy")
            self.row(f"`cat` of a file of {megabytes} to a file", "GB/s", copy)
            self.row(f"`ringbuf record` of {megabytes} to raw", "GB/s", raw, "0.8 of `cat`")
        finally:
            self.remove(name)
            for each in self.directory.iterdir():
                each.unlink()

    # --- formats ---

    def one_recording(self, form):
        name = f"{self.prefix}-form"
        words = ["noise", "--type", "int16", "--channels", 8, "--rate", 250_000, "--capacity", "10s"]
        writer = subprocess.Popen([self.tool, "gen", name, *map(str, words)], stdout=subprocess.DEVNULL)
        try:
            quiet(self.tool, "wait", name, "--index", "0", "--timeout", "1min")
            path = self.directory / f"form{FORMATS[form]}"
            recorder = subprocess.Popen([self.tool, "record", name, "-o", path, "--duration", f"{self.options.seconds}s", "-q"])
            _, status, usage = os.wait4(recorder.pid, 0)
            recorder.returncode = os.waitstatus_to_exitcode(status)
            if recorder.returncode != 0:
                sys.exit(f"{form}: exit status {recorder.returncode}")
            return 100 * (usage.ru_utime + usage.ru_stime) / self.options.seconds
        finally:
            writer.terminate()
            writer.wait()
            self.remove(name)
            for each in self.directory.iterdir():
                each.unlink()

    def formats(self):
        found = {form: [] for form in FORMATS}
        for _ in range(self.options.rounds):
            for form in FORMATS:
                found[form].append(self.one_recording(form))
        for form, values in found.items():
            self.row(f"`ringbuf record` of 8 × 250 kHz int16 to {form}", "% of a core", values, "3")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=SOURCE / "build" / "release")
    parser.add_argument("--directory", help="for files; default: the system's for temporary ones")
    parser.add_argument("--seconds", type=float, default=4, help="of each round of puts and of recordings")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megabytes", type=int, default=512, help="of the ring that is read at full speed")
    parser.add_argument("--rows", nargs="*", choices=["puts", "whole", "formats"], default=["puts", "whole", "formats"])
    parser.add_argument("--json", help="a file for the rows")
    options = parser.parse_args()
    directory = tempfile.mkdtemp(dir=options.directory)
    try:
        bench = Bench(options, directory)
        print("| what | unit | median | rounds | target |\n|---|---|---|---|---|")
        for rows in options.rows:
            {"puts": bench.puts, "whole": bench.whole_ring, "formats": bench.formats}[rows]()
        if options.json:
            Path(options.json).write_text(json.dumps(bench.rows, indent=1) + "\n", encoding="utf-8")
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
