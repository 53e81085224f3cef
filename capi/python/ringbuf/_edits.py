"""Writable views of samples that have been written, and the pocket that has to stay equal to the data.

The leftmost `window` samples stand in memory twice: at the beginning of the data, and in the pocket behind its end. A
view lies on one side, so what is changed through it has to be copied to the other. Which side was changed is found by
comparing both with a copy made when both were equal, element by element (of a type with fields field by field); that keeps
any number of views right, also two that show the same sample on either side.

What the writer appends changes both sides, so a put stands between two steps: changes are copied before it, and after it
the copy is made anew (`Edits.appending`).
"""

from __future__ import annotations

import os
import weakref
from contextlib import contextmanager
from typing import Any, Iterator, List, Optional, Tuple

from ._memory import Memory
from ._numpy import np


class Edits:
    """The writer's own view of its memory.

    Attributes
    ----------
    rows : numpy.ndarray or Rows
        capacity + window samples, writable.
    """

    def __init__(self, memory: Memory, capacity: int, window: int) -> None:
        self._memory = memory
        self._buffer = memory.writable_buffer()
        self._capacity = capacity
        self._window = window
        self._process = os.getpid()
        self.rows = memory.writable_rows(self._buffer)
        self._views = 0  # how many there are that may change what stands twice
        self.block = 0, 0  # slots that are reserved, where what is written in place counts, whatever views show there
        self._before: Optional[Any] = None  # what stands twice, when both sides were equal; None if nobody changes it
        self._parts = _parts(memory.dtype, 0) if memory.dtype is not None else []  # of an element, those that change alone

    def view(self, start: int, stop: int) -> Any:
        """The slots from start to stop, writable."""
        if start >= self._window and stop <= self._capacity:
            return self.rows[start:stop]
        # An array of its own, to which all that is made of it refers; so it goes with the last of them.
        rows = self._memory.writable_rows(self._buffer)
        weakref.finalize(rows.base, self._gone)
        self._views += 1
        self.sync()
        if self._before is None:
            self._before = self._elements(0).copy()
        return rows[start:stop]

    def sync(self) -> None:
        """Copies changes from one side to the other.

        Without views that may change what stands twice there is nothing to do, since the library itself keeps it equal.
        """
        if self._before is None or self._process != os.getpid():  # a forked child is no writer
            return
        left = self._elements(0)
        pocket = self._elements(self._capacity)
        first, last = (self.rows.shape[1] * slot for slot in self.block)
        end = self.rows.shape[1] * self._capacity
        pocket[first:last] = left[first:last]
        if last > end:
            beyond = slice(max(first, end) - end, last - end)
            left[beyond] = pocket[beyond]
        if not (pocket == self._before).all():
            for begin, end, size in self._parts:
                now = pocket[:, begin:end]
                changed = (now != self._before[:, begin:end]).reshape(len(now), -1, size).any(axis=-1)
                np.copyto(left[:, begin:end], now, where=changed.repeat(size, axis=1))
        pocket[...] = left
        self._before = left.copy() if self._views else None

    @contextmanager
    def appending(self) -> Iterator[None]:
        """Around what changes both sides alike: a put or a commit."""
        self.sync()
        try:
            yield
        finally:
            if self._before is not None and self._process == os.getpid():
                self._before = self._elements(0).copy()

    def end(self) -> None:
        """The last sync: from now on somebody else may be the writer."""
        self.sync()
        self._before = None

    def _gone(self) -> None:
        self._views -= 1
        self.sync()

    def _elements(self, start: int) -> Any:
        """One side, as bytes by element."""
        rows = self.rows[start : start + self._window]
        return rows.reshape(-1).view(np.uint8).reshape(rows.size, rows.itemsize)


def _parts(dtype: Any, begin: int) -> List[Tuple[int, int, int]]:
    """The fields of an element: its bytes from and to, and how many of them change together. Not the padding."""
    base = dtype.base
    if base.names is None or base is not dtype:
        return [(begin, begin + dtype.itemsize, base.itemsize)] if dtype.itemsize else []
    parts: List[Tuple[int, int, int]] = []
    for name in dtype.names:
        field, offset = dtype.fields[name][:2]
        parts += _parts(field, begin + offset)
    return parts
