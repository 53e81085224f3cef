"""The exceptions.

`BufferError` is the base of all that the library reports; its subclasses are the library's codes, and where Python has
an exception of that meaning (`TimeoutError`, `FileNotFoundError`, ...) they are that as well. `CBuffException` and the
three below it belong to `SharedCircularBuffer`.
"""

from __future__ import annotations

from typing import Any, Dict, NoReturn, Optional, Tuple, Type

from . import _library
from ._structs import Code

__all__ = [
    "BadIndexError",
    "BufferAlreadyCreated",
    "BufferError",
    "BufferTimeoutError",
    "BusyError",
    "CBuffException",
    "ClosedError",
    "CorruptError",
    "EmptyError",
    "ExistsError",
    "ForkedError",
    "FullError",
    "GapError",
    "IncompatibleError",
    "InvalidArgumentError",
    "InvalidTypeError",
    "LibraryNotFoundError",
    "NoMemoryError",
    "NoSpaceError",
    "NotContiguousError",
    "NotFoundError",
    "NotInitializedError",
    "NotPermittedError",
    "NotYetError",
    "OverwrittenError",
    "ReadForbiddenError",
    "ReadOperationsForbidden",
    "StaleError",
    "SystemCallError",
    "WaitInterruptedError",
    "TooManyReadersError",
    "UnsupportedError",
    "VersionMismatchError",
    "WriteForbiddenError",
    "WriteOperationsForbidden",
]

LibraryNotFoundError = _library.LibraryNotFoundError


class BufferError(Exception):
    """What a function of the library could not do.

    Parameters
    ----------
    code : int
        The library's code: 1 not initialized, 2 overwritten, 3 not yet written, 4 incompatible data, 5 bad index;
        from 6 on see the subclasses.
    detail : str, optional
        Which argument, its value, what was expected.

    Attributes
    ----------
    code : int
        As given.
    name : str
        The code's name in the header, for example ``"RINGBUF_OVERWRITTEN"``.
    detail : str
        As given.
    """

    def __init_subclass__(cls, code: Optional[Code] = None, **others: Any) -> None:
        super().__init_subclass__(**others)
        if code is not None:
            _BY_CODE[code] = cls

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = int(code)
        self.detail = detail
        text: str = _library.held.ringbuf_strerror(self.code).decode()
        super().__init__(f"{text} (error {self.code})" + (f": {detail}" if detail else ""))

    @property
    def name(self) -> str:
        """The code's name in the header (str)."""
        return str(_library.held.ringbuf_error_name(self.code).decode())

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.code, self.detail)


_BY_CODE: Dict[int, Type[BufferError]] = {}


class NotInitializedError(BufferError, code=Code.NOT_INITIALIZED):
    """1: there is no ring (yet), or it has been closed."""


class OverwrittenError(BufferError, code=Code.OVERWRITTEN):
    """2: (some of) the samples have already been overwritten."""


class NotYetError(BufferError, code=Code.NOT_YET):
    """3: (some of) the samples have not been written yet."""


class IncompatibleError(BufferError, code=Code.INCOMPATIBLE):
    """4: data of another shape or type."""


class BadIndexError(BufferError, IndexError, code=Code.BAD_INDEX):
    """5: an index below the first one, or an end before its start."""


class InvalidArgumentError(BufferError, ValueError, code=Code.INVALID_ARGUMENT):
    """6: an argument is not acceptable."""


class InvalidTypeError(InvalidArgumentError, TypeError):
    """6: an argument is of a type that is not acceptable: a float for an index, for example."""


class ExistsError(BufferError, FileExistsError, code=Code.EXISTS):
    """7: the name is taken."""


class NotFoundError(BufferError, FileNotFoundError, code=Code.NOT_FOUND):
    """8: no ring has that name."""


class WriteForbiddenError(BufferError, code=Code.WRITE_FORBIDDEN):
    """9: a reader was asked to write."""


class ReadForbiddenError(BufferError, code=Code.READ_FORBIDDEN):
    """10: a writer was asked to consume."""


class BusyError(BufferError, code=Code.BUSY):
    """11: another writer lives."""


class FullError(BufferError, code=Code.FULL):
    """12: a lossless ring has no room until a reader moves on."""


class EmptyError(BufferError, code=Code.EMPTY):
    """13: nothing to read now."""


class BufferTimeoutError(BufferError, TimeoutError, code=Code.TIMEOUT):
    """14: the time given has passed."""


class ClosedError(BufferError, code=Code.CLOSED):
    """15: the writer has ended the stream."""


class StaleError(BufferError, code=Code.STALE):
    """16: the writer died, or the name now belongs to a newer ring: open it again."""


class NotContiguousError(BufferError, code=Code.NOT_CONTIGUOUS):
    """17: the window runs over the end by more than the pocket; `read` copies it."""


class CorruptError(BufferError, code=Code.CORRUPT):
    """18: what is there is not a sound ring."""


class VersionMismatchError(BufferError, code=Code.VERSION_MISMATCH):
    """19: a ring of another layout version."""


class NoSpaceError(BufferError, OSError, code=Code.NO_SPACE):
    """20: the shared memory file system is full."""


class NoMemoryError(BufferError, MemoryError, code=Code.NO_MEMORY):
    """21: this process is out of memory or address space."""


class NotPermittedError(BufferError, PermissionError, code=Code.PERMISSION):
    """22: the system does not allow it."""


class TooManyReadersError(BufferError, code=Code.TOO_MANY_READERS):
    """23: every reader slot of a lossless ring is taken."""


class UnsupportedError(BufferError, code=Code.UNSUPPORTED):
    """24: not available for this ring or on this system."""


class ForkedError(BufferError, code=Code.FORKED):
    """25: the object belongs to the parent process."""


class SystemCallError(BufferError, OSError, code=Code.SYSTEM):
    """26: anything else the system said."""


class WaitInterruptedError(BufferError, InterruptedError, code=Code.INTERRUPTED):
    """27: another thread has ended the wait."""


class GapError(BufferError, code=Code.GAP):
    """28: the writer has skipped (some of) the samples."""


def failure(code: int, detail: Optional[str] = None) -> BufferError:
    """The exception of a code. Without `detail` it is the library's, of the call that has just failed on this thread."""
    if detail is None:
        detail = _library.held.ringbuf_last_error().decode(errors="replace")
    return _BY_CODE.get(code, BufferError)(code, detail)


def fail(code: int, detail: Optional[str] = None) -> NoReturn:
    """Raises it."""
    raise failure(code, detail)


def check(code: int) -> None:
    """Raises the exception of a code that is not 0."""
    if code:
        raise failure(code)


class CBuffException(Exception):
    """Base of what a `SharedCircularBuffer` raises on its own."""


class WriteOperationsForbidden(CBuffException):
    """This instance reads: it may not write."""


class ReadOperationsForbidden(CBuffException):
    """This instance writes: it may not read."""


class BufferAlreadyCreated(CBuffException):
    """A living buffer has the name already."""
