"""usage: bench.py [--runs N] [--megabytes N] [--seconds N] [--write]

Prints the tables of docs/network.md, and with --write puts them there: push and pull beside a program on libnats alone (plain.c), medians of runs in turn; and the
time from a put at the origin until a reader there has it. Takes a quiet machine, and a build in build/release (or RINGBUF_TOOL)."""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
import conftest  # noqa: E402  pylint: disable=unused-import
import numpy as np  # noqa: E402
import ringbuf  # noqa: E402
from servers import Server, wait_until  # noqa: E402

sys.path.insert(1, str(conftest.TOOLS / "bench"))
from puts import plain_reader, put_cost  # noqa: E402

PLAIN = os.environ.get("RINGBUF_NATS_PLAIN") or str(conftest.SOURCE / "build" / "release" / "tests" / "nats" / "nats_plain")
PUT = Path(conftest.TOOL).parents[2] / "tests" / "tools" / "tools_bench_put"
WINDOW = 64


def tool(server, *words):
    return subprocess.Popen([conftest.TOOL, "nats", *map(str, words), "--server", server.url], stderr=subprocess.DEVNULL)


def plain(server, what, stream, blocks, size):
    words = [PLAIN, what, server.url, stream, blocks, size, WINDOW]
    return float(subprocess.run([*map(str, words)], check=True, capture_output=True, text=True).stdout)


def reached(process, count, total):
    """When the process has come to a tenth of the way, and to nine tenths: between them nothing begins or ends."""
    times = []
    for part in (total // 10, total * 9 // 10):
        while count() < part:
            assert process.poll() is None or count() >= part, "it has ended early"
            time.sleep(0.0002)
        times.append((time.monotonic(), count()))
    (a, first), (b, last) = times
    return (last - first) / (b - a)


def throughput(server, size, megabytes, run):
    """Bytes a second: push, plain publish, pull, plain consume."""
    blocks = megabytes * 10**6 // size
    name, there = f"ringbuf-bench-{os.getpid()}-{run}", f"ringbuf-bench-{os.getpid()}-{run}-there"
    with ringbuf.Writer(name, dtype="uint8", channels=1024, capacity=blocks * size // 1024, keep=True) as writer:
        writer.put(np.zeros((blocks * size // 1024, 1024), "uint8"))
    try:
        push = tool(server, "push", name, "--storage", "memory", "--size", "4GiB", "--block", size, "--window", WINDOW)
        assert push.wait() == 0
        (state,) = [each for each in conftest.tool_json("nats", "list", "--json", "--server", server.url) if each["stream"] == name]
        pushed = blocks * size / (np.datetime64(state["newest"][:-1]) - np.datetime64(state["oldest"][:-1])).astype(float) * 1e9
        published = plain(server, "publish", f"plain{run}", blocks, size)
        pull = tool(server, "pull", name, there, "--keep")

        def arrived():
            try:
                return arrived.reader.written
            except AttributeError:
                try:
                    arrived.reader = ringbuf.Reader(there, observer=True)
                except ringbuf.BufferError:
                    pass
                return 0

        pulled = reached(pull, arrived, blocks * size // 1024) * 1024
        assert pull.wait() == 0
        arrived.reader.close()
        consumed = plain(server, "consume", f"plain{run}", blocks, size)
    finally:
        for each in name, there:
            try:
                ringbuf.unlink(each)
            except ringbuf.NotFoundError:
                pass
    return pushed, published, pulled, consumed


def latency(server, rate, seconds):
    """Milliseconds from the put to the reader there: median, and 99 of 100."""
    name, there = f"ringbuf-bench-{os.getpid()}", f"ringbuf-bench-{os.getpid()}-there"
    channels, period = 1024, 0.002
    count = max(1, round(rate * period / channels))
    block = np.zeros((count, channels), "uint8")
    waited, puts = [], {}
    with ringbuf.Writer(name, dtype="uint8", channels=channels, capacity=max(1000, count * 2000)) as writer:
        push = tool(server, "push", name, "--storage", "memory", "--size", "1GiB", "--stream", f"latency{rate}")
        pull = tool(server, "pull", f"latency{rate}", there, "--wait", "10s")
        writer.put(block)
        wait_until(lambda: any(each == there for each, _ in ringbuf.rings()))
        reader = ringbuf.Reader(there, observer=True)
        reader.wait(count)

        def read():
            end = count * 2
            while reader.wait(end):
                when = time.monotonic()
                while end <= reader.written:
                    if end in puts:
                        waited.append((when - puts[end]) * 1e3)
                    end += count
                if end > total * count:
                    return

        total = 1 + round(seconds / period)
        thread = threading.Thread(target=read)
        thread.start()
        due = time.monotonic()
        for i in range(1, total):
            due += period
            time.sleep(max(0, due - time.monotonic()))
            puts[(i + 1) * count] = time.monotonic()
            writer.put(block)
        thread.join()
        reader.close()
    assert push.wait() == 0 and pull.wait() == 0
    return statistics.median(waited), np.percentile(waited, 99)


def put_costs(server, run, seconds):
    """Nanoseconds of a put at the origin, by who reads there."""
    name = f"ringbuf-bench-{os.getpid()}-put"

    def push():
        process = tool(server, "push", name, "--storage", "memory", "--size", "1GiB", "--stream", f"put{run}")
        wait_until(lambda: conftest.tool_json("nats", "list", "--json", "--server", server.url))
        return process

    def remove(ring):
        subprocess.run([conftest.TOOL, "rm", ring], stdin=subprocess.DEVNULL, capture_output=True, check=False)

    readers = {"nobody": None, "a plain reader": lambda: plain_reader(PUT, name), "`ringbuf nats push`": push}
    return {beside: put_cost(PUT, remove, name, seconds, begin) for beside, begin in readers.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = []

    def say(line):
        print(line, flush=True)
        lines.append(line)

    say("| what | `ringbuf nats` | libnats alone | part |\n|---|---|---|---|")
    run = 0
    for size in (65536, 262144):
        results = []
        for _ in range(given.runs):
            with tempfile.TemporaryDirectory() as directory, Server(Path(directory)) as server:
                results.append(throughput(server, size, given.megabytes, run))
                run += 1
        push, publish, pull, consume = (statistics.median(each) / 1e6 for each in zip(*results))
        say(f"| push, {size // 1024} KiB, memory | {push:.0f} MB/s | {publish:.0f} MB/s | {push / publish:.2f} |")
        say(f"| pull, {size // 1024} KiB, memory | {pull:.0f} MB/s | {consume:.0f} MB/s | {pull / consume:.2f} |")
    say("\n| from put there to read here | median | 99 of 100 |\n|---|---|---|")
    for rate in (1, 10, 100):
        with tempfile.TemporaryDirectory() as directory, Server(Path(directory)) as server:
            median, most = latency(server, rate * 10**6, given.seconds)
        say(f"| {rate} MB/s | {median:.1f} ms | {most:.1f} ms |")
    say("\n| a put of 512 B every 128 µs at the origin | median |\n|---|---|")
    found = []
    for run in range(given.runs):
        with tempfile.TemporaryDirectory() as directory, Server(Path(directory)) as server:
            found.append(put_costs(server, run, given.seconds))
    for beside in found[0]:
        say(f"| beside {beside} | {statistics.median(each[beside] for each in found):.0f} ns |")
    if given.write:
        page = conftest.SOURCE / "docs" / "network.md"
        text = page.read_text(encoding="utf-8")
        found = "<!-- speed -->\n" + "\n".join(lines) + "\n<!-- /speed -->"
        page.write_text(re.sub(r"<!-- speed -->.*<!-- /speed -->", lambda _: found, text, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    main()
