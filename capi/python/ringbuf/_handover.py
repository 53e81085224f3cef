"""Hands a reader of a lossless ring to another process, its reader slot included.

The sending process keeps the handle that has the slot until the receiver has taken a slot at the same position; so no sample
is lost between. Then it closes that handle, which would hold the writer back. A byte through a pipe reports the receiver's
slot; the end of the pipe reports its death. Meanwhile the sender's reader uses a handle without a slot, and takes one when
it consumes again.

A forked child of multiprocessing gets the readers among the arguments of its `Process`, which spawning would pickle. A
plain os.fork hands over nothing.
"""

from __future__ import annotations

import functools
import os
import select
import sys
import threading
import time
import types
import weakref
from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, Optional, Set, Tuple

from . import _descriptors
from ._handle import Handle

if TYPE_CHECKING:
    from .reader import Reader


def is_under_way() -> bool:
    """Whether multiprocessing is pickling for a process that it starts."""
    context = sys.modules.get("multiprocessing.context")
    return context is not None and context.get_spawning_popen() is not None


def promise(slot: Handle) -> Any:
    """Keeps a handle open until the receiver has taken over; returns what to send it, for `fulfil`."""
    from multiprocessing import context

    here, there = os.pipe()
    popen: Any = context.get_spawning_popen()
    sent = _descriptors.sent(_descriptors.of_file(there))
    if popen is None or _descriptors.ARE_HANDLES:
        os.close(there)  # what is sent is a duplicate
        _watch(slot, here)
    else:
        _watch(slot, here, there, weakref.ref(popen))
    return sent


def received(sent: Any) -> Optional[int]:
    """The receiver's end of a pipe; None if the sender has gone."""
    try:
        return None if sent is None else _descriptors.as_file(sent.detach())
    except (OSError, EOFError, KeyError):
        return None


def fulfil(end: Optional[int]) -> None:
    """Tells the sender that the receiver has a reader slot."""
    if end is not None:
        try:
            os.write(end, b"\n")
        except OSError:  # the sender has gone
            pass
        os.close(end)


def _watch(slot: Handle, here: int, there: Optional[int] = None, popen: Any = None) -> None:
    threading.Thread(target=_close_when_told, args=(slot, here, there, popen), daemon=True).start()


def _close_when_told(slot: Handle, here: int, there: Optional[int], popen: Any) -> None:
    if there is not None:
        # The other end is inherited: ours can be closed as soon as there is a process, or will be none.
        while popen() is not None and getattr(popen(), "pid", None) is None:
            time.sleep(0.001)
        os.close(there)
    try:
        os.read(here, 1)
    finally:
        os.close(here)
        slot.close()


# --- Forked children -------------------------------------------------------------------------------------------------

_PATIENCE_MS = 1000
_MOST_OBJECTS = 1000

#: Of a fork that is under way in a thread: readers, and the two ends of the pipe of each.
_forking = threading.local()


def _process_that_is_forked() -> Any:
    """The multiprocessing.Process whose start forks in this thread."""
    if "multiprocessing.popen_fork" in sys.modules:
        frame: Any = sys._getframe(1)
        while frame is not None:
            if frame.f_globals.get("__name__") == "multiprocessing.popen_fork" and "process_obj" in frame.f_locals:
                return frame.f_locals["process_obj"]
            frame = frame.f_back
    return None


def _readers_in(things: List[Any]) -> Iterator["Reader"]:
    """Those that hold a writer back, among the arguments of a process: breadth first, through a limited number of objects."""
    from .reader import Reader

    seen: Set[int] = set()
    for thing in things:  # which grows
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Reader) and thing._holds_back:
            yield thing
        if len(seen) < _MOST_OBJECTS:
            things.extend(_parts_of(thing))


def _parts_of(thing: Any) -> Iterable[Any]:
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, (list, tuple, set, frozenset)):
        return thing
    if isinstance(thing, functools.partial):
        return thing.func, thing.args, thing.keywords
    if isinstance(thing, types.MethodType):
        return thing.__self__, thing.__func__
    if isinstance(thing, types.FunctionType):
        return thing.__defaults__, thing.__kwdefaults__, *(thing.__closure__ or ())
    if isinstance(thing, types.CellType):
        try:
            return (thing.cell_contents,)
        except ValueError:  # nothing in it
            return ()
    if isinstance(thing, (type, types.ModuleType)):
        return ()
    attributes = getattr(thing, "__dict__", None)
    return list(attributes.values()) if isinstance(attributes, dict) else ()


def _before() -> None:
    _forking.pairs = []
    process = _process_that_is_forked()
    if process is not None:
        for reader in _readers_in([process]):
            _forking.pairs.append((reader, *os.pipe()))


def _taken() -> List[Tuple["Reader", int, int]]:
    pairs: List[Tuple["Reader", int, int]] = getattr(_forking, "pairs", [])
    _forking.pairs = []
    return pairs


def _in_parent() -> None:
    for reader, here, there in _taken():
        os.close(there)
        slot = reader._give_away()
        # The child is quick as a rule; then there is no thread, against which fork warns from Python 3.12 on.
        poll = select.poll()
        poll.register(here, select.POLLIN)
        if poll.poll(_PATIENCE_MS):
            _close_when_told(slot, here, None, None)
        else:
            _watch(slot, here)


def _in_child() -> None:
    for reader, here, there in _taken():
        os.close(here)
        from multiprocessing import util

        # As soon as it is a process of multiprocessing, which forgets until then what is to be done at its end.
        util.register_after_fork(reader, functools.partial(_take_over, there))


def _take_over(there: int, reader: "Reader") -> None:
    try:
        reader._open_again(is_kept=True)
    finally:
        fulfil(there)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
