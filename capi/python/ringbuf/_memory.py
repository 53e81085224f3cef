"""A ring's memory in Python: a mapping of its own, which lives as long as an array refers to it.

A window handed out is a slice of one array over data and pocket. It stays valid memory after the ring is closed, because
the array keeps the mapping. On Linux that is made from the library's mapping, which takes no descriptor; see `_mapping`.
"""

from __future__ import annotations

import ctypes
from typing import Any, Optional, Sequence, Tuple

from ._handle import Handle
from ._mapping import Mapping, duplicate
from ._numpy import np
from ._protocol import NO_COUNTERS, counters_in, incarnation_in
from ._sections import View
from ._structs import BYTES, InfoStruct
from ._types import FORMATS, numpy_dtype


def ring_of(array: Any) -> int:
    """The incarnation of the ring in whose mapping, one of this process, an array lies; 0 if it lies in none."""
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if not isinstance(base, (Mapping, View)):
        return 0
    return incarnation_in(memoryview(base).cast("B"))


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
        See `_protocol`.
    incarnation : int
        The number that no other ring has.
    samples : numpy.ndarray or Rows
        capacity + window rows, read-only.
    dtype : numpy.dtype or None
        Of one element.
    """

    def __init__(self, handle: Handle, info: InfoStruct, described: Any, raw: Any = None, lazy: bool = False) -> None:
        self._info = info
        self._writable: Any = duplicate(handle, info.total_bytes, lazy) if raw is None else raw
        self._buffer = memoryview(self._writable).cast("B").toreadonly()
        self.dtype = numpy_dtype(info.data_type, info.item_size, described) if np else None
        self.samples = self._rows(self._buffer)
        # In the caller's memory another ring may be made one day; the library notices.
        self.counters: Sequence[int] = counters_in(self._buffer) if raw is None else NO_COUNTERS
        self.incarnation = incarnation_in(self._buffer)

    def bytes_at(self, offset: int, size: int) -> memoryview:
        """So many bytes of data and pocket, read-only."""
        begin = self._info.data_offset + offset
        return self._buffer[begin : begin + size]

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
            part = buffer[info.data_offset : info.data_offset + rows * info.sample_bytes]
            return Rows(part, info.data_type, info.sample_bytes, info.channels)
        flat = np.frombuffer(buffer, self.dtype, rows * info.channels, info.data_offset)
        return flat.reshape(rows, info.channels)


def address_of(data: bytearray) -> int:
    """The address of the bytes; the caller keeps them, at their size."""
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
