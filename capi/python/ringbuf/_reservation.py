"""Room in a ring, to be written in place."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Optional, Type

from ._arguments import count_of
from ._structs import Code
from .errors import ForkedError, NotInitializedError, fail

if TYPE_CHECKING:
    import numpy.typing as npt

    from .writer import Writer


class Reservation:
    """Room in the ring, from `Writer.reserve`."""

    def __init__(self, writer: "Writer", block: Any, start: int) -> None:
        self._writer = writer
        self._start = start
        self._committed = False
        self.block: "npt.NDArray[Any]" = block
        """Where to write: of shape (count, channels) (numpy.ndarray)."""

    def commit(self, count: int) -> None:
        """Appends the first samples of the block.

        Parameters
        ----------
        count : int
            How many; 0 gives it up.

        Raises
        ------
        InvalidArgumentError
            More than were reserved, which may be tried again; or the reservation has been committed already, or dropped
            by a later put or reserve. Nothing is appended.
        """
        count = count_of("count", count)
        if self._committed:
            fail(Code.INVALID_ARGUMENT, "the reservation has been committed already")
        if not self._current():
            fail(Code.INVALID_ARGUMENT, "the reservation has been dropped by a later put or reserve: reserve again")
        if count > len(self.block):
            fail(Code.INVALID_ARGUMENT, f"count is {count}, expected at most the {len(self.block)} reserved")
        self._writer._commit(count)
        self._committed = True

    def _current(self) -> bool:
        """Whether nothing has been put or reserved since."""
        writer = self._writer
        return writer._reservation is self and (writer.closed or writer.written == self._start)

    def __enter__(self) -> "npt.NDArray[Any]":
        return self.block

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        if kind is None:
            if not self._committed:
                self.commit(len(self.block))
        elif not self._committed and self._current():
            with suppress(NotInitializedError, ForkedError):  # closed, or the parent's: nothing to give up
                self.commit(0)
