"""A second mapping of a ring's memory, which the library's close leaves in place.

On Linux it is made from the library's own mapping: mremap of no bytes of a shared mapping maps the same memory once more.
That takes no descriptor, and ctypes releases the interpreter's lock meanwhile, as it does while the pages are made
present. The mapping replaces one of Python's mmap module, whose object removes it when no array refers to it any more.
On Windows it is a view of the section (`_sections`), elsewhere it is made by the descriptor.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import sys
from typing import Any

from . import _sections
from ._handle import Handle
from ._library import held
from ._structs import Code
from .errors import check, fail

_MREMAP_MAYMOVE_FIXED = 1 | 2
_MADV_POPULATE_READ = 22  # Linux 5.14; older kernels refuse, and pages are mapped when they are first used
_NORESERVE = 0x4000  # the pages are replaced before their first use


def _system() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mremap.restype = ctypes.c_void_p
    libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
    return libc


_libc = _system()


def fd_of(handle: Handle) -> int:
    """The descriptor of a ring's memory; it is the handle's."""
    fd = ctypes.c_ssize_t()
    check(held.ringbuf_fd(handle.pointer, fd))
    return fd.value


def address_in(handle: Handle) -> int:
    """Where the library has mapped the ring."""
    begin, size = ctypes.c_void_p(), ctypes.c_size_t()
    check(held.ringbuf_raw(handle.pointer, begin, size))
    return begin.value or 0


class Mapping(mmap.mmap):
    """A ring's memory, rather than any file's."""


def duplicate(handle: Handle, size: int, lazy: bool = False) -> Any:
    """Maps the ring of a handle once more, with the rights of the descriptor; only its writer may write there."""
    if _sections.kernel32:
        return _sections.view_of(fd_of(handle), size)
    mapping = _laid_over(handle, size, lazy) if _libc else None
    return _mapped(handle, size) if mapping is None else mapping


def _laid_over(handle: Handle, size: int, lazy: bool) -> Any:
    """None where the system cannot do that."""
    global _libc
    try:
        mapping = Mapping(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE)
    except OSError as error:
        fail(Code.NO_MEMORY, f"{size} bytes of address space: {error}")
    address = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
    if _libc.mremap(address_in(handle), 0, size, _MREMAP_MAYMOVE_FIXED, address) != address:
        # The state of the address range is unknown: it must never be unmapped.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(mapping))
        if ctypes.get_errno() == errno.ENOMEM:
            fail(Code.NO_MEMORY, f"{size} bytes cannot be mapped once more")
        _libc = None
        return None
    if not lazy:
        _populate(address, size)
    return mapping


def _populate(address: int, size: int) -> None:
    """Makes pages present, so that first use costs no page fault: only if they all exist, since it would make them."""
    pages = -(-size // mmap.PAGESIZE)
    there = ctypes.create_string_buffer(pages)
    if _libc.mincore(address, size, there) == 0 and there.raw.count(b"\1") >= pages:
        _libc.madvise(address, size, _MADV_POPULATE_READ)


def _mapped(handle: Handle, size: int) -> mmap.mmap:
    """By the descriptor, which stays open with the ring."""
    fd = fd_of(handle)
    try:
        try:
            return Mapping(fd, size, flags=mmap.MAP_SHARED)
        except PermissionError:  # only reading is allowed
            return Mapping(fd, size, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)
    except OSError as error:
        fail(Code.NO_MEMORY if error.errno == errno.ENOMEM else Code.SYSTEM, f"mapping {size} bytes: {error}")
