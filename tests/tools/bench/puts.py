"""What a put costs beside a reader: by the program tools_bench_put (put.c)."""

import subprocess


def plain_reader(program, name):
    """A reader on ringbuf.h alone, which sleeps until its window is there."""
    reader = subprocess.Popen([program, "read", name], stdout=subprocess.PIPE)
    reader.stdout.readline()
    return reader


def put_cost(program, remove, name, seconds, begin_reader=None, ends=(0,)):
    """Nanoseconds of a put of 512 B, one every 128 µs: the median. The reader that begin_reader() gives ends with the ring."""
    writer = subprocess.Popen([program, "write", name, str(int(seconds * 250_000 / 32))], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    reader = None
    try:
        writer.stdout.readline()
        reader = begin_reader() if begin_reader else None
        nanoseconds = float(writer.communicate(b"\n")[0].split()[0])
        if reader and reader.wait() not in ends:
            raise SystemExit(f"{reader.args}: exit status {reader.returncode}")
        return nanoseconds
    finally:
        for process in (writer, reader):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        remove(name)
