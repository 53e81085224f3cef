"""Lets each system call of an operation fail, one at a time, in several ways; what must hold then is in faults.c.

usage: faults.py PROGRAM OPERATION [--full]

The calls are counted in a first run, under strace, which also makes them fail (inject=). Two of the errors are tried for each
call, with --full or RINGBUF_FAULTS_FULL=1 all of them. Skipped (exit code 77) where strace cannot trace.
"""

import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

ERRORS = ("ENOMEM", "EIO", "ENOSPC", "EMFILE", "EACCES")
# Those that a signal can interrupt.
INTERRUPTIBLE = {"open", "openat", "ftruncate", "fallocate", "pread64", "pwrite64", "read", "clock_nanosleep"}
# Those that never fail, or must not: the program's own end, and what strace cannot inject into.
NEVER = {"getppid", "getpid", "gettid", "geteuid", "getuid", "exit_group", "rt_sigreturn", "rt_sigprocmask", "set_robust_list"}
SECONDS = 120  # for one run; a call that hangs is a fault


def skip(why):
    print("SKIPPED: " + why)
    sys.exit(77)


def run(command):
    """Returns the exit code (negative: a signal; None: it never ended) and what was said."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, text=True)
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout


def calls_of(program, operation, name):
    """The system calls between the two marks: (name, which of that name in the whole run)."""
    with tempfile.NamedTemporaryFile(prefix="ringbuf-faults-") as log:
        code, said = run(["strace", "-qq", "-e", "signal=none", "-o", log.name, program, operation, name])
        trace = log.read().decode(errors="replace")
    if not trace or "ptrace" in said:
        skip("strace cannot trace here: " + said.strip())
    if code != 0:
        print(f"{operation} fails by itself: {code} {said}")
        sys.exit(1)
    seen = collections.Counter()
    calls = []
    marks = 0
    for line in trace.splitlines():
        found = re.match(r"(\w+)\(", line)
        if not found:
            continue
        call = found.group(1)
        seen[call] += 1
        marks += call == "getppid"
        if marks == 1 and call not in NEVER:
            calls.append((call, seen[call]))
    if marks != 2:
        print(f"{operation}: {marks} marks instead of 2")
        sys.exit(1)
    return calls


def storm(program, name):
    """Signals that keep coming: memory is taken in pieces that get smaller, so that there is an end to it. For each piece, some
    kernels start from its beginning after a signal."""
    command = ["strace", "-qq", "-e", "signal=none", "-e", "trace=fallocate"]
    code, trace = run(command + [program, "create_large", name])
    if "ptrace" in trace:
        skip("strace cannot trace here: " + trace.strip())
    sizes = [int(size) for size in re.findall(r"fallocate\(\d+, 0, \d+, (\d+)\) += 0", trace)]
    bad = []
    if code != 0 or not sizes or max(sizes) > 16 << 20:
        bad.append(f"create_large: {code}, pieces of {sizes} bytes, expected at most {16 << 20}: {trace}")
    code, trace = run(command + ["-e", "inject=fallocate:error=EINTR:when=1..20", program, "create_large", name])
    sizes = [int(size) for size in re.findall(r"fallocate\(\d+, 0, \d+, (\d+)\)", trace)]
    if code != 0 or len(sizes) < 20 or sizes[19] != 4096:
        bad.append(f"create_large: {code}, with 20 interruptions pieces of {sizes[:30]} bytes, expected to end at 4096")
    print("\n".join(bad) if bad else f"create_large: {len(sizes)} pieces")
    sys.exit(1 if bad else 0)


def main():
    program, operation = sys.argv[1:3]
    full = "--full" in sys.argv[3:] or os.environ.get("RINGBUF_FAULTS_FULL") == "1"
    if not os.path.exists(program):
        sys.exit(program + " is not there")
    if shutil.which("strace") is None:
        skip("no strace on PATH")
    name = f"faults-test.{os.getpid()}.{operation}"
    if operation == "create_large":
        storm(program, name)
    calls = calls_of(program, operation, name)
    faults = []
    for number, (call, when) in enumerate(calls):
        errors = list(ERRORS) if full else [ERRORS[number % len(ERRORS)], ERRORS[(number + 2) % len(ERRORS)]]
        if call in INTERRUPTIBLE:
            errors.append("EINTR")
        faults += [(call, when, error) for error in errors]

    def inject(numbered):
        number, (call, when, error) = numbered
        own = f"{name}.{number}"
        code, said = run(["strace", "-qq", "-e", "signal=none", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                          f"inject={call}:error={error}:when={when}", program, operation, own, f"{call}:{error}"])
        for left in os.listdir("/dev/shm"):
            if own in left and (left.endswith(own) or own + "." in left):
                os.unlink("/dev/shm/" + left)
        what = f"{operation}: {call} number {when} fails with {error}: "
        if code is None:
            return what + f"no end within {SECONDS} s"
        if code < 0 or code > 128:
            return what + f"signal {-code if code < 0 else code - 128}"
        return None if code == 0 else what + said.strip()

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = [text for text in pool.map(inject, enumerate(faults)) if text]
    print("\n".join(bad + [f"{operation}: {len(calls)} system calls, {len(faults)} faults, {len(bad)} bad"]))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
