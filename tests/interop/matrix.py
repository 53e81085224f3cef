"""matrix.py PROGRAMS WRITER: lets the program of one language write and those of all read, as README.md beside this file says.

PROGRAMS is the directory that programs.py has filled. Prints a line for each pair; what a program should not have printed
goes to stderr.
"""

import contextlib
import difflib
import glob
import math
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "python"))
import ringbuf
import stream

LANGUAGES = ("c", "go", "java", "lua", "node", "perl", "python", "rust")


class Program:
    """A program that talks by lines."""

    def __init__(self, *command):
        self.command = " ".join(map(str, command))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.said = []

    def hear(self, line):
        """Goes on when the program has said this, or its end has come."""
        while not self.said or self.said[-1] not in (line, ""):
            self.said.append(self.process.stdout.readline())
        return self.said[-1] != ""

    def hear_all(self):
        self.said += self.process.stdout.readlines()
        return self.process.wait()

    def tell(self, line):
        with contextlib.suppress(BrokenPipeError):  # it has ended, which is told by what it has not said
            self.process.stdin.write(line)
            self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def error_of(function, *arguments, **options):
    try:
        function(*arguments, **options).close()
    except ringbuf.BufferError as error:
        return f"error {error.name}: {error.detail}\n"
    return "no error\n"


def windows_line(name):
    data = stream.samples(name)
    _, bits, letter, _ = stream.WINDOWED[name]
    width = stream.CHANNELS * struct.calcsize(f"<{bits}")
    starts = range(0, stream.SAMPLES - stream.WINDOW + 1, stream.STEP)
    seen = b"".join(data[start * width : (start + stream.WINDOW) * width] for start in starts)
    elements = [element for (element,) in struct.iter_unpack(f"<{letter}", seen)]
    if name == "int64":
        figures = f"sum={(sum(elements) + 2**63) % 2**64 - 2**63}"
    else:
        negative = sum(element == 0 and math.copysign(1, element) < 0 for element in elements)
        figures = f"nan={sum(map(math.isnan, elements))} minus_zero={negative}"
    return f"{name} windows={len(starts)} adler32={zlib.adler32(seen):08x} {figures} end=RINGBUF_CLOSED\n"


def readers_lines(name):
    return [
        error_of(ringbuf.Reader, f"{name}.nobody"),
        error_of(ringbuf.Reader, "no/name"),
        "ready\n",
        "overwritten check=RINGBUF_OVERWRITTEN\n",
        *map(windows_line, stream.WINDOWED),
        f"items popped={stream.SAMPLES} adler32={zlib.adler32(stream.items()):08x} end=RINGBUF_STALE\n",
    ]


def same(program, expected):
    """Whether a program has said this and nothing else."""
    said = [line for line in program.said if line]
    sys.stderr.writelines(difflib.unified_diff(expected, said, "expected", program.command))
    return said == expected


def run(name, writer_language, programs):
    writer = Program(programs[writer_language], "write", name)
    readers = {}
    try:
        if not writer.hear("ready\n"):
            sys.exit(f"{writer.command}: has ended before it was ready")
        exists = error_of(ringbuf.Writer, f"{name}.int64", dtype="int64", capacity=1)
        for language, program in programs.items():
            readers[language] = Program(program, "read", name)
        for reader in readers.values():
            reader.hear("ready\n")
        writer.tell("go\n")
        writer.hear("overwritten\n")
        for reader in readers.values():
            reader.tell("go\n")
        writer.hear("done\n")
        writer.kill()
        wrote = same(writer, [exists, "ready\n", "overwritten\n", "done\n"])

        good = True
        expected = readers_lines(name)
        for language, reader in readers.items():
            status = reader.hear_all()
            if same(reader, expected) and status == 0 and wrote:
                print(f"{writer_language} -> {language}: bit by bit")
            else:
                good = False
                print(f"{writer_language} -> {language}: FAILED, the reader's exit status is {status}")
        sys.stdout.writelines(expected)
        return good
    finally:
        for program in (writer, *readers.values()):
            program.kill()
        for ring in glob.glob(f"/dev/shm/{glob.escape(name)}.*"):
            os.unlink(ring)


def main(directory, writer):
    programs = {language: directory / language for language in LANGUAGES if (directory / language).exists()}
    for language in LANGUAGES:
        if language not in programs:
            print((directory / f"{language}.missing").read_text(), end="")
    if writer not in programs:
        return 77
    return 0 if run(f"ringbuf-test-interop-{os.getpid()}", writer, programs) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
