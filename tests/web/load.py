"""usage: load.py [VIEWERS] [CHANNELS] [RATE] [SHOWN]

What `ringbuf web` uses of a processor while a ring of so many channels and samples a second is looked at by so many viewers, each of
which asks for the new columns of SHOWN channels, 10 s in sight, as often as the server answers. docs/web.md has what it printed."""

import json
import os
import subprocess
import sys
import time

from conftest import TOOL, Server

viewers, channels, rate, shown = (int(word) for word in (*sys.argv[1:], *("10", "100", "100000", "8")[len(sys.argv) - 1 :]))
name = f"ringbuf-test-web-load-{os.getpid()}"
writer = subprocess.Popen([TOOL, "gen", name, "--channels", str(channels), "--rate", str(rate)], stdout=subprocess.DEVNULL)
process = subprocess.Popen([TOOL, "web", "--port", "0"], stdout=subprocess.PIPE)


def used():
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


try:
    subprocess.run([TOOL, "wait", name, "--index", str(rate)], check=True)
    pages = [Server(process).live()]
    server = Server.__new__(Server)
    server.host, server.port = pages[0].connection.getpeername()[:2]
    pages += [server.live() for _ in range(viewers - 1)]
    width = 512 * rate // 100_000 or 1
    at = [0] * viewers
    for page in pages:
        page.settled(name, 0, 1, width=width)

    def run(seconds):
        end, replies = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            for number, page in enumerate(pages):
                page.send(json.dumps({"op": "columns", "id": 1, "ring": name, "width": width, "from": at[number] // width, "to": 2**50,
                                      "channels": list(range(shown)), "after": at[number], "epoch": 1, "state": 1}))  # fmt: skip
            for number, page in enumerate(pages):
                at[number] = page.reply(1)["written"]
                replies += 1
        return replies

    run(2)
    before, begin, first = used(), time.monotonic(), at[0]
    replies = run(10)
    seconds = time.monotonic() - begin
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        memory = next(line.split()[1] for line in file if line.startswith("RssAnon"))
    assert (at[0] - first) / seconds > 0.95 * rate, "the writer does not keep its rate here"
    print(f"{viewers} viewers of {shown} of {channels} channels x {rate} Hz: {100 * (used() - before) / seconds:.1f} % of a core, "
          f"{replies / seconds / viewers:.0f} replies a second each, {int(memory) // 1024} MiB")  # fmt: skip
finally:
    writer.terminate()
    process.terminate()
    writer.wait()
    process.wait()
