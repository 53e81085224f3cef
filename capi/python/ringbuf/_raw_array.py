"""A whole ring as a ctypes array, which takes the descriptor of its memory along to another process."""

from __future__ import annotations

import ctypes
import mmap
import weakref
from typing import Any, Tuple

from . import _descriptors, _sections
from ._numpy import np


class _RawArray(ctypes.Array):  # type: ignore[type-arg]
    """The array, and the descriptor that makes it again in another process."""

    _type_ = ctypes.c_char
    _length_ = 0
    _ringbuf_fd: int

    def __reduce__(self) -> Tuple[Any, ...]:
        return _received_array, (_descriptors.sent(self._ringbuf_fd), len(self))


def raw_array(fd: int, size: int) -> Any:
    """Maps the memory of a descriptor, which stays the caller's."""
    own = _descriptors.duplicated(fd)
    try:
        array = _mapped(own, size)
    except BaseException:
        _descriptors.close(own)
        raise
    array._ringbuf_fd = own
    weakref.finalize(array, _descriptors.close, own)
    return array


def _mapped(fd: int, size: int) -> Any:
    kind: Any = type("RawArray", (_RawArray,), {"_length_": size})
    if _sections.kernel32:
        return kind.from_buffer(_sections.view_of(fd, size))
    try:
        return kind.from_buffer(mmap.mmap(fd, size))
    except PermissionError:  # only reading is allowed
        mapping = np.frombuffer(mmap.mmap(fd, size, prot=mmap.PROT_READ), np.uint8)
        array = kind.from_address(mapping.ctypes.data)
        array._mapping = mapping
        return array


def _received_array(sent: Any, size: int) -> Any:
    fd = sent.detach()
    try:
        return raw_array(fd, size)
    finally:
        _descriptors.close(fd)
