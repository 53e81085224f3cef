"""Opening a reader, and opening its ring again at the same position: after a fork, and in another process."""

from __future__ import annotations

import ctypes
import functools
import sys
from typing import Any, Callable, Optional, Tuple, Type

from . import _descriptors, _handover
from ._arguments import descriptor
from ._handle import Handle, Unmapped
from ._info import ask, encode
from ._library import held, lib
from ._mapping import address_in, fd_of
from ._memory import memory_of
from ._protocol import CLOSED, NO_COUNTERS
from ._ring import Ring
from ._state import state_of
from ._structs import ANY_SHAPE, FROM_NEWEST, FROM_OLDEST, LAZY, OBSERVER, Code
from .errors import BufferError, OverwrittenError, StaleError, check


class Reopening(Ring):
    """A ring with a position in it, which can be taken to another handle."""

    __slots__ = ("_resync", "_flags", "_position", "_ahead", "_direct", "_overruns", "_lost", "_untold", "_given")

    _resync: int
    _flags: int

    def _open(
        self, name: Optional[str], fd: Optional[int], raw: Any, waits: bool = False, timeout: Optional[float] = None
    ) -> None:
        if name is not None and waits:
            handle = Handle(lib.ringbuf_open_wait, encode(name), self._flags, waits=True, timeout=timeout)
        elif name is not None:
            handle = Handle(lib.ringbuf_open, encode(name), self._flags)
        elif fd is not None:
            handle = Handle(lib.ringbuf_open_fd, descriptor(fd), self._flags)
        else:
            keep, address, size, readonly = memory_of(raw)
            if readonly:
                self._flags |= OBSERVER
            handle = Handle(lib.ringbuf_open_raw, address, size, self._flags, keep=keep)
        super().__init__(handle, name, raw, bool(self._flags & LAZY))
        self._begin()
        # Counted here, in addition to the handle's own.
        self._overruns = 0
        self._lost = 0
        # Whether its reader slot has been handed to another process.
        self._given = False
        _register_with_multiprocessing(type(self))

    def _begin(self) -> None:
        """At the position that the handle has in its ring."""
        # On an overwriting ring whose counters are read directly, next() moves `_position` alone, and `_ahead` says that
        # the handle has not been told; see Reader._settle. None: the handle has the position.
        self._position: Optional[int] = None
        self._ahead = False
        self._direct = self._counters is not NO_COUNTERS and not self.lossless and not self.holds_messages
        self._untold: Optional[BufferError] = None

    def reopen(self, timeout: Optional[float] = None, *, any_shape: bool = False) -> bool:
        """Goes on with the ring that has the name now, after `StaleError` or `ClosedError`. Waits until its writer lives.

        If a writer has resumed the same ring, the position stays. In another ring the reader starts as it did when it was
        opened (`start`); `overruns` and `lost` go on counting. What is unread of the old ring is given up. Windows that
        were handed out stay valid memory, but `validate` is about the ring that is open.

        Parameters
        ----------
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit. Ctrl-C gets through.
        any_shape : bool, optional
            Accept a ring with another type, number of channels, capacity or window, or one that is lossless, or of messages,
            where this one was not, or the other way round.

        Returns
        -------
        bool
            False if the time has passed; the reader is as before.

        Raises
        ------
        IncompatibleError
            The new ring has another shape; the reader is as before.
        UnsupportedError
            The ring was not opened by a name, or had lost it when the reader was handed to this process.
        WaitInterruptedError, NotInitializedError
            `interrupt` or `close` ended the wait.
        TooManyReadersError, CorruptError, VersionMismatchError, NotPermittedError, SystemCallError
            As of `Reader`; the reader is as before.
        NoMemoryError
            The new ring cannot be mapped; the reader is as before. If only this package's own mapping of it failed, the
            reader is at the new ring, and closed until another `reopen` succeeds.
        """
        self._take_back()
        handle, before = self._handle, 0
        if isinstance(handle, Unmapped):
            handle = handle.handle
        else:
            before = address_in(handle)
        flags = self._flags | (ANY_SHAPE if any_shape else 0)
        code = handle.wait(lib.ringbuf_reopen, timeout, flags)
        if code == Code.FORKED:
            self._open_again()
            return self.reopen(timeout, any_shape=any_shape)
        if code == Code.TIMEOUT:
            return False
        check(code)
        if address_in(handle) != before:
            self._handle = handle
            try:
                self._describe(handle, None, bool(self._flags & LAZY))
            except BaseException:
                # What is described is the old ring. The handle keeps its place in the new one.
                self._handle = Unmapped(handle)
                self._counters, self._memory, self._samples = NO_COUNTERS, None, CLOSED
                raise
            self._begin()
            self._start = self._end = 0
        return True

    @property
    def position(self) -> int:
        """The index of the sample that comes next (int)."""
        if self._position is None:
            position = ctypes.c_int64()
            code = held.ringbuf_tell(self._handle.pointer, position)
            # In a forked child the parent's position is in the info alone.
            self._position = position.value if not code else int(ask(self._handle).position)
        return self._position

    @property
    def overruns(self) -> int:
        """Times this reader was too late (int)."""
        return self._overruns + int(ask(self._handle).overruns)

    @property
    def lost(self) -> int:
        """Samples it missed by that (int)."""
        return self._lost + int(ask(self._handle).lost)

    @property
    def _holds_back(self) -> bool:
        """Whether the writer waits for it, so that its reader slot must be handed over with it."""
        return not self.closed and self.lossless and not self._flags & OBSERVER

    def _open_again(self, is_kept: bool = False) -> None:
        """Takes a handle of its own at the present position: in a forked child, where the library refuses to consume through
        the parent's handle, and after the reader slot was handed over. `is_kept`: a reader slot keeps the samples."""
        self._renewed(is_kept).close()

    def _take_back(self) -> None:
        if self._given and not self.closed:
            self._open_again()

    def _give_away(self) -> Handle:
        """Returns the handle that has the reader slot; from now on this reader uses a handle without one."""
        self._take_back()
        flags = self._flags
        self._flags |= OBSERVER
        try:
            old = self._renewed(True)
        finally:
            self._flags = flags
        self._given = True
        return old

    def _renewed(self, is_kept: bool) -> Handle:
        """Goes on with another handle; returns the old one."""
        old = self._handle
        self._go_on(self._kept(), self._name, functools.partial(fd_of, old), self._raw, self._incarnation, is_kept)
        return old

    def _kept(self) -> Tuple[Any, ...]:
        """All that another handle needs to go on."""
        return self.position, self.overruns, self.lost, self._untold, self._start, self._end

    def _go_on(
        self,
        kept: Tuple[Any, ...],
        name: Optional[str],
        fd: Optional[Callable[[], int]],
        raw: Any,
        incarnation: int,
        is_kept: bool,
    ) -> None:
        """Opens the ring of this incarnation and restores `kept`; an overrun since then is reported by the next call."""
        position, overruns, lost, untold, start, end = kept
        # If the samples are kept anyway, beginning at the oldest would only hold the writer back for a moment.
        self._open_same(FROM_NEWEST if is_kept else FROM_OLDEST, name, fd, raw, incarnation)
        if self._direct:
            self._position = position
            self._ahead = True
        else:
            code = self._move_to(position)
            if code == Code.OVERWRITTEN and is_kept:
                self._open_same(FROM_OLDEST, name, fd, raw, incarnation)
                code = self._move_to(position)
            if code == Code.OVERWRITTEN and untold is None:
                missed = self.position - position
                self._overruns += 1
                self._lost += missed
                untold = OverwrittenError(Code.OVERWRITTEN, f"{missed} samples from {position} on are lost")
        self._overruns += overruns
        self._lost += lost
        self._untold = untold
        self._start, self._end = start, end

    def _open_same(
        self, start: int, name: Optional[str], fd: Optional[Callable[[], int]], raw: Any, incarnation: int
    ) -> None:
        """By name, or else by a descriptor."""
        flags = self._flags
        self._flags = flags & ~FROM_NEWEST | start
        try:
            if name is not None:
                try:
                    self._open(name, None, None)
                    if self._incarnation == incarnation:
                        return
                    self._handle.close()
                    raise StaleError(Code.STALE, f"the name {name!r} belongs to another ring by now")
                except BufferError:
                    if fd is None:
                        raise
            self._open(None, None if fd is None or raw is not None else fd(), raw)
            self._name = name
            if self._incarnation != incarnation:
                self._handle.close()
                raise StaleError(Code.STALE, "another ring is there by now")
        finally:
            self._flags = flags | self._flags & OBSERVER

    def _move_to(self, position: int) -> int:
        """Seeks. A position ahead of all samples, which a step longer than its window leads to, takes a step from the last
        sample."""
        code = 0
        for attempt in range(1000):
            code = held.ringbuf_seek(self._handle.pointer, position)
            written = self.written
            if code == Code.NOT_YET and 0 < written < position:
                code = held.ringbuf_seek(self._handle.pointer, written - 1)
                if not code:
                    at, start = ctypes.c_void_p(), ctypes.c_int64()
                    step = position - (written - 1)
                    code = held.ringbuf_next(self._handle.pointer, 1, step, 0, at, start)
                if code == Code.OVERWRITTEN:
                    continue  # by now there are later ones
            break
        self._position = None
        return code

    def __reduce__(self) -> Tuple[Any, ...]:
        return self._reduced(_handover.is_under_way())

    def _reduced(self, is_handed_over: bool) -> Tuple[Any, ...]:
        fd = slot = None
        if self._raw is None and (self._name is None or is_handed_over):
            fd = _descriptors.sent(self.memory_fd())
        if is_handed_over and self._holds_back:
            slot = _handover.promise(self._give_away())
        how = self._name, fd, self._raw, self._flags, self._resync, self._incarnation
        return (_rebuilt, (type(self), *how, self._kept(), slot), *state_of(self, Reopening))


def _rebuilt(
    cls: Type[Reopening],
    name: Optional[str],
    fd: Any,
    raw: Any,
    flags: int,
    resync: int,
    incarnation: int,
    kept: Tuple[Any, ...],
    slot: Any,
) -> Reopening:
    reader = cls.__new__(cls)
    reader._flags, reader._resync = flags, resync
    told = _handover.received(slot)
    number: Optional[int] = None
    try:
        if fd is not None:
            number = int(fd.detach())
        by_number = None if number is None else functools.partial(int, number)
        reader._go_on(kept, name, by_number, raw, incarnation, told is not None)
    finally:
        if number is not None:
            _descriptors.close(number)
        _handover.fulfil(told)
    return reader


def _register_with_multiprocessing(cls: Type[Reopening]) -> None:
    """Its pipes and queues hand a reader over, where pickle alone does not know who will have it."""
    reduction: Any = sys.modules.get("multiprocessing.reduction")
    if reduction is not None and cls.__reduce__ is Reopening.__reduce__ and cls.__reduce_ex__ is object.__reduce_ex__:
        reduction.ForkingPickler.register(cls, lambda reader: reader._reduced(True))
