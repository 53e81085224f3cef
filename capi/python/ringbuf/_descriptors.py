"""Descriptors of the system, and how they go to another process. On Windows they are handles of the kernel.

What `sent` returns is pickled with the message, and `detach` gives the descriptor in the process that gets it.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

#: Whether descriptors are handles of Windows, which go to a process that runs already; elsewhere they go to it when it starts.
ARE_HANDLES = sys.platform == "win32"


def _module(name: str) -> Any:
    """One that Python has on one system alone."""
    return importlib.import_module(name)


def duplicated(fd: int) -> int:
    """Another one of the same, which the caller closes."""
    if not ARE_HANDLES:
        return os.dup(fd)
    winapi = _module("_winapi")
    here = winapi.GetCurrentProcess()
    return int(winapi.DuplicateHandle(here, fd, here, 0, False, winapi.DUPLICATE_SAME_ACCESS))


def close(fd: int) -> None:
    if ARE_HANDLES:
        _module("_winapi").CloseHandle(fd)
    else:
        os.close(fd)


def of_file(fd: int) -> int:
    """That of an open file, which stays open with the file."""
    return int(_module("msvcrt").get_osfhandle(fd)) if ARE_HANDLES else fd


def as_file(fd: int) -> int:
    """The file to write to, whose descriptor is given, and closed with it."""
    return int(_module("msvcrt").open_osfhandle(fd, os.O_WRONLY)) if ARE_HANDLES else fd


def sent(fd: int) -> Any:
    """A duplicate on its way to another process; the descriptor stays the caller's."""
    from multiprocessing import reduction

    return _SentHandle(fd) if ARE_HANDLES else reduction.DupFd(fd)


class _SentHandle:
    """A handle on its way: given to the process that is being started, or else kept here until it is fetched.

    The one of multiprocessing (DupHandle) has to be told the rights, and stays in the sender even if the process that is being
    started ends.
    """

    def __init__(self, handle: int) -> None:
        from multiprocessing import context

        popen: Any = context.get_spawning_popen()
        self._holder = 0  # process id; 0: that which gets it
        if popen is not None:
            self._handle = int(popen.duplicate_for_child(handle))
        else:
            self._holder = os.getpid()
            self._handle = duplicated(handle)

    def detach(self) -> int:
        """The handle, once, in the process that gets it; the caller closes it."""
        if self._holder in (0, os.getpid()):
            return self._handle
        return int(_module("multiprocessing.reduction").steal_handle(self._holder, self._handle))
