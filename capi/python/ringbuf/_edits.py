"""Writable views of samples that have been written, and the pocket that has to stay equal to the data.

The leftmost `window` samples are in memory twice: at the beginning of the data, and in the pocket after its end. A view
shows one side, so a change through it is copied to the other. A copy made when both sides were equal tells which side was
changed, element by element (of a type with fields field by field); so any number of views may show the same sample.

A put changes both sides: changes are copied before it, and the copy is made again after it (`Edits.appending`).
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
        self._views = 0  # that may change the samples that are there twice
        self.block = 0, 0  # offsets that are reserved: there the block counts, not the views
        self._before: Optional[Any] = None  # the samples when both sides were equal; None without such views
        self._parts = _parts(memory.dtype, 0) if memory.dtype is not None else []  # the parts of an element that change alone

    def view(self, start: int, stop: int) -> Any:
        """The samples at the offsets from start to stop, writable."""
        if start >= self._window and stop <= self._capacity:
            return self.rows[start:stop]
        # An array of its own: all arrays made from it refer to it, so it is finalized after the last of them.
        rows = self._memory.writable_rows(self._buffer)
        weakref.finalize(rows.base, self._gone)
        self._views += 1
        self.sync()
        if self._before is None:
            self._before = self._elements(0).copy()
        return rows[start:stop]

    def sync(self) -> None:
        """Copies changes from one side to the other.

        Without such views there is nothing to do: the library keeps both sides equal.
        """
        if self._before is None or self._process != os.getpid():  # a forked child is no writer
            return
        left = self._elements(0)
        pocket = self._elements(self._capacity)
        first, last = (self.rows.shape[1] * offset for offset in self.block)
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
        """Around a put or a commit, which changes both sides alike."""
        self.sync()
        try:
            yield
        finally:
            if self._before is not None and self._process == os.getpid():
                self._before = self._elements(0).copy()

    def end(self) -> None:
        """The last sync: from now on another process may be the writer."""
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
