"""The protocol of a ring as seen from Python: all that reads the counters in shared memory.

`written` counts the samples that can be read; `intent` counts those and the ones being written. The writer raises
`intent`, copies the samples, then raises `written`. So a window is intact while the writer's intent has not come within
`capacity` of its start (a double-buffered seqlock, with indices in place of a sequence number). `gap_end` is the end of the
last gap: indices from there on are those of samples, and about all others the library is asked.

Each counter is an aligned load of 8 bytes. x86-64 does not reorder loads with one another, so plain loads in this order
suffice: `written`, `gap_end`, the samples, `intent`. On other machines, and in the caller's memory, where another ring may be made
one day, the counters are `NO_COUNTERS`: every check here fails, and the library is asked, which has the fences.

Each check is conservative: it may refuse a window that is intact, never accept one that is not. On refusal ask the library.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import TYPE_CHECKING, Any, Optional, Sequence, Tuple

from ._arguments import in_64_bits
from ._handle import Handle
from ._library import held
from ._structs import RESYNC_LAP, RESYNC_MIDDLE, RESYNC_NEWEST, Code
from .errors import check, fail

if TYPE_CHECKING:
    import numpy.typing as npt

#: Whether this machine keeps the order of plain loads.
DIRECT = platform.machine() in ("x86_64", "AMD64") and sys.maxsize > 2**32

#: The end of a window that is a copy, known to be whole.
WHOLE = -1

#: written, intent, gap_end: no window ends at -1 or before, and none is intact.
NO_COUNTERS: Tuple[int, int, int] = (-1, 1 << 64, 0)

_COUNTERS = slice(256, 280)
_INCARNATION = slice(344, 352)


def counters_in(memory: memoryview) -> Sequence[int]:
    """The counters `written`, `intent` and `gap_end` of a mapped ring: each indexing is a load."""
    return memory[_COUNTERS].cast("Q") if DIRECT else NO_COUNTERS


def incarnation_in(memory: memoryview) -> int:
    """The number that no other ring has."""
    return memory[_INCARNATION].cast("Q")[0]


def available(counters: Sequence[int], start: int, end: int, capacity: int) -> bool:
    """Whether samples ``[start, end)`` are written, behind all gaps, and not overwritten; False if the indices are not plain
    integers."""
    return (
        type(start) is int is type(end)
        and 0 <= start <= end <= counters[0]
        and start >= counters[2]
        and counters[1] - start <= capacity
    )


def intact(counters: Sequence[int], start: int, capacity: int) -> bool:
    """Whether a window from `start` on, known to have been written, is not overwritten."""
    return counters[1] - start <= capacity


def resync(written: int, oldest: int, position: int, capacity: int, rule: int) -> int:
    """Where an overrun reader goes on: the library's rules (`after_overrun`)."""
    newest = max(written, oldest)
    if rule == RESYNC_MIDDLE:
        return oldest + (newest - oldest) // 2
    if rule == RESYNC_NEWEST:
        return newest
    return whole_laps_on(position, oldest, capacity) if rule == RESYNC_LAP else oldest


def whole_laps_on(position: int, oldest: int, capacity: int) -> int:
    """The first index at or after `oldest` that has the offset of `position`."""
    return position + -(-(oldest - position) // capacity) * capacity


class _Closed:
    """The samples of a ring that has been closed."""

    def __getitem__(self, rows: slice) -> Any:
        fail(Code.NOT_INITIALIZED, "it has been closed")


CLOSED = _Closed()


class Windows:
    """A mapped ring that hands out windows by absolute index."""

    __slots__ = ("_handle", "_start", "_end", "_capacity", "_limit", "_counters", "_samples")

    _handle: Handle
    _start: int  # of the window handed out last
    _end: int
    _capacity: int
    _limit: int  # samples of data and pocket
    _counters: Sequence[int]
    _samples: Any

    def check(self, start: int, end: int) -> int:
        """Whether samples ``[start, end)`` can be read; after the use of a window, whether all of it was whole.

        Parameters
        ----------
        start, end : int
            Indices.

        Returns
        -------
        int
            0 yes, 2 (partly) overwritten, 3 (partly) not yet written, 5 bad index; see `Code`.
        """
        if available(self._counters, start, end, self._capacity):
            return 0
        return int(held.ringbuf_check(self._handle.pointer, in_64_bits("start", start), in_64_bits("end", end)))

    def validate(self, start: Optional[int] = None, end: Optional[int] = None) -> bool:
        """Whether a window is still what it was, so that all that was read from it was whole.

        On an overwriting ring the writer goes on while you look at a window: believe what you have computed from it only
        after this.

        Parameters
        ----------
        start, end : int, optional
            The window; by default the one that this object has handed out last.

        Returns
        -------
        bool
            True if it was whole.
        """
        if start is None and end is None:
            if intact(self._counters, self._start, self._capacity):
                return True
            if self._end == WHOLE:
                return self._handle.pointer is not None
        return self.check(self._start if start is None else start, self._end if end is None else end) == 0

    def view(self, start: int, end: int) -> "npt.NDArray[Any]":
        """The samples ``[start, end)`` where they lie, without a copy.

        Parameters
        ----------
        start, end : int
            Indices.

        Returns
        -------
        numpy.ndarray
            Read-only, of shape (end - start, channels). Its memory stays valid for ever, its content until the writer
            comes round: `validate` after use.

        Raises
        ------
        OverwrittenError, NotYetError, BadIndexError
            If (some of) the samples cannot be read.
        NotContiguousError
            If the window runs over the end of the data by more than the pocket (`window`): `read` copies it.
        """
        # available(), without the call: it would cost the most frequent question 7 % of its time.
        counters = self._counters
        if (
            type(start) is int is type(end)
            and 0 <= start <= end <= counters[0]
            and start >= counters[2]
            and counters[1] - start <= self._capacity
        ):
            offset = start % self._capacity
            stop = offset + end - start
            if stop <= self._limit:
                self._start = start
                self._end = end
                return self._samples[offset:stop]
        return self._view_slowly(start, end)

    def _view_slowly(self, start: int, end: int) -> Any:
        """Asks the library: it says why there is no window, or that there is one after all."""
        start, end = in_64_bits("start", start), in_64_bits("end", end)
        check(held.ringbuf_view(self._handle.pointer, start, end, ctypes.c_void_p()))
        return self._handed_out(start, end)

    def _handed_out(self, start: int, end: int) -> Any:
        """The window where it lies in memory; validate() will be about it."""
        self._start = start
        self._end = end
        offset = start % self._capacity
        return self._samples[offset : offset + end - start]
