"""Stands in for Windows' kernel32 on other systems, as far as the package uses it: views of sections, which here are files.

What the package does with it is what it does on Windows. That Windows does the same with the calls is not tested by this.
"""

import ctypes
import gc
import mmap

READ, WRITE = 4, 2
ACCESS_DENIED, NOT_ENOUGH_MEMORY = 5, 8
TEXTS = {
    ACCESS_DENIED: "Access is denied.",
    6: "The handle is invalid.",
    NOT_ENOUGH_MEMORY: "Not enough memory resources are available to process this command.",
}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_FAILED = ctypes.c_void_p(-1).value


class Kernel32:
    """Attributes: `views`, the size and access of what is mapped, by address; `wrong`, what was unmapped that was not mapped;
    `refuse`, the number of the error with which the next calls fail; `readonly`, whether handles have no right to write."""

    def __init__(self):
        self.views = {}
        self.wrong = []
        self.refuse = 0
        self.readonly = False
        self.error = 0

    def MapViewOfFile(self, section, access, high, low, size):  # noqa: N802 - its name
        assert (high, low) == (0, 0)
        self.error = self.refuse or (ACCESS_DENIED if self.readonly and access & WRITE else 0)
        if self.error:
            return None
        protection = mmap.PROT_READ | (mmap.PROT_WRITE if access & WRITE else 0)
        address = _libc.mmap(None, size, protection, mmap.MAP_SHARED, section, 0)
        if address == _FAILED:
            self.error = ACCESS_DENIED if ctypes.get_errno() == 13 else 6
            return None
        self.views[address] = size, access
        return address

    def UnmapViewOfFile(self, address):  # noqa: N802 - its name
        size, _ = self.views.pop(address, (0, 0))
        if not size:
            self.wrong.append(address)
            return 0
        return int(_libc.munmap(address, size) == 0)


def install(replace):
    """Puts it into the place of the system's, by `replace(object, attribute, value)`; returns it."""
    from ringbuf import _sections

    kernel32 = Kernel32()
    replace(_sections, "kernel32", kernel32)
    replace(ctypes, "get_last_error", lambda: kernel32.error)
    replace(ctypes, "FormatError", lambda number: TEXTS.get(number, "Something else."))
    return kernel32


def nothing_mapped(kernel32):
    """After all references are gone: each view has been unmapped, once."""
    gc.collect()
    assert not kernel32.wrong and not kernel32.views
