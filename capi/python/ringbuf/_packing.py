"""Values on their way into a ring, without NumPy, by the same rules as in `_values`."""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from typing import Any, List, NoReturn, Optional, Tuple

from ._structs import Code
from ._types import NAMES
from .errors import IncompatibleError

#: What struct calls the parts of an element, and the least and the largest integer for the types that take no floats.
_FORMATS = {
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "complex64": "f",
    "complex128": "d",
    "int8": "b",
    "uint8": "B",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
}
_NUMBERS = "?bBhHiIlLqQnNefd"

_At = Tuple[int, ...]


def refuse(detail: str) -> NoReturn:
    """Raises what `put` and `push` raise for data that the ring does not take."""
    raise IncompatibleError(Code.INCOMPATIBLE, f"data has {detail}")


class Packer:
    """Makes bytes of numbers.

    Parameters
    ----------
    code : int
        The type of the ring's elements.
    channels : int
        Of a sample.
    """

    def __init__(self, code: int, channels: int) -> None:
        self._name = NAMES[code]
        self._channels = channels
        self._part = struct.Struct("=" + _FORMATS[self._name])
        self._kind = self._name.rstrip("0123456789")
        if self._kind in ("int", "uint"):
            bits = 8 * self._part.size
            self._low = 0 if self._kind == "uint" else -(1 << bits - 1)
            self._high = (1 << bits - (self._kind == "int")) - 1

    def same_layout(self, view: memoryview) -> bool:
        """Whether a buffer holds elements that need no conversion."""
        if self._kind == "complex" or struct.calcsize("=" + _FORMATS[self._name]) != view.itemsize:
            return False
        form = view.format.lstrip("@=<" if sys.byteorder == "little" else "@=>!")
        if self._kind == "float":
            return form == _FORMATS[self._name]
        return len(form) == 1 and form in ("bhilqn" if self._kind == "int" else "BHILQN")

    def samples(self, data: Any) -> Tuple[bytes, int]:
        """Rows of a list or another buffer, and how many they are."""
        values, shape = _values_of(data, ())
        if shape[:1] == (0,) and len(shape) <= 2:
            return b"", 0
        # A buffer of the ring's type, which is hard to give two dimensions, may hold contiguous samples.
        flat = len(shape) == 1 and len(values) % self._channels == 0
        if self._channels > 1:
            flat = flat and _is_buffer(data) and self.same_layout(memoryview(data))
        if not flat and (len(shape) != 2 or shape[1] != self._channels):
            refuse(f"shape {shape}, expected (n, {self._channels})")
        return self._packed(values, shape), len(values) // self._channels

    def sample(self, item: Any) -> bytes:
        """One row."""
        values, shape = _values_of(item, ())
        if shape not in ((self._channels,), (1, self._channels)) and not (shape == () and self._channels == 1):
            refuse(f"shape {shape}, expected one sample of shape ({self._channels},)")
        return self._packed(values, shape)

    def _packed(self, values: List[Any], shape: _At) -> bytes:
        return b"".join([self._element(value, i, shape) for i, value in enumerate(values)])

    def _element(self, value: Any, i: int, shape: _At) -> bytes:
        whole = not isinstance(value, (float, complex)) and hasattr(type(value), "__index__")
        if whole:
            value = type(value).__index__(value)
        if self._kind in ("int", "uint"):
            if whole and self._low <= value <= self._high:
                return self._part.pack(value)
        elif isinstance(value, (int, float)):
            packed = self._float(value)
            if packed is not None:
                return packed + (bytes(self._part.size) if self._kind == "complex" else b"")
        elif isinstance(value, complex) and self._kind == "complex":
            real, imaginary = self._float(value.real), self._float(value.imag)
            if real is not None and imaginary is not None:
                return real + imaginary
        self._refuse(value, i, shape)

    def _float(self, value: Any) -> Optional[bytes]:
        """None if there is no such float: a whole number that lies between two, or what is too large."""
        try:
            packed = self._part.pack(float(value))
        except OverflowError:
            return None
        if isinstance(value, int) and self._part.unpack(packed)[0] != value:
            return None
        return packed

    def _refuse(self, value: Any, i: int, shape: _At) -> NoReturn:
        at: List[int] = []
        for size in reversed(shape):
            at.insert(0, i % size)
            i //= size
        shown = repr(value) if isinstance(value, (int, float, complex)) else f"a {type(value).__name__}"
        limits = f" ({self._low} to {self._high})" if self._kind in ("int", "uint") else ""
        refuse(f"{shown}{f' at {at}' if at else ''}, expected {self._name}{limits}")


def joined(data: Any, size: int) -> bytes:
    """A list of opaque items as one piece."""
    if not isinstance(data, Sequence) or isinstance(data, str):
        refuse(f"a {type(data).__name__}, expected bytes")
    for i, item in enumerate(data):
        if not isinstance(item, (bytes, bytearray, memoryview)):
            refuse(f"a {type(item).__name__} at [{i}], expected an item of {size} bytes")
        if memoryview(item).nbytes != size:
            refuse(f"{memoryview(item).nbytes} bytes at [{i}], expected an item of {size} bytes")
    return b"".join(data)


def _is_buffer(data: Any) -> bool:
    try:
        memoryview(data)
    except TypeError:
        return False
    return True


def _values_of(data: Any, at: _At) -> Tuple[List[Any], _At]:
    """The elements in order, and the shape."""
    if isinstance(data, (str, bytes, bytearray)):
        refuse(f"a {type(data).__name__}{f' at {list(at)}' if at else ''}")
    if _is_buffer(data):
        view = memoryview(data)
        form = view.format.lstrip("@=<>!")
        if len(form) != 1 or form not in _NUMBERS:
            refuse(f"elements of format {view.format!r}, expected numbers")
        return [value for (value,) in struct.iter_unpack(view.format, view.tobytes())], tuple(view.shape or ())
    if not isinstance(data, Sequence):
        return [data], ()
    if len(at) > 8:
        refuse(f"lists in lists in lists at {list(at)}")
    values: List[Any] = []
    inner: Optional[_At] = None
    for i, part in enumerate(data):
        got, shape = _values_of(part, (*at, i))
        if inner is not None and shape != inner:
            refuse(f"rows of shape {inner} and {shape}")
        inner = shape
        values += got
    return values, (len(data), *(inner or ()))
