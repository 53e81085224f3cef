"""A ringbuf_t and its life: closed once, not while another thread is in a call of it, and at the latest when the process
exits."""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import threading
import time
import weakref
from typing import Any, Callable, Optional

from ._library import lib
from ._structs import Code
from .errors import check

#: How long a blocking call may keep from the interpreter that Ctrl-C was pressed.
SLICE_S = 0.1


class Handle:
    """The address of a ringbuf_t; None once it is closed.

    `keep` is kept as long as the handle is open: memory that the ring lies in. `before_close`, if it is set, is called
    once before that.
    """

    __slots__ = ("pointer", "before_close", "_keep", "_lock", "_calls", "_close_asked", "__weakref__")

    def __init__(self, pointer: int, keep: object = None) -> None:
        self.pointer: Optional[int] = pointer
        self.before_close: Optional[Callable[[], None]] = None
        self._keep = keep
        self._renew_lock()
        _open_handles.add(self)
        _close_at_exit_of_child()

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()
        self._calls = 0
        self._close_asked = False

    def close(self) -> None:
        """Closes it, or has the thread that is in a call of it do so on its return."""
        with self._lock:
            if self._calls:
                self._close_asked = True
            else:
                self._close_now()

    def _close_now(self) -> None:
        if self.pointer is not None:
            if self.before_close is not None:
                self.before_close()
                self.before_close = None
            lib.ringbuf_close(self.pointer)
            self.pointer = None
            self._keep = None

    def call(self, function: Callable[..., int], *arguments: Any) -> int:
        """A call that releases the interpreter's lock: other threads run, and may close the handle meanwhile."""
        with self._lock:
            if self._close_asked:
                return Code.NOT_INITIALIZED
            self._calls += 1
        try:
            return function(self.pointer, *arguments)
        finally:
            with self._lock:
                self._calls -= 1
                if self._close_asked and not self._calls:
                    self._close_now()

    def wait(self, function: Callable[..., int], timeout: Optional[float], *arguments: Any) -> int:
        """A call whose last argument is a timeout, in slices, so that Ctrl-C gets through; None waits without limit."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = SLICE_S if deadline is None else min(SLICE_S, deadline - time.monotonic())
            code = self.call(function, *arguments, max(0, int(left * 1e9)))
            if code != Code.TIMEOUT or (deadline is not None and time.monotonic() >= deadline):
                return code

    def __del__(self) -> None:
        self.close()


_open_handles: "weakref.WeakSet[Handle]" = weakref.WeakSet()


def _close_all() -> None:
    for handle in list(_open_handles):
        handle.close()


# While the interpreter is still whole, and the memory of the caller's that rings may lie in.
atexit.register(_close_all)

_child_prepared = 0


def _close_at_exit_of_child() -> None:
    """The processes of multiprocessing leave with os._exit: what atexit knows is not done there."""
    global _child_prepared
    pid = os.getpid()
    util = sys.modules.get("multiprocessing.util")
    if util is not None and _child_prepared != pid:
        _child_prepared = pid
        util.Finalize(None, _close_all, exitpriority=100)


def _after_fork_in_child() -> None:
    # Another thread of the parent may have been in a call.
    for handle in list(_open_handles):
        handle._renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def opened(function: Callable[..., int], *arguments: Any) -> int:
    """What a function that opens stores in its first argument."""
    pointer = ctypes.c_void_p()
    check(function(pointer, *arguments))
    return pointer.value or 0
