"""A reader of a ring: windows that slide, and items that are consumed."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Optional, Tuple, Type

from . import _handover

from ._arguments import descriptor, in_64_bits
from ._handle import Handle
from ._info import Info, ask, encode, to_info
from ._library import held, lib
from ._memory import address_of, memory_of, shaped
from ._ring import QUICK_BYTES, WHOLE, Ring, state_of
from ._structs import (
    FROM_NEWEST,
    FROM_OLDEST,
    LAZY,
    OBSERVER,
    RESYNC_LAP,
    RESYNC_MIDDLE,
    RESYNC_NEWEST,
    RESYNC_OLDEST,
    Code,
)
from .errors import BufferError, ClosedError, OverwrittenError, StaleError, check, fail

if TYPE_CHECKING:
    import numpy.typing as npt

_STARTS: Dict[str, int] = {"oldest": FROM_OLDEST, "newest": FROM_NEWEST}
_MAX_STEP = 1 << 48  # the library's
_LAST_INDEX = 2**63 - 1
_FEW_BYTES = 4096
_RESYNCS: Dict[str, int] = {
    "middle": RESYNC_MIDDLE,
    "newest": RESYNC_NEWEST,
    "lap": RESYNC_LAP,
    "oldest": RESYNC_OLDEST,
}


class Reader(Ring):
    """Reads a ring: by index as `Ring` does, and from a position of its own.

    Parameters
    ----------
    name : str, optional
        The ring's name.
    fd : int, optional
        Instead of a name: a descriptor of its memory; it stays the caller's.
    raw : object with the buffer protocol, optional
        Instead of a name: the memory that the ring lies in. Memory that is read-only will do.
    start : {"oldest", "newest"}, optional
        Where to start: at the oldest sample still there, or at what is written next.
    after_overrun : {"middle", "newest", "lap", "oldest"}, optional
        Where to go on when the writer has overwritten what comes next: in the middle of what is held, at what is
        written next, whole laps further on, so that the position stays the same modulo the capacity, or at the oldest
        sample still there, which the writer overwrites next.
    observer : bool, optional
        Take no place among the registered readers: never hold the writer of a lossless ring back.
    lazy : bool, optional
        Map pages as they are used: a large ring is opened at once, and the first use of each page takes longer.

    Raises
    ------
    NotFoundError
        No ring has that name.
    NotInitializedError, CorruptError, VersionMismatchError
        What is there is no ring of this kind.
    TooManyReadersError
        Every place for a reader of a lossless ring is taken.
    InvalidArgumentError, NotPermittedError, SystemCallError
        See the exceptions.

    Notes
    -----
    On an overwriting ring a reader that is too slow is overrun. It is told once, by `OverwrittenError`; its position has
    then moved on, `lost` has grown by what it missed, and the next call goes on.

    A reader can be handed to another process, as an argument of a `multiprocessing.Process`, or through a pipe or queue of
    that package: it goes on there at the position that it had, in the same ring or not at all (`StaleError`,
    `NotFoundError`). A lossless ring loses nothing by that, whether the reader is closed here at once or not: here it holds
    the writer back until the other process has it, and from then on there. Where it is used here once more it starts at
    the position that it had here, and holds the writer back again. A child of a plain ``os.fork`` has it from the first
    call that needs it: keep it open until then. What only ``pickle`` has made of a reader holds nobody back.

    A subclass keeps its class and its attributes on the way; ``__getstate__`` and ``__setstate__`` are asked as usual.

    Examples
    --------
    >>> with Reader("levels") as reader:
    ...     for window in reader.windows(480, step=240):
    ...         peak = abs(window).max(axis=0)
    ...         if reader.validate():
    ...             print(reader.start, peak)
    """

    __slots__ = (
        "_resync",
        "_flags",
        "_position",
        "_ahead",
        "_direct",
        "_overruns",
        "_lost",
        "_untold",
        "_given",
        "__dict__",
        "__weakref__",
    )

    def __init__(
        self,
        name: Optional[str] = None,
        *,
        fd: Optional[int] = None,
        raw: Any = None,
        start: str = "oldest",
        after_overrun: str = "middle",
        observer: bool = False,
        lazy: bool = False,
    ) -> None:
        if (name is not None) + (fd is not None) + (raw is not None) != 1:
            raise TypeError("a reader takes one of name, fd and raw")
        if start not in _STARTS:
            raise ValueError(f"start is {start!r}, expected one of {', '.join(_STARTS)}")
        if after_overrun not in _RESYNCS:
            raise ValueError(f"after_overrun is {after_overrun!r}, expected one of {', '.join(_RESYNCS)}")
        self._resync = _RESYNCS[after_overrun]
        self._flags = _STARTS[start] | self._resync | (OBSERVER if observer else 0) | (LAZY if lazy else 0)
        self._open(name, fd, raw)

    def _open(self, name: Optional[str], fd: Optional[int], raw: Any) -> None:
        if name is not None:
            handle = Handle(lib.ringbuf_open, encode(name), self._flags)
        elif fd is not None:
            handle = Handle(lib.ringbuf_open_fd, descriptor(fd), self._flags)
        else:
            keep, address, size, readonly = memory_of(raw)
            if readonly:
                self._flags |= OBSERVER
            handle = Handle(lib.ringbuf_open_raw, address, size, self._flags, keep=keep)
        super().__init__(handle, name, raw, bool(self._flags & LAZY))
        # Where it stands. On an overwriting ring whose counters are read directly, next() moves `_position` alone, and
        # `_ahead` says that the library does not know yet; see _settle. None: the library knows.
        self._position: Optional[int] = None
        self._ahead = False
        self._direct = self._counters[0] >= 0 and not self.lossless
        # What was counted here rather than by the library.
        self._overruns = 0
        self._lost = 0
        self._untold: Optional[BufferError] = None
        # Whether its place has been handed to another process.
        self._given = False
        _register_with_multiprocessing(type(self))

    # --- Windows -------------------------------------------------------------------------------------------------

    @property
    def start(self) -> int:
        """Index of the first sample of the window that was handed out last (int)."""
        return self._start

    def next(self, window: int, step: Optional[int] = None, timeout: Optional[float] = None) -> "npt.NDArray[Any]":
        """The next window from the position, which then moves on. Waits for it; Ctrl-C gets through.

        Parameters
        ----------
        window : int
            Samples, 1 to the capacity.
        step : int, optional
            Samples to move on by; by default `window`.
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit.

        Returns
        -------
        numpy.ndarray
            Read-only, of shape (window, channels); `start` is the index of its first sample. On an overwriting ring
            `validate` after use. On a lossless ring it stays as it is until the following call of `next`, `pop`,
            `pop_many` or `seek`. A window that runs over the end of the data by more than the pocket, `Ring.window`, is a
            copy, known to be whole.

        Raises
        ------
        BufferTimeoutError
            The time has passed.
        OverwrittenError
            The reader was overrun.
        ClosedError
            The writer has ended the stream, and there is no such window any more.
        StaleError
            The writer died, or the name belongs to a newer ring.
        InvalidArgumentError
            `window` or `step` is not acceptable; nothing has changed.
        """
        window = in_64_bits("window", window)
        step = window if step is None else in_64_bits("step", step)
        sound = 0 < window <= self._capacity and 0 <= step <= _MAX_STEP
        if sound and self._direct:
            return self._next_directly(window, step, timeout)
        if sound:
            self._take_back()
            self._settle()
            self._position = None
        start, at = ctypes.c_int64(), ctypes.c_void_p()
        handle = self._handle
        code = held.ringbuf_next(handle.pointer, window, step, 0, at, start)
        if code == Code.TIMEOUT and timeout != 0:
            code = handle.wait_for(lambda ns: lib.ringbuf_next(handle.pointer, window, step, ns, at, start), timeout)
        if code == Code.FORKED:
            self._open_again()
            return self.next(window, step, timeout)
        if code == Code.NOT_CONTIGUOUS:
            data = bytearray(window * self._sample_bytes)
            check(lib.ringbuf_next_copy(handle.pointer, window, step, 0, address_of(data), start))
            return self._copied(data, start.value)
        check(code)
        self._start = start.value
        self._end = self._start + window
        slot = self._start % self._capacity
        return self._samples[slot : slot + window]

    def _next_directly(self, window: int, step: int, timeout: Optional[float]) -> Any:
        position = self._position
        if position is None:
            position = self.position
        counters = self._counters
        end = position + window
        if counters[0] < end and counters[1] - position <= self._capacity:
            check(self._handle.wait(lib.ringbuf_wait, timeout, end))
        self._position = position
        if counters[1] - position > self._capacity:
            raise self._overrun()
        slot = position % self._capacity
        if position + step > _LAST_INDEX:
            fail(Code.INVALID_ARGUMENT, f"step is {step}, which leads from {position} beyond the last index, {_LAST_INDEX}")
        if slot + window > self._limit:
            data = bytearray(window * self._sample_bytes)
            code = lib.ringbuf_read(self._handle.pointer, position, end, address_of(data))
            if code == Code.OVERWRITTEN:
                raise self._overrun()
            check(code)
            self._position = position + step
            self._ahead = True
            return self._copied(data, position)
        self._start = position
        self._end = end
        self._position = position + step
        self._ahead = True
        return self._samples[slot : slot + window]

    def _copied(self, data: bytearray, start: int) -> Any:
        """A window that is not in the ring's memory any more."""
        self._start = start
        self._end = WHOLE
        return shaped(memoryview(data).toreadonly(), self._struct, self._dtype)

    def _overrun(self) -> OverwrittenError:
        """Moves on by the rule given at opening, as the library does, and counts."""
        written, intent = self._counters
        position = self._position or 0
        oldest = max(0, intent - self._capacity)
        newest = max(written, oldest)
        if self._resync == RESYNC_MIDDLE:
            moved = oldest + (newest - oldest) // 2
        elif self._resync == RESYNC_NEWEST:
            moved = newest
        elif self._resync == RESYNC_LAP:
            moved = position + -(-(oldest - position) // self._capacity) * self._capacity
        else:
            moved = oldest
        self._position = moved
        self._ahead = True
        self._overruns += 1
        self._lost += moved - position
        return OverwrittenError(
            Code.OVERWRITTEN, f"the reader was overrun at {position} and goes on at {moved}, {moved - position} lost"
        )

    def windows(
        self,
        window: int,
        step: Optional[int] = None,
        timeout: Optional[float] = None,
        skip_overruns: bool = False,
    ) -> Iterator["npt.NDArray[Any]"]:
        """Windows that slide over the samples, until the writer ends the stream.

        Parameters
        ----------
        window, step, timeout
            As of `next`.
        skip_overruns : bool, optional
            Go on after an overrun; `lost` counts what was missed. By default `OverwrittenError` leaves the loop; a new
            one goes on.

        Yields
        ------
        numpy.ndarray
            As of `next`.

        Raises
        ------
        BufferTimeoutError, OverwrittenError, StaleError, InvalidArgumentError
            As of `next`.

        Notes
        -----
        An incomplete window at the end of the stream is not handed out; its samples are between `position` and `written`.
        """
        window = in_64_bits("window", window)
        step = window if step is None else in_64_bits("step", step)
        sound = self._direct and 0 < window <= self._capacity and 0 <= step <= _MAX_STEP
        capacity = self._capacity
        limit = self._limit
        while True:
            # This is next(), without the calls.
            position = self._position
            if sound and position is not None:
                end = position + window
                counters = self._counters
                if end <= counters[0] and counters[1] - position <= capacity:
                    slot = position % capacity
                    stop = slot + window
                    if stop <= limit:
                        self._start = position
                        self._end = end
                        self._position = position + step
                        self._ahead = True
                        yield self._samples[slot:stop]
                        continue
            try:
                samples = self.next(window, step, timeout)
            except ClosedError:
                return
            except OverwrittenError:
                if not skip_overruns:
                    raise
            else:
                yield samples

    def __iter__(self) -> Iterator["npt.NDArray[Any]"]:
        """Windows as long as the ring's pocket, one behind the other."""
        return self.windows(self.window)

    # --- Items ---------------------------------------------------------------------------------------------------

    def pop(self, timeout: Optional[float] = 0.0) -> Any:
        """The next sample, copied.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait for one; 0 does not wait, None waits without limit.

        Returns
        -------
        numpy.ndarray, bytes or None
            Of shape (channels,); an opaque item as bytes. None if nothing has come.

        Raises
        ------
        OverwrittenError
            The reader was overrun.
        ClosedError
            The writer has ended the stream, and nothing is left.
        StaleError
            The writer died, or the name belongs to a newer ring, and nothing is left.
        """
        items = self._pop(1, timeout)
        if not items:
            return None
        samples = shaped(items, self._struct, self._dtype)
        if isinstance(samples, memoryview):
            return bytes(samples) if samples.ndim == 1 else samples.tolist()[0]
        return samples[0].tobytes() if self._dtype.kind == "V" and self._dtype.names is None else samples[0]

    def pop_many(self, count: int, timeout: Optional[float] = 0.0) -> "npt.NDArray[Any]":
        """The next samples, copied: what is there, up to `count`.

        Parameters
        ----------
        count : int
            At most so many; never more than the capacity.
        timeout : float, optional
            Seconds to wait for the first one; 0 does not wait, None waits without limit.

        Returns
        -------
        numpy.ndarray
            Writable, of shape (n, channels); n is 0 if nothing has come.

        Raises
        ------
        OverwrittenError, ClosedError, StaleError
            As of `pop`.
        """
        return shaped(self._pop(count, timeout), self._struct, self._dtype)

    def _pop(self, count: int, timeout: Optional[float]) -> bytearray:
        count = max(0, min(in_64_bits("count", count), self._capacity))
        self._take_back()
        while not self._settle():
            if not self.wait(self.position + 1, timeout):
                return bytearray()
        if count * self._sample_bytes > _FEW_BYTES:
            # Room for what is there; for one sample if that is nothing, since it may come.
            count = min(count, max(1, self.usage))
        data = bytearray(count * self.sample_bytes)
        got = ctypes.c_uint64()
        target = address_of(data)
        while True:
            if len(data) <= QUICK_BYTES:
                code = held.ringbuf_pop_many(self._handle.pointer, target, count, got)
            else:
                code = lib.ringbuf_pop_many(self._handle.pointer, target, count, got)
            self._position = None
            if code == Code.FORKED:
                self._open_again()
                self._settle()
            elif code != Code.EMPTY or timeout == 0 or not self.wait(self.position + 1, timeout):
                break
        if code != Code.EMPTY:
            check(code)
        del data[got.value * self.sample_bytes :]
        return data

    # --- The position --------------------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The index of the sample that comes next (int)."""
        if self._position is None:
            position = ctypes.c_int64()
            code = held.ringbuf_tell(self._handle.pointer, position)
            # In a forked child it is still to be seen where the parent stood.
            self._position = position.value if not code else int(ask(self._handle).position)
        return self._position

    def seek(self, position: int) -> None:
        """Moves to a sample that can still be read, or to the next one to be written.

        Parameters
        ----------
        position : int
            Index.

        Raises
        ------
        BadIndexError, OverwrittenError, NotYetError
            There is no such sample; the position stays.
        """
        position = in_64_bits("position", position)
        self._take_back()
        code = held.ringbuf_seek(self._handle.pointer, position)
        if code == Code.FORKED:
            self._open_again()
            code = held.ringbuf_seek(self._handle.pointer, position)
        check(code)
        self._position = None
        self._ahead = False

    def _settle(self) -> bool:
        """Tells the library where next() has moved to; if that has been overwritten, the reader is told here.

        False if the position is ahead of all samples, as a step longer than the window can lead: there is nothing to
        consume and nothing to tell yet.
        """
        if self._untold is not None:
            untold, self._untold = self._untold, None
            raise untold
        if not self._ahead:
            return True
        code = held.ringbuf_seek(self._handle.pointer, self.position)
        if code == Code.FORKED:
            self._open_again()
            return self._settle()
        if code == Code.OVERWRITTEN:
            raise self._overrun()
        if code == Code.NOT_YET:
            return False
        check(code)
        self._ahead = False
        return True

    @property
    def usage(self) -> int:
        """Samples between the position and the newest one, at most the capacity (int)."""
        return max(0, min(self.written - self.position, self._capacity))

    @property
    def overruns(self) -> int:
        """Times this reader was too late (int)."""
        return self._overruns + int(ask(self._handle).overruns)

    @property
    def lost(self) -> int:
        """Samples it missed by that (int)."""
        return self._lost + int(ask(self._handle).lost)

    def info(self) -> Info:
        i = ask(self._handle)
        position = i.position if self._position is None else self._position
        return to_info(i, position, i.overruns + self._overruns, i.lost + self._lost)

    info.__doc__ = Ring.info.__doc__

    # --- Other processes -----------------------------------------------------------------------------------------

    @property
    def _holds_back(self) -> bool:
        """Whether the writer waits for it, so that its place has to go with it."""
        return not self.closed and self.lossless and not self._flags & OBSERVER

    def _open_again(self, is_kept: bool = False) -> None:
        """A handle of its own at the position that the present one has: in a forked child, whose copy of its parent's
        handle consumes nothing, and where the place has been handed on. `is_kept`: somebody has a place there meanwhile."""
        old = self._handle
        self._go_on(self._kept(), self._name, functools.partial(_fd_of, old), self._raw, self._incarnation, is_kept)
        old.close()

    def _take_back(self) -> None:
        if self._given and not self.closed:
            self._open_again()

    def _give_away(self) -> Handle:
        """The handle with the place in the reader table, for somebody to keep; this reader has one without from now on."""
        self._take_back()
        old = self._handle
        flags = self._flags
        self._flags |= OBSERVER
        try:
            self._go_on(self._kept(), self._name, functools.partial(_fd_of, old), self._raw, self._incarnation, True)
        finally:
            self._flags = flags
        self._given = True
        return old

    def _kept(self) -> Tuple[Any, ...]:
        """What another handle goes on with."""
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
        """Opens the ring that has this number, and goes on with what is kept; an overrun since then is told with the next
        call."""
        position, overruns, lost, untold, start, end = kept
        # Where samples are kept for us anyway, to begin at the oldest would only hold the writer back for a moment.
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
        """Seeks a position that a reader had, also one ahead of all samples, to which a step longer than its window has
        led: so does one from the last sample."""
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
        fd = place = None
        if self._raw is None and (self._name is None or is_handed_over):
            from multiprocessing import reduction

            fd = reduction.DupFd(self.memory_fd())
        if is_handed_over and self._holds_back:
            place = _handover.promise(self._give_away())
        how = self._name, fd, self._raw, self._flags, self._resync, self._incarnation
        return (_rebuilt, (type(self), *how, self._kept(), place), *state_of(self, Reader))


def _fd_of(handle: Handle) -> int:
    fd = ctypes.c_ssize_t()
    check(held.ringbuf_fd(handle.pointer, fd))
    return fd.value


def _rebuilt(
    cls: Type[Reader],
    name: Optional[str],
    fd: Any,
    raw: Any,
    flags: int,
    resync: int,
    incarnation: int,
    kept: Tuple[Any, ...],
    place: Any,
) -> Reader:
    reader = cls.__new__(cls)
    reader._flags, reader._resync = flags, resync
    told = _handover.received(place)
    number: Optional[int] = None
    try:
        if fd is not None:
            number = int(fd.detach())
        by_number = None if number is None else functools.partial(int, number)
        reader._go_on(kept, name, by_number, raw, incarnation, told is not None)
    finally:
        if number is not None:
            os.close(number)
        _handover.fulfil(told)
    return reader


def _register_with_multiprocessing(cls: Type[Reader]) -> None:
    """Its pipes and queues hand a reader over, where pickle alone does not know who will have it."""
    reduction: Any = sys.modules.get("multiprocessing.reduction")
    if reduction is not None and cls.__reduce__ is Reader.__reduce__ and cls.__reduce_ex__ is object.__reduce_ex__:
        reduction.ForkingPickler.register(cls, lambda reader: reader._reduced(True))
