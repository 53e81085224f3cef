"""Views of a ring's memory on Windows, which the library's close leaves in place.

There a ring lies in a section, and `ringbuf_fd` gives a handle of it. A view keeps the section, whether handles of it are
left or not. It is a ctypes array, and is unmapped when nothing refers to it any more: no array, no memoryview.

The collector of cyclic garbage calls weak references back before it calls the `__del__` of anything in the cycle, which may
still look at a window. So it must not know a view: then a view is unmapped when its last reference goes, never before.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from typing import Any, Optional

from ._structs import Code
from .errors import fail

_READ = 4  # FILE_MAP_READ
_WRITE = 2  # FILE_MAP_WRITE

_ACCESS_DENIED = 5
_CODES = {_ACCESS_DENIED: Code.PERMISSION, 8: Code.NO_MEMORY, 14: Code.NO_MEMORY, 1455: Code.NO_SPACE}


def _system() -> Any:
    if sys.platform != "win32":
        return None
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel32.MapViewOfFile.restype = ctypes.c_void_p
    kernel32.MapViewOfFile.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_uint32,
        ctypes.c_uint32,
        ctypes.c_size_t,
    ]
    kernel32.UnmapViewOfFile.restype = ctypes.c_int
    kernel32.UnmapViewOfFile.argtypes = [ctypes.c_void_p]
    return kernel32


#: None on other systems.
kernel32 = _system()


class View(ctypes.Array):  # type: ignore[type-arg]
    """A ring's memory, rather than any array."""

    _type_ = ctypes.c_char
    _length_ = 0


def view_of(section: int, size: int) -> Any:
    """Maps the memory of a section, with the rights of the handle, which stays the caller's. Pages are mapped into the
    process as they are used: Windows has no call for that."""
    address = _mapped(section, _READ | _WRITE, size) or _mapped(section, _READ, size)
    kind: Any = type("View", (View,), {"_length_": size})
    view = kind.from_address(address)
    ctypes.pythonapi.PyObject_GC_UnTrack(ctypes.py_object(view))
    # At the end of the process views go with it. Arrays may live longer than what is done at exit.
    weakref.finalize(view, kernel32.UnmapViewOfFile, address).atexit = False
    return view


def _mapped(section: int, access: int, size: int) -> Optional[int]:
    """The address; None if the handle has not the right to write."""
    address: Optional[int] = kernel32.MapViewOfFile(section, access, 0, 0, size)
    if not address:
        number = getattr(ctypes, "get_last_error")()
        if number != _ACCESS_DENIED or not access & _WRITE:
            text = getattr(ctypes, "FormatError")(number).rstrip(". \r\n")
            fail(_CODES.get(number, Code.SYSTEM), f"MapViewOfFile of {size} bytes: error {number} ({text})")
    return address
