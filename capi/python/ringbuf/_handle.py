"""A ringbuf_t and its life: closed once, not while a thread is in a call of it, and at the latest when the process exits.

A signal handler may run, close the handle or raise an exception between any two instructions of the interpreter. So there
is no lock here, and nothing that is counted: the life of a ringbuf_t is that of a Python object, its `Pointer`.

1. A call of the library gets the Pointer itself as its argument. So it is referred to as long as the call runs, and no
   longer, whether the call returns or an exception passes through it.
2. To close a handle is to drop its reference to the Pointer: one assignment. The last reference that goes, in whatever
   thread, closes the ringbuf_t.
3. The end of the Pointer runs C code alone, a chain of built-in functions; the interpreter runs nothing between its
   links. The iterator in the chain gives the ringbuf_t out once, so that it is closed once.
4. The Pointer exists before the ringbuf_t does; the function that opens writes into it. So an open ringbuf_t always has
   an owner.
5. CPython passes the weak reference to its callback without holding it. While the callback closes, other threads run, and
   drop it from the table of those that have ended. So the chain holds it, too, by the cell.
6. The collector of cyclic garbage calls weak references back before it calls the `__del__` of anything in the cycle, which may
   still use the ring. So it must not know a Pointer: then that ends with its last reference here, too.

Therefore no code keeps a Pointer in a variable: the traceback of an exception would keep it open.
"""

from __future__ import annotations

import atexit
import ctypes
import itertools
import os
import sys
import time
import weakref
from functools import partial
from typing import Any, Callable, Dict, Optional

from ._library import held, lib
from ._structs import Code
from .errors import check

#: How long a blocking call may keep from the interpreter that Ctrl-C was pressed.
SLICE_S = 0.1


class Pointer(ctypes.c_void_p):
    """The address of a ringbuf_t."""


class _Cell(ctypes.c_void_p):
    """Where that address stands in memory; outlives the Pointer, to be closed."""

    keep: object = None  # the memory that the ring lies in
    end: object = None  # the weak reference whose callback closes


#: Weak references to the Pointers, which close what they point to when they go.
_ends: "Dict[int, weakref.ref[Pointer]]" = {}
_numbers = itertools.count()


class Handle:
    """Opens a ring with a function of the library, whose first argument says where to store the ringbuf_t.

    Parameters
    ----------
    function, *arguments
        The call that opens.
    keep : object, optional
        Memory that the ring lies in: kept until the ringbuf_t is closed.
    waits : bool, optional
        The function's last argument is a timeout: it is called in slices, so that Ctrl-C gets through.
    timeout : float, optional
        How long it may wait then, seconds; None waits without limit.

    Attributes
    ----------
    pointer : Pointer or None
        For calls of the library; None once it is closed.
    before_close : callable or None
        Called before it is closed.
    """

    __slots__ = ("pointer", "before_close", "_closing", "_cell", "_number", "__weakref__")

    def __init__(
        self,
        function: Callable[..., int],
        *arguments: Any,
        keep: object = None,
        waits: bool = False,
        timeout: Optional[float] = None,
    ) -> None:
        self.pointer: Optional[Pointer] = None
        self.before_close: Optional[Callable[[], None]] = None
        self._closing = False
        self._cell = _Cell()
        self._cell.keep = keep
        self._number = -1
        try:
            self._watch(map(lib.ringbuf_close, iter((self._cell,))))
            check(self.wait(function, timeout, *arguments) if waits else function(self.pointer, *arguments))
            _open_handles.add(self)
            _close_at_exit_of_child()
        except BaseException:
            self.pointer = None
            raise

    def _watch(self, closer: "map[int]") -> None:
        """Makes the Pointer, with whose end the closer is run through: by dict.fromkeys, which is called with it and the
        weak reference."""
        for number, end in list(_ends.items()):
            if end() is None:
                _ends.pop(number, None)
        self._number = next(_numbers)
        pointer = Pointer.from_buffer(self._cell)
        ctypes.pythonapi.PyObject_GC_UnTrack(ctypes.py_object(pointer))
        self._cell.end = _ends[self._number] = weakref.ref(pointer, partial(dict.fromkeys, closer))
        self.pointer = pointer

    def close(self) -> None:
        """Closes it, or has the thread that is in a call of it do so on its return. May be called at any time, also by a
        signal handler that has come in the middle of this."""
        if self.pointer is not None and self.before_close is not None:
            self.before_close()
            self.before_close = None
        # A thread that waits is woken, and finds that it is closed.
        self._closing = True
        held.ringbuf_interrupt(self.pointer)
        self.pointer = None
        self._cell = _NO_CELL  # what it keeps goes with the Pointer

    def wait(self, function: Callable[..., int], timeout: Optional[float], *arguments: Any) -> int:
        """A call whose last argument is a timeout, in slices, so that Ctrl-C gets through; None waits without limit."""
        return self.wait_for(lambda ns: function(self.pointer, *arguments, ns), timeout)

    def wait_until(self, function: Callable[..., int], timeout: Optional[float], *arguments: Any) -> bool:
        """The same; False if the time has passed, an exception for any other code."""
        code = self.wait(function, timeout, *arguments)
        if code == Code.TIMEOUT:
            return False
        check(code)
        return True

    def wait_for(self, call: Callable[[int], int], timeout: Optional[float]) -> int:
        """The same for any call: it is given the nanoseconds that it may take."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = SLICE_S if deadline is None else min(SLICE_S, deadline - time.monotonic())
            code = call(max(0, int(left * 1e9)))
            if code == Code.INTERRUPTED and self._closing:
                return Code.NOT_INITIALIZED
            if code != Code.TIMEOUT or (deadline is not None and time.monotonic() >= deadline):
                return code

    def renew(self) -> None:
        """In a forked child: threads of the parent, which do not exist here, may have been in calls, and would keep the
        Pointer for ever."""
        if self.pointer is not None:
            _ends.pop(self._number, None)  # the end of the old one means nothing any more
            self._watch(map(lib.ringbuf_close, iter((self._cell,))))

    def __del__(self) -> None:
        if getattr(self, "before_close", None) is not None:
            self.close()


class Unmapped(Handle):
    """In the place of the handle of a ring that this package could not map after `reopen`: closed, but the handle can be had.

    Attributes
    ----------
    handle : Handle
        Which stays open until this is closed.
    """

    __slots__ = ("handle",)

    def __init__(self, handle: Handle) -> None:
        self.pointer = None
        self.before_close = None
        self.handle = handle

    def close(self) -> None:
        self.handle.close()


_NO_CELL = _Cell()
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
        util.Finalize(None, _close_all, exitpriority=100)
        _child_prepared = pid


def _after_fork_in_child() -> None:
    for handle in list(_open_handles):
        handle.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
