"""Finding libringbuf, loading it, and the prototypes of its functions.

The library is loaded twice: `lib` releases the interpreter's lock during a call, for what may block or take long;
`held` keeps it, which is quicker and therefore right for everything that is over at once.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from ._structs import InfoStruct, MessageStruct, OptionsStruct, ReaderInfoStruct

#: The version of the C interface that this package needs, and the first one that it cannot work with.
NEEDED = (1, 0)
ENVIRONMENT = "RINGBUF_LIBRARY"

_FILES = {
    "win32": ["ringbuf.dll"],
    "darwin": ["libringbuf.1.dylib", "libringbuf.dylib"],
}.get(sys.platform, ["libringbuf.so.1", "libringbuf.so"])

#: int (*visit)(const char *name, const ringbuf_info_t *info, void *user)
Visit = ctypes.CFUNCTYPE(c_int, c_char_p, POINTER(InfoStruct), c_void_p)
#: int (*visit)(const ringbuf_reader_info_t *reader, void *user)
VisitReader = ctypes.CFUNCTYPE(c_int, POINTER(ReaderInfoStruct), c_void_p)

#: int (*visit)(int64_t start, int64_t end, void *user)
VisitGap = ctypes.CFUNCTYPE(c_int, c_int64, c_int64, c_void_p)

_HANDLE = c_void_p
_OUT_HANDLE = POINTER(c_void_p)
_PROTOTYPES: Dict[str, Tuple[Any, List[Any]]] = {
    "ringbuf_options_init": (c_int, [POINTER(OptionsStruct), c_size_t]),
    "ringbuf_size": (c_int, [POINTER(OptionsStruct), POINTER(c_size_t)]),
    "ringbuf_create": (c_int, [_OUT_HANDLE, c_char_p, POINTER(OptionsStruct)]),
    "ringbuf_open": (c_int, [_OUT_HANDLE, c_char_p, c_uint32]),
    "ringbuf_open_wait": (c_int, [_OUT_HANDLE, c_char_p, c_uint32, c_int64]),
    "ringbuf_reopen": (c_int, [_HANDLE, c_uint32, c_int64]),
    "ringbuf_resume": (c_int, [_OUT_HANDLE, c_char_p]),
    "ringbuf_create_or_resume": (c_int, [_OUT_HANDLE, c_char_p, POINTER(OptionsStruct)]),
    "ringbuf_create_raw": (c_int, [_OUT_HANDLE, c_void_p, c_size_t, POINTER(OptionsStruct)]),
    "ringbuf_open_raw": (c_int, [_OUT_HANDLE, c_void_p, c_size_t, c_uint32]),
    "ringbuf_raw": (c_int, [_HANDLE, POINTER(c_void_p), POINTER(c_size_t)]),
    "ringbuf_fd": (c_int, [_HANDLE, POINTER(ctypes.c_ssize_t)]),
    "ringbuf_open_fd": (c_int, [_OUT_HANDLE, ctypes.c_ssize_t, c_uint32]),
    "ringbuf_close": (c_int, [_HANDLE]),
    "ringbuf_unlink": (c_int, [c_char_p]),
    "ringbuf_put": (c_int, [_HANDLE, c_void_p, c_uint64]),
    "ringbuf_push": (c_int, [_HANDLE, c_void_p]),
    "ringbuf_reserve": (c_int, [_HANDLE, c_uint64, POINTER(c_void_p)]),
    "ringbuf_commit": (c_int, [_HANDLE, c_uint64]),
    "ringbuf_skip": (c_int, [_HANDLE, c_uint64]),
    "ringbuf_stamp": (c_int, [_HANDLE, c_int64, c_int64, c_int64]),
    "ringbuf_space": (c_int, [_HANDLE, POINTER(c_uint64)]),
    "ringbuf_wait_space": (c_int, [_HANDLE, c_uint64, c_int64]),
    "ringbuf_wait_readers": (c_int, [_HANDLE, c_uint32, c_int64]),
    "ringbuf_set_metadata": (c_int, [_HANDLE, c_void_p, c_size_t]),
    "ringbuf_check": (c_int, [_HANDLE, c_int64, c_int64]),
    "ringbuf_view": (c_int, [_HANDLE, c_int64, c_int64, POINTER(c_void_p)]),
    "ringbuf_read": (c_int, [_HANDLE, c_int64, c_int64, c_void_p]),
    "ringbuf_wait": (c_int, [_HANDLE, c_int64, c_int64]),
    "ringbuf_wait_any": (c_int, [POINTER(c_void_p), POINTER(c_int64), c_size_t, c_int64, POINTER(c_size_t)]),
    "ringbuf_interrupt": (c_int, [_HANDLE]),
    "ringbuf_metadata": (c_int, [_HANDLE, c_void_p, c_size_t, POINTER(c_size_t)]),
    "ringbuf_info": (c_int, [_HANDLE, POINTER(InfoStruct)]),
    "ringbuf_gaps": (c_int, [_HANDLE, VisitGap, c_void_p]),
    "ringbuf_time_at": (c_int, [_HANDLE, c_int64, POINTER(c_int64), POINTER(c_int64)]),
    "ringbuf_index_at": (c_int, [_HANDLE, c_uint32, c_int64, POINTER(c_int64)]),
    "ringbuf_readers": (c_int, [_HANDLE, VisitReader, c_void_p]),
    "ringbuf_next": (c_int, [_HANDLE, c_uint64, c_uint64, c_int64, POINTER(c_void_p), POINTER(c_int64)]),
    "ringbuf_next_copy": (c_int, [_HANDLE, c_uint64, c_uint64, c_int64, c_void_p, POINTER(c_int64)]),
    "ringbuf_pop": (c_int, [_HANDLE, c_void_p]),
    "ringbuf_pop_many": (c_int, [_HANDLE, c_void_p, c_uint64, POINTER(c_uint64)]),
    "ringbuf_usage": (c_int, [_HANDLE, POINTER(c_uint64)]),
    "ringbuf_tell": (c_int, [_HANDLE, POINTER(c_int64)]),
    "ringbuf_seek": (c_int, [_HANDLE, c_int64]),
    "ringbuf_send": (c_int, [_HANDLE, c_void_p, c_size_t]),
    "ringbuf_send_event": (c_int, [_HANDLE, c_uint32, c_int64, c_void_p, c_size_t]),
    "ringbuf_receive": (c_int, [_HANDLE, c_int64, POINTER(c_void_p), POINTER(c_size_t), POINTER(c_int64)]),
    "ringbuf_message": (c_int, [_HANDLE, c_int64, POINTER(MessageStruct)]),
    "ringbuf_poll_fd": (c_int, [_HANDLE, POINTER(ctypes.c_ssize_t)]),
    "ringbuf_poll_arm": (c_int, [_HANDLE, c_int64]),
    "ringbuf_list": (c_int, [Visit, c_void_p]),
    "ringbuf_strerror": (c_char_p, [c_int]),
    "ringbuf_error_name": (c_char_p, [c_int]),
    "ringbuf_last_error": (c_char_p, []),
    "ringbuf_type_code": (c_int, [c_char_p, POINTER(c_uint32)]),
    "ringbuf_type_name": (c_char_p, [c_uint32]),
    "ringbuf_type_size": (c_size_t, [c_uint32]),
    "ringbuf_version": (c_char_p, []),
}


class LibraryNotFoundError(ImportError):
    """libringbuf could not be loaded; the text says what was tried, and what each attempt gave."""


def _candidates() -> Iterator[Tuple[str, str]]:
    """Where the library may be: what to load, and why."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        yield given, f"the environment variable {ENVIRONMENT}"
        return  # no other file will do
    for file in _FILES:
        beside = Path(__file__).resolve().parent / file
        if beside.exists():
            yield str(beside), "beside the package"
    for file in _FILES:
        yield file, "the system's loader"
    found = ctypes.util.find_library("ringbuf")
    if found and found not in _FILES:
        yield found, "ctypes.util.find_library"


def _declare(library: ctypes.CDLL) -> None:
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments


def _version_of(library: ctypes.CDLL) -> str:
    _declare(library)
    version: str = library.ringbuf_version().decode()
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers[0] != NEEDED[0] or numbers < NEEDED:
        needed = ".".join(map(str, NEEDED))
        raise OSError(f"it is version {version}, needed is {needed} or a later {NEEDED[0]}.x")
    return version


def _load() -> Tuple[ctypes.CDLL, ctypes.PyDLL, str, str]:
    tried = []
    for name, why in _candidates():
        try:
            library = ctypes.CDLL(name)
            version = _version_of(library)
            held = ctypes.PyDLL(name)
            _declare(held)
            return library, held, name, version
        except (OSError, AttributeError) as error:
            tried.append(f"  {name} ({why}): {error}")
    beside = Path(__file__).resolve().parent
    raise LibraryNotFoundError(
        "ringbuf needs the library libringbuf, which could not be loaded. Tried, in this order:\n"
        + "\n".join(tried)
        + f"\nInstall it where the system's loader looks, put it into {beside},\n"
        + f"or set {ENVIRONMENT} to the path of the file."
    )


lib, held, path, version = _load()

#: The most that is copied with the interpreter's lock held.
QUICK_BYTES = 65536


def for_bytes(size: int) -> ctypes.CDLL:
    """The library for a call that copies so many bytes."""
    return held if size <= QUICK_BYTES else lib
