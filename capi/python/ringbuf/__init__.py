"""Ring buffers in shared memory.

One process writes samples to a ring; any number of other processes look at windows of them without a copy, or consume them
as a queue.

`Writer` and `Reader` are the interface to begin with. `RingBuffer` and `SharedCircularBuffer` take the place of the
classes of these names from the packages ``ringbuffer`` and ``shared_cbuff``: change the import.

Needs the library libringbuf. It is the file that the environment variable ``RINGBUF_LIBRARY`` names, or a file beside this
package, or what the system's loader finds. NumPy is needed for `RingBuffer` alone; without it windows are memoryviews.
"""

from __future__ import annotations

from . import errors
from ._info import Info, ReaderInfo, rings, unlink
from ._library import path as library_path
from ._library import version as library_version
from ._message import Message
from ._polling import wait_any
from ._ring import Ring
from ._structs import BufferHeader, Code, State
from ._times import Clock, Time
from ._types import datatypes
from ._version import __version__
from .buffer import SharedCircularBuffer
from .errors import *  # noqa: F403
from .reader import Reader
from .ring_buffer import RingBuffer
from .writer import Reservation, Writer

__all__ = [
    "BufferHeader",
    "Code",
    "Info",
    "Message",
    "Reader",
    "ReaderInfo",
    "Reservation",
    "Ring",
    "RingBuffer",
    "SharedCircularBuffer",
    "State",
    "Writer",
    "__version__",
    "datatypes",
    "errors",
    "library_path",
    "library_version",
    "rings",
    "unlink",
    "wait_any",
    *errors.__all__,
]
