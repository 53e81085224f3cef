"""A ring's memory as Python sees it: a mapping of its own, which lives as long as anybody looks at it.

A window handed out is a slice of one array over data and pocket. It stays valid memory after the ring is closed, because
the array keeps the mapping. On Linux that is made from the library's mapping, which takes no descriptor; see `_mapping`.

The two counters, `written` and `intent`, are read where they stand: an aligned load of 8 bytes. On x86-64 loads are not
reordered with one another, so what a reader has to do (written, then the samples, then intent) holds with plain loads.
On any other machine the counters are never looked at here (`NO_COUNTERS`), and every question goes to the library, which
has the fences.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import Any, Optional, Sequence, Tuple

from ._handle import Handle
from ._library import held
from ._mapping import Mapping, duplicate
from ._numpy import np
from ._structs import BYTES, COUNTERS_AT, INCARNATION_AT, Code, InfoStruct
from ._types import FORMATS, numpy_dtype
from .errors import check

#: Whether the counters may be read without the library.
DIRECT = platform.machine() in ("x86_64", "AMD64") and sys.maxsize > 2**32

#: Counters that say that nothing can be read: no `end` is at most -1. Then the library is asked.
NO_COUNTERS: Tuple[int, int] = (-1, 0)


def ring_of(array: Any) -> int:
    """The incarnation of the ring in whose mapping, one of this process, an array lies; 0 if it lies in none."""
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if not isinstance(base, Mapping):
        return 0
    return memoryview(base)[slice(*INCARNATION_AT)].cast("Q")[0]


class Rows:
    """Samples without NumPy: slices of it are memoryviews of shape (samples, channels), of opaque items (bytes,)."""

    __slots__ = ("_bytes", "_sample_bytes", "_format", "_channels")

    def __init__(self, view: memoryview, code: int, sample_bytes: int, channels: int) -> None:
        self._bytes = view
        self._sample_bytes = sample_bytes
        self._format = FORMATS.get(code)
        self._channels = channels

    def __getitem__(self, rows: slice) -> memoryview:
        part = self._bytes[rows.start * self._sample_bytes : rows.stop * self._sample_bytes]
        if self._format is None:
            return part
        if rows.start == rows.stop:  # a shape must not have a 0
            return part.cast(self._format)
        return part.cast(self._format, [rows.stop - rows.start, self._channels])


class Memory:
    """A mapping and what lies in it.

    Attributes
    ----------
    counters : sequence of two int
        Samples written; samples written or about to be.
    samples : numpy.ndarray or Rows
        capacity + window rows, read-only.
    dtype : numpy.dtype or None
        Of one element.
    """

    def __init__(self, handle: Handle, info: InfoStruct, described: Any, raw: Any = None, lazy: bool = False) -> None:
        self._info = info
        self._described = described
        self._writable: Any = duplicate(handle, info.total_bytes, lazy) if raw is None else raw
        self._buffer = memoryview(self._writable).cast("B").toreadonly()
        # Asked of the library, which checked it when it opened the ring, instead of believed of the ring's memory.
        self._offset = info.data_offset
        self.dtype = numpy_dtype(info.data_type, info.item_size, described) if np else None
        self.samples = self._rows(self._buffer)
        # In the caller's memory another ring may be made one day; the library notices.
        direct = DIRECT and raw is None
        self.counters: Sequence[int] = self._words(COUNTERS_AT) if direct else NO_COUNTERS

    def _words(self, at: Tuple[int, int]) -> memoryview:
        return self._buffer[at[0] : at[1]].cast("Q")

    def incarnation(self) -> int:
        """The number that no other ring has."""
        return self._words(INCARNATION_AT)[0]

    def writable_buffer(self) -> Any:
        """The memory once more, for the writer to write."""
        return memoryview(self._writable).cast("B")

    def writable_rows(self, buffer: Any) -> Any:
        """The samples in such a buffer."""
        return self._rows(memoryview(buffer))

    def _rows(self, buffer: memoryview) -> Any:
        info = self._info
        rows = info.capacity + info.window
        if not np:
            part = buffer[self._offset : self._offset + rows * info.sample_bytes]
            return Rows(part, info.data_type, info.sample_bytes, info.channels)
        flat = np.frombuffer(buffer, self.dtype, rows * info.channels, self._offset)
        return flat.reshape(rows, info.channels)


def address_of(data: bytearray) -> int:
    """Where the bytes lie; who calls keeps them, and keeps them from being resized."""
    return ctypes.addressof(ctypes.c_char.from_buffer(data)) if data else 0


def memory_of(raw: Any) -> Tuple[Any, Any, int, bool]:
    """The caller's memory for the library: what keeps it, where it is, its bytes, whether it is read-only."""
    view = memoryview(raw).cast("B")
    if view.readonly:
        if not np:
            raise TypeError("memory that is read-only takes NumPy")
        return view, np.frombuffer(view, np.uint8).__array_interface__["data"][0], len(view), True
    return view, ctypes.byref(ctypes.c_char.from_buffer(view)), len(view), False


def writable_memory_of(raw: Any) -> Tuple[Any, Any, int]:
    """The same, for a writer."""
    keep, address, size, readonly = memory_of(raw)
    if readonly:
        raise TypeError(f"the memory of a {type(raw).__name__} is read-only")
    return keep, address, size


def shaped(buffer: Any, info: InfoStruct, dtype: Any) -> Any:
    """Whole samples in any buffer, as windows are."""
    count = len(memoryview(buffer).cast("B")) // info.sample_bytes
    if np:
        return np.frombuffer(buffer, dtype, count * info.channels).reshape(count, info.channels)
    return Rows(memoryview(buffer).cast("B"), info.data_type, info.sample_bytes, info.channels)[0:count]


def is_opaque(info: InfoStruct) -> bool:
    return bool(info.data_type == BYTES)
