"""A reader of a ring: windows that slide, and items that are consumed."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Type, TypeVar

from ._arguments import in_64_bits
from ._info import Info, ask, to_info
from ._library import for_bytes, held, lib
from ._memory import address_of, shaped
from ._protocol import NO_COUNTERS, WHOLE, available, intact, resync, whole_laps_on
from ._receiving import Receiving
from ._ring import Ring
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
from .errors import ClosedError, OverwrittenError, check, fail

if TYPE_CHECKING:
    import numpy.typing as npt

Self = TypeVar("Self", bound="Reader")

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


class Reader(Receiving):
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
        sample still there, which the writer overwrites next. In a ring of messages each leads to the beginning of one, and
        there are no laps.
    observer : bool, optional
        Take no reader slot: never hold the writer of a lossless ring back.
    lazy : bool, optional
        Map pages as they are used: a large ring is opened at once, and the first use of each page takes longer.

    Raises
    ------
    NotFoundError
        No ring has that name.
    NotInitializedError, CorruptError, VersionMismatchError
        What is there is no ring of this kind.
    TooManyReadersError
        Every reader slot of a lossless ring is taken.
    InvalidArgumentError, NotPermittedError, SystemCallError
        See the exceptions.

    Notes
    -----
    On an overwriting ring a reader that is too slow is overrun. It is told once, by `OverwrittenError`; its position has
    then moved on, `lost` has grown by what it missed, and the next call goes on.

    A reader can be handed to another process, as an argument of a `multiprocessing.Process`, or through a pipe or queue of
    that package: it goes on there at the position that it had, in the same ring or not at all (`StaleError`,
    `NotFoundError`). A lossless ring loses nothing by that, whether the reader is closed here at once or not: here it holds
    the writer back until the other process has it, and from then on there. Used here once more, it starts at the position
    that it had here, and holds the writer back again.

    A plain ``os.fork`` hands over no reader slot, and neither does ``pickle`` alone. The library refuses to consume in the
    child through the parent's handle, so the child's reader opens a handle of its own, at the same position, with the first
    consuming call (on an overwriting ring the first that needs one). On a lossless ring leave the parent's reader open, and
    where it is, until then: nothing else keeps the samples. Reading by index needs no handle of the child's own.

    A subclass keeps its class and its attributes on the way; ``__getstate__`` and ``__setstate__`` are asked as usual.

    Examples
    --------
    >>> with Reader("levels") as reader:
    ...     for window in reader.windows(480, step=240):
    ...         peak = abs(window).max(axis=0)
    ...         if reader.validate():
    ...             print(reader.start, peak)
    """

    # Slots, so that __dict__ holds nothing but the additions of a subclass.
    __slots__ = ("__dict__", "__weakref__")

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
        self._choose(start, after_overrun, observer, lazy)
        self._open(name, fd, raw)

    def _choose(self, start: str, after_overrun: str, observer: bool, lazy: bool) -> None:
        if start not in _STARTS:
            raise ValueError(f"start is {start!r}, expected one of {', '.join(_STARTS)}")
        if after_overrun not in _RESYNCS:
            raise ValueError(f"after_overrun is {after_overrun!r}, expected one of {', '.join(_RESYNCS)}")
        self._resync = _RESYNCS[after_overrun]
        self._flags = _STARTS[start] | self._resync | (OBSERVER if observer else 0) | (LAZY if lazy else 0)

    @classmethod
    def open_wait(
        cls: Type[Self],
        name: str,
        timeout: Optional[float] = None,
        *,
        start: str = "oldest",
        after_overrun: str = "middle",
        observer: bool = False,
        lazy: bool = False,
    ) -> Self:
        """Opens the ring of a name as soon as its writer lives: a reader may start before its writer.

        Waits while no ring has the name, and while the ring that has it is closed, dead or superseded.

        Parameters
        ----------
        name : str
            The ring's name.
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit. Ctrl-C gets through.
        start, after_overrun, observer, lazy
            As for `Reader`.

        Returns
        -------
        Reader
            Open.

        Raises
        ------
        BufferTimeoutError
            The time has passed.
        NotInitializedError, CorruptError, VersionMismatchError, TooManyReadersError, InvalidArgumentError
            As of `Reader`.
        NotPermittedError, SystemCallError
            See the exceptions.
        """
        reader = cls.__new__(cls)
        reader._choose(start, after_overrun, observer, lazy)
        reader._open(name, None, None, True, timeout)
        return reader

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
        return self._handed_out(start.value, start.value + window)

    def _next_directly(self, window: int, step: int, timeout: Optional[float]) -> Any:
        position = self._position
        if position is None:
            position = self.position
        counters, capacity = self._counters, self._capacity
        end = position + window
        if not available(counters, position, end, capacity):
            if counters is NO_COUNTERS or intact(counters, position, capacity):  # the first: it is closed
                check(self._handle.wait(lib.ringbuf_wait, timeout, end))
            self._position = position
            if not intact(counters, position, capacity):
                raise self._overrun()
            if position < counters[2]:
                self._settle_among_gaps(position, end)
        self._position = position
        if position + step > _LAST_INDEX:
            fail(Code.INVALID_ARGUMENT, f"step is {step}, which leads from {position} beyond the last index, {_LAST_INDEX}")
        if position % capacity + window > self._limit:
            data = bytearray(window * self._sample_bytes)
            code = lib.ringbuf_read(self._handle.pointer, position, end, address_of(data))
            if code == Code.OVERWRITTEN:
                raise self._overrun()
            check(code)
            self._position = position + step
            self._ahead = True
            return self._copied(data, position)
        self._position = position + step
        self._ahead = True
        return self._handed_out(position, end)

    def _copied(self, data: bytearray, start: int) -> Any:
        """A window that is a copy."""
        self._start = start
        self._end = WHOLE
        return shaped(memoryview(data).toreadonly(), self._struct, self._dtype)

    def _overrun(self) -> OverwrittenError:
        """Moves on by the rule given at opening, as the library does, and counts."""
        position, capacity = self._position or 0, self._capacity
        written, intent, gap_end = self._counters
        oldest = max(0, intent - capacity)
        if oldest < gap_end:
            oldest = max(oldest, ask(self._handle).oldest)
        moved = resync(max(written, oldest), oldest, position, capacity, self._resync)
        if moved < gap_end:
            for start, end in self.gaps():
                if start <= moved < end:
                    moved = end
        return self._lose(moved, "was overrun")

    def _lose(self, moved: int, why: str) -> OverwrittenError:
        position = self._position or 0
        if self._resync == RESYNC_LAP:
            moved = whole_laps_on(position, moved, self._capacity)
        self._position = moved
        self._ahead = True
        self._overruns += 1
        self._lost += moved - position
        return OverwrittenError(
            Code.OVERWRITTEN, f"the reader {why} at {position} and goes on at {moved}, {moved - position} lost"
        )

    def _settle_among_gaps(self, position: int, end: int) -> None:
        """Whether samples that are written lie in a gap, or before one of too many: then it moves on and raises."""
        code = held.ringbuf_check(self._handle.pointer, position, end)
        if code == Code.OVERWRITTEN:
            raise self._overrun()
        if code != Code.GAP:
            check(code)
            return
        for start, gap_end in self.gaps():
            if start < end and position < gap_end:
                raise self._lose(gap_end, "met a gap")
        raise self._overrun()  # the ring has let go of the gap meanwhile

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
            # The one copy of the protocol: next() and available() without the calls, which cost a tenth of the loop each.
            position = self._position
            if sound and position is not None:
                end = position + window
                counters = self._counters
                if end <= counters[0] and position >= counters[2] and counters[1] - position <= capacity:
                    offset = position % capacity
                    stop = offset + window
                    if stop <= limit:
                        self._start = position
                        self._end = end
                        self._position = position + step
                        self._ahead = True
                        yield self._samples[offset:stop]
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

    def __iter__(self) -> Iterator[Any]:
        """Consecutive windows as long as the ring's pocket; in a ring of messages the messages."""
        return self.messages() if self.holds_messages else self.windows(self.window)

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
            code = for_bytes(len(data)).ringbuf_pop_many(self._handle.pointer, target, count, got)
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

    def seek(self, position: int) -> None:
        """Moves to a sample that can still be read, or to the next one to be written.

        Parameters
        ----------
        position : int
            Index. In a ring of messages one that `position` has had: 24 less than the `start` of a message.

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
        """Gives the handle the position to which next() has moved; raises OverwrittenError if that is overwritten.

        False if the position is ahead of all samples, after a step longer than the window: the handle cannot have it yet.
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
        if code == Code.GAP:
            self._settle_among_gaps(self.position, self.position + 1)
        if code == Code.NOT_YET:
            return False
        check(code)
        self._ahead = False
        return True

    @property
    def usage(self) -> int:
        """Samples between the position and the newest one, at most the capacity (int)."""
        return max(0, min(self.written - self.position, self._capacity))

    def info(self) -> Info:
        i = ask(self._handle)
        position = i.position if self._position is None else self._position
        return to_info(i, position, i.overruns + self._overruns, i.lost + self._lost)

    info.__doc__ = Ring.info.__doc__
