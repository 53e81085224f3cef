"""Writable views of samples that have been written, and the pocket that has to stay equal to the data.

The leftmost `window` samples stand in memory twice: at the beginning of the data, and in the pocket behind its end. A
view lies on one side, so what is changed through it has to be copied to the other. Which side was changed is found by
comparing both with a copy made when the view was handed out, element by element; that keeps any number of views right,
also two that show the same sample on either side.
"""

from __future__ import annotations

import os
import weakref
from typing import Any, Optional

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
        self._before: Optional[Any] = None  # what stands twice, when both sides were equal; None if nobody changes it

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
        """Copies changes from one side to the other."""
        if self._before is None or self._process != os.getpid():  # a forked child is no writer
            return
        left = self._elements(0)
        pocket = self._elements(self._capacity)
        changed = (pocket != self._before).any(axis=-1)
        left[changed] = pocket[changed]
        pocket[...] = left
        self._before = left.copy() if self._views else None

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
