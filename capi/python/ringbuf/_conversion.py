"""The caller's values as samples in memory: of arrays, lists, buffers and bytes, with NumPy and without."""

from __future__ import annotations

from ctypes import byref, c_char
from typing import Any, Tuple

from ._memory import is_opaque, ring_of
from ._numpy import np
from ._packing import Packer, joined, refuse
from ._ring import Ring
from ._values import as_array, fitted

address_in = c_char.from_buffer  # of any writable contiguous buffer: the quickest way to its address


class Converting(Ring):
    """A ring that takes values."""

    _elements: Any  # the type, or the packer, of the ring's elements; None if the items are opaque

    def _converter(self) -> Any:
        """See `_elements`."""
        if np:
            opaque = self._dtype.kind == "V" and self._dtype.names is None
            return None if opaque else self._dtype
        return None if is_opaque(self._struct) else Packer(self._struct.data_type, self._channels)

    def _prepared(self, data: Any, assigning: bool = False) -> Tuple[Any, int, Any]:
        """The address of the samples, their number, and the object that keeps them."""
        if is_raw(data):
            return self._prepared_bytes(data)
        if self._elements is None:
            return self._prepared_items(data)
        if not np:
            return self._prepared_buffer(data)
        array = as_array(data, self._dtype)
        shape = array.shape
        if shape == (0,) or shape == (0, self._channels):
            return None, 0, None
        if len(shape) == 1 and self._channels == 1:
            array = array.reshape(-1, 1)
        elif len(shape) != 2 or shape[1] != self._channels:
            refuse(f"shape {shape}, expected (n, {self._channels})")
        if assigning and array.dtype.kind in "biufc" and self._dtype.kind in "biufc":
            converted = array.astype(self._dtype, copy=False)
        else:
            converted = fitted(array, self._dtype)
        return self._located(np.ascontiguousarray(converted))

    def _located(self, array: Any) -> Tuple[Any, int, Any]:
        """Of an array whose bytes are whole samples."""
        count = array.nbytes // self._sample_bytes
        own = ring_of(array) == self._incarnation
        if self._raw is not None and not self.closed:
            own = np.may_share_memory(array, self._samples)
        if own:
            array = array.copy()  # of samples which the put may overwrite
        try:
            return byref(address_in(array)), count, array
        except (TypeError, ValueError):  # read-only, or a type that has no buffer format
            return array.__array_interface__["data"][0], count, array

    def _prepared_bytes(self, data: Any) -> Tuple[Any, int, Any]:
        size = memoryview(data).nbytes
        if size % self._sample_bytes:
            refuse(f"{size} bytes, expected a multiple of {self._sample_bytes}")
        if size == 0 or isinstance(data, bytes):
            return bytes(data), size // self._sample_bytes, data
        return byref(address_in(data)), size // self._sample_bytes, data

    def _prepared_items(self, data: Any) -> Tuple[Any, int, Any]:
        """Opaque items: any bytes of the right number."""
        if np and isinstance(data, (np.ndarray, np.generic)):
            array = as_array(data, self._dtype)
            if array.dtype.hasobject:
                refuse("Python objects, expected bytes")
            if array.dtype.itemsize == self._dtype.itemsize > 1 and array.size:
                one = array.ndim == 1 and self._channels == 1
                if not one and (array.ndim != 2 or array.shape[1] != self._channels):
                    refuse(f"shape {array.shape}, expected (n, {self._channels})")
            if array.nbytes % self._sample_bytes:
                refuse(f"{array.nbytes} bytes, expected a multiple of {self._sample_bytes}")
            return self._located(np.ascontiguousarray(array))
        try:
            view = memoryview(data)
        except TypeError:
            if self._channels != 1 and len(data):
                refuse(f"a {type(data).__name__}, expected bytes")
            return self._prepared_bytes(joined(data, self._sample_bytes))
        return self._prepared_bytes(view.tobytes())

    def _prepared_buffer(self, data: Any) -> Tuple[Any, int, Any]:
        """Without NumPy."""
        packer = self._elements
        try:
            view = memoryview(data)
        except TypeError:
            pass
        else:
            if packer.same_layout(view) and view.c_contiguous and not view.readonly and view.nbytes:
                count, rest = divmod(view.nbytes, self._sample_bytes)
                if not rest and (view.ndim == 1 or tuple(view.shape or ())[1:] == (self._channels,)):
                    return byref(address_in(view)), count, view
        packed, count = packer.samples(data)
        return packed, count, packed

    def _sample_of(self, item: Any) -> bytes:
        """The bytes of one sample."""
        if self._elements is None:
            if np and isinstance(item, np.ndarray):
                item = as_array(item, self._dtype)
                if item.dtype.hasobject:
                    refuse("Python objects, expected bytes")
                return bytes(item.tobytes())
            try:
                return memoryview(item).tobytes()
            except TypeError:
                refuse(f"a {type(item).__name__}, expected {self._sample_bytes} bytes")
        if not np:
            return bytes(self._elements.sample(item))
        array = as_array(item, self._dtype)
        shape = array.shape
        if shape not in ((self._channels,), (1, self._channels)) and not (shape == () and self._channels == 1):
            refuse(f"shape {shape}, expected one sample of shape ({self._channels},)")
        return bytes(fitted(array, self._dtype).tobytes())


def is_raw(data: Any) -> bool:
    """Whether it is samples as they lie in memory; an element of a NumPy array of strings is a value."""
    return isinstance(data, (bytes, bytearray)) and not (np and isinstance(data, np.generic))
